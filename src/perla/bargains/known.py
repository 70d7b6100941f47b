"""The listings the models learned from, kept to serve as comparables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.rows import Rows
from perla.listings import Kind, Listings, Market

NUMBERS = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE, Kind.YES_NO)  # kept as float64


@dataclass(frozen=True)
class Known:
    """``listings`` in the order the models learned them; ``contents`` (n,) is equal for equal price and attributes."""

    listings: Listings
    contents: NDArray[np.int64]

    @classmethod
    def of(cls, listings: Listings, learned: NDArray[np.int64]) -> Known:
        """The listings at these positions, which are in ascending order."""
        keep = np.zeros(len(listings), bool)
        keep[learned] = True
        learned_from = listings.take(pd.Series(keep, index=listings.values.index))
        return cls(learned_from, _contents(learned_from))

    def positions_of(self, listings: Listings) -> NDArray[np.int64]:
        """For each listing the position of the known one it is, -1 for none.

        It is one by its id, where the market has ids, else by its content: the same price and attributes.
        """
        found = self._same_content(listings)
        if listings.market.first(Kind.ID) is not None:
            pairs = zip(listings.ids.tolist(), found, strict=True)
            found = [self._by_id.get(key, place) for key, place in pairs]
        return np.array(found, np.int64)

    def _same_content(self, listings: Listings) -> list[int]:
        """The known listing with the same price and attributes, -1 for none; most differ in a number already."""
        found, alike = [-1] * len(listings), np.array([key in self._numbers for key in _number_keys(listings)], bool)
        if alike.any():
            contents = _contents(replace(listings, values=listings.values[alike])).tolist()
            for row, key in zip(np.flatnonzero(alike).tolist(), contents, strict=True):
                found[row] = self._by_content.get(key, -1)
        return found

    @cached_property
    def _numbers(self) -> frozenset[bytes]:
        return frozenset(_number_keys(self.listings))

    @cached_property
    def _by_content(self) -> dict[int, int]:
        return _first_places(self.contents.tolist())

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return _first_places(self.listings.ids.tolist())

    @cached_property
    def rows(self) -> Rows:
        """The checked cells of one listing after another."""
        return Rows(self.listings.values)

    @cached_property
    def originals(self) -> Rows:
        """The cells as they were read."""
        return Rows(self.listings.original)

    def make_ready(self) -> None:
        """Do ahead of time what the first question would wait for."""
        _ = self._numbers, self._by_content, self._by_id
        if len(self.listings):
            self.rows.row(0), self.originals.row(0)

    def things_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The thing each of these known listings is; -1 for a listing that is not known."""
        things = self.listings.things.to_numpy(np.int64)
        return np.where(positions >= 0, things[np.maximum(positions, 0)], -1)

    def state(self) -> dict[str, Any]:
        """The tables, the ids and the things; the original cells as the texts they were."""
        return {
            "values": self.listings.values,
            "original": self.listings.original.astype(object).where(self.listings.original.notna(), None).map(_plain),
            "ids": self.listings.ids.to_frame("id"),
            "things": self.listings.things.to_numpy(np.int64),
            "contents": self.contents,
            "source": self.listings.source,
        }

    @classmethod
    def from_state(cls, market: Market, state: dict[str, Any]) -> Known:
        """The listings whose ``state()`` this is."""
        values = state["values"]
        return cls(
            Listings(
                market=market,
                values=values,
                original=state["original"],
                ids=state["ids"]["id"],
                things=pd.Series(state["things"]),
                rejected=(),
                rejected_original=pd.DataFrame(),
                doubts=(),
                source=str(state["source"]),
            ),
            state["contents"],
        )


def _number_keys(listings: Listings) -> list[bytes]:
    """The price and every modelled number of each listing, as one key."""
    market = listings.market
    names = [market.price, *(c.name for c in market.modelled if c.kind in NUMBERS)]
    table = np.column_stack([listings.values[name].to_numpy(np.float64) for name in names]) + 0.0
    table[np.isnan(table)] = np.nan  # one of the many
    return [row.tobytes() for row in table]


def _contents(listings: Listings) -> NDArray[np.int64]:
    names = [listings.market.price, *(c.name for c in listings.market.modelled)]
    return pd.util.hash_pandas_object(listings.values[names], index=False).to_numpy().view(np.int64)


def _first_places(keys: list[Any]) -> dict[Any, int]:
    return {key: place for place, key in reversed(list(enumerate(keys)))}


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str) else str(cell)
