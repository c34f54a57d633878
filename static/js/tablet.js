/* The number on the tablet stays fresh: the page is read again when it changes, and when the network comes back. */
(function () {
  "use strict";
  var body = document.body, state = document.getElementById("state");
  function read() {
    fetch(location.href, { cache: "no-store" }).then(function (answer) {
      if (answer.ok || answer.status === 404) { location.reload(); return; }
      later();
    }).catch(later);
  }
  function later() {
    state.textContent = body.getAttribute("data-lost");
    body.className = "tablet lost";
    setTimeout(read, 5000);
  }
  setTimeout(read, Number(body.getAttribute("data-wait")) * 1000);
  if (navigator.wakeLock) { navigator.wakeLock.request("screen").catch(function () {}); }
})();
