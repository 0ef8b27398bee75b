/* look.js - what check-report runs inside a page
 *
 * Each function is sent as text: it may use nothing but its arguments and
 * what the page has.
 */
"use strict";

/* Run before the page: keeps the instant at which the first figure is on the
 * screen, in ms since the page was asked for */
function watchFirst() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.chart[data-state="drawn"]')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(
      () => { window.firstFigure = performance.now(); }));
  }).observe(document, { subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-state"] });
}

/* What every figure shows. */
function inspect() {
  const figures = [...document.querySelectorAll("main figure")].map((node) => {
    const box = node.querySelector(".chart");
    const marks = [...box.querySelectorAll(".role-mark")].reduce((n, group) =>
      n + [...group.querySelectorAll("path, text, rect, line")].filter(
        (mark) => {
          const at = mark.getBoundingClientRect();
          return at.width > 0 || at.height > 0;
        }).length, 0);
    const title = [...box.querySelectorAll(".role-title-text text, " +
      ".role-title-subtitle text")].map((text) => [...text.childNodes].map(
      (line) => line.textContent).join(" ")).join(" ");
    return { id: node.id, state: box.dataset.state, marks, title,
      broken: /NaN|undefined/.test(box.innerHTML),
      wide: box.scrollWidth > box.clientWidth + 2 };
  });
  return { figures, title: document.title,
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    rows: document.querySelectorAll("#results-table tbody tr").length,
    tiles: [...document.querySelectorAll("#tiles .tile b")].map(
      (tile) => tile.textContent) };
}

/* Choose an entry of a filter, the last one if not named; gives it, or "" if
 * there is no such filter. */
function choose(label, value) {
  const select = document.querySelector(`select[aria-label="${label}"]`);
  if (!select) return "";
  select.value = value === null
    ? select.options[select.options.length - 1].value : value;
  document.documentElement.dataset.report = "chosen";
  select.dispatchEvent(new Event("change"));
  return select.value || "all";
}

/* Rows that figures draw although the filter on 'field' shuts them out. */
function strays(field, value) {
  return [...document.querySelectorAll("main figure")].flatMap((node) => {
    const out = node.querySelector(".chart").rows.filter((row) =>
      row[field] !== null && row[field] !== undefined &&
      String(row[field]) !== value && row.series !== "theory");
    return out.length ? [`${node.id} draws ${out.length} rows of another ` +
      field] : [];
  });
}

/* With a batch chosen, best rows must be what was measured at it. */
function batchStrays() {
  const points = new Set(sections.tables.points.flatMap((row) =>
    [row.fps_comp, row.fps_sys]));
  const rows = document.querySelector("#pareto .chart").rows;
  return rows.length && rows.every((row) => points.has(row.fps)) ? []
    : ["pareto draws no points of the chosen batch"];
}

/* The page finds the fronts that the archive's program found. */
function frontStrays() {
  const { tables } = sections;
  return ["best", "overlap", "energy"].flatMap((name) => {
    const rows = filter.apply(name, tables[name], tables.points,
      { filters: {}, fronts: "trained" });
    const odd = rows.filter((row, i) => row.front !== tables[name][i].front);
    return odd.length ? [`${name}: ${odd.length} rows on another front`] : [];
  });
}

/* Figures whose legend is to pick, but where no entry changes any mark. */
async function deafLegends() {
  const bound = (spec) => JSON.stringify(spec).includes('"bind":"legend"');
  const looks = (box) => [...box.querySelectorAll(".role-mark path, " +
    ".role-mark rect, .role-mark line")].map((mark) =>
    mark.getAttribute("opacity") + mark.getAttribute("fill-opacity") +
      mark.getAttribute("stroke-opacity")).join();
  const settled = () => new Promise((resolve) => requestAnimationFrame(
    () => requestAnimationFrame(() => setTimeout(resolve))));
  const deaf = [];
  for (const { id, spec } of sections.page.figures) {
    const box = document.querySelector(`#${id} .chart`);
    if (box.dataset.state !== "drawn") continue;
    const before = looks(box);
    let heard = !bound(spec) && !box.querySelector(".role-legend-symbol");
    for (const symbol of box.querySelectorAll(".role-legend-symbol path")) {
      if (heard) break;
      symbol.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      await settled();
      heard = looks(box) !== before;
    }
    if (!heard) deaf.push(`${id}: picking in the legend changes nothing`);
  }
  return deaf;
}

/* Parts of the page that "go to" does not lead to. */
function lostPlaces() {
  const select = document.querySelector('select[aria-label="go to"]');
  return [...document.querySelectorAll("main figure, section.panel")].flatMap(
    (part) => {
      select.value = part.id;
      select.dispatchEvent(new Event("change"));
      const { top, bottom } = part.getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight ? []
        : [`"go to" does not lead to ${part.id}`];
    });
}

/* What is wrong with the files that a figure's buttons save: it as SVG and
 * PNG, its rows as CSV, its specification with them. */
async function oddFiles(id) {
  const { createObjectURL } = URL, { click } = HTMLAnchorElement.prototype;
  const figure = sections.page.figures.find((one) => one.id === id);
  const rows = sections.tables[figure.table].length, out = [], files = {};
  const buttons = [...document.querySelectorAll(`#${id} .tools button`)];
  let blob = null;
  await new Promise((resolve) => {
    URL.createObjectURL = (made) => { blob = made; return "blob:kept"; };
    HTMLAnchorElement.prototype.click = function () {
      files[this.download] = this.href.startsWith("data:") ? this.href : blob;
      if (Object.keys(files).length === buttons.length) resolve();
    };
    for (const button of buttons) button.click();
    setTimeout(resolve, 20000);
  });
  Object.assign(URL, { createObjectURL });
  HTMLAnchorElement.prototype.click = click;
  const text = async (name) => files[name] ? files[name].text() : "";
  const svg = await text(id + ".svg"), csv = await text(id + ".csv");
  if (!/^<svg[^]*role-mark[^]*<\/svg>$/.test(svg.trim())) out.push("no SVG");
  if (!String(files[id + ".png"]).startsWith("data:image/png;base64,iVBOR"))
    out.push("no PNG");
  if (csv.trim().split("\n").length !== rows + 1)
    out.push(`CSV has not ${rows} rows`);
  const spec = JSON.parse(await text(id + ".vl.json") || "{}");
  if (!spec.data || spec.data.values.length !== rows)
    out.push(`the specification has not ${rows} rows`);
  else vegaLite.compile(spec, { logger: { ...console, level: () => console,
    warn: () => console, info: () => console, debug: () => console } });
  return out.map((problem) => `${id}, saved: ${problem}`);
}

/* Figures that say of the compute scope what was asked of the system's. */
function wordsOfAnotherScope() {
  return [...document.querySelectorAll("main figcaption")].filter(
    (caption) => /compute/i.test(caption.textContent)).map((caption) =>
    caption.parentNode.id + " speaks of compute: " + caption.textContent);
}

/* Captions that show more than three sentences before they are asked to, or
 * not all when they are. */
function foldedWords() {
  return [...document.querySelectorAll("main figure")].flatMap((figure) => {
    const lines = [...figure.querySelectorAll("figcaption p")];
    const seen = () => lines.filter((p) => p.getClientRects().length).length;
    const before = seen(), more = figure.querySelector(".more");
    if (more) more.click();
    return before > 3 || (figure.querySelector("figcaption")
      .getClientRects().length && seen() !== lines.length)
      ? [`${figure.id}: ${before}, then ${seen()} sentences are shown`] : [];
  });
}

/* Where a mark of the first figure is, on the screen. */
function firstMark() {
  const figure = document.querySelector("main figure");
  figure.scrollIntoView();
  const marks = [...figure.querySelectorAll(".mark-symbol.role-mark path")];
  const { x, y, width, height } = marks.pop().getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

/* What the tooltip says; "" while there is none. */
function tooltip() {
  const tip = document.querySelector("#vg-tooltip-element.visible");
  return tip ? tip.textContent : "";
}

/* What would be wrong on paper, once media are those of print. */
function paper() {
  const color = (node, of) => (getComputedStyle(node)[of].match(/\d+/g) ||
    [255]).map(Number);
  const out = [];
  for (const box of document.querySelectorAll("main figure .chart")) {
    const id = box.parentNode.id;
    const title = box.querySelector(".role-title-text text");
    if (!title || Math.max(...color(title, "fill")) > 120)
      out.push(id + ": its title is too light for paper");
    const svg = box.querySelector("svg");
    if (!svg || Math.min(...color(svg, "backgroundColor")) < 200)
      out.push(id + ": its ground is too dark for paper");
    if (box.scrollWidth > box.clientWidth + 2)
      out.push(id + ": is wider than the paper");
  }
  if (document.querySelector("#controls").getClientRects().length)
    out.push("controls would be printed");
  return out;
}

module.exports = { watchFirst, inspect, choose, strays, batchStrays,
  frontStrays, wordsOfAnotherScope, oddFiles, lostPlaces, foldedWords, deafLegends, firstMark, tooltip, paper };
