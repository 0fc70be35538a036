/* How the units of the map are drawn. The server decides what each unit says (atlas/web/map.py):
   paint.units[id] = [fill, text, radius, mark], fill an index of paint.palette or the name of a
   sign, mark a class that is drawn as an outline: paint.marks[mark] is its colour and its width. */
(function () {
  "use strict";
  const atlas = (window.atlas = window.atlas || {});
  const LINES = { region: [1.4, 7], cercle: [0.8, 5], commune: [0.4, 2.6] };
  const EMPTY = { palette: [], units: {}, level: "region", selected: null, signs: {}, labels: "all", focus: "" };
  let announceDrawn;

  atlas.paint = EMPTY;
  atlas.drawn = new Promise((resolve) => { announceDrawn = resolve; });

  function fillOf(entry) {
    if (!entry) return "#ffffff";
    const [fill] = entry;
    return typeof fill === "number" ? atlas.paint.palette[fill] : atlas.paint.signs[fill] || "#ffffff";
  }

  /* What is drawn and is no unit (basis "limit"): white gaps in the lines of units, where a
     limit is estimated. */
  const GAPS = { color: "#ffffff", weight: 2, dashArray: "3 4", lineCap: "butt", fill: false, interactive: false, className: "limit" };

  function style(feature) {
    const { id, level, basis } = feature.properties;
    if (basis === "limit") return GAPS;
    const entry = atlas.paint.units[id];
    const chosen = id === atlas.paint.selected;
    const mark = entry && entry[3];
    const ringed = entry && (atlas.paint.ringed || mark);
    const [weight] = LINES[level] || LINES.region;
    return {
      color: mark ? atlas.paint.marks[mark][0] : chosen || ringed ? "#4a4a4a" : "#8c8c8c",
      weight: weight + (chosen ? 2.2 : mark ? atlas.paint.marks[mark][1] : ringed ? 1.2 : 0),
      opacity: entry ? 1 : 0.35,
      fillColor: fillOf(entry),
      fillOpacity: entry ? 1 : 0,
      className: "unit",
    };
  }

  function pointToLayer(feature, latlng) {
    const entry = atlas.paint.units[feature.properties.id];
    const [, smallest] = LINES[feature.properties.level] || LINES.region;
    return L.circleMarker(latlng, { className: "unit", radius: entry ? entry[2] || smallest : 1.5 });
  }

  function lines(feature) {
    const entry = atlas.paint.units[feature.properties.id];
    const { name, basis } = feature.properties;
    const beneath = (atlas.paint.bases || {})[basis];
    return [name, ...(entry ? entry[1].split("\n") : []), ...(beneath ? [beneath] : [])];
  }

  function say(feature) {
    const card = document.createElement("div");
    lines(feature).forEach((line, i) => {
      const row = card.appendChild(document.createElement(i ? "div" : "strong"));
      row.textContent = line;
    });
    return card;
  }

  /* The zone that the keyboard stands on: it has the focus again where the map is drawn anew,
     and its keys are answered meanwhile. */
  let focused = null;
  document.addEventListener("focusin", (event) => { if (!event.target.matches("path.unit")) focused = null; });
  document.addEventListener("pointerdown", () => { focused = null; });
  document.addEventListener("keydown", (event) => { if (event.target === document.body) openZone(event, focused); });
  function focusAgain() {
    const path = focused && document.activeElement === document.body
      && document.querySelector(`path.unit[data-unit="${CSS.escape(focused)}"]`);
    if (path) path.focus({ preventScroll: true });
  }
  function openZone(event, zone) {
    if (!zone || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) atlas.toggleZone(zone);
    else atlas.go({ zone, org: "", funder: "" });
  }

  function focusable(layer, feature) {
    const path = layer.getElement && layer.getElement();
    if (!path) return;
    path.setAttribute("role", "button");
    path.setAttribute("tabindex", feature.properties.level === "commune" ? "-1" : "0");
    path.setAttribute("aria-label", lines(feature).join(", "));
    path.dataset.unit = feature.properties.id;
    path.addEventListener("focus", () => { focused = feature.properties.id; });
    path.addEventListener("keydown", (event) => openZone(event, feature.properties.id));
  }

  function label(layer, feature) {
    const entry = atlas.paint.units[feature.properties.id];
    const named = atlas.paint.labels === "all" || (atlas.paint.labels === "known" && entry && typeof entry[0] === "number");
    if (!named || !entry || !layer.getTooltip) return;
    const words = document.createElement("span");
    words.textContent = feature.properties.name;
    const point = feature.geometry.type === "Point";
    layer.bindTooltip(words, {
      permanent: true, interactive: false, className: "unit-label",
      direction: point ? "bottom" : "center", offset: point ? [0, layer.options.radius - 2] : [0, 0],
    });
  }

  /* A zone is entered by two clicks quickly. They are counted by zone, not by
     shape: the first click may draw the map anew, and the browser sees no double click then. */
  const DOUBLE_CLICK_MS = 700; // fingers are slower than a mouse
  let pressed = { id: null, at: 0 };
  function press(id, at) {
    const twice = pressed.id === id && at - pressed.at < DOUBLE_CLICK_MS;
    pressed = twice ? { id: null, at: 0 } : { id, at };
    atlas.go(twice ? { unit: [id], level: atlas.paint.inner, zone: "", org: "", funder: "" } : { zone: id, org: "", funder: "" });
  }

  function onEachFeature(feature, layer, context) {
    const map = context.map;
    if (feature.properties.basis === "limit") return;
    const tip = L.tooltip({ className: "unit-tip", opacity: 1, offset: [12, 0] });
    layer.on("add", () => focusable(layer, feature));
    layer.on("mouseover", (event) => map.openTooltip(tip.setContent(say(feature)).setLatLng(event.latlng)));
    layer.on("mousemove", (event) => tip.setLatLng(event.latlng));
    layer.on("mouseout remove", () => map.closeTooltip(tip));
    layer.on("click", ({ originalEvent }) => {
      if (originalEvent.ctrlKey || originalEvent.metaKey) atlas.toggleZone(feature.properties.id);
      else press(feature.properties.id, originalEvent.timeStamp);
    });
    label(layer, feature);
    follow(map);
    clearTimeout(settling);
    settling = setTimeout(() => settle(map), 0);
  }

  const MALI = [[10.1, -12.3], [25.05, 4.35]];
  let settling;
  let framed = "";
  /* Once all units are drawn: the small stand before the large, the known before the unknown,
     and the zones that figures are held to fill the frame. */
  function settle(map) {
    const units = [];
    map.eachLayer((layer) => {
      if (layer.feature && layer.feature.properties.level && layer.bringToFront) units.push(layer);
    });
    const known = (layer) => { const e = atlas.paint.units[layer.feature.properties.id]; return e && typeof e[0] === "number"; };
    const circles = units.filter((layer) => layer.getRadius);
    circles.sort((a, b) => known(a) - known(b) || b.getRadius() - a.getRadius());
    circles.forEach((layer) => layer.bringToFront());
    if (framed !== atlas.paint.focus || (framed && !map.atlasFramed)) frame(map, units);
    labelled = units.filter((layer) => layer.getTooltip && layer.getTooltip());
    labelled.sort((a, b) => rank(b) - rank(a));
    declutter();
    focusAgain();
    announceDrawn();
  }

  let labelled = [];
  function rank(layer) {
    const [fill] = atlas.paint.units[layer.feature.properties.id] || [];
    return typeof fill === "number" ? fill : -1;
  }

  /* Where names would cover each other, the zone with the larger figure keeps its own; towns
     come last, and not where the zone beside has the same name. */
  function declutter() {
    const placed = [];
    const zones = labelled.map((layer) => layer.getTooltip().getElement());
    const towns = document.querySelectorAll(".town-label");
    [...zones, ...towns].forEach((words) => {
      if (!words) return;
      const box = words.getBoundingClientRect();
      const covered = placed.some(([other, name]) => (name === words.textContent && words.matches(".town-label"))
        || (box.left < other.right - 2 && box.right > other.left + 2 && box.top < other.bottom - 3 && box.bottom > other.top + 3));
      words.style.visibility = covered ? "hidden" : "visible";
      if (!covered) placed.push([box, words.textContent]);
    });
  }

  function frame(map, units) {
    framed = atlas.paint.focus;
    map.atlasFramed = true;
    const inside = units.filter((layer) => atlas.paint.units[layer.feature.properties.id]);
    const bounds = L.latLngBounds(MALI);
    if (framed && inside.length) {
      const points = inside.map((layer) => (layer.getBounds ? layer.getBounds() : layer.getLatLng()));
      const near = L.latLngBounds([]);
      points.forEach((point) => near.extend(point));
      map.fitBounds(near.pad(0.15), { animate: false, maxZoom: 9 });
    } else {
      map.fitBounds(bounds, { animate: false });
    }
  }

  /* Paper takes the map as it is on the screen, made smaller where the sheet is narrower. */
  const SHEET_PX = 690;
  function tellPaper(box) {
    const place = box.parentElement.style;
    place.setProperty("--map-width", box.clientWidth + "px");
    place.setProperty("--map-height", box.clientHeight + "px");
    place.setProperty("--map-zoom", Math.min(1, SHEET_PX / Math.max(box.clientWidth, 1)));
  }

  /* Leaflet speaks English; the page has its own words. */
  function nameZoom(box) {
    ["in", "out"].forEach((way, i) => {
      const button = box.querySelector(".leaflet-control-zoom-" + way);
      if (!button || !atlas.paint.zoom) return;
      button.title = atlas.paint.zoom[i];
      button.setAttribute("aria-label", atlas.paint.zoom[i]);
    });
  }

  /* The country stays framed when its box changes size (side column widened, phone turned). */
  function follow(map) {
    if (map.atlasFollowed) return;
    map.atlasFollowed = true;
    atlas.leaflet = map;
    map.doubleClickZoom.disable(); // two clicks go into a zone
    nameZoom(map.getContainer());
    const watching = new ResizeObserver(() => {
      if (!window.matchMedia("print").matches) tellPaper(map.getContainer());
      map.invalidateSize({ animate: false });
      if (!framed) map.fitBounds(MALI, { animate: false });
    });
    watching.observe(map.getContainer());
    map.on("moveend zoomend", declutter);
    map.on("unload", () => watching.disconnect());
  }

  let naming; // the towns may be drawn after the zones
  function townPoint(feature, latlng) {
    const dot = L.circleMarker(latlng, { pane: "base-towns", radius: 2.4, weight: 1, color: "#ffffff", fillColor: "#4a4a4a", fillOpacity: 1 });
    const words = document.createElement("span");
    words.textContent = feature.properties.name;
    const large = feature.properties.rank <= 6;
    if (!large) return dot;
    clearTimeout(naming);
    naming = setTimeout(declutter, 0);
    return dot.bindTooltip(words, {
      permanent: true, direction: "right", offset: [2, 0], className: "town-label", pane: "base-towns",
    });
  }

  /* Dated facts: hatched by type, grey once out of date. */
  function hatch(ink, angle) {
    const id = "fact-" + ink.slice(1) + "-" + angle;
    if (!document.getElementById(id)) {
      const made = new DOMParser().parseFromString(
        `<svg xmlns="http://www.w3.org/2000/svg"><pattern id="${id}" width="7" height="7" patternUnits="userSpaceOnUse" `
        + `patternTransform="rotate(${angle})"><rect width="1.3" height="7" fill="${ink}"/></pattern></svg>`, "image/svg+xml");
      const home = document.querySelector("#no-data").parentNode;
      home.appendChild(document.importNode(made.documentElement.firstChild, true));
    }
    return "url(#" + id + ")";
  }

  function fact(feature) {
    const { ink, angle, stale } = feature.properties;
    return {
      color: ink, weight: feature.geometry.type.endsWith("LineString") ? 4 : 1.8,
      dashArray: stale ? "4 4" : null, fillColor: hatch(ink, angle), fillOpacity: 1, className: "fact",
    };
  }

  function factPoint(feature, latlng) {
    return L.circleMarker(latlng, { pane: "facts", radius: 7 });
  }

  function tellFact(feature, layer) {
    const card = document.createElement("div");
    feature.properties.words.split("\n").forEach((line, i) => {
      card.appendChild(document.createElement(i ? "div" : "strong")).textContent = line;
    });
    layer.bindTooltip(card, { className: "unit-tip", sticky: true, opacity: 1 });
  }

  const outline = () => ({ color: "#8c8c8c", weight: 1, fillColor: "#ffffff", fillOpacity: 1 });
  const rivers = () => ({ color: "#82b5e9", weight: 1.2, fill: false });
  const towns = () => ({});

  atlas.map = { outline, rivers, towns, style, pointToLayer, onEachFeature, townPoint, fact, factPoint, tellFact };
})();
