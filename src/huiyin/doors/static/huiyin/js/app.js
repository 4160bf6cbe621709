/* The portal as an app: the service worker, and complaints that wait on this telephone. */
"use strict";

(() => {
  const AGAIN = 20000;
  if (!("serviceWorker" in navigator && "locks" in navigator && "indexedDB" in self)) return;
  navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {});

  const form = document.querySelector("form[data-later]");
  const box = document.querySelector("[data-unsent]");
  const kept = form?.getAttribute("action").includes("?later");

  if (form) {
    /* A page that lies in the cache would give every complaint the same id. */
    const anew = () => {
      form.elements.once.value = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
    };
    if (kept) anew();
    form.addEventListener("submit", (event) => {
      if ((kept || !navigator.onLine) && !form.reportValidity()) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    });
  }
  const tell = document.querySelector("[data-push]");
  if (tell && "PushManager" in self && "Notification" in self) offer(tell);

  /* "Tell me on this phone": asked only when it is tapped. */
  async function offer(section) {
    const said = section.dataset;
    const button = section.querySelector("button");
    const line = section.querySelector("p");
    const kept = `push:${said.push}`;
    const worker = await navigator.serviceWorker.ready;

    const show = (on, text) => {
      section.hidden = false;
      section.dataset.state = on ? "on" : "off";
      button.querySelector("span").textContent = on ? said.off : said.on;
      line.textContent = text ?? (on ? said.done : said.help);
    };

    async function ask(subscription, off) {
      const key = (name) => btoa(String.fromCharCode(...new Uint8Array(subscription.getKey(name)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
      const body = new FormData();
      body.set("endpoint", subscription.endpoint);
      body.set("p256dh", key("p256dh"));
      body.set("auth", key("auth"));
      if (off) body.set("off", "1");
      const answer = await fetch(said.push, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": said.pass } });
      if (!answer.ok) throw new Error(answer.status === 422 ? (await answer.json()).error : said.failed);
    }

    /* One subscription serves every complaint of this telephone; turning one off leaves the rest. */
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        let subscription = await worker.pushManager.getSubscription();
        if (section.dataset.state === "on") {
          if (subscription) await ask(subscription, true);
          localStorage.removeItem(kept);
          show(false);
        } else if ((await Notification.requestPermission()) !== "granted") {
          show(false, said.denied);
        } else {
          subscription ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: said.key });
          await ask(subscription, false);
          localStorage.setItem(kept, subscription.endpoint);
          show(true);
        }
      } catch (error) {
        show(section.dataset.state === "on", error instanceof DOMException ? said.failed : error.message);
      } finally {
        button.disabled = false;
      }
    });

    const now = await worker.pushManager.getSubscription();
    const before = localStorage.getItem(kept);
    show(Boolean(now && before));
    /* the browser changed its address: the new one is told where the old one was */
    if (now && before && before !== now.endpoint) {
      await ask(now, false);
      localStorage.setItem(kept, now.endpoint);
    }
  }
  if (!box) return;

  const words = box.dataset;
  const list = box.querySelector("ul");

  const part = (name, css, text) => {
    const node = document.createElement(name);
    node.className = css;
    node.textContent = text;
    return node;
  };

  const act = (text, work) => {
    const button = part("button", "button quiet", text);
    button.type = "button";
    button.addEventListener("click", async () => {
      await work();
      await draw();
    });
    return button;
  };

  async function edit(entry) {
    for (const [name, value] of Object.entries(entry.fields)) {
      const field = form.elements[name];
      if (field && name !== "once") field.value = value;
    }
    const input = form.querySelector("input[data-photos]");
    if (entry.photos.length && typeof DataTransfer === "function") {
      const bag = new DataTransfer();
      for (const photo of entry.photos) bag.items.add(new File([photo.blob], photo.name, { type: photo.blob.type }));
      input.files = bag.files;
      input.dispatchEvent(new Event("change"));
      input.closest("details").open = true;
    }
    await later.remove(entry.once);
    form.elements.text.focus();
  }

  /* the number of the complaint that an entry adds to; none where it is a complaint itself */
  const about = (entry) => entry.to.match(/^\/t\/([^/]+)\//)?.[1];

  function row(entry, sending) {
    const li = part("li", `unsent-${entry.state}`, "");
    if (about(entry)) li.append(part("p", "help num", words.about.replace("{}", about(entry))));
    if (entry.state === "sent") {
      const head = part("p", "unsent-state", entry.number ? `${words.sent} ` : words.registering);
      if (entry.number) head.append(part("strong", "num", entry.number));
      li.append(head);
      if (entry.link) {
        const link = part("a", "button", words.follow);
        link.href = new URL(entry.link, location.href).pathname;
        li.append(link);
      }
      li.append(act(words.hide, () => later.remove(entry.once)));
      return li;
    }
    const state = entry.state === "refused" ? words.refused : sending ? words.sending : words.waiting;
    li.append(part("p", "unsent-state", state), part("p", "unsent-text", entry.fields.text ?? ""));
    for (const told of entry.told) li.append(part("p", "error", told));
    if (entry.photos.length) li.append(part("p", "help", words.photos.replace("{}", entry.photos.length)));
    if (entry.state === "waiting") li.append(act(words.now, send));
    else if (form && new URL(form.action).pathname === entry.to) li.append(act(words.edit, () => edit(entry)));
    li.append(act(words.discard, () => later.remove(entry.once)));
    return li;
  }

  async function draw(sending = false) {
    const entries = (await later.all()).filter((entry) => !words.of || entry.to === words.of);
    box.hidden = !entries.length;
    list.replaceChildren(...entries.map((entry) => row(entry, sending)));
    return entries.some((entry) => entry.state === "waiting");
  }

  /* What was added stands on the page once it is loaded again; who is writing is left alone. */
  async function shown() {
    const waits = await draw();
    if (words.of && !waits && list.querySelector(".unsent-sent") && !form?.elements.text.value) location.reload();
  }

  async function send() {
    if (!(await draw(navigator.onLine))) return;
    const done = await later.send();
    await shown();
    /* there is a network again: the page without one has done its work */
    if (kept && done && !form.elements.text.value) location.replace("/");
  }

  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "later" && shown());
  setInterval(() => document.hidden || send(), AGAIN);
  send().catch(() => {});
})();
