"""How odd each cell of a listing is, given the rest of the listing: autoencoders and the signed surprise matrix."""

from perla.anomaly.autoencoder import AutoencoderSurprise
from perla.anomaly.boosted import BoostedSurprise
from perla.anomaly.choice import from_state, surprise_model
from perla.anomaly.matrix import Matrix, SurpriseMatrix, SurpriseModel
from perla.anomaly.recipe import AutoencoderKind, Recipe
from perla.anomaly.tuning import tune

__all__ = [
    "AutoencoderKind", "AutoencoderSurprise", "BoostedSurprise", "Matrix", "Recipe", "SurpriseMatrix",
    "SurpriseModel", "from_state", "surprise_model", "tune",
]  # fmt: skip
