"""Whether new listings still are such as a model learned from, and whether its estimates still hold for them."""

from perla.bargains.drift.facts import ColumnDrift, Drift, DriftState
from perla.bargains.drift.measuring import measure

__all__ = ["ColumnDrift", "Drift", "DriftState", "measure"]
