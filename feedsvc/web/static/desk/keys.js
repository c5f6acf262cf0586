// Keys for the list of articles. They can be switched off (WCAG 2.2, 2.1.4), and never act
// while somebody types.
"use strict";

(() => {
  const keys = document.getElementById("keys");
  const box = document.getElementById("keys-on");
  const search = document.getElementById("q");
  if (!keys || !box || !search) return;
  const NAME = "feedsvc-keys";

  const stored = () => {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null; // the browser keeps nothing: keys are on
    }
  };
  box.checked = stored() !== "off";
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(NAME, box.checked ? "on" : "off");
    } catch {
      // until the page is left, then
    }
  });
  keys.hidden = false;

  const move = (step) => {
    const rows = [...document.querySelectorAll(".row h2 a")];
    const at = rows.findIndex((row) => row.closest(".row").contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    rows[Math.max(0, Math.min(next, rows.length - 1))]?.focus();
  };
  const actions = {
    "/": () => {
      search.focus();
      search.select();
    },
    n: () => location.assign(keys.dataset.new),
    j: () => move(1),
    k: () => move(-1),
    "?": () => {
      keys.open = true;
      keys.querySelector("summary").focus();
    },
  };
  const isTyping = (target) =>
    target instanceof Element &&
    target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.isComposing || event.defaultPrevented || isTyping(event.target)) return;
    const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
