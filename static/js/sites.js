// Small helps on the site form. Everything works without them.
"use strict";
(() => {
  const form = document.querySelector(".site-form");
  if (!form) return;
  form.classList.add("scripted");

  const show = (day) => {
    day.classList.toggle("is-open", day.querySelector("[data-day-state]").value === "open");
  };
  form.querySelectorAll("[data-day]").forEach((day) => {
    show(day);
    day.querySelector("[data-day-state]").addEventListener("change", () => show(day));
  });

  const copy = form.querySelector("[data-copy]");
  copy.hidden = false;
  copy.querySelector("button").addEventListener("click", () => {
    const from = [...form.querySelectorAll("[name^='day1-']")];
    for (const day of [2, 3, 4, 5]) {
      for (const source of from) {
        form.querySelector(`[name='${source.name.replace("day1-", `day${day}-`)}']`).value = source.value;
      }
      show(form.querySelector(`[name='day${day}-state']`).closest("[data-day]"));
    }
  });

  // A map's "lng,lat" pasted whole into the longitude.
  const lon = form.querySelector("[data-lon]");
  const lat = form.querySelector("[data-lat]");
  lon.addEventListener("input", () => {
    const pair = lon.value.trim().match(/^(-?\d+(?:\.\d+)?)\s*[,\uff0c\s]\s*(-?\d+(?:\.\d+)?)$/);
    if (pair) {
      lon.value = pair[1];
      lat.value = pair[2];
    }
  });
})();
