"""Listings as the models see them before anybody wishes, and the verdicts once somebody does."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from perla.bargains.agreement import Opinions
from perla.bargains.evidence import Evidence
from perla.bargains.ruling import Ruling
from perla.bargains.slips import Slips

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = TypeVar("Rows", Slips, Ruling)


@dataclass(frozen=True)
class Examined:
    """What the models say of n listings, whatever is wished for.

    positions : which known listing each is (-1: none), (n,). near : the known ones most like each, nearest first (-1:
    none), (n, REACH). fifth : log-price distance to the fifth of them, (n,). slips : the number most likely mistyped,
    however unlikely that is.
    """

    evidence: Evidence
    positions: Ints
    near: Ints
    fifth: Floats
    opinions: Opinions
    slips: Slips

    def __len__(self) -> int:
        return len(self.positions)

    def take(self, rows: Ints) -> Examined:
        """Only the listings at these positions."""
        return Examined(
            self.evidence.take(rows),
            self.positions[rows],
            self.near[rows],
            self.fifth[rows],
            self.opinions.take(rows),
            taken(self.slips, rows),
        )


@dataclass(frozen=True)
class Decided:
    """The verdicts on n listings under one wish.

    chances : of being ordinary, a bargain, an error, (n, 3). slips : those that are told. p_values : the chance that an
    ordinary listing looks at least as much a bargain, (n,).
    """

    chances: Floats
    ruling: Ruling
    slips: Slips
    p_values: Floats

    def take(self, rows: Ints) -> Decided:
        """Only the listings at these positions."""
        ruling, slips = taken(self.ruling, rows), taken(self.slips, rows)
        return Decided(self.chances[rows], ruling, slips, self.p_values[rows])


def taken(arrays: Rows, rows: NDArray[Any]) -> Rows:
    """Only these rows of every array of a dataclass of arrays."""
    return type(arrays)(*(getattr(arrays, f.name)[rows] for f in fields(arrays)))
