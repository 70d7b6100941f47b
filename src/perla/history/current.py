"""What the store knows of a market: every listing's last version, when it was seen, every change of its price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from perla.history.cells import read_cells, read_layout, stack
from perla.listings import Market
from perla.storage.database.store import Reader, Store, only_row


@dataclass(frozen=True)
class Current:
    """The listings of a market, each as it was last seen.

    frame : DataFrame, index 0..n-1, the cells as they were read; the first listing ever added comes first.
    first_seen, last_seen : Series of datetime64 on the same index. prices : DataFrame, what every listing first asked
    and every change since: ``row`` (an index of ``frame``), ``seen_on``, ``price``; by row, oldest first.
    version : changes whenever listings of the market are added; 0 where there are none.
    """

    frame: pd.DataFrame
    first_seen: pd.Series
    last_seen: pd.Series
    prices: pd.DataFrame
    version: int

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Kept:
    """What the store holds of one market: listings, days from first to last, additions, rows ever set aside."""

    market: str
    listings: int
    first_seen: date
    last_seen: date
    additions: int
    set_aside: int


def current(store: Store, market: Market, since: date | None = None) -> Current:
    """Every listing of a market that was seen since a day (included), or ever; all within one moment of the store.

    Raises StoreError where the database cannot be read.
    """
    with store.reading() as reader:
        number = _number(reader, market.name)
        seen = _seen(reader, number, since)
        frame = _frame(reader, number, seen["listing"].to_numpy(np.int64))
        prices = _prices(reader, number, seen["listing"].to_numpy(np.int64))
        found = _version(reader, number)
    return Current(frame, seen["first_seen"], seen["last_seen"], prices, found)


def markets(store: Store) -> list[str]:
    """The names of the markets with listings in the store, in order."""
    with store.reading() as reader:
        return [str(name) for name in reader.read("SELECT name FROM market ORDER BY name").column("name").to_pylist()]


def overview(store: Store) -> list[Kept]:
    """What the store holds, market by market, in order of name."""
    with store.reading() as reader:
        rows = reader.read(
            "SELECT m.name, (SELECT count(*) FROM listing l WHERE l.market = m.market) AS listings, "
            "min(a.seen_on) AS first_seen, max(a.seen_on) AS last_seen, count(*) AS additions, "
            "CAST(sum(a.set_aside) AS BIGINT) AS set_aside "
            "FROM market m JOIN addition a ON a.market = m.market GROUP BY m.market, m.name ORDER BY m.name"
        ).to_pylist()
    return [Kept(*row.values()) for row in rows]


def version(store: Store, market: Market | str) -> int:
    """A number that changes whenever listings of a market are added; 0 where there are none."""
    with store.reading() as reader:
        return _version(reader, _number(reader, market if isinstance(market, str) else market.name))


def newest(store: Store, market: Market | str) -> date | None:
    """The latest day on which a listing of the market was seen, or None."""
    with store.reading() as reader:
        number = _number(reader, market if isinstance(market, str) else market.name)
        (day,) = only_row(reader.read("SELECT max(seen_on) AS day FROM addition WHERE market = $1", number))
    return day if isinstance(day, date) else None


def _number(reader: Reader, name: str) -> int:
    found = reader.read("SELECT market FROM market WHERE name = $1", name)
    return int(str(only_row(found)[0])) if len(found) else 0


def _version(reader: Reader, market: int) -> int:
    found = reader.read("SELECT coalesce(max(addition), 0) AS version FROM addition WHERE market = $1", market)
    return int(str(only_row(found)[0]))


def _seen(reader: Reader, market: int, since: date | None) -> pd.DataFrame:
    found = reader.read(
        "SELECT s.listing, min(s.seen_on) AS first_seen, max(s.seen_on) AS last_seen FROM sighting s "
        "JOIN listing l ON l.listing = s.listing WHERE l.market = $1 "
        "GROUP BY s.listing HAVING max(s.seen_on) >= $2 ORDER BY s.listing",
        market, since or date.min,
    ).to_pandas()  # fmt: skip
    days = {name: found[name].astype("datetime64[s]") for name in ("first_seen", "last_seen")}
    return found.assign(**days)


def _frame(reader: Reader, market: int, wanted: np.ndarray) -> pd.DataFrame:
    """The cells of these listings, in this order."""
    layouts = reader.read("SELECT layout, columns FROM layout WHERE market = $1 ORDER BY layout DESC", market)
    frames, numbers = [], []
    for layout, columns in zip(*(layouts.column(c).to_pylist() for c in ("layout", "columns")), strict=True):
        kept = reader.read("SELECT listing, cells FROM cells WHERE layout = $1 ORDER BY listing", layout)
        own = kept.filter(np.isin(kept.column("listing").to_numpy(), wanted))
        if len(own):
            frames.append(read_cells(read_layout(columns), own.column("cells")))
            numbers.append(own.column("listing").to_numpy())
    if not frames:
        return pd.DataFrame()
    order = np.argsort(np.concatenate(numbers), kind="stable")
    return stack(frames).iloc[order].reset_index(drop=True)


def _prices(reader: Reader, market: int, wanted: np.ndarray) -> pd.DataFrame:
    """What each listing first asked and every change since; ``wanted`` is in order."""
    found = reader.read(
        "SELECT listing, seen_on, price FROM (SELECT s.listing, s.addition, s.seen_on, s.price, lag(s.price) OVER "
        "(PARTITION BY s.listing ORDER BY s.seen_on, s.addition) AS before FROM sighting s "
        "JOIN listing l ON l.listing = s.listing WHERE l.market = $1) told "
        "WHERE before IS NULL OR before <> price ORDER BY listing, seen_on, addition",
        market,
    ).to_pandas()
    found = found[np.isin(found["listing"].to_numpy(), wanted)]
    rows = np.searchsorted(wanted, found["listing"].to_numpy()).astype(np.int64)
    days = found["seen_on"].astype("datetime64[s]").to_numpy()
    return pd.DataFrame({"row": rows, "seen_on": days, "price": found["price"].to_numpy("float64")})
