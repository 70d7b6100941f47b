"""The listings as CSV: UTF-8, commas, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import pandas as pd

from perla.bargains.findings import Findings
from perla.reports.rows import listing_rows
from perla.reports.untrusted import guard
from perla.words import Lang


def render(findings: Findings, lang: Lang, all_rows: bool = False, made_on: str | None = None) -> bytes:
    """The flat table of ``rows.listing_rows`` as CSV bytes; ``made_on`` has no place in it."""
    rows = listing_rows(findings, lang, all_rows)
    rows = rows.set_axis([str(guard(name)) for name in rows.columns], axis=1)
    for name in rows.columns:
        if not pd.api.types.is_numeric_dtype(rows[name]) and not pd.api.types.is_datetime64_any_dtype(rows[name]):
            rows[name] = rows[name].map(guard).astype(object)
    return rows.to_csv(index=False, lineterminator="\n").encode("utf-8", errors="replace")
