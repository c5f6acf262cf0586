// Draws what stands in the table: uPlot has the drawing, the table has the figures.
"use strict";

(() => {
  const place = document.querySelector("[data-charts]");
  const table = place && document.getElementById(place.dataset.charts);
  if (!table || typeof uPlot !== "function") return;

  const rows = [...table.tBodies[0].rows];
  const column = (index) =>
    rows.map((row) => {
      const text = row.cells[index].dataset.value;
      return text === "" ? null : Number(text);
    });
  const heads = [...table.tHead.rows[0].cells];
  const times = column(0);
  const isNarrow = matchMedia("(max-width: 40rem)");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const series = (name, scale, stroke, dash) => {
    const index = heads.findIndex((head) => head.dataset.series === name);
    const values = column(index).map((value) => (value === null ? null : value / scale));
    return { values, label: heads[index].textContent, stroke, dash };
  };

  const said = document.documentElement.lang || "en";
  const language = [said === "en" ? "en-GB" : said, "en-GB"]; // days before months, as in the table
  const zone = place.dataset.zone;
  const clock = new Intl.DateTimeFormat(language, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { timeZone: zone, day: "numeric", month: "short" });
  const isHourly = times.length > 1 && times[1] - times[0] < 86400;
  const tick = (time, step) => (step < 86400 ? clock : day).format(new Date(time * 1000));
  const moment = (time) => day.format(new Date(time * 1000)) + (isHourly ? ` ${clock.format(new Date(time * 1000))}` : "");

  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const brief = new Intl.NumberFormat(language, { notation: "compact" });
  let drawn = [];
  const draw = () => {
    for (const chart of drawn) chart.destroy();
    place.hidden = false;
    drawn = [...place.querySelectorAll("[data-chart]")].map((box) => {
      const names = box.dataset.chart.split(" ");
      const inks = [colour("--accent"), colour("--focus")];
      const parts = names.map((name, at) =>
        series(name, Number(box.dataset.scale ?? 1), inks[at], at ? [6, 4] : undefined),
      );
      const axis = { stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule"), width: 1 } };
      const show = (_, value) => (value === null || value === undefined ? "–" : number.format(value) + (box.dataset.unit ?? ""));
      const most = box.dataset.most;
      const last = times.findLastIndex((_, at) => parts.some((part) => part.values[at] !== null));
      // While nothing is pointed at, the key says what is newest.
      const rest = (chart) => {
        if (chart.legend.idx === null || chart.legend.idx === undefined) chart.setLegend({ idx: last }, false);
      };
      return new uPlot(
        {
          width: box.clientWidth,
          tzDate: (time) => uPlot.tzDate(new Date(time * 1000), zone),
          height: isNarrow.matches ? 190 : 220,
          hooks: { ready: [rest], setLegend: [rest] },
          scales: { y: { range: (_, low, high) => [0, most ? Number(most) : Math.max(1, high * 1.1)] } },
          axes: [
            { ...axis, space: 70, values: (_, ticks, _axis, _space, step) => ticks.map((time) => tick(time, step)) },
            { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => brief.format(tick)) },
          ],
          series: [
            { label: heads[0].textContent, value: (_, time) => (time === null ? "–" : moment(time)) },
            ...parts.map((part) => ({ label: part.label, stroke: part.stroke, dash: part.dash, width: 2, value: show, points: { show: part.values.filter((each) => each !== null).length < 3 } })),
          ],
        },
        [times, ...parts.map((part) => part.values)],
        box,
      );
    });
  };

  let timer = 0;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 100);
  };
  draw();
  addEventListener("resize", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
