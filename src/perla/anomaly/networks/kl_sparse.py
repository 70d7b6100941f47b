"""The KL-sparse autoencoder: each sigmoid unit should be active on a share rho of the listings."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class KlSparseMiddle(nn.Module):
    """width -> sigmoid latent -> width, penalty beta x mean over units of KL(rho || activity) (Ng 2011).

    The mean over units, not their sum, and a small beta: with the sum the penalty outweighs what is rebuilt and the
    reconstruction collapses to the mean of each column. The units start as active as they should be: from a sigmoid's
    own start, a half, so small a beta never brings them down.
    """

    hides_any_column = False

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.narrow = nn.Linear(recipe.width, recipe.latent)
        self.widen = nn.Linear(recipe.latent, recipe.width)
        self.beta, self.rho = recipe.beta, recipe.rho
        nn.init.constant_(self.narrow.bias, math.log(recipe.rho / (1 - recipe.rho)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rebuilt layer, and the penalty."""
        code = self.code(x)
        return self.widen(code), self.beta * kl_to_rho(code.mean(dim=0), self.rho)

    def code(self, x: Tensor) -> Tensor:
        """How active each unit is, (n, latent), 0 to 1."""
        return torch.sigmoid(self.narrow(x))


def kl_to_rho(activity: Tensor, rho: float) -> Tensor:
    """Mean over units of the divergence between the wished and the real activity.

    >>> round(float(kl_to_rho(torch.tensor([0.05, 0.05]), 0.05)), 6)
    0.0
    """
    active = activity.clamp(1e-6, 1 - 1e-6)
    return (rho * torch.log(rho / active) + (1 - rho) * torch.log((1 - rho) / (1 - active))).mean()
