"""The report in docs/performance.md, which is made from the committed results."""

from bench.options import ROOT
from bench.results import Results
from bench.table import report

DOCUMENT = ROOT / "docs" / "performance.md"
PLOTS = ROOT / "docs" / "performance"
BEGIN, END = "<!-- report: made by python -m bench --record -->", "<!-- end of report -->"


def spliced(document: str, results: Results) -> str:
    """Return the document with the report of some results in its place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{report(results)}\n{END}{after}"


def write(results: Results) -> None:
    """Put the report into the document."""
    PLOTS.mkdir(exist_ok=True)
    DOCUMENT.write_text(spliced(DOCUMENT.read_text("utf-8"), results), "utf-8")
