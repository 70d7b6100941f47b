"""Category columns to integer codes: known levels 0..m-1, everything else (rare, unknown, missing) -1."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RARE = 2  # a level seen fewer times than this teaches nothing
MOST_LEVELS = 4000


def fit_levels(cells: pd.Series) -> tuple[str, ...]:
    """The levels worth a code of their own, most frequent first (ties in alphabetical order).

    >>> fit_levels(pd.Series(["b", "a", "b", "a", "c", None, "b"]))
    ('b', 'a')
    """
    counts = cells.dropna().astype(str).value_counts()
    counts = counts[counts >= RARE]
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(str(level) for level, _ in ordered[:MOST_LEVELS])


def encode_levels(cells: pd.Series, levels: tuple[str, ...]) -> NDArray[np.int32]:
    """Codes of shape (n,).

    >>> encode_levels(pd.Series(["a", "zz", None, "b"]), ("b", "a")).tolist()
    [1, -1, -1, 0]
    """
    codes = _codes(levels)
    return np.array([codes.get(cell, -1) for cell in cells.tolist()], np.int32)


@lru_cache(maxsize=256)
def _codes(levels: tuple[str, ...]) -> dict[object, int]:
    return {level: code for code, level in enumerate(levels)}
