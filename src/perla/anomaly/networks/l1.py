"""The L1 autoencoder: a wide middle in which activity costs, so that few units speak for each listing."""

from __future__ import annotations

from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class L1Middle(nn.Module):
    """width -> latent -> width, penalty beta x mean |activity| per listing."""

    hides_any_column = False

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.narrow = nn.Linear(recipe.width, recipe.latent)
        self.widen = nn.Linear(recipe.latent, recipe.width)
        self.beta = recipe.beta

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rebuilt layer, and the penalty."""
        code = self.narrow(x)
        return self.widen(code), self.beta * code.abs().sum(dim=1).mean()
