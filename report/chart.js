/* chart.js - a figure in its box: drawn, hovered over, saved
 *
 * Shared by the report and by the page that compares.
 */
const chart = (function () {
"use strict";

const { element, save } = base;
const root = document.documentElement;

function tile(value, label, kind) {
  return element("div", { class: "tile " + (kind || "") },
    element("b", {}, String(value)), element("span", {}, label));
}

/* ---- light and dark ---- */

const theme = () => root.dataset.theme;

/* The theme that the reader's system asks for, now and when it changes. */
function followTheme(changed) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const take = () => { root.dataset.theme = dark.matches ? "dark" : "light"; };
  take();
  dark.addEventListener("change", () => { take(); changed(); });
}

function switchTheme() {
  root.dataset.theme = theme() === "dark" ? "light" : "dark";
}

/* ---- drawing ---- */

/* One value as the specification's tooltip asks for it. */
function written(value, { format, type }) {
  if (value === null || value === undefined) return "\u2013";
  if (type === "temporal") return new Date(value).toISOString();
  if (typeof value !== "number" || !format) return String(value);
  return vega.defaultLocale().format(format)(value);
}

/* What a mark's tooltip says, from the lists that prepare() set aside. */
function hover(lists) {
  return ({ list, row }, html) => "<table>" + lists[list].map((part) =>
    `<tr><td class="key">${html(part.title || part.field)}</td>` +
    `<td class="value">${html(written(row[part.field], part))}</td></tr>`)
    .join("") + "</table>";
}

/* Draw what prepare() made into 'box'; gives vega-embed's result. */
async function draw(box, made, width) {
  const options = { mode: "vega", actions: false, ast: true, renderer: "svg",
    tooltip: { theme: theme(), formatTooltip: hover(made.tooltips) } };
  const { spec } = made;
  let result = await vegaEmbed(box, made.vega(), options);
  for (let turn = 0; spec.spec && turn < 4; turn++) {
    const over = Math.ceil(box.firstElementChild.scrollWidth - width);
    if (over <= 0) break; /* axes took more room than was guessed */
    result.finalize();
    spec.spec.width -= Math.ceil(over / spec.columns) + 2;
    result = await vegaEmbed(box, made.vega(), options);
  }
  return result;
}

/* ---- saving ---- */

const KINDS = { svg: "SVG", png: "PNG", csv: "data", spec: "Vega-Lite" };

/* Save what 'of' ({ id, spec, rows, result }) shows as one of KINDS. */
async function keep(kind, { id, spec, rows, result }) {
  if (kind === "csv") save(id + ".csv", base.csv(rows), "text/csv");
  else if (kind === "spec")
    save(id + ".vl.json", JSON.stringify({ ...spec, data: { values: rows } },
      null, 1), "application/json");
  else if (result && kind === "svg")
    save(id + ".svg", await result.view.toSVG(), "image/svg+xml");
  else if (result)
    save(id + ".png", await result.view.toImageURL("png", 2), "image/png");
}

/* A button for each of KINDS; 'now' gives what is shown when it is pressed. */
function tools(now) {
  return element("span", { class: "tools" }, ...Object.entries(KINDS).map(
    ([kind, label]) => element("button", { type: "button",
      onclick: async () => keep(kind, await now()) }, label)));
}

return { tile, theme, followTheme, switchTheme, draw, tools };
})();
