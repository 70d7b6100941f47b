"""Categories of any number of levels, brought to a few hundred: the frequent ones and "other"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.matrix import Bools, Codes, Matrix

MOST_LEVELS = 256
RARE = 3  # a level seen fewer times belongs to "other"


@dataclass(frozen=True)
class Levels:
    """For each category column the codes kept; their place is the new code, and one more stands for "other"."""

    kept: tuple[NDArray[np.int32], ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(k) + 1 for k in self.kept)

    def reduce(self, categories: Codes) -> Codes:
        """Codes (n, q) to new codes (n, q); -1 stays -1.

        >>> Levels((np.array([4, 1], np.int32),)).reduce(np.array([[1], [4], [0], [-1]], np.int32)).ravel().tolist()
        [1, 0, 2, -1]
        """
        out = np.full(categories.shape, -1, np.int32)
        for j, kept in enumerate(self.kept):
            codes = categories[:, j]
            table = np.full(max(int(codes.max(initial=-1)), int(kept.max(initial=-1))) + 1, len(kept), np.int32)
            table[kept] = np.arange(len(kept))
            out[:, j] = np.where(codes >= 0, table[codes] if len(table) else -1, -1)
        return out

    def restore(self, reduced: Codes) -> Codes:
        """New codes (n, q) back to the codes of the matrix; "other" becomes -1."""
        out = np.full(reduced.shape, -1, np.int32)
        for j, kept in enumerate(self.kept):
            out[:, j] = np.append(kept, -1).astype(np.int32)[reduced[:, j]]
        return out


def fit_levels(matrix: Matrix, learn: Bools, most: int = MOST_LEVELS) -> Levels:
    """The most frequent levels of each category among the rows to learn from (ties: the smaller code)."""
    kept = []
    for codes, size in zip(matrix.categories.T, matrix.category_sizes, strict=True):
        known = codes[learn & (codes >= 0)]
        counts = np.bincount(known, minlength=size)
        frequent = np.argsort(-counts, kind="stable")[: most - 1]
        kept.append(frequent[counts[frequent] >= RARE].astype(np.int32))
    return Levels(tuple(kept))
