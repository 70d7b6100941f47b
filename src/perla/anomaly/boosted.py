"""The surprise matrix without PyTorch: one small boosted model per column, judged on listings it never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.blocks import hiding_blocks
from perla.anomaly.folds import check_learnable, sample, split_groups
from perla.anomaly.levels import Levels, fit_levels
from perla.anomaly.matrix import Bools, Codes, Matrix, SurpriseMatrix
from perla.anomaly.plain_state import codes_of, columns_of, flag_of, floats_of, value_of, whole_of, wrong
from perla.anomaly.trees import check_trees, fit_category, fit_number, predict
from perla.anomaly.usual import Rebuilt, fit_usual, join_rebuilt, usual_from_state
from perla.errors import InputError
from perla.words import Text

MOST_ROWS = 20_000
MOST_LEVELS = 30
FEWEST_CELLS = 20
PRIOR = 10.0  # listings a level's mean price is drawn towards the general mean by
FARTHEST_VALUE = 8.0


@dataclass(frozen=True)
class ColumnModels:
    """The models of one fold: mean price of each level (a category's number for the trees), one text per column.

    A column with too few known cells to learn from has an empty text, and its expected value is its mean.
    """

    level_prices: tuple[NDArray[np.float32], ...]
    texts: tuple[str, ...]
    means: NDArray[np.float32]
    shares: tuple[NDArray[np.float32], ...]

    def features(self, matrix: Matrix) -> NDArray[np.float32]:
        """Numbers, then the mean price of each category's level; NaN for missing, (n, p + q)."""
        priced = [
            np.append(prices, np.nan)[np.where(codes < 0, len(prices), codes)]
            for prices, codes in zip(self.level_prices, matrix.categories.T, strict=True)
        ]
        return np.column_stack([_finite(matrix.numbers), *priced]).astype(np.float32)


class BoostedSurprise:
    """How surprising each cell of a listing is, by one LightGBM model for each column given all the others.

    Learns from at most 20,000 listings per fold; a category of more than 30 levels is asked for its 29 most frequent
    and "other". A listing's twins are always in its fold.

    Parameters: seed, folds (at least 2), know_price (whether the other columns are judged knowing the price), threads
    (None: 1).

    >>> import numpy as np
    >>> area = np.random.default_rng(0).normal(size=200)
    >>> homes = Matrix(np.column_stack([area, area]), ("price", "area"), np.zeros((200, 0)), (), (), "price")
    >>> BoostedSurprise().fit(homes, np.full(200, True), np.arange(200)).out_of_fold().z.shape
    (200, 2)
    """

    note: Text | None = None

    def __init__(self, seed: int = 0, folds: int = 2, *, know_price: bool = True, threads: int | None = None) -> None:
        self.seed, self.folds, self.know_price, self.threads = seed, folds, know_price, threads

    def fit(self, matrix: Matrix, learn: Bools, groups: NDArray[np.int64]) -> BoostedSurprise:
        """Learn what is usual from the rows where ``learn`` is True; ``groups`` are equal for twins.

        Raises InputError for fewer than 10 different listings.
        """
        learn, groups = np.asarray(learn, bool), np.asarray(groups)
        check_learnable(matrix, learn, groups, self.folds)
        self.names_, self.category_names_ = matrix.names, matrix.category_names
        self.sizes_, self.price_ = matrix.category_sizes, matrix.price
        self.levels_ = fit_levels(matrix, learn, MOST_LEVELS)
        parts = split_groups(groups, self.folds, self.seed)
        self.models_: list[ColumnModels] = []
        pieces = []
        for fold in range(self.folds):
            rows = sample(np.flatnonzero(learn & (parts != fold)), MOST_ROWS, self.seed + fold)
            self.models_.append(self._fit_columns(matrix.take(rows)))
            unseen = np.flatnonzero(parts == fold)
            pieces.append((unseen, self._rebuild(self.models_[-1:], matrix.take(unseen))))
        rebuilt, seen = join_rebuilt(pieces), np.flatnonzero(learn)
        self.usual_ = fit_usual(matrix.take(seen), rebuilt.take(seen))
        self.fitted_rows_, self.learned_ = self.usual_.surprise(matrix, rebuilt, self.levels_), learn
        return self

    def _fit_columns(self, matrix: Matrix) -> ColumnModels:
        price = matrix.numbers[:, matrix.names.index(matrix.price)]
        codes = self.levels_.reduce(matrix.categories)
        start = ColumnModels(
            tuple(_level_prices(c, size, price) for c, size in zip(matrix.categories.T, self.sizes_, strict=True)),
            (),
            np.array([_mean(column) for column in matrix.numbers.T], np.float32),
            tuple(_shares(c, size) for c, size in zip(codes.T, self.levels_.sizes, strict=True)),
        )
        texts = self._fit_texts(start.features(matrix), matrix, codes)
        return ColumnModels(start.level_prices, texts, start.means, start.shares)

    def _fit_texts(self, features: NDArray[np.float32], matrix: Matrix, codes: Codes) -> tuple[str, ...]:
        p, texts = len(self.names_), []
        for j in range(features.shape[1]):
            known = matrix.present[:, j]
            inputs = features[known][:, self._others(j)]
            if known.sum() < FEWEST_CELLS or not inputs.shape[1]:
                texts.append("")
            elif j < p:
                texts.append(fit_number(inputs, features[known, j], self.seed, self.threads or 1))
            else:
                target, levels = codes[known, j - p], self.levels_.sizes[j - p]
                one_level = len(np.unique(target)) < 2
                texts.append("" if one_level else fit_category(inputs, target, levels, self.seed, self.threads or 1))
        return tuple(texts)

    def _others(self, j: int) -> list[int]:
        """The columns a column is rebuilt from: all but itself and its siblings."""
        hidden = set(next(b for b in self._blocks() if j in b))
        if not self.know_price:
            hidden.add(self.names_.index(self.price_))
        return [k for k in range(len(self.names_) + len(self.sizes_)) if k not in hidden]

    def _blocks(self) -> tuple[tuple[int, ...], ...]:
        return hiding_blocks((*self.names_, *self.category_names_), self.names_.index(self.price_))

    def _rebuild(self, folds: list[ColumnModels], matrix: Matrix) -> Rebuilt:
        """Every cell rebuilt by the mean of these folds' models."""
        n, p, q = len(matrix), len(self.names_), len(self.sizes_)
        told = [self._told(models, matrix) for models in folds]
        mean = [np.mean([fold[j] for fold in told], axis=0) for j in range(p + q)]
        codes, chances = np.maximum(self.levels_.reduce(matrix.categories), 0), mean[p:]
        return Rebuilt(
            _columns(mean[:p], n, np.float32),
            np.ones((n, p), np.float32),
            _columns([c.argmax(axis=1) for c in chances], n, np.int32),
            _columns([c.max(axis=1, initial=0.0) for c in chances], n, np.float32),
            _columns([c[np.arange(n), codes[:, j]] for j, c in enumerate(chances)], n, np.float32),
        )

    def _told(self, models: ColumnModels, matrix: Matrix) -> list[NDArray[Any]]:
        """What one fold's models say of each column: (n,) for numbers, (n, levels) for categories."""
        n, p, features = len(matrix), len(self.names_), models.features(matrix)
        told: list[NDArray[Any]] = []
        for j, text in enumerate(models.texts):
            if text and n:
                told.append(predict(text, features[:, self._others(j)], self.threads or 1))
            elif j < p:
                told.append(np.full(n, models.means[j]))
            else:
                told.append(np.repeat(models.shares[j - p][None, :], n, axis=0))
        return told

    def out_of_fold(self, all_rows: bool = False) -> SurpriseMatrix:
        """The learning rows (or all rows given to fit), each judged by models that saw neither it nor its twin."""
        if not hasattr(self, "fitted_rows_"):
            raise InputError(
                "Out-of-fold surprises exist only right after fit; a loaded model does not keep the listings.",
                "Las sorpresas fuera de muestra existen solo tras ajustar; un modelo cargado no guarda los anuncios.",
            )
        return self.fitted_rows_ if all_rows else self.fitted_rows_.take(self.learned_)

    def surprise(self, matrix: Matrix) -> SurpriseMatrix:
        """New listings, judged by the mean of the folds. Raises ShelfError if the columns are not those learned."""
        matrix.check_like(self.names_, self.category_names_, self.sizes_)
        rebuilt = self._rebuild(self.models_, matrix)
        return self.usual_.surprise(matrix, rebuilt, self.levels_)

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts and arrays; :func:`boosted_from_state` reads it back."""
        return {
            "form": "boosted", "seed": self.seed, "folds": self.folds, "know_price": self.know_price,
            "names": list(self.names_), "category_names": list(self.category_names_),
            "category_sizes": list(self.sizes_), "price": self.price_,
            "usual": self.usual_.state(), "levels": {str(j): kept for j, kept in enumerate(self.levels_.kept)},
            "models": {str(i): _stored(models) for i, models in enumerate(self.models_)},
        }  # fmt: skip


def boosted_from_state(state: dict[str, Any], threads: int | None = None) -> BoostedSurprise:
    """The model a state was taken from. Raises ShelfError when anything in it is off."""
    names, category_names, sizes, price = columns_of(state)
    model = BoostedSurprise(
        whole_of(state, "seed", 0, 2**63 - 1),
        whole_of(state, "folds", 2, 100),
        know_price=flag_of(state, "know_price"),
        threads=threads,
    )
    model.names_, model.category_names_, model.sizes_, model.price_ = names, category_names, sizes, price
    levels = value_of(state, "levels")
    model.levels_ = Levels(tuple(codes_of(levels, str(j), size) for j, size in enumerate(sizes)))
    if any(len(kept) >= MOST_LEVELS for kept in model.levels_.kept):
        raise wrong("levels", f"fewer than {MOST_LEVELS}", f"menos de {MOST_LEVELS}", "more")
    model.usual_ = usual_from_state(value_of(state, "usual"), len(names), len(sizes))
    stored = value_of(state, "models")
    model.models_ = [_models_from(value_of(stored, str(i)), model) for i in range(model.folds)]
    return model


def _stored(models: ColumnModels) -> dict[str, Any]:
    return {
        "means": models.means,
        "texts": {str(j): text for j, text in enumerate(models.texts)},
        "level_prices": {str(j): prices for j, prices in enumerate(models.level_prices)},
        "shares": {str(j): shares for j, shares in enumerate(models.shares)},
    }


def _models_from(stored: dict[str, Any], model: BoostedSurprise) -> ColumnModels:
    p, texts = len(model.names_), []
    for j in range(p + len(model.sizes_)):
        text = value_of(value_of(stored, "texts"), str(j))
        outputs = 1 if j < p else model.levels_.sizes[j - p]
        texts.append("" if text == "" else check_trees(text, len(model._others(j)), outputs, f"texts/{j}"))
    prices, shares = value_of(stored, "level_prices"), value_of(stored, "shares")
    return ColumnModels(
        tuple(floats_of(prices, str(j), (size,)) for j, size in enumerate(model.sizes_)),
        tuple(texts),
        floats_of(stored, "means", (p,)),
        tuple(floats_of(shares, str(j), (size,), low=0.0) for j, size in enumerate(model.levels_.sizes)),
    )


def _level_prices(codes: Codes, size: int, price: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean price of each level, drawn towards the general mean where few listings have it."""
    known = (codes >= 0) & np.isfinite(price)
    general = _mean(price)
    sums = np.bincount(codes[known], weights=price[known], minlength=size)
    return np.asarray((sums + PRIOR * general) / (np.bincount(codes[known], minlength=size) + PRIOR), np.float32)


def _shares(codes: Codes, size: int) -> NDArray[np.float32]:
    counts = np.bincount(codes[codes >= 0], minlength=size) + 1.0
    return np.asarray(counts / counts.sum(), np.float32)


def _mean(column: NDArray[np.float32]) -> float:
    known = column[np.isfinite(column)]
    return float(np.clip(known, -FARTHEST_VALUE, FARTHEST_VALUE).mean()) if len(known) else 0.0


def _finite(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.isfinite(numbers), np.clip(numbers, -FARTHEST_VALUE, FARTHEST_VALUE), np.nan)


def _columns(parts: list[NDArray[Any]], n: int, dtype: type) -> NDArray[Any]:
    return np.column_stack(parts).astype(dtype) if parts else np.empty((n, 0), dtype)
