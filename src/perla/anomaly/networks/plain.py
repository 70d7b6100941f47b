"""The plain autoencoder: everything must pass a narrow middle."""

from __future__ import annotations

from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class PlainMiddle(nn.Module):
    """width -> latent -> width."""

    hides_any_column = False

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.narrow = nn.Linear(recipe.width, recipe.latent)
        self.widen = nn.Linear(recipe.latent, recipe.width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rebuilt layer, and the penalty (none)."""
        code = self.narrow(x)
        return self.widen(code), code.new_zeros(())
