"""A day's listings into the store: who is new, who is seen again, whose price changed. All of it or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perla.history.cells import DIGEST_BYTES, Layout, digests, write_cells
from perla.history.identity import identities
from perla.listings import Listings
from perla.storage.database.store import Store, Writer, only_row

if TYPE_CHECKING:
    import pyarrow as pa


def _no_changes() -> pd.DataFrame:
    kinds = {"row": "int64", "identity": "str", "before": "float64", "price": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


@dataclass(frozen=True)
class Added:
    """What adding a file did.

    rows : usable listings in the file. new : never seen before. seen_again : known ones, at any price. repeated : rows
    that name a listing named again further down; the last counts. set_aside : rows that could not be used.
    changes : DataFrame of the prices that differ from the sighting before: ``row`` (an index of the listings that were
    added), ``identity``, ``before``, ``price``.
    already : the day this very file had been added for, if it changed nothing for that reason.
    newest : the latest day on which any listing of the market was seen. version : of the market, as it stands now.
    """

    rows: int
    new: int
    seen_again: int
    repeated: int
    set_aside: int
    seen_on: date
    newest: date
    version: int
    changes: pd.DataFrame = field(default_factory=_no_changes)
    already: date | None = None

    @property
    def cheaper(self) -> int:
        return int((self.changes["price"] < self.changes["before"]).sum())

    @property
    def dearer(self) -> int:
        return int((self.changes["price"] > self.changes["before"]).sum())


@dataclass(frozen=True)
class Arrival:
    """Listings made ready for the store; see :func:`arrange`.

    rows : DataFrame with ``row`` (an index of the listings), ``identity``, ``price`` and ``digest`` of the cells.
    layout, texts : the cells. digest : the same for the same rows in another order. listings, repeated, set_aside : how
    many, as in :class:`Added`.
    """

    market: str
    rows: pd.DataFrame
    layout: Layout
    texts: pa.Array
    digest: str
    listings: int
    repeated: int
    set_aside: int


def add_sightings(store: Store, listings: Listings | Arrival, seen_on: date, source: str, again: bool = False) -> Added:
    """Keep that these listings were seen on a day; everything is kept, or nothing.

    listings : better arranged before the store is opened, so that nobody waits meanwhile; see :func:`arrange`.
    seen_on : the day the listings were on the market; days may come in any order. source : what was read, for the
    record. again : count a file that was added for another day as seen once more; otherwise the same listings at the
    same prices change nothing. Raises StoreError, StoreBusyError; InputError where listings cannot be told apart.

    >>> from perla.listings import Column, Kind, Market
    >>> from perla.listings.checking import check
    >>> from perla.storage.database import open_store
    >>> import tempfile
    >>> market = Market("homes", "price", "EUR", (Column("ref", Kind.ID), Column("rooms", Kind.COUNT)))
    >>> days = [check(pd.DataFrame({"ref": ["A7"], "rooms": [3], "price": [p]}), market) for p in (100, 90)]
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/listings.duckdb") as store:
    ...     first = add_sightings(store, days[0], date(2026, 3, 1), "monday.csv")
    ...     second = add_sightings(store, days[1], date(2026, 3, 8), "next.csv")
    >>> first.new, second.new, second.seen_again, second.cheaper
    (1, 0, 1, 1)
    """
    arrived = listings if isinstance(listings, Arrival) else arrange(listings)
    with store.writing() as writer:
        market = _market_number(writer, arrived.market)
        already = _already_added(writer, market, arrived.digest, seen_on if again else None)
        if already is not None:
            done = replace(_nothing(arrived, seen_on), already=already)
        else:
            done = _add(writer, market, arrived, seen_on)
            _remember(writer, market, arrived, seen_on, source)
        number, newest = _market_state(writer, market)
        return replace(done, version=number, newest=newest or seen_on)


def arrange(listings: Listings) -> Arrival:
    """Everything that needs no database: who each listing is, its cells as texts, digests to tell changes by.

    Raises InputError where listings cannot be told apart; see :func:`perla.history.identity.identities`.
    """
    import pyarrow as pa

    layout, texts = write_cells(listings.original)
    marks = pd.Series(digests(texts, layout.written()), index=listings.prices.index, dtype="str")
    rows = pd.DataFrame({"identity": identities(listings), "price": listings.prices, "digest": marks})
    rows.insert(0, "row", rows.index.to_numpy())
    last = ~rows.duplicated("identity", keep="last").to_numpy()
    told = rows["identity"] + " " + rows["price"].astype("str") + " " + rows["digest"]
    whole = hashlib.blake2b("\n".join(sorted(told)).encode(), digest_size=DIGEST_BYTES).hexdigest()
    kept, texts = rows[last].reset_index(drop=True), texts.filter(pa.array(last))
    repeated, set_aside = int((~last).sum()), len(listings.rejected)
    return Arrival(listings.market.name, kept, layout, texts, whole, len(listings), repeated, set_aside)


def _nothing(arrived: Arrival, seen_on: date) -> Added:
    return Added(arrived.listings, 0, 0, arrived.repeated, arrived.set_aside, seen_on, seen_on, 0)


def _market_number(writer: Writer, name: str) -> int:
    found = writer.read("SELECT market FROM market WHERE name = $1", name)
    if len(found):
        return int(str(only_row(found)[0]))
    number = _next(writer, "market")
    writer.run("INSERT INTO market (market, name) VALUES ($1, $2)", number, name)
    return number


def _next(writer: Writer, table: str) -> int:
    """The number after the highest; one writer at a time makes it free."""
    return int(str(only_row(writer.read(f"SELECT coalesce(max({table}), 0) + 1 AS next FROM {table}"))[0]))  # noqa: S608


def _already_added(writer: Writer, market: int, digest: str, day: date | None) -> date | None:
    """The day this very table was added for: any day, or the given one."""
    found = writer.read(
        "SELECT seen_on FROM addition WHERE market = $1 AND digest = $2 ORDER BY addition DESC", market, digest
    )
    days: list[date] = found.column("seen_on").to_pylist()
    if day is not None:
        return day if day in days else None
    return days[0] if days else None


def _market_state(writer: Writer, market: int) -> tuple[int, date | None]:
    """The number of the last addition, 0 for none, and the latest day seen."""
    found = writer.read(
        "SELECT coalesce(max(addition), 0) AS addition, max(seen_on) AS seen_on FROM addition WHERE market = $1", market
    )
    number, newest = only_row(found)
    return int(str(number)), newest if isinstance(newest, date) else None


def _add(writer: Writer, market: int, arrived: Arrival, seen_on: date) -> Added:
    import pyarrow as pa

    known = _known(writer, market, arrived, seen_on)
    is_new = known["listing"].isna().to_numpy()
    numbers = known["listing"].to_numpy("float64", na_value=0).astype(np.int64)
    numbers[is_new] = _next(writer, "listing") + np.arange(int(is_new.sum()))
    rows = arrived.rows
    writer.insert("listing", pa.table({
        "listing": numbers[is_new], "market": np.full(int(is_new.sum()), market),
        "identity": pa.array(rows["identity"][is_new], pa.large_string()),
    }))  # fmt: skip
    before, price = known["price"].to_numpy("float64"), rows["price"].to_numpy("float64")
    same_day = (known["before_on"] == pd.Timestamp(seen_on)).to_numpy()
    _add_sightings(writer, numbers, price, ~(same_day & (before == price)), seen_on)
    newer = is_new | (known["last_on"] <= pd.Timestamp(seen_on)).to_numpy()
    changed = newer & (known["digest"].to_numpy() != rows["digest"].to_numpy())
    _replace_cells(writer, market, arrived, numbers, changed, is_new)
    differs = ~np.isnan(before) & (before != price)
    changes = rows[["row", "identity"]].assign(before=before, price=price)[differs]
    new, again = int(is_new.sum()), int((~is_new).sum())
    return replace(_nothing(arrived, seen_on), new=new, seen_again=again, changes=changes.reset_index(drop=True))


def _known(writer: Writer, market: int, arrived: Arrival, seen_on: date) -> pd.DataFrame:
    """What the store knows of each arrived row: its listing, the sighting before, the last day, the cells' digest."""
    import pyarrow as pa

    rows = arrived.rows
    writer.run("CREATE TEMPORARY TABLE arrived (place BIGINT, identity TEXT)")
    writer.insert("arrived", pa.table({
        "place": np.arange(len(rows)), "identity": pa.array(rows["identity"], pa.large_string()),
    }))  # fmt: skip
    writer.run("CREATE TEMPORARY TABLE recognised (place BIGINT, listing BIGINT)")
    writer.run(
        "INSERT INTO recognised SELECT a.place, l.listing FROM arrived a JOIN listing l ON l.identity = a.identity "
        "WHERE l.market = $1",
        market,
    )
    recognised = _by_place(writer, "SELECT place, listing FROM recognised")
    told = _by_place(writer, "SELECT r.place, c.digest FROM recognised r JOIN cells c ON c.listing = r.listing")
    last = _by_place(
        writer,
        "SELECT r.place, max(s.seen_on) AS last_on FROM recognised r JOIN sighting s ON s.listing = r.listing "
        "GROUP BY r.place",
    )
    before = _by_place(
        writer,
        "SELECT DISTINCT ON (r.place) r.place, s.price, s.seen_on AS before_on FROM recognised r "
        "JOIN sighting s ON s.listing = r.listing WHERE s.seen_on <= $1 "
        "ORDER BY r.place, s.seen_on DESC, s.addition DESC",
        seen_on,
    )
    writer.run("DROP TABLE recognised")
    writer.run("DROP TABLE arrived")
    known = pd.concat([recognised, told, last, before], axis=1).reindex(np.arange(len(rows)))
    return known.assign(last_on=pd.to_datetime(known["last_on"]), before_on=pd.to_datetime(known["before_on"]))


def _by_place(writer: Writer, query: str, *values: object) -> pd.DataFrame:
    return writer.read(query, *values).to_pandas().set_index("place")


def _add_sightings(writer: Writer, numbers: np.ndarray, prices: np.ndarray, fresh: np.ndarray, seen_on: date) -> None:
    import pyarrow as pa

    count = int(fresh.sum())
    writer.insert("sighting", pa.table({
        "listing": numbers[fresh], "addition": np.full(count, _next(writer, "addition")),
        "seen_on": pa.array([seen_on], pa.date32()).take(pa.array(np.zeros(count, dtype=np.int64))),
        "price": prices[fresh],
    }))  # fmt: skip


def _replace_cells(
    writer: Writer, market: int, arrived: Arrival, numbers: np.ndarray, changed: np.ndarray, is_new: np.ndarray
) -> None:
    """The cells of these listings are now those that arrived."""
    import pyarrow as pa

    layout = _layout_number(writer, market, arrived.layout.written())
    outdated = changed & ~is_new
    if outdated.any():
        writer.run("CREATE TEMPORARY TABLE outdated (listing BIGINT)")
        writer.insert("outdated", pa.table({"listing": numbers[outdated]}))
        writer.run("DELETE FROM cells WHERE listing IN (SELECT listing FROM outdated)")
        writer.run("DROP TABLE outdated")
    writer.insert("cells", pa.table({
        "listing": numbers[changed], "layout": np.full(int(changed.sum()), layout),
        "digest": pa.array(arrived.rows["digest"][changed], pa.large_string()),
        "cells": arrived.texts.filter(pa.array(changed)),
    }))  # fmt: skip


def _layout_number(writer: Writer, market: int, columns: str) -> int:
    found = writer.read("SELECT layout FROM layout WHERE market = $1 AND columns = $2", market, columns)
    if len(found):
        return int(str(only_row(found)[0]))
    number = _next(writer, "layout")
    writer.run("INSERT INTO layout (layout, market, columns) VALUES ($1, $2, $3)", number, market, columns)
    return number


def _remember(writer: Writer, market: int, arrived: Arrival, seen_on: date, source: str) -> None:
    writer.run(
        "INSERT INTO addition (addition, market, seen_on, digest, source, listings, set_aside) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        _next(writer, "addition"), market, seen_on, arrived.digest, source, len(arrived.rows), arrived.set_aside,
    )  # fmt: skip
