"use strict";
const form = document.getElementById("filters");
const words = document.getElementById("words");
const shown = document.getElementById("shown");
const checks = Array.from(document.querySelectorAll("#checks > li"), (item) => ({
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
  const parts = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const check of checks) {
    const fits =
      groups.every(([name, values]) => values.has(check[name])) && parts.every((part) => check.text.includes(part));
    check.item.hidden = !fits;
    if (fits) count += 1;
  }
  shown.textContent = count === checks.length ? `${count} checks` : `${count} of ${checks.length} checks`;
}

// A link to a check opens it.
function open() {
  const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = item && item.querySelector("details");
  if (details) details.open = true;
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", open);
open();
