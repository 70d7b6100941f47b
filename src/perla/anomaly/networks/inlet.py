"""The door of every network: cells of any kind, some missing, some hidden, to one hidden layer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

MISSING, HIDDEN = 0, 1


@dataclass(frozen=True)
class Cells:
    """A batch: numbers (n, p) with 0 for missing, codes int64 (n, q) with 0 for missing, present bool (n, p + q)."""

    numbers: Tensor
    codes: Tensor
    present: Tensor

    def take(self, rows: Tensor | slice) -> Cells:
        return Cells(self.numbers[rows], self.codes[rows], self.present[rows])


class Inlet(nn.Module):
    """Sum of what each cell says. A number speaks through its position among quantiles (piecewise-linear encoding,
    Gorishniy, Rubachev and Babenko 2022), a category through a vector, an absent cell through a vector of its column.
    """

    low: Tensor
    span: Tensor

    def __init__(self, edges: Tensor, sizes: tuple[int, ...], width: int) -> None:
        super().__init__()
        p, bins = edges.shape[0], edges.shape[1] - 1
        span = edges[:, 1:] - edges[:, :-1]
        self.register_buffer("low", edges[:, :-1].clone())
        self.register_buffer("span", torch.where(span > 0, span, torch.inf))
        spread = (p * bins + len(sizes)) ** -0.5
        self.weight = nn.Parameter(torch.randn(p, bins, width) * spread)
        tables = [nn.Embedding(size, width) for size in sizes]
        for table in tables:
            nn.init.normal_(table.weight, std=0.3 * (p + len(sizes)) ** -0.5)
        self.vectors = nn.ModuleList(tables)
        self.absent = nn.Parameter(torch.zeros(2, p + len(sizes), width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, cells: Cells, hidden: Tensor) -> Tensor:
        """(n, width); ``hidden`` is bool (n, p + q)."""
        p = cells.numbers.shape[1]
        seen = cells.present & ~hidden
        places = self._places(cells.numbers, slice(None)) * seen[:, :p, None]
        out = self.bias + places.flatten(1) @ self.weight.flatten(0, 1)
        out = out + (~cells.present & ~hidden).to(out) @ self._missing() + hidden.to(out) @ self.absent[HIDDEN]
        for j, table in enumerate(self.vectors):
            out = out + table(cells.codes[:, j]) * seen[:, p + j, None]
        return out

    def hide(self, out: Tensor, cells: Cells, columns: list[int]) -> Tensor:
        """``out`` of the whole listing, with these columns hidden instead: cheaper than a new pass."""
        for j in columns:
            there = cells.present[:, j, None]
            out = out - torch.where(there, self._says(cells, j), self._missing()[j]) + self.absent[HIDDEN, j]
        return out

    def _missing(self) -> Tensor:
        """A missing cell speaks like a hidden one, plus what its being missing tells where that was ever seen."""
        return self.absent[HIDDEN] + self.absent[MISSING]

    def _says(self, cells: Cells, j: int) -> Tensor:
        p = cells.numbers.shape[1]
        if j >= p:
            said: Tensor = self.vectors[j - p](cells.codes[:, j - p])
            return said
        return self._places(cells.numbers[:, j : j + 1], slice(j, j + 1))[:, 0] @ self.weight[j]

    def _places(self, numbers: Tensor, columns: slice) -> Tensor:
        return ((numbers[:, :, None] - self.low[columns]) / self.span[columns]).clamp(0, 1)
