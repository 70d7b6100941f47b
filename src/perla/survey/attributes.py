"""What stands in each column: how much is missing, the usual values, and the cells that were hidden."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pandas as pd

from perla.listings import Column, Doubt, Kind, Listings
from perla.listings.drafting.meanings import meaning_of
from perla.survey.facts import Attribute, Count
from perla.words import Text, fill, join, money, number, percent, quantity, same

TOLD_KINDS = (
    Kind.QUANTITY, Kind.COUNT, Kind.CATEGORY, Kind.YES_NO, Kind.DATE, Kind.LATITUDE, Kind.LONGITUDE, Kind.TEXT,
)  # fmt: skip
MEASURED = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE)
COUNTED = (Kind.COUNT, Kind.CATEGORY, Kind.YES_NO)
YEARS = ("built", "renovated", "cadastre year", "year", "published year")
MOST_COMMON, EXAMPLES = 6, 3
YES, NO = Text("yes", "sí"), Text("no", "no")


def attributes(listings: Listings) -> tuple[Attribute, ...]:
    """Every column but the price, ids and links, in table order."""
    hidden: dict[str, list[Doubt]] = defaultdict(list)
    for doubt in listings.doubts:
        hidden[doubt.column].append(doubt)
    columns = [c for c in listings.market.columns if c.kind in TOLD_KINDS and c.name != listings.market.price]
    return tuple(
        _attribute(c, listings.values[c.name], hidden[c.name], listings.market.currency)
        for c in columns
        if c.name in listings.values
    )


def _attribute(column: Column, cells: pd.Series, doubts: list[Doubt], currency: str) -> Attribute:
    n = max(len(cells), 1)
    known = cells.dropna()
    hidden = len(doubts) / n
    missing = max(0.0, (len(cells) - len(known)) / n - hidden)
    why = _hidden_why(column, doubts, n, currency)
    spread, days = _range(column, known), _days(column, known)
    common = _common(column, known, n, currency)
    told = _told(column, spread, days, common, missing, currency)
    return Attribute(
        column=column.name, title=column.title, kind=column.kind.label, unit=column.unit, missing=missing,
        hidden=hidden, hidden_why=why, distinct=int(known.nunique()), low=spread[0], middle=spread[1], high=spread[2],
        from_day=days[0], to_day=days[1], common=common, told=_joined(told, _hidden_told(why, len(doubts), n)),
    )  # fmt: skip


def _days(column: Column, known: pd.Series) -> tuple[str, str]:
    if column.kind is not Kind.DATE or known.empty:
        return "", ""
    return known.min().date().isoformat(), known.max().date().isoformat()


def _range(column: Column, known: pd.Series) -> tuple[float | None, float | None, float | None]:
    """Where nine tenths of the numbers lie, and their middle; of a text, of its length in characters."""
    if known.empty or column.kind not in (*MEASURED, Kind.TEXT):
        return None, None, None
    numbers = known.str.len() if column.kind is Kind.TEXT else known
    low, middle, high = (float(q) for q in np.quantile(numbers.to_numpy(np.float64), [0.05, 0.5, 0.95]))
    return low, middle, high


def _common(column: Column, known: pd.Series, n: int, currency: str) -> tuple[Count, ...]:
    if column.kind not in COUNTED:
        return ()
    counts = known.value_counts()[:MOST_COMMON]
    return tuple(Count(written(column, value, currency), int(k), int(k) / n) for value, k in counts.items())


def written(column: Column, value: object, currency: str) -> Text:
    """A value as a person writes it, with its unit; years are not grouped."""
    if column.kind is Kind.YES_NO:
        return YES if value else NO
    if not isinstance(value, float | int):
        return same(str(value))
    meaning = meaning_of(column.name)
    if column.kind is Kind.TEXT:
        return number(value) + Text(" characters", " caracteres")
    if column.kind in (Kind.LATITUDE, Kind.LONGITUDE):
        return number(value, 4, currency)
    if column.kind is Kind.COUNT and (meaning is not None and meaning.key in YEARS and 1500 <= value <= 2200):
        return same(f"{value:.0f}")
    if currency and column.unit.casefold() == currency.casefold():
        return money(float(value), currency)
    return quantity(value, column.unit, currency)


def _told(
    column: Column,
    spread: tuple[float | None, float | None, float | None],
    days: tuple[str, str],
    common: tuple[Count, ...],
    missing: float,
    currency: str,
) -> Text:
    """Missing first, then the usual values."""
    parts = [] if missing <= 0 else [fill("missing: {share}", "sin dato: {share}", share=small_share(missing))]
    low, middle, high = spread
    if low is not None and middle is not None and high is not None:
        told = {name: written(column, value, currency) for name, value in zip("abc", (low, middle, high), strict=True)}
        parts.append(fill("mostly {a} to {c}, typically {b}", "casi siempre de {a} a {c}, lo típico {b}",
                          **told) if low < high else fill("mostly {b}", "casi siempre {b}", **told))  # fmt: skip
    elif days[0]:
        parts.append(fill("{a} to {b}", "de {a} a {b}", a=days[0], b=days[1]))
    elif common:
        shown = [fill("{v} ({s})", "{v} ({s})", v=c.name, s=small_share(c.share)) for c in common[:3]]
        parts.append(join(shown, ", "))
    return join(parts)


def _hidden_why(column: Column, doubts: list[Doubt], n: int, currency: str) -> tuple[Count, ...]:
    """What was hidden, by side of the plausible range, each with the values that stand there most often."""
    sides: dict[Text, list[str]] = defaultdict(list)
    for doubt in doubts:
        sides[_side(column, doubt, currency)].append(doubt.value)
    made = []
    for side, cells in sorted(sides.items(), key=lambda pair: -len(pair[1])):
        examples = ", ".join(word for word, _ in Counter(cells).most_common(EXAMPLES))
        made.append(Count(side + same(f" ({examples})"), len(cells), len(cells) / n))
    return tuple(made)


def _side(column: Column, doubt: Doubt, currency: str) -> Text:
    if not doubt.implausible:
        return Text("unreadable", "ilegibles")
    if "below" in doubt.reason.en and column.low is not None:
        return fill("below {bound}", "por debajo de {bound}", bound=written(column, column.low, currency))
    if "above" in doubt.reason.en and column.high is not None:
        return fill("above {bound}", "por encima de {bound}", bound=written(column, column.high, currency))
    return Text("impossible", "imposibles")


def _hidden_told(why: tuple[Count, ...], hidden: int, n: int) -> Text:
    if not why:
        return same("")
    reasons = join([fill("{n} {why}", "{n} {why}", n=number(c.listings), why=c.name) for c in why[:2]], ", ")
    return fill(
        "hidden: {count} ({share}): {reasons}", "ocultos: {count} ({share}): {reasons}",
        count=number(hidden), share=small_share(hidden / n), reasons=reasons,
    )  # fmt: skip


def _joined(*parts: Text) -> Text:
    return join(part for part in parts if part.en)


def small_share(share: float) -> Text:
    """A share; a small one keeps its decimals, and one that is not nothing never reads as 0 %.

    >>> small_share(0.0004), small_share(0.004).es, small_share(0.43).en
    (Text(en='under 0.1 %', es='menos del 0,1 %'), '0,4 %', '43 %')
    """
    if 0 < share < 0.001:
        return Text("under 0.1 %", "menos del 0,1 %")
    if share < 0.0095:
        return number(share * 100, 1) + same(" %")
    return percent(share) if share >= 1 or share < 0.995 else number(share * 100, 1) + same(" %")
