"""How odd each cell of a listing is, given the rest of the listing: autoencoders and the signed surprise matrix."""

from perla.anomaly.autoencoder import AutoencoderSurprise
from perla.anomaly.matrix import Matrix, SurpriseMatrix, SurpriseModel
from perla.anomaly.recipe import AutoencoderKind, Recipe

__all__ = ["AutoencoderKind", "AutoencoderSurprise", "Matrix", "Recipe", "SurpriseMatrix", "SurpriseModel"]
