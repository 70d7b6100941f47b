"""Fitted networks as plain arrays, asked with numpy alone: judging a listing needs no PyTorch and starts at once.

The same sums as :mod:`perla.anomaly.networks`, from which they are taken after fitting; all passes over a batch, each
with other columns hidden, go through a network together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.levels import Levels
from perla.anomaly.matrix import Matrix
from perla.anomaly.plain_state import floats_of, wrong
from perla.anomaly.recipe import AutoencoderKind, Recipe
from perla.anomaly.usual import Rebuilt

Floats = NDArray[np.float32]
FARTHEST_VALUE = 8.0  # a value farther out is looked at as this far out
MOST_PASSES_AT_ONCE = 8192  # listings times passes
MISSING, HIDDEN = 0, 1
SMALLEST_VARIANCE = np.float32(1e-5)  # of a layer, as PyTorch's norm has it
LOG_ERRORS = (-6.0, 3.0)


@dataclass(frozen=True)
class Outline:
    """What all networks of a model share.

    edges : (p, bins + 1). sizes : reduced levels of each category. blocks : columns hidden together. price : its
    column. know_price : whether the others may be rebuilt from it.
    """

    kind: AutoencoderKind
    edges: Floats
    sizes: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]
    price: int
    know_price: bool

    @property
    def hides_any_column(self) -> bool:
        return self.kind is AutoencoderKind.MASKED

    def shapes(self, recipe: Recipe) -> dict[str, tuple[int, ...]]:
        """The arrays of one network, by PyTorch's names."""
        p, bins, w = self.edges.shape[0], self.edges.shape[1] - 1, recipe.width
        cells = p + len(self.sizes)
        shapes: dict[str, tuple[int, ...]] = {
            "inlet.weight": (p, bins, w), "inlet.absent": (2, cells, w), "inlet.bias": (w,),
            **{f"inlet.vectors.{j}.weight": (size, w) for j, size in enumerate(self.sizes)},
            "outlet.norm.weight": (w,), "outlet.norm.bias": (w,),
            **_linear("outlet.numbers", w, p), **_linear("outlet.log_errors", w, p),
        }  # fmt: skip
        for j, size in enumerate(self.sizes):
            shapes |= _linear(f"outlet.levels.{j}", w, size)
        for block in ("encoder", "decoder"):
            shapes |= {f"{block}.inner.0.weight": (w,), f"{block}.inner.0.bias": (w,)}
            shapes |= _linear(f"{block}.inner.1", w, w) | _linear(f"{block}.inner.4", w, w)
        return shapes | self._middle_shapes(w, recipe.latent)

    def _middle_shapes(self, width: int, latent: int) -> dict[str, tuple[int, ...]]:
        if self.kind is AutoencoderKind.MASKED:
            return {}
        narrow = {name: shape for part in NARROW[self.kind] for name, shape in _linear(part, width, latent).items()}
        return narrow | _linear("middle.widen", latent, width)


NARROW = {
    AutoencoderKind.PLAIN: ("middle.narrow",),
    AutoencoderKind.DROPOUT: ("middle.narrow.0",),
    AutoencoderKind.L1: ("middle.narrow",),
    AutoencoderKind.KL_SPARSE: ("middle.narrow",),
    AutoencoderKind.VARIATIONAL: ("middle.mean", "middle.log_variance"),
}


def _linear(name: str, inside: int, outside: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (outside, inside), f"{name}.bias": (outside,)}


def read_weights(stored: Any, outline: Outline, recipe: Recipe, key: str) -> dict[str, Floats]:
    """The arrays of one saved network. Raises ShelfError where one is missing or of another shape."""
    shapes = outline.shapes(recipe)
    if not isinstance(stored, dict) or set(stored) != set(shapes):
        got = sorted(stored)[:5] if isinstance(stored, dict) else type(stored).__name__
        raise wrong(key, "the parts of its kind", "las partes de su tipo", got)
    return {name: floats_of(stored, name, shape) for name, shape in shapes.items()}


@dataclass(frozen=True)
class Batch:
    """numbers (n, p) with 0 for missing, codes (n, q) with 0 for missing, present bool (n, p + q)."""

    numbers: Floats
    codes: NDArray[np.int64]
    present: NDArray[np.bool_]


@dataclass(frozen=True)
class Weights:
    """One network. parts : its arrays by PyTorch's names."""

    outline: Outline
    parts: dict[str, Floats]

    def seen(self, batch: Batch) -> tuple[Floats, list[Floats]]:
        """The first layer with nothing hidden, (n, width), and what each column says in it."""
        said = [self._says(batch, j) for j in range(batch.present.shape[1])]
        return self.parts["inlet.bias"] + np.sum(said, axis=0, dtype=np.float32), said

    def _says(self, batch: Batch, j: int) -> Floats:
        p = batch.numbers.shape[1]
        absent = self.parts["inlet.absent"]
        missing = absent[HIDDEN, j] + absent[MISSING, j]
        if j >= p:
            told: Floats = self.parts[f"inlet.vectors.{j - p}.weight"][batch.codes[:, j - p]]
        else:
            low, high = self.outline.edges[j, :-1], self.outline.edges[j, 1:]
            span = np.where(high > low, high - low, np.inf).astype(np.float32)
            told = np.clip((batch.numbers[:, j, None] - low) / span, 0, 1) @ self.parts["inlet.weight"][j]
        return np.where(batch.present[:, j, None], told, missing)

    def hidden(self, seen: Floats, said: Sequence[Floats], columns: Sequence[int]) -> Floats:
        """The first layer with these columns hidden."""
        out = seen
        for j in columns:
            out = out - said[j] + self.parts["inlet.absent"][HIDDEN, j]
        return out

    def inner(self, x: Floats) -> Floats:
        """From the first layer to the one every cell is rebuilt from."""
        x = self._middle(self._block("encoder", x))
        return self._norm("outlet.norm", self._block("decoder", x))

    def _block(self, name: str, x: Floats) -> Floats:
        y = self.linear(f"{name}.inner.1", self._norm(f"{name}.inner.0", x))
        return x + self.linear(f"{name}.inner.4", y * _sigmoid(y))

    def _middle(self, x: Floats) -> Floats:
        if self.outline.kind is AutoencoderKind.MASKED:
            return x
        code = self.linear(NARROW[self.outline.kind][0], x)
        if self.outline.kind is AutoencoderKind.KL_SPARSE:
            code = _sigmoid(code)
        return self.linear("middle.widen", code)

    def _norm(self, name: str, x: Floats) -> Floats:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + SMALLEST_VARIANCE)
        return centred / spread * self.parts[f"{name}.weight"] + self.parts[f"{name}.bias"]

    def linear(self, name: str, x: Floats) -> Floats:
        """x times one layer's weights, plus its bias."""
        return x @ self.parts[f"{name}.weight"].T + self.parts[f"{name}.bias"]

    def number(self, inner: Floats, j: int) -> tuple[Floats, Floats]:
        """Expected value and relative error of one number column, each (n,)."""
        value, log_error = (
            inner @ self.parts[f"outlet.{name}.weight"][j] + self.parts[f"outlet.{name}.bias"][j]
            for name in ("numbers", "log_errors")
        )
        return value, np.exp(np.clip(log_error, *LOG_ERRORS))

    def chances(self, inner: Floats, j: int) -> Floats:
        """The distribution over the levels of one category, (n, levels)."""
        odds = self.linear(f"outlet.levels.{j}", inner)
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _sigmoid(x: Floats) -> Floats:
    with np.errstate(over="ignore"):  # beyond what can be told from 0
        return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def batch_of(matrix: Matrix, levels: Levels) -> Batch:
    """All cells of a matrix, missing ones as 0 and marked."""
    numbers = np.clip(np.nan_to_num(matrix.numbers, nan=0.0, posinf=0.0, neginf=0.0), -FARTHEST_VALUE, FARTHEST_VALUE)
    return Batch(numbers, np.maximum(levels.reduce(matrix.categories), 0).astype(np.int64), matrix.present)


def rebuild_plainly(networks: Sequence[Weights], matrix: Matrix, levels: Levels) -> Rebuilt:
    """Every cell rebuilt, by the mean of the networks: from the rest of the listing where any column can be hidden."""
    whole = batch_of(matrix, levels)
    (n, p), q = whole.numbers.shape, whole.codes.shape[1]
    empty = {"numbers": (p, np.float32), "scales": (p, np.float32), "best": (q, np.int32),
             "best_probability": (q, np.float32), "probability": (q, np.float32)}  # fmt: skip
    found = Rebuilt(**{name: np.empty((n, size), kind) for name, (size, kind) in empty.items()})
    step = max(1, MOST_PASSES_AT_ONCE // max(1, len(networks[0].outline.blocks)))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        _rebuild(networks, Batch(whole.numbers[rows], whole.codes[rows], whole.present[rows]), found, rows)
    return found


def _rebuild(networks: Sequence[Weights], batch: Batch, found: Rebuilt, rows: slice) -> None:
    """Fill in some rows."""
    p, own = batch.numbers.shape[1], np.arange(len(batch.numbers))
    for columns, inners in _passes(networks, batch):
        for j in columns:
            if j < p:
                told = [network.number(inner, j) for network, inner in zip(networks, inners, strict=True)]
                found.numbers[rows, j], found.scales[rows, j] = np.mean(told, axis=0)
            else:
                pairs = zip(networks, inners, strict=True)
                chances = np.mean([network.chances(inner, j - p) for network, inner in pairs], axis=0)
                code = chances.argmax(axis=1)
                found.best[rows, j - p], found.best_probability[rows, j - p] = code, chances[own, code]
                found.probability[rows, j - p] = chances[own, batch.codes[:, j - p]]


def _passes(networks: Sequence[Weights], batch: Batch) -> Iterator[tuple[Sequence[int], list[Floats]]]:
    """The columns rebuilt by each pass, and the layer each network rebuilds them from."""
    outline, n = networks[0].outline, len(batch.numbers)
    if outline.hides_any_column:
        blocks: Sequence[Sequence[int]] = outline.blocks
        hidden = [sorted({*block} if outline.know_price else {*block, outline.price}) for block in blocks]
    else:
        blocks = [range(batch.present.shape[1])]
        hidden = [list(next(block for block in outline.blocks if outline.price in block))]
    layers = []
    for network in networks:
        seen, said = network.seen(batch)
        inlet = np.concatenate([network.hidden(seen, said, columns) for columns in hidden])
        layers.append(network.inner(inlet).reshape(len(hidden), n, -1))
    for k, block in enumerate(blocks):
        yield block, [layer[k] for layer in layers]
