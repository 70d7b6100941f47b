"""The proof of one listing: estimate, interval, surprises, drivers, comparables, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.agreement import Opinions, agreement_reason
from perla.bargains.cells import cell_text
from perla.bargains.comparables import PLACE, POOL, Contributions, contributions, find_comparables, title_of
from perla.bargains.counterfactuals import WhatIf
from perla.bargains.evidence import Evidence
from perla.bargains.findings import Bargain, Comparable, Counterfactual, Driver, Verdict
from perla.bargains.judge import Nature
from perla.bargains.reasons import UNLIKE_REASON, comparables_reason, normality_reason, price_reason
from perla.bargains.rows import row_of
from perla.bargains.ruling import Ruling
from perla.bargains.surprises import surprises_of
from perla.listings import Kind, Listings, Market
from perla.listings.wish import Wish
from perla.prepare import Prepared
from perla.valuation import side_by_side
from perla.words import Text, same

if TYPE_CHECKING:
    from perla.bargains.finder import Finder

MOST_DRIVERS = 6
NOT_STATED = Text("not stated", "sin dato")
LEAST_DRIVER = 0.01  # log price


@dataclass(frozen=True)
class Prover:
    """Lays one listing open.

    positions : which known listing each is (-1: none). near : the known ones most like each, itself and its twins not
    among them, nearest first (-1: none), (n, REACH). opinions : by kind of model. ruling : verdicts and their grounds.
    """

    finder: Finder
    listings: Listings
    evidence: Evidence
    chances: NDArray[np.float64]
    table: pd.DataFrame
    positions: NDArray[np.int64]
    near: NDArray[np.int64]
    opinions: Opinions
    ruling: Ruling

    def prove_all(self, rows: Sequence[int], wish: Wish, comparables: int, what_if: bool = True) -> tuple[Bargain, ...]:
        """Everything known about the listings at these rows; without ``what_if`` no counterfactuals."""
        explained = self._what_if().explain(rows) if what_if else [()] * len(rows)

        def prove(place: int) -> Bargain:
            return self._prove(rows[place], wish, comparables, explained[place])

        return tuple(side_by_side(prove, range(len(rows)), self.finder.threads))

    def _what_if(self) -> WhatIf:
        columns = [name for name in self.finder.importance_ if name != PLACE]
        valuation, market = self.finder.experts_.valuation_, self.listings.market
        return WhatIf(market, valuation, self.evidence, columns, self.positions, self.near)

    def _prove(self, row: int, wish: Wish, comparables: int, explained: tuple[Counterfactual, ...]) -> Bargain:
        facts, market = row_of(self.table, row), self.listings.market
        values, original = row_of(self.listings.values, row), row_of(self.listings.original, row)
        grid, drivers = self._comparables(row, values, comparables)
        surprises = surprises_of(row, self.evidence, values, wish, market)
        told = normality_reason(surprises), comparables_reason(grid, float(facts["asking_price"]), market.currency)
        asking, expected = float(facts["asking_price"]), float(facts["expected_price"])
        return Bargain(
            row=row,
            listing_id=str(facts["listing_id"]),
            rank=0 if pd.isna(facts["rank"]) else int(facts["rank"]),
            verdict=Verdict(facts["verdict"]),
            asking_price=asking,
            expected_price=expected,
            low=float(facts["low"]),
            high=float(facts["high"]),
            discount=float(facts["discount"]),
            gap=expected - asking,
            score=float(facts["score"]),
            chance=float(self.chances[row, Nature.BARGAIN]),
            reasons=self._reasons(row, facts, *told),
            surprises=tuple(surprises),
            drivers=drivers,
            comparables=grid,
            original=original,
            link=_text(original, market.first(Kind.LINK)),
            latitude=_number(values, market.first(Kind.LATITUDE)),
            longitude=_number(values, market.first(Kind.LONGITUDE)),
            counterfactuals=explained,
            agreement=self.opinions.agreement(row),
        )

    def _reasons(self, row: int, facts: Mapping[str, Any], normality: Text, comparables: Text) -> tuple[Text, ...]:
        """Why, the most important first."""
        currency = self.listings.market.currency
        asking, expected, low, high = (float(facts[n]) for n in ("asking_price", "expected_price", "low", "high"))
        reasons = [price_reason(asking, expected, low, high, currency)]
        if facts["verdict"] in (Verdict.SUSPICIOUS, Verdict.NOT_RATED):
            reasons.insert(0, facts["reasons"])
        reasons += [normality, comparables]
        disputed = bool(self.ruling.disputed[row])
        told = agreement_reason(self.opinions.agreement(row), float(self.opinions.apart[row]), disputed, currency)
        reasons.insert(1 if disputed else len(reasons), told)
        if self.ruling.unlike[row]:
            reasons.insert(1, UNLIKE_REASON)
        return tuple(reasons)

    def _comparables(
        self, row: int, values: Mapping[str, Any], count: int
    ) -> tuple[tuple[Comparable, ...], tuple[Driver, ...]]:
        """The comparables, and the drivers of the expected price, by the models that never saw the listing."""
        valuation, known = self.finder.experts_.valuation_, self.finder.known_
        subject = self.evidence.prepared.take(np.array([row]))
        fold = int(self.finder.experts_.proving_folds(self.positions[row : row + 1])[0])
        near = self.near[row]
        pool = near[near >= 0][: max(POOL, 2 * count)]
        assert valuation.known_ is not None
        both = _stack(subject, valuation.known_.take(pool))
        parts = contributions(valuation, both, fold)
        grid = find_comparables(known, values, pool, parts, count)
        return grid, drivers_of(parts, values, self.listings.market)


def drivers_of(parts: Contributions, values: Mapping[str, Any], market: Market) -> tuple[Driver, ...]:
    """The strongest attributes of the listing in the first row of ``parts``, whose checked values are these.

    The distance from the typical price to the listing's own is shared out in proportion to what each attribute adds to
    the logarithm of the price.
    """
    own = parts.values[0]
    per_log = np.exp(parts.base) * (np.expm1(own.sum()) / own.sum() if abs(own.sum()) > 1e-9 else 1.0)
    strongest = [int(j) for j in np.argsort(-np.abs(own))[:MOST_DRIVERS] if abs(own[j]) > LEAST_DRIVER]
    return tuple(
        Driver(
            parts.columns[j],
            title_of(parts.columns[j], market),
            _actual(parts.columns[j], values, market),
            float(np.exp(own[j])),
            float(own[j] * per_log),
        )
        for j in strongest
    )


def _actual(name: str, values: Mapping[str, Any], market: Market) -> Text:
    """A cell in words; nothing for a place or an ad, which are not told in a word."""
    if name == PLACE or market.column(name).kind is Kind.TEXT:
        return same("")
    return NOT_STATED if pd.isna(values[name]) else cell_text(market.column(name), values[name], market)


def _stack(first: Prepared, second: Prepared) -> Prepared:
    return replace(
        first,
        numbers=np.vstack([first.numbers, second.numbers]),
        categories=np.vstack([first.categories, second.categories]),
        log_price=np.concatenate([first.log_price, second.log_price]),
    )


def _text(original: dict[str, object], name: str | None) -> str:
    value = original.get(name) if name else None
    return value if isinstance(value, str) else ""


def _number(values: Mapping[str, Any], name: str | None) -> float | None:
    return None if name is None or pd.isna(values[name]) else float(values[name])
