// Says every twenty seconds that somebody is still at an article, and shows who else is.
"use strict";

(() => {
  const place = document.querySelector("[data-presence]");
  const token = document.querySelector("form.article input[name=csrf_token]")?.value;
  if (!place || !token) return;
  const EVERY = 20_000;
  const AWAY = 300_000; // hands off for so long is no editing any more

  let used = Date.now();
  let timer = 0;
  let isThere = !("later" in place.dataset); // whoever has just saved begins by typing

  const words = (leaving) => {
    const data = new FormData();
    data.set("csrf_token", token);
    if (leaving) data.set("leaving", "yes");
    return data;
  };

  const show = (others) => {
    const shown = [...place.children].map((each) => each.textContent);
    if (JSON.stringify(shown) === JSON.stringify(others)) return; // say nothing twice
    place.replaceChildren(
      ...others.map((text) => {
        const line = document.createElement("p");
        line.className = "notice";
        line.dir = "auto";
        line.textContent = text;
        return line;
      }),
    );
  };

  const tell = async () => {
    timer = 0;
    if (document.hidden || Date.now() - used > AWAY) return;
    timer = setTimeout(tell, EVERY);
    try {
      const answer = await fetch(place.dataset.presence, { method: "POST", body: words(false) });
      if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) {
        show((await answer.json()).others);
      } else {
        clearTimeout(timer); // signed out, say; what is written is not lost by that
        timer = -1;
      }
    } catch {
      // No network: the next one may get through.
    }
  };

  const wake = () => {
    used = Date.now();
    if (timer === 0) tell();
  };

  addEventListener("input", () => {
    isThere = true;
    wake();
  });
  for (const name of ["keydown", "pointerdown", "visibilitychange"]) {
    document.addEventListener(name, () => isThere && wake());
  }
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    timer = 0;
    if (isThere) navigator.sendBeacon(place.dataset.presence, words(true));
  });
  // Also when somebody comes back with the browser's button.
  addEventListener("pageshow", () => isThere && wake());
})();
