/* The finder's list: asks for the position on a tap, asks the API, and shows what it answers. The map, when it is
   opened, draws exactly what the list shows. The position is kept in this page only and sent only in that question.
   Old web views: nothing newer than ES2018. */
(() => {
  "use strict";
  const NEAREST_FIRST = 20, NEAREST_MOST = 100, BOX_MOST = 200, WAIT_MS = 8000, FAR_M = 100000;
  const root = document.getElementById("finder");
  const at = (id) => document.getElementById(id);
  const parsed = (id) => JSON.parse(at(id).textContent);
  const phrases = parsed("finder-words"), words = { ...phrases.words, ...phrases };
  const list = at("site-list"), form = at("ask"), status = at("near-status"), title = at("results-title");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const language = new URLSearchParams(location.search).get("lang");

  const finder = {
    root, words, fill,
    features: parsed("finder-sites").features,
    origin: null,
    listeners: [],
    distance: (metres) => metres < 995
      ? fill(words.metres, { n: Math.round(metres / 10) * 10 })
      : fill(words.kilometres, { n: metres < 99500 ? (metres / 1000).toFixed(1).replace(/\.0$/, "") : Math.round(metres / 1000) }),
    page: (site) => site.url + (language ? `?lang=${encodeURIComponent(language)}` : ""),
    within,
  };
  window.finder = finder;
  let question = null, asked = 0;

  /* What the card says */
  function clock(time) {
    const hour = Number(time.slice(0, 2));
    return hour > 24 ? String(hour - 24).padStart(2, "0") + time.slice(2) : time;
  }
  function note(site) {
    const today = site.hours_today, when = { time: site.changes_at ? clock(site.changes_at) : "" };
    if (site.state === "unknown") return site.hours_text;
    if (site.state === "open") {
      if (today && today.length === 1 && today[0][0] === "00:00" && today[0][1] === "24:00") return words.note.all_day;
      return site.changes_at ? fill(words.note.until, when) : "";
    }
    if (site.state !== "closed") return "";
    if (site.changes_at) return fill(words.note.opens, when);
    return today && today.length ? words.note.ended : words.note.closed_today;
  }
  function who(site) {
    const parts = [words.admission[site.admission] || words.admission_unknown];
    if (site.women_only === true) parts.push(words.women_only);
    if (site.women_only === false) parts.push(words.families);
    const now = Date.now();
    if ((site.scan_only || []).some(([from, until]) => Date.parse(from) <= now && (!until || now < Date.parse(until)))) parts.push(words.scan_only);
    return parts.join(" · ");
  }
  function telling(codes) {
    const rank = (code) => (words.telling.indexOf(code) + 1) || words.telling.length + 1;
    return [...codes].sort((a, b) => rank(a) - rank(b));
  }
  function card(feature) {
    const site = feature.properties;
    const item = at("card").content.firstElementChild.cloneNode(true);
    const field = (name) => item.querySelector(`[data-field=${name}]`);
    const put = (name, text) => { field(name).textContent = text; field(name).hidden = !text; };
    item.dataset.id = site.id;
    put("link", site.name);
    field("link").href = finder.page(site);
    put("distance", site.distance_m === undefined ? "" : finder.distance(site.distance_m));
    put("state", words.state[site.state]);
    field("state").className = `state ${site.state}`;
    put("note", note(site));
    put("kind", site.kind === "room" ? "" : words.kind[site.kind]);
    put("checked", site.being_checked ? words.checked : "");
    put("floor", site.floor);
    put("landmark", site.landmark);
    put("address", site.address);
    put("admission", who(site));
    put("verified", site.last_verified_on ? fill(words.verified, { date: site.last_verified_on }) : words.unverified);
    const codes = telling(site.facilities), chips = codes.slice(0, 5).map((code) => words.labels[code] || code);
    if (codes.length > 5) chips.push(fill(words.more, { n: codes.length - 5 }));
    fillWith(field("facilities"), chips.map((text) => {
      const chip = document.createElement("li");
      chip.className = "chip";
      chip.textContent = text;
      return chip;
    }));
    return item;
  }

  /* What the page shows */
  function say(element, text) {
    element.textContent = text;
    element.hidden = !text;
  }
  /* She may have asked from the end of the list. */
  function fail(problem) {
    say(status, problem);
    if (problem) status.scrollIntoView({ block: "nearest" });
  }
  function fillWith(element, nodes) {
    element.textContent = "";
    element.append(...nodes);
  }
  function show(features, heading, remark) {
    finder.features = features;
    // Neither words nor a district limit what is shown now.
    at("q").value = "";
    if (at("district")) at("district").value = "";
    fillWith(list, features.map(card));
    title.textContent = heading;
    say(at("results-note"), remark || "");
    say(at("empty"), features.length ? "" : words.none);
    at("pages").hidden = true;
    finder.listeners.forEach((listener) => listener());
  }
  function filters() {
    const given = new FormData(form), wanted = new URLSearchParams();
    if (given.get("open_now")) wanted.set("open_now", "true");
    ["facility", "kind"].forEach((name) => given.getAll(name).forEach((code) => wanted.append(name, code)));
    return wanted;
  }
  /* Why the service did not answer: in its own words when they come, which they do not from what stands before it. */
  async function refusal(answer) {
    const said = await answer.json().catch(() => null);
    return said && said.error ? said.error.message : words.later;
  }
  async function ask(url, parameters) {
    const turn = ++asked, wanted = filters();
    Object.entries(parameters).forEach(([name, value]) => wanted.set(name, value));
    // The address may carry the page's language already.
    const address = url + (url.includes("?") ? "&" : "?") + wanted;
    root.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/geo+json" } });
      const problem = answer.ok ? "" : await refusal(answer);
      const collection = answer.ok ? await answer.json() : null;
      if (turn !== asked) return null;
      fail(problem);
      return collection;
    } catch (error) {
      if (turn === asked) fail(words.failed);
      return null;
    } finally {
      if (turn === asked) root.removeAttribute("aria-busy");
    }
  }
  async function nearest(limit) {
    question = () => nearest(limit);
    const { lat, lon } = finder.origin;
    const found = await ask(root.dataset.nearest, { lat, lon, limit });
    if (!found) return;
    finder.origin.onMap = found.origin_on_map || [lon, lat];
    finder.around = true;
    history.replaceState({ near: true }, "");
    const first = found.features[0];
    const far = first && first.properties.distance_m > FAR_M
      ? fill(words.far, { distance: finder.distance(first.properties.distance_m) }) : "";
    show(found.features, fill(words.near, { n: found.features.length }), far);
    if (limit === NEAREST_FIRST && !wide.matches) title.scrollIntoView({ block: "start" });
    at("more").hidden = limit >= NEAREST_MOST || found.features.length < limit;
  }
  async function within(box, datum) {
    question = () => within(box, datum);
    const found = await ask(root.dataset.within, { bbox: box.join(","), crs: datum, limit: BOX_MOST });
    if (!found) return;
    finder.around = false;
    history.replaceState(null, "");
    const shown = found.features.length;
    show(found.features, fill(words.here, { n: found.total }),
      found.total > shown ? fill(words.many, { n: found.total, shown }) : "");
    at("more").hidden = true;
  }

  /* Near me */
  function locate() {
    if (!navigator.geolocation || !window.isSecureContext) {
      giveUp(words.unsupported);
      return;
    }
    const turn = ++asked;
    at("near").disabled = true;
    say(status, words.asking);
    // The browser's own timeout does not run while its question to the person stands; ours does.
    const clockwork = setTimeout(() => giveUp(words.timeout), WAIT_MS);
    navigator.geolocation.getCurrentPosition(
      (position) => {
        clearTimeout(clockwork);
        at("near").disabled = false;
        // A late answer still counts, unless she has asked for something else by now.
        if (turn !== asked) return;
        // Four decimals are 11 m: enough to walk by, and no more than that leaves the phone.
        finder.origin = { lat: position.coords.latitude.toFixed(4), lon: position.coords.longitude.toFixed(4) };
        nearest(NEAREST_FIRST);
      },
      (error) => {
        clearTimeout(clockwork);
        if (turn === asked) giveUp(error.code === error.PERMISSION_DENIED ? words.denied : words.timeout);
      },
      { timeout: WAIT_MS, maximumAge: 60000, enableHighAccuracy: false },
    );
  }
  /* Who comes back from a room's page finds what was near. The history keeps that she had asked, not where she was. */
  async function nearAgain() {
    if (!history.state || !history.state.near || !navigator.permissions) return;
    const permission = await navigator.permissions.query({ name: "geolocation" }).catch(() => ({}));
    if (permission.state === "granted") locate();
  }
  function giveUp(message) {
    at("near").disabled = false;
    say(status, message);
    (at("district") || at("q")).focus({ preventScroll: true });
  }

  at("near").disabled = at("map-toggle").disabled = false;
  at("near").addEventListener("click", locate);
  at("more").addEventListener("click", () => nearest(NEAREST_MOST));
  form.addEventListener("change", (event) => {
    if (event.target.type === "checkbox" && question) question();
    else if (event.target.type !== "search") form.submit();
  });

  /* The map is loaded when it is first opened, on wide screens at once. */
  const panel = at("map-panel"), toggle = at("map-toggle"), wide = matchMedia("(min-width: 900px)");
  let loading = null;
  function load(source) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }
  function openMap() {
    panel.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    toggle.textContent = words.hide_map;
    if (!wide.matches) at("map-slot").append(panel);
    if (!loading) {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = root.dataset.leafletCss;
      document.head.prepend(style);
      loading = Promise.all([load(root.dataset.leaflet), load(root.dataset.supercluster)])
        .then(() => load(root.dataset.mapScript));
    }
    finder.listeners.forEach((listener) => listener());
  }
  function closeMap() {
    panel.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    toggle.textContent = words.show_map;
  }
  toggle.addEventListener("click", () => (panel.hidden ? openMap() : closeMap()));
  if (wide.matches) openMap();
  nearAgain();
})();
