"""The small encoder and decoder every kind shares."""

from __future__ import annotations

from torch import Tensor, nn


class Block(nn.Module):
    """x + f(x), f two layers: deepening without forgetting."""

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.SiLU(), nn.Dropout(dropout), nn.Linear(width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.inner(x)
        return out
