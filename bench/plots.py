"""Plots of a run as SVG, readable on white and on black.

.venv/peers/bin/python -m bench.plots RESULTS FOLDER    needs matplotlib, which no test has
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

_GREY, _COLOURS = "#808890", ("#2f8fdd", "#e07b39", "#3aa76d", "#b065c8")
_STYLE = {
    "svg.hashsalt": "feedsvc",  # the same names in every run
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": _GREY,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _GREY,
    "axes.titlecolor": _GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": _GREY,
    "grid.alpha": 0.25,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.markersize": 6,
}
_HEADROOM = 1.1
_WHOLE = mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}")
Points = Sequence[tuple[float, float]]
Figures = dict[str, dict[str, dict[str, float]]]


def curve(axes: Axes, points: Points, name: str, colour: str) -> None:
    """Draw what was measured, in order."""
    points = sorted(points)
    axes.plot([x for x, _ in points], [y for _, y in points], "o-", label=name, color=colour)


def lettered(axes: Axes, title: str, x: str, y: str) -> None:
    """Say what is drawn, from zero on, with whole numbers."""
    axes.set_title(title, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_ylim(0, axes.get_ylim()[1] * _HEADROOM)
    axes.minorticks_off()
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_WHOLE)


def by_archive(axes: Axes, figures: Figures) -> None:
    """Draw what a publication costs in small and large archives."""
    what = "publish in 5 categories, until in memory"
    for (engine, sizes), colour in zip(figures.items(), _COLOURS, strict=False):
        curve(axes, [(int(size), one[what]) for size, one in sizes.items()], engine, colour)
    axes.set_xscale("log")
    lettered(axes, "One article published, until readers get it", "articles", "milliseconds")
    axes.legend(loc="lower right")


def by_feeds(axes: Axes, figures: Figures) -> None:
    """Draw how fast one worker answers with few feeds and many."""
    [asked] = figures.values()
    points = [(int(count), one["per_second"]) for count, one in asked.items()]
    curve(axes, points, "feedsvc", _COLOURS[0])
    axes.set_xscale("log")
    lettered(axes, "Feeds asked for in turn, gzip", "feeds", "requests a second")


def by_workers(axes: Axes, figures: Figures) -> None:
    """Draw how fast several workers answer."""
    points = [(int(count), one["per_second"]) for count, one in figures["304"].items()]
    axes.bar(
        [f"{count:.0f}" for count, _ in points],
        [rate for _, rate in points],
        color=_COLOURS[0],
        width=0.4,
    )
    axes.set_title("304, the load on the same cores", loc="left")
    axes.set_xlabel("workers")
    axes.set_ylabel("requests a second")
    axes.grid(visible=False, axis="x")
    axes.yaxis.set_major_formatter(_WHOLE)


def by_server(axes: Axes, figures: Figures) -> None:
    """Draw who answers how fast."""
    rates = {name: one["per_second"] for name, one in figures["304"].items()}
    ordered = sorted(rates.items(), key=lambda each: each[1])
    colours = [_COLOURS[0] if name.startswith("feedsvc") else _GREY for name, _ in ordered]
    bars = axes.barh(
        [name for name, _ in ordered], [rate for _, rate in ordered], color=colours
    )
    axes.bar_label(bars, fmt="{:,.0f}", padding=4, color=_GREY, fontsize=9)
    axes.set_xlim(right=ordered[-1][1] * _HEADROOM)
    axes.set_title("304 over kept connections, one core", loc="left")
    axes.set_xlabel("requests a second")
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(_WHOLE)


def by_memory(axes: Axes, figures: Figures) -> None:
    """Draw what so many feeds hold in memory, when every one has been asked for."""
    for workers, colour in (("1", _COLOURS[0]), ("2", _COLOURS[1])):
        points = [
            (int(feeds.split()[0]), one[f"workers: {workers}"]["all_asked_for_MB"])
            for feeds, one in figures.items()
        ]
        curve(axes, points, f"workers: {workers}", colour)
    axes.set_xscale("log")
    title = "Memory with a budget of 64 MB, all asked for"
    lettered(axes, title, "feeds, in 3 formats and 4 codings", "megabytes")
    axes.legend(loc="lower right")


_PLOTS = {
    "memory": ("memory", by_memory),
    "requests": ("servers", by_server),
    "feeds": ("feeds", by_feeds),
    "workers": ("workers", by_workers),
    "scale": ("archive", by_archive),
}


def main() -> None:
    """Draw every plot that there are figures for."""
    parts = json.loads(Path(sys.argv[1]).read_text("utf-8"))["parts"]
    folder = Path(sys.argv[2])
    mpl.use("svg")
    with mpl.rc_context(_STYLE):
        for part, (name, draw) in _PLOTS.items():
            if figures := parts.get(part, {}).get("figures"):
                figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
                draw(axes, figures)
                # Without a date the same figures make the same file.
                metadata = {"Date": None, "Creator": None}
                figure.savefig(folder / f"{name}.svg", transparent=True, metadata=metadata)
                plt.close(figure)


if __name__ == "__main__":
    main()
