/* The service worker of the portal. It keeps the offline page and what that page needs, and no
   page of anybody; the network always comes first. HUIYIN (version, shell) is written before it. */
"use strict";

const CACHE = `huiyin-${HUIYIN.version}`;
const OFFLINE = "/offline";
/* Forms that are kept where there is no network: a complaint, and more on one that is there. */
const FORMS = /^\/(?:file|t\/[^/]+\/[^/]+\/add)$/;
/* Pages that the offline page stands in for; the desk, chat and every other address are left alone. */
const PAGES = /^\/(?:$|filed$|help\/|offline$|[ts]\/)/;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(HUIYIN.shell.map((url) => new Request(url, { cache: "reload" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith("huiyin-") && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && request.mode === "navigate" && FORMS.test(url.pathname)) {
    event.respondWith(file(request, url));
  } else if (request.method === "GET" && request.mode === "navigate" && PAGES.test(url.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await shell(OFFLINE)) ?? Response.error()));
  } else if (request.method === "GET" && HUIYIN.shell.includes(url.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await shell(url.pathname)) ?? Response.error()));
  }
});

async function shell(path) {
  return (await caches.open(CACHE)).match(path);
}

/* The form goes its usual way; where there is none, it is kept and sent later under the same id. */
async function file(request, url) {
  const copy = request.clone();
  if (!url.searchParams.has("later")) {
    try {
      return await fetch(request);
    } catch {
      /* no network: kept below */
    }
  }
  await later.keep(await copy.formData(), url.pathname);
  try {
    await self.registration.sync?.register("file");
  } catch {
    /* the pages send it when they see the network again */
  }
  return Response.redirect("/offline", 303);
}

self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  if (!told.title) return;
  event.waitUntil(
    self.registration.showNotification(told.title, { body: told.body, tag: told.tag, renotify: true, icon: "/static/huiyin/icons/app-192.png", data: { url: told.url } }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, location.origin);
  event.waitUntil(
    (async () => {
      for (const page of await self.clients.matchAll({ type: "window" })) {
        if (new URL(page.url).pathname === url.pathname) {
          await page.navigate(url.href).catch(() => {});
          return page.focus();
        }
      }
      return self.clients.openWindow(url.href);
    })(),
  );
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "file") return;
  event.waitUntil(
    (async () => {
      const done = await later.send();
      for (const page of await self.clients.matchAll()) page.postMessage("later");
      if (!done) throw new Error("not everything was sent");
    })(),
  );
});
