"""Listings to the numbers a model sees: one Preparation, fitted once, saved with the models."""

from perla.prepare.preparation import Preparation, Prepared, column_of

__all__ = ["Preparation", "Prepared", "column_of"]
