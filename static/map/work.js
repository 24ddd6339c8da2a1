// The map as a workplace: what is chosen, pinned, forbidden, linked, and how far a point reaches.
// geo/workplace.py says what; map.js calls this each time it shows a stage.
"use strict";

window.loTrinh.work = (function () {
  const {LINE, shape, note, pick, pickable, unpacked, swatch, legendRow} = window.loTrinh.tools;
  const INK = "#1f2d33", CHOSEN = "#c2410c";
  const PIN = "M-2.6 -5.4h5.2l-.7 3.4 1.9 2v1.3h-3.2v4.2h-1.2v-4.2h-3.2v-1.3l1.9 -2z"; // a drawing pin
  const NEVER = "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zM-4.2 -4.2L4.2 4.2"; // a ring, struck through
  const ROOM = 15; // pixels between the centre of a mark and that of whatever stands there
  const ASIDE = [[0, 0], ...[16, 28, 40].flatMap((far) => [0, 1, 2, 3, 4, 5, 6, 7].map((n) => (
    [far * Math.cos(n * Math.PI / 4), -far * Math.sin(n * Math.PI / 4)])))];

  /** Everything lives in `layer` and goes with it, but for the outlines of communes, which are put back. */
  return function work(map, layer, told) {
    const frame = map.loTrinh;
    for (const name of ["areas", "ties"]) {
      if (map.getPane(name)) continue;
      map.createPane(name).style.zIndex = name === "areas" ? 405 : 425;
      map.getPane(name).style.pointerEvents = "none";
    }
    outlines(frame, told);
    for (const area of told.areas || []) addArea(layer, frame, area);
    for (const commune of told.served || []) addLine(layer, frame, commune, told.at, told.colour);
    const marks = [];
    for (const place of told.places || []) {
      if (place[2] === "other") marks.push(addMark(layer, place, told.words));
      else addPlace(layer, frame, place, told.words);
    }
    frame.moving = marks.length > 0;
    frame.legendRows = frame.moving ? [legendRow([swatch(mark())], told.words.other)] : [];
    frame.bonds.push(() => setAside(map, frame, marks));
    hearEscape(map, frame);
    for (const tie of told.ties || []) addTie(map, layer, frame, tie);
    for (const n of told.pinned || []) badge(frame.sites[n]);
    if (told.site !== undefined) ring(frame.sites[told.site].sign);
  };

  function outlines(frame, {commune, served, groups}) {
    for (const n of frame.lines.keys()) frame.communes[n].setStyle(LINE);
    frame.lines.clear();
    for (const n of groups || []) frame.lines.set(n, {color: CHOSEN, weight: 1.6});
    for (const n of served || []) frame.lines.set(n, {color: INK, weight: 1.4});
    if (commune !== undefined) frame.lines.set(commune, {color: CHOSEN, weight: 3});
    for (const [n, style] of frame.lines) frame.communes[n].setStyle(style).bringToFront();
  }

  function addArea(layer, frame, [colour, metres, lat, lon, rings]) {
    const look = {pane: "areas", className: "area", color: colour, weight: 1.2, dashArray: "5 4", fillColor: colour,
      fillOpacity: 0.035, interactive: false};
    layer.addLayer(rings ? L.polygon(unpacked(rings, frame.places.grid), look)
      : L.circle([lat, lon], {...look, radius: metres}));
  }

  function addLine(layer, frame, commune, at, colour) {
    const [, , lat, lon] = frame.places.communes[commune], grid = frame.places.grid;
    layer.addLayer(L.polyline([[lat * grid, lon * grid], at], {
      pane: "links", className: "served", color: colour, weight: 1.6, opacity: 0.85, interactive: false,
    }));
  }

  /** A place without a point: forbidden, chosen, or one to move to. */
  function addPlace(layer, frame, [lat, lon, state, colour, path, name, where, id], words) {
    const sign = shape("g", {}, [
      shape("path", {d: path, class: "halo"}),
      shape("path", state === "forbidden" ? {d: NEVER, class: "never"}
        : {d: path, class: "symbol", stroke: colour, fill: "#fff", "stroke-dasharray": "2.5 2"}),
    ]);
    if (state === "chosen") ring(sign);
    const html = shape("svg", {width: 1, height: 1, class: "site-sign"}, [sign]);
    const marker = L.marker([lat, lon], {icon: L.divIcon({className: `place ${state}`, html, iconSize: [0, 0]})});
    marker.bindTooltip(() => note(name, [[where], [words[state]]]),
      {className: "note", opacity: 1, direction: "top", offset: [0, -8]});
    marker.on("add", () => marker.getElement().setAttribute("aria-label", name));
    pickable(marker, `site:${id}`);
    layer.addLayer(marker);
  }

  /** Where what is chosen may move to: smaller than any point, and a dot within a ring, as no point is. */
  function mark() {
    return shape("g", {}, [
      shape("circle", {r: 12, class: "reach"}), shape("circle", {r: 6, class: "mark"}), shape("circle", {r: 2, class: "dot"}),
    ]);
  }

  function addMark(layer, [lat, lon, , , , name, where, id, remark], words) {
    const leader = shape("line", {x1: 0, y1: 0, x2: 0, y2: 0, class: "leader"}), sign = mark();
    const html = shape("svg", {width: 1, height: 1, class: "site-sign"}, [leader, sign]);
    const icon = L.divIcon({className: "place other", html, iconSize: [0, 0]});
    const marker = L.marker([lat, lon], {icon, zIndexOffset: 3000, riseOnHover: true});
    marker.bindTooltip(() => note(name, [[where], [words.other], [remark]]),
      {className: "note", opacity: 1, direction: "top", offset: [0, -8]});
    const said = [`${words.other}: ${name}`, where, remark].filter(Boolean).join(", ");
    marker.on("add", () => marker.getElement().setAttribute("aria-label", said));
    pickable(marker, `move:${id}`);
    layer.addLayer(marker);
    return {marker, leader, sign};
  }

  /** Put each mark where it covers neither a point nor another mark, and lead a line back to its place. */
  function setAside(map, frame, marks) {
    const taken = frame.sites.map(({x, y}) => [x, y]);
    for (const {marker, leader, sign} of marks) {
      const {x, y} = map.latLngToContainerPoint(marker.getLatLng());
      const free = ([dx, dy]) => taken.every(([a, b]) => Math.hypot(x + dx - a, y + dy - b) >= ROOM);
      const [dx, dy] = ASIDE.find(free) || ASIDE[0];
      taken.push([x + dx, y + dy]);
      sign.setAttribute("transform", `translate(${dx.toFixed(1)} ${dy.toFixed(1)})`);
      leader.setAttribute("x2", dx);
      leader.setAttribute("y2", dy);
      marker.getTooltip().options.offset = L.point(dx, dy - 8);
    }
  }

  function hearEscape(map, frame) {
    if (frame.hearsEscape) return;
    frame.hearsEscape = true;
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Escape" && frame.moving) pick("stay:");
    });
  }

  /** From a point to what it stands beside or is fed by: a bar between two symbols, or a dashed line. */
  function addTie(map, layer, frame, [one, other]) {
    const [a, b] = [frame.sites[one], frame.sites[other]];
    const line = L.polyline([a.marker.getLatLng(), b.marker.getLatLng()], {
      pane: "ties", className: "tie", color: INK, weight: a.premises === b.premises ? 4 : 1.8, interactive: false,
      dashArray: a.premises === b.premises ? null : "2 5",
    });
    layer.addLayer(line);
    const ends = () => line.setLatLngs([a, b].map((site) => {
      const [dx, dy] = site.aside || [0, 0];
      return map.layerPointToLatLng(map.latLngToLayerPoint(site.marker.getLatLng()).add([dx, dy]));
    }));
    frame.bonds.push(ends);
  }

  function badge(site) {
    site.sign.append(shape("g", {transform: "translate(8 -9) rotate(25)"}, [
      shape("path", {d: PIN, class: "halo"}), shape("path", {d: PIN, class: "pin"}),
    ]));
  }

  function ring(sign) {
    sign.append(shape("circle", {r: 13.5, class: "chosen-ring"}));
  }
})();
