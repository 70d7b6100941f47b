"""What a listing should cost: price models and their calibrated intervals."""

from perla.valuation.boosted import Boosted, Settings, side_by_side
from perla.valuation.folds import split_folds
from perla.valuation.hedonic import Hedonic
from perla.valuation.valuation import MODELS, Estimates, Valuation

__all__ = ["MODELS", "Boosted", "Estimates", "Hedonic", "Settings", "Valuation", "side_by_side", "split_folds"]
