// What a sheet's page shows: answers, sums, photos, one line about where everything is. Knows nothing of the network.
"use strict";
window.sheetPage = (form) => {
  const said = (name) => form.dataset[`said${name}`];
  const line = form.querySelector("[data-line]");
  const items = new Map([...form.querySelectorAll(".item")].map((node) => [node.dataset.item, node]));
  const node = (item) => items.get(item);
  const note = (item) => node(item).querySelector("textarea");
  const choice = (item) => node(item).querySelector("select");
  const versions = new Map([...items].map(([name, one]) => [name, Number(one.dataset.version)]));

  const value = (item) => {
    if (choice(item)) return choice(item).value;
    const picked = node(item).querySelector("input[type=radio]:checked");
    return picked ? picked.value : "";
  };
  const write = (item, to, words) => {
    const select = choice(item);
    if (select && ![...select.options].some((option) => option.value === to)) select.add(new Option(to, to));
    if (select) select.value = to;
    else node(item).querySelectorAll("input[type=radio]").forEach((radio) => { radio.checked = radio.value === to; });
    if (note(item) !== document.activeElement || note(item).value !== words) note(item).value = words;
    if (words) node(item).querySelector("details").open = true;
  };

  const points = (item) => {
    const given = value(item);
    if (given === "yes") return Number(node(item).dataset.most);
    return given === "no" || given === "" ? 0 : Number(given);
  };
  const plain = (number) => String(Math.round(number * 100) / 100);
  const sum = () => {
    const groups = new Map();
    const open = [];
    let total = 0;
    let isVetoed = false;
    for (const [name, one] of items) {
      const more = points(name);
      total += more;
      groups.set(one.dataset.groupOf, (groups.get(one.dataset.groupOf) || 0) + more);
      if (value(name) === "") open.push(name);
      else if ("veto" in one.dataset && more === 0) isVetoed = true;
    }
    groups.forEach((number, group) => {
      const shown = form.querySelector(`[data-group="${group}"]`);
      if (shown) shown.textContent = plain(number);
    });
    const shown = form.querySelector("[data-total]");
    if (shown) {
      shown.textContent = plain(total);
      const verdict = form.querySelector("[data-verdict]");
      verdict.classList.toggle("good", total >= Number(form.dataset.pass) && !isVetoed);
      verdict.classList.toggle("bad", isVetoed);
      verdict.dataset.text = verdict.dataset.text || verdict.textContent;
      verdict.textContent = isVetoed ? said("Vetoed") : verdict.dataset.text;
    }
    const link = form.querySelector("[data-open]");
    link.textContent = open.length ? said("Open").replace("{n}", open.length) : said("Done");
    link.href = `#item-${open[0] || items.keys().next().value}`;
  };

  const tell = (kind, text, link) => {
    line.className = `sheet-state ${kind}`;
    if (line.firstChild && line.firstChild.textContent === text && line.childNodes.length === (link ? 2 : 1)) return;
    line.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    [anchor.href, anchor.textContent] = link;
    line.append(anchor);
  };
  const fault = (item, text) => {
    const shown = node(item).querySelector("[data-fault]");
    node(item).classList.toggle("is-wrong", Boolean(text));
    shown.hidden = !text;
    shown.textContent = text || "";
  };
  const remark = (item, text) => {
    const shown = node(item).querySelector("[data-told]");
    shown.hidden = !text;
    shown.textContent = text || "";
  };

  const shots = (item) => node(item).querySelector("[data-shots]");
  const shot = (key) => form.querySelector(`[data-shots] li[data-key="${key}"]`);
  const button = (label) => {
    const made = document.createElement("button");
    made.type = "submit";
    made.className = "link";
    made.dataset.remove = "";
    made.textContent = label;
    return made;
  };
  // A photo that waits: drawn from the telephone itself.
  const waiting = async (row) => {
    const entry = document.createElement("li");
    entry.dataset.key = row.key;
    entry.dataset.waits = "";
    const words = document.createElement("span");
    words.textContent = row.refused || said("Waiting");
    words.className = row.refused ? "error" : "soft";
    entry.append(words);
    if (row.refused) entry.append(button(said("Discard")));
    shots(row.item).append(entry);
    node(row.item).querySelector("details").open = true;
    try {
      const canvas = await sheetStore.drawn(row.blob);
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", said("Photo"));
      entry.prepend(canvas);
    } catch { /* the words alone */ }
  };
  const arrived = (photo) => {
    const entry = document.createElement("li");
    entry.dataset.key = photo.key;
    const anchor = document.createElement("a");
    const image = document.createElement("img");
    anchor.href = image.src = photo.url;
    image.alt = said("Photo");
    anchor.append(image);
    const gone = button(said("Remove"));
    gone.setAttribute("formaction", `${photo.url.split("?")[0]}/remove`);
    entry.append(anchor, gone);
    shots(photo.item).append(entry);
  };
  const photos = (stored, isPending) => {
    const keys = new Set(stored.map((photo) => photo.key));
    form.querySelectorAll("[data-shots] li").forEach((entry) => {
      const waits = "waits" in entry.dataset;
      if (waits ? !isPending(entry.dataset.key) : !keys.has(entry.dataset.key)) entry.remove();
    });
    stored.filter((photo) => !shot(photo.key)).forEach(arrived);
  };

  form.querySelectorAll("[data-step]").forEach((step) => {
    step.hidden = false;
    step.addEventListener("click", () => {
      const select = step.parentNode.querySelector("select");
      const to = select.selectedIndex + Number(step.dataset.step);
      select.selectedIndex = select.value === "" ? (step.dataset.step === "1" ? 2 : 1) : Math.max(1, Math.min(to, select.options.length - 1));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  form.querySelector("[data-save]").hidden = true;

  return { said, items, versions, value, note, write, sum, tell, fault, remark, photos, waiting, shot };
};
