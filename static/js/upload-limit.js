/* Says at once that the chosen files are too large together: the server would refuse the whole form. */
(() => {
  "use strict";
  const { limit, message } = document.currentScript.dataset;
  const fault = (form) => {
    const inputs = [...form.querySelectorAll("input[type=file]:not([capture])")];
    const total = inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
    inputs.forEach((input) => input.setCustomValidity(total > Number(limit) ? message : ""));
    return inputs.find((input) => input.files.length && input.validity.customError);
  };
  document.addEventListener("change", ({ target }) => {
    if (target.type === "file" && target.form) fault(target.form)?.reportValidity();
  });
  document.addEventListener("submit", (event) => {
    const wrong = fault(event.target);
    if (!wrong) return;
    event.preventDefault();
    wrong.reportValidity();
  });
})();
