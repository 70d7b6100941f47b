"""What the page shows, as plain words and shares of a bar's width: everything decided before the template."""

from __future__ import annotations

from typing import Any

from perla.bargains.findings import Findings
from perla.reports import wording as w
from perla.reports.facts import (
    accuracy,
    exact_percent,
    found,
    heading,
    is_simulated,
    rejected_counts,
    request,
    suspicious_rows,
)
from perla.reports.page import charts
from perla.reports.page.laid_open import Tongue, bargain_shown
from perla.reports.page.scorecard import render_section
from perla.reports.rows import said
from perla.reports.untrusted import one_line
from perla.words import Lang, fill, number, same

EXAMPLES = 12


def page(findings: Findings, lang: Lang, made_on: str | None) -> dict[str, Any]:
    """Everything the template needs, in one language."""
    tongue = Tongue(lang, findings.listings.market.currency)
    title = tongue.say(heading(findings))
    return {
        "lang": lang,
        "w": w.spoken(lang),
        "title": title,
        "market": tongue.say(findings.listings.market.label),
        "simulated": is_simulated(findings),
        "request": tongue.say(request(findings)),
        "found": tongue.say(found(findings)),
        "accuracy": tongue.say(accuracy(findings), 1000),
        "counts": [
            (v.value.replace(" ", "-"), v.label.text(lang), tongue.number(n)) for v, n in findings.counts().items()
        ],
        "bargains": [bargain_shown(findings, b, tongue) for b in findings.bargains],
        "charts": charts.market_charts(findings, lang),
        "aside": _aside(findings, tongue),
        "model": _model(findings, tongue, made_on),
        "scorecard": _scorecard(findings, lang),
        "made_by": tongue.say(fill(*w.MADE_BY, version=findings.card.perla_version)),
        "made_on": made_on or "",
    }


def _scorecard(findings: Findings, lang: Lang) -> Any:
    """The section of the model's own scorecard; nothing for a model that keeps none."""
    card = findings.card.scorecard
    return "" if card is None else render_section(card, findings.listings.market.currency, lang)


def _aside(findings: Findings, tongue: Tongue) -> dict[str, Any]:
    listings, suspicious = findings.listings, suspicious_rows(findings)
    ids, columns = listings.ids, ["listing_id", "asking_price", "reasons"]
    return {
        "suspicious_count": tongue.number(len(suspicious)),
        "suspicious": [
            (one_line(listing_id, 60), tongue.money(asking), one_line(said(reasons, tongue.lang), 300))
            for listing_id, asking, reasons in suspicious.head(EXAMPLES)[columns].itertuples(index=False, name=None)
        ],
        "suspicious_more": _more(len(suspicious), EXAMPLES, tongue),
        "rejected_count": tongue.number(len(listings.rejected)),
        "rejected": [(tongue.say(reason), tongue.number(n)) for reason, n in rejected_counts(findings)[:EXAMPLES]],
        "rejected_more": _more(len(rejected_counts(findings)), EXAMPLES, tongue),
        "doubts_count": tongue.number(len(listings.doubts)),
        "doubts": [
            (one_line(ids.get(d.row, ""), 60), one_line(d.column, 60), one_line(d.value, 60), tongue.say(d.reason))
            for d in listings.doubts[:EXAMPLES]
        ],
        "doubts_more": _more(len(listings.doubts), EXAMPLES, tongue),
    }


def _more(count: int, shown: int, tongue: Tongue) -> str:
    return tongue.say(fill(*w.AND_MORE, count=tongue.number(count - shown))) if count > shown else ""


def _model(findings: Findings, tongue: Tongue, made_on: str | None) -> dict[str, Any]:
    card = findings.card
    facts = [
        (w.COVERAGE, exact_percent(card.coverage)),
        (w.WIDTH, same("×") + number(card.interval_width, 2)),
        (w.LEARNED_FROM, same(card.learned_from)),
        (w.LEARNED, number(card.listings_learned)),
        (w.NOT_LEARNED, number(card.listings_not_learned)),
        (w.WEIGHTS, same(", ".join(f"{one_line(n, 40)} {s * 100:.0f} %" for n, s in card.weights) or "–")),
        (w.VERSION, same(card.perla_version)),
        (w.SEED, same(card.seed)),
        (w.HASH, same(card.data_hash)),
        *([(w.MADE_ON, same(made_on))] if made_on else []),
    ]
    return {
        "fits": [
            (
                tongue.say(f.name, 80),
                *(tongue.say(exact_percent(v)) for v in (f.mdape, f.within_10)),
                tongue.number(f.r2, 2),
            )
            for f in card.fits
        ],
        "facts": [(tongue.say(name), tongue.say(value, 300)) for name, value in facts],
        "kept_out": [(one_line(name, 60), tongue.say(reason)) for name, reason in card.kept_out],
        "left_out": [(one_line(name, 60), tongue.say(reason)) for name, reason in card.left_out],
        "notes": [tongue.say(note) for note in card.notes],
    }
