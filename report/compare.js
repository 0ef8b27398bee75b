/* compare.js - draws what changed between two archives */
(async function () {
"use strict";

const { element, si, fillTable, save, csv, rowsFrom } = base;
const page = JSON.parse(document.getElementById("data").textContent);
const rows = rowsFrom(page.table);
const ROWS = 500;
const root = document.documentElement;

function tile(value, label, kind) {
  return element("div", { class: "tile " + kind },
    element("b", {}, String(value)), element("span", {}, label));
}

function drawSummary() {
  document.getElementById("byline").textContent =
    `A: ${page.a} \u00b7 B: ${page.b} \u00b7 ${page.scope} throughput`;
  document.getElementById("total").textContent = page.total;
  const kinds = { slower: "bad", faster: "good" };
  for (const [word, n] of Object.entries(page.counts))
    document.getElementById("tiles").append(tile(n, word,
      n ? kinds[word] || "" : ""));
  document.getElementById("tiles").append(tile(page.less_accurate,
    "less accurate", page.less_accurate ? "bad" : ""));
}

function drawTable() {
  const percent = (value) => value.toFixed(2);
  fillTable("compare-table", [["label", "op point"], ["batch", "batch"],
    ["a_repeats", "repeats A"], ["b_repeats", "repeats B"],
    ["a_fps", "images/s A", si], ["b_fps", "images/s B", si],
    ["text", "B against A"], ["top1_change_pct", "top-1, points", percent],
    ["accuracy", "accuracy"]], rows.slice(0, ROWS));
  document.getElementById("note").replaceChildren(rows.length > ROWS
    ? `The first ${ROWS} of ${rows.length} op points. ` : "",
  element("button", { type: "button",
    onclick: () => save("compare.csv", csv(rows), "text/csv") }, "all as CSV"));
}

let result = null;

async function drawFigure() {
  const box = document.getElementById("chart");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "dark" : "light";
  const made = prepare({ spec: page.spec }, rows, { width: box.clientWidth,
    theme: root.dataset.theme, scope: page.scope }, vegaLite);
  if (result) result.finalize();
  box.replaceChildren();
  box.dataset.state = made ? "drawn" : "absent";
  if (!made) {
    box.append(element("p", { class: "absent" },
      "No op point has a throughput on both sides."));
    return;
  }
  result = await vegaEmbed(box, made.vega(), { mode: "vega", actions: false,
    ast: true, renderer: "svg", tooltip: { theme: root.dataset.theme } });
}

function drawTools() {
  const tools = document.getElementById("tools");
  for (const [kind, label] of [["svg", "SVG"], ["png", "PNG"]])
    tools.append(element("button", { type: "button", onclick: async () => {
      if (result && kind === "svg")
        save("compare.svg", await result.view.toSVG(), "image/svg+xml");
      else if (result)
        save("compare.png", await result.view.toImageURL("png", 2),
          "image/png");
    } }, label));
}

drawSummary();
drawTable();
drawTools();
document.getElementById("caption").textContent = page.caption;
document.getElementById("footer").textContent = "labsweep " + page.version;
await drawFigure();
window.matchMedia("(prefers-color-scheme: dark)")
  .addEventListener("change", drawFigure);
root.dataset.report = "done";
})();
