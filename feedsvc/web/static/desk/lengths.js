// Says how long a field is, and for which partners it would be too long or too short.
"use strict";

for (const output of document.querySelectorAll("[data-lengths-of]")) {
  const field = document.getElementById(output.dataset.lengthsOf);
  const { lengths, one, many, long, short } = output.dataset;
  const known = JSON.parse(lengths);
  const named = (text, found) => (found.length ? [text.replace("{names}", found.map(([name]) => name).join(", "))] : []);
  const show = () => {
    const count = [...field.value.trim().replaceAll(/\s+/g, " ")].length; // as the server counts
    const said = [count === 1 ? one : many.replace("{}", count.toLocaleString(document.documentElement.lang))];
    said.push(...named(long, known.filter(([, , most]) => count > most)));
    said.push(...named(short, known.filter(([, least]) => count < least)));
    output.textContent = said.join("; ");
    output.hidden = count === 0;
  };
  let timer = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 300);
  });
  show();
}
