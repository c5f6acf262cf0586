// Pictures at the desk: refused before they travel if too large, and put in where the cursor is.
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
    if (!answer.ok) return say(told.problem || button.dataset.failed);
    insert(told);
    return say(button.dataset.done);
  };

  chooser.addEventListener("change", async () => {
    const file = chooser.files[0];
    if (!file) return;
    if (isTooLarge(chooser)) {
      say(chooser.dataset.tooLarge);
    } else {
      say(button.dataset.busy);
      await upload(file).catch(() => say(button.dataset.failed));
    }
    chooser.value = "";
  });
})();
