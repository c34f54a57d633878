// A sheet that is filled in without waiting for the network: each answer is on the telephone first, and crossed out there
// when the server has it. Sending one twice does no harm: its key is known. Without this script the form is simply sent.
"use strict";
(async () => {
  const form = document.getElementById("sheet");
  const page = sheetPage(form);
  const { said } = page;
  const { user, sheet } = form.dataset;
  const PATIENCE_MS = 20000;
  const pending = new Map();
  const store = await sheetStore.open();
  let token = form.elements.csrf_token.value;
  let isSyncing = false;
  let isAskedAgain = false;
  let timer = 0;
  let tries = 0;
  let over = null; // a message after which nothing more is sent

  class Offline extends Error {}
  class Refused extends Error {
    constructor(status, message) { super(message); this.status = status; }
  }

  const ask = async (url, options = {}) => {
    const limit = new AbortController();
    const clock = setTimeout(() => limit.abort(), PATIENCE_MS);
    const headers = { Accept: "application/json", "X-CSRFToken": token, ...options.headers };
    let answer, body;
    try {
      answer = await fetch(url, { ...options, headers, signal: limit.signal });
      body = await answer.json();
    } catch {
      throw new Offline(); // no signal, no answer in time, or the log-in page of a hotspot
    } finally {
      clearTimeout(clock);
    }
    if (answer.ok) return body;
    if (!body || !body.error) throw new Offline();
    throw new Refused(answer.status, body.error.message);
  };
  const state = async () => {
    const found = await ask(form.dataset.state);
    if (String(found.user) !== user) throw new Refused(404, "");
    token = form.elements.csrf_token.value = found.csrf_token;
    return found;
  };
  // A page that was kept for long has an old form token: one fresh one is asked for.
  const post = async (url, options) => {
    try {
      return await ask(url, { method: "POST", ...options });
    } catch (error) {
      if (error.status !== 403) throw error;
      await state();
      return ask(url, { method: "POST", ...options });
    }
  };

  const keep = async (row) => { pending.set(row.id, row); await store.put(row); };
  const drop = async (row) => {
    if (pending.get(row.id)?.key !== row.key) return;
    pending.delete(row.id);
    await store.drop(row.id);
  };
  const waits = (kind) => [...pending.values()].filter((row) => row.kind === kind && !row.refused);
  const idOf = (item) => `answer/${user}/${sheet}/${item}`;

  const apply = (found, overtaken = []) => {
    for (const [item, stored] of Object.entries(found.answers)) {
      if (!page.items.has(item)) continue;
      page.versions.set(item, stored.version);
      const isMine = pending.has(idOf(item));
      if (!isMine && (page.value(item) !== stored.value || page.note(item).value.trim() !== stored.note)) {
        page.write(item, stored.value, stored.note);
        page.remark(item, said("Other"));
      }
    }
    overtaken.forEach((item) => page.remark(item, said("Overtaken")));
    page.photos(found.photos, (key) => pending.has(`photo/${key}`));
    page.sum();
    if (found.is_submitted) throw new Refused(409, "");
  };

  const sendAnswers = async () => {
    const rows = waits("answer");
    if (!rows.length) return;
    const changes = rows.map(({ item, value, note, key, seen, earlier }) => ({ item, value, note, key, seen, earlier }));
    const headers = { "Content-Type": "application/json" };
    const found = await post(form.dataset.answers, { headers, body: JSON.stringify({ changes }) });
    for (const row of rows) {
      if (found.refused[row.key]) {
        if (pending.get(row.id)?.key === row.key) await keep({ ...row, refused: found.refused[row.key] });
        page.fault(row.item, found.refused[row.key]);
      } else {
        await drop(row);
      }
    }
    apply(found, found.overtaken);
  };
  const sendPhoto = async (row) => {
    const body = new FormData();
    body.append("key", row.key);
    body.append("item", row.item);
    body.append("photo", row.blob, row.name);
    try {
      const found = await post(form.dataset.photos, { body });
      await drop(row);
      apply(found);
    } catch (error) {
      if (error.status === 409 && (await state()).is_submitted) throw error;
      if (![409, 413, 422].includes(error.status)) throw error;
      await keep({ ...row, refused: error.message });
      page.shot(row.key)?.remove();
      await page.waiting(pending.get(row.id));
    }
  };

  const stop = (text, link) => { over = [text, link]; page.tell("bad", text, link); };
  const failed = (error) => {
    if (error.status === 401) return page.tell("bad", said("Login"), [form.dataset.login, said("LoginLink")]);
    if (error.status === 404) return stop(said("Foreign"));
    if (error.status === 409) return stop(said("Closed"), [location.pathname, said("Reload")]);
    page.tell("wait", error instanceof Offline ? said(store.isKept ? "Offline" : "Memory") : error.status < 500 && error.status !== 429 ? error.message : said("Failed"));
    timer = setTimeout(sync, Math.min(60000, 3000 * 2 ** tries++));
    return undefined;
  };
  const sync = async () => {
    clearTimeout(timer);
    if (over) return page.tell("bad", ...over);
    if (isSyncing) { isAskedAgain = true; return undefined; }
    isSyncing = true;
    if (navigator.onLine) page.tell("wait", said("Syncing"));
    try {
      if (!pending.size) apply(await state());
      await sendAnswers();
      for (const row of waits("photo")) await sendPhoto(row);
      tries = 0;
      if (pending.size) page.tell("bad", said("Refused"));
      else page.tell("", said("Saved"));
    } catch (error) {
      if (!(error instanceof Offline) && !(error instanceof Refused)) throw error;
      failed(error);
    } finally {
      isSyncing = false;
    }
    if (isAskedAgain) { isAskedAgain = false; return sync(); }
    return undefined;
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(sync, 400); };

  const changed = async (item) => {
    if (navigator.onLine && !over) page.tell("wait", said("Syncing"));
    page.fault(item, "");
    page.remark(item, "");
    const note = page.note(item).value.trim();
    const before = pending.get(idOf(item));
    const earlier = before ? [...before.earlier, before.key].slice(-10) : [];
    const row = { id: idOf(item), kind: "answer", user, sheet, item, key: sheetStore.uuid(), value: page.value(item), note };
    await keep({ ...row, seen: page.versions.get(item), earlier });
    page.sum();
    if (!navigator.onLine) page.tell("wait", said(store.isKept ? "Offline" : "Memory"));
    soon();
  };
  const taken = async (input) => {
    const item = input.closest(".item").dataset.item;
    const files = [...input.files];
    input.value = "";
    page.fault(item, "");
    for (const file of files) {
      const key = sheetStore.uuid();
      const row = { id: `photo/${key}`, kind: "photo", user, sheet, item, key, name: "photo.jpg" };
      try {
        row.blob = await sheetStore.shrunk(file);
      } catch {
        page.fault(item, said("Unreadable"));
        continue;
      }
      await keep(row);
      await page.waiting(row);
    }
    sync();
  };
  const remove = async (button) => {
    const { key } = button.closest("li").dataset;
    const row = pending.get(`photo/${key}`);
    if (row) {
      await drop(row);
      page.shot(key).remove();
    } else {
      apply(await post(button.getAttribute("formaction")));
    }
    sync();
  };
  const submit = async () => {
    await keeping;
    await sync();
    while (isSyncing) await new Promise((resolve) => { setTimeout(resolve, 100); });
    if (pending.size || line().includes("wait")) {
      if (!over && [...pending.values()].every((row) => !row.refused)) page.tell("bad", said("Later"));
      return;
    }
    if (over || line().includes("bad")) return;
    const act = document.createElement("input");
    [act.type, act.name, act.value] = ["hidden", "do", "submit"];
    form.append(act);
    form.submit();
  };
  // Whoever taps the last answer and at once the button means both: what is being kept is waited for.
  let keeping = Promise.resolve();
  const note = (item) => { keeping = Promise.all([keeping, changed(item).catch(failed)]); };
  const line = () => form.querySelector("[data-line]").className;

  form.addEventListener("change", (event) => {
    if (event.target.type === "file") return taken(event.target);
    const item = event.target.closest(".item");
    return item ? note(item.dataset.item) : undefined;
  });
  form.addEventListener("input", (event) => {
    if (event.target.matches(".item textarea")) note(event.target.closest(".item").dataset.item);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const by = event.submitter;
    if (by && "remove" in by.dataset) remove(by).catch(failed);
    else if (by && "submit" in by.dataset) submit();
    else sync();
  });
  window.addEventListener("online", () => { tries = 0; sync(); });
  window.addEventListener("offline", () => page.tell("wait", said(store.isKept ? "Offline" : "Memory")));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { tries = 0; sync(); } });

  for (const row of await store.all()) {
    if (row.user !== user || row.sheet !== sheet || !page.items.has(row.item)) continue;
    pending.set(row.id, row);
    if (row.kind === "answer") page.write(row.item, row.value, row.note);
    else await page.waiting(row);
    if (row.refused && row.kind === "answer") page.fault(row.item, row.refused);
  }
  page.sum();
  sync();
  sheetOffline.keepPage(user, form.dataset.worker);
})();
