"""One listing laid open in plain words and shares of a bar's width; it needs no drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perla.bargains.findings import Bargain, Comparable, Difference, Findings, Surprise
from perla.listings.market import Column
from perla.reports.facts import (
    below,
    driver_name,
    estimate,
    explanations,
    plain_number,
    range_of,
    real_differences,
    rest_of,
    shown_columns,
    unbroken,
    why,
    written,
)
from perla.reports.naming import identity
from perla.reports.untrusted import clean, one_line, safe_link
from perla.words import Lang, Text, money, number, percent, rounded

LARGEST_SURPRISE = 6.0


@dataclass(frozen=True)
class Tongue:
    """One language and one currency: every figure of the page is written through it."""

    lang: Lang
    currency: str

    def say(self, text: Text, longest: int = 400) -> str:
        return unbroken(one_line(text.text(self.lang), longest))

    def money(self, amount: float) -> str:
        return self.say(money(amount, self.currency))

    def estimate(self, amount: float) -> str:
        return self.say(estimate(amount, self.currency))

    def change(self, amount: float) -> str:
        sign = "+" if amount > 0 else "−" if amount < 0 else ""
        return sign + self.estimate(abs(amount))

    def number(self, value: float, decimals: int = 0) -> str:
        return self.say(number(value, decimals, self.currency))


def bargain_shown(findings: Findings, bargain: Bargain, tongue: Tongue) -> dict[str, Any]:
    """One listing laid open: every word and figure, and every bar in percent of its width."""
    return {
        "rank": bargain.rank,
        "id": one_line(bargain.listing_id, 60),
        "what": tongue.say(identity(findings, bargain.original)),
        "verdict": bargain.verdict.value.replace(" ", "-"),
        "verdict_word": tongue.say(bargain.verdict.label),
        "asking": tongue.money(bargain.asking_price),
        "expected": tongue.estimate(bargain.expected_price),
        "interval": tongue.say(range_of(bargain, tongue.currency)),
        "below": tongue.say(below(bargain)),
        "discount": tongue.say(percent(-bargain.discount)).replace("-", "−"),
        "saving": tongue.estimate(bargain.gap),
        "chance": tongue.say(percent(bargain.chance)),
        "why": tongue.say(why(bargain), 220),
        "reasons": [tongue.say(r) for r in bargain.reasons],
        "link": safe_link(bargain.link),
        "bar": _interval_bar(bargain),
        "opinions": [(tongue.say(a.name, 60), tongue.estimate(a.estimate)) for a in bargain.agreement],
        "drivers": [(tongue.say(driver_name(d), 120), tongue.change(d.amount), d.amount >= 0) for d in bargain.drivers],
        "explanations": [tongue.say(t, 300) for t in explanations(bargain)],
        "surprises": [_surprise(s, tongue) for s in _sorted(bargain.surprises)],
        "grid": _grid(findings, bargain, tongue) if bargain.comparables else None,
    }


def _interval_bar(bargain: Bargain) -> dict[str, str]:
    """Where the asking price, the expected price and the interval stand on a bar, in percent of its width."""
    points = [v for v in (bargain.asking_price, bargain.expected_price, bargain.low, bargain.high) if math.isfinite(v)]
    least, most = min(points), max(points)
    margin = (most - least) * 0.08 or 1.0

    def place(value: float) -> float:
        share = (value - least + margin) / (most - least + 2 * margin)
        return min(1.0, max(0.0, share)) * 100 if math.isfinite(share) else 0.0

    low, high = place(bargain.low), place(bargain.high)
    asking, expected = place(bargain.asking_price), place(bargain.expected_price)
    bar = {"low": low, "width": high - low, "asking": asking, "expected": expected}
    return {name: f"{value:.1f}" for name, value in bar.items()}


def _sorted(surprises: Iterable[Surprise]) -> list[Surprise]:
    finite = [s for s in surprises if math.isfinite(s.z)]
    return sorted(finite, key=lambda s: (not s.wished, -abs(s.z)))[:14]


def _surprise(surprise: Surprise, tongue: Tongue) -> dict[str, Any]:
    z = surprise.z
    width = min(abs(z), LARGEST_SURPRISE) / LARGEST_SURPRISE * 50
    sign = "+" if z > 0.05 else "−" if z < -0.05 else ""
    return {
        "title": tongue.say(surprise.title, 60),
        "actual": tongue.say(surprise.actual, 60) or "–",
        "expected": tongue.say(surprise.expected, 60) or "–",
        "z": sign + tongue.number(abs(z), 1),
        "left": f"{50 - width if z < 0 else 50:.1f}",
        "width": f"{width:.1f}",
        "kind": "wished" if surprise.wished else "odd" if abs(z) > 2 else "usual",
        "wished": surprise.wished,
    }


def _grid(findings: Findings, bargain: Bargain, tongue: Tongue) -> dict[str, Any]:
    """The appraiser's grid: attributes down, the subject and its comparables across."""
    columns = shown_columns(findings, 14)
    named = {c.name for c in columns}
    extra = dict.fromkeys(name for c in bargain.comparables for name in real_differences(c) if name not in named)
    rows = [_grid_row(column, bargain, tongue) for column in columns]
    rows += [_extra_row(name, bargain, tongue) for name in extra]
    return {
        "heads": [(one_line(c.listing_id, 30), safe_link(c.link)) for c in bargain.comparables],
        "asking": [tongue.money(c.asking_price) for c in bargain.comparables],
        "similarity": [tongue.say(percent(c.similarity)) for c in bargain.comparables],
        "adjusted": [tongue.estimate(c.adjusted_price) for c in bargain.comparables],
        "rest": _rest(bargain, tongue),
        "rows": [row for row in rows if row["subject"] or any(told for told, _, _ in row["cells"])],
    }


def _grid_row(column: Column, bargain: Bargain, tongue: Tongue) -> dict[str, Any]:
    mine = bargain.original.get(column.name)
    cells = []
    for comparable in bargain.comparables:
        theirs = comparable.original.get(column.name)
        difference = _difference(comparable, column.name)
        told = tongue.say(written(column, theirs, tongue.currency), 80)
        cells.append((told, not _alike(mine, theirs), _worth(difference, tongue)))
    title = tongue.say(column.title, 60)
    return {"title": title, "subject": tongue.say(written(column, mine, tongue.currency), 80), "cells": cells}


def _extra_row(name: str, bargain: Bargain, tongue: Tongue) -> dict[str, Any]:
    """A line of the grid about something that is not one of the shown columns, such as the distance."""
    found_there = [_difference(c, name) for c in bargain.comparables]
    told = next(d for d in found_there if d is not None)
    cells = [
        (tongue.say(d.comparable, 80), d.comparable != d.subject, _worth(d, tongue)) if d else ("", False, "")
        for d in found_there
    ]
    return {"title": tongue.say(told.title, 60), "subject": tongue.say(told.subject, 80), "cells": cells}


def _rest(bargain: Bargain, tongue: Tongue) -> list[str]:
    """What the adjusted price holds beyond the listed differences; empty where that is only rounding."""
    rest = [rest_of(c) for c in bargain.comparables]
    matter = any(abs(r) > 0.005 * c.asking_price for r, c in zip(rest, bargain.comparables, strict=True))
    return [tongue.change(rounded(r)) for r in rest] if matter else []


def _difference(comparable: Comparable, column: str) -> Difference | None:
    return real_differences(comparable).get(column)


def _worth(difference: Difference | None, tongue: Tongue) -> str:
    if difference is None or not math.isfinite(difference.adjustment) or round(difference.adjustment) == 0:
        return ""
    return tongue.change(difference.adjustment)


def _alike(one: object, other: object) -> bool:
    left, right = plain_number(one), plain_number(other)
    return left == right if left is not None and right is not None else clean(one).casefold() == clean(other).casefold()
