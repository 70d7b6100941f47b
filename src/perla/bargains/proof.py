"""The proof of one listing: estimate, interval, surprises, drivers, comparables, reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.comparables import POOL, contributions, find_comparables, title_of
from perla.bargains.evidence import Evidence
from perla.bargains.findings import Bargain, Comparable, Verdict
from perla.bargains.judge import Nature
from perla.bargains.reasons import agreement_reason, comparables_reason, normality_reason, price_reason
from perla.bargains.surprises import surprise_table, surprises_of
from perla.listings import Kind, Listings
from perla.listings.wish import Wish
from perla.prepare import Prepared
from perla.words import Text

if TYPE_CHECKING:
    from perla.bargains.finder import Finder

MOST_DRIVERS = 6
Drivers = tuple[tuple[Text, float], ...]


@dataclass(frozen=True)
class Prover:
    """Lays one listing open.

    positions : which known listing each is (-1: none). near : the known ones most like each, itself and its twins not
    among them, nearest first (-1: none), (n, REACH).
    """

    finder: Finder
    listings: Listings
    evidence: Evidence
    chances: NDArray[np.float64]
    table: pd.DataFrame
    positions: NDArray[np.int64]
    near: NDArray[np.int64]

    def prove(self, row: int, wish: Wish, comparables: int) -> Bargain:
        """Everything known about the listing at this row."""
        facts = self.table.iloc[row]
        market, values = self.listings.market, self.listings.values.iloc[row]
        grid, drivers = self._comparables(row, comparables)
        odd = surprise_table(self.evidence.take(np.array([row])), market, pd.RangeIndex(1))
        surprises = surprises_of(0, self.evidence.take(np.array([row])), self._alone(row), wish, odd)
        asking, expected = float(facts["asking_price"]), float(facts["expected_price"])
        reasons = [price_reason(asking, expected, float(facts["low"]), float(facts["high"]), market.currency)]
        if facts["verdict"] in (Verdict.SUSPICIOUS, Verdict.NOT_RATED):
            reasons.insert(0, facts["reasons"])
        reasons.append(normality_reason(surprises))
        reasons.append(comparables_reason(grid, asking, market.currency))
        reasons.append(agreement_reason(self.evidence.estimates.members[row, 1:], market.currency))
        original = {str(k): v for k, v in self.listings.original.iloc[row].items()}
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
            reasons=tuple(reasons),
            surprises=tuple(surprises),
            drivers=drivers,
            comparables=grid,
            original=original,
            link=_text(original, market.first(Kind.LINK)),
            latitude=_number(values, market.first(Kind.LATITUDE)),
            longitude=_number(values, market.first(Kind.LONGITUDE)),
        )

    def _alone(self, row: int) -> Listings:
        keep = pd.Series(np.arange(len(self.listings)) == row, index=self.listings.values.index)
        return self.listings.take(keep)

    def _comparables(self, row: int, count: int) -> tuple[tuple[Comparable, ...], Drivers]:
        """The comparables, and the drivers of the expected price, by the models that never saw the listing."""
        valuation, known = self.finder.experts_.valuation_, self.finder.known_
        subject, position = self.evidence.prepared.take(np.array([row])), self.positions[row : row + 1]
        fold = valuation.fold_of(int(position[0])) if position[0] >= 0 else 0
        near = self.near[row]
        pool = near[near >= 0][: max(POOL, 2 * count)]
        assert valuation.known_ is not None
        both = _stack(subject, valuation.known_.take(pool))
        parts = contributions(valuation, both, fold)
        values = self.listings.values.iloc[row]
        grid = find_comparables(known.listings, values, pool, parts, count)
        strongest = np.argsort(-np.abs(parts.values[0]))[:MOST_DRIVERS]
        market = self.listings.market
        drivers = tuple(
            (title_of(parts.columns[j], market), float(np.exp(parts.values[0, j])))
            for j in strongest
            if abs(parts.values[0, j]) > 0.01
        )
        return grid, drivers


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


def _number(values: pd.Series, name: str | None) -> float | None:
    return None if name is None or pd.isna(values[name]) else float(values[name])
