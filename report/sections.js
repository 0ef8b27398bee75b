/* sections.js - what stands around the figures: first screen and tables */
const sections = (function () {
"use strict";

const { element, si, fillTable, save, csv, rowsFrom } = base;
const { tile } = chart;
const page = JSON.parse(document.getElementById("data").textContent);

/* Tables are made of what the page carries when they are first asked for. */
const tables = {};
for (const [name, table] of Object.entries(page.tables))
  Object.defineProperty(tables, name, { configurable: true, get() {
    const value = rowsFrom(table);
    Object.defineProperty(tables, name, { value });
    return value;
  } });

const FAILED = ["failed", "timeout", "invalid", "unreachable"];
const TABLE_ROWS = 500, PAPER_ROWS = 40; /* also in page.css */

/* ---- the first screen ---- */

function count(source, words) {
  return words.reduce((sum, word) => sum + (source.counts[word] || 0), 0);
}

function drawSummary() {
  const kinds = ["measured", "emulated", "published"]; /* what counts first */
  const of = (kind) => page.sources.filter((s) => kind === kinds.find(
    (word) => s.provenance.includes(word)));
  const first = kinds.find((kind) => of(kind).length);
  const main = first ? of(first) : page.sources;
  const sum = (words) => main.reduce((n, s) => n + count(s, words), 0);
  const planned = main.reduce((n, s) => n + s.cells, 0);
  const ok = sum(["ok"]), failed = sum(FAILED), na = sum(["na"]);
  const boards = new Set(main.flatMap((s) => s.boards));
  const tiles = document.getElementById("tiles");
  tiles.append(tile(planned, "cells planned"), tile(ok, "ok", "good"),
    tile(failed, "failed", failed ? "bad" : ""), tile(na, "not applicable"),
    tile(planned - ok - failed - na, "not run"),
    tile(boards.size || "\u2013", boards.size === 1 ? "board" : "boards"));
  for (const kind of kinds) {
    const cells = of(kind).reduce((n, s) => n + count(s, ["ok"]), 0);
    if (kind !== first && cells)
      tiles.append(tile(cells, kind + ", to compare"));
  }
  const dates = main.flatMap((s) => [s.first, s.last]).filter(Boolean).sort();
  const byline = dates.length
    ? (first === "emulated" ? "Emulated " : "Measured ") + dates[0] + " to " + dates[dates.length - 1] : "";
  document.getElementById("byline").textContent = [
    main.map((s) => s.lab).filter(Boolean).join(", "), byline,
    page.generated ? "report of " + page.generated : "",
  ].filter(Boolean).join(" \u00b7 ");
  const lead = document.getElementById("lead");
  for (const line of page.lead) lead.append(element("li", {}, line));
  drawSources();
}

function drawSources() {
  const head = ["archive", "provenance", "cells", "ok", "failed", "na",
    "boards", "first attempt", "last attempt"];
  const numbers = new Set(["cells", "ok", "failed", "na"]);
  const table = document.getElementById("sources");
  table.append(element("tr", {}, ...head.map((name) => element("th",
    { class: numbers.has(name) ? "number" : null }, name))));
  for (const s of page.sources) {
    const cells = [s.name, s.provenance.join(", "), s.cells, count(s, ["ok"]),
      count(s, FAILED), count(s, ["na"]), s.boards.join(", ") || "\u2013",
      s.first || "\u2013", s.last || "\u2013"];
    table.append(element("tr", {}, ...cells.map((value, i) => element("td",
      { class: numbers.has(head[i]) ? "number" : null }, String(value)))));
  }
}

/* Columns without that of archives, if there is but one. */
function onePerArchive(columns) {
  return page.sources.length > 1 ? columns
    : columns.filter(([field]) => field !== "source");
}

/* ---- what is odd, and what was measured ---- */

const WORST = 4, FINDINGS = 100;

function weighed(row) {
  return element("span", { class: "weight is-" + row.weight }, row.weight);
}

/* Worst first, whatever archive they are of. */
function byWeight(rows) {
  const weights = ["wrong", "doubt", "note"];
  return rows.slice().sort((a, b) =>
    weights.indexOf(a.weight) - weights.indexOf(b.weight));
}

/* " (mine)", where there are several archives. */
function ofSource(row) {
  return page.sources.length > 1 ? ` (${row.source})` : "";
}

function drawWorst() {
  const rows = byWeight(tables.quality);
  const box = document.getElementById("worst");
  if (!rows.length) return;
  const shown = new Set(), worst = rows.filter((row) => row.weight !== "note" &&
    !shown.has(row.rule) && shown.add(row.rule)).slice(0, WORST);
  for (const row of worst)
    box.append(element("p", {}, weighed(row),
      ` ${row.subject}${ofSource(row)}: ${row.text}.`));
  box.append(element("p", {}, element("a", { href: "#quality" },
    `all ${rows.length} data-quality findings`)));
}

function drawQuality() {
  const rows = byWeight(tables.quality);
  const note = document.getElementById("quality-note");
  note.textContent = rows.length
    ? `${rows.length} findings, by rules that look at numbers only; worst first.`
    : "No rule found anything odd.";
  if (!rows.length) return;
  const most = rows.slice(0, FINDINGS);
  if (most.length < rows.length)
    note.textContent += ` The first ${FINDINGS} are shown.`;
  fillTable("quality-table", onePerArchive([["weight", "weight", (value) =>
    weighed({ weight: value })], ["subject", "about"], ["points", "points"],
  ["text", "finding"], ["source", "archive"]]), most.map((row) =>
    ({ ...row, points: `${row.cells} of ${row.of}` })));
}

/* One row a platform and op mode, a column a topology, as published. */
function drawOverview() {
  const units = new Map(), topologies = new Set();
  for (const row of tables.overview) {
    const key = [row.source, row.provenance, row.platform, row.op_mode]
      .join("\n");
    if (!units.has(key)) units.set(key, { ...row, load: new Set() });
    const unit = units.get(key);
    const load = ["batch", "threads", "streams"].filter((field) =>
      field === "batch" ? row[field] !== "na"
        : !["[1]", "na"].includes(row[field]));
    for (const field of load) unit.load.add(field + " " + row[field]);
    if (!row.topology) continue;
    topologies.add(row.topology);
    unit["of " + row.topology] = row.measured;
  }
  const rows = [...units.values()];
  for (const row of rows) {
    row.load = [...row.load].join("; ") || "na";
    for (const topology of topologies) row["of " + topology] ||= "na";
  }
  const told = new Set(page.sources.flatMap((s) => s.provenance)).size;
  fillTable("overview-table", [["type", "type"],
    ["platform", "platform"], ["op_mode", "op mode"],
    ["provenance", "provenance"],
    ...told < page.sources.length ? [["source", "archive"]] : [],
    ...[...topologies].map((topology) => ["of " + topology, topology]),
    ["load", "batch / stream / thread"]], rows);
}

function drawMachines() {
  const amount = (unit) => (value) => si(value, unit);
  const minute = (value) => value.slice(0, 16).replace("T", " ");
  fillTable("machines-table", onePerArchive([["board", "board"], ["platform", "platform"],
    ["provenance", "provenance"], ["attempts", "runs"],
    ["first", "first, UTC", minute], ["last", "last, UTC", minute],
    ["tool_version", "tool"],
    ["kernel", "kernel"], ["worker", "worker"], ["board_identity", "identity",
      (value) => value.length > 12 ? value.slice(0, 12) + "\u2026" : value],
    ["facts", "read from it"], ["source", "archive"]]), tables.machines);
  fillTable("weights-table", onePerArchive([["topology", "topology"],
    ["dataset", "data set"], ["precision", "precision"],
    ["pruning_factor_pct", "channels, %"], ["params", "parameters", amount()],
    ["ops_image", "operations an image", amount()],
    ["model_digest", "SHA-256"], ["accuracy_source", "accuracy from"],
    ["accuracy_reference", "declared by"],
    ["cells", "cells"], ["source", "archive"]]), tables.weights);
}

/* Tables that belong to a figure, folded below it. */
const DETAILS = {
  rooflines: ["verdicts", "verdict by platform, precision and topology",
    [["unit", "platform"], ["precision", "precision"],
      ["topology", "topology"], ["pruning", "channels kept"],
      ["intensity_op_byte", "intensity, op/byte", si],
      ["ridge_op_byte", "ridge, op/byte", si],
      ["attainable_op_s", "attainable, op/s", si], ["bound", "bound by"],
      ["fit_on_chip", "weights fit on chip"], ["assumes", "assumes"]]],
  coverage: ["coverage", "reason of every missing cell",
    [["source", "archive"], ["unit", "platform"], ["topology", "topology"],
      ["precision", "precision"], ["pruning_factor_pct", "channels kept, %"],
      ["ok", "ok"], ["failed", "failed"], ["na", "na"], ["open", "not run"],
      ["reason", "reason"]], (row) => row.ok < row.planned],
  models: ["errors", "error factors by platform",
    [["provenance", "provenance"], ["scope", "scope"], ["unit", "platform"],
      ["model", "model"], ["rows", "op points"], ["median", "median", si],
      ["p90", "90th percentile", si], ["max", "greatest", si]]],
};

/* ---- the table of results ---- */

const COLUMNS = [["provenance", "provenance"], ["unit", "platform"],
  ["precision", "precision"], ["pruning_factor_pct", "channels, %"],
  ["batch", "batch"], ["repeats", "repeats"],
  ["fps_comp", "images/s, compute", "", si], ["fps_sys", "images/s, system",
    "", si], ["lat_comp_s", "latency, compute", "s", si],
  ["lat_sys_s", "latency, system", "s", si], ["top1_pct", "top-1, %"],
  ["power_full_w", "full power", "W", si],
  ["energy_image_j", "energy an image", "J", si], ["board", "board"]];
const order = { by: null, down: false };

function drawResults(points) {
  const rows = points.slice();
  const columns = COLUMNS.filter(([field]) => field === "provenance"
    ? new Set(rows.map((row) => row.provenance)).size > 1
    : rows.some((row) => row[field] !== null));
  if (order.by)
    rows.sort((a, b) => {
      const x = a[order.by], y = b[order.by];
      if (x === null || y === null) return (x === null) - (y === null);
      const way = typeof x === "number" ? x - y : x.localeCompare(y);
      return order.down ? -way : way;
    });
  const number = (field) => rows.some((row) => typeof row[field] === "number")
    ? "number" : null;
  const head = element("tr", {}, ...columns.map(([field, label]) =>
    element("th", { class: number(field), "aria-sort": order.by !== field
      ? null : order.down ? "descending" : "ascending",
    onclick: () => { order.down = order.by === field ? !order.down
      : number(field) !== null; order.by = field; drawResults(points); } }, label)));
  const lines = rows.slice(0, TABLE_ROWS).map((row) => element("tr", {},
    ...columns.map(([field, , unit, format]) => element("td",
      { class: number(field) }, row[field] === null ? "\u2013"
        : format ? format(row[field], unit) : String(row[field])))));
  document.getElementById("results-table").replaceChildren(
    element("thead", {}, head), element("tbody", {}, ...lines));
  const paper = element("span", { class: "paper" },
    rows.length > PAPER_ROWS ? `On paper, the first ${PAPER_ROWS}. ` : "");
  const note = document.getElementById("results-note");
  note.replaceChildren(paper, page.bounded ? "Only the best batches: the archive " +
    "has more op points than a page holds, export has them all. " : "",
  rows.length > TABLE_ROWS
    ? `The first ${TABLE_ROWS} of ${rows.length} op points; sort by a column's head. `
    : `${rows.length} op points; sort by a column's head. `,
  element("button", { type: "button",
    onclick: () => save("points.csv", csv(rows), "text/csv") }, "all as CSV"));
}

/* The first screen; what follows the figures, in pieces; the table of
 * results over 'points'; the tables folded below figures. */
function drawFirst() {
  drawSummary();
  drawWorst();
  document.getElementById("footer").textContent =
    "labsweep " + page.version + "; figures are Vega-Lite, drawn offline.";
}

function foldBelow(figure, node) {
  if (!DETAILS[figure.id]) return;
  const [table, label, columns, keep] = DETAILS[figure.id];
  const rows = keep ? tables[table].filter(keep) : tables[table];
  if (!rows.length) return;
  const fold = element("details", {}, element("summary", {}, label),
    element("div", { class: "wide" },
      element("table", { id: table + "-table" })));
  fold.addEventListener("toggle", () => fillTable(table + "-table", columns,
    rows.slice(0, TABLE_ROWS)), { once: true });
  node.append(fold);
}

return { page, tables, drawFirst, foldBelow, drawResults,
  rest: [drawOverview, drawMachines, drawQuality] };
})();
