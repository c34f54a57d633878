// Lets a sheet open without a signal: its page and what the page is made of lie in a cache of this person, and go when
// she logs out, when somebody else logs in, and when the sheet has been handed in.
"use strict";
window.sheetOffline = (() => {
  const PREFIX = "sheets-";
  const SCOPE = "/manage/sheets/";
  const isPossible = "caches" in window && "serviceWorker" in navigator;

  const forget = async (kept) => {
    if (!("caches" in window)) return;
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== kept).map((name) => caches.delete(name)));
  };
  const forgetPage = async () => {
    if (!("caches" in window)) return;
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX)) await (await caches.open(name)).delete(location.href, { ignoreSearch: true });
    }
  };
  const keepPage = async (user, worker) => {
    if (!isPossible) return;
    try {
      await navigator.serviceWorker.register(worker, { scope: SCOPE });
      const mine = PREFIX + user;
      await forget(mine);
      const cache = await caches.open(mine);
      const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((node) => node.href || node.src);
      for (const request of await cache.keys()) {
        if (new URL(request.url).pathname.startsWith("/static/") && !parts.includes(request.url)) await cache.delete(request);
      }
      const there = (await cache.keys()).map((request) => request.url);
      const here = location.href.split("#")[0];
      await cache.addAll([here, ...parts].filter((url) => !there.includes(url)));
      document.documentElement.dataset.offline = "ready";
    } catch { /* it works as before, with a signal */ }
  };

  const out = document.querySelector("form[action$='/logout']");
  if (out && "caches" in window) {
    out.addEventListener("submit", (event) => {
      event.preventDefault();
      const late = new Promise((resolve) => { setTimeout(resolve, 1000); });
      Promise.race([forget(""), late]).finally(() => out.submit());
    });
  }
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
    forgetPage();
  }
  return { keepPage };
})();
