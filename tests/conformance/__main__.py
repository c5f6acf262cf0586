"""Write docs/conformance.md anew."""

from tests.conformance.marks import proofs
from tests.conformance.page import DOCUMENT, page

DOCUMENT.write_text(page(proofs()), "utf-8")
