"""What a listing should cost: price models and their calibrated intervals."""

from perla.valuation.boosted import Boosted, Settings, side_by_side
from perla.valuation.folds import split_folds
from perla.valuation.hedonic import Hedonic
from perla.valuation.price_models import (
    DEFAULT_MODELS,
    PRICE_MODELS,
    PriceModel,
    categorical_columns,
    choose_models,
)
from perla.valuation.valuation import Estimates, Valuation

__all__ = [
    "DEFAULT_MODELS",
    "PRICE_MODELS",
    "Boosted",
    "Estimates",
    "Hedonic",
    "PriceModel",
    "Settings",
    "Valuation",
    "categorical_columns",
    "choose_models",
    "side_by_side",
    "split_folds",
]
