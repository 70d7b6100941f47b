"""What a survey tells of a market: plain facts, ready for a page, a terminal or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perla.words import Text


@dataclass(frozen=True)
class Count:
    """How many listings something is true of, and which share of all looked at."""

    name: Text
    listings: int
    share: float


@dataclass(frozen=True)
class PriceLine:
    """What some listings ask, in money; None where nothing can be told.

    low, high : a quarter asks less, a quarter more. per_unit : median price of one unit of the size column.
    few : too few listings for the median to say much.
    """

    name: Text
    listings: int
    median: float | None
    low: float | None
    high: float | None
    per_unit: float | None
    few: bool


@dataclass(frozen=True)
class Prices:
    """Asking prices by the words of one column: the most frequent first, the rest together, those without the word.

    words : how many different words the column has.
    """

    column: str
    title: Text
    lines: tuple[PriceLine, ...]
    others: PriceLine | None
    unknown: PriceLine | None
    words: int


@dataclass(frozen=True)
class Cell:
    """A rectangle of the map, in degrees, and what the listings in it ask."""

    south: float
    west: float
    north: float
    east: float
    listings: int
    median: float | None
    per_unit: float | None
    few: bool


@dataclass(frozen=True)
class Map:
    """The market as a grid of ``step`` degrees of latitude; beyond : listings with a place too far off to be drawn."""

    step: float
    cells: tuple[Cell, ...]
    placed: int
    unplaced: int
    beyond: int


@dataclass(frozen=True)
class Month:
    """One month, ``2026-03``: what its listings ask, and what a typical listing would (None where not comparable)."""

    month: str
    listings: int
    median: float | None
    per_unit: float | None
    typical: float | None
    few: bool


@dataclass(frozen=True)
class Week:
    """Listings new in the week that starts on this Monday (ISO date); whole : the record covers all its days."""

    monday: str
    new: int
    whole: bool


@dataclass(frozen=True)
class Cuts:
    """Price changes seen. followed : listings seen at least on two days. cut : listings lowered at least once.

    cuts, rises : single changes. median_cut : of a single cut, as a share of the price before (0.03). doubtful :
    changes so large that one of the two prices was probably mistyped; they are in no other figure.
    """

    followed: int
    cut: int
    cuts: int
    rises: int
    median_cut: float | None
    doubtful: int


@dataclass(frozen=True)
class Attribute:
    """One column. missing, hidden : shares of the listings; hidden cells are implausible or unreadable.

    low, middle, high : nine tenths of the listings lie between low and high, half below the middle; of a text its
    length in characters. from_day, to_day : ISO dates of a date column. common : the most frequent values. told : the
    same as one sentence.
    """

    column: str
    title: Text
    kind: Text
    unit: str
    missing: float
    hidden: float
    hidden_why: tuple[Count, ...]
    distinct: int
    low: float | None
    middle: float | None
    high: float | None
    from_day: str
    to_day: str
    common: tuple[Count, ...]
    told: Text


@dataclass(frozen=True)
class Oddity:
    """Something a reader should know of these listings. kind : a stable word. column : which one, or empty."""

    kind: str
    column: str
    told: Text


@dataclass(frozen=True)
class Survey:
    """A market as it is.

    listings : usable ones. things : different things among them; twins : listings that advertise one again.
    rejected : rows set aside, ``rejected_why`` by reason. size : the column prices are divided by, ``size_title`` and
    ``size_unit`` its words, all empty where there is none. areas : prices by place, ``kinds`` by sort of thing.
    time : which dates the months are of, and how typical prices are made. weeks : empty where nobody noted when a
    listing was first seen.
    """

    market: str
    title: Text
    currency: str
    simulated: bool
    source: str
    listings: int
    things: int
    twins: int
    rejected: int
    rejected_why: tuple[Count, ...]
    size: str
    size_title: Text
    size_unit: str
    price: PriceLine
    areas: tuple[Prices, ...]
    kinds: tuple[Prices, ...]
    map: Map | None
    time: Text | None
    months: tuple[Month, ...]
    weeks: tuple[Week, ...]
    cuts: Cuts | None
    attributes: tuple[Attribute, ...]
    oddities: tuple[Oddity, ...]

    def state(self) -> dict[str, Any]:
        """Everything in it, as plain values."""
        return asdict(self)


def survey_from_state(state: Mapping[str, Any]) -> Survey:
    """The survey whose ``state()`` this is."""
    many = {
        "rejected_why": _count, "areas": _prices, "kinds": _prices, "months": lambda s: Month(**s),
        "weeks": lambda s: Week(**s), "attributes": _attribute, "oddities": lambda s: _made(Oddity, s, "told"),
    }  # fmt: skip
    one = {
        "title": _text, "size_title": _text, "time": _text, "price": _line, "map": _map, "cuts": lambda s: Cuts(**s),
    }  # fmt: skip
    made: dict[str, Any] = dict(state)
    made |= {name: tuple(make(item) for item in state[name]) for name, make in many.items()}
    made |= {name: None if state[name] is None else make(state[name]) for name, make in one.items()}
    return Survey(**made)


def _text(state: Mapping[str, Any]) -> Text:
    return Text(str(state["en"]), str(state["es"]))


def _made(what: Any, state: Mapping[str, Any], *texts: str) -> Any:
    return what(**{**state, **{name: _text(state[name]) for name in texts}})


def _count(state: Mapping[str, Any]) -> Count:
    made: Count = _made(Count, state, "name")
    return made


def _line(state: Mapping[str, Any]) -> PriceLine:
    made: PriceLine = _made(PriceLine, state, "name")
    return made


def _prices(state: Mapping[str, Any]) -> Prices:
    rest = {name: None if state[name] is None else _line(state[name]) for name in ("others", "unknown")}
    return Prices(**{**state, **rest, "title": _text(state["title"]), "lines": tuple(map(_line, state["lines"]))})


def _map(state: Mapping[str, Any]) -> Map:
    return Map(**{**state, "cells": tuple(Cell(**cell) for cell in state["cells"])})


def _attribute(state: Mapping[str, Any]) -> Attribute:
    counts = {name: tuple(map(_count, state[name])) for name in ("hidden_why", "common")}
    made: Attribute = _made(Attribute, {**state, **counts}, "title", "kind", "told")
    return made
