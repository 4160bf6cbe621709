/* The visitor's side. What is typed is kept under its own id until the server has it, so that a
   lost line neither loses nor doubles a word; a stream says when to look, a timer says it too. */
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const words = $("words").dataset;
  const account = document.body.dataset.account;
  const KEY = `huiyin-chat-${account}`;
  const page = decodeURIComponent(new URLSearchParams(location.hash.slice(1)).get("page") ?? "");
  const id = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const parent = window.parent === window ? null : window.parent;
  const tell = (what) => parent?.postMessage(what, "*");

  let kept = {};
  const keep = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      /* private window: the talk lasts as long as the page */
    }
  };
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    kept = {};
  }

  const known = new Map();
  const files = new Map();
  let shown = parent === null;
  let last = "";
  let state = "";
  let stream = null;
  let poll = 0;
  let asking = false;
  let typingEnds = 0;
  let askAgain = false;

  const show = (name) => {
    for (const one of ["chat-begin", "chat-leave", "chat-left", "chat-lines", "chat-foot", "chat-over"]) $(one).hidden = true;
    for (const one of name) $(one).hidden = false;
    $("chat-end").hidden = !name.includes("chat-foot");
  };
  const base = () => `/chat/s/${kept.id}/${kept.secret}`;

  function complain(form, text) {
    const box = form.querySelector(".error");
    box.textContent = text ?? "";
    box.hidden = !text;
  }

  async function post(url, body) {
    const answer = await fetch(url, { method: "POST", body, credentials: "omit" });
    const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, said };
  }

  /* ---- Lines ------------------------------------------------------------------------------- */

  function bubble(line) {
    const li = document.createElement("li");
    li.className = `bubble ${line.side === "visitor" ? "me" : line.side}`;
    if (line.text) {
      const p = document.createElement("p");
      for (const part of line.text.split(/(https?:\/\/[^\s，。；]+)/)) {
        if (/^https?:\/\//.test(part)) {
          const a = document.createElement("a");
          a.href = part;
          a.target = "_blank";
          a.rel = "noopener";
          a.textContent = part;
          p.append(a);
        } else p.append(part);
      }
      li.append(p);
    }
    for (const file of line.files ?? []) {
      const a = document.createElement("a");
      a.href = file.url;
      a.target = "_blank";
      a.rel = "noopener";
      if (file.image) {
        const img = document.createElement("img");
        img.src = file.url;
        img.alt = file.name;
        img.addEventListener("load", bottom);
        a.append(img);
      } else a.textContent = `${words.file}: ${file.name}`;
      li.append(a);
    }
    const small = document.createElement("small");
    const at = new Date(line.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const who = line.side === "visitor" ? words.me : line.who || words.company;
    small.textContent = line.note ? `${at} · ${line.note}` : `${who} · ${at}`;
    li.append(small);
    if (line.failed) {
      li.classList.add("failed");
      const again = document.createElement("button");
      again.type = "button";
      again.className = "button small";
      again.textContent = words.again;
      again.addEventListener("click", () => {
        const one = kept.out.find((o) => o.client === line.client);
        if (one) delete one.failed;
        keep();
        flush();
      });
      li.append(again);
    }
    return li;
  }

  const bottom = () => {
    const main = document.querySelector(".chat-main");
    main.scrollTop = main.scrollHeight;
  };

  function draw() {
    const lines = [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const done = new Set(lines.map((l) => l.client));
    kept.out = (kept.out ?? []).filter((o) => !done.has(o.client));
    keep();
    const waiting = kept.out.map((o) => ({
      side: "visitor", text: o.text, at: o.at, client: o.client, failed: o.failed, files: [],
      note: o.failed || (o.names?.length ? `${o.names.join("、")} · ${words.sending}` : words.sending),
    }));
    const list = $("chat-lines");
    const want = [...lines, ...waiting];
    const have = new Map([...list.children].map((li) => [li.dataset.key, li]));
    const next = want.map((line) => {
      const key = line.id ?? `${line.client}:${line.note}`;
      const li = have.get(key) ?? bubble(line);
      li.dataset.key = key;
      return li;
    });
    if (next.length !== list.children.length || next.some((li, i) => list.children[i] !== li)) {
      list.replaceChildren(...next);
      bottom();
    }
    if (lines.length) last = lines[lines.length - 1].id;
    unread(lines);
  }

  function unread(lines) {
    if (shown && !document.hidden) kept.read = last;
    keep();
    const count = lines.filter((l) => l.side !== "visitor" && l.id > (kept.read ?? "")).length;
    tell({ huiyin: "unread", count });
  }

  /* ---- Hearing ----------------------------------------------------------------------------- */

  async function look() {
    if (!kept.id) return;
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(`${base()}/lines?after=${last}&read=${kept.read ?? ""}`, { credentials: "omit", cache: "no-store" });
      if (answer.status === 404) return forget();
      const said = await answer.json();
      for (const line of said.lines) known.set(line.id, line);
      $("chat-error").hidden = true;
      state = said.state;
      $("chat-state").textContent =
        state === "open" ? words.with.replace("{}", said.agent) : state === "waiting" ? words.waiting : words.online;
      $("chat-typing").textContent = said.typing ? words.typing : "";
      clearTimeout(typingEnds);
      if (said.typing) typingEnds = setTimeout(look, 6500);
      for (const link of document.querySelectorAll("#chat-over [data-link]")) {
        link.hidden = !said.link;
        if (said.link) link.href = said.link;
      }
      const before = kept.read;
      draw();
      if (state === "ended") {
        quiet();
        show(["chat-lines", "chat-over"]);
        tell({ huiyin: "session", on: false });
      } else if (kept.read !== before) askAgain = true;
    } catch {
      $("chat-error").textContent = words.lost;
      $("chat-error").hidden = false;
    } finally {
      asking = false;
      if (askAgain) {
        askAgain = false;
        setTimeout(look, 50);
      }
    }
  }

  function hear() {
    quiet();
    let every = 3000;
    const round = () => {
      look();
      if ((kept.out ?? []).some((o) => !o.failed)) flush();
      poll = setTimeout(round, every);
    };
    poll = setTimeout(round, every);
    look();
    if (typeof EventSource !== "function") return;
    stream = new EventSource(`${base()}/stream`);
    stream.addEventListener("open", () => {
      every = 15000;
    });
    stream.addEventListener("message", look);
    stream.addEventListener("error", () => {
      every = 3000;
      /* 204: every place is taken; the timer does it, and a place may be free later */
      if (stream?.readyState === EventSource.CLOSED) {
        stream = null;
        setTimeout(() => kept.id && state !== "ended" && !stream && hear(), 60000);
      }
    });
  }

  function quiet() {
    clearTimeout(poll);
    stream?.close();
    stream = null;
  }

  function forget() {
    quiet();
    kept = {};
    keep();
    known.clear();
    last = "";
    state = "";
    $("chat-lines").replaceChildren();
    tell({ huiyin: "session", on: false });
    first();
  }

  /* ---- Saying ------------------------------------------------------------------------------ */

  let flushing = false;
  async function flush() {
    if (flushing) return;
    flushing = true;
    try {
      for (const one of [...(kept.out ?? [])]) {
        if (one.failed) continue;
        const body = new FormData();
        body.set("client", one.client);
        body.set("text", one.text);
        for (const file of files.get(one.client) ?? []) body.append("files", file);
        const { ok, status, said } = await post(`${base()}/say`, body);
        if (!ok && status >= 500) break;
        if (!ok) one.failed = said.error || words.failed;
        else files.delete(one.client);
        keep();
        await look();
        draw();
      }
    } catch {
      /* no network: the timer tries again under the same ids */
      $("chat-error").textContent = words.lost;
      $("chat-error").hidden = false;
    } finally {
      flushing = false;
    }
  }

  $("chat-say").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = $("chat-text");
    const chosen = [...$("chat-file").files];
    const text = field.value.trim();
    if (!text && !chosen.length) return;
    const one = { client: id(), text, at: new Date().toISOString(), names: chosen.map((f) => f.name) };
    if (chosen.length) files.set(one.client, chosen);
    kept.out = [...(kept.out ?? []), one];
    keep();
    field.value = "";
    $("chat-file").value = "";
    draw();
    flush();
    field.focus();
  });
  $("chat-file").addEventListener("change", () => $("chat-file").files.length && $("chat-say").requestSubmit());
  $("chat-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $("chat-say").requestSubmit();
    }
  });
  let typed = 0;
  $("chat-text").addEventListener("input", () => {
    if (Date.now() - typed < 3000 || !kept.id) return;
    typed = Date.now();
    post(`${base()}/typing`, new FormData()).catch(() => {});
  });

  /* ---- Beginning, leaving, ending ---------------------------------------------------------- */

  function first() {
    if (kept.id) {
      show(["chat-lines", "chat-foot"]);
      /* files that waited are gone with the page; their words are not */
      for (const one of kept.out ?? []) if (one.names?.length && !files.has(one.client) && !one.text) one.failed = words.failed;
      tell({ huiyin: "session", on: true });
      hear();
      flush();
    } else show([document.body.dataset.open === "1" ? "chat-begin" : "chat-leave"]);
  }

  $("chat-begin").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    kept.once ??= id();
    keep();
    const body = new FormData(form);
    body.set("once", kept.once);
    body.set("page", page);
    try {
      const { ok, said } = await post(`/chat/${account}/begin`, body);
      if (!ok) return complain(form, said.error || words.failed);
      complain(form);
      Object.assign(kept, { id: said.id, secret: said.secret, out: [] });
      keep();
      first();
      $("chat-text").focus();
    } catch {
      complain(form, words.lost);
    }
  });

  $("chat-leave").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    form.dataset.once ??= id();
    const body = new FormData(form);
    body.set("once", form.dataset.once);
    try {
      const { ok, said } = await post(`/chat/${account}/leave`, body);
      if (!ok) return complain(form, said.error || words.failed);
      complain(form);
      const left = $("chat-left");
      left.querySelector("[data-number]").textContent = said.number ?? "";
      const link = left.querySelector("[data-link]");
      link.hidden = !said.link;
      if (said.link) link.href = said.link;
      form.reset();
      delete form.dataset.once;
      show(["chat-left"]);
    } catch {
      complain(form, words.lost);
    }
  });

  $("chat-end").addEventListener("click", () => $("chat-ask").showModal());
  $("chat-ask").querySelector("[data-no]").addEventListener("click", () => $("chat-ask").close());
  $("chat-finish").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      const { ok, said } = await post(`${base()}/end`, new FormData(form));
      if (!ok) return complain(form, said.error || words.failed);
      complain(form);
      $("chat-ask").close();
      look();
    } catch {
      complain(form, words.lost);
    }
  });
  $("chat-anew").addEventListener("click", () => {
    forget();
    location.reload();
  });
  $("chat-close").hidden = !parent;
  $("chat-close").addEventListener("click", () => tell({ huiyin: "close" }));
  addEventListener("keydown", (event) => event.key === "Escape" && parent && !$("chat-ask").open && tell({ huiyin: "close" }));
  addEventListener("message", (event) => {
    if (event.source !== parent || !event.data) return;
    if (event.data.huiyin === "open") shown = true;
    else if (event.data.huiyin === "close") shown = false;
    else return;
    draw();
    if (shown) look();
  });
  addEventListener("online", () => kept.id && state !== "ended" && (hear(), flush()));
  document.addEventListener("visibilitychange", () => !document.hidden && kept.id && look());
  first();
  tell({ huiyin: "ready" });
})();
