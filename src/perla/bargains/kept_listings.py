"""Listings <-> plain tables, and a few of many listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Doubt, Listings, Market, Rejected
from perla.words import Text

Ints = NDArray[np.int64]


def listings_state(listings: Listings) -> dict[str, Any]:
    """Everything but the cells of what was set aside; original cells of mixed types become texts."""
    return {
        "values": listings.values,
        "original": pd.DataFrame({name: _texts(cells) for name, cells in listings.original.items()}),
        "ids": listings.ids.to_frame("id"),
        "things": listings.things.to_numpy(np.int64),
        "doubts": _doubt_table(listings.doubts),
        "rejected": _rejected_table(listings.rejected),
        "source": listings.source,
    }


def listings_from_state(market: Market, state: dict[str, Any]) -> Listings:
    """The listings whose ``listings_state()`` this is. ValueError where its tables are not of one length."""
    values, original, ids = state["values"], state["original"], state["ids"]["id"]
    things = pd.Series(state["things"])
    if not len(values) == len(original) == len(ids) == len(things):
        raise ValueError("tables of listings of different lengths")
    return Listings(
        market=market,
        values=values,
        original=original,
        ids=ids,
        things=things,
        rejected=tuple(_rejected(state["rejected"])),
        rejected_original=pd.DataFrame(),
        doubts=tuple(_doubts(state["doubts"])),
        source=str(state["source"]),
    )


def doubts_by_row(listings: Listings) -> dict[int, list[Doubt]]:
    """The doubts of each listing that has any."""
    found: dict[int, list[Doubt]] = {}
    for doubt in listings.doubts:
        found.setdefault(doubt.row, []).append(doubt)
    return found


def take_rows(listings: Listings, rows: Ints, doubts: Mapping[int, Sequence[Doubt]]) -> Listings:
    """The listings at these positions, in this order, renumbered from 0; ``doubts`` as :func:`doubts_by_row` tells."""
    return replace(
        listings,
        values=listings.values.take(rows).reset_index(drop=True),
        original=listings.original.take(rows).reset_index(drop=True),
        ids=listings.ids.take(rows).reset_index(drop=True),
        things=listings.things.take(rows).reset_index(drop=True),
        doubts=tuple(replace(d, row=i) for i, row in enumerate(rows.tolist()) for d in doubts.get(row, ())),
    )


def _texts(cells: pd.Series) -> pd.Series:
    """Cells of one type as they are, mixed ones as texts."""
    if cells.dtype != object:
        return cells
    return cells.where(cells.notna(), None).map(lambda c: c if c is None else str(c)).astype("str")


def _doubt_table(doubts: Sequence[Doubt]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": np.array([d.row for d in doubts], np.int64),
            "column": _words(d.column for d in doubts),
            "value": _words(d.value for d in doubts),
            "en": _words(d.reason.en for d in doubts),
            "es": _words(d.reason.es for d in doubts),
            "implausible": np.array([d.implausible for d in doubts], bool),
        }
    )


def _doubts(table: pd.DataFrame) -> list[Doubt]:
    columns = [table[c].tolist() for c in ("row", "column", "value", "en", "es", "implausible")]
    return [Doubt(int(r), c, v, Text(en, es), bool(i)) for r, c, v, en, es, i in zip(*columns, strict=True)]


def _rejected_table(rejected: Sequence[Rejected]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": np.array([r.row for r in rejected], np.int64),
            "id": _words(r.listing_id for r in rejected),
            "en": _words(r.reason.en for r in rejected),
            "es": _words(r.reason.es for r in rejected),
            "source": _words(r.source for r in rejected),
        }
    )


def _rejected(table: pd.DataFrame) -> list[Rejected]:
    columns = [table[c].tolist() for c in ("row", "id", "en", "es", "source")]
    return [Rejected(int(r), i, Text(en, es), source) for r, i, en, es, source in zip(*columns, strict=True)]


def _words(texts: Any) -> pd.Series:
    return pd.Series([str(t) for t in texts], dtype="str")
