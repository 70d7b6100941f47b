"""The dropout autoencoder: units of the middle fail at random, so no column hangs on one of them."""

from __future__ import annotations

from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class DropoutMiddle(nn.Module):
    """width -> latent -> width with failing units (Srivastava et al. 2014)."""

    hides_any_column = False

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.narrow = nn.Sequential(nn.Linear(recipe.width, recipe.latent), nn.Dropout(recipe.dropout))
        self.widen = nn.Linear(recipe.latent, recipe.width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rebuilt layer, and the penalty (none)."""
        code = self.narrow(x)
        return self.widen(code), code.new_zeros(())
