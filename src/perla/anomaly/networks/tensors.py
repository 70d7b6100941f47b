"""Matrices to tensors, the threads they may use, and the device they live on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from perla.anomaly.levels import Levels
from perla.anomaly.matrix import Bools, Matrix
from perla.anomaly.networks.inlet import Cells

FARTHEST_VALUE = 8.0  # a value farther out is learned as this far out


@contextmanager
def torch_threads(threads: int | None) -> Iterator[None]:
    """So many threads inside, as many as before afterwards; None changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def device_named(name: str | None) -> torch.device:
    """The device asked for, else the GPU if there is one, else the CPU."""
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


def cells_of(matrix: Matrix, levels: Levels, device: torch.device) -> Cells:
    """All cells of a matrix, missing ones as 0 and marked."""
    numbers = np.clip(np.nan_to_num(matrix.numbers, nan=0.0, posinf=0.0, neginf=0.0), -FARTHEST_VALUE, FARTHEST_VALUE)
    codes = np.maximum(levels.reduce(matrix.categories), 0).astype(np.int64)
    return Cells(
        torch.from_numpy(numbers).to(device),
        torch.from_numpy(codes).to(device),
        torch.from_numpy(matrix.present).to(device),
    )


def quantile_edges(matrix: Matrix, learn: Bools, bins: int) -> NDArray[np.float32]:
    """Edges of at most ``bins`` intervals for each number, (p, bins + 1); finer at both ends, the last repeated."""
    inside = np.linspace(0, 1, bins - 3)[1:-1]
    shares = np.concatenate([[0.002, 0.01, 0.03], inside, [0.97, 0.99, 0.998]])
    edges = np.zeros((len(matrix.names), bins + 1), np.float32)
    for j, column in enumerate(matrix.numbers[learn].T):
        known = column[np.isfinite(column)]
        if len(known):
            found = np.unique(np.clip(_edges(known, shares), -FARTHEST_VALUE, FARTHEST_VALUE))
            edges[j] = np.append(found, np.full(bins + 1 - len(found), found[-1]))
    return edges


def _edges(known: NDArray[np.float32], shares: NDArray[np.float64]) -> NDArray[np.float32]:
    """Few different values are edges themselves; many are cut at their quantiles."""
    values = np.unique(known)
    return values if len(values) <= len(shares) else np.quantile(known, shares).astype(np.float32)


def columns_of_blocks(blocks: tuple[tuple[int, ...], ...], width: int, device: torch.device) -> Tensor:
    """0/1 (blocks, columns): which columns each block hides."""
    out = torch.zeros(len(blocks), width, device=device)
    for i, block in enumerate(blocks):
        out[i, list(block)] = 1
    return out
