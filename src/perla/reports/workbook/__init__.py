"""The Excel workbook: bargains, one proof sheet per bargain, what was set aside, the model; every cell is inert."""

from __future__ import annotations

from perla.bargains.findings import Findings
from perla.words import Lang

LARGEST_COUNT_OF_PROOFS = 100


def render(findings: Findings, lang: Lang, all_rows: bool = False, made_on: str | None = None) -> bytes:
    """The workbook as bytes; equal findings give equal bytes."""
    from perla.reports import wording
    from perla.reports.workbook import aside, bargains, book, everything, model, proof

    def fill_in(made: book.Book) -> None:
        proofs = findings.bargains[:LARGEST_COUNT_OF_PROOFS]
        titles = [made.sheet_name(f"{b.rank} {b.listing_id}") for b in proofs]
        bargains.write(made, titles)
        for bargain, title in zip(proofs, titles, strict=True):
            proof.write(made, bargain, title)
        aside.write(made)
        model.write(made, made_on)
        if all_rows:
            everything.write(made)

    reserved = (wording.BARGAINS, wording.SET_ASIDE, wording.MODEL, wording.ALL_LISTINGS)
    return book.make_workbook(findings, lang, [text.text(lang) for text in reserved], fill_in)
