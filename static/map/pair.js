// Two maps side by side that move together, each in a frame of its own, and what is different on them.
// geo/pair_maps.py says what; it is drawn along with each stage, on top of what work.js draws.
"use strict";

window.loTrinhPair = (function () {
  const {unpacked} = window.loTrinh.tools;
  const DIFFERS = {className: "differs", color: "#1f2d33", weight: 1.7, dashArray: "4 3", fill: false, interactive: false};
  const pair = {map: null, led: false, follow};

  /** The maps in the frames beside this one, where there are any that may be spoken to. */
  function others() {
    const found = [];
    for (let n = 0; n < window.parent.frames.length; n += 1) {
      try {
        const frame = window.parent.frames[n];
        if (frame !== window && frame.loTrinhPair && frame.loTrinhPair.map) found.push(frame.loTrinhPair);
      } catch (error) {
        if (error.name !== "SecurityError") throw error; // a frame of another origin is no map of ours
      }
    }
    return found;
  }

  function follow(lat, lng, zoom) {
    pair.led = true; // what this map does now is not its own doing, and must not come back
    pair.map.setView([lat, lng], zoom, {animate: false});
    pair.led = false;
  }

  function lead() {
    const size = pair.map.getSize();
    if (pair.led || !size.x || !size.y) return; // a frame that is not laid out yet has no centre to tell
    const {lat, lng} = pair.map.getCenter();
    for (const other of others()) other.follow(lat, lng, pair.map.getZoom());
  }

  function join(map) {
    pair.map = map;
    map.on("move zoomend", lead);
    new ResizeObserver(() => map.invalidateSize({pan: false})).observe(map.getContainer()); // both the same size
    lead();
  }

  const work = window.loTrinh.work;
  window.loTrinh.work = function (map, layer, told) {
    if (work) work(map, layer, told);
    const {communes, grid} = map.loTrinh.places;
    for (const n of told.differs || []) {
      layer.addLayer(L.polygon(unpacked(communes[n][4], grid), {pane: "groups", ...DIFFERS}));
    }
    if (pair.map !== map) join(map);
  };

  return pair;
})();
