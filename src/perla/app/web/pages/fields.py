"""The simple fields of the filters, made from the market file and the listings at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TypeVar

import pandas as pd

from perla.bargains.edition import Edition
from perla.bargains.findings import Findings
from perla.listings import Kind
from perla.listings.drafting.meanings import meaning_of
from perla.listings.market import Column
from perla.reports.facts import main_columns
from perla.reports.untrusted import one_line

MOST_CHOICES = 400
FEW_CHOICES = 12
MOST_CATEGORIES, MOST_MEASURES = 3, 6
PLACES = ("make", "model", "neighbourhood", "sector", "locality", "city", "property type", "type")
MEASURED = (Kind.QUANTITY, Kind.COUNT)


@dataclass(frozen=True)
class Field:
    """One field of a form. choices : the values a category has, most frequent first. low, high : what most have."""

    column: Column
    choices: tuple[str, ...] = ()
    low: float = float("nan")
    high: float = float("nan")

    @property
    def is_choice(self) -> bool:
        return self.column.kind is Kind.CATEGORY

    @property
    def is_short(self) -> bool:
        return 0 < len(self.choices) <= FEW_CHOICES


@dataclass(frozen=True)
class Forms:
    """What the forms of one edition offer."""

    edition: Edition

    @cached_property
    def filters(self) -> tuple[Field, ...]:
        """What a buyer asks for first: what it is and where, the price, then the measures that say most about it."""
        market, findings = self.edition.market, as_findings(self.edition)
        categories = [c for c in main_columns(findings, 60, (Kind.CATEGORY,)) if c.kind is Kind.CATEGORY]
        told = [f for f in map(self.field, categories) if len(f.choices) > 1]
        told = sorted(told, key=lambda f: _asked_first(f.column))[:MOST_CATEGORIES]
        measures = [self.field(c) for c in main_columns(findings, MOST_MEASURES, MEASURED) if c.kind in MEASURED]
        price = self.field(market.column(market.price))
        return (*told[:2], price, *measures[:1], *told[2:], *measures[1:])

    @cached_property
    def described(self) -> tuple[Field, ...]:
        """Every column the models see, the ones that matter most first: what is asked of a thing to be estimated."""
        return tuple(self.field(c) for c in main_columns(as_findings(self.edition), 60))

    def field(self, column: Column) -> Field:
        """The field of one column."""
        cells = self.edition.listings.values[column.name]
        if column.kind is Kind.CATEGORY:
            counted = cells.dropna().value_counts().head(MOST_CHOICES)
            return Field(column, tuple(one_line(v, 80) for v in counted.index if str(v) == one_line(v, 80)))
        if column.kind in (*MEASURED, Kind.LATITUDE, Kind.LONGITUDE):
            low, high = cells.quantile([0.01, 0.99]) if cells.notna().any() else (float("nan"), float("nan"))
            return Field(column, (), float(low), float(high))
        return Field(column)

    @property
    def is_dated(self) -> bool:
        """Whether anybody knows when a listing was seen."""
        return bool(self.edition.seen["last_seen"].notna().any())


def _asked_first(column: Column) -> int:
    """Where a category stands among those a buyer asks for; the others keep their order behind them."""
    meanings = (meaning_of(name) for name in (column.name, column.label.en if column.label else ""))
    keys = [m.key for m in meanings if m is not None and m.key in PLACES]
    return PLACES.index(keys[0]) if keys else len(PLACES)


Made = TypeVar("Made")
_kept: dict[tuple[str, str], tuple[Edition, object]] = {}
_lock = Lock()


def kept_for(edition: Edition, name: str, make: Callable[[Edition], Made]) -> Made:
    """What is made of an edition once and then used again, until another edition of its market is asked about.

    Nothing of the edition before is held any longer than that.
    """
    market = edition.market.name
    found = _kept.get((market, name))
    if found is not None and found[0] is edition:
        return found[1]  # type: ignore[return-value]
    made = make(edition)
    with _lock:
        for key in [k for k, kept in _kept.items() if k[0] == market and kept[0] is not edition]:
            del _kept[key]
        _kept[market, name] = (edition, made)
    return made


def as_findings(edition: Edition) -> Findings:
    """An edition in the shape the reports read: its listings and its model's card, no table and no bargains."""

    def make(edition: Edition) -> Findings:
        wish, nothing = edition.wish(None).describe(), pd.DataFrame()
        return Findings(edition.listings, nothing, nothing, (), edition.finder.card_, wish)

    return kept_for(edition, "findings", make)


def forms_of(edition: Edition) -> Forms:
    """The forms of an edition."""
    return kept_for(edition, "forms", Forms)
