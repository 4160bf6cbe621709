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
    event.respondWith(page(request).catch(async () => (await shell(OFFLINE)) ?? Response.error()));
  } else if (request.method === "GET" && HUIYIN.shell.includes(url.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await shell(url.pathname)) ?? Response.error()));
  }
});

const stepsBack = (request) => request.isHistoryNavigation || request.cache === "only-if-cached";

/* A step back may ask the browser's cache alone, and pages are in none: then the network is asked. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    if (!stepsBack(request)) throw error;
    return fetch(request.url, { credentials: "same-origin", redirect: "manual" });
  }
}

async function shell(path) {
  return (await caches.open(CACHE)).match(path);
}

/* The form goes its usual way; where there is none, it is kept and sent later under the same id.
   A step back in the browser to a form that was answered with a page asks its cache alone: nothing
   is sent then, so nothing is missing and nothing is kept; the page with the form stands in. */
async function file(request, url) {
  if (stepsBack(request)) return Response.redirect(url.pathname.replace(/(?:file|add)$/, ""), 303);
  const copy = request.clone();
  if (!url.searchParams.has("later")) {
    try {
      const answer = await fetch(request);
      /* a form that was taken leads on to another page: what was kept of it is settled */
      if (answer.type === "opaqueredirect") await settled(copy);
      return answer;
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

async function settled(copy) {
  try {
    await later.remove((await copy.formData()).get("once"));
  } catch {
    /* the answer goes to the page all the same */
  }
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
