/* A form marked data-keep stays as it was typed while a photo is sent with another form of the page. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = `keep ${form.getAttribute("action")}`;
  const kept = () => [...form.elements].filter((one) => one.name && !["hidden", "file", "submit"].includes(one.type));
  const stored = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (stored) {
    const typed = new Map(JSON.parse(stored));
    kept().forEach((one, number) => {
      const [value, isChecked] = typed.get(`${number} ${one.name}`) || [one.value, one.checked];
      if (one.type === "radio" || one.type === "checkbox") one.checked = isChecked;
      else one.value = value;
      if (one.value && one.tagName === "TEXTAREA") one.closest("details")?.setAttribute("open", "");
    });
  }
  document.addEventListener("submit", (event) => {
    if (event.target === form || event.defaultPrevented || !event.target.querySelector("input[type=file]")) return;
    const rows = kept().map((one, number) => [`${number} ${one.name}`, [one.value, one.checked]]);
    sessionStorage.setItem(key, JSON.stringify(rows));
  });
})();
