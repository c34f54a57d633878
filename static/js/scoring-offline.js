// Lets a sheet open without a signal: its page and what the page is made of lie in a cache of this person, and go when
// she logs out, when somebody else logs in, and when the sheet has been handed in. On every other page of hers it says
// when something waits on the telephone.
"use strict";
window.sheetOffline = (() => {
  const { user, waiting } = document.currentScript.dataset;
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

  const remind = (rows) => {
    const row = rows.find((one) => one.user === user);
    const main = document.getElementById("main");
    if (!row || !main || document.getElementById("sheet")) return;
    const link = document.createElement("a");
    link.href = `${SCOPE}${row.sheet}`;
    link.textContent = waiting;
    const notice = document.createElement("p");
    notice.className = "notice warn";
    notice.append(link);
    main.prepend(notice);
  };
  try {
    const opening = indexedDB.open("xiaowu-sheets", 1);
    opening.onupgradeneeded = () => opening.transaction.abort(); // there is none yet: leave it so
    opening.onerror = (event) => event.preventDefault();
    opening.onsuccess = () => {
      const asking = opening.result.transaction("pending", "readonly").objectStore("pending").getAll();
      asking.onsuccess = () => { remind(asking.result); opening.result.close(); };
    };
  } catch { /* nothing can be kept here */ }
  return { keepPage };
})();
