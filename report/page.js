/* page.js - draws the figures of a report, and again as a reader chooses */
(function () {
"use strict";

const { element } = base;
const { page, tables } = sections;
const state = { scope: "compute", filters: {},
  fronts: page.any_weights ? "trained" : "apart" };
const results = new Map(); /* of vega-embed, by a figure's id */
const LINES = 3; /* of a caption, also in page.css */

/* ---- filters ---- */

function choices(field) {
  const seen = new Set(tables.points.map((row) => row[field])
    .filter((value) => value !== null));
  return [...seen].sort((a, b) => typeof a === "number" ? a - b
    : String(a).localeCompare(String(b)));
}

function chooser(label, options, value, change) {
  const select = element("select", { "aria-label": label,
    onchange: () => { change(select.value); draw(); } },
    ...options.map(([key, text]) => element("option", { value: key }, text)));
  select.value = value;
  return element("label", {}, label + " ", select);
}

/* A list of the page's parts, to go to one. */
function drawPlaces() {
  const parts = [...document.querySelectorAll("main figure, section.panel")];
  const select = element("select", { "aria-label": "go to",
    onchange: () => {
      document.getElementById(select.value).scrollIntoView();
      select.value = "";
    } }, element("option", { value: "" }, "go to ..."),
  ...parts.map((part) => element("option", { value: part.id },
    part.querySelector("h2").textContent)));
  document.getElementById("controls").prepend(select);
}

function drawControls() {
  const nav = document.getElementById("controls");
  if (!tables.points.some((row) => row.fps_comp !== null))
    state.scope = "system";
  nav.append(chooser("scope", [["compute", "compute only"],
    ["system", "with data movement"]], state.scope,
  (value) => { state.scope = value; }));
  for (const [field, label] of filter.FIELDS) {
    const values = choices(field);
    if (values.length < 2) continue;
    nav.append(chooser(label, [["", "all"]].concat(
      values.map((value) => [String(value), String(value)])), "",
    (value) => { state.filters[field] = value; }));
  }
  nav.append(chooser("fronts", filter.FRONTS, state.fronts,
    (value) => { state.fronts = value; }));
  nav.append(element("button", { class: "push", type: "button",
    onclick: () => { chart.switchTheme(); draw(); } }, "light / dark"));
}

function rowsOf(name) {
  return filter.apply(name, tables[name], tables.points, state);
}

/* ---- figures ---- */

function say(box, words, kind) {
  box.append(element("p", { class: kind }, words));
}

/* The sentences of a figure, in the scope chosen. */
function sayWords(shown) {
  const { figure, scope } = shown;
  if (scope === state.scope) return;
  const words = caption(state.scope === "system" ? figure.text_system
    : figure.text);
  shown.words.replaceWith(words);
  Object.assign(shown, { words, scope: state.scope });
}

async function drawFigure(shown, width) {
  const { figure, box } = shown;
  const old = results.get(figure.id), rows = rowsOf(figure.table);
  if (old) old.finalize();
  results.delete(figure.id);
  sayWords(shown);
  box.replaceChildren();
  const made = prepare(figure, rows, { width, theme: chart.theme(),
    scope: state.scope }, vegaLite);
  box.rows = made ? made.rows : []; /* what tests look at */
  box.parentNode.classList.toggle("empty", !made);
  if (!made) {
    say(box, figure.absent, "absent");
    box.dataset.state = "absent";
    return;
  }
  try {
    results.set(figure.id, await chart.draw(box, made, width));
    if (made.dropped)
      say(box, `${made.dropped} more of these: choose a platform above to ` +
        "see it.", "absent");
    if (fewer(figure.table))
      say(box, `The archive has ${page.groups[state.scope]} groups: the page ` +
        "holds those on fronts, and of the others an even share.", "absent");
    const ignored = filter.ignored(made.rows, state);
    if (ignored.length)
      say(box, "Not filtered by " + ignored.join(", ") + ".", "absent");
    box.dataset.state = "drawn";
  } catch (error) {
    say(box, "This figure could not be drawn: " + error.message, "failed");
    box.dataset.state = "failed";
    console.error(figure.id + ": " + error.message);
  }
}

/* Whether a table of best batches is only a share of all. */
function fewer(table) {
  return filter.BEST.includes(table) && page.groups[state.scope] >
    tables.best.filter((row) => row.scope === state.scope).length;
}

/* A figure's sentences; beyond the first few, on demand. */
function caption(lines) {
  const node = element("figcaption", {},
    ...lines.map((line) => element("p", {}, line)));
  if (lines.length <= LINES) return node;
  const button = element("button", { type: "button", class: "more",
    onclick: () => { node.classList.remove("folded"); button.remove(); } },
  `${lines.length - LINES} more`);
  node.classList.add("folded");
  node.append(button);
  return node;
}

function makeFigure(figure) {
  const box = element("div", { class: "chart", role: "img",
    "aria-label": figure.heading });
  const tools = chart.tools(async () => ({ id: figure.id, spec: figure.spec,
    rows: rowsOf(figure.table), result: results.get(figure.id) }));
  const words = element("figcaption", {});
  const node = element("figure", { id: figure.id },
    element("div", { class: "head" }, element("h2", {}, figure.heading), tools),
    words, box);
  document.getElementById("figures").append(node);
  sections.foldBelow(figure, node);
  const shown = { figure, box, words };
  sayWords(shown);
  return shown;
}

/* ---- all of it ---- */

let figures = [], turn = 0, going = Promise.resolve();
const rest = sections.rest.slice(); /* drawn once */

/* Lets the browser paint, scroll and hear before the next piece. */
function breath() {
  return new Promise((resolve) => document.hidden ? setTimeout(resolve)
    : requestAnimationFrame(() => setTimeout(resolve)));
}

/* The figure to draw next: one in sight, else the first. */
function takeNext(waiting) {
  const seen = waiting.findIndex(({ box }) => {
    const { top, bottom } = box.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  });
  return waiting.splice(Math.max(0, seen), 1)[0];
}

/* Draws what is in sight first, then tables, then the other figures, a piece
 * at a time, until a later call takes over. */
async function drawAll(mine) {
  const waiting = figures.slice();
  const width = figures.length ? figures[0].box.clientWidth : 0;
  const pieces = [() => drawFigure(takeNext(waiting), width),
    ...rest.map(() => () => rest.shift()()),
    () => sections.drawResults(rowsOf("points"))];
  document.documentElement.dataset.report = "drawing";
  while (pieces.length || waiting.length) {
    await (pieces.shift() || (() => drawFigure(takeNext(waiting), width)))();
    await breath();
    if (mine !== turn) return;
  }
  document.documentElement.dataset.report = "done";
}

/* One drawing at a time: the one before ends with the piece in hand. */
function draw() {
  const mine = ++turn;
  document.documentElement.toggleAttribute("data-filtered",
    Object.values(state.filters).some(Boolean));
  going = going.then(() => mine === turn ? drawAll(mine) : null);
}

let lastWidth = window.innerWidth, later;
window.addEventListener("resize", () => {
  if (window.innerWidth === lastWidth) return;
  lastWidth = window.innerWidth;
  clearTimeout(later);
  later = setTimeout(draw, 200);
});
chart.followTheme(draw);
sections.drawFirst();
drawControls();
figures = page.figures.map(makeFigure);
drawPlaces();
draw();
})();
