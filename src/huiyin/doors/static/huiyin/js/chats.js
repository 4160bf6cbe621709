/* The chat desk: a stream says that something changed, then the state is asked; several chats are
   open side by side, on a phone one at a time. */
"use strict";

(() => {
  const root = document.querySelector("[data-chats]");
  if (!root) return;
  const $ = (selector, scope = root) => scope.querySelector(selector);
  const words = $("#chat-words").dataset;
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const panels = new Map();
  let chats = [];
  let colleagues = [];
  let unreadBefore = null;
  let stream = null;
  let every = 3000;
  let typingEnds = 0;

  const id = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  async function post(url, fields = {}) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" });
    return { ok: answer.ok, said: answer.status === 204 ? {} : await answer.json().catch(() => ({})) };
  }

  /* ---- The list ---------------------------------------------------------------------------- */

  function row(chat) {
    const li = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chat-row";
    button.dataset.id = chat.id;
    button.setAttribute("aria-pressed", panels.has(chat.id) ? "true" : "false");
    const head = document.createElement("span");
    const name = document.createElement("strong");
    name.textContent = chat.name;
    head.append(name);
    if (chat.unread) {
      const count = document.createElement("b");
      count.textContent = chat.unread;
      head.append(count);
    }
    const sub = document.createElement("small");
    const minutes = Math.floor((Date.now() - Date.parse(chat.since)) / 60000);
    sub.textContent =
      (chat.state === "waiting" ? `${words.waited.replace("{}", minutes)} · ` : chat.mine ? "" : `${words.with.replace("{}", chat.assignee)} · `) + (chat.typing ? words.typing : chat.last);
    button.append(head, sub);
    button.addEventListener("click", () => open(chat.id));
    li.append(button);
    return li;
  }

  function list() {
    const parts = {
      waiting: chats.filter((c) => c.state === "waiting"),
      mine: chats.filter((c) => c.mine && c.state !== "waiting"),
      others: chats.filter((c) => !c.mine && c.state === "open"),
    };
    for (const [name, rows] of Object.entries(parts)) {
      const box = $(`[data-list="${name}"]`);
      if (!box) continue;
      const held = box.contains(document.activeElement) ? document.activeElement.dataset.id : "";
      box.replaceChildren(...rows.map(row));
      if (held) box.querySelector(`[data-id="${held}"]`)?.focus();
      $(`[data-count="${name}"]`).textContent = rows.length || "";
    }
    const unread = [...parts.waiting, ...parts.mine].reduce((n, c) => n + c.unread, 0) + parts.waiting.length;
    document.title = unread ? `(${unread}) ${words.title}` : words.title;
    if (unreadBefore !== null && unread > unreadBefore) ring();
    unreadBefore = unread;
  }

  let sound = null;
  function ring() {
    navigator.setAppBadge?.(unreadBefore + 1).catch(() => {});
    if (!$("#chats-sound").checked) return;
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    tone.frequency.value = 880;
    loud.gain.setValueAtTime(0.15, sound.currentTime);
    loud.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.4);
    tone.connect(loud).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.4);
  }

  /* ---- One chat ---------------------------------------------------------------------------- */

  function open(chatId) {
    let panel = panels.get(chatId);
    if (!panel) {
      $(".chats-work .empty")?.setAttribute("hidden", "");
      const box = document.importNode($("#chat-panel").content, true).firstElementChild;
      panel = { box, last: "", known: new Map(), drawn: 0 };
      panels.set(chatId, panel);
      $(".chats-work").append(box);
      wire(chatId, panel);
    }
    for (const other of panels.values()) other.box.classList.toggle("front", other === panel);
    dress(chatId, panel);
    lines(chatId, panel);
    list();
    $("textarea", panel.box).focus();
  }

  function wire(chatId, panel) {
    const { box } = panel;
    const url = (act) => `/desk/chats/${chatId}/${act}`;
    const field = $("textarea", box);
    const complain = (text) => {
      $(".error", box).textContent = text ?? "";
      $(".error", box).hidden = !text;
    };
    const act = async (name, fields) => {
      try {
        const { ok, said } = await post(url(name), fields);
        complain(ok ? "" : said.error || words.failed);
        await look();
        return ok;
      } catch {
        complain(words.failed);
        return false;
      }
    };
    const send = async () => {
      const text = field.value.trim();
      if (!text || panel.sending) return;
      panel.sending = true;
      try {
        const { ok, said } = await post(url("say"), { text, client: id(), despite: $("[data-despite]", box).value });
        complain(ok ? "" : said.error || words.failed);
        $(".chat-despite", box).hidden = ok || !said.despite;
        if (ok) {
          field.value = "";
          $("[data-despite]", box).value = "";
        }
      } catch {
        complain(words.failed);
      } finally {
        panel.sending = false;
      }
      await look();
      field.focus();
    };
    $("[data-send]", box).addEventListener("click", send);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send();
      }
    });
    let typed = 0;
    field.addEventListener("input", () => {
      if (Date.now() - typed < 3000) return;
      typed = Date.now();
      post(url("typing")).catch(() => {});
    });
    $("[data-scripts]", box).addEventListener("change", (event) => {
      if (event.target.value) field.value = field.value ? `${field.value}\n${event.target.value}` : event.target.value;
      event.target.value = "";
      field.focus();
    });
    const shutMenu = () => {
      $("[data-more]", box).open = false;
    };
    $("[data-take]", box).addEventListener("click", () => act("take"));
    $("[data-hand]", box).addEventListener("click", async () => {
      const to = $("[data-to]", box).value;
      shutMenu();
      if (to && (await act("take", { to }))) shut();
    });
    $("[data-make]", box).addEventListener("click", () => {
      shutMenu();
      act("make", { branch: $("[data-branch]", box).value });
    });
    $("[data-end]", box).addEventListener("click", () => {
      shutMenu();
      act("end", { mail: $("[data-mail]", box).checked ? "1" : "" });
    });
    const shut = () => {
      box.remove();
      panels.delete(chatId);
      if (!panels.size) $(".chats-work .empty")?.removeAttribute("hidden");
      list();
    };
    $("[data-shut]", box).addEventListener("click", shut);
  }

  function dress(chatId, panel) {
    const chat = chats.find((c) => c.id === chatId);
    const { box } = panel;
    if (!chat) return;
    $("h2", box).textContent = chat.name;
    const there = chat.state === "ended" ? words.ended : chat.there ? words.there : words.away;
    $("[data-sub]", box).textContent = [there, chat.contact, chat.page].filter(Boolean).join(" · ");
    $("[data-take]", box).hidden = chat.mine || chat.state === "ended";
    $("[data-more]", box).hidden = chat.state === "ended";
    $("[data-mail]", box).disabled = !chat.mail;
    $("[data-make]", box).hidden = $("[data-branch]", box).closest("label").hidden = Boolean(chat.case);
    const work = chat.mine && (chat.state === "open" || chat.case);
    for (const one of box.querySelectorAll("footer textarea, footer button, footer select")) one.disabled = !work;
    $(".chat-typing", box).textContent = chat.typing ? words.typing : "";
    const beside = $(".chat-case", box);
    beside.hidden = !chat.case;
    if (chat.case) {
      $("a", beside).textContent = chat.case.number;
      if (chat.case.see) $("a", beside).href = `/desk/c/${chat.case.id}/`;
      $("span", beside).textContent = `${chat.case.category} · ${chat.case.status}`;
    }
    const to = $("[data-to]", box);
    const options = colleagues.map((c) => new Option(c.name, c.id));
    if (String(options.map((o) => o.value)) !== to.dataset.have) {
      to.dataset.have = String(options.map((o) => o.value));
      to.replaceChildren(...(options.length ? options : [new Option(words.none, "")]));
    }
  }

  async function lines(chatId, panel) {
    const chat = chats.find((c) => c.id === chatId);
    const seen = !document.hidden && panel.last ? `&read=${panel.last}` : "";
    const answer = await fetch(`/desk/chats/${chatId}/lines?after=${panel.last}${seen}`, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return;
    const said = await answer.json();
    const before = panel.last;
    for (const line of said.lines) panel.known.set(line.id, line);
    const all = [...panel.known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (all.length) panel.last = all[all.length - 1].id;
    const box = $("ol", panel.box);
    const far = box.scrollHeight - box.scrollTop - box.clientHeight > 60 && panel.drawn;
    const have = new Map([...box.children].map((li) => [li.dataset.key, li]));
    const next = all.map((line) => have.get(line.id) ?? bubble(line));
    if (next.length !== box.children.length || next.some((li, i) => box.children[i] !== li)) {
      box.replaceChildren(...next);
      panel.drawn = all.length;
      if (!far) box.scrollTop = box.scrollHeight;
    }
    for (const li of box.children)
      if (li.dataset.side !== "visitor") li.querySelector("[data-read]").textContent = chat?.read && li.dataset.key <= chat.read ? ` · ${words.read}` : "";
    if (panel.last !== before && !document.hidden) lines(chatId, panel);
  }

  function bubble(line) {
    const li = document.createElement("li");
    li.className = `bubble ${line.side === "visitor" ? "" : line.side === "agent" ? "me" : "system"}`;
    li.dataset.key = line.id;
    li.dataset.side = line.side;
    if (line.text) {
      const p = document.createElement("p");
      p.textContent = line.text;
      li.append(p);
    }
    for (const file of line.files) {
      const a = document.createElement("a");
      a.href = file.url;
      a.target = "_blank";
      a.rel = "noopener";
      if (file.image) {
        const img = document.createElement("img");
        img.src = file.url;
        img.alt = file.name;
        a.append(img);
      } else a.textContent = `${words.file}: ${file.name}`;
      li.append(a);
    }
    const small = document.createElement("small");
    small.textContent = `${line.side === "visitor" ? words.visitor : line.who} ${new Date(line.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
    const read = document.createElement("span");
    read.dataset.read = "";
    small.append(read);
    li.append(small);
    return li;
  }

  /* ---- Hearing ----------------------------------------------------------------------------- */

  let asking = null;
  let again = false;
  async function look() {
    if (asking) {
      again = true;
      return asking;
    }
    asking = (async () => {
      do {
        again = false;
        try {
          const answer = await fetch("/desk/chats/state", { credentials: "same-origin", cache: "no-store" });
          if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
          const said = await answer.json();
          ({ chats, colleagues } = said);
          $("#chats-lost").hidden = true;
          list();
          clearTimeout(typingEnds);
          if (chats.some((c) => c.typing)) typingEnds = setTimeout(look, 6500);
          for (const [chatId, panel] of panels) {
            dress(chatId, panel);
            await lines(chatId, panel);
          }
        } catch {
          $("#chats-lost").hidden = false;
        }
      } while (again);
      asking = null;
    })();
    return asking;
  }

  function hear() {
    if (typeof EventSource !== "function") return;
    stream = new EventSource("/desk/chats/stream");
    stream.addEventListener("open", () => {
      every = 15000;
    });
    stream.addEventListener("message", look);
    stream.addEventListener("error", () => {
      every = 3000;
      if (stream.readyState === EventSource.CLOSED) setTimeout(hear, 60000);
    });
  }

  const round = () => {
    look();
    setTimeout(round, every);
  };
  $("#chats-duty").addEventListener("change", (event) => post("/desk/chats/duty", { accepting: event.target.checked ? "1" : "0" }).then(look));
  $("#chats-sound").checked = localStorage.getItem("chats-sound") === "1";
  $("#chats-sound").addEventListener("change", (event) => localStorage.setItem("chats-sound", event.target.checked ? "1" : "0"));
  addEventListener("pagehide", () => stream?.close());
  hear();
  round();
})();
