/* "Copy address" on a site's page. */
(() => {
  "use strict";
  const button = document.getElementById("copy"), address = document.getElementById("address");
  if (!button || !address) return;
  const label = button.textContent;
  button.disabled = false;
  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const selection = getSelection(), range = document.createRange();
    range.selectNodeContents(address);
    selection.removeAllRanges();
    selection.addRange(range);
    if (!document.execCommand("copy")) throw new Error("copy");
    return undefined;
  }
  button.addEventListener("click", async () => {
    try {
      await copy(address.textContent.trim().replace(/\s+/g, " "));
      button.textContent = button.dataset.copied;
    } catch (error) {
      button.textContent = button.dataset.failed;
    }
    setTimeout(() => { button.textContent = label; }, 2500);
  });
})();
