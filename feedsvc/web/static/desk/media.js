// Pictures at the desk: refused before they travel if too large, and put in where the cursor is.
// A form that is sent while one travels waits for it.
"use strict";

(() => {
  const isTooLarge = (input) => {
    const file = input.files[0];
    return file !== undefined && file.size > Number(input.dataset.most);
  };

  // A file that is too large would take long to be refused.
  for (const input of document.querySelectorAll("input[type=file][name][data-most]")) {
    input.addEventListener("change", () => {
      input.setCustomValidity(isTooLarge(input) ? input.dataset.tooLarge : "");
      input.reportValidity();
    });
  }

  const button = document.querySelector("[data-insert]");
  const text = document.getElementById("body_source");
  if (!button || !text) return;
  const form = text.form;
  const chooser = button.querySelector("input");
  const status = document.querySelector("[data-insert-status]");
  const say = (words) => { status.textContent = words; };
  const bar = document.querySelector("[data-waiting]");
  button.hidden = false;
  for (const link of document.querySelectorAll("[data-without-script]")) link.hidden = true;

  // What stands for the picture in the text; the words for it are still to be written, so the
  // cursor is left where they go.
  const insert = (made) => {
    const isHtml = form.querySelector("[name=body_format]:checked")?.value === "html";
    const line = isHtml ? made.html : made.markdown;
    const place = text.selectionEnd;
    const before = text.value.slice(0, place);
    const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    text.setRangeText(`${gap}${line}\n\n`, place, place, "end");
    const words = place + gap.length + line.indexOf(isHtml ? 'alt="' : "[") + (isHtml ? 5 : 1);
    text.setSelectionRange(words, words);
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  };

  const upload = async (file) => {
    const data = new FormData();
    data.append("csrf_token", form.elements.csrf_token.value);
    data.append("image_file", file);
    const answer = await fetch(button.dataset.at, {
      method: "POST",
      body: data,
      headers: { Accept: "application/json" },
    });
    const told = await answer.json();
    if (!answer.ok) {
      say(told.problem || button.dataset.failed);
      return false;
    }
    insert(told);
    say(button.dataset.done);
    return true;
  };

  let travelling = 0; // how many pictures
  let isLost = false; // one of them
  let waiting = null; // the button that goes on when they are there
  const tell = (words, isBad = false) => {
    bar.textContent = words;
    bar.classList.toggle("bad", isBad);
  };

  const ended = () => {
    const pressed = waiting;
    const isWhole = !isLost;
    waiting = null;
    isLost = false;
    tell(pressed && !isWhole ? bar.dataset.failed : "", true);
    if (pressed && isWhole) form.requestSubmit(pressed);
    else form.dispatchEvent(new Event("keep"));
  };

  // Before any other script hears of it: the form has not been sent.
  addEventListener("submit", (event) => {
    if (event.target !== form || !travelling) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter;
    tell(bar.dataset.waiting);
  }, true);
  form.addEventListener("keep", () => {
    if (travelling) tell(bar.dataset.waiting);
  });
  addEventListener("beforeunload", (event) => {
    if (travelling) event.preventDefault();
  });

  chooser.addEventListener("change", async () => {
    const file = chooser.files[0];
    if (!file) return;
    if (isTooLarge(chooser)) {
      say(chooser.dataset.tooLarge);
      chooser.value = "";
    } else {
      chooser.value = "";
      say(button.dataset.busy);
      travelling += 1;
      const isThere = await upload(file).catch(() => {
        say(button.dataset.failed);
        return false;
      });
      travelling -= 1;
      isLost ||= !isThere;
      if (!travelling) ended();
    }
  });
})();
