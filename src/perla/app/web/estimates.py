"""Cells as people write them -> estimates, on the very road of ``perla check``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from perla.bargains.edition import Edition
from perla.bargains.findings import Bargain
from perla.errors import UnknownNameError, closest
from perla.listings import Kind, Listings, Market
from perla.listings.checking import check
from perla.listings.names import fold_name
from perla.prepare.spelling import spelled_as_learned
from perla.sources.cells import typed_values
from perla.words import Text, fill, money, rounded, same

Cell = str | int | float | bool | None
SOURCE = "the listings sent"


@dataclass(frozen=True)
class Estimate:
    """What one listing that was sent should ask.

    bargain : everything known about it; None where it was set aside. priced : whether it said what it asks; where it
    did not, only what does not depend on that means anything. set_aside : why it cannot be used. doubts : cells that
    were not believed, by column.
    """

    bargain: Bargain | None
    priced: bool = True
    set_aside: Text | None = None
    doubts: tuple[tuple[str, Text], ...] = ()


def estimate_cells(edition: Edition, sent: Sequence[Mapping[str, Cell]], comparables: int) -> list[Estimate]:
    """An estimate for each listing, in the order sent.

    sent : cells by column, as a person or a file writes them; a column is found by its name or its label. A listing
    that does not say its price gets what it should ask. Raises UnknownNameError for a column the market has not.
    """
    market = edition.market
    named = [_with_known_names(cells, market) for cells in sent]
    priced = [not _is_empty(cells.get(market.price)) for cells in named]
    for cells, has in zip(named, priced, strict=True):
        if not has:
            cells.pop(market.price, None)
    found: dict[int, Estimate] = {}
    for with_price in (True, False):
        places = [i for i, has in enumerate(priced) if has is with_price]
        found |= _estimate(edition, {i: named[i] for i in places}, comparables, with_price) if places else {}
    return [found[i] for i in range(len(named))]


def _estimate(
    edition: Edition, named: Mapping[int, dict[str, Cell]], comparables: int, priced: bool
) -> dict[int, Estimate]:
    """The estimates by the listings' places among those sent; listings that are the same are estimated once."""
    firsts: dict[tuple[tuple[str, Cell], ...], int] = {}
    same_as = {i: firsts.setdefault(tuple(sorted(cells.items())), i) for i, cells in named.items()}
    places = list(firsts.values())
    listings = check_cells([named[i] for i in places], edition.market, None if priced else typical_price(edition))
    listings = spelled_as_learned(listings, edition.finder.experts_.preparation_)
    bargains = edition.estimate(listings, comparables) if len(listings) else ()
    set_aside = {r.row - 1: r.reason for r in listings.rejected}
    doubts: dict[int, list[tuple[str, Text]]] = {}
    for doubt in listings.doubts:
        doubts.setdefault(doubt.row, []).append((doubt.column, doubt.reason))
    usable = iter(range(len(listings)))
    made = {}
    for row, place in enumerate(places):
        if row in set_aside:
            made[place] = Estimate(None, priced, set_aside[row])
        else:
            at = next(usable)
            made[place] = Estimate(bargains[at], priced, None, tuple(doubts.get(at, ())))
    return {i: _named_as_sent(made[first], i, named[i], edition.market) for i, first in same_as.items()}


def _named_as_sent(estimate: Estimate, place: int, cells: Mapping[str, Cell], market: Market) -> Estimate:
    """A listing without an id is called by its number among those sent, from 1; its own cells stand as sent."""
    if estimate.bargain is None:
        return estimate
    name = market.first(Kind.ID)
    known = name is not None and not _is_empty(cells.get(name))
    listing_id = estimate.bargain.listing_id.partition("#")[0] if known else str(place + 1)
    return replace(estimate, bargain=replace(estimate.bargain, listing_id=listing_id, original=dict(cells)))


def check_cells(named: Sequence[Mapping[str, Cell]], market: Market, price: float | None = None) -> Listings:
    """The listings as a file with these cells would give them; ``price`` stands in where none of them says its own."""
    columns = list(dict.fromkeys(name for cells in named for name in cells))
    frame = pd.DataFrame({name: typed_values([cells.get(name) for cells in named]) for name in columns})
    if price is not None:
        frame = frame.reindex(range(len(named)))
        frame[market.price] = [price] * len(named)
        frame = frame[[market.price, *(c for c in frame.columns if c != market.price)]]
    return check(frame, market, source=SOURCE, allow_missing=True)


def typical_price(edition: Edition) -> float:
    """The median asking price; it stands in where a listing does not say its own."""
    return float(edition.listings.prices.median())


def asked_nothing(bargain: Bargain, currency: str) -> Text:
    """What is told of a listing that does not say its price."""
    expected, low, high = (money(rounded(v), currency) for v in (bargain.expected_price, bargain.low, bargain.high))
    return fill(
        "no price was given; it should ask about {expected}, and 9 of 10 like it ask between {low} and {high}",
        "no se dio un precio; debería pedir unos {expected}, y 9 de cada 10 como este piden entre {low} y {high}",
        expected=expected, low=low, high=high,
    )  # fmt: skip


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _with_known_names(cells: Mapping[str, Cell], market: Market) -> dict[str, Cell]:
    """The cells under the market's own names."""
    known = {market.price, *(c.name for c in market.columns)}
    if all(name in known for name in cells):
        return dict(cells)
    folded = {fold_name(t): c.name for c in market.columns for t in (c.title.en, c.title.es, c.name)}
    return {_known_name(name, known, folded): cell for name, cell in cells.items()}


def _known_name(name: str, known: set[str], folded: Mapping[str, str]) -> str:
    found = name if name in known else folded.get(fold_name(name))
    if found is not None:
        return found
    near = closest(name, [*known, *folded])
    near = near if near in known else folded.get(near, "")
    hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else same("")
    raise UnknownNameError(
        f"The market has no column {name[:60]!r}.{hint.en} It has: {', '.join(sorted(known))}.",
        f"El mercado no tiene la columna {name[:60]!r}.{hint.es} Tiene: {', '.join(sorted(known))}.",
    )
