// Says what a release time means for feeds while it is typed, and whether this clock is right.
"use strict";

(() => {
  const MINUTE = 60_000;
  const MOST = 2 * MINUTE; // what a clock may be off without a word

  const clock = document.querySelector("[data-clock]");
  const off = clock ? Math.abs(Date.now() - Date.parse(clock.dataset.clock)) : 0;
  if (off > MOST) {
    clock.textContent = clock.dataset.says.replace("{minutes}", String(Math.round(off / MINUTE)));
    clock.hidden = false;
  }

  const line = document.querySelector("[data-entering]");
  const time = document.getElementById("release_at");
  if (!line || !time) return;

  const show = () => {
    const parts = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)/.exec(time.value);
    const isAsked = document.getElementById("release-at")?.checked;
    const isSent = document.getElementById("send_now")?.checked;
    line.hidden = !parts || !isAsked || isSent;
    if (line.hidden) return;
    const [year, month, day, hour, minute] = parts.slice(1).map(Number);
    // The newsroom's clock, reckoned as if it were UTC: this computer may be anywhere.
    const page = Date.UTC(year, month - 1, day, hour, minute);
    const feeds = new Date(page + Number(line.dataset.entering) * MINUTE);
    line.textContent = line.dataset.says.replace("{time}", feeds.toISOString().slice(11, 16));
    const stored = document.getElementById("entering");
    if (stored) stored.hidden = true; // that was the time of before
  };
  for (const name of ["input", "change"]) time.form.addEventListener(name, show);
  show();
})();
