"""An edition: the listings of a market at one time, judged by one model, ready to be asked for bargains."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import RLock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.discoveries import check_countable
from perla.bargains.finder import Finder
from perla.bargains.findings import Bargain
from perla.bargains.proof import Prover
from perla.errors import UnknownNameError, closest
from perla.listings import Listings, Market
from perla.listings.where import filter_rows
from perla.listings.wish import DEFAULT_WISH, Wish, parse_wish

Ints = NDArray[np.int64]
MOST_WISHES = 8  # judged and kept; the one asked for longest ago goes first


@dataclass
class Edition:
    """What a service answers from.

    finder : the model, with its card. listings : n listings of its market. seen : DataFrame on the index of
    ``listings.values`` with ``first_seen`` and ``last_seen`` (datetime64, NaT where nobody knows). prices : every
    change of price, DataFrame with ``row``, ``seen_on`` (datetime64) and ``price``. release : which deployed model.
    made_on : ISO date. One edition may be asked from several threads at once.
    """

    finder: Finder
    listings: Listings
    seen: pd.DataFrame
    prices: pd.DataFrame
    release: str = ""
    made_on: str = ""
    _judged: OrderedDict[tuple[tuple[str, int], ...], tuple[Prover, Ints]] = field(
        default_factory=OrderedDict, repr=False
    )
    _lock: RLock = field(default_factory=RLock, repr=False)

    @property
    def market(self) -> Market:
        return self.finder.market

    def wish(self, text: str | None) -> Wish:
        """The wish in these words, ``price low`` for none. Raises WishError."""
        return parse_wish(text or DEFAULT_WISH, self.market)

    def search(self, wish: Wish, where: str = "", since: pd.Timestamp | None = None, fdr: float | None = None) -> Ints:
        """Rows of the listings worth showing, best first.

        where : a filter as a person writes it. since : only those last seen on this day or later, or never dated.
        fdr : only those that stand out so far that at most this share is expected to be no bargain.
        """
        prover, best = self.judged(wish)
        if fdr is not None:
            check_countable(wish, self.market.price)
            best = self.finder.discovered(prover, best, wish, fdr)
        keep = self.matching(where)
        if since is not None:
            last = self.seen["last_seen"]
            keep &= (last.isna() | (last >= since)).to_numpy()
        return best[keep[best]]

    def matching(self, where: str) -> NDArray[np.bool_]:
        """Which listings a filter keeps, (n,). Raises WhereError."""
        if not where.strip():
            return np.full(len(self.listings), True)
        values, original = self.listings.values, self.listings.original
        others = [c for c in original.columns if c not in values.columns]
        return filter_rows(pd.concat([values, original[others]], axis=1), where, self.market).to_numpy(bool)

    def judged(self, wish: Wish) -> tuple[Prover, Ints]:
        """Every listing with its verdict, and the rows worth showing, best first; kept for the next call."""
        with self._lock:
            key = wish.directions
            if key not in self._judged:
                self._judged[key] = self.finder.judge(self.listings, self.finder.checked(wish), None)
                while len(self._judged) > MOST_WISHES:
                    self._judged.popitem(last=False)
            self._judged.move_to_end(key)
            return self._judged[key]

    def prove(self, rows: list[int], wish: Wish, comparables: int = 5) -> tuple[Bargain, ...]:
        """Everything known about the listings at these rows."""
        return self.judged(wish)[0].prove_all(rows, wish, comparables)

    def row_of(self, listing_id: str) -> int:
        """Where a listing stands. Raises UnknownNameError."""
        found = np.flatnonzero((self.listings.ids == listing_id).to_numpy())
        if len(found):
            return int(found[0])
        near = closest(listing_id, self.listings.ids.tolist()[:20_000])
        raise UnknownNameError(
            f"No listing has the id {listing_id!r}." + (f" Did you mean {near!r}?" if near else ""),
            f"Ningún anuncio tiene el id {listing_id!r}." + (f" ¿Quiso decir {near!r}?" if near else ""),
        )

    def prices_of(self, row: int) -> pd.DataFrame:
        """What a listing has asked over time: ``seen_on``, ``price``, oldest first."""
        own = self.prices[self.prices["row"] == row]
        return own[["seen_on", "price"]].sort_values("seen_on", ignore_index=True)

    def estimate(self, listings: Listings, comparables: int = 5) -> tuple[Bargain, ...]:
        """New listings of this market, each with everything known about it."""
        wish = self.wish(None)
        prover, _ = self.finder.judge(listings, wish, None)
        return prover.prove_all(range(len(listings)), wish, comparables, what_if=False)


def first_edition(finder: Finder, release: str = "", made_on: str = "") -> Edition:
    """An edition of the very listings the model learned from, where no others are at hand."""
    listings = finder.known_.listings
    never = pd.Series(pd.NaT, index=listings.values.index, dtype="datetime64[s]")
    prices = pd.DataFrame({"row": pd.Series(dtype="int64"), "seen_on": pd.Series(dtype="datetime64[s]"),
                           "price": pd.Series(dtype="float64")})  # fmt: skip
    return Edition(finder, listings, pd.DataFrame({"first_seen": never, "last_seen": never}), prices, release, made_on)
