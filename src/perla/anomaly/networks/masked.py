"""The masked autoencoder: columns are hidden at random in training, and rebuilt from those that are left."""

from __future__ import annotations

from torch import Tensor, nn

from perla.anomaly.recipe import Recipe


class MaskedMiddle(nn.Module):
    """One more layer and no bottleneck: a hidden column cannot be copied, so nothing has to be squeezed.

    After He et al. 2022 (masked autoencoders), for columns of a table.
    """

    hides_any_column = True

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.fail = nn.Dropout(recipe.dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The layer as it is, and the penalty (none)."""
        return self.fail(x), x.new_zeros(())
