/* The tap without waiting for the network. It works without this script too: then the form is simply sent.
   A tap is written down on the phone first and crossed out when the server has it, so it outlives a dead signal, a
   closed page and a reload. Sending one twice does no harm: its key is known to the server. Old web views: no ES6. */
(function () {
  "use strict";
  var NAME = "xiaowu.taps", OLDEST = 72 * 3600 * 1000, PATIENCE = 8000;
  var form = document.querySelector("form[data-queued]");
  var said = document.getElementById("said");
  var busy = {}, tries = 0, timer = 0, mine = null;

  function read() {
    try {
      var all = JSON.parse(localStorage.getItem(NAME)) || [];
      return all.filter(function (tap) { return Date.now() - tap.tapped_at < OLDEST; });
    } catch (error) { return []; }
  }
  function write(taps) {
    try { localStorage.setItem(NAME, JSON.stringify(taps.slice(-20))); return true; } catch (error) { return false; }
  }
  function forget(key) { write(read().filter(function (tap) { return tap.key !== key; })); }
  function body(tap) {
    var fields = { key: tap.key, token: tap.token, purpose: tap.purpose, tapped_at: tap.tapped_at, sent_at: Date.now() };
    return Object.keys(fields).map(function (name) { return name + "=" + encodeURIComponent(fields[name]); }).join("&");
  }
  function parsed(text) {
    try { return JSON.parse(text); } catch (error) { return null; }
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(flush, Math.min(60000, 2000 * Math.pow(2, tries++)));
    if (mine) { queued(); }
  }
  function send(tap, again) {
    if (busy[tap.key]) { return; }
    busy[tap.key] = true;
    var call = new XMLHttpRequest();
    call.open("POST", tap.url);
    call.timeout = PATIENCE;
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    call.onloadend = function () {
      var answer = parsed(call.responseText);
      busy[tap.key] = false;
      if (call.status === 201 && answer) {
        tries = 0;
        forget(tap.key);
        arrived(tap, answer.receipt_url);
      } else if (!answer || !answer.error || call.status === 429 || call.status >= 500) {
        later();  // no signal, the log-in page of a hotspot, a busy server
      } else if (!again && call.getResponseHeader("X-Form-Token")) {
        tap.token = call.getResponseHeader("X-Form-Token");
        send(tap, true);
      } else {
        forget(tap.key);
        if (mine === tap.key) { form.submit(); }
      }
    };
    call.send(body(tap));
  }
  function flush() { read().forEach(function (tap) { send(tap); }); }
  function wake() { tries = 0; clearTimeout(timer); flush(); }
  function queued() {
    var button = form.querySelector("button");
    button.textContent = form.getAttribute("data-queued");
    said.textContent = form.getAttribute("data-queued");
  }
  function arrived(tap, address) {
    if (mine === tap.key) { location.assign(address); return; }
    if (!form || mine || Date.now() - tap.tapped_at > OLDEST / 6) { return; }
    var link = document.createElement("a");
    link.href = address;
    link.textContent = form.getAttribute("data-rate");
    var note = document.getElementById("earlier");
    note.textContent = form.getAttribute("data-sent") + " ";
    note.appendChild(link);
    note.hidden = false;
  }
  function tapped(event) {
    var purpose = form.querySelector("[name=purpose]:checked");
    var tap = {
      url: form.getAttribute("action"), key: form.elements.key.value, token: form.elements.token.value,
      purpose: purpose ? purpose.value : "", tapped_at: Date.now()
    };
    if (!write(read().concat(tap))) { return; }
    event.preventDefault();
    mine = tap.key;
    var button = form.querySelector("button");
    button.disabled = true;
    button.textContent = form.getAttribute("data-sending");
    setTimeout(queued, 3000);  // it is on the phone; nobody should stand at a door and wait
    send(tap);
  }

  if (form) { form.addEventListener("submit", tapped); }
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { wake(); } });
  window.addEventListener("pageshow", function (event) { if (event.persisted && form) { location.reload(); } });
  flush();
})();
