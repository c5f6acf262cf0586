// Asks the server, after a pause in typing, what readers will get: counts, the excerpt, and on
// wide windows a preview beside the text. At most one question is under way.
"use strict";

(() => {
  const KEY = "feedsvc:beside";
  const remembered = () => {
    try {
      return localStorage.getItem(KEY) === "yes";
    } catch {
      return false; // forbidden here
    }
  };
  const remember = (isOn) => {
    try {
      localStorage.setItem(KEY, isOn ? "yes" : "no");
    } catch {} // then it lasts as long as the page
  };
  const root = document.documentElement;
  const form = document.querySelector("form[data-live]");
  if (!form) return;
  const button = form.querySelector("[data-beside]");
  const frame = form.querySelector("iframe");
  const words = document.getElementById("words");
  const excerpt = document.getElementById("excerpt-shown");
  const wide = matchMedia("(min-width: 62rem)");
  const isBeside = () => root.classList.contains("beside") && wide.matches;

  // Before the page is painted, so that nothing moves.
  const turn = (isOn) => {
    root.classList.toggle("beside", isOn && button !== null);
    button?.setAttribute("aria-pressed", String(isOn));
  };
  turn(remembered());

  // Makes one tree like another, and touches nothing that is the same: so the preview neither
  // flickers nor leaves its place.
  const mend = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE || old.localName === "img") {
      old.replaceWith(fresh);
      return;
    }
    const isKept = (name) => fresh.hasAttribute(name) || (old.localName === "details" && name === "open");
    for (const { name } of [...old.attributes]) if (!isKept(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const before = [...old.childNodes];
    const after = [...fresh.childNodes];
    let same = 0; // at the end
    while (before.length && after.length && before[0].isEqualNode(after[0])) [before, after].forEach((each) => each.shift());
    while (before.length && after.length && before.at(-1).isEqualNode(after.at(-1))) {
      [before, after].forEach((each) => each.pop());
      same += 1;
    }
    const end = same ? old.childNodes[old.childNodes.length - same] : null;
    before.forEach((each, number) => (number < after.length ? mend(each, after[number]) : each.remove()));
    for (const each of after.slice(before.length)) old.insertBefore(each, end);
  };

  const show = (page) => {
    const shown = frame.contentDocument;
    if (!shown?.querySelector("main")) {
      frame.srcdoc = page;
      return;
    }
    const fresh = new DOMParser().parseFromString(page, "text/html");
    for (const name of ["lang", "dir"]) shown.documentElement.setAttribute(name, fresh.documentElement.getAttribute(name));
    mend(shown.body, fresh.body);
  };

  const tell = (output, text) => {
    if (text && output.textContent !== text) output.textContent = text;
    output.closest("[data-room]").hidden = !text;
  };

  const LEAST = 600; // milliseconds of a pause
  let pause = LEAST;
  let timer = 0;
  let asked = 0; // how often there was something to ask
  let isAsking = false;

  const ask = async () => {
    if (isAsking) return; // whoever is asking looks again
    isAsking = true;
    const mine = asked;
    const begun = performance.now();
    const body = new FormData(form);
    body.delete("image_file");
    if (isBeside()) body.set("beside", "yes");
    try {
      const answer = await fetch(form.dataset.live, { method: "POST", body, redirect: "error" });
      const said = answer.ok ? await answer.json() : { words: "", excerpt: "" };
      tell(words, said.words);
      tell(excerpt, said.excerpt);
      if (said.page) show(said.page);
    } catch {
      for (const output of [words, excerpt]) tell(output, ""); // what stood there is no longer true
    }
    // A long text takes the server longer, and is asked about less often.
    pause = Math.max(LEAST, 3 * (performance.now() - begun));
    isAsking = false;
    if (mine !== asked) soon();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  };
  const changed = () => {
    asked += 1;
    soon();
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  button?.addEventListener("click", () => {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    turn(isOn);
    remember(isOn);
    asked += 1;
    if (isOn) ask();
  });
  wide.addEventListener("change", () => isBeside() && changed());
  addEventListener("pageshow", (event) => {
    if (event.persisted || isBeside()) changed(); // what the browser put back may be another text
  });
})();
