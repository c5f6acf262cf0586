// Small helps for editors. Every page of the desk works without them.
"use strict";

(() => {
  // Closes the menu when somebody goes on elsewhere. Without this, its own button does.
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
    });
  }

  // Sends a form once, however often the button is pressed.
  for (const form of document.querySelectorAll("form[data-once]")) {
    const mark = (isSent) => {
      form.dataset.sent = isSent ? "yes" : "";
      for (const button of form.querySelectorAll("button[type=submit]")) {
        button.setAttribute("aria-disabled", String(isSent));
      }
    };
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent === "yes") event.preventDefault();
      else mark(true);
    });
    addEventListener("pageshow", () => mark(false)); // come back with the browser's button
  }

  // Asks before unsaved text is left behind.
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const words = () => {
      const data = new FormData(form);
      for (const name of ["csrf_token", "submission", "typed"]) data.delete(name);
      return new URLSearchParams(data).toString();
    };
    const saved = words();
    addEventListener("beforeunload", (event) => {
      const isUnsaved = "unsaved" in form.dataset || words() !== saved;
      if (isUnsaved && form.dataset.sent !== "yes") event.preventDefault();
    });
  }

  // Typing a time means that it counts.
  const time = document.getElementById("release_at");
  time?.addEventListener("input", () => {
    const choice = document.getElementById("release-at");
    if (choice && time.value) choice.checked = true;
  });
})();
