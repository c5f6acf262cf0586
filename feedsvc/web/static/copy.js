// Shows the copy buttons, which are hidden where no script runs, and makes them copy.
"use strict";

(() => {
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const copy = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch { // not a secure context, or not allowed: the old way, which leaves it selected
      select(element);
      return document.execCommand("copy");
    }
  };

  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const isCopied = await copy(document.getElementById(button.dataset.copy));
      const output = document.getElementById("copied");
      const said = output.dataset;
      button.textContent = isCopied ? said.copied : said.selected;
      output.textContent = isCopied ? said.saidCopied : said.saidSelected;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();
