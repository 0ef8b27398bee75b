/* render.js - draws a folder of specifications and tables as SVG, in node
 *
 * usage: node render.js IN OUT SCOPE
 * IN holds ID.vl.json and TABLE.json, and the scripts that draw them.
 */
(async function () {
"use strict";

const fs = require("fs");
const path = require("path");
const vm = require("vm");
const [from, to, scope] = process.argv.slice(2);
const WIDTH = 1000; /* pixels */

/* as a page runs them: they are no modules then, and leave globals */
for (const name of ["vega.js", "vega-lite.js", "prepare.js"])
  vm.runInThisContext(fs.readFileSync(path.join(from, name), "utf8"), name);

/* no canvas to measure with: the mean width of a sans-serif letter */
vega.textMetrics.width = (item, text) =>
  0.54 * (item.fontSize || 11) * String(text ?? item.text ?? "").length;

async function draw(name) {
  const spec = JSON.parse(fs.readFileSync(path.join(from, name), "utf8"));
  const rows = JSON.parse(fs.readFileSync(path.join(from, spec.data.url),
    "utf8"));
  for (const row of rows)
    for (const [field, value] of Object.entries(row))
      if (value === "") row[field] = null;
  const made = prepare({ spec }, rows, { width: WIDTH, theme: "light", scope },
    vegaLite);
  if (!made) return;
  const view = new vega.View(vega.parse(made.vega()), { renderer: "none" });
  fs.writeFileSync(path.join(to, name.replace(".vl.json", ".svg")),
    await view.toSVG());
  view.finalize();
}

for (const name of fs.readdirSync(from).sort())
  if (name.endsWith(".vl.json")) await draw(name);
})().catch((error) => {
  console.error(error.stack);
  process.exitCode = 1;
});
