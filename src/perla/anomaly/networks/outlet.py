"""The other door: a hidden layer to what each cell should be."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Outlet(nn.Module):
    """Expected value and log error of each number, a distribution over the levels of each category."""

    def __init__(self, p: int, sizes: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.numbers = nn.Linear(width, p)
        self.log_errors = nn.Linear(width, p)
        self.levels = nn.ModuleList(nn.Linear(width, size) for size in sizes)
        nn.init.zeros_(self.log_errors.weight)
        nn.init.constant_(self.log_errors.bias, -1.0)

    def error_scales(self, inner: Tensor) -> Tensor:
        """Mean absolute error to be expected, (n, p); learning it never bends what the layers below have learned."""
        log_errors: Tensor = self.log_errors(inner.detach())
        return log_errors.clamp(-6, 3).exp()

    def probabilities(self, inner: Tensor, j: int) -> Tensor:
        return torch.softmax(self.levels[j](inner), dim=1)
