"""Splitting listings so that re-posted twins always stay together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.matrix import Bools, Matrix
from perla.errors import InputError

FEWEST = 10


def split_groups(groups: NDArray[np.int64], parts: int, seed: int) -> NDArray[np.int64]:
    """The part (0..parts-1) of each row, shape (n,); equal groups get the same part, parts are of about equal size.

    >>> parts = split_groups(np.array([7, 7, 8, 9]), 2, seed=0)
    >>> bool(parts[0] == parts[1])
    True
    """
    _, inverse = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(inverse.max(initial=-1) + 1)
    return np.asarray(order[inverse] % parts, np.int64)


def hold_out(rows: NDArray[np.int64], groups: NDArray[np.int64], seed: int, parts: int = 8) -> tuple[
    NDArray[np.int64], NDArray[np.int64]
]:  # fmt: skip
    """Rows to learn from and rows to stop by (one in ``parts``), no group in both."""
    held = split_groups(groups[rows], parts, seed) == 0
    if held.all() or not held.any():
        return rows, rows
    return rows[~held], rows[held]


def sample(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """At most so many of the rows, drawn without repeats, in their order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def check_learnable(matrix: Matrix, learn: Bools, groups: NDArray[np.int64], folds: int) -> None:
    """Raise InputError unless every fold has something to learn from."""
    shapes_fit = len(learn) == len(groups) == len(matrix)
    things = len(np.unique(np.asarray(groups)[np.asarray(learn, bool)])) if shapes_fit else 0
    if not shapes_fit or folds < 2 or things < max(FEWEST, folds):
        raise InputError(
            f"Learning what is usual needs at least {FEWEST} different listings, one group each and 2 folds; got "
            f"{things} for {len(matrix)} rows, {len(groups)} groups and {folds} folds.",
            f"Para aprender lo usual se necesitan al menos {FEWEST} anuncios distintos, un grupo por cada uno y "
            f"2 partes; hay {things} para {len(matrix)} filas, {len(groups)} grupos y {folds} partes.",
        )
