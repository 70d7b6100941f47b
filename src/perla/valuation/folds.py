"""Splitting listings so that twins stay together: an estimate must not have seen the same flat advertised again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
