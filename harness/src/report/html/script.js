"use strict";
const form = document.getElementById("filters");
const words = document.getElementById("words");
const shown = document.getElementById("shown");
const parts = Array.from(document.querySelectorAll("#checks > ol"), (list) => ({ list, shown: 0 }));
const partOf = new Map(parts.map((part) => [part.list, part]));
const checks = Array.from(document.querySelectorAll("#checks li[data-state]"), (item) => ({
  part: partOf.get(item.parentElement),
  item,
  state: item.dataset.state,
  level: item.dataset.level,
  kind: item.dataset.kind,
  text: item.querySelector(".head").textContent.toLowerCase(),
}));

// Boxes of one group widen each other, groups narrow each other; a group without a mark asks for nothing.
function filter() {
  const wanted = { state: new Set(), level: new Set(), kind: new Set() };
  for (const box of form.querySelectorAll("input:checked")) wanted[box.name].add(box.value);
  const groups = Object.entries(wanted).filter(([, values]) => values.size > 0);
  const wantedWords = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const part of parts) part.shown = 0;
  for (const check of checks) {
    const fits =
      groups.every(([name, values]) => values.has(check[name])) && wantedWords.every((word) => check.text.includes(word));
    if (check.item.hidden === fits) check.item.hidden = !fits;
    if (!fits) continue;
    count += 1;
    check.part.shown += 1;
  }
  for (const { list, shown } of parts) {
    list.hidden = shown === 0;
    list.style.containIntrinsicHeight = `auto ${shown * 2.5}rem`;
  }
  shown.textContent = count === checks.length ? `${count} checks` : `${count} of ${checks.length} checks`;
}

// A link to a check opens it.
function open() {
  const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = item?.matches("li") && item.querySelector("details");
  if (details) details.open = true;
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", open);
open();
