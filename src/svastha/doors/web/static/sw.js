// Served at /sw.js. Keeps the shell and the offline page, never a page with somebody's data on it.
// The server puts the build and the list of addresses in place of the two words below.
const CACHE = `svastha-${"__VERSION__"}`;
const OFFLINE = "/offline";
const SHELL = [].concat("__ASSETS__").filter(address => address !== OFFLINE); // kept as a stranger sees it, below

addEventListener("install", event => event.waitUntil((async () => {
  const cache = await caches.open(CACHE);
  const stranger = new Request(OFFLINE, { credentials: "omit", cache: "reload" }); // no name in the header of the kept page
  await cache.addAll([stranger, ...SHELL]);
  await skipWaiting();
})()));

addEventListener("activate", event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await clients.claim();
})()));

addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE, { ignoreVary: true })));
  else if (SHELL.includes(url.pathname)) event.respondWith(caches.match(request, { ignoreVary: true }).then(kept => kept ?? fetch(request)));
});
