/*
 * Lets the page open quickly, and say something kind where there is no network.
 *
 * It keeps the files of one build and nothing else: no answer of /api, /socket.io or /admin, nothing about anybody.
 * Screens always come from the server, so a new version is there with the next load. The build writes the two values
 * below; another build is another file, and so another worker.
 */

const VERSION = "dev";
const FILES = [];

const CACHE = `meetmates-${VERSION}`;
const OFFLINE = "/offline.html";
const NOT_OURS = /^\/(api|socket\.io|admin)(\/|$)/;
const KEPT = new Set(FILES);

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || NOT_OURS.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(screen(event));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (KEPT.has(url.pathname)) event.respondWith(fetch(request).catch(() => asset(request)));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
}

/** The files of the version before stay: a page that is still open may ask for one of them. */
async function tidy() {
  await self.registration.navigationPreload?.enable();
  const ours = (await caches.keys()).filter((name) => name.startsWith("meetmates-"));
  const old = ours.filter((name) => name !== CACHE).slice(0, -1);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function screen(event) {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    if (answer.status < 502 || answer.status > 504) return answer; // what a proxy says while the server starts again
  } catch {
    // no network
  }
  return (await caches.match(OFFLINE)) ?? Response.error();
}

/** The name of such a file changes with what is in it, so what is kept is never old. */
async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}
