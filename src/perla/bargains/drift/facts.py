"""What a drift tells: plain facts, ready for a page, a terminal or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from perla.bargains.drift import telling
from perla.words import Text


class DriftState(StrEnum):
    """How like the listings learned from some others are."""

    STEADY = "steady"
    WATCH = "watch"
    DRIFTED = "drifted"
    TOO_FEW = "too few"

    @property
    def label(self) -> Text:
        spanish = {"steady": "estable", "watch": "atención", "drifted": "cambió", "too few": "muy pocos"}
        return Text(self.value, spanish[self.value])


@dataclass(frozen=True)
class ColumnDrift:
    """One column of the new listings against those learned from.

    psi : population stability index without what luck adds. luck : what luck alone may reach. weight : share of the
    column in moving the price (0 for the price itself). missing_before, missing_now : shares of empty cells. unknown,
    unknown_usual : share of words never seen while learning, and the share to be expected; None for numbers. told :
    what changed, in one sentence.
    """

    column: str
    title: Text
    state: DriftState
    psi: float
    luck: float
    weight: float
    missing_before: float
    missing_now: float
    unknown: float | None
    unknown_usual: float | None
    told: Text


@dataclass(frozen=True)
class Drift:
    """New listings against what a model learned from.

    listings, learned : how many. known : how many of the new ones the model learned from. judged : estimates below are
    of so many, each by models that never saw it; None where there are none. median_ratio : estimate over asking price.
    coverage : share of asking prices inside their 90 % interval. error : typical error (MdAPE). The ``_usual`` ones are
    of the listings learned from, unseen too. price : the asking price itself; columns : the most shifted first.
    told : the whole in one sentence; reasons : what exactly, the gravest first.
    """

    market: str
    source: str
    verdict: DriftState
    listings: int
    learned: int
    known: int
    judged: int
    median_ratio: float | None
    coverage: float | None
    coverage_usual: float
    error: float | None
    error_usual: float
    price: ColumnDrift
    columns: tuple[ColumnDrift, ...]
    told: Text
    reasons: tuple[Text, ...]

    @property
    def warning(self) -> Text | None:
        """One line for a report; None where all is well or nothing can be told."""
        if self.verdict not in (DriftState.WATCH, DriftState.DRIFTED):
            return None
        return telling.warning(self.told, self.reasons)

    def state(self) -> dict[str, Any]:
        """Everything in it, as plain values."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "price": _column_state(self.price),
            "columns": [_column_state(column) for column in self.columns],
            "reasons": [asdict(reason) for reason in self.reasons],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Drift:
        """The drift whose ``state()`` this is."""
        made = {
            "verdict": DriftState(state["verdict"]),
            "price": _column_from_state(state["price"]),
            "columns": tuple(map(_column_from_state, state["columns"])),
            "told": _text(state["told"]),
            "reasons": tuple(map(_text, state["reasons"])),
        }
        return cls(**{**state, **made})


def _column_state(column: ColumnDrift) -> dict[str, Any]:
    return asdict(column) | {"state": column.state.value}


def _column_from_state(state: Mapping[str, Any]) -> ColumnDrift:
    texts = {name: _text(state[name]) for name in ("title", "told")}
    return ColumnDrift(**{**state, **texts, "state": DriftState(state["state"])})


def _text(state: Mapping[str, Any]) -> Text:
    return Text(str(state["en"]), str(state["es"]))
