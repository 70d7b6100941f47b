"""The known listings as neighbours, seen through one ruler after another; what depends on a ruler alone is kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.hedonic import Hedonic
from perla.valuation.neighbourhood import (
    Neighbourhood,
    likeness_points,
    middle_latitude,
    neighbour_features,
    place_points,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_VIEWS, LARGE, MOST_VIEWS_IF_LARGE = 12, 100_000, 2


@dataclass(frozen=True)
class View:
    """What a ruler makes of the known listings: where they stand by likeness, and the log prices it leaves unexplained.

    ruler : kept, so that no other ever gets its identity.
    """

    ruler: Hedonic
    alike: Neighbourhood
    unexplained: Floats


@dataclass
class Surroundings:
    """Asked from several threads at once. things : (known,), equal for twins, which are never each other's neighbours.

    latitude, longitude : names of the coordinate columns among the prepared numbers, or None.
    """

    known: Prepared
    things: Ints
    latitude: str | None
    longitude: str | None
    _views: OrderedDict[int, View] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def view(self, ruler: Hedonic) -> View:
        """What this ruler makes of the known listings."""
        with self._lock:
            found = self._views.get(id(ruler))
        if found is not None:
            return found
        alike = Neighbourhood(likeness_points(self.known, ruler), self.things)
        made = View(ruler, alike, self.known.log_price - ruler.predict(self.known))
        with self._lock:
            self._views[id(ruler)] = made
            while len(self._views) > (MOST_VIEWS if len(self.known) <= LARGE else MOST_VIEWS_IF_LARGE):
                self._views.popitem(last=False)
        return made

    @cached_property
    def _middle(self) -> float:
        return middle_latitude(self.known, self.latitude)

    @cached_property
    def _by_place(self) -> Neighbourhood | None:
        spots = place_points(self.known, self.latitude, self.longitude, self._middle)
        return None if spots is None else Neighbourhood(spots, self.things)

    def alike(self, prepared: Prepared, things: Ints, ruler: Hedonic) -> tuple[Ints, Floats]:
        """Positions and log-price distances of the known listings most like each, (n, REACH)."""
        return self.view(ruler).alike.nearest(likeness_points(prepared, ruler), things)

    def neighbours(self, prepared: Prepared, things: Ints, ruler: Hedonic) -> list[tuple[Ints, Floats]]:
        """The nearest by likeness and, where there are coordinates, by place."""
        found = [self.alike(prepared, things, ruler)]
        if self._by_place is not None:
            asked = place_points(prepared, self.latitude, self.longitude, self._middle)
            if asked is not None:
                found.append(self._by_place.nearest(asked, things))
        return found

    def columns(
        self, prepared: Prepared, things: Ints, ruler: Hedonic, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.float32]:
        """What the neighbours ask, and what the ruler expects, float32 (n, k). allowed : (known,), None for all."""
        unexplained, columns = self.view(ruler).unexplained, []
        for found, apart in self.neighbours(prepared, things, ruler):
            usable = found >= 0 if allowed is None else (found >= 0) & allowed[found]
            columns.append(
                neighbour_features(np.where(usable, found, -1), np.where(usable, apart, np.inf), unexplained)
            )
        columns.append(ruler.predict(prepared)[:, None])
        return np.hstack(columns).astype(np.float32)
