/* Complaints, and more on one, that were written without a network: kept on this telephone, sent once when it is
   back. Used by the pages and by the service worker alike. */
"use strict";

(() => {
  const STORE = "filed";
  const KEPT_DAYS = 7;

  const opened = () =>
    new Promise((done, fail) => {
      const request = indexedDB.open("huiyin", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "once" });
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });

  async function within(mode, work) {
    const base = await opened();
    try {
      return await new Promise((done, fail) => {
        const change = base.transaction(STORE, mode);
        const request = work(change.objectStore(STORE));
        change.oncomplete = () => done(request.result);
        change.onabort = change.onerror = () => fail(change.error);
      });
    } finally {
      base.close();
    }
  }

  const put = (entry) => within("readwrite", (store) => store.put(entry));
  const remove = (once) => within("readwrite", (store) => store.delete(once));
  const one = (once) => within("readonly", (store) => store.get(once));
  /* what a telephone kept before there was more to keep than complaints says nothing of where to */
  const all = async () =>
    (await within("readonly", (store) => store.getAll())).map((entry) => ({ to: "/file", ...entry })).sort((a, b) => a.at - b.at);

  /* The same form kept twice is one entry; one that arrived already is not sent again. */
  async function keep(form, to) {
    const once = form.get("once");
    if (await one(once)) return;
    const fields = {};
    const photos = [];
    for (const [name, value] of form) {
      if (typeof value === "string") {
        if (name !== "csrfmiddlewaretoken") fields[name] = value;
      } else if (value.size) {
        photos.push({ name: value.name, blob: new Blob([await value.arrayBuffer()], { type: value.type }) });
      }
    }
    await put({ once, to, fields, photos, at: Date.now(), state: "waiting", told: [] });
  }

  async function sendOne(entry) {
    const pass = await (await fetch("/app/pass", { cache: "no-store", credentials: "same-origin" })).json();
    const body = new FormData();
    for (const [name, value] of Object.entries(entry.fields)) body.append(name, value);
    for (const photo of entry.photos) body.append("photos", photo.blob, photo.name);
    const answer = await fetch(entry.to, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": pass.pass },
    });
    if (answer.ok) {
      const filed = await answer.json();
      /* what was written is with us now and need not stay on the telephone */
      await put({ once: entry.once, to: entry.to, at: entry.at, state: "sent", sentAt: Date.now(), number: filed.number, link: filed.link, fields: {}, photos: [], told: [] });
    } else if ([404, 413, 422].includes(answer.status)) {
      const told = answer.status === 422 ? Object.values((await answer.json()).errors) : [];
      await put({ ...entry, state: "refused", told });
    } else {
      throw new Error(String(answer.status));
    }
  }

  /* Send what waits; true when nothing waits any more. One sender at a time. */
  function send() {
    return navigator.locks.request("huiyin-later", async () => {
      let left = 0;
      for (const entry of await all()) {
        if (entry.state === "sent" && Date.now() - entry.sentAt > KEPT_DAYS * 86400000) await remove(entry.once);
        if (entry.state !== "waiting") continue;
        try {
          await sendOne(entry);
        } catch {
          left += 1;
        }
      }
      return left === 0;
    });
  }

  self.later = { all, keep, one, remove, send };
})();
