"""The bargains of one page of the list, as plain words and shares of a bar's width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd

from perla.app.web.pages import words as p
from perla.app.web.pages.answers import Visit
from perla.app.web.pages.fields import as_findings
from perla.bargains.edition import Edition
from perla.bargains.findings import Verdict
from perla.listings import Kind
from perla.listings.wish import Wish
from perla.reports.facts import estimate, short_money
from perla.reports.naming import identity
from perla.reports.page.laid_open import Tongue
from perla.reports.untrusted import one_line
from perla.words import Text, fill, join, number, percent

LEAST_SHARE, MOST_SHARE = 0.1, 2.5
DAYS_AS_MONTHS = 75
NAMES = 2


@dataclass(frozen=True)
class Scale:
    """The common scale of all interval bars of a page, in shares of the expected price."""

    low: float
    high: float

    def place(self, share: float) -> float:
        """Where a share of the expected price stands, in percent of the bar."""
        return min(100.0, max(0.0, (share - self.low) / (self.high - self.low) * 100))


def scale_of(facts: pd.DataFrame) -> Scale:
    """From the lowest to the highest of what is shown, so that the expected price stands at one place in every row."""
    expected = facts["expected_price"]
    low = min((facts[["asking_price", "low"]].min(axis=1) / expected).min(), 0.8)
    high = max((facts[["asking_price", "high"]].max(axis=1) / expected).max(), 1.2)
    margin = (high - low) * 0.05
    return Scale(max(low, LEAST_SHARE) - margin, min(high, MOST_SHARE) + margin)


def list_rows(visit: Visit, wish: Wish, rows: list[int], first: int, wished: str = "") -> list[dict[str, Any]]:
    """What the list shows of the listings at these rows.

    first : the place of the first, from 1. wished : the wish as written, which goes on to each listing's own page.
    """
    if not rows:
        return []
    facts = visit.edition.table(rows, wish)
    scale = scale_of(facts)
    return [_row(visit, row, facts.iloc[i], first + i, scale, wished) for i, row in enumerate(rows)]


def _row(visit: Visit, row: int, facts: pd.Series, place: int, scale: Scale, wished: str) -> dict[str, Any]:
    edition, tongue = visit.edition, visit.tongue
    expected, asking = float(facts["expected_price"]), float(facts["asking_price"])
    low, high = float(facts["low"]), float(facts["high"])
    listing_id, verdict = str(facts["listing_id"]), Verdict(facts["verdict"])
    original = {str(k): v for k, v in edition.listings.original.iloc[row].items()}
    name, facts_told = named(edition, original, tongue)
    interval = join([estimate(low, tongue.currency), estimate(high, tongue.currency)], " – ")
    return {
        "place": place,
        "id": one_line(listing_id, 60),
        "name": name,
        "facts": facts_told,
        "address": address_of_listing(visit.market, listing_id, wished),
        "verdict": verdict.value.replace(" ", "-"),
        "verdict_word": tongue.say(verdict.label),
        "asking": tongue.money(asking),
        "expected": tongue.estimate(expected),
        "expected_short": short_money(expected, tongue.currency, tongue.lang),
        "interval": tongue.say(interval),
        "discount": tongue.say(percent(-float(facts["discount"]))).replace("-", "−"),
        "chance": tongue.say(percent(float(facts["chance"]))),
        "seen": seen_ago(edition.seen["last_seen"].iloc[row], visit.day).text(tongue.lang),
        "bar": _bar(asking / expected, low / expected, high / expected, scale),
        "at": coordinates(edition, row),
    }


def named(edition: Edition, original: dict[str, object], tongue: Tongue) -> tuple[str, str]:
    """What a buyer calls a listing: the name, and the facts that follow it."""
    parts = tongue.say(identity(as_findings(edition), original)).split(" · ")
    return " · ".join(parts[:NAMES]), " · ".join(parts[NAMES:])


def _bar(asking: float, low: float, high: float, scale: Scale) -> dict[str, str]:
    left, right = scale.place(low), scale.place(high)
    told = {"low": left, "width": right - left, "asking": scale.place(asking), "expected": scale.place(1.0)}
    return {name: f"{value:.1f}" for name, value in told.items()}


def address_of_listing(market: str, listing_id: str, wish: str = "", page: str = "listing") -> str:
    """The address of a listing's own page, or of its proof."""
    asked = f"?{urlencode({'wish': wish})}" if wish else ""
    return f"/{page}/{quote(market, safe='')}/{quote(listing_id, safe='')}{asked}"


def coordinates(edition: Edition, row: int) -> tuple[str, str] | None:
    """Latitude and longitude of a listing, where it has both."""
    names = edition.market.first(Kind.LATITUDE), edition.market.first(Kind.LONGITUDE)
    values = edition.listings.values
    if names[0] not in values or names[1] not in values:
        return None
    found = float(values[names[0]].iloc[row]), float(values[names[1]].iloc[row])
    return (f"{found[0]:.5f}", f"{found[1]:.5f}") if found[0] == found[0] and found[1] == found[1] else None


def seen_ago(moment: pd.Timestamp, today: date) -> Text:
    """How long ago a listing was last seen; nothing where nobody knows.

    >>> str(seen_ago(pd.Timestamp("2026-03-01"), date(2026, 3, 4)))
    'seen 3 days ago'
    """
    if pd.isna(moment):
        return Text("", "")
    days = max(0, (today - moment.date()).days)
    if days <= 1:
        return p.SEEN_YESTERDAY if days else p.SEEN_TODAY
    if days < DAYS_AS_MONTHS:
        return fill(*p.SEEN_DAYS, days=days)
    return fill(*p.SEEN_MONTHS, months=number(round(days / 30.4)))
