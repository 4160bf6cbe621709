/* The desk: keyboard, command palette, live refresh, drafts, dialogs, toasts.
   Every form and link works by itself; this makes them quick. */
"use strict";

(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = $("#words")?.dataset ?? {};
  const say = (text, ...values) => values.reduce((out, value) => out.replace("{}", value), text ?? "");
  const root = document.documentElement;
  root.classList.add("js");

  /* Kept in this browser only: preferences for good, drafts until the tab is closed. */
  const kept = {
    get(name) {
      try {
        return sessionStorage.getItem(name) ?? localStorage.getItem(name);
      } catch {
        return null;
      }
    },
    set(name, value, { session = false } = {}) {
      try {
        const store = session ? sessionStorage : localStorage;
        if (value) store.setItem(name, value);
        else store.removeItem(name);
      } catch {
        /* private window: nothing is kept */
      }
    },
  };

  /* ---- Toasts ---------------------------------------------------------------------------- */

  const toasts = $("#toasts");

  function fade(toast, seconds) {
    let timer = setTimeout(() => toast.remove(), seconds * 1000);
    const hold = () => clearTimeout(timer);
    const go = () => {
      hold();
      timer = setTimeout(() => toast.remove(), 4000);
    };
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusout", go);
  }

  function toast(text, { level = "", seconds = 6 } = {}) {
    const box = document.createElement("div");
    box.className = `toast ${level}`;
    box.setAttribute("role", level === "error" ? "alert" : "status");
    const line = document.createElement("span");
    line.textContent = text;
    box.append(line);
    toasts?.append(box);
    fade(box, seconds);
    return box;
  }

  function adoptToasts(scope) {
    for (const holder of $$("template[data-toasts]", scope)) {
      for (const box of $$("[data-toast]", holder.content)) {
        const mine = document.importNode(box, true);
        toasts.append(mine);
        window.htmx?.process(mine);
        fade(mine, $("form", mine) ? 12 : 6);
      }
      holder.remove();
    }
  }

  $$("[data-toast]").forEach((box) => fade(box, $("form", box) ? 12 : 6));
  document.addEventListener("toast", (event) => {
    const { text, level, value } = event.detail ?? {};
    toast(text ?? value ?? "", { level });
  });

  /* ---- Time left ------------------------------------------------------------------------- */

  function span(ms) {
    const minutes = Math.floor(ms / 60000);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes / 60) % 24;
    if (days >= 3 || (days && !hours)) return say(words.days, days);
    if (days) return say(words.daysHours, days, hours);
    if (hours) return say(words.hoursMinutes, hours, minutes % 60);
    return say(words.minutes, Math.max(minutes, 1));
  }

  function tick() {
    const now = Date.now();
    for (const time of $$("time[data-due]")) {
      const left = Date.parse(time.dateTime) - now;
      const text = say(left >= 0 ? words.left : words.over, span(Math.abs(left)));
      if (time.textContent !== text) time.textContent = text;
      if (left < 0) {
        const late = time.closest(".chip, .clock, .row-due > .chip");
        if (late && !late.classList.contains("breached")) {
          late.classList.remove("ok", "soon");
          late.classList.add("breached");
        }
      }
    }
  }
  setInterval(tick, 15000);

  /* ---- Parts: put new markup in place without losing words, focus or scroll --------------- */

  const served = new WeakMap();
  const plain = (node) =>
    node.outerHTML
      .replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "")
      .replace(/<time[^>]*data-due[^>]*>[^<]*<\/time>/g, "");

  function remember(scope = document) {
    for (const part of $$("[data-part], [data-row]", scope)) {
      if (!served.has(part)) served.set(part, plain(part));
    }
  }

  const dirty = (part) =>
    $$("textarea, input:not([type=hidden]), select", part).some((field) =>
      field.matches("select")
        ? [...field.options].some((o) => o.selected !== o.defaultSelected) && field.matches(":focus")
        : field.type === "checkbox" || field.type === "radio"
          ? field.checked !== field.defaultChecked
          : field.value !== field.defaultValue,
    );

  const busy = (part) =>
    part.contains(document.activeElement) || $("dialog[open], details.menu[open]", part) || dirty(part);

  function replacePart(old, fresh, { force = false } = {}) {
    const html = plain(fresh);
    if (served.get(old) === html) return false;
    if (!force && busy(old)) return false;
    const open = new Set($$("details[data-keep][open]", old).map((d) => d.dataset.keep));
    const whyOpen = $$("details.why", old).map((d) => d.open);
    const mine = document.importNode(fresh, true);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(mine);
    served.set(mine, html);
    $$("details[data-keep]", mine).forEach((d) => (d.open = open.has(d.dataset.keep)));
    $$("details.why", mine).forEach((d, i) => (d.open = whyOpen[i] ?? false));
    window.htmx?.process(mine);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    return true;
  }

  function mergeParts(html, { force = false } = {}) {
    const page = new DOMParser().parseFromString(`<body>${html}</body>`, "text/html");
    const fresh = $("#case", page);
    const here = $("#case");
    if (!fresh || !here || fresh.dataset.case !== here.dataset.case) {
      adoptToasts(page);
      return false;
    }
    const scroller = $(".case-scroll");
    const atEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    const names = new Set();
    let waiting = false;
    for (const part of $$("[data-part]", page)) {
      const name = part.dataset.part;
      names.add(name);
      const old = $(`#work [data-part="${name}"]`);
      if (old) {
        if (served.get(old) !== plain(part) && !replacePart(old, part, { force })) waiting = true;
        continue;
      }
      /* a card that was not there before: behind the one it follows */
      const before = part.previousElementSibling?.dataset.part;
      const anchor = before && $(`#work [data-part="${before}"]`);
      const mine = document.importNode(part, true);
      if (anchor) anchor.after(mine);
      else if (part.closest(".context")) $("#context").prepend(mine);
      else continue;
      served.set(mine, plain(part));
      window.htmx?.process(mine);
    }
    for (const old of $$("#work [data-part]")) {
      if (!names.has(old.dataset.part) && !busy(old)) old.remove();
    }
    const composer = $("#composer");
    const freshComposer = $("#composer", page);
    if (composer && !freshComposer) {
      if (!busy(composer)) composer.remove();
    } else if (!composer && freshComposer) {
      const mine = document.importNode(freshComposer, true);
      here.append(mine);
      window.htmx?.process(mine);
      readyComposer();
    } else if (composer) {
      // Where the answer goes may have changed; what is written in it stays.
      const way = $(".composer-way[data-for=reply]", composer);
      const freshWay = $(".composer-way[data-for=reply]", freshComposer);
      if (way && freshWay) way.replaceChildren(...document.importNode(freshWay, true).childNodes);
    }
    if (!waiting) here.dataset.stamp = fresh.dataset.stamp;
    if (atEnd && (scroller.scrollTop > 0 || !$(".maybe", scroller))) scroller.scrollTop = scroller.scrollHeight;
    adoptToasts(page);
    tick();
    return true;
  }

  /* ---- Queue rows: change in place, never push anything about ------------------------------ */

  let pendingQueue = null;

  function mergeQueue(html) {
    const page = new DOMParser().parseFromString(`<body>${html}</body>`, "text/html");
    const fresh = $("#queue-pane", page);
    const pane = $("#queue-pane");
    const list = $("#rows");
    if (!fresh || !pane || !list) return;
    const views = $("[data-part=queue-views]", fresh);
    if (views) replacePart($("[data-part=queue-views]", pane), views);
    const rows = $$("[data-row]", fresh);
    const ids = new Set(rows.map((row) => row.dataset.row));
    let unseen = 0;
    for (const row of rows) {
      const old = document.getElementById(`row-${row.dataset.row}`);
      if (!old) unseen += 1;
      else if (served.get(old) !== plain(row)) {
        const mine = document.importNode(row, true);
        served.set(mine, plain(row));
        const focused = old.contains(document.activeElement);
        old.replaceWith(mine);
        window.htmx?.process(mine);
        if (focused) $(".row-title", mine)?.focus({ preventScroll: true });
      }
    }
    /* Rows past the fetched page may still stand in the list: those stay as they are. */
    const shown = $$("[data-row]", list);
    const horizon = $("#queue-more", fresh) ? rows.length : shown.length;
    shown.slice(0, horizon).forEach((row) => {
      const gone = !ids.has(row.dataset.row);
      row.classList.toggle("gone", gone);
      if (gone) row.title = words.gone;
    });
    markCurrent();
    pane.dataset.stamp = fresh.dataset.stamp;
    const button = $("[data-fresh]", pane);
    pendingQueue = unseen ? html : null;
    button.hidden = !unseen;
    button.textContent = say(words.newRows, unseen);
    if (unseen && !shown.length) showFresh();
    tick();
  }

  function showFresh() {
    if (!pendingQueue) return;
    const page = new DOMParser().parseFromString(`<body>${pendingQueue}</body>`, "text/html");
    const mine = document.importNode($("#queue-pane", page), true);
    $("#queue-pane").replaceWith(mine);
    pendingQueue = null;
    window.htmx?.process(mine);
    remember(mine);
    markCurrent();
  }

  function markCurrent() {
    const open = $("#case")?.dataset.case;
    for (const row of $$("[data-row]")) {
      row.toggleAttribute("data-current", row.dataset.row === open);
      const link = $(".row-title", row);
      if (row.dataset.row === open) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
  }

  /* ---- Live ------------------------------------------------------------------------------- */

  let offline = null;

  async function fragment(url, target) {
    const answer = await fetch(url, {
      headers: { "HX-Request": "true", "HX-Target": target },
      credentials: "same-origin",
    });
    if (left(answer)) throw new Error("left");
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  /* Logged out meanwhile: say so, and keep what is on the screen. */
  function left(answer) {
    const out = answer.redirected || answer.headers.has("HX-Redirect");
    if (out && !offline) offline = toast(words.expired, { level: "error", seconds: 3600 });
    return out;
  }

  async function pulse() {
    const queue = $("#queue-pane[data-stamp]");
    const open = $("#case");
    const from = queue ?? open;
    if (!from || document.hidden) return;
    const ask = new URLSearchParams();
    if (queue && queue.offsetParent !== null) {
      ask.set("queue", queue.dataset.stamp);
      new URL(queue.dataset.url, location.href).searchParams.forEach((v, k) => ask.set(k, v));
    }
    if (open) {
      ask.set("complaint", open.dataset.case);
      ask.set("stamp", open.dataset.stamp);
    }
    try {
      const answer = await fetch(`${from.dataset.pulseUrl}?${ask}`, {
        headers: { "HX-Request": "true" },
        credentials: "same-origin",
      });
      if (left(answer)) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      offline?.remove();
      offline = null;
      if (now.queue !== undefined && queue && now.queue !== queue.dataset.stamp) {
        mergeQueue(await fragment(queue.dataset.url, "queue-pane"));
      }
      if (now.complaint !== undefined && open && now.complaint !== open.dataset.stamp) {
        mergeParts(await fragment(open.dataset.url, "work"));
      }
    } catch (error) {
      if (!offline && !/^([45]|left)/.test(error.message)) offline = toast(words.offline, { level: "error", seconds: 3600 });
    }
  }
  if ($("[data-pulse-url]")) setInterval(pulse, 5000);
  document.addEventListener("visibilitychange", () => document.hidden || pulse());

  /* ---- Composer: two voices, scripts, a draft that survives -------------------------------- */

  function write(mode) {
    const form = $("#composer");
    if (!form) return;
    const button = $(`[data-write="${mode}"]`, form);
    if (!button) return;
    /* What was meant for a colleague never slips into a letter to the customer. */
    if (form.dataset.mode !== mode) {
      const field = $("textarea", form);
      const other = form.dataset.other ?? "";
      form.dataset.other = field.value;
      field.value = other;
    }
    form.dataset.mode = mode;
    form.action = mode === "note" ? form.dataset.noteUrl : form.dataset.replyUrl;
    $$(".switch [data-write]", form).forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.write === mode)));
    $$("[data-for]", form).forEach((e) => (e.hidden = e.dataset.for !== mode));
    const text = $("textarea", form);
    text.placeholder = mode === "note" ? text.dataset.noteHint : text.dataset.replyHint;
    const send = $(".composer-foot button[type=submit]", form);
    $("span", send).textContent = mode === "note" ? send.dataset.noteWord : send.dataset.replyWord;
  }

  function readyComposer() {
    const form = $("#composer");
    if (!form) return;
    const text = $("textarea", form);
    const draft = (mode) => kept.get(`draft:${mode}:${form.dataset.draft}`) ?? "";
    if (!text.value) text.value = draft(form.dataset.mode);
    form.dataset.other = draft(form.dataset.mode === "note" ? "reply" : "note");
    write(form.dataset.mode);
    if (text.value && form.dataset.mode === "reply") look(form);
  }

  /* The look at a reply: asked for anew, or put in place when sending was refused. */
  const look = (form) => $("textarea", form)?.dispatchEvent(new Event("input", { bubbles: true }));

  function placeCheck(form, html) {
    const fresh = $("[data-check-body]", new DOMParser().parseFromString(`<body>${html}</body>`, "text/html"));
    const holder = form && $("[data-check]", form);
    if (!fresh || !holder) return false;
    holder.replaceChildren(document.importNode(fresh, true));
    $("details[data-stops] [name=despite]", holder)?.focus();
    return true;
  }

  async function send(form) {
    const button = $(".composer-foot button[type=submit]", form);
    if (button.disabled || !form.reportValidity()) return;
    const body = new FormData(form);
    if (freshToken()) body.set("csrfmiddlewaretoken", freshToken());
    const sent = $("textarea", form).value;
    const mode = form.dataset.mode;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { "HX-Request": "true", "HX-Target": "work" },
        credentials: "same-origin",
      });
      if (left(answer)) return;
      const html = await answer.text();
      if (answer.ok) {
        if ($("textarea", form).value === sent) $("textarea", form).value = "";
        look(form);
        $("[name=script]", form).value = "";
        $("[data-articles]", form)?.replaceChildren();
        kept.set(`draft:${mode}:${form.dataset.draft}`, "", { session: true });
        mergeParts(html, { force: true });
        const scroller = $(".case-scroll");
        if (scroller) scroller.scrollTop = scroller.scrollHeight;
      } else if (!(answer.status === 422 && placeCheck(form, html))) {
        trouble(answer.status, html, null, answer.headers.get("Content-Type") ?? "");
      }
    } catch {
      toast(words.failed, { level: "error", seconds: 10 });
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }

  function trouble(status, html, form, kind = "") {
    const told = kind.startsWith("text/plain") ? html.trim() : "";
    const page = new DOMParser().parseFromString(`<body>${html ?? ""}</body>`, "text/html");
    const said = $("[data-toast] span", page)?.textContent ?? $("template[data-toasts]", page)?.content.querySelector("span")?.textContent;
    const text = told || said || (status === 403 ? words.forbidden : words.failed);
    const line = form && $("[data-problem]", form);
    if (line) {
      line.textContent = text;
      line.hidden = false;
    } else {
      toast(text, { level: "error", seconds: 10 });
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-leaves")) sessionStorage.clear();
    if (event.target.hasAttribute("data-guard")) event.target.dataset.leaving = "";
    if (event.target.id === "composer") {
      event.preventDefault();
      send(event.target);
    }
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("#composer");
    if (form && event.target.matches("textarea")) {
      kept.set(`draft:${form.dataset.mode}:${form.dataset.draft}`, event.target.value, { session: true });
    }
    if (event.target.dataset.filter) {
      const wanted = event.target.value.trim().toLowerCase();
      $$(`#${event.target.dataset.filter} > li`).forEach((li) => {
        li.hidden = wanted !== "" && !li.textContent.toLowerCase().includes(wanted);
      });
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if ($$("dialog[open] textarea, form[data-guard]:not([data-leaving]) textarea").some((t) => t.value && t.value !== t.defaultValue)) {
      event.preventDefault();
    }
  });

  /* The token changes when somebody logs in again in another tab. */
  const freshToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters, headers, verb } = event.detail;
    if (verb === "get" || !freshToken()) return;
    headers["X-CSRFToken"] = freshToken();
    if ("csrfmiddlewaretoken" in parameters) parameters.csrfmiddlewaretoken = freshToken();
  });

  /* ---- Answers of forms that htmx sends ----------------------------------------------------- */

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.hasAttribute("data-check")) return;
    const form = elt.closest("form[data-merge]");
    if (!form || event.detail.requestConfig?.verb !== "post") return;
    if (xhr.status >= 200 && xhr.status < 300) {
      form.closest("dialog")?.close();
      form.closest("details.menu")?.removeAttribute("open");
      form.closest("[data-toast]")?.remove();
      form.reset();
      document.activeElement?.closest?.("[data-part]") && document.activeElement.blur();
      if (!mergeParts(xhr.responseText, { force: true }) && $("#case")) pulse();
      pulse();
    } else if (!(xhr.status === 422 && placeCheck(form, xhr.responseText))) {
      trouble(xhr.status, xhr.responseText, form.closest("dialog") || $("[data-problem]", form) ? form : null, xhr.getResponseHeader("Content-Type") ?? "");
    }
  });
  document.addEventListener("htmx:sendError", () => toast(words.failed, { level: "error", seconds: 10 }));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.closest("form[data-merge]")) return;
    toast(event.detail.xhr.status === 403 ? words.forbidden : words.failed, { level: "error" });
  });

  function opened() {
    const work = $("#work");
    const open = $("#case");
    const panes = $(".panes");
    if (!work || !panes) return;
    path = location.pathname;
    if (open) {
      panes.dataset.open = "complaint";
      document.title = open.dataset.title;
      delete work.dataset.pane;
      const scroller = $("[data-keep-end]");
      if (scroller && !$(".maybe", scroller)) scroller.scrollTop = scroller.scrollHeight;
      readyComposer();
    }
    adoptToasts(work);
    remember();
    markCurrent();
    tick();
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const { target } = event.detail;
    if (target.id === "work") opened();
    else if (event.target.id === "queue-pane" || target.closest?.("#queue-pane") || $("#queue-pane")) {
      remember();
      markCurrent();
      keepQueue();
    }
  });

  function keepQueue() {
    const pane = $("#queue-pane[data-stamp]");
    const tabs = $(".views", pane ?? document);
    const here = tabs && $("[aria-current]", tabs);
    if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - 48;
    if (!pane) return;
    kept.set("queue", pane.dataset.url, { session: true });
    const asked = new URL(pane.dataset.url, location.href);
    if ($(".panes")?.dataset.open === "queue" && location.search && asked.search !== location.search) {
      history.replaceState(history.state, "", asked);
    }
  }

  /* A complaint opened by its address shows the queue that was looked at last. */
  const lazy = $("[data-last-queue]");
  const last = kept.get("queue");
  if (lazy && last?.startsWith(words.queueUrl ?? "/")) lazy.setAttribute("hx-get", last);

  /* ---- Menus and dialogs -------------------------------------------------------------------- */

  document.addEventListener("click", (event) => {
    for (const menu of $$("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const at = (selector) => event.target.closest(selector);
    const opener = at("[data-opens]");
    if (opener) {
      opener.closest("details.menu")?.removeAttribute("open");
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog) {
        const line = $("[data-problem]", dialog);
        if (line) line.hidden = true;
        dialog.showModal();
        $("textarea, input:not([type=hidden]), select", dialog)?.focus();
      }
    }
    if (at("[data-closes]")) at("dialog").close();
    if (event.target.matches("dialog.palette, dialog#keys")) event.target.close();
    const writer = at("[data-write]");
    if (writer) {
      writer.closest("details.menu")?.removeAttribute("open");
      write(writer.dataset.write);
      $("#composer textarea")?.focus();
    }
    const script = at("[data-script]");
    if (script) {
      const text = $("#composer textarea");
      const gap = text.value && !text.value.endsWith("\n") ? "\n" : "";
      text.setRangeText(gap + script.dataset.text, text.selectionStart, text.selectionEnd, "end");
      $("#composer [name=script]").value = script.dataset.script;
      script.closest("details.menu").open = false;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    }
    const use = at("[data-use-script]");
    if (use) {
      write("reply");
      $(`#composer [data-script="${CSS.escape(use.dataset.useScript)}"]`)?.click();
    }
    const answer = at("[data-answer]");
    if (answer && $("#composer textarea")) {
      event.preventDefault();
      insertAnswer(answer);
    }
    const mark = at("[data-mark]");
    if (mark) {
      const field = $("textarea", mark.closest("form"));
      mark.closest("details").open = false;
      field.focus();
      field.setSelectionRange(Number(mark.dataset.start), Number(mark.dataset.end));
    }
    const copy = at("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(words.copied, { seconds: 2 }));
    if (at("[data-print]")) window.print();
    if (at("[data-fresh]")) showFresh();
    if (at("[data-theme-next]")) nextTheme();
    const pane = at("[data-pane]");
    if (pane?.matches("button")) {
      $("#work").dataset.pane = pane.dataset.pane;
      $$("button[data-pane]").forEach((b) => b.setAttribute("aria-pressed", String(b === pane)));
      $("#work").scrollTop = 0;
    }
    const back = at("[data-back]");
    if (back && $("#queue-pane[data-stamp]")) {
      event.preventDefault();
      closeCase();
    }
  });

  /* A list that holds only what goes with the entry chosen in another list. */
  function narrow(list) {
    const by = document.getElementById(list.dataset.narrowedBy);
    if (!by) return;
    for (const option of list.options) {
      const other = Boolean(option.dataset.group) && option.dataset.group !== by.value;
      option.hidden = option.disabled = other;
    }
    if (list.selectedOptions[0]?.disabled) list.value = "";
  }
  document.addEventListener("change", (event) => {
    for (const list of $$("[data-narrowed-by]")) {
      if (list.dataset.narrowedBy === event.target.id) narrow(list);
    }
  });
  for (const kind of ["focusin", "pointerdown"]) {
    document.addEventListener(kind, (event) => {
      const list = event.target.closest?.("[data-narrowed-by]");
      if (list) narrow(list);
    });
  }

  /* Another complaint's answer, made to fit: into the composer, behind what stands there. */
  async function insertAnswer(link) {
    link.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(link.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (left(reply)) return;
      if (!reply.ok) throw new Error(String(reply.status));
      const { text: words_, because } = await reply.json();
      if ($('[data-write="reply"]')) write("reply");
      const field = $("#composer textarea");
      const gap = field.value && !field.value.endsWith("\n") ? "\n" : "";
      const start = field.value.length;
      field.setRangeText(gap + words_, start, start, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (link.dataset.article) {
        const used = document.createElement("input");
        Object.assign(used, { type: "hidden", name: "article", value: link.dataset.article });
        $("#composer [data-articles]")?.append(used);
      }
      if (because?.length) toast(because.join("；"), { seconds: 12 });
      if (field.offsetParent === null) $('button[data-pane="case"]')?.click();
      field.focus();
      const blank = field.value.indexOf("____", start);
      if (blank >= 0) field.setSelectionRange(blank, blank + 4);
    } catch {
      toast(words.failed, { level: "error", seconds: 10 });
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  function closeCase() {
    const panes = $(".panes");
    if (!panes || panes.dataset.open !== "complaint") return;
    if (!$("#queue-pane[data-stamp]")) {
      location.href = $("#queue-pane")?.dataset.url ?? words.queueUrl;
      return;
    }
    const id = $("#case")?.dataset.case;
    panes.dataset.open = "queue";
    $("#work").replaceChildren();
    history.pushState({}, "", $("#queue-pane").dataset.url);
    markCurrent();
    $(`#row-${CSS.escape(id ?? "")} .row-title`)?.focus();
  }

  function nextTheme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `huiyin_theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    document.dispatchEvent(new CustomEvent("themed"));
  }

  /* ---- Command palette ---------------------------------------------------------------------- */

  const palette = $("#palette");
  const paletteInput = $("#palette-input");
  const paletteList = $("#palette-list");
  let chosen = 0;
  let listed = [];

  function commands() {
    const seen = new Set();
    return [...$$("#work [data-command]"), ...$$("[data-command]")].filter((e) => {
      const fresh = !seen.has(e.dataset.command);
      seen.add(e.dataset.command);
      return fresh;
    });
  }

  function drawPalette() {
    const wanted = paletteInput.value.trim().toLowerCase();
    listed = commands()
      .filter((e) => !wanted || e.dataset.command.toLowerCase().includes(wanted))
      .map((e) => ({ text: e.dataset.command, key: e.dataset.key || (e.dataset.go ? `g ${e.dataset.go}` : ""), run: () => e.click() }));
    if (wanted) {
      const url = `${words.searchUrl}?q=${encodeURIComponent(paletteInput.value.trim())}`;
      listed.push({ text: say(words.searchFor, paletteInput.value.trim()), key: "", run: () => (location.href = url) });
    }
    chosen = Math.min(chosen, Math.max(listed.length - 1, 0));
    paletteList.replaceChildren(
      ...listed.map((command, i) => {
        const li = document.createElement("li");
        li.id = `command-${i}`;
        li.setAttribute("role", "option");
        li.setAttribute("aria-selected", String(i === chosen));
        const text = document.createElement("span");
        text.textContent = command.text;
        li.append(text);
        if (command.key) {
          const key = document.createElement("kbd");
          key.textContent = command.key;
          li.append(key);
        }
        li.addEventListener("pointermove", () => choose(i));
        li.addEventListener("click", () => runCommand(i));
        return li;
      }),
    );
    paletteInput.setAttribute("aria-activedescendant", listed.length ? `command-${chosen}` : "");
  }

  function choose(i) {
    if (i === chosen) return;
    chosen = i;
    $$("li", paletteList).forEach((li, n) => li.setAttribute("aria-selected", String(n === chosen)));
    paletteInput.setAttribute("aria-activedescendant", `command-${chosen}`);
    paletteList.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function runCommand(i) {
    palette.close();
    listed[i]?.run();
  }

  paletteInput?.addEventListener("input", () => {
    chosen = 0;
    drawPalette();
  });
  paletteInput?.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : listed.length - 1;
      choose((chosen + step) % Math.max(listed.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      runCommand(chosen);
    }
  });

  /* ---- Keyboard ----------------------------------------------------------------------------- */

  const switchKeys = $("[data-keys-on]");
  if (switchKeys) {
    switchKeys.checked = kept.get("keys") !== "off";
    switchKeys.addEventListener("change", () => kept.set("keys", switchKeys.checked ? "" : "off"));
  }

  function stepRow(by) {
    const links = $$("#rows .row-title");
    if (!links.length) return;
    const here = links.findIndex((l) => l === document.activeElement || l.closest("[data-current]"));
    const focused = links.indexOf(document.activeElement);
    const from = focused >= 0 ? focused : here;
    const next = links[Math.max(0, Math.min(links.length - 1, from + by))] ?? links[0];
    next.focus({ preventScroll: true });
    next.closest(".row").scrollIntoView({ block: "nearest" });
  }

  let leader = 0;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
      event.preventDefault();
      if (palette.open) return palette.close();
      paletteInput.value = "";
      chosen = 0;
      drawPalette();
      palette.showModal();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.closest?.("form");
      if (form && event.target.matches("textarea")) {
        event.preventDefault();
        form.requestSubmit();
      }
      return;
    }
    if (event.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) {
        menu.open = false;
        $("summary", menu).focus();
      } else if (event.target.matches("#composer textarea, [data-search-key]")) {
        event.target.blur();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select, [contenteditable]") || $("dialog[open]")) return;
    if (switchKeys && !switchKeys.checked) return;
    if (event.isComposing || event.keyCode === 229) return;

    const press = (selector) => {
      const thing = $(selector);
      if (!thing) return false;
      event.preventDefault();
      thing.click();
      return true;
    };
    if (Date.now() - leader < 1200) {
      leader = 0;
      if (press(`[data-go="${CSS.escape(event.key)}"]`)) return;
    }
    const own = { r: '[data-write="reply"]', n: '[data-write="note"]', a: '[data-opens="do-hand_over"]', e: '[data-opens="do-resolve"]' };
    switch (event.key) {
      case "g":
        leader = Date.now();
        break;
      case "j":
      case "k":
        event.preventDefault();
        stepRow(event.key === "j" ? 1 : -1);
        break;
      case "u":
        closeCase();
        break;
      case ".":
        showFresh();
        break;
      case "/": {
        const field = $("[data-search-key]");
        if (field && field.offsetParent !== null) {
          event.preventDefault();
          field.focus();
          field.select();
        } else press('[data-go="f"]');
        break;
      }
      case "?":
        event.preventDefault();
        $("#keys")?.showModal();
        break;
      default:
        if (event.key.length === 1 && event.key !== " " && event.key !== '"' && event.key !== "\\") {
          press(own[event.key] ?? `[data-key="${CSS.escape(event.key)}"]`);
        }
    }
  });

  let path = location.pathname;
  window.addEventListener("popstate", () => {
    if (location.pathname !== path) location.reload();
  });

  opened();
  remember();
  keepQueue();
  $("[data-first-focus]")?.focus();
  const first = $("[aria-invalid=true]");
  if (first) first.focus();
})();
