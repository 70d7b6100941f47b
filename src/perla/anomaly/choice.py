"""Which anomaly model is used, and how a saved one is read back."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from perla.anomaly.autoencoder import AutoencoderSurprise, autoencoder_from_state
from perla.anomaly.boosted import BoostedSurprise, boosted_from_state
from perla.anomaly.matrix import SurpriseModel
from perla.anomaly.plain_state import value_of, wrong
from perla.anomaly.recipe import AutoencoderKind
from perla.words import Text

NO_TORCH = Text(
    "The surprise per column comes from boosted trees, because PyTorch is not installed; for the autoencoders: "
    "pip install 'perla[deep]'.",
    "La sorpresa por columna viene de árboles potenciados, porque PyTorch no está instalado; para los autoencoders: "
    "pip install 'perla[deep]'.",
)


def surprise_model(
    kind: AutoencoderKind | None, seed: int, threads: int | None = None, know_price: bool = True
) -> SurpriseModel:
    """The autoencoder of that kind; for None the masked one, or boosted trees (which ``note`` says) without PyTorch.

    >>> surprise_model(None, seed=0).state.__name__
    'state'
    """
    if kind is None and find_spec("torch") is None:
        model = BoostedSurprise(seed, know_price=know_price, threads=threads)
        model.note = NO_TORCH
        return model
    return AutoencoderSurprise(kind or AutoencoderKind.MASKED, seed, know_price=know_price, threads=threads)


def from_state(state: dict[str, Any], threads: int | None = None) -> SurpriseModel:
    """The model whose ``state()`` this is. ShelfError when anything is off. Needs no PyTorch."""
    form = value_of(state, "form")
    if form == "autoencoder":
        return autoencoder_from_state(state, threads)
    if form == "boosted":
        return boosted_from_state(state, threads)
    raise wrong("form", "'autoencoder' or 'boosted'", "'autoencoder' o 'boosted'", form)
