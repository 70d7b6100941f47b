"""Findings as one flat table: the result columns, then the columns as they were read."""

from __future__ import annotations

import pandas as pd

from perla.bargains.findings import RESULT_COLUMNS, Findings, Verdict
from perla.reports.untrusted import distinct
from perla.words import Lang, Text, fill

SET_ASIDE = ("set aside: {reason}", "apartado: {reason}")


def listing_rows(findings: Findings, lang: Lang, all_rows: bool) -> pd.DataFrame:
    """The bargains, or with ``all_rows`` every listing in input order and at the end every row that was set aside.

    Returns a DataFrame with RESULT_COLUMNS (verdict words stay the English codes, reasons are in ``lang``), then the
    original columns; one that carries the name of a result column gets the suffix ``_original``.
    """
    listings = findings.listings
    keep = listings.values.index if all_rows else pd.Index([b.row for b in findings.bargains], dtype="int64")
    table = findings.table.loc[keep, list(RESULT_COLUMNS)].copy()
    table["reasons"] = pd.Series([said(r, lang) for r in table["reasons"]], index=table.index, dtype="str")
    original = listings.original.loc[keep]
    names = _original_names(list(original.columns))
    rows = pd.concat([table, original.set_axis(names, axis=1)], axis=1).reset_index(drop=True)
    if not all_rows or not listings.rejected:
        return rows
    return pd.concat([rows, _rejected_rows(findings, lang, names)], ignore_index=True)


def said(reasons: object, lang: Lang) -> str:
    """The reasons of one listing in one language: a Text, several of them, or nothing."""
    if isinstance(reasons, Text):
        return reasons.text(lang)
    if isinstance(reasons, tuple | list):
        return "; ".join(said(r, lang) for r in reasons)
    return reasons if isinstance(reasons, str) else ""


def _original_names(columns: list[str]) -> list[str]:
    taken = {name.casefold() for name in RESULT_COLUMNS}
    return [distinct(str(name), taken, lambda name, attempt: name + "_original" * (attempt - 1)) for name in columns]


def _rejected_rows(findings: Findings, lang: Lang, names: list[str]) -> pd.DataFrame:
    rejected = findings.listings.rejected
    reasons = [fill(*SET_ASIDE, reason=r.reason).text(lang) for r in rejected]
    table = pd.DataFrame(
        {
            "listing_id": pd.Series([r.listing_id for r in rejected], dtype="str"),
            "rank": pd.Series([pd.NA] * len(rejected), dtype="Int64"),
            "verdict": pd.Series([Verdict.NOT_RATED.value] * len(rejected), dtype="str"),
            "reasons": pd.Series(reasons, dtype="str"),
            "error_column": pd.Series([r.error_column for r in rejected], dtype="str"),
            "probable_value": pd.Series([r.probable_value for r in rejected], dtype="float64"),
        }
    ).reindex(columns=list(RESULT_COLUMNS))
    columns = list(findings.listings.original.columns)
    original = findings.listings.rejected_original.reset_index(drop=True).reindex(columns=columns)
    return pd.concat([table, original.set_axis(names, axis=1)], axis=1)
