/* page.js - draws the figures of a report from the data the page carries */
(function () {
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);
const tables = {};
for (const [name, table] of Object.entries(page.tables))
  tables[name] = table.rows.map((row) => Object.fromEntries(
    row.map((value, i) => [table.fields[i], value === "" ? null : value])));

const FAILED = ["failed", "timeout", "invalid", "unreachable"];
const SPARE = ["#56B4E9", "#999999", "#F0E442", "#8C510A"];
const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7",
  "#56B4E9", "#999999", "#8C510A", "#B0A000", "#7A5195", "#4D4D4D"];
const TABLE_ROWS = 500;
const NARROW = 700; /* pixels: legends go below */
const state = { theme: "light", scope: "compute", fronts: "apart",
  filters: {} };
const drawn = new Map();

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {}))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null)
      made.setAttribute(key, value);
  for (const child of children)
    if (child !== null && child !== undefined) made.append(child);
  return made;
}

/* numbers as the terminal writes them: four digits and an SI prefix */
function si(value, unit) {
  if (value === null || value === undefined) return "\u2013";
  if (value === 0) return "0" + (unit ? " " + unit : "");
  const prefixes = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""],
    [1e-3, "m"], [1e-6, "\u00b5"], [1e-9, "n"]];
  const [scale, prefix] = prefixes.find(([s]) => Math.abs(value) >= s * 0.99995)
    || prefixes[prefixes.length - 1];
  const digits = Number((value / scale).toPrecision(4));
  return digits + (prefix || unit ? "\u202f" + prefix + (unit || "") : "");
}

/* ---- the first screen ---- */

function count(source, words) {
  return words.reduce((sum, word) => sum + (source.counts[word] || 0), 0);
}

function tile(value, label, kind) {
  return element("div", { class: "tile " + (kind || "") },
    element("b", {}, String(value)), element("span", {}, label));
}

function drawSummary() {
  const own = page.sources.filter(
    (s) => s.provenance.some((p) => p !== "published"));
  const others = page.sources.filter((s) => !own.includes(s));
  const main = own.length ? own : others;
  const sum = (words) => main.reduce((n, s) => n + count(s, words), 0);
  const planned = main.reduce((n, s) => n + s.cells, 0);
  const ok = sum(["ok"]), failed = sum(FAILED), na = sum(["na"]);
  const boards = new Set(main.flatMap((s) => s.boards));
  const tiles = document.getElementById("tiles");
  tiles.append(tile(planned, "cells planned"), tile(ok, "ok", "good"),
    tile(failed, "failed", failed ? "bad" : ""), tile(na, "not applicable"),
    tile(planned - ok - failed - na, "not run"),
    tile(boards.size || "\u2013", boards.size === 1 ? "board" : "boards"));
  if (own.length && others.length)
    tiles.append(tile(others.reduce((n, s) => n + count(s, ["ok"]), 0),
      "published, to compare"));
  const dates = main.flatMap((s) => [s.first, s.last]).filter(Boolean).sort();
  const byline = dates.length
    ? "Measured " + dates[0] + " to " + dates[dates.length - 1] : "";
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

/* ---- what is odd, and what was measured ---- */

const WORST = 4, FINDINGS = 100;

function weighed(row) {
  return element("span", { class: "weight is-" + row.weight }, row.weight);
}

function drawQuality() {
  const rows = tables.quality, box = document.getElementById("worst");
  const note = document.getElementById("quality-note");
  note.textContent = rows.length
    ? `${rows.length} findings, by rules that look at numbers only; worst first.`
    : "No rule found anything odd.";
  if (!rows.length) return;
  const shown = new Set(), worst = rows.filter((row) => row.weight !== "note" &&
    !shown.has(row.rule) && shown.add(row.rule)).slice(0, WORST);
  for (const row of worst)
    box.append(element("p", {}, weighed(row),
      ` ${row.subject} (${row.source}): ${row.text}.`));
  box.append(element("p", {}, element("a", { href: "#quality" },
    `all ${rows.length} data-quality findings`)));
  const head = ["weight", "about", "points", "finding", "archive"];
  const most = rows.slice(0, FINDINGS);
  if (most.length < rows.length)
    note.textContent += ` The first ${FINDINGS} are shown.`;
  document.getElementById("quality-table").append(
    element("tr", {}, ...head.map((name) => element("th", {}, name))),
    ...most.map((row) => element("tr", {}, element("td", {}, weighed(row)),
      element("td", {}, row.subject), element("td", { class: "number" },
        `${row.cells} of ${row.of}`), element("td", {}, row.text),
      element("td", {}, row.source))));
}

/* A table of the page: [[field, label, format], ...]. */
function fillTable(id, columns, rows) {
  const number = (field) => rows.some((row) => typeof row[field] === "number")
    ? "number" : null;
  document.getElementById(id).append(
    element("thead", {}, element("tr", {}, ...columns.map(([field, label]) =>
      element("th", { class: number(field) }, label)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {},
      ...columns.map(([field, , format]) => element("td",
        { class: number(field) }, row[field] === null ||
          row[field] === undefined ? "\u2013" : format ? format(row[field])
          : String(row[field])))))));
}

/* One row a platform and op mode, a column a topology, as published. */
function drawOverview() {
  const units = new Map(), topologies = new Set();
  for (const row of tables.overview) {
    const key = [row.provenance, row.platform, row.op_mode].join("\n");
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
  fillTable("overview-table", [["type", "type"], ["platform", "platform"],
    ["op_mode", "op mode"], ["provenance", "provenance"],
    ...[...topologies].map((topology) => ["of " + topology, topology]),
    ["load", "batch / stream / thread"]], rows);
}

function drawMachines() {
  const amount = (unit) => (value) => si(value, unit);
  fillTable("machines-table", [["board", "board"], ["platform", "platform"],
    ["provenance", "provenance"], ["attempts", "attempts"],
    ["first", "first"], ["last", "last"], ["tool_version", "tool"],
    ["kernel", "kernel"], ["worker", "worker"], ["board_identity", "identity"],
    ["facts", "read from it"], ["source", "archive"]], tables.machines);
  fillTable("weights-table", [["topology", "topology"],
    ["dataset", "data set"], ["precision", "precision"],
    ["pruning_factor_pct", "channels, %"], ["params", "parameters", amount()],
    ["ops_image", "operations an image", amount()],
    ["model_digest", "SHA-256"], ["accuracy_source", "accuracy from"],
    ["cells", "cells"], ["source", "archive"]], tables.weights);
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
  models: ["errors", "error factors by platform",
    [["provenance", "provenance"], ["scope", "scope"], ["unit", "platform"],
      ["model", "model"], ["rows", "op points"], ["median", "median", si],
      ["p90", "90th percentile", si], ["max", "greatest", si]]],
};

/* ---- filters ---- */

const FILTERS = [["provenance", "provenance"], ["platform", "platform"],
  ["precision", "precision"], ["pruning_factor_pct", "channels kept"],
  ["batch", "batch"]];

function choices(field) {
  const seen = new Set(tables.points.map((row) => row[field])
    .filter((value) => value !== null));
  return [...seen].sort((a, b) => typeof a === "number" ? a - b
    : String(a).localeCompare(String(b)));
}

function chooser(label, options, value, change) {
  const select = element("select", { "aria-label": label,
    onchange: () => change(select.value) },
    ...options.map(([key, text]) => element("option", { value: key }, text)));
  select.value = value;
  return element("label", {}, label + " ", select);
}

function drawControls() {
  const nav = document.getElementById("controls");
  const has = (field) => tables.points.some((row) => row[field] !== null);
  if (!has("fps_comp")) state.scope = "system";
  nav.append(chooser("scope", [["compute", "compute only"],
    ["system", "with data movement"]], state.scope,
  (value) => { state.scope = value; draw(); }));
  for (const [field, label] of FILTERS) {
    const values = choices(field);
    if (values.length < 2) continue;
    nav.append(chooser(label, [["", "all"]].concat(
      values.map((value) => [String(value), String(value)])), "",
    (value) => { state.filters[field] = value; draw(); }));
  }
  nav.append(chooser("fronts", [["apart", "one a provenance"],
    ["across", "across all"]], state.fronts,
  (value) => { state.fronts = value; draw(); }));
  nav.append(element("button", { class: "push", type: "button",
    onclick: () => { setTheme(state.theme === "dark" ? "light" : "dark");
      draw(); } }, "light / dark"));
}

function passes(row) {
  return FILTERS.every(([field]) => !state.filters[field] ||
    row[field] === undefined || row[field] === null ||
    String(row[field]) === state.filters[field]);
}

/* The front among the rows that a filter left: the same rule as
 * analysis/pareto.c.  One a provenance and archive, unless asked for one
 * across all. */
function markFront(rows) {
  const fields = new Map();
  for (const row of rows) {
    const apart = state.fronts === "apart" ? [row.source, row.provenance] : [];
    const key = [row.scope, row.series, row.topology, row.dataset, ...apart]
      .join("\n");
    if (!fields.has(key)) fields.set(key, []);
    if (row.fps !== null && row.top1_pct !== null) fields.get(key).push(row);
    row.front = 0;
  }
  for (const group of fields.values()) {
    group.sort((a, b) => b.fps - a.fps || b.top1_pct - a.top1_pct);
    let best = -Infinity, last = null;
    for (const row of group) {
      const tie = last && row.fps === last.fps &&
        row.top1_pct === last.top1_pct;
      if (tie || row.top1_pct > best) {
        row.front = 1;
        best = row.top1_pct;
        last = row;
      }
    }
  }
}

function rowsOf(name) {
  const filtered = Object.values(state.filters).some(Boolean);
  const fronted = ["best", "overlap"].includes(name);
  if (!filtered && !(fronted && state.fronts === "across"))
    return tables[name];
  const rows = tables[name].filter(passes).map((row) => ({ ...row }));
  if (fronted) markFront(rows);
  return rows;
}

/* ---- figures ---- */

function setTheme(theme) {
  state.theme = theme;
  document.documentElement.dataset.theme = theme;
}

function config(width) {
  const narrow = width < NARROW;
  const dark = state.theme === "dark";
  const ink = dark ? "#dfe4ea" : "#1c2128", faint = dark ? "#39424e" : "#e3e7ec";
  const font = "system-ui, Liberation Sans, sans-serif";
  const axis = { labelColor: ink, titleColor: ink, gridColor: faint,
    domainColor: dark ? "#5b6673" : "#9aa4b1", labelFontSize: 11,
    tickColor: dark ? "#5b6673" : "#9aa4b1", titleFontWeight: "normal",
    labelOverlap: true };
  return {
    background: dark ? "#181c22" : "#ffffff", font, axis,
    view: { stroke: dark ? "#2c333d" : "#d9dee5" },
    text: { color: ink }, range: { category: PALETTE },
    title: { color: ink, subtitleColor: dark ? "#9aa4b1" : "#5b6470",
      anchor: "start", fontSize: narrow ? 12 : 14, subtitleFontSize: 12, offset: 12,
      subtitlePadding: 4 },
    header: { labelColor: ink, labelFontSize: 12, labelFontWeight: "bold" },
    legend: { labelColor: ink, titleColor: ink, symbolSize: 90,
      symbolBaseStrokeColor: ink, symbolBaseFillColor: ink,
      orient: narrow ? "bottom" : "right", columns: !narrow ? 1 : width < 480 ? 2 : 3,
      direction: narrow ? "horizontal" : "vertical", labelLimit: 140,
      layout: { bottom: { anchor: "start", direction: "vertical" } } },
  };
}

/* Each of 'lines' broken into lines of at most 'width' pixels. */
function wrap(lines, width) {
  const most = Math.max(24, Math.floor(width / 7));
  return lines.flatMap((text) => text.split(" ").reduce((out, word) => {
    const line = out.length ? out[out.length - 1] + " " + word : word;
    if (out.length && line.length <= most) out[out.length - 1] = line;
    else out.push(word);
    return out;
  }, []));
}

/* Legends list what the rows hold: domains lose what is absent, and words
 * that no domain knows get a spare colour. */
function fitDomains(spec, rows) {
  if (!spec || typeof spec !== "object") return;
  const scale = spec.scale;
  if (spec.field && scale && Array.isArray(scale.domain) &&
      Array.isArray(scale.range) && spec.field in (rows[0] || {})) {
    const present = new Set(rows.map((row) => row[spec.field])
      .filter((value) => value !== null));
    const range = scale.domain.map((word, i) => [word, scale.range[i]])
      .filter(([word]) => present.has(word));
    const known = new Set(scale.domain);
    const more = [...present].filter((word) => !known.has(word)).sort();
    const spare = typeof scale.range[0] === "string" &&
      scale.range[0][0] === "#" ? SPARE : scale.range;
    more.forEach((word, i) => range.push([word, spare[i % spare.length]]));
    spec.scale = { ...scale, domain: range.map(([word]) => word),
      range: range.map(([, value]) => value) };
  }
  for (const part of Object.values(spec)) fitDomains(part, rows);
}

/* Layers without a row to draw would only confuse scales: they go.  Their
 * filters are written as predicates for that. */
function dropEmptyLayers(spec, rows) {
  const meets = (row, test) => typeof test !== "object" ? true
    : test.valid ? row[test.field] !== null : row[test.field] === test.equal;
  const part = spec.spec || spec;
  if (!part.layer) return;
  part.layer = part.layer.filter((layer) => {
    const tests = (layer.transform || []).map((step) => step.filter)
      .filter((test) => test !== undefined);
    return rows.some((row) => tests.every((test) => meets(row, test)));
  });
}

function fitWidth(spec, width, narrow) {
  if (narrow && spec.layer) /* no room for words among the points */
    spec.layer = spec.layer.filter((layer) => layer.mark.type !== "text" ||
      spec.height.step);
  if (typeof spec.title.text === "string")
    spec.title.text = wrap([spec.title.text], width * 0.8);
  if (spec.title && spec.title.subtitle)
    spec.title.subtitle = wrap([].concat(spec.title.subtitle), width);
  if (!spec.facet || !spec.spec) return;
  const wide = Boolean(spec.resolve.scale); /* panels have axes of their own */
  const own = wide ? 134 : 18;
  const room = width - (wide ? 0 : 68) - (narrow || wide ? 0 : 128);
  const least = narrow && !wide ? 115 : spec.spec.width * 0.9;
  const columns = Math.max(1, Math.min(spec.columns,
    Math.floor(room / (least + own))));
  spec.columns = columns;
  spec.spec.width = Math.max(100, Math.floor(room / columns) - own);
  spec.facet.header = { ...spec.facet.header, labelLimit: spec.spec.width };
}

/* Panels beyond MOST_PANELS go, those with the fewest rows first. */
const MOST_PANELS = 24;

function fewPanels(spec, rows) {
  const field = spec.facet && spec.facet.field, counts = new Map();
  if (!field || !(field in (rows[0] || {}))) return [rows, 0];
  for (const row of rows)
    counts.set(row[field], (counts.get(row[field]) || 0) + 1);
  if (counts.size <= MOST_PANELS) return [rows, 0];
  const kept = new Set([...counts].sort((a, b) => b[1] - a[1])
    .slice(0, MOST_PANELS).map(([name]) => name));
  return [rows.filter((row) => kept.has(row[field])),
    counts.size - MOST_PANELS];
}

function ready(spec, rows) {
  const needs = spec.usermeta.needs;
  return rows.some((row) => {
    return needs.some((field) => {
      const name = field.replace("SCOPE",
        state.scope === "compute" ? "comp" : "sys");
      return row[name] !== null && row[name] !== undefined;
    });
  });
}

/* What Vega-Lite warns of although it is as it should be: heights by step in
 * a container's width, and panels with an axis of their own. */
const EXPECTED = ["Dropping \"fit-y\"", "Detected faceted independent scales",
  "Domains that should be unioned has conflicting sort"];
const logger = { level: () => logger, info: () => logger, debug: () => logger,
  error: (...words) => { console.error(...words); return logger; },
  warn: (...words) => {
    if (!EXPECTED.some((start) => String(words[0]).startsWith(start)))
      console.warn(...words);
    return logger;
  } };

function embed(box, spec, width) {
  const compiled = vegaLite.compile(spec, { logger, config: config(width) });
  return vegaEmbed(box, compiled.spec, { mode: "vega", actions: false,
    ast: true, renderer: "svg", tooltip: { theme: state.theme } });
}

async function drawFigure(figure, box) {
  const spec = JSON.parse(JSON.stringify(figure.spec));
  const scoped = figure.spec.usermeta.anyScope ? () => true
    : (row) => !row.scope || row.scope === state.scope;
  const [rows, dropped] = fewPanels(figure.spec,
    rowsOf(figure.table).filter(scoped));
  const width = box.clientWidth, narrow = width < NARROW;
  const old = drawn.get(figure.id);
  if (old) old.finalize();
  drawn.delete(figure.id);
  box.replaceChildren();
  if (!ready(spec, rows)) {
    box.append(element("p", { class: "absent" }, figure.absent));
    box.dataset.state = "absent";
    return;
  }
  spec.data = { values: rows };
  for (const param of spec.params || [])
    if (param.name === "scope") param.value = state.scope;
  fitDomains(spec, rows);
  dropEmptyLayers(spec, rows);
  fitWidth(spec, width, narrow);
  try {
    let result = await embed(box, spec, width);
    for (let turn = 0; spec.spec && turn < 4; turn++) {
      const over = Math.ceil(box.firstElementChild.scrollWidth - width);
      if (over <= 0) break; /* axes took more room than was guessed */
      result.finalize();
      spec.spec.width -= Math.ceil(over / spec.columns) + 2;
      result = await embed(box, spec, width);
    }
    if (dropped)
      box.append(element("p", { class: "absent" },
        `${dropped} more panels: choose a platform above to see it.`));
    drawn.set(figure.id, result);
    box.dataset.state = "drawn";
  } catch (error) {
    box.append(element("p", { class: "failed" },
      "This figure could not be drawn: " + error.message));
    box.dataset.state = "failed";
    console.error(figure.id + ": " + error.message);
  }
}

function save(name, content, type) {
  const url = content.startsWith("data:") ? content
    : URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  if (url !== content) setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function csv(rows) {
  if (!rows.length) return "";
  const quote = (value) => value === null || value === undefined ? ""
    : /[",\r\n]/.test(String(value))
      ? '"' + String(value).replaceAll('"', '""') + '"' : String(value);
  const names = Object.keys(rows[0]);
  return [names.join(",")].concat(rows.map(
    (row) => names.map((name) => quote(row[name])).join(","))).join("\n") + "\n";
}

async function saveFigure(figure, kind) {
  const name = figure.id + "." + (kind === "spec" ? "vl.json" : kind);
  const result = drawn.get(figure.id);
  if (kind === "csv") save(name, csv(rowsOf(figure.table)), "text/csv");
  else if (kind === "spec") {
    const spec = { ...figure.spec, data: { values: rowsOf(figure.table) } };
    save(name, JSON.stringify(spec, null, 1), "application/json");
  } else if (result && kind === "svg")
    save(name, await result.view.toSVG(), "image/svg+xml");
  else if (result)
    save(name, await result.view.toImageURL("png", 2), "image/png");
}

function makeFigure(figure) {
  const tools = element("span", { class: "tools" }, ...[["svg", "SVG"],
    ["png", "PNG"], ["csv", "data"], ["spec", "Vega-Lite"]].map(
    ([kind, label]) => element("button", { type: "button",
      onclick: () => saveFigure(figure, kind) }, label)));
  const box = element("div", { class: "chart" });
  const node = element("figure", { id: figure.id },
    element("div", { class: "head" }, element("h2", {}, figure.heading), tools),
    element("figcaption", {},
      ...figure.text.map((line) => element("p", {}, line))), box);
  document.getElementById("figures").append(node);
  if (DETAILS[figure.id]) {
    const [table, label, columns] = DETAILS[figure.id];
    node.append(element("details", {}, element("summary", {}, label),
      element("div", { class: "wide" },
        element("table", { id: table + "-table" }))));
    fillTable(table + "-table", columns, tables[table].slice(0, TABLE_ROWS));
  }
  return [figure, box];
}

/* ---- the table of results ---- */

const COLUMNS = [["provenance", "provenance"], ["unit", "platform"],
  ["precision", "precision"], ["pruning_factor_pct", "channels", "%"],
  ["batch", "batch"], ["repeats", "repeats"],
  ["fps_comp", "images/s, compute", "", si], ["fps_sys", "images/s, system",
    "", si], ["lat_comp_s", "latency, compute", "s", si],
  ["lat_sys_s", "latency, system", "s", si], ["top1_pct", "top-1 %"],
  ["power_full_w", "full power", "W", si],
  ["energy_image_j", "energy an image", "J", si], ["board", "board"]];
const order = { by: null, down: false };

function drawResults() {
  const rows = rowsOf("points").slice();
  const columns = COLUMNS.filter(
    ([field]) => rows.some((row) => row[field] !== null));
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
      : number(field) !== null; order.by = field; drawResults(); } }, label)));
  const lines = rows.slice(0, TABLE_ROWS).map((row) => element("tr", {},
    ...columns.map(([field, , unit, format]) => element("td",
      { class: number(field) }, row[field] === null ? "\u2013"
        : format ? format(row[field], unit) : String(row[field])))));
  document.getElementById("results-table").replaceChildren(
    element("thead", {}, head), element("tbody", {}, ...lines));
  const note = document.getElementById("results-note");
  note.replaceChildren(page.bounded ? "Only the best batches: the archive " +
    "has more op points than a page holds, export has them all. " : "",
  rows.length > TABLE_ROWS
    ? `The first ${TABLE_ROWS} of ${rows.length} op points; sort by a column's head. `
    : `${rows.length} op points; sort by a column's head. `,
  element("button", { type: "button",
    onclick: () => save("points.csv", csv(rows), "text/csv") }, "all as CSV"));
}

/* ---- all of it ---- */

let figures = [], turn = 0;

async function draw() {
  const mine = ++turn;
  document.documentElement.dataset.report = "drawing";
  drawResults();
  for (const [figure, box] of figures) {
    if (mine !== turn) return;
    await drawFigure(figure, box);
  }
  if (mine === turn) document.documentElement.dataset.report = "done";
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");
setTheme(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => {
  setTheme(dark.matches ? "dark" : "light");
  draw();
});
let lastWidth = window.innerWidth, later;
window.addEventListener("resize", () => {
  if (window.innerWidth === lastWidth) return;
  lastWidth = window.innerWidth;
  clearTimeout(later);
  later = setTimeout(draw, 200);
});
drawSummary();
drawControls();
drawQuality();
drawOverview();
drawMachines();
figures = page.figures.map(makeFigure);
document.getElementById("footer").textContent =
  "labsweep " + page.version + "; figures are Vega-Lite, drawn offline.";
draw();
})();
