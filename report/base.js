/* base.js - what every page needs: elements, numbers, tables, files */
const base = (function () {
"use strict";

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

/* A table of the page: [[field, label, format], ...]; columns without any
 * value are left out. */
function fillTable(id, all, rows) {
  const columns = all.filter(([field]) => rows.some((row) =>
    row[field] !== null && row[field] !== undefined && row[field] !== ""));
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

/* A table that a page carries, as objects; "" is missing. */
function rowsFrom(table) {
  return table.rows.map((row) => Object.fromEntries(row.map(
    (value, i) => [table.fields[i], value === "" ? null : value])));
}

return { element, si, fillTable, save, csv, rowsFrom };
})();
