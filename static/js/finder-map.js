/* The finder's map: Leaflet and supercluster over the very features that the list shows. Without tiles it still tells
   directions and distances: rings around the person, and a scale. */
(() => {
  "use strict";
  const { finder } = window;
  const { words, fill, root } = finder;
  const { tileUrl, tileDatum, tileAttribution, tileApproval } = root.dataset;
  const box = document.getElementById("map"), here = document.getElementById("search-here");
  const MOST_ZOOM = 18, RINGS_M = [200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

  const map = L.map(box, { zoomControl: false, minZoom: 2, maxZoom: MOST_ZOOM, worldCopyJump: true })
    .setView([35, 105], 4);
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix("Leaflet");
  if (tileUrl) {
    const credit = document.createElement("span");
    credit.textContent = [tileAttribution, tileApproval].filter(Boolean).join(" · ");
    L.tileLayer(tileUrl, { attribution: credit.innerHTML, maxZoom: MOST_ZOOM, referrerPolicy: "origin" }).addTo(map);
  } else {
    box.classList.add("plain");
  }

  // extent: 256 keeps the cluster radius in screen pixels of Leaflet's 256-pixel world.
  const clusters = new Supercluster({ extent: 256, radius: 56, maxZoom: MOST_ZOOM });
  const markers = L.layerGroup().addTo(map), person = L.layerGroup().addTo(map);
  let quiet = false;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function line(site) {
    const item = element("li", "");
    const link = element("a", "", site.name);
    link.href = finder.page(site);
    const parts = [site.kind === "room" ? "" : words.kind[site.kind], words.state[site.state], site.being_checked ? words.checked : "", site.floor];
    if (site.distance_m !== undefined) parts.unshift(finder.distance(site.distance_m));
    item.append(link, element("span", "soft", parts.filter(Boolean).join(" · ")));
    return item;
  }
  function popup(sites) {
    const lines = element("ul", "map-lines");
    lines.append(...sites.map(line));
    return lines;
  }
  function marker(latLng, className, text, label) {
    const icon = L.divIcon({ className, html: element("span", "", text).outerHTML, iconSize: [40, 40] });
    const made = L.marker(latLng, { icon, keyboard: true, alt: label, title: label });
    return made.on("add", () => made.getElement().setAttribute("aria-label", label));
  }
  // Not bound to its marker: the map moves to make room for it, and then every marker is drawn anew.
  function open(latLng, sites, event) {
    const opened = L.popup({ maxHeight: 220 }).setLatLng(latLng).setContent(popup(sites)).openOn(map);
    if (event.type === "keypress") opened.getElement().querySelector("a").focus();
  }
  function onTap(made, act) {
    return made.on("click", act).on("keypress", (event) => event.originalEvent.key === "Enter" && act(event));
  }
  function single(cluster, latLng) {
    const site = cluster.properties.site;
    const made = marker(latLng, `pin ${site.state}`, "", site.name);
    made.siteId = site.id;
    return onTap(made, (event) => open(latLng, [site], event));
  }
  function several(cluster, latLng) {
    const { cluster_id: id, point_count: count } = cluster.properties;
    return onTap(marker(latLng, "pin cluster", String(count), fill(words.together, { n: count })), (event) => {
      const zoom = clusters.getClusterExpansionZoom(id);
      if (zoom <= MOST_ZOOM) map.setView(latLng, zoom);
      else open(latLng, clusters.getLeaves(id, Infinity).map((leaf) => leaf.properties.site), event);
    });
  }
  function draw() {
    const bounds = map.getBounds().pad(0.2);
    const view = [Math.max(-180, bounds.getWest()), Math.max(-90, bounds.getSouth()),
      Math.min(180, bounds.getEast()), Math.min(90, bounds.getNorth())];
    markers.clearLayers();
    clusters.getClusters(view, Math.round(map.getZoom())).forEach((cluster) => {
      const [lon, lat] = cluster.geometry.coordinates;
      markers.addLayer((cluster.properties.cluster ? several : single)(cluster, [lat, lon]));
    });
  }
  function rings(centre, reach) {
    const largest = RINGS_M.findIndex((radius) => radius >= reach);
    RINGS_M.slice(Math.max(0, (largest < 0 ? RINGS_M.length : largest) - 2), (largest < 0 ? RINGS_M.length : largest) + 1)
      .forEach((radius) => {
        person.addLayer(L.circle(centre, { radius, className: "ring", interactive: false, fill: false }));
        const north = L.latLng(centre).toBounds(radius * 2).getNorth();
        const html = element("span", "", finder.distance(radius)).outerHTML;
        person.addLayer(L.marker([north, centre[1]],
          { interactive: false, keyboard: false, icon: L.divIcon({ className: "ring-label", html, iconSize: [90, 20] }) }));
      });
  }
  function update() {
    if (box.parentElement.hidden) return;
    map.closePopup();
    map.invalidateSize({ animate: false });
    const placed = finder.features.filter((feature) => feature.geometry);
    const places = placed.map((feature) => feature.properties.map || feature.geometry.coordinates);
    clusters.load(placed.map((feature, index) => ({
      type: "Feature", properties: { site: feature.properties }, geometry: { type: "Point", coordinates: places[index] },
    })));
    root.dataset.onMap = placed.map((feature) => feature.id).join(" ");
    person.clearLayers();
    const points = places.map(([lon, lat]) => [lat, lon]);
    const origin = finder.origin && finder.origin.onMap;
    if (origin) {
      const centre = [Number(origin[1]), Number(origin[0])];
      const last = placed[placed.length - 1];
      person.addLayer(L.marker(centre, { icon: L.divIcon({ className: "you", html: "<span></span>", iconSize: [24, 24] }),
        interactive: false, keyboard: false, alt: words.you, zIndexOffset: -1000 }));
      if (finder.around) {
        points.push(centre);
        rings(centre, (last && last.properties.distance_m) || RINGS_M[0]);
      }
    }
    quiet = true;
    if (points.length && finder.around !== false) map.fitBounds(points, { padding: [36, 36], maxZoom: 16, animate: false });
    quiet = false;
    here.hidden = true;
    draw();
  }

  map.on("autopanstart", () => { quiet = true; });
  map.on("moveend", () => {
    draw();
    if (!quiet) here.hidden = false;
    quiet = false;
  });
  here.addEventListener("click", () => {
    const bounds = map.getBounds();
    const wrap = (lon) => ((lon + 180) % 360 + 360) % 360 - 180;
    const all = bounds.getEast() - bounds.getWest() >= 360;
    finder.within([all ? -180 : wrap(bounds.getWest()), Math.max(-90, bounds.getSouth()),
      all ? 180 : wrap(bounds.getEast()), Math.min(90, bounds.getNorth())].map((degrees) => Number(degrees.toFixed(6))),
    tileDatum);
  });
  document.getElementById("site-list").addEventListener("pointerover", (event) => {
    const item = event.target.closest("[data-id]");
    markers.eachLayer((made) => {
      const shown = made.getElement();
      if (shown) shown.classList.toggle("lit", Boolean(item) && made.siteId === Number(item.dataset.id));
    });
  });
  finder.map = map;
  finder.listeners.push(update);
  update();
})();
