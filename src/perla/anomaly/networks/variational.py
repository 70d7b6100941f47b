"""The variational autoencoder: the middle is a distribution, kept near a standard normal one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class VariationalMiddle(nn.Module):
    """width -> mean and log variance -> a draw (its mean when not training) -> width (Kingma and Welling 2014)."""

    hides_any_column = False

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.mean = nn.Linear(recipe.width, recipe.latent)
        self.log_variance = nn.Linear(recipe.width, recipe.latent)
        self.widen = nn.Linear(recipe.latent, recipe.width)
        self.beta = recipe.beta

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The rebuilt layer, and the penalty: beta x KL to the standard normal, per listing."""
        mean, log_variance = self.mean(x), self.log_variance(x).clamp(-10, 10)
        code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp() if self.training else mean
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
        return self.widen(code), self.beta * divergence
