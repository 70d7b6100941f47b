"""Coasts and borders from the vendored Natural Earth topology (public domain, 1:50 million), cut to a window."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@lru_cache(maxsize=1)
def _arcs() -> tuple[Points, ...]:
    """Every arc as longitude and latitude, (k, 2): the running sums of the file's steps, scaled."""
    source = files("perla.app.web").joinpath("static", "vendor", "world-atlas", "countries-50m.json")
    topology = json.loads(source.read_bytes())
    scale, origin = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    return tuple(np.cumsum(np.array(arc, float), axis=0) * scale + origin for arc in topology["arcs"])


def lines_within(west: float, south: float, east: float, north: float) -> list[list[list[float]]]:
    """The outlines that pass a window of degrees, as lists of [latitude, longitude]; each reaches one step beyond it.

    >>> len(lines_within(-76, 5, -75, 7)), len(lines_within(-78, 1, -77, 8)) > 0
    (0, True)
    """
    lines: list[list[list[float]]] = []
    for arc in _arcs():
        if arc[:, 0].max() < west or arc[:, 0].min() > east or arc[:, 1].max() < south or arc[:, 1].min() > north:
            continue
        inside = (arc[:, 0] >= west) & (arc[:, 0] <= east) & (arc[:, 1] >= south) & (arc[:, 1] <= north)
        lines += [_written(part) for part in _runs(arc, inside)]
    return lines


def _runs(arc: Points, inside: NDArray[np.bool_]) -> list[Points]:
    """The stretches of an arc that lie inside, each with one point more at both ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    return [arc[max(0, a - 1) : b + 1] for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _written(points: Points) -> list[list[float]]:
    return [[round(float(lat), 3), round(float(lon), 3)] for lon, lat in points]
