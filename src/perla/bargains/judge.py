"""Ordinary, bargain or error: a probability learned from what is planted in the market's own listings.

A price shift touches only the distance between asking and expected price, so the listings learned from are their
own laboratory: the same listing cheaper by a tenth to two thirds is a bargain, dearer it is ordinary, with a digit
lost from its price or with ten times its area it is an error. A boosted classifier learns from thousands of these
which distance means what, where in the market, with how much disagreement between the models, beside which oddness.
No estimate used here saw the listing it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.prepare import Prepared
from perla.valuation import Boosted, Settings, side_by_side

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 3
MOST_ROWS = 15_000
MOST_CORRUPTED = 3_000
BARGAIN_SHARE, ERROR_SHARE = 0.02, 0.01  # how common each is taken to be before looking
USUAL_DISCOUNT, DEEP_DISCOUNT = (0.55, 0.88), (0.35, 0.55)
DEEP_PART = 0.15
DEARER = (1.15, 1.8)
PRICE_SLIPS = (0.1, 0.1, 0.1, 0.01, 0.001, 10.0)
SETTINGS = Settings(
    trees=200, rate=0.05, leaves=15, leaf_rows=200, column_share=0.6, row_share=0.7, objective="multiclass", classes=3
)


class Nature(IntEnum):
    """What a listing's price is, besides dear or cheap."""

    ORDINARY = 0
    BARGAIN = 1
    ERROR = 2


@dataclass
class Judge:
    """Chances of shape (n, 3), in the order of :class:`Nature`."""

    seed: int = 0
    threads: int = 1
    classifiers_: tuple[Boosted, ...] = ()
    calibration_: tuple[float, float] = (1.0, 0.0)

    def fit(self, evidence: Evidence, corrupted: Evidence, folds: Ints, corrupted_folds: Ints) -> Judge:
        """Learn from out-of-fold evidence on ordinary listings, and on listings with a number off by ten.

        folds : (n,), 0..FOLDS-1. Each classifier learns from the other folds, so that no listing is called ordinary
        only because it stood among the ordinary ones.
        """

        def fit(fold: int) -> Boosted:
            return self._fit_one(evidence.take(folds != fold), corrupted.take(corrupted_folds != fold), fold)

        self.classifiers_ = tuple(side_by_side(fit, range(FOLDS), self.threads))
        self.calibration_ = self._calibrate(evidence, folds)
        return self

    def _calibrate(self, evidence: Evidence, folds: Ints) -> tuple[float, float]:
        """Slope and shift that turn the log odds of held-out listings, as they are and made cheaper, into frequencies.

        Logistic calibration (Platt, 1999).
        """
        from sklearn.linear_model import LogisticRegression

        rng = np.random.default_rng([self.seed, FOLDS])
        rows = rng.permutation(len(folds))[:MOST_ROWS]
        held, own, n = evidence.take(rows), folds[rows], len(rows)
        plain, cheaper = self._raw(held, own, np.zeros(n)), self._raw(held, own, _discounts(rng, n))
        odds = log_odds(np.concatenate([plain[:, Nature.BARGAIN], cheaper[:, Nature.BARGAIN]]))
        weight = np.repeat([1 - BARGAIN_SHARE, BARGAIN_SHARE], n)
        model = LogisticRegression(C=1e6).fit(odds[:, None], np.repeat([0, 1], n), weight)
        return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])

    def _fit_one(self, evidence: Evidence, corrupted: Evidence, fold: int) -> Boosted:
        rng = np.random.default_rng([self.seed, fold])
        rows = np.arange(len(evidence.prepared))
        if len(rows) > MOST_ROWS:
            evidence = evidence.take(np.sort(rng.choice(rows, MOST_ROWS, replace=False)))
        matrix, nature, weight = _lessons(evidence, corrupted, rng)
        leaf_rows = max(20, min(SETTINGS.leaf_rows, len(evidence.prepared) // 8))
        p, q = len(evidence.prepared.names), len(evidence.prepared.category_names)
        categorical = tuple(range(matrix.shape[1] - q, matrix.shape[1])) if p + q else ()
        settings = replace(SETTINGS, seed=self.seed + fold, leaf_rows=leaf_rows)
        return Boosted(settings, categorical).fit(matrix, nature, weight / weight.mean())

    def chances(self, evidence: Evidence, folds: Ints) -> Floats:
        """Probability of being ordinary, a bargain, an error; rows sum to one.

        folds : (n,), the fold of a listing that was learned from, -1 for any other (it is judged by all classifiers).
        """
        chances = self._raw(evidence, folds, np.zeros(len(evidence.prepared)))
        slope, shift = self.calibration_
        bargain = 1 / (1 + np.exp(-(slope * log_odds(chances[:, Nature.BARGAIN]) + shift)))
        error = np.minimum(chances[:, Nature.ERROR], 1 - bargain)
        return np.column_stack([1 - bargain - error, bargain, error])

    def _raw(self, evidence: Evidence, folds: Ints, shift: Floats) -> Floats:
        matrix = _features(evidence, shift)
        each = np.array([c.predict(matrix) for c in self.classifiers_])
        own = each[np.maximum(folds, 0), np.arange(len(matrix))]
        return np.asarray(np.where((folds >= 0)[:, None], own, each.mean(axis=0)))

    def state(self) -> dict[str, Any]:
        """What was learned, as plain values and texts."""
        return {"classifiers": [c.state() for c in self.classifiers_], "calibration": list(self.calibration_)}

    @classmethod
    def from_state(cls, state: dict[str, Any], threads: int) -> Judge:
        """The judge whose ``state()`` this is."""
        made = cls(threads=threads)
        made.classifiers_ = tuple(Boosted.from_state(c, SETTINGS) for c in state["classifiers"])
        slope, shift = state["calibration"]
        made.calibration_ = float(slope), float(shift)
        return made


def log_odds(chance: Floats) -> Floats:
    """Logarithm of the odds of a probability, finite everywhere."""
    inside = np.clip(chance, 1e-7, 1 - 1e-7)
    return np.asarray(np.log(inside / (1 - inside)))


def corrupt(prepared: Prepared, columns: list[int], seed: int) -> tuple[Ints, Prepared]:
    """Some listings with one of these numbers ten times too large or small: which rows, and what became of them."""
    rng = np.random.default_rng(seed)
    count = min(MOST_CORRUPTED, len(prepared) // 3) if columns else 0
    rows = np.sort(rng.choice(len(prepared), count, replace=False)).astype(np.int64)
    numbers = prepared.numbers[rows].copy()
    which = rng.choice(columns, count) if count else np.empty(0, np.int64)
    numbers[np.arange(count), which] *= rng.choice([10.0, 0.1], count).astype(np.float32)
    return rows, replace(prepared.take(rows), numbers=numbers)


def _lessons(evidence: Evidence, corrupted: Evidence, rng: np.random.Generator) -> tuple[Any, Floats, Floats]:
    n, m = len(evidence.prepared), len(corrupted.prepared)
    still = np.zeros(n)
    usual = _discounts(rng, n)
    lessons: list[tuple[Evidence, Floats, Nature, float]] = [
        (evidence, still, Nature.ORDINARY, 0.99 - BARGAIN_SHARE - ERROR_SHARE),
        (evidence, np.log(rng.uniform(*DEARER, n)), Nature.ORDINARY, 0.01),
        (evidence, usual, Nature.BARGAIN, BARGAIN_SHARE / 2),
        (evidence, _discounts(rng, n), Nature.BARGAIN, BARGAIN_SHARE / 2),
        (evidence, np.log(rng.choice(PRICE_SLIPS, n)), Nature.ERROR, ERROR_SHARE / 2),
    ]
    if m:
        lessons.append((corrupted, np.zeros(m), Nature.ERROR, ERROR_SHARE / 2))
    matrix = np.vstack([_features(e, shift) for e, shift, _, _ in lessons])
    nature = np.concatenate([np.full(len(s), float(kind)) for _, s, kind, _ in lessons])
    weight = np.concatenate([np.full(len(s), share / len(s)) for _, s, _, share in lessons])
    return matrix, nature, weight


def _discounts(rng: np.random.Generator, n: int) -> Floats:
    deep = rng.random(n) < DEEP_PART
    return np.log(np.where(deep, rng.uniform(*DEEP_DISCOUNT, n), rng.uniform(*USUAL_DISCOUNT, n)))


def _features(evidence: Evidence, shift: Floats) -> NDArray[np.float32]:
    """Distances that move with the price, then what does not: noise, level, disagreement, oddness, the attributes."""
    estimates, prepared = evidence.estimates, evidence.prepared
    log_price = prepared.log_price + shift
    fall = log_price - estimates.expected
    each = log_price[:, None] - estimates.members[:, 1:]
    network = log_price - evidence.network_expected
    apart = estimates.members[:, 1:] - estimates.expected[:, None]
    attributes = evidence.attribute_z
    columns = [
        fall[:, None],
        (fall / estimates.noise)[:, None],
        each,
        network[:, None],
        np.log(estimates.noise)[:, None],
        estimates.expected[:, None],
        apart,
        estimates.members[:, 1:].std(axis=1)[:, None],
        (evidence.network_expected - estimates.expected)[:, None],
        evidence.oddness[:, None],
        np.abs(attributes).max(axis=1, initial=0.0)[:, None],
        attributes[:, : len(prepared.names)],
        prepared.tree_matrix,
    ]
    return np.hstack(columns).astype(np.float32)
