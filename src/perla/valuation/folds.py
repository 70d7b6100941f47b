"""Splitting listings so that twins stay together: an estimate must not have seen the same flat advertised again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FOLDS, MANY_FOLDS = 5, 10
SMALL = 10_000


def fold_count(listings: int) -> int:
    """Ten folds in a small market, where a tenth more to learn from is felt and costs seconds; five in a large one.

    >>> fold_count(900), fold_count(90_000)
    (10, 5)
    """
    return MANY_FOLDS if listings < SMALL else FOLDS


def split_folds(things: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """A fold number 0..count-1 for each listing, shape (n,); listings of one thing share their fold.

    >>> folds = split_folds(np.array([0, 1, 1, 2, 3, 4]), 3, seed=0)
    >>> bool(folds[1] == folds[2]), sorted(set(folds.tolist()))
    (True, [0, 1, 2])
    """
    unique, inverse = np.unique(things, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(unique))
    fold_of_thing = np.empty(len(unique), np.int64)
    fold_of_thing[order] = np.arange(len(unique)) % count
    return fold_of_thing[inverse]
