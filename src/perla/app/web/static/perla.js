// What the pages do in the browser beyond plain links and forms: maps, the price history, a select that submits itself.
"use strict";

(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const SHADES = ["#159a8c", "#3d9c92", "#5f9e98", "#7d9fa0", "#8fa1a8", "#a39d9a", "#b59683", "#c48d66", "#d38447", "#e07a1f"];

  // ---- maps -------------------------------------------------------------------------------------------------------
  const drawn = [];

  function startMap(box) {
    const map = L.map(box, {
      preferCanvas: true, zoomControl: false, attributionControl: false, zoomSnap: 0.5, fadeAnimation: !calm.matches,
      zoomAnimation: !calm.matches, minZoom: 3, maxZoom: 18, scrollWheelZoom: false,
    });
    L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const held = { map, box, lines: L.layerGroup().addTo(map), dots: L.layerGroup().addTo(map), marks: L.layerGroup().addTo(map), places: null };
    drawn.push(held);
    mark(held);
    fetch(box.dataset.map, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : { dots: [], lines: [] }))
      .then((places) => { held.places = places; ground(held); if (!held.framed) frame(held); })
      .catch(() => {});
  }

  function ground(held) {
    if (!held.places) return;
    held.lines.clearLayers();
    held.dots.clearLayers();
    for (const line of held.places.lines) {
      L.polyline(line, { color: colour("--muted"), weight: 1, opacity: 0.7, interactive: false }).addTo(held.lines);
    }
    for (const [lat, lon, rank] of held.places.dots) {
      L.circleMarker([lat, lon], { radius: 2, stroke: false, fillColor: SHADES[rank], fillOpacity: 0.45, interactive: false }).addTo(held.dots);
    }
  }

  function mark(held) {
    held.marks.clearLayers();
    const spots = [...document.querySelectorAll("[data-lat]")];
    held.framed = false;
    frame(held, spots);
    for (const spot of spots.reverse()) {
      const own = spot.dataset.place === "";
      const words = document.createElement("span");
      words.textContent = spot.dataset.place;
      const pin = L.marker([Number(spot.dataset.lat), Number(spot.dataset.lon)], {
        icon: L.divIcon({ className: own ? "pin own" : "pin", html: words, iconSize: own ? [22, 22] : [26, 26] }),
        title: spot.dataset.title, alt: spot.dataset.title, keyboard: Boolean(spot.dataset.href), interactive: Boolean(spot.dataset.href),
        zIndexOffset: own ? 200000 : (100 - Number(spot.dataset.place)) * 1000,
      }).addTo(held.marks);
      const shape = pin.getElement();
      shape.setAttribute("aria-label", spot.dataset.place ? `${spot.dataset.place}: ${spot.dataset.title}` : spot.dataset.title);
      shape.setAttribute("role", spot.dataset.href ? "link" : "img");
      if (spot.dataset.href) {
        const go = () => location.assign(spot.dataset.href);
        pin.on("click", go);
        shape.addEventListener("keydown", (event) => { if (event.key === "Enter") go(); });
      }
      join(spot, shape);
    }
  }

  function join(spot, shape) {
    if (spot.tagName !== "TR") return;
    const light = (on) => () => { spot.classList.toggle("lit", on); shape.classList.toggle("lit", on); };
    for (const one of [spot, shape]) {
      one.addEventListener("mouseenter", light(true));
      one.addEventListener("mouseleave", light(false));
      one.addEventListener("focusin", light(true));
      one.addEventListener("focusout", light(false));
    }
  }

  function frame(held, spots = [...document.querySelectorAll("[data-lat]")]) {
    const points = spots.map((spot) => [Number(spot.dataset.lat), Number(spot.dataset.lon)]);
    if (!points.length && held.places) points.push(...most(held.places.dots));
    if (!points.length) { held.map.setView([4.6, -74.1], 5); return; }
    held.map.fitBounds(L.latLngBounds(points).pad(0.12), { maxZoom: 15, animate: false });
    held.framed = true;
  }

  // The corners that hold all but the outermost fiftieth of the dots on each side.
  function most(dots) {
    if (!dots.length) return [];
    const ends = [0, 1].map((i) => dots.map((dot) => dot[i]).sort((a, b) => a - b));
    const edge = Math.floor(dots.length * 0.02);
    return [edge, dots.length - 1 - edge].map((at) => [ends[0][at], ends[1][at]]);
  }

  // ---- price history ----------------------------------------------------------------------------------------------
  function plot(box) {
    const days = JSON.parse(box.dataset.days), asked = JSON.parse(box.dataset.asked);
    const money = new Intl.NumberFormat(box.dataset.lang, { notation: "compact", maximumSignificantDigits: 3 });
    const monthly = box.dataset.plot === "months";
    const spell = monthly ? { month: "short", year: "2-digit", timeZone: "UTC" } : { day: "numeric", month: "short", timeZone: "UTC" };
    const day = new Intl.DateTimeFormat(box.dataset.lang, spell);
    const axis = () => ({ stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { show: false } });
    box.replaceChildren();
    new uPlot({
      width: box.clientWidth, height: 190, cursor: { show: false }, legend: { show: false },
      scales: { y: { range: (_, low, high) => [Math.max(0, low - (high - low || high) * 0.25), high + (high - low || high) * 0.25] } },
      axes: [{ ...axis(), values: (_, at) => at.map((v) => day.format(v * 1000)) }, { ...axis(), size: 64, values: (_, at) => at.map((v) => money.format(v)) }],
      series: [{}, { label: box.dataset.label, stroke: colour("--accent"), width: 2, ...(monthly ? {} : { paths: uPlot.paths.stepped({ align: 1 }) }), points: { show: true, size: 7, fill: colour("--card") } }],
    }, [days, asked], box);
  }

  // ---- a list that cannot be fetched --------------------------------------------------------------------------------
  function tellBroken() {
    const form = document.querySelector("[data-broken]"), results = document.getElementById("results");
    if (!form || !results) return;
    results.querySelector(".broken")?.remove();
    const told = document.createElement("p");
    told.className = "broken faults";
    told.setAttribute("role", "alert");
    told.textContent = form.dataset.broken;
    results.prepend(told);
  }

  // ---- all together -----------------------------------------------------------------------------------------------
  const plots = () => { if (window.uPlot) document.querySelectorAll("[data-plot]").forEach(plot); };

  function start() {
    if (window.L) document.querySelectorAll("[data-map]").forEach(startMap);
    plots();
    for (const choice of document.querySelectorAll("[data-submits]")) {
      choice.form.classList.add("scripted");
      choice.addEventListener("change", () => choice.form.submit());
    }
  }

  document.addEventListener("htmx:error", tellBroken);
  document.addEventListener("htmx:after:swap", () => drawn.forEach(mark));
  dark.addEventListener("change", () => { drawn.forEach(ground); plots(); });
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; plots(); } });
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
