// The map of a plan: the places are drawn once, then one stage after the other on top of them.
// Whatever comes from data is put on the page as text (textContent), never as markup.
"use strict";

window.loTrinh = (function () {
  const SVG = "http://www.w3.org/2000/svg";
  const STEP = 18; // pixels between the centres of two symbols that would overlap
  const MARGIN = 14; // pixels of paper around the province
  const MOST_SPREAD = 200; // symbols above which nobody is moved out of another's way
  const MOST_WEIGHED = 6000; // vertices by which room for the legend is looked for
  const ASIDE = [0, -10, 10, -20, 20, -32, 32].flatMap((dy) => [0, -24, 24, -48, 48].map((dx) => [dx, dy]));
  const LINE = {color: "#b9b4bd", weight: 0.6}; // around a commune
  const EXISTING = 0, NOW = 2; // a site's state; 1 is: opened in an earlier stage

  // --- small helpers ---------------------------------------------------------------------------

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function shape(tag, attributes, children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...(children || []));
    return made;
  }

  /** A site's symbol around (0, 0): filled when new, hollow when existing, ringed when of this stage.
      Where a place has several points, a disc with their number. */
  function symbol(kind, state, number) {
    const [, colour, path] = kind;
    const parts = [];
    if (number !== undefined) {
      const fill = state === EXISTING ? "#fff" : colour, ink = state === EXISTING ? colour : "#fff";
      const stroke = state === NOW ? "#1f2d33" : colour;
      parts.push(shape("circle", {r: 8.5, class: "symbol", stroke, fill}));
      const text = shape("text", {class: "number", fill: ink, "text-anchor": "middle", y: 3.5});
      text.textContent = number;
      return shape("g", {}, [...parts, text]);
    }
    if (state === NOW) parts.push(shape("circle", {r: 11, class: "ring"}));
    parts.push(shape("path", {d: path, class: "halo"}));
    parts.push(shape("path", {d: path, class: "symbol", stroke: colour, fill: state === EXISTING ? "#fff" : colour}));
    return shape("g", {}, parts);
  }

  function swatch(...content) {
    return shape("svg", {viewBox: "-12 -12 24 24", width: 20, height: 20}, content);
  }

  /** Rings from steps on the grid: [lat, lon, then differences]. */
  function unpacked(rings, grid) {
    return rings.map((steps) => {
      const ring = [];
      let lat = 0, lon = 0;
      for (let n = 0; n < steps.length; n += 2) {
        ring.push(new L.LatLng((lat += steps[n]) * grid, (lon += steps[n + 1]) * grid)); // as Leaflet keeps them
      }
      return ring;
    });
  }

  function spaced(value, words) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, words.thousands);
  }

  // --- the places, once ------------------------------------------------------------------------

  /** Draw `window.loTrinhPlaces`, as soon as all sheets are there: sizes are true only then, and ten thousand
      places that were drawn into a wrong one would be drawn again. */
  function draw(map, digest) {
    const frame = map.loTrinh = {
      places: window.loTrinhPlaces, digest, tones: [], communes: [], names: [], stage: null, lines: new Map(),
      drawn: false, waiting: [],
    };
    const absent = new Set([...document.querySelectorAll("link[rel=stylesheet]")].filter((link) => !link.sheet));
    const start = () => {
      if (frame.drawn) return;
      map.invalidateSize({animate: false});
      drawPlaces(map, frame);
      frame.drawn = true;
      for (const wanted of frame.waiting.splice(0)) wanted();
    };
    for (const link of absent) {
      for (const event of ["load", "error"]) { // without its looks a map is still a map
        link.addEventListener(event, () => absent.delete(link) && !absent.size && start());
      }
    }
    window.addEventListener("load", start); // a sheet that had failed before says nothing any more
    if (!absent.size) start();
  }

  function drawPlaces(map, frame) {
    const {places} = frame, grid = places.grid, extent = new L.LatLngBounds();
    for (const [name, z] of [["groups", 410], ["links", 420], ["names", 430]]) {
      map.createPane(name).style.zIndex = z;
      map.getPane(name).style.pointerEvents = "none";
    }
    places.communes.forEach(([, , , , rings], n) => {
      const look = {className: "commune", ...LINE, fillColor: "#fff", fillOpacity: 1};
      const commune = L.polygon(unpacked(rings, grid), look);
      commune.n = n;
      extent.extend(commune.getBounds());
      frame.communes.push(commune);
    });
    frame.fit = () => {
      const size = map.getSize(); // a frame that is not laid out yet has none, and no room for a margin
      const margin = Math.min(size.x, size.y) > 4 * MARGIN ? MARGIN : 0;
      map.fitBounds(extent, {padding: [margin, margin], animate: false});
      frame.size = size;
      if (frame.stage) makeRoom(map, frame);
    };
    frame.fit(); // before anything is drawn, lest all of it be drawn again
    const all = L.featureGroup(frame.communes).addTo(map); // hears for all of them: ten thousand listen slowly
    all.bindTooltip(({n}) => communeNote(frame, n), {sticky: true, className: "note", opacity: 1});
    all.on("mouseover", ({layer}) => layer.setStyle({color: "#1f2d33", weight: 1.6}).bringToFront());
    all.on("mouseout", ({layer}) => layer.setStyle(frame.lines.get(layer.n) || LINE));
    all.on("click", ({layer}) => pick(`commune:${layer.n}`));
    for (const [name, lat, lon, rings] of places.groups) {
      L.polygon(unpacked(rings, grid), {
        pane: "groups", className: "group", color: "#5f5a66", weight: 1.3, fill: false, interactive: false,
      }).addTo(map);
      if (places.named) writeName(map, frame, name, lat, lon);
    }
    for (const [name, lat, lon] of places.labels) writeName(map, frame, name, lat, lon);
    addControls(map, frame);
    const box = map.getContainer(); // which Leaflet focuses: a page that scrolls then would lose the click
    box.focus = () => HTMLElement.prototype.focus.call(box, {preventScroll: true});
    let touched = false; // by the reader; until then the map fills whatever frame it is given
    for (const event of ["pointerdown", "wheel", "keydown"]) {
      box.addEventListener(event, () => (touched = true), {passive: true});
    }
    map.on("resize", () => touched || frame.fit());
    map.on("zoomend", () => spread(map, frame));
    map.scrollWheelZoom.disable(); // the page scrolls; the map zooms by wheel once it was clicked
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
  }

  function writeName(map, frame, name, lat, lon) {
    const label = element("span", "", name), grid = frame.places.grid;
    const icon = L.divIcon({className: "group-name", html: label, iconSize: [0, 0]});
    const marker = L.marker([lat * grid, lon * grid], {pane: "names", icon, interactive: false, keyboard: false});
    frame.names.push({marker: marker.addTo(map), label});
  }

  function addControls(map, frame) {
    frame.zoom = L.control.zoom({position: "topleft"}).addTo(map);
    const home = L.control({position: "topleft"});
    home.onAdd = () => {
      const bar = element("div", "leaflet-bar");
      frame.home = element("a", "home");
      frame.home.href = "#";
      frame.home.setAttribute("role", "button");
      frame.home.append(shape("svg", {viewBox: "0 0 16 16", width: 16, height: 16}, [
        shape("path", {d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", class: "home-lines"}),
      ]));
      L.DomEvent.on(frame.home, "click", (event) => {
        L.DomEvent.stop(event);
        frame.fit();
      });
      bar.append(frame.home);
      return bar;
    };
    home.addTo(map);
    const legend = frame.corner = L.control({position: "bottomleft"});
    frame.legend = element("div", "legend");
    L.DomEvent.disableClickPropagation(frame.legend);
    legend.onAdd = () => frame.legend;
    legend.addTo(map);
    L.control.scale({position: "bottomright", imperial: false, maxWidth: 120}).addTo(map);
    const remark = L.control({position: "bottomright"});
    remark.onAdd = () => (frame.remark = element("div", "remark"));
    remark.addTo(map);
  }

  // --- a stage ---------------------------------------------------------------------------------

  /** Show `stage` (geo/maps.py, stage_data): colours on the communes, sites and links into `layer`. */
  function show(layer, stage) {
    const once = () => {
      const map = layer._map, frame = map.loTrinh;
      frame.stage = stage;
      frame.communes.forEach((commune, n) => {
        const tone = stage.colours[stage.bands[n]];
        if (tone !== frame.tones[n]) commune.setStyle({fillColor: frame.tones[n] = tone});
      });
      stage.links.forEach(([commune, site]) => addLink(layer, frame, commune, stage.sites[site]));
      frame.sites = stage.sites.map((site, n) => addSite(layer, frame, site, n));
      frame.bonds = [];
      if (loTrinh.work) loTrinh.work(map, layer, stage.work || {});
      spread(map, frame);
      describe(frame);
      if (!frame.placed) makeRoom(map, frame);
    };
    const ready = () => {
      const frame = layer._map.loTrinh;
      if (frame.drawn) once();
      else frame.waiting.push(() => layer._map && once()); // unless another stage has come in its place
    };
    if (layer._map) ready();
    else layer.once("add", ready);
  }

  function addLink(layer, frame, commune, [lat, lon, kind]) {
    const [, , south, west] = frame.places.communes[commune], grid = frame.places.grid;
    const ends = [[south * grid, west * grid], [lat, lon]];
    const colour = frame.stage.kinds[kind][1];
    layer.addLayer(L.polyline(ends, {
      pane: "links", className: "link", color: colour, weight: 1, opacity: 0.6, interactive: false,
    }));
  }

  /** Tell the page, if there is one around the map, what was clicked; no two clicks say the same. */
  function pick(what) {
    if (window.Streamlit) window.Streamlit.setComponentValue({picked: what, at: Date.now()});
  }

  function pickable(marker, what) {
    marker.on("click", () => pick(what));
    marker.on("add", () => marker.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      pick(what);
    }));
  }

  function addSite(layer, frame, site, n) {
    const [lat, lon, kind, state, premises, name, , , , , , number] = site;
    const leader = shape("line", {x1: 0, y1: 0, x2: 0, y2: 0, class: "leader"});
    const sign = symbol(frame.stage.kinds[kind], state, number);
    const html = shape("svg", {width: 1, height: 1, class: "site-sign"}, [leader, sign]);
    const icon = L.divIcon({className: "site", html, iconSize: [0, 0]});
    const marker = L.marker([lat, lon], {icon, zIndexOffset: 1000 * state, riseOnHover: true});
    marker.bindTooltip(() => siteNote(frame, site), {className: "note", opacity: 1, direction: "top", offset: [0, -8]});
    marker.on("add", () => marker.getElement().setAttribute("aria-label", name));
    const ids = (frame.stage.work || {}).ids;
    if (ids) pickable(marker, `site:${ids[n]}`);
    layer.addLayer(marker);
    return {marker, leader, sign, premises, kind, dx: 0, dy: 0};
  }

  /** Move symbols that would cover one another apart, and lead a line back to where each belongs. */
  function spread(map, frame) {
    const sites = frame.sites || [];
    if (sites.length > MOST_SPREAD) return;
    const beside = new Map();
    for (const site of sites) {
      site.home = map.latLngToContainerPoint(site.marker.getLatLng());
      site.place = beside.get(site.premises) || 0;
      beside.set(site.premises, site.place + 1);
    }
    for (const site of sites) {
      site.x = site.home.x + (site.place - (beside.get(site.premises) - 1) / 2) * STEP;
      site.y = site.home.y;
    }
    for (let turn = 0; turn < 80; turn += 1) {
      let moved = false;
      for (let a = 0; a < sites.length; a += 1) {
        for (let b = 0; b < a; b += 1) moved = push(sites[a], sites[b], a - b) || moved;
      }
      if (!moved) break;
    }
    for (const site of sites) {
      const dx = site.x - site.home.x, dy = site.y - site.home.y;
      site.sign.setAttribute("transform", `translate(${dx.toFixed(1)} ${dy.toFixed(1)})`);
      const far = Math.hypot(dx, dy) > STEP * 0.9;
      site.leader.setAttribute("x2", far ? dx : 0);
      site.leader.setAttribute("y2", far ? dy : 0);
      const note = site.marker.getTooltip();
      note.options.offset = L.point(dx, dy - 8);
      site.aside = [dx, dy];
    }
    for (const settle of frame.bonds) settle();
    placeNames(map, frame);
  }

  /** Put each group's name where it covers no symbol and no other name, as near to its place as can be. */
  function placeNames(map, frame) {
    const taken = frame.sites.map(({x, y}) => ({left: x - 9, right: x + 9, top: y - 9, bottom: y + 9}));
    for (const {marker, label} of frame.names) {
      const home = map.latLngToContainerPoint(marker.getLatLng());
      const width = label.offsetWidth / 2, height = label.offsetHeight / 2;
      let best = null;
      for (const [dx, dy] of ASIDE) {
        const x = home.x + dx, y = home.y + dy;
        const box = {left: x - width, right: x + width, top: y - height, bottom: y + height};
        const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
        const cost = covered + (covered ? 15 : 0) + Math.hypot(dx, dy) / 4;
        if (!best || cost < best.cost) best = {cost, box, dx, dy};
      }
      taken.push(best.box);
      label.style.left = `${best.dx}px`;
      label.style.top = `${best.dy}px`;
    }
  }

  function overlap(one, other) {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > 0 && high > 0 ? wide * high : 0;
  }

  function push(one, other, seed) {
    let dx = one.x - other.x, dy = one.y - other.y;
    let apart = Math.hypot(dx, dy);
    if (apart >= STEP - 0.05) return false;
    if (apart < 0.5) [dx, dy, apart] = [Math.cos(seed), Math.sin(seed), 1];
    const by = (STEP - apart) / 2 / apart;
    one.x += dx * by;
    one.y += dy * by;
    other.x -= dx * by;
    other.y -= dy * by;
    return true;
  }

  // --- words -----------------------------------------------------------------------------------

  function note(title, lines) {
    const box = element("div");
    box.append(element("b", "", title));
    for (const [label, value] of lines) {
      if (!label || label === title) continue;
      const line = element("div", value === undefined ? "remark-line" : "line");
      line.append(element("span", "", label));
      if (value !== undefined) line.append(element("span", "value", value));
      box.append(line);
    }
    return box;
  }

  function communeNote(frame, n) {
    const [name, group] = frame.places.communes[n];
    const lines = [[frame.places.groups[group][0]]];
    if (!frame.stage) return note(name, lines);
    const {words, figures, estimated, sites} = frame.stage;
    const [demand, served, full, out, minutes, site] = figures[n];
    const persons = (value) => spaced(value, words);
    const mark = estimated[n] === "1" ? ` (${words.estimated})` : "";
    if (demand !== null) lines.push([words.demand + mark, persons(demand)]);
    else if (words.unknown) lines.push([words.unknown]);
    if (served !== null) {
      lines.push([words.served, persons(served)]);
      if (full) lines.push([words.no_capacity, persons(full)]);
      lines.push([words.out_of_reach, persons(out)]);
    }
    if (site >= 0) {
      lines.push([words.nearest, minutes === null ? "" : `${persons(minutes)} ${words.minutes}`], [sites[site][5]]);
    } else if (words.none_near) lines.push([words.none_near]);
    return note(name, lines);
  }

  function siteNote(frame, [, , kind, state, , name, commune, group, opened, caseload, assumed]) {
    const {words, kinds} = frame.stage;
    const lines = [[kinds[kind][0]], [[commune, group].filter(Boolean).join(", ")]];
    if (state !== EXISTING && opened) lines.push([words.opened, opened]);
    else if (state === EXISTING && words.existing) lines.push([words.existing]);
    if (caseload !== null) lines.push([words.caseload, spaced(caseload, words)]);
    if (assumed) lines.push([words.assumed]);
    return note(name, lines);
  }

  function describe(frame) {
    const {words, kinds, colours, labels, sites} = frame.stage;
    const [zoomIn, zoomOut] = frame.zoom.getContainer().children;
    for (const [button, title] of [[zoomIn, words.zoom_in], [zoomOut, words.zoom_out], [frame.home, words.home]]) {
      button.title = title;
      button.setAttribute("aria-label", title);
    }
    frame.remark.textContent = words.note;
    frame.remark.hidden = !words.note;
    const scale = element("div", "bands");
    labels.forEach((label, n) => {
      const cell = element("div", "band");
      const tone = element("i");
      tone.style.background = colours[n];
      cell.append(tone, element("span", "", label));
      scale.append(cell);
    });
    const rows = [element("b", "", words.shade)];
    if (labels.length) rows.push(scale);
    kinds.forEach((kind, n) => {
      const states = new Set(sites.filter((site) => site[2] === n).map((site) => site[3]));
      rows.push(legendRow([...states].sort().map((state) => swatch(symbol(kind, state))), kind[0]));
    });
    const key = [words.legend_existing, words.legend_new, words.legend_now].filter(Boolean).join(" · ");
    if (key) rows.push(element("div", "small", key));
    rows.push(...(frame.legendRows || []));
    frame.legend.setAttribute("aria-label", words.legend);
    frame.legend.replaceChildren(...rows);
  }

  /** Vertices of the communes, at most MOST_WEIGHED, evenly from all of them. */
  function someVertices(communes) {
    const rings = communes.flatMap((commune) => commune.getLatLngs());
    const every = Math.ceil(rings.reduce((sum, ring) => sum + ring.length, 0) / MOST_WEIGHED);
    const found = [];
    let n = 0;
    for (const ring of rings) {
      for (; n < ring.length; n += every) found.push(ring[n]);
      n -= ring.length;
    }
    return found;
  }

  /** Put the legend into the corner, and the province where the frame has room for it, so that least is hidden. */
  function makeRoom(map, frame) {
    frame.placed = true; // and kept there: a legend that jumps from stage to stage is worse than one that hides
    const {x, y} = map.getSize(), {offsetWidth: width, offsetHeight: height} = frame.legend;
    const corners = {bottomleft: [0, y - height - 10], topright: [x - width - 10, 0]};
    const points = someVertices(frame.communes).map((point) => map.latLngToContainerPoint(point));
    for (const site of frame.sites) points.push(...Array(50).fill(site.home)); // more than a bend of a border
    const [west, east] = [Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))];
    const [north, south] = [Math.min(...points.map((p) => p.y)), Math.max(...points.map((p) => p.y))];
    let best = null;
    for (const [corner, [left, top]] of Object.entries(corners)) {
      for (const dx of [0, MARGIN - west, x - MARGIN - east]) {
        for (const dy of [0, MARGIN - north, y - MARGIN - south]) {
          const hidden = points.filter((p) => p.x + dx > left - 8 && p.x + dx < left + width + 18
            && p.y + dy > top - 8 && p.y + dy < top + height + 18).length;
          const cost = hidden + Math.hypot(dx, dy) / 1e4;
          if (!best || cost < best.cost) best = {cost, corner, dx, dy};
        }
      }
    }
    if (best.corner !== frame.corner.options.position) frame.corner.setPosition(best.corner);
    if (best.dx || best.dy) map.panBy([-best.dx, -best.dy], {animate: false});
    spread(map, frame);
  }

  function legendRow(signs, label) {
    const row = element("div", "row");
    const box = element("span", "signs");
    box.append(...signs);
    row.append(box, element("span", "", label));
    return row;
  }

  return {draw, show, tools: {LINE, element, shape, note, pick, pickable, unpacked, swatch, legendRow}};
})();
