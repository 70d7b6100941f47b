"""Which part of the market a listing belongs to: its place, and each category with large groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LISTINGS_IN_A_CELL = 400
MOST_STRIPS = 10
LARGE_GROUP = 100


@dataclass
class Groups:
    """Cells of about equally many listings where there are coordinates, then the categories worth telling apart.

    latitude, longitude : names of the coordinate columns among the prepared numbers, or None.
    strips_ : longitudes between strips, (strips - 1,). cells_ : latitudes within each strip, (strips, strips - 1).
    """

    latitude: str | None = None
    longitude: str | None = None
    strips_: Floats = field(default_factory=lambda: np.empty(0))
    cells_: Floats = field(default_factory=lambda: np.empty((0, 0)))
    categories_: tuple[str, ...] = ()

    def fit(self, prepared: Prepared) -> Groups:
        """Learn where the cells end, and which categories have at least two large groups."""
        self.categories_ = tuple(
            name
            for j, name in enumerate(prepared.category_names)
            if (_sizes(prepared.categories[:, j]) >= LARGE_GROUP).sum() >= 2
        )
        place = self._place(prepared)
        seen = np.empty((0, 2)) if place is None else place[np.isfinite(place).all(axis=1)]
        count = min(int(np.sqrt(len(seen) / LISTINGS_IN_A_CELL)), MOST_STRIPS)
        if count >= 2:
            between = np.arange(1, count) / count
            self.strips_ = np.quantile(seen[:, 1], between)
            strip = np.searchsorted(self.strips_, seen[:, 1])
            each = [seen[strip == s, 0] for s in range(count)]
            self.cells_ = np.array([np.quantile(own if len(own) else seen[:, 0], between) for own in each])
        return self

    def of(self, prepared: Prepared) -> Ints:
        """The groups of n listings, (n, kinds of group); -1 where it is not known."""
        place = self._place(prepared)
        columns = [self._cell(place)] if len(self.strips_) and place is not None else []
        at = [prepared.category_names.index(name) for name in self.categories_]
        columns += [prepared.categories[:, j].astype(np.int64) for j in at]
        return np.column_stack(columns) if columns else np.empty((len(prepared), 0), np.int64)

    def _place(self, prepared: Prepared) -> Floats | None:
        if self.latitude not in prepared.names or self.longitude not in prepared.names:
            return None
        both = [prepared.names.index(self.latitude), prepared.names.index(self.longitude)]
        return prepared.numbers[:, both].astype(np.float64)

    def _cell(self, place: Floats) -> Ints:
        strip = np.searchsorted(self.strips_, place[:, 1])
        inner = (place[:, :1] > self.cells_[strip]).sum(axis=1)
        cell = strip * (len(self.strips_) + 1) + inner
        return np.where(np.isfinite(place).all(axis=1), cell, -1).astype(np.int64)

    def state(self) -> dict[str, Any]:
        """What was learned, as texts and arrays."""
        return {
            "place": [self.latitude, self.longitude],
            "strips": self.strips_,
            "cells": self.cells_,
            "categories": list(self.categories_),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Groups:
        """The groups whose ``state()`` this is."""
        latitude, longitude = state["place"]
        return cls(latitude, longitude, state["strips"], state["cells"], tuple(state["categories"]))


def _sizes(codes: NDArray[Any]) -> Ints:
    return np.bincount(codes[codes >= 0])
