// Turns the absolute date of <time data-age> into an age that stays true in caches: the age
// is worked out by whoever looks at the page. Without this script the date simply stands; so it
// does in a language that the browser has no words for, as Chromium has none for Odia.
"use strict";

(() => {
  const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const OLDEST_DAYS = 30; // beyond this the date says more than the age

  const words = (element) => {
    const language = element.closest("[lang]")?.lang;
    try {
      const isKnown = Intl.RelativeTimeFormat.supportedLocalesOf(language ?? []).length > 0;
      return isKnown ? new Intl.RelativeTimeFormat(language, { numeric: "always" }) : null;
    } catch {
      return null; // no tag of a language
    }
  };

  const age = (format, seconds) => {
    for (const [unit, length] of STEPS) {
      if (seconds >= length) return format.format(-Math.floor(seconds / length), unit);
    }
    return format.format(-1, "minute"); // nobody needs it to the second
  };

  const show = () => {
    for (const element of document.querySelectorAll("time[data-age]")) {
      element.dataset.date ??= element.textContent;
      const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
      const isOld = !(seconds < OLDEST_DAYS * 86400); // also when the date cannot be read
      const format = isOld ? null : words(element);
      element.textContent = format ? age(format, seconds) : element.dataset.date;
      if (format) element.title = element.dataset.date;
    }
  };

  show();
  setInterval(show, 60000);
  addEventListener("pageshow", show);
})();
