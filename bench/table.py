"""The Markdown of a run: every aim beside its figure, and all that was measured."""

from collections.abc import Iterator

from bench.aims import AIMS
from bench.results import BESIDE, Part, Results

_DIGITS = 100  # from here on whole numbers
_BUSY = 0.3  # cores
_WARNING = (
    "* **The machine was busy with other work: these figures say that everything runs, "
    "and not how fast.**"
)


_PLOTS = {
    "requests": ("servers", "Requests a second of each server"),
    "scale": ("archive", "Milliseconds of a publication against the size of the archive"),
    "feeds": ("feeds", "Requests a second against the number of feeds"),
    "memory": ("memory", "Megabytes of memory against the number of feeds"),
    "workers": ("workers", "Requests a second against the number of workers"),
}


def report(results: Results) -> str:
    """Return the whole report of some results; the same for the same ones."""
    blocks = [
        machine(results),
        aims(results),
        *(
            f"![{title}](performance/{name}.svg)"
            for part, (name, title) in _PLOTS.items()
            if part in results.parts and results.parts[part].figures
        ),
        *(
            f"### {title}\n\n{table(part, results.parts[part])}"
            for part, title in _TITLES.items()
            if part in results.parts and results.parts[part].figures
        ),
        missing(results),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def machine(results: Results) -> str:
    """Describe the machine, and how busy it was."""
    lines = [f"* {name}: {value}" for name, value in results.machine.items()]
    if results.parts:
        taken = sorted(part.taken for part in results.parts.values())
        lines.append(f"* taken: {taken[0]} to {taken[-1]}")
    if others := [part.others for part in results.parts.values() if part.others is not None]:
        lines.append(f"* cores that other programs had: {min(others):.2f} to {max(others):.2f}")
        if max(others) > _BUSY:
            lines.append(_WARNING)
    return "\n".join(lines)


def aims(results: Results) -> str:
    """Return every aim beside its figure."""
    lines = ["| what | aim | figure | | held |", "|---|---|--:|---|---|"]
    for aim in AIMS:
        found = aim.find(results)
        if found is None:
            lines.append(f"| {aim.what} | {aim.wanted} | not measured | | |")
            continue
        verdict = "yes" if aim.is_held(found.value) else "**no**"
        lines.append(f"| {aim.what} | {aim.wanted} | {found.text} | {found.note} | {verdict} |")
    return "\n".join(lines)


_TITLES = {
    "requests": "Requests",
    "connections": "Connections",
    "workers": "Workers, on all cores, which they share with the load",
    "feeds": "Many feeds, each asked for in turn",
    "waiting": "Waiting, at 400 requests a second",
    "editors": "Fifty editors save without a pause, two hundred pollers ask twice a second",
    "scale": "Size of the archive, in milliseconds",
    "hugo": "Full rebuild",
    "regenerate": "Rendering, in milliseconds of CPU",
    "memory": "Memory",
}


def table(name: str, part: Part) -> str:
    """Return all figures of a part, each with its unit in the heading."""
    turned = name == "scale"
    return "\n".join(_by_size(part) if turned else _by_subject(part))


def _by_subject(part: Part) -> Iterator[str]:
    found = dict.fromkeys(m for a in part.figures.values() for b in a.values() for m in b)
    measures = [one for one in found if not one.startswith(BESIDE)]  # those are with the aims
    yield f"| | | {' | '.join(map(_heading, measures))} |"
    yield "|---|---|" + "--:|" * len(measures)
    for asked, subjects in part.figures.items():
        for whom, figures in subjects.items():
            cells = [_shown(measure, figures.get(measure)) for measure in measures]
            yield f"| {asked} | {whom} | {' | '.join(cells)} |"


def _by_size(part: Part) -> Iterator[str]:
    for engine, sizes in part.figures.items():
        ordered = sorted(sizes, key=int)
        yield f"| {engine} | {' | '.join(f'{int(size):,}' for size in ordered)} |"
        yield "|---|" + "--:|" * len(ordered)
        for question in sizes[ordered[0]]:
            if question != "spread":
                cells = [_shown("", sizes[size].get(question)) for size in ordered]
                yield f"| {question} | {' | '.join(cells)} |"
        yield ""


_HEADINGS = {
    "per_second": "a second",
    "cpu_us": "CPU µs each",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "bytes": "bytes",
    "least_busy": "least busy worker beside the busiest",
    "spread": "spread of rounds",
}


def _heading(measure: str) -> str:
    return _HEADINGS.get(measure, measure.replace("_", " "))


def _shown(measure: str, value: float | None) -> str:
    if value is None:
        return ""
    if measure == "spread":
        return f"{value:.0%}"
    return f"{value:,.0f}" if value >= _DIGITS or value == int(value) else f"{value:.3g}"


def missing(results: Results) -> str:
    """Name what could not be measured, and why."""
    lines = [f"* {why}" for part in results.parts.values() for why in part.missing]
    return "\n".join(["Not measured:", "", *dict.fromkeys(lines)]) if lines else ""
