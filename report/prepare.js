/* prepare.js - a specification and its rows made ready to be drawn
 *
 * For the page and for `report --svg`: what fits a width, a theme, a scope
 * and the rows that there are.  No document is needed.
 */
const prepare = (function () {
"use strict";

const NARROW = 700; /* pixels: legends go below */
const PANEL_WIDTH = 640, PANEL_HEIGHT = 260; /* of panels that stand alone */
const SPARE = ["#56B4E9", "#999999", "#F0E442", "#8C510A"];
const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7",
  "#56B4E9", "#999999", "#8C510A", "#B0A000", "#7A5195", "#4D4D4D"];

/* Vega's settings for a width, "light" or "dark", and whether legends go below
 * the figure. */
function config(width, theme, below) {
  const narrow = width < NARROW;
  const dark = theme === "dark";
  const ink = dark ? "#dfe4ea" : "#1c2128", faint = dark ? "#39424e" : "#e3e7ec";
  const font = "system-ui, Liberation Sans, sans-serif";
  const axis = { labelColor: ink, titleColor: ink, gridColor: faint,
    domainColor: dark ? "#5b6673" : "#9aa4b1", labelFontSize: 11,
    tickColor: dark ? "#5b6673" : "#9aa4b1", titleFontWeight: "normal",
    labelOverlap: true };
  return {
    aria: false, /* a mark's words are the tooltip's */
    background: dark ? "#181c22" : "#ffffff", font, axis,
    view: { stroke: dark ? "#2c333d" : "#d9dee5" },
    text: { color: ink }, style: { ink: { color: ink } }, range: { category: PALETTE },
    title: { color: ink, subtitleColor: dark ? "#9aa4b1" : "#5b6470",
      anchor: "start", fontSize: narrow ? 12 : 14, subtitleFontSize: 12, offset: 12,
      subtitlePadding: 4 },
    header: { labelColor: ink, labelFontSize: 12, labelFontWeight: "bold" },
    legend: { labelColor: ink, titleColor: ink, symbolSize: 90,
      symbolBaseStrokeColor: ink, symbolBaseFillColor: ink,
      orient: below ? "bottom" : "right", columns: !below ? 1 : width < 480 ? 2 : 3,
      direction: below ? "horizontal" : "vertical", labelLimit: 140,
      symbolOpacity: 1,
      layout: { bottom: { anchor: "start", direction: "vertical" } } },
  };
}

/* Each of 'lines' broken into lines of at most 'width' pixels, a letter
 * being 'letter' wide. */
function wrap(lines, width, letter) {
  const most = Math.max(24, Math.floor(width / letter));
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

/* A title's expression, which joins words with the scope: lines can only be
 * broken in words that are known. */
function titleOf(expr, scope) {
  return expr.split(" + ").map((part) => part === "scope" ? scope
    : part.slice(1, -1)).join("");
}

/* How many panels there are, of which a row holds 'columns' at most. */
function fitPanels(spec, rows, width, narrow) {
  const field = spec.facet.field;
  const panels = field in (rows[0] || {})
    ? new Set(rows.map((row) => row[field])).size : spec.columns;
  const wide = Boolean(spec.resolve.scale); /* panels have axes of their own */
  const own = wide ? 134 : 18;
  const room = width - (wide ? 0 : 68) - (narrow || wide ? 0 : 128);
  const least = narrow && !wide ? 115 : spec.spec.width * 0.9;
  const columns = Math.max(1, Math.min(spec.columns, panels,
    Math.floor(room / (least + own))));
  spec.columns = columns;
  spec.spec.width = Math.min(PANEL_WIDTH,
    Math.max(100, Math.floor(room / columns) - own));
  if (!narrow && panels < 3 && !spec.spec.height.step)
    spec.spec.height = Math.max(spec.spec.height, PANEL_HEIGHT);
  spec.facet.header = { ...spec.facet.header, labelLimit: spec.spec.width };
}

function fitWidth(spec, rows, { width, scope }, narrow) {
  if (narrow && spec.layer) /* no room for words among the points */
    spec.layer = spec.layer.filter((layer) => layer.mark.type !== "text" ||
      (spec.height.step && !spec.usermeta.crowded));
  if (spec.title.text.expr)
    spec.title.text = titleOf(spec.title.text.expr, scope);
  spec.title.text = wrap([spec.title.text], width, 8.75);
  if (spec.title.subtitle)
    spec.title.subtitle = wrap([].concat(spec.title.subtitle), width,
      narrow ? 7 : 6.4);
  const names = spec.encoding && spec.encoding.y && spec.encoding.y.axis;
  if (names && names.labelLimit) /* leave most of the room to marks */
    names.labelLimit = Math.min(names.labelLimit, Math.floor(width * 0.45));
  if (spec.width === "container") {
    spec.width = width;
    spec.autosize = { type: "fit-x", contains: "padding" };
  }
  if (spec.facet && spec.spec) fitPanels(spec, rows, width, narrow);
}

/* Panels, or lines of a figure with a line a word, beyond so many go, those
 * with the fewest rows first. */
const MOST_PANELS = 24, MOST_LINES = 60;

function fewPanels(spec, rows) {
  const lines = spec.height && spec.height.step && spec.encoding.y;
  const field = (spec.facet || lines || {}).field, counts = new Map();
  const most = spec.facet ? MOST_PANELS : MOST_LINES;
  if (!field || !(field in (rows[0] || {}))) return [rows, 0];
  for (const row of rows)
    counts.set(row[field], (counts.get(row[field]) || 0) + 1);
  if (counts.size <= most) return [rows, 0];
  const kept = new Set([...counts].sort((a, b) => b[1] - a[1])
    .slice(0, most).map(([name]) => name));
  return [rows.filter((row) => kept.has(row[field])),
    counts.size - most];
}

const LEGEND_HEIGHT = 160; /* pixels that legends may need beside a figure */

/* Whether a figure with a line a word has too few of them for its legends. */
function isLow(spec, rows) {
  const field = spec.encoding && spec.encoding.y && spec.encoding.y.field;
  return Boolean(spec.height && spec.height.step && field in rows[0] &&
    new Set(rows.map((row) => row[field])).size * spec.height.step <
      LEGEND_HEIGHT);
}

/* Whether a row has what the figure needs; SCOPE is "comp" or "sys". */
function ready(spec, rows, scope) {
  const needs = spec.usermeta.needs;
  return rows.some((row) => {
    return needs.some((field) => {
      const name = field.replace("SCOPE",
        scope === "compute" ? "comp" : "sys");
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

/* Tooltips written out for every mark would take a third of the time that
 * drawing takes: their lists are set aside, and marks say which is theirs. */
function delayTooltips(spec, lists) {
  for (const part of [spec, spec.spec, ...(spec.layer || [])]) {
    if (part && part !== spec) delayTooltips(part, lists);
    const list = part && part.mark && part.encoding && part.encoding.tooltip;
    if (!list) continue;
    const mark = typeof part.mark === "string" ? { type: part.mark } : part.mark;
    part.mark = { ...mark, tooltip: {
      expr: `{"list": ${lists.length}, "row": datum}` } };
    lists.push([].concat(list));
    delete part.encoding.tooltip;
  }
  return lists;
}

/* ---- labels that do not lie on each other ---- */

const LETTER = 6, LINE = 13; /* pixels of a label's letter and line */

/* Where a label may stand: its box in a plane 'width' by 'height'.  Beyond a
 * front there is nothing, so it goes there, but for those near the edge (the
 * specification's "side" says the same). */
function labelBox(row, { x, y, least, above }, range, width, height) {
  const share = (low, value, high) => high > low ? (value - low) / (high - low)
    : 0;
  const across = share(Math.log(range.x[0]), Math.log(row[x]),
    Math.log(range.x[1]));
  const long = row.label.length * LETTER;
  const before = least ? across * width >= long : (1 - across) * width < long;
  const left = across * width - (above ? long / 2 : before ? long : 0);
  const top = (1 - share(range.y[0], row[y], range.y[1])) * height;
  return { left, right: left + row.label.length * LETTER, top,
    bottom: top + LINE };
}

/* Mark the rows whose label has room, from the right: those of a front, or
 * as the specification says. */
function placeLabels(spec, rows, width) {
  const fields = spec.usermeta.labels, taken = [];
  if (!fields) return;
  const ends = (name) => {
    const all = rows.map((row) => row[name]).filter((value) => value !== null);
    return [Math.min(...all), Math.max(...all)];
  };
  const range = { x: ends(fields.x), y: ends(fields.y) };
  const [field, value] = fields.named || ["front", 1];
  const named = rows.filter((row) => row[field] === value)
    .sort((a, b) => b[fields.x] - a[fields.x]);
  for (const row of named) {
    const at = labelBox(row, fields, range, width, spec.height);
    row.labelled = taken.every((other) => at.right < other.left ||
      at.left > other.right || at.bottom < other.top || at.top > other.bottom)
      ? 1 : 0;
    if (row.labelled) taken.push(at);
  }
  for (const layer of spec.layer)
    if (layer.mark.type === "text")
      layer.transform.push({ filter: { field: "labelled", equal: 1 } });
}

/* The specification of 'figure' ({ spec }) over 'rows' for a view ({ width,
 * theme, scope }), compiled to Vega by 'vegaLite'.  Gives { spec, vega, rows,
 * tooltips, dropped } or null if there is nothing to draw; vega() compiles
 * again. */
function prepare(figure, allRows, view, vegaLite) {
  const spec = JSON.parse(JSON.stringify(figure.spec));
  const scoped = spec.usermeta.anyScope ? () => true
    : (row) => !row.scope || row.scope === view.scope;
  const [rows, dropped] = fewPanels(spec, allRows.filter(scoped));
  const narrow = view.width < NARROW;
  if (!ready(spec, rows, view.scope)) return null;
  const below = narrow || isLow(spec, rows);
  const tooltips = delayTooltips(spec, []);
  spec.data = { values: rows };
  for (const param of spec.params || [])
    if (param.name === "scope") param.value = view.scope;
  fitDomains(spec, rows);
  placeLabels(spec, rows, view.width * 0.8);
  dropEmptyLayers(spec, rows);
  fitWidth(spec, rows, view, narrow);
  return { spec, rows, tooltips, dropped, vega: () => vegaLite.compile(spec,
    { logger, config: config(view.width, view.theme, below) }).spec };
}

return prepare;
})();
