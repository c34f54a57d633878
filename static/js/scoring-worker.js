// The service worker of score sheets: a sheet that was opened before opens without a signal. It answers for nothing else.
"use strict";
const PREFIX = "sheets-";
const PATIENCE_MS = 6000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const mine = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  return names.length ? caches.open(names[0]) : null;
};

// The network first; a page that was kept when it fails or takes too long.
const page = async (request) => {
  const cache = await mine();
  const kept = cache && await cache.match(request.url);
  const fresh = fetch(request).then(async (answer) => {
    if (cache && answer.status === 200 && answer.type === "basic") await cache.put(request.url, answer.clone());
    // Sent to the log-in page, or no longer hers: what was kept goes.
    else if (cache && (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status))) await cache.delete(request.url);
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE_MS); });
  return Promise.race([fresh.catch(() => kept), late]);
};
const part = async (request) => {
  const cache = await mine();
  return (cache && await cache.match(request.url)) || fetch(request);
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && /^\/manage\/sheets\/\d+$/.test(url.pathname)) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(request));
});
