"""If this attribute were wrong, would the price be right? One change at a time, estimated anew by the price models.

A change is offered only where it is believable: a step up or down of a count, the value the anomaly model expects from
the rest of the listing, or one that stands in listings like it; and only where it fits the rest of the listing at least
as well as what stands there. The place is never changed. Of the changes that explain a good part of the gap between
asking and expected price, the likeliest and strongest are told (single-feature counterfactuals; Wachter et al., 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.bargains.cells import cell_text, is_year
from perla.bargains.evidence import Evidence
from perla.bargains.findings import Counterfactual
from perla.listings import Column, Kind, Market
from perla.listings.drafting.meanings import meaning_of
from perla.prepare import Prepared
from perla.valuation import Valuation
from perla.words import Text, fill, percent, rounded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NUMBERS = (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO)
MOST_TOLD = 3
LEAST_SHARE = 0.15  # of the gap
LEAST_GAP = 0.05  # log price; a smaller gap needs no explanation
MOST_COLUMNS = 12  # those that move prices most in the market
NEAR = 20  # listings like it that are looked at for other values
ORDINARY = 2.0  # usual errors within which a value fits the rest of the listing
FURTHER = 0.5  # a count is less likely to be wrong by more than one
FREQUENT = 0.1  # share of the listings like it
FIXED_BY_PLACE = ("postcode", "city", "region")  # meanings of columns
STEPS = (-2.0, -1.0, 1.0, 2.0)
STRETCHES = (0.8, 1.25)
PARTS = (
    (0.95, Text("the whole gap", "se explicaría toda la diferencia")),
    (0.71, Text("most of the gap", "se explicaría la mayor parte de la diferencia")),
    (0.58, Text("two thirds of the gap", "se explicarían dos tercios de la diferencia")),
    (0.42, Text("half of the gap", "se explicaría la mitad de la diferencia")),
    (0.29, Text("a third of the gap", "se explicaría un tercio de la diferencia")),
    (0.225, Text("a quarter of the gap", "se explicaría una cuarta parte de la diferencia")),
    (0.18, Text("a fifth of the gap", "se explicaría una quinta parte de la diferencia")),
    (0.0, Text("a sixth of the gap", "se explicaría una sexta parte de la diferencia")),
)
YES_NO_TOLD = (
    "If {title} were “{instead}” instead of “{actual}”, {part} ({share}) would be explained",
    "Con {title} «{instead}» en vez de «{actual}» {part} ({share})",
)
TOLD = (
    "If {title} were {instead} instead of {actual}, {part} ({share}) would be explained",
    "Con {title} {instead} en vez de {actual} {part} ({share})",
)


@dataclass(frozen=True)
class Change:
    """One cell of one listing made different.

    row : the listing. place : the column of ``Prepared.tree_names``. value : the new number or category code.
    likelihood : how believable it is that the truth is this, 0 to 1.
    """

    row: int
    place: int
    value: float
    likelihood: float


@dataclass(frozen=True)
class WhatIf:
    """Asks the price models about changed listings.

    columns : names of the market's columns by how much they move prices, strongest first. positions : which known
    listing each is, -1 for none. near : the known ones most like each, nearest first, -1 for none.
    """

    market: Market
    valuation: Valuation
    evidence: Evidence
    columns: Sequence[str]
    positions: Ints
    near: Ints

    def explain(self, rows: Sequence[int]) -> list[tuple[Counterfactual, ...]]:
        """For each of these listings the changes that would explain its price, at most MOST_TOLD; one estimate for all.

        A listing whose price is near what is expected gets none.
        """
        changes = [c for row in rows if abs(self._gap(row)) >= LEAST_GAP for c in self._changes(row)]
        expected = self._estimate(changes)
        return [self._strongest(row, changes, expected) for row in rows]

    def _gap(self, row: int) -> float:
        gap = -float(self.evidence.fall[row])
        return gap if np.isfinite(gap) else 0.0

    def _changes(self, row: int) -> list[Change]:
        prepared = self.evidence.prepared
        changes: list[Change] = []
        for name in [n for n in self.columns if not self._fixed_by_place(n)][:MOST_COLUMNS]:
            kind = self.market.column(name).kind
            if kind in NUMBERS and name in prepared.names:
                changes += self._other_numbers(row, prepared.names.index(name))
            elif kind is Kind.CATEGORY and name in prepared.category_names:
                changes += self._other_levels(row, prepared.category_names.index(name))
        return changes

    def _fixed_by_place(self, name: str) -> bool:
        """Whether the coordinates, which stay, settle what stands in a column."""
        meaning = meaning_of(name)
        return self.valuation.latitude is not None and meaning is not None and meaning.key in FIXED_BY_PLACE

    def _other_numbers(self, row: int, j: int) -> list[Change]:
        """Values of a number that could stand there instead."""
        prepared, surprise = self.evidence.prepared, self.evidence.surprise
        actual = float(prepared.numbers[row, j])
        place = surprise.columns.index(prepared.names[j])
        usual, error = float(surprise.expected_numbers[row, place]), float(surprise.usual_errors[row, place])
        if not np.isfinite([actual, usual, error]).all():
            return []
        column = self.market.column(prepared.names[j])
        values = self._candidates(column, row, j, actual, float(prepared.scales[j].back(np.array([usual]))[0]))
        scaled = prepared.scales[j].forward(np.array([actual, *values]))
        off = np.abs(scaled - usual) / max(error, 1e-6)
        fits = off[1:] <= max(ORDINARY, off[0])
        likelihood = np.exp(-0.5 * np.maximum(off[1:] - 1, 0) ** 2).clip(0.1)
        if column.kind is Kind.COUNT and not is_year(column):
            likelihood[np.abs(np.array(values) - actual) > 1] *= FURTHER
        return [Change(row, j, v, float(p)) for v, p, fit in zip(values, likelihood, fits, strict=True) if fit]

    def _candidates(self, column: Column, row: int, j: int, actual: float, usual: float) -> list[float]:
        """Other values of a number, as its column writes them, inside what is plausible and seen in the market."""
        known = self.valuation.known_
        assert known is not None
        if column.kind is Kind.YES_NO:
            return [1.0 - actual] if actual in (0.0, 1.0) else []
        beside = known.numbers[self._alike(row), j]
        beside = beside[np.isfinite(beside)]
        values = [usual, *(np.quantile(beside, [0.25, 0.5, 0.75]) if len(beside) else ())]
        if column.kind is Kind.COUNT:
            values += [actual + step for step in STEPS]
        elif not is_year(column):
            values += [actual * stretch for stretch in STRETCHES]
        seen = known.numbers[:, j]
        low = max(float(np.nanmin(seen)), column.low if column.low is not None else -np.inf)
        high = min(float(np.nanmax(seen)), column.high if column.high is not None else np.inf)
        written = dict.fromkeys(_as_written(column, float(value), actual) for value in values)
        return [value for value in written if low <= value <= high and value != actual]

    def _other_levels(self, row: int, j: int) -> list[Change]:
        """Categories that are frequent among listings like it, and the one the anomaly model expects."""
        known, prepared = self.valuation.known_, self.evidence.prepared
        assert known is not None
        actual = int(prepared.categories[row, j])
        if actual < 0:
            return []
        beside = known.categories[self._alike(row), j]
        levels, counts = np.unique(beside[beside >= 0], return_counts=True)
        likelihood = {int(c): float(n / max(len(beside), 1)) for c, n in zip(levels, counts, strict=True)}
        usual = int(self.evidence.surprise.expected_categories[row, j])
        if usual >= 0:
            likelihood[usual] = max(likelihood.get(usual, 0.0), 0.5)
        place = len(prepared.names) + j
        return [Change(row, place, c, p) for c, p in likelihood.items() if c != actual and p >= FREQUENT]

    def _alike(self, row: int) -> Ints:
        near = self.near[row]
        return near[near >= 0][:NEAR]

    def _estimate(self, changes: list[Change]) -> Floats:
        """Expected log price of each changed listing, by models that never saw the listing, (changes,)."""
        valuation = self.valuation
        assert valuation.folds_ is not None and valuation.things_ is not None
        rows = np.array([c.row for c in changes], np.int64)
        changed = changed_listings(self.evidence.prepared, changes)
        known = self.positions[rows]
        folds = np.where(known >= 0, valuation.folds_[known], -1)
        things = np.where(known >= 0, valuation.things_[known], -1)
        expected = np.empty(len(changes))
        for fold in np.unique(folds):
            own = folds == fold
            told = valuation.predict(changed.take(own), things[own], int(fold) if fold >= 0 else None)
            expected[own] = told.expected
        return expected

    def _strongest(self, row: int, changes: list[Change], expected: Floats) -> tuple[Counterfactual, ...]:
        """The best change of each column, then the best of these."""
        asking, before = np.exp([self.evidence.prepared.log_price[row], self.evidence.estimates.expected[row]])
        best: dict[int, tuple[float, Counterfactual]] = {}
        for change, log_price in zip(changes, expected, strict=True):
            if change.row != row:
                continue
            after = float(np.exp(log_price))
            share = (before - after) / (before - asking)
            worth = min(share, 1.0) * change.likelihood
            if share >= LEAST_SHARE and worth > best.get(change.place, (0.0,))[0]:
                best[change.place] = worth, self._tell(change, after, float(share))
        order = sorted(best.values(), key=lambda pair: -pair[0])
        return tuple(found for _, found in order[:MOST_TOLD])

    def _tell(self, change: Change, expected_price: float, share: float) -> Counterfactual:
        prepared = self.evidence.prepared
        column = self.market.column(prepared.tree_names[change.place])
        before: Any
        after: Any
        p = len(prepared.names)
        if change.place < p:
            before, after = float(prepared.numbers[change.row, change.place]), change.value
        else:
            levels = self.evidence.levels[column.name]
            before, after = levels[prepared.categories[change.row, change.place - p]], levels[int(change.value)]
        actual, instead = cell_text(column, before, self.market), cell_text(column, after, self.market)
        told = fill(
            *(YES_NO_TOLD if column.kind is Kind.YES_NO else TOLD),
            title=column.title,
            instead=instead,
            actual=actual,
            part=next(words for least, words in PARTS if share >= least),
            share=percent(min(share, 1.0)),
        )
        return Counterfactual(column.name, column.title, actual, instead, expected_price, share, told)


def changed_listings(prepared: Prepared, changes: Sequence[Change]) -> Prepared:
    """One copy of the listing for each change, with that cell different, (changes,)."""
    rows = np.array([c.row for c in changes], np.int64)
    numbers, categories = prepared.numbers[rows].copy(), prepared.categories[rows].copy()
    p = len(prepared.names)
    for k, change in enumerate(changes):
        if change.place < p:
            numbers[k, change.place] = change.value
        else:
            categories[k, change.place - p] = int(change.value)
    return replace(prepared, numbers=numbers, categories=categories, log_price=prepared.log_price[rows])


def _as_written(column: Column, value: float, actual: float) -> float:
    """A value with no more figures than a person would write in this column."""
    if column.kind is Kind.COUNT and not float(actual).is_integer():
        return round(value * 4) / 4
    if column.kind is Kind.COUNT or is_year(column):
        return float(round(value))
    return float(round(rounded(value))) if float(actual).is_integer() else rounded(value)
