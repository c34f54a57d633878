// What in a document could run, load or lead where its author did not mean it to. The pages of this application have
// no inline handlers, no style attributes, no frames and no plug-ins of their own, so any of them came from elsewhere.
([html, nonce, base]) => {
  const doc = html === null ? document : new DOMParser().parseFromString(html, "text/html");
  const found = [];
  const say = (node, what) => found.push(`${what} at <${node.localName}> ${node.outerHTML.slice(0, 120)}`);
  const never = new Set(["iframe", "frame", "frameset", "object", "embed", "applet", "base", "math", "portal", "animate",
    "set", "foreignobject", "xmp", "marquee", "noembed", "plaintext"]);
  const places = new Set(["href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "ping",
    "cite", "longdesc", "manifest", "codebase"]);
  const named = { src: ["script", "img", "source", "video", "audio", "track", "input"], action: ["form"] };
  const foreign = text => {
    const address = text.replace(/[\u0000-\u0020]/g, "");
    if (/^(javascript|vbscript|data|blob|file|view-source):/i.test(address)) return !/^data:image\/(svg\+xml|png|jpeg|webp)/i.test(address);
    return false;
  };
  const elsewhere = text => new URL(text, base).origin !== new URL(base).origin && !/^data:image\//.test(text);
  for (const node of doc.querySelectorAll("*")) {
    const tag = node.localName;
    if (never.has(tag)) say(node, "element");
    const isReload = /^refresh$/i.test(node.httpEquiv) && /^\d+$/.test(node.content); // the tablet's own page
    if (tag === "meta" && node.httpEquiv && !isReload) say(node, "meta");
    if (["link", "script", "img", "form", "source"].includes(tag)) {
      const address = node.getAttribute(tag === "link" ? "href" : tag === "form" ? "action" : "src");
      if (address !== null && elsewhere(address)) say(node, "address elsewhere");
    }
    for (const { name, value } of node.attributes) {
      if (/^on/i.test(name) || name === "srcdoc" || (name === "style" && html !== null)) say(node, `attribute ${name}`);
      if (places.has(name) && foreign(value)) say(node, `address in ${name}`);
    }
    if (tag === "script" && !node.src) {
      if (/json/.test(node.type)) {
        try { JSON.parse(node.textContent); } catch { say(node, "broken JSON"); }
      } else if (html !== null && (!nonce || node.getAttribute("nonce") !== nonce)) say(node, "script without nonce");
      else if (node.textContent.includes("__xss")) say(node, "text in a script");
    }
    if (tag === "style" && (node.textContent.includes("__xss") || (html !== null && node.getAttribute("nonce") !== nonce))) say(node, "style");
  }
  for (const node of doc.querySelectorAll("template")) {
    if (node.content.querySelector("script, [onerror], [onload]")) say(node, "inside template");
  }
  return found;
}
