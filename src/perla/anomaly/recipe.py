"""The kinds of autoencoder, and what each is trained with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from perla.anomaly.plain_state import real_of, whole_of


class AutoencoderKind(StrEnum):
    """The family. In all of them the price is hidden from the network that rebuilds it."""

    PLAIN = "plain"  # a narrow middle
    DROPOUT = "dropout"  # a narrow middle whose units fail at random
    L1 = "l1"  # a wide middle, the sum of its activity is taxed
    KL_SPARSE = "kl-sparse"  # a wide sigmoid middle, each unit active on a share rho of the listings
    VARIATIONAL = "variational"  # the middle is a distribution
    MASKED = "masked"  # any column can be hidden and is rebuilt from the rest (the default)


@dataclass(frozen=True)
class Recipe:
    """What a network is trained with.

    learning_rate : the highest of the cycle. width : units of a hidden layer. latent : units of the middle (not used by
    the masked kind). dropout : share of units that fail. beta : weight of the kind's own penalty. rho : wished activity
    of a KL-sparse unit. steps : about how many batches are learned from. batch : listings per batch.
    """

    learning_rate: float = 3e-3
    width: int = 192
    latent: int = 24
    dropout: float = 0.0
    beta: float = 0.0
    rho: float = 0.05
    steps: int = 1500
    batch: int = 512

    def state(self) -> dict[str, Any]:
        return asdict(self)


def recipe_from_state(state: dict[str, Any]) -> Recipe:
    """Checked on the way in; ShelfError when a value is out of range."""
    return Recipe(
        learning_rate=real_of(state, "learning_rate", 1e-7, 10.0),
        width=whole_of(state, "width", 4, 4096),
        latent=whole_of(state, "latent", 1, 4096),
        dropout=real_of(state, "dropout", 0.0, 0.95),
        beta=real_of(state, "beta", 0.0, 1e3),
        rho=real_of(state, "rho", 1e-4, 0.9),
        steps=whole_of(state, "steps", 1, 10_000_000),
        batch=whole_of(state, "batch", 1, 1_000_000),
    )


GENTLE = 8e-4  # a network that sees most of what it rebuilds learns the hidden price better slowly

DEFAULTS = {
    AutoencoderKind.PLAIN: Recipe(GENTLE),
    AutoencoderKind.DROPOUT: Recipe(GENTLE, latent=48, dropout=0.1),
    AutoencoderKind.L1: Recipe(GENTLE, latent=64, beta=1e-4),
    AutoencoderKind.KL_SPARSE: Recipe(GENTLE, latent=64, beta=1e-3, rho=0.05),
    AutoencoderKind.VARIATIONAL: Recipe(GENTLE, latent=24, beta=1e-3),
    AutoencoderKind.MASKED: Recipe(),
}
