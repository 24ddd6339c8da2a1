// The page of a plan: a slider over its stages, a choice of service, and the figures that go with them.
// Whatever comes from data is put on the page as text (textContent), never as markup.
"use strict";

(function () {
  const {stages, numbers, shown, told, canvas} = window.loTrinhPage;
  const at = (id) => document.getElementById(id);
  const slider = at("stage"), service = at("service");
  const map = L.map("map", {
    center: [0, 0], zoom: 1, zoomControl: false, attributionControl: false, zoomSnap: 0.1, zoomDelta: 0.5,
    fadeAnimation: false, preferCanvas: canvas,
  });
  loTrinh.draw(map, "");
  let layer = null;

  function element(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function show() {
    const n = Number(slider.value), which = service ? Number(service.value) : 0;
    const now = told[which][n];
    if (layer) map.removeLayer(layer);
    layer = L.featureGroup().addTo(map);
    loTrinh.show(layer, shown[which][n]);
    at("spoken").textContent = stages[n];
    slider.setAttribute("aria-valuetext", stages[n]);
    at("title").textContent = now.title;
    at("of").textContent = now.of;
    at("opened").textContent = now.opened;
    at("bar").firstElementChild.style.width = `${100 * now.bar}%`;
    at("figures").replaceChildren(...now.figures.flatMap(([label, value]) => [element("dt", label), element("dd", value)]));
    for (const row of document.querySelectorAll("[data-stage]")) {
      row.classList.toggle("now", Number(row.dataset.stage) === numbers[n] && numbers[n] >= 0);
      row.classList.toggle("later", Number(row.dataset.stage) > numbers[n]);
    }
  }

  slider.addEventListener("input", show);
  if (service) service.addEventListener("change", show);
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  const folded = document.querySelectorAll("details:not([open])");
  function printing(now) {
    document.body.classList.toggle("printing", now);
    for (const part of folded) part.open = now; // paper cannot be unfolded
    map.invalidateSize({animate: false});
  }
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
  show();
})();
