"""The listings as Parquet, with the column types kept."""

from __future__ import annotations

from io import BytesIO

from perla.bargains.findings import Findings
from perla.reports.rows import listing_rows
from perla.reports.untrusted import missing
from perla.words import Lang


def render(findings: Findings, lang: Lang, all_rows: bool = False, made_on: str | None = None) -> bytes:
    """The flat table of ``rows.listing_rows`` as Parquet bytes; ``made_on`` has no place in it."""
    rows = listing_rows(findings, lang, all_rows)
    for name in rows.columns:
        if rows[name].dtype == object:
            rows[name] = rows[name].map(_as_text).astype("str")
    buffer = BytesIO()
    rows.to_parquet(buffer, engine="pyarrow", index=False)
    return buffer.getvalue()


def _as_text(value: object) -> object:
    """Text where a column mixes kinds of values, which Parquet cannot hold."""
    return None if missing(value) else str(value).encode("utf-8", errors="replace").decode("utf-8")
