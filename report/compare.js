/* compare.js - draws what changed between two archives */
(async function () {
"use strict";

const { element, si, fillTable, save, csv, rowsFrom } = base;
const { tile } = chart;
const page = JSON.parse(document.getElementById("data").textContent);
const rows = rowsFrom(page.table);
const ROWS = 500;

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
    ["mcnemar_p", "McNemar p", (p) => p.toPrecision(2)],
    ["accuracy", "accuracy"]], rows.slice(0, ROWS));
  document.getElementById("note").replaceChildren(rows.length > ROWS
    ? `The first ${ROWS} of ${rows.length} op points. ` : "",
  element("button", { type: "button",
    onclick: () => save("compare.csv", csv(rows), "text/csv") }, "all as CSV"));
}

let result = null;

async function drawFigure() {
  const box = document.getElementById("chart"), width = box.clientWidth;
  const made = prepare({ spec: page.spec }, rows, { width,
    theme: chart.theme(), scope: page.scope }, vegaLite);
  if (result) result.finalize();
  box.replaceChildren();
  box.dataset.state = made ? "drawn" : "absent";
  if (made)
    result = await chart.draw(box, made, width);
  else
    box.append(element("p", { class: "absent" },
      "No op point has a throughput on both sides."));
}

drawSummary();
drawTable();
document.getElementById("tools").replaceWith(chart.tools(
  async () => ({ id: "compare", spec: page.spec, rows, result })));
chart.followTheme(drawFigure);
document.getElementById("caption").textContent = page.caption;
document.getElementById("footer").textContent = "labsweep " + page.version;
await drawFigure();
document.documentElement.dataset.report = "done";
})();
