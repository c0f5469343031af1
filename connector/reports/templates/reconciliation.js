"use strict";
const isMore = (row) => row.className === "more";
const moreOf = (row) => (row.nextElementSibling && isMore(row.nextElementSibling) ? [row.nextElementSibling] : []);
const rowsOf = (table) => [...table.tBodies[0].rows].filter((row) => !isMore(row));
const numbers = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
function valueOf(row, at) {
  const cell = row.cells[at], exact = cell.dataset.sort, text = (exact || cell.textContent).trim();
  return cell.className === "r" ? (text === "" ? null : Number(text)) : text;
}
function compare(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);
  return typeof one === "number" ? one - other : numbers.compare(one, other);
}
function sort(table, head) {
  const at = head.cellIndex, down = head.getAttribute("aria-sort") === "ascending";
  for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = rowsOf(table).map((row) => [valueOf(row, at), [row, ...moreOf(row)]]);
  rows.sort((one, other) => (down ? -1 : 1) * compare(one[0], other[0]));
  const part = document.createDocumentFragment();
  for (const [, of] of rows) part.append(...of);
  table.tBodies[0].append(part);
}
function show(row, open) {
  for (const more of moreOf(row)) {
    more.hidden = !open;
    row.querySelector("button.open").setAttribute("aria-expanded", String(open));
  }
}
function filter(table, words, status) {
  let left = 0;
  const rows = rowsOf(table);
  for (const row of rows) {
    const more = moreOf(row), text = [row, ...more].map((each) => each.textContent).join(" ").toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    left += !row.hidden;
    if (row.hidden) show(row, false);
  }
  status.textContent = words.length ? `${left.toLocaleString("en")} of ${rows.length.toLocaleString("en")}; totals are of all` : "";
}
for (const table of document.querySelectorAll("table.data")) {
  for (const head of table.tHead.rows[0].cells) head.firstElementChild.addEventListener("click", () => sort(table, head));
  const bar = table.closest("section").querySelector(".bar");
  let waiting = 0;
  bar.firstElementChild.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => filter(table, event.target.value.trim().toLowerCase().split(/\s+/).filter(Boolean), bar.lastElementChild), 150);
  });
}
// Without a script all of it is there to read; with one it opens where it is asked for.
for (const button of document.querySelectorAll("button.open")) {
  const row = button.closest("tr");
  show(row, false);
  button.addEventListener("click", () => show(row, button.getAttribute("aria-expanded") !== "true"));
}
// What is closed cannot be printed: tables open for paper, and close again.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("section > details:not([open]), details.facts:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
document.body.dataset.ready = "yes";
