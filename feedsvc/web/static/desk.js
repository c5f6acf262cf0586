// Small helps for editors. Every page of the desk works without them.
"use strict";

(() => {
  // Says how many words there are. Intl knows words in scripts without spaces, too.
  const countWords = (text) => {
    if (typeof Intl.Segmenter !== "function") return text.split(/\s+/u).filter(Boolean).length;
    let count = 0;
    for (const part of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
      if (part.isWordLike) count += 1;
    }
    return count;
  };

  for (const area of document.querySelectorAll("textarea[data-count]")) {
    const output = document.getElementById(area.dataset.count);
    let timer = 0;
    const show = () => {
      const count = countWords(area.value);
      const { one, many } = output.dataset;
      output.textContent = count === 1 ? one : many.replace("{}", count.toLocaleString(document.documentElement.lang));
      output.hidden = false;
    };
    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, 300);
    });
    show();
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
