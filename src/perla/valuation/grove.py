"""Many trees asked at once: one listing falls through all trees of all models side by side, in numpy.

LightGBM sends a listing down one tree after another, and waits at every step for the memory the next node lies in: with
ten folds of three models that is most of the time one estimate takes. Here a step of all trees is one gather, whose
waits overlap; a node is one record of 16 bytes, and siblings lie side by side. The same sums, in another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from perla.valuation.boosted import Boosted
from perla.valuation.trees import Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
VARIANTS = 3  # of each column: what is missing far to the right, far to the left, or 0
RIGHT, LEFT, ZERO = range(VARIANTS)
NO_MISSING, MISSING_NAN = 0, 2  # LightGBM's kinds of missing value; the third, 0 for missing, perla never asks for
CATEGORY, DEFAULT_LEFT = 1, 2  # bits of its decision types
THIN_OUT = 3  # listings that have reached their leaf are let go every so many steps
MOST_CODES = 512  # answers of all sets about one category code, kept


@dataclass
class Grove:
    """The trees of several models over the same columns; a model with several outputs counts as that many.

    records : one per place a listing can stand, complex: the real part is the threshold, in the imaginary one lie two
    int32, the place of the left child (the right one is the next) and the column. A leaf leads to itself.
    """

    roots: list[Ints]
    records: NDArray[np.complex128]
    values: Floats
    columns: int
    set_columns: Ints  # of each split by category, in the order of the columns: its column, the words of its set
    set_starts: Ints
    set_sizes: Ints
    words: Ints
    _answers: dict[tuple[int, int], NDArray[np.float32]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def sums(self, matrix: NDArray[np.float32], rows: Ints, models: Ints) -> Floats:
        """What each of these models says of the row beside it: the sum of its trees' values, (pairs,).

        matrix : (n, columns), NaN or a negative code for missing. rows, models : (pairs,).
        """
        if not len(rows):
            return np.empty(0)
        table = self._table(matrix)
        counts = np.array([len(self.roots[model]) for model in models])
        places = np.concatenate([self.roots[model] for model in models])
        offsets = None if len(table) == 1 else np.repeat(rows * table.shape[1], counts)
        leaves = self._fall(table.ravel(), places, offsets)
        return np.asarray(np.add.reduceat(self.values.take(leaves), np.cumsum(counts) - counts))

    def _fall(self, cells: NDArray[np.float32], places: Ints, offsets: Ints | None) -> Ints:
        """The leaf that each of these reaches, from the place it stands at; offsets : where its row begins."""
        reached, alive, step = places.copy(), None, 0
        while len(places):
            records = self.records.take(places)
            numbers = records.view(np.int32)
            column = numbers[3::4] if offsets is None else numbers[3::4] + offsets
            on = numbers[2::4] + (cells.take(column) > records.real)
            step += 1
            if step % THIN_OUT == 0:
                going = np.flatnonzero(on != places)
                if alive is None:
                    reached, alive = on.astype(np.int64), going
                else:
                    reached[alive] = on
                    alive = alive[going]
                on = on[going]
                offsets = None if offsets is None else offsets[going]
            places = on.astype(np.int64)
        return reached

    def _table(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the records' columns mean for each row: the columns in three variants, then what each set answers."""
        n, p = len(matrix), self.columns
        matrix = matrix[:, :p]  # models that look at no neighbours know the first columns only
        table = np.empty((n, VARIANTS * p + len(self.set_columns)), np.float32)
        for variant, missing in ((RIGHT, np.inf), (LEFT, -np.inf), (ZERO, 0.0)):
            table[:, variant * p : (variant + 1) * p] = np.where(np.isnan(matrix), np.float32(missing), matrix)
        for column, (first, last) in self._spans.items():
            for row in range(n):
                code = matrix[row, column]
                told = self._answer(column, int(code)) if code > -1 else 1.0
                table[row, VARIANTS * p + first : VARIANTS * p + last] = told
        return table

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        """For each column with sets of categories, where its sets begin and end."""
        columns = np.unique(self.set_columns)
        ends = np.searchsorted(self.set_columns, columns, side="right").tolist()
        return dict(zip(columns.tolist(), zip([0, *ends], ends, strict=False), strict=True))

    def _answer(self, column: int, code: int) -> NDArray[np.float32]:
        """Of all sets of a column: 0 where it holds the code (to the left), else 1."""
        found = self._answers.get((column, code))
        if found is None:
            own = slice(*self._spans[column])
            word, bit = divmod(code, 32)
            inside = self.set_sizes[own] > word
            at = np.where(inside, self.set_starts[own] + word, 0)
            found = (1 - (inside & (self.words[at] >> bit & 1 == 1))).astype(np.float32)
            with self._lock:
                while len(self._answers) >= MOST_CODES:
                    self._answers.pop(next(iter(self._answers)))
                self._answers[column, code] = found
        return found


FEW = 32  # rows; of more, LightGBM asks each model about all rows in turn


@dataclass
class Planted:
    """Boosted models that were read from a saved state, planted together when they are first asked about a few rows."""

    models: Sequence[Boosted]
    _grove: Grove | None = field(default=None, repr=False)
    _looked: bool = field(default=False, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def grove(self) -> Grove | None:
        """The grove; None where a model was not read, or is of a kind that cannot be planted.

        Where LightGBM has been given most of the models already, to be asked about many rows, planting would cost more
        than it saves; :meth:`make` plants all the same.
        """
        if not self._looked and 2 * sum(model.booster_ is not None for model in self.models) <= len(self.models):
            self.make()
        return self._grove

    def make(self) -> None:
        """Plant the models now, where that can be."""
        with self._lock:
            if not self._looked:
                if self.models and all(model.was_read for model in self.models):
                    self._grove = plant([model.trees() for model in self.models])
                self._looked = True


def ask_classifiers(planted: Planted, matrix: NDArray[np.float32]) -> Floats:
    """The chances by each of several classifiers of as many classes, (classifiers, n, classes)."""
    n, models = len(matrix), planted.models
    grove = planted.grove if 0 < n <= FEW else None
    if grove is None:
        return np.array([model.predict(matrix) for model in models])
    outputs = len(grove.roots)
    told = grove.sums(matrix, np.repeat(np.arange(n), outputs), np.tile(np.arange(outputs), n))
    odds = told.reshape(n, len(models), -1).transpose(1, 0, 2)
    odds = np.exp(odds - odds.max(axis=2, keepdims=True))
    return np.asarray(odds / odds.sum(axis=2, keepdims=True))


def plant(models: Sequence[Trees]) -> Grove | None:
    """A grove of these models; None where one is of a kind that only LightGBM knows how to ask."""
    kind = np.concatenate([m.kind for m in models])
    by_category = kind & CATEGORY == CATEGORY
    missing = kind >> 2 & 3
    if any(m.averaged for m in models) or not np.isin(missing[~by_category], (NO_MISSING, MISSING_NAN)).all():
        return None
    columns = max(m.columns for m in models)
    column = np.concatenate([m.column for m in models])
    questions = _questions(models, column[by_category])
    default = np.where(kind & DEFAULT_LEFT == DEFAULT_LEFT, LEFT, RIGHT)
    asked = np.where(missing == MISSING_NAN, default, ZERO) * columns + column
    asked[by_category] = VARIANTS * columns + questions[0]
    # An infinite threshold parts what is missing from all else; what is missing stands beyond it.
    threshold = np.minimum(np.concatenate([m.threshold for m in models]), np.finfo(np.float64).max)
    threshold[by_category] = 0.5  # between the answers of a set
    records, values = _lay_out(models, threshold, asked)
    return Grove(_roots(models), records, values, columns, *questions[1:])


def _questions(models: Sequence[Trees], column: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The splits by category, in the order of their columns: the place of each split in that order; then, ordered, its
    column, where the words of its set begin and how many there are; and all words.
    """
    starts, sizes, offset = [], [], 0
    for model in models:
        own = model.kind & CATEGORY == CATEGORY
        with_sets = model.sets > 0
        edge = np.zeros(len(model.sets), np.int64)  # where each tree's edges begin, and its words
        edge[with_sets] = np.cumsum(model.sets[with_sets] + 1) - model.sets[with_sets] - 1
        last = model.edges[edge[with_sets] + model.sets[with_sets]]
        word = np.zeros(len(model.sets), np.int64)
        word[with_sets] = np.cumsum(last) - last
        tree = np.repeat(np.arange(len(model.leaves)), model.leaves - 1)[own]
        at = edge[tree] + model.threshold[own].astype(np.int64)
        starts.append(offset + word[tree] + model.edges[at] if len(at) else at)
        sizes.append(model.edges[at + 1] - model.edges[at] if len(at) else at)
        offset += len(model.words)
    order = np.argsort(column, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    words = np.concatenate([*(m.words for m in models), [0]])
    return rank, column[order], np.concatenate(starts)[order], np.concatenate(sizes)[order], words


def _lay_out(models: Sequence[Trees], threshold: Floats, asked: Ints) -> tuple[NDArray[np.complex128], Floats]:
    """The records of all places, and the value of each that is a leaf: first the roots, then the pairs of children."""
    leaves = np.concatenate([m.leaves for m in models])
    inner, leaf = leaves - 1, np.cumsum(leaves) - leaves
    begin = np.cumsum(inner) - inner
    trees, nodes = len(leaves), int(inner.sum())
    children = trees + 2 * np.arange(nodes)
    told = np.concatenate([m.values for m in models])
    values, place = np.zeros(trees + 2 * nodes), np.empty(nodes, np.int64)
    place[begin[inner > 0]] = np.flatnonzero(inner > 0)
    values[:trees][inner == 0] = told[leaf[inner == 0]]
    for side, name in enumerate(("left", "right")):
        child, spot = np.concatenate([getattr(m, name) for m in models]), children + side
        ends = child < 0
        place[(np.repeat(begin, inner) + child)[~ends]] = spot[~ends]
        values[spot[ends]] = told[(np.repeat(leaf, inner) + ~child)[ends]]
    records = np.empty((len(values), 2))
    numbers = records.view(np.int32)
    records[:, 0], numbers[:, 2], numbers[:, 3] = np.inf, np.arange(len(values)), 0
    records[place, 0], numbers[place, 2], numbers[place, 3] = threshold, children, asked
    return records.view(np.complex128).ravel(), values


def _roots(models: Sequence[Trees]) -> list[Ints]:
    """The places of the roots of each output of each model."""
    roots, first = [], 0
    for model in models:
        own = first + np.arange(len(model.leaves))
        roots += [own[output :: model.outputs] for output in range(model.outputs)]
        first += len(model.leaves)
    return roots
