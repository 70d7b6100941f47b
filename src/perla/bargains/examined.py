"""Listings as the models see them before anybody wishes, and the verdicts once somebody does."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.anomaly import SurpriseMatrix
from perla.bargains.agreement import Opinions
from perla.bargains.evidence import Evidence
from perla.bargains.ruling import Ruling
from perla.bargains.slips import Slips
from perla.valuation import Estimates

if TYPE_CHECKING:
    from perla.bargains.finder import Finder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = TypeVar("Rows", Slips, Ruling)
PREPARED = ("numbers", "categories", "log_price")
SURPRISE = ("z", "expected_numbers", "usual_errors", "expected_categories", "probability")


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

    def state(self) -> dict[str, Any]:
        """Everything in it that the model does not tell, as plain values and arrays."""
        prepared, surprise = self.evidence.prepared, self.evidence.surprise
        return {
            "prepared": {name: getattr(prepared, name) for name in PREPARED},
            "estimates": _arrays(self.evidence.estimates),
            "surprise": {name: getattr(surprise, name) for name in SURPRISE},
            "columns": list(surprise.columns),
            "positions": self.positions.astype(np.int32),
            "near": self.near.astype(np.int32),
            "fifth": self.fifth,
            "opinions": _arrays(self.opinions),
            "slips": {
                **{name: getattr(self.slips, name) for name in ("typed", "probable", "odds")},
                "columns": _coded(self.slips.columns),
                "kinds": _coded(self.slips.kinds),
            },
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], finder: Finder) -> Examined:
        """What was kept of listings examined by this finder. ValueError where the pieces do not fit together."""
        experts, known = finder.experts_, finder.experts_.valuation_.known_
        assert known is not None
        prepared = replace(known, **{n: state["prepared"][n] for n in PREPARED})
        estimates = Estimates(**state["estimates"])
        surprise = SurpriseMatrix(**state["surprise"], columns=tuple(map(str, state["columns"])))
        slips = state["slips"]
        made = cls(
            experts._evidence(prepared, estimates, surprise),
            state["positions"].astype(np.int64),
            state["near"],
            state["fifth"],
            Opinions(**state["opinions"]),
            Slips(**{**slips, "columns": _words(slips["columns"]), "kinds": _words(slips["kinds"])}),
        )
        made._check(len(finder.known_.listings))
        return made

    def _check(self, known: int) -> None:
        """Every array is of one length and as wide as the model says; nobody is nearest to a listing not known."""
        prepared, surprise = self.evidence.prepared, self.evidence.surprise
        arrays = [*(getattr(prepared, n) for n in PREPARED), *_arrays(self.evidence.estimates).values(),
                  *(getattr(surprise, n) for n in SURPRISE), self.near, self.fifth, *_arrays(self.opinions).values(),
                  *_arrays(self.slips).values()]  # fmt: skip
        wide = prepared.numbers.shape[1] == len(prepared.names), surprise.z.shape[1] == len(surprise.columns)
        places = max(int(self.positions.max(initial=-1)), int(self.near.max(initial=-1)))
        if any(len(a) != len(self) for a in arrays) or not all(wide) or places >= known:
            raise ValueError("what was examined does not fit the model")


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

    def state(self) -> dict[str, Any]:
        """As arrays; the slips are told anew."""
        ruling = _arrays(self.ruling)
        ruling["verdicts"] = _coded(self.ruling.verdicts)
        return {"chances": self.chances, "p_values": self.p_values, "ruling": ruling}

    @classmethod
    def from_state(cls, state: dict[str, Any], examined: Examined, finder: Finder) -> Decided:
        """What was kept. ValueError where the pieces do not fit together."""
        ruling = {**state["ruling"], "verdicts": _words(state["ruling"]["verdicts"])}
        chances, p_values = state["chances"], state["p_values"]
        if any(len(a) != len(examined) for a in (chances, p_values, *ruling.values())) or chances.shape[1:] != (3,):
            raise ValueError("what was decided does not fit what was examined")
        return cls(chances, Ruling(**ruling), finder.told(examined, chances), p_values)


@dataclass(frozen=True)
class Judged:
    """The verdicts on some rows, ascending, with the same columns wished for."""

    rows: Ints
    decided: Decided

    def of(self, rows: Ints) -> Decided | None:
        """The verdicts on these rows, None where one of them was not judged."""
        if not len(self.rows):
            return None
        at = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return self.decided.take(at) if (self.rows[at] == rows).all() else None


def taken(arrays: Rows, rows: NDArray[Any]) -> Rows:
    """Only these rows of every array of a dataclass of arrays."""
    return type(arrays)(*(getattr(arrays, f.name)[rows] for f in fields(arrays)))


def _arrays(made: Any) -> dict[str, Any]:
    return {f.name: getattr(made, f.name) for f in fields(made)}


def _coded(words: NDArray[np.object_]) -> dict[str, Any]:
    """Few different words, each named once."""
    codes, names = pd.factorize(words)
    return {"codes": codes.astype(np.int16), "words": [str(name) for name in names]}


def _words(coded: dict[str, Any]) -> NDArray[np.object_]:
    return np.array(coded["words"], object)[coded["codes"]]
