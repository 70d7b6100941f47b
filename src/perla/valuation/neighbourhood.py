"""What similar listings ask: for each listing, the unexplained part of its neighbours' prices.

Two neighbourhoods: by place (the same building, the same street) and by likeness (the attributes weighed by what
they are worth in this market). A hedonic regression takes out what is known to differ; what is left among the
neighbours is the local level of prices, as an appraiser reads it from comparables. A listing and its twins are
never their own neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.hedonic import Hedonic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
REACH = 40  # neighbours looked up; those not allowed are passed over
NEAREST = (3, 10, 30)
FEATURES = len(NEAREST) + 3  # columns that each neighbourhood gives
LEVEL_APART = 0.15  # log-price distance between two listings of different category levels, besides their effects


def middle_latitude(prepared: Prepared, latitude: str | None) -> float:
    """In degrees; NaN without the column."""
    if latitude not in prepared.names:
        return np.nan
    return float(np.nanmedian(prepared.numbers[:, prepared.names.index(latitude or "")]))


def place_points(prepared: Prepared, latitude: str | None, longitude: str | None, middle: float) -> Floats | None:
    """Kilometres on the plane that touches this latitude, shape (n, 2); None without coordinates."""
    if latitude not in prepared.names or longitude not in prepared.names:
        return None
    lat = prepared.numbers[:, prepared.names.index(latitude or "")].astype(np.float64)
    lon = prepared.numbers[:, prepared.names.index(longitude or "")].astype(np.float64)
    return np.column_stack([lat * 110.57, lon * 111.32 * np.cos(np.radians(middle))])


@lru_cache(maxsize=256)
def _directions(column: int, levels: int) -> Floats:
    """A point for each level of a category, and for none, LEVEL_APART from the others on average."""
    return np.random.default_rng(column).normal(size=(levels + 1, 3)) * (LEVEL_APART / np.sqrt(6))


def likeness_points(prepared: Prepared, hedonic: Hedonic) -> Floats:
    """Points whose distance is the difference in log price the attributes explain, shape (n, dimensions)."""
    effects = hedonic.effects(prepared)
    p = len(prepared.names)
    spots = []
    for j, size in enumerate(prepared.category_sizes):
        spots.append(_directions(j, size)[prepared.categories[:, j]])
    return np.hstack([effects, *spots]) if spots or p else effects


@dataclass
class Neighbourhood:
    """Known listings as points, to be asked who lies nearest."""

    points: Floats
    things: Ints

    @cached_property
    def _tree(self) -> tuple[Ints, Any]:
        """Which listings have a place, and a tree of these."""
        from scipy.spatial import cKDTree

        usable = np.flatnonzero(np.isfinite(self.points).all(axis=1))
        return usable, cKDTree(self.points[usable])

    def nearest(self, points: Floats, things: Ints, allowed: NDArray[np.bool_] | None = None) -> tuple[Ints, Floats]:
        """Positions and distances of the nearest known listings, each (n, REACH).

        Those of the same thing, or not ``allowed`` (shape (known,)), get position -1 and distance inf.
        """
        usable, tree = self._tree
        found = np.full((len(points), REACH), -1, np.int64)
        apart = np.full((len(points), REACH), np.inf)
        asked = np.flatnonzero(np.isfinite(points).all(axis=1))
        if usable.size == 0 or asked.size == 0:
            return found, apart
        k = min(REACH, usable.size)
        distance, position = tree.query(points[asked], k=[*range(1, k + 1)])
        place = usable[position]
        bad = self.things[place] == things[asked][:, None]
        if allowed is not None:
            bad |= ~allowed[place]
        found[asked, :k] = np.where(bad, -1, place)
        apart[asked, :k] = np.where(bad, np.inf, distance)
        return found, apart


def neighbour_features(found: Ints, apart: Floats, unexplained: Floats) -> Floats:
    """Mean unexplained log price of the 3, 10, 30 nearest, its spread, and how far they are; shape (n, 6)."""
    order = np.argsort(apart, axis=1, kind="stable")
    found, apart = np.take_along_axis(found, order, 1), np.take_along_axis(apart, order, 1)
    values = np.where(found >= 0, unexplained[found], np.nan)
    columns = []
    with np.errstate(all="ignore"):
        for k in NEAREST:
            weights = np.where(np.isfinite(values[:, :k]), 1.0 / (apart[:, :k] + 0.05), 0.0)
            total = weights.sum(axis=1)
            columns.append(np.where(total > 0, (np.nan_to_num(values[:, :k]) * weights).sum(axis=1) / total, np.nan))
        middle = np.nan_to_num(values[:, :10])
        seen = np.isfinite(values[:, :10])
        count = seen.sum(axis=1)
        mean = middle.sum(axis=1) / np.maximum(count, 1)
        spread = np.sqrt((seen * (middle - mean[:, None]) ** 2).sum(axis=1) / np.maximum(count - 1, 1))
        columns.append(np.where(count > 1, spread, np.nan))
        columns.append(np.where(np.isfinite(apart[:, 2]), apart[:, 2], np.nan))
        columns.append(np.where(np.isfinite(apart[:, 9]), apart[:, 9], np.nan))
    return np.column_stack(columns)
