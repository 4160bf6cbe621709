/* Live chat on any site: a button in a shadow root, the window in a frame of its own origin.
   <script src="https://HOST/chat/widget.js" data-account="1" defer></script>
   data-label: words on the button; data-side: left or right; data-color: its colour. */
"use strict";

(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="/chat/widget.js"]');
  if (!script || window.huiyinChat) return;
  const home = new URL(script.src).origin;
  const account = script.dataset.account ?? "";
  if (!/^\d+$/.test(account)) return;
  const label = script.dataset.label ?? (/^en/i.test(document.documentElement.lang) ? "Chat" : "在线客服");
  const side = script.dataset.side === "left" ? "left" : "right";
  const color = /^#[0-9a-f]{3,8}$/i.test(script.dataset.color ?? "") ? script.dataset.color : "#1f4fa8";

  const host = document.createElement("div");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; }
    button { position: fixed; ${side}: 20px; bottom: calc(20px + env(safe-area-inset-bottom)); z-index: 2147483000;
      min-height: 48px; padding: 0 20px; border: 0; border-radius: 999px; background: ${color}; color: #fff; cursor: pointer;
      font: 600 16px/48px "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans SC", system-ui, sans-serif;
      box-shadow: 0 6px 20px rgb(16 24 40 / 28%); }
    button:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
    b { display: inline-block; min-width: 20px; margin-inline-start: 8px; padding: 0 4px; border-radius: 999px;
      background: #d23b33; font: 600 13px/20px system-ui, sans-serif; text-align: center; }
    [hidden] { display: none !important; }
    iframe { position: fixed; ${side}: 20px; bottom: calc(20px + env(safe-area-inset-bottom)); z-index: 2147483001;
      width: 380px; height: min(620px, calc(100vh - 40px)); border: 0; border-radius: 14px; background: #fff;
      color-scheme: normal; box-shadow: 0 12px 44px rgb(16 24 40 / 32%); }
    @media (max-width: 520px) { iframe { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; } }
  `);
  shadow.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  const words = document.createElement("span");
  words.textContent = label;
  const count = document.createElement("b");
  count.hidden = true;
  button.append(words, count);
  shadow.append(button);
  document.body.append(host);

  let frame = null;
  let waiting = false;
  let ready = false;

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = label;
    frame.hidden = true;
    frame.allow = "camera";
    frame.src = `${home}/chat/${account}/#page=${encodeURIComponent(location.href.slice(0, 300))}`;
    shadow.append(frame);
  }

  const tell = (what) => ready && frame.contentWindow?.postMessage({ huiyin: what }, home);

  function open() {
    load();
    frame.hidden = false;
    button.hidden = true;
    count.hidden = true;
    button.setAttribute("aria-expanded", "true");
    waiting = true;
    tell("open");
    frame.focus();
  }

  function close() {
    if (frame) frame.hidden = true;
    button.hidden = false;
    button.setAttribute("aria-expanded", "false");
    waiting = false;
    tell("close");
    button.focus();
  }

  button.addEventListener("click", open);
  addEventListener("message", (event) => {
    if (event.origin !== home || event.source !== frame?.contentWindow) return;
    const said = event.data ?? {};
    if (said.huiyin === "ready") {
      ready = true;
      if (waiting) tell("open");
    }
    if (said.huiyin === "close") close();
    if (said.huiyin === "unread") {
      count.textContent = said.count > 99 ? "99+" : String(said.count);
      count.hidden = !said.count;
      button.setAttribute("aria-label", said.count ? `${label} (${said.count})` : label);
    }
    if (said.huiyin === "session") {
      try {
        if (said.on) localStorage.setItem("huiyin-chat", "1");
        else localStorage.removeItem("huiyin-chat");
      } catch {
        /* private window */
      }
    }
  });
  /* Whoever talked before on this site gets his answers without opening the window again. */
  try {
    if (localStorage.getItem("huiyin-chat")) load();
  } catch {
    /* private window */
  }
  window.huiyinChat = { open, close };
})();
