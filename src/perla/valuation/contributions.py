"""Contributions once computed, kept: the same listings serve as comparables again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Compute = Callable[[NDArray[np.float32]], Floats]
MOST_KEPT = 120_000  # rows; those asked for longest ago go first


@dataclass
class KeptContributions:
    """What ``compute`` says of rows, by their content and by fold; asked from several threads at once.

    >>> kept = KeptContributions()
    >>> kept.of(np.ones((2, 3), np.float32), 0, lambda rows: rows.sum(axis=1, keepdims=True)).tolist()
    [[3.0], [3.0]]
    """

    most: int = MOST_KEPT
    _rows: OrderedDict[tuple[int, bytes], Floats] = field(default_factory=OrderedDict, repr=False)
    _coming: dict[tuple[int, bytes], Future[Floats]] = field(default_factory=dict, repr=False)
    _pool: ThreadPoolExecutor | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def of(self, matrix: NDArray[np.float32], fold: int, compute: Compute) -> Floats:
        """The contributions of these rows, (n, columns + 1)."""
        keys = [(fold, row.tobytes()) for row in matrix]
        found = self._look_up(keys)
        missing = [i for i, row in enumerate(found) if row is None]
        if missing:
            told = compute(matrix[missing])
            self._keep([keys[i] for i in missing], told)
            for i, row in zip(missing, told, strict=True):
                found[i] = row
        return np.array(found, np.float64)

    def begin(self, matrix: NDArray[np.float32], fold: int, compute: Compute) -> None:
        """Compute these rows beside what goes on meanwhile; whoever asks for them waits for that."""
        for row in matrix:
            key = fold, row.tobytes()
            with self._lock:
                if key in self._rows or key in self._coming:
                    continue
                self._pool = self._pool or ThreadPoolExecutor(1, "contributions")
                self._coming[key] = self._pool.submit(self._compute_one, key, row[None], compute)

    def _compute_one(self, key: tuple[int, bytes], row: NDArray[np.float32], compute: Compute) -> Floats:
        try:
            told = compute(row)
            self._keep([key], told)
            return told[0]
        finally:
            with self._lock:
                self._coming.pop(key, None)

    def _look_up(self, keys: list[tuple[int, bytes]]) -> list[Floats | None]:
        with self._lock:
            found = [self._rows.get(key) for key in keys]
            coming = [self._coming.get(key) for key in keys]
            for key in (k for k, row in zip(keys, found, strict=True) if row is not None):
                self._rows.move_to_end(key)
        return [row if row is not None or later is None else later.result()
                for row, later in zip(found, coming, strict=True)]  # fmt: skip

    def _keep(self, keys: list[tuple[int, bytes]], told: Floats) -> None:
        with self._lock:
            for key, row in zip(keys, told, strict=True):
                self._rows[key] = row.copy()
            while len(self._rows) > self.most:
                self._rows.popitem(last=False)
