"""The whole search as JSON, for other programs: bargains with their proof, what was set aside, the model card."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from perla.bargains.findings import Bargain, Findings
from perla.listings import Rejected
from perla.reports.facts import rejected_counts
from perla.reports.rows import listing_rows
from perla.reports.untrusted import missing
from perla.words import Lang, Text


def render(findings: Findings, lang: Lang, all_rows: bool = False, made_on: str | None = None) -> bytes:
    """The search as UTF-8 JSON; NaN becomes null, sentences are in ``lang``, verdicts stay the English codes."""
    record = search_record(findings, lang)
    record["made_on"] = made_on
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2)
    if all_rows:
        text = text.removesuffix("\n}") + ',\n  "listings": [\n' + ",\n".join(_lines(findings, lang)) + "\n  ]\n}"
    return (text + "\n").encode("utf-8", errors="replace")


def render_listing(listing: Bargain | Rejected, lang: Lang) -> bytes:
    """One listing with everything known about it, or why it was set aside, as UTF-8 JSON."""
    text = json.dumps(plain(listing, lang), ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", errors="replace")


def _lines(findings: Findings, lang: Lang) -> Iterator[str]:
    """One listing per line, made one after another: a hundred thousand of them at once would fill the memory."""
    rows = listing_rows(findings, lang, True)
    for values in rows.itertuples(index=False, name=None):
        listing = {name: plain(value, lang) for name, value in zip(rows.columns, values, strict=True)}
        yield "    " + json.dumps(listing, ensure_ascii=False, allow_nan=False)


def search_record(findings: Findings, lang: Lang) -> dict[str, Any]:
    """The search as plain dicts and lists."""
    market = findings.listings.market
    rejected = {reason.text(lang): count for reason, count in rejected_counts(findings)}
    return {
        "perla_version": findings.card.perla_version,
        "simulated": market.simulated or findings.card.simulated,
        "market": {
            "name": market.name, "title": market.label.text(lang), "price": market.price, "currency": market.currency,
        },
        "source": findings.listings.source,
        "wish": findings.wish.text(lang),
        "where": findings.where,
        "examined": findings.examined,
        "false_discovery_rate": findings.fdr,
        "discovered": None if findings.fdr is None else findings.discovered,
        "counts": {verdict.value: count for verdict, count in findings.counts().items()},
        "rejected": {"count": len(findings.listings.rejected), "by_reason": rejected},
        "doubts": {"count": len(findings.listings.doubts)},
        "bargains": plain(findings.bargains, lang),
        "card": plain(replace(findings.card, scorecard=None), lang) | {"scorecard": _overall(findings, lang)},
    }  # fmt: skip


def _overall(findings: Findings, lang: Lang) -> Any:
    """The model's own figures over all listings; ``perla evaluate`` tells the rest."""
    card = findings.card.scorecard
    return None if card is None else plain(card.overall, lang)


def plain(value: Any, lang: Lang) -> Any:
    """A value as JSON can hold it: dataclasses as objects, sentences in one language, missing numbers as null."""
    if isinstance(value, Text):
        return value.text(lang)
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name), lang) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item, lang) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, lang) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if missing(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
