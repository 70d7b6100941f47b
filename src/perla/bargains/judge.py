"""Ordinary, bargain or error: a probability learned from what is planted in the market's own listings.

A price shift touches only the distance between asking and expected price, so the listings learned from are their
own laboratory: the same listing cheaper by a tenth to two thirds is a bargain, dearer it is ordinary, with a digit
lost from its price or with ten times its area it is an error. A boosted classifier learns from thousands of these
which distance means what, where in the market, with how much disagreement between the models, beside which oddness.
No estimate used here saw the listing it is about.

Two classifiers share the verdict: one sees where in the market a listing stands and each of its attributes, the other
only the distances and how sure the estimate is. The first knows more and, in a small market, also learns accidents by
heart; held-out listings say how much each is listened to.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.prepare import Prepared
from perla.valuation import Boosted, Settings, side_by_side
from perla.valuation.grove import Planted, ask_classifiers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FOLDS = 3
MOST_ROWS = 15_000
MOST_CORRUPTED = 3_000
BARGAIN_SHARE, ERROR_SHARE = 0.02, 0.01  # how common each is taken to be before looking
USUAL_DISCOUNT, DEEP_DISCOUNT = (0.58, 0.90), (0.35, 0.58)
DEEP_PART = 0.01  # deep discounts are rare: with more of them oddities far below would fill the first places
DEARER = (1.15, 1.8)
PRICE_SLIPS = (0.1, 0.1, 0.1, 0.01, 0.001, 10.0)
SETTINGS = Settings(
    trees=200, rate=0.05, leaves=15, leaf_rows=200, column_share=0.6, row_share=0.7, objective="multiclass", classes=3
)
PLAIN = replace(SETTINGS, leaves=7, leaf_rows=300)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # how much the classifier that sees no attributes may be listened to
GOOD_ENOUGH = 0.98  # of the best average precision: then the classifier that knows more is listened to more
FARTHEST_APART = 5.0
FARTHEST_ODDS = (-9.0, 6.0)  # log odds beyond which one classifier cannot outvote the other


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
    plain_: tuple[Boosted, ...] = ()
    plain_share_: float = 0.0
    calibration_: tuple[float, float, float] = (1.0, 0.0, 0.0)
    _planted: tuple[Planted, Planted] | None = field(default=None, repr=False)

    def fit(self, evidence: Evidence, corrupted: Evidence, folds: Ints, corrupted_folds: Ints) -> Judge:
        """Learn from out-of-fold evidence on ordinary listings, and on listings with a number off by ten.

        folds : (n,), 0..FOLDS-1. Each classifier learns from the other folds, so that no listing is called ordinary
        only because it stood among the ordinary ones.
        """

        def fit(place: int) -> Boosted:
            fold = place % FOLDS
            lessons = evidence.take(folds != fold), corrupted.take(corrupted_folds != fold)
            return self._fit_one(*lessons, fold, SETTINGS if place < FOLDS else PLAIN)

        fitted = side_by_side(fit, range(2 * FOLDS), self.threads)
        self.classifiers_, self.plain_ = tuple(fitted[:FOLDS]), tuple(fitted[FOLDS:])
        self._weigh_and_calibrate(evidence, folds)
        return self

    def _weigh_and_calibrate(self, evidence: Evidence, folds: Ints) -> None:
        """What held-out listings, as they are and made cheaper, say of both classifiers and of their odds."""
        rng = np.random.default_rng([self.seed, FOLDS])
        rows = rng.permutation(len(folds))[:MOST_ROWS]
        held, own, n = evidence.take(rows), folds[rows], len(rows)
        told = [self._both(held, own, shift) for shift in (np.zeros(n), _discounts(rng, n))]
        odds = [
            np.concatenate([log_odds(part[kind][:, Nature.BARGAIN]) for part in told]).clip(*FARTHEST_ODDS)
            for kind in (0, 1)
        ]
        planted, weight = np.repeat([0, 1], n), np.repeat([1 - BARGAIN_SHARE, BARGAIN_SHARE], n)
        self.plain_share_ = _best_share(odds[0], odds[1], planted, weight)
        mixed = _mixed(odds[0], odds[1], self.plain_share_)
        self.calibration_ = _calibrate(mixed, np.tile(_disagreement(held), 2), planted, weight)

    def _fit_one(self, evidence: Evidence, corrupted: Evidence, fold: int, kind: Settings) -> Boosted:
        rng = np.random.default_rng([self.seed, fold])
        rows = np.arange(len(evidence.prepared))
        if len(rows) > MOST_ROWS:
            evidence = evidence.take(np.sort(rng.choice(rows, MOST_ROWS, replace=False)))
        plain = kind is PLAIN
        matrix, nature, weight = _lessons(evidence, corrupted, rng, plain)
        leaf_rows = max(20, min(kind.leaf_rows, len(evidence.prepared) // 8))
        q = 0 if plain else len(evidence.prepared.category_names)
        categorical = tuple(range(matrix.shape[1] - q, matrix.shape[1]))
        settings = replace(kind, seed=self.seed + fold, leaf_rows=leaf_rows)
        return Boosted(settings, categorical).fit(matrix, nature, weight / weight.mean())

    def chances(self, evidence: Evidence, folds: Ints) -> Floats:
        """Probability of being ordinary, a bargain, an error; rows sum to one.

        folds : (n,), the fold of a listing that was learned from, -1 for any other (it is judged by all classifiers).
        """
        full, plain = self._both(evidence, folds, np.zeros(len(evidence.prepared)))
        seeing, blind = (log_odds(part[:, Nature.BARGAIN]).clip(*FARTHEST_ODDS) for part in (full, plain))
        slope, doubt, shift = self.calibration_
        odds = slope * _mixed(seeing, blind, self.plain_share_) + doubt * _disagreement(evidence) + shift
        bargain = 1 / (1 + np.exp(-odds))
        error = np.minimum(_mixed(full[:, Nature.ERROR], plain[:, Nature.ERROR], self.plain_share_), 1 - bargain)
        return np.column_stack([1 - bargain - error, bargain, error])

    def _both(self, evidence: Evidence, folds: Ints, shift: Floats) -> tuple[Floats, Floats]:
        """What the classifier with attributes says, (n, 3), and the one without."""
        distances = _distances(evidence, shift)
        full = np.hstack([distances, _attributes(evidence)])
        return self._told(0, full, folds), self._told(1, distances, folds)

    def make_ready(self) -> None:
        """Do ahead of time what the first question about a few listings would wait for."""
        for planted in self._together():
            planted.make()

    def _together(self) -> tuple[Planted, Planted]:
        if self._planted is None or self._planted[0].models is not self.classifiers_:
            self._planted = Planted(self.classifiers_), Planted(self.plain_)
        return self._planted

    def _told(self, kind: int, matrix: NDArray[np.float32], folds: Ints) -> Floats:
        """Chances (n, 3): of a listing of a fold by the classifier that never saw it, of any other by all together."""
        each = ask_classifiers(self._together()[kind], matrix)
        own = each[np.maximum(folds, 0), np.arange(len(matrix))]
        return np.asarray(np.where((folds >= 0)[:, None], own, each.mean(axis=0)))

    def state(self) -> dict[str, Any]:
        """What was learned, as plain values and texts."""
        return {
            "classifiers": [c.state() for c in self.classifiers_],
            "plain": [c.state() for c in self.plain_],
            "plain_share": self.plain_share_,
            "calibration": list(self.calibration_),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], threads: int) -> Judge:
        """The judge whose ``state()`` this is."""
        made = cls(threads=threads)
        made.classifiers_ = tuple(Boosted.from_state(c, SETTINGS) for c in state["classifiers"])
        made.plain_ = tuple(Boosted.from_state(c, PLAIN) for c in state["plain"])
        made.plain_share_ = float(state["plain_share"])
        slope, doubt, shift = map(float, state["calibration"])
        made.calibration_ = slope, doubt, shift
        return made


def _mixed(full: Floats, plain: Floats, plain_share: float) -> Floats:
    return np.asarray((1 - plain_share) * full + plain_share * plain)


def _best_share(full: Floats, plain: Floats, planted: Ints, weight: Floats) -> float:
    """The smallest share of the plain classifier that is good enough among held-out listings.

    Not the best outright: a held-out listing is judged by one classifier of each kind, a new one by the average of
    three, which steadies the one that sees more.
    """
    from sklearn.metrics import average_precision_score

    reached = [average_precision_score(planted, _mixed(full, plain, s), sample_weight=weight) for s in SHARES]
    return next(s for s, value in zip(SHARES, reached, strict=True) if value >= GOOD_ENOUGH * max(reached))


def _calibrate(odds: Floats, apart: Floats, planted: Ints, weight: Floats) -> tuple[float, float, float]:
    """Slope, weight of disagreement (never above 0) and shift that turn log odds into frequencies (Platt, 1999)."""
    from sklearn.linear_model import LogisticRegression

    for columns in (np.column_stack([odds, apart]), odds[:, None]):
        model = LogisticRegression(C=1e6).fit(columns, planted, weight)
        slope, doubt = max(float(model.coef_[0, 0]), 0.05), float(model.coef_[0, 1:].sum())
        if doubt <= 0:
            break
    return slope, doubt, float(model.intercept_[0])


def _disagreement(evidence: Evidence) -> Floats:
    """How far apart models of unlike kinds, trees and network, are in units of the local noise (to FARTHEST_APART)."""
    trees = evidence.estimates.members[:, 1:].mean(axis=1)
    apart = np.abs(evidence.network_expected - trees) / np.maximum(evidence.estimates.noise, 1e-6)
    return np.asarray(np.minimum(np.nan_to_num(apart, nan=FARTHEST_APART), FARTHEST_APART))


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


def _lessons(
    evidence: Evidence, corrupted: Evidence, rng: np.random.Generator, plain: bool
) -> tuple[Any, Floats, Floats]:
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
    matrix = np.vstack([_features(e, shift, plain) for e, shift, _, _ in lessons])
    nature = np.concatenate([np.full(len(s), float(kind)) for _, s, kind, _ in lessons])
    weight = np.concatenate([np.full(len(s), share / len(s)) for _, s, _, share in lessons])
    return matrix, nature, weight


def _discounts(rng: np.random.Generator, n: int) -> Floats:
    deep = rng.random(n) < DEEP_PART
    return np.log(np.where(deep, rng.uniform(*DEEP_DISCOUNT, n), rng.uniform(*USUAL_DISCOUNT, n)))


def _features(evidence: Evidence, shift: Floats, plain: bool) -> NDArray[np.float32]:
    distances = _distances(evidence, shift)
    return distances if plain else np.hstack([distances, _attributes(evidence)])


def _distances(evidence: Evidence, shift: Floats) -> NDArray[np.float32]:
    """What moves with the price, and what does not: noise, level, disagreement, oddness."""
    estimates = evidence.estimates
    log_price = evidence.prepared.log_price + shift
    fall = log_price - estimates.expected
    members = estimates.members[:, 1:]
    columns = [
        fall[:, None],
        (fall / estimates.noise)[:, None],
        log_price[:, None] - members,
        (log_price - evidence.network_expected)[:, None],
        np.log(estimates.noise)[:, None],
        estimates.expected[:, None],
        members - estimates.expected[:, None],
        members.std(axis=1)[:, None],
        (evidence.network_expected - estimates.expected)[:, None],
        evidence.oddness[:, None],
        np.abs(evidence.attribute_z).max(axis=1, initial=0.0)[:, None],
    ]
    return np.hstack(columns).astype(np.float32)


def _attributes(evidence: Evidence) -> NDArray[np.float32]:
    """How odd each number is, and the attributes themselves, the category codes last."""
    prepared = evidence.prepared
    p, q = len(prepared.names), len(prepared.category_names)
    return np.hstack([evidence.attribute_z[:, :p], prepared.tree_matrix[:, : p + q]]).astype(np.float32)
