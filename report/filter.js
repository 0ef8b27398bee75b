/* filter.js - the rows that a reader's choices leave, and their fronts
 *
 * Rows in, rows out; no document is needed.
 */
const filter = (function () {
"use strict";

const FIELDS = [["provenance", "provenance"], ["topology", "topology"],
  ["platform", "platform"],
  ["precision", "precision"], ["pruning_factor_pct", "channels kept"],
  ["batch", "batch"]];

/* Fronts are one a provenance, archive and training of the weights; one a
 * provenance and archive, weights of any training; or across all. */
const FRONTS = [["apart", "per provenance and training"],
  ["trained", "per provenance"], ["across", "across all"]];

/* Tables of best batches, and those with a front: what it is over, where the
 * first is to be large unless said otherwise. */
const BEST = ["best", "overlap", "rooflines"];
const FRONTED = { best: { over: "fps" }, overlap: { over: "fps" },
  energy: { over: "energy_image_j", least: true } };

function known(value) {
  return value !== null && value !== undefined;
}

/* Rows without a field are of no platform, batch, ... and stay. */
function passes(row, chosen, fields) {
  return fields.every(([field]) => !chosen[field] || !known(row[field]) ||
    String(row[field]) === chosen[field]);
}

/* ---- another batch than the best ---- */

function network(row) {
  return [row.source, row.provenance, row.topology, row.dataset, row.unit,
    row.precision, row.pruning_factor_pct, row.model].join("\n");
}

/* The fastest point of each group at a batch in a scope ("comp", "sys"). */
function fastest(points, batch, scope) {
  const found = new Map(), fps = "fps_" + scope;
  for (const point of points) {
    if (String(point.batch) !== batch || !known(point[fps])) continue;
    const had = found.get(network(point));
    if (!had || had[fps] < point[fps]) found.set(network(point), point);
  }
  return found;
}

/* A best row, as its group was measured at another batch. */
function moved(row, point, scope) {
  const out = { ...row }, ratio = point["fps_" + scope] / row.fps;
  const from = { batch: "batch", repeats: "repeats", fps: "fps_" + scope,
    fps_low: `fps_${scope}_low`, fps_high: `fps_${scope}_high`,
    lat_s: `lat_${scope}_s`, top1_pct: "top1_pct",
    power_idle_w: "power_idle_w", power_full_w: "power_full_w",
    power_low_w: "power_low_w", power_high_w: "power_high_w",
    energy_image_j: "energy_image_j", energy_low_j: "energy_low_j",
    energy_high_j: "energy_high_j" };
  for (const [field, name] of Object.entries(from))
    if (field in row) out[field] = point[name];
  for (const field of ["op_rate_op_s", "efficiency_pct"])
    if (known(row[field])) out[field] = row[field] * ratio;
  if (known(row.op_low_op_s)) {
    out.op_low_op_s = known(point[from.fps_low])
      ? point[from.fps_low] * out.op_rate_op_s / out.fps : null;
    out.op_high_op_s = known(point[from.fps_high])
      ? point[from.fps_high] * out.op_rate_op_s / out.fps : null;
  }
  if (out.top1_pct !== row.top1_pct)
    out.top1_low_pct = out.top1_high_pct = null;
  return out;
}

/* Best rows at 'batch' instead of at the best one; groups that were not
 * measured there go, what is no measurement stays. */
function atBatch(rows, points, batch) {
  const found = { compute: fastest(points, batch, "comp"),
    system: fastest(points, batch, "sys") };
  return rows.flatMap((row) => {
    if (!known(row.fps) || !known(row.batch)) return [row];
    const point = found[row.scope].get(network(row));
    if (!point) return [];
    return [row.series === "theory" ? row
      : moved(row, point, row.scope === "system" ? "sys" : "comp")];
  });
}

/* ---- fronts ---- */

/* Mark the front among rows: the same rule as analysis/pareto.c. */
function markFront(rows, { over, least }, fronts) {
  const fields = new Map(), sign = least ? -1 : 1;
  for (const row of rows) {
    const apart = fronts === "across" ? [] : [row.source, row.provenance];
    const trained = fronts === "apart" ? [row.weights_set] : [];
    const key = [row.scope, row.series, row.topology, row.dataset,
      least ? row.power_scope : "", ...apart, ...trained].join("\n");
    row.front = 0;
    row.front_of = key;
    if (!known(row[over]) || !known(row.top1_pct)) continue;
    if (!fields.has(key)) fields.set(key, []);
    fields.get(key).push(row);
  }
  for (const group of fields.values()) {
    let best = -Infinity, last = null;
    group.sort((a, b) => sign * (b[over] - a[over]) || b.top1_pct - a.top1_pct);
    for (const row of group) {
      const tie = last && row[over] === last[over] &&
        row.top1_pct === last.top1_pct;
      if (!tie && row.top1_pct <= best) continue;
      row.front = 1;
      best = row.top1_pct;
      last = row;
    }
  }
}

/* The rows of a table under 'state' ({ filters, fronts }); 'rows' and
 * 'points' are as the page carries them. */
function apply(table, rows, points, state) {
  const { batch } = state.filters, fronted = FRONTED[table];
  const chosen = Object.values(state.filters).some(Boolean);
  if (!chosen && !(fronted && state.fronts !== "apart")) return rows;
  const moves = batch && BEST.includes(table);
  let out = moves ? atBatch(rows, points, batch) : rows;
  out = out.filter((row) => passes(row, state.filters,
    moves ? FIELDS.filter(([field]) => field !== "batch") : FIELDS))
    .map((row) => ({ ...row }));
  if (fronted) markFront(out, fronted, state.fronts);
  return out;
}

/* Labels of the choices that a table knows nothing of. */
function ignored(rows, state) {
  return FIELDS.filter(([field]) => state.filters[field] && rows.length &&
    !rows.some((row) => known(row[field]))).map(([, label]) => label);
}

return { FIELDS, FRONTS, BEST, apply, ignored };
})();
