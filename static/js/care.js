// Taking the roll without waiting for the page: each tap is sent by itself and its row comes back.
(() => {
  "use strict";
  const form = document.getElementById("roll");
  if (!form || !window.fetch) return;
  const count = form.querySelector("[data-count]");
  const problem = form.querySelector("[data-problem]");
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const row = button && button.closest(".child");
    if (!row) return;
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const values = new FormData(form);
    values.append(button.name, button.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body: values, headers: { Accept: "application/json" } });
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.error ? body.error.message : "");
      const fresh = document.createElement("template");
      fresh.innerHTML = body.html.trim();
      const next = fresh.content.firstElementChild;
      row.replaceWith(next);
      const same = next.querySelector(".tap");
      if (same) same.focus({ preventScroll: true });
      count.textContent = body.counted;
      problem.hidden = true;
    } catch (error) {
      button.removeAttribute("aria-busy");
      problem.textContent = (error instanceof TypeError || !error.message) ? form.dataset.failed : error.message;
      problem.hidden = false;
    }
  });
})();
