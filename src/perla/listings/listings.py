"""A checked table of listings: typed values, the original cells beside them, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from perla.listings.market import Market
from perla.words import Text


@dataclass(frozen=True)
class Rejected:
    """A row that could not be used: its number in the input (from 1, the first under the header), its id, the reason,
    and the file it came from.

    error_column, probable_value : the column that was probably mistyped and what should stand there, if that was found.
    """

    row: int
    listing_id: str
    reason: Text
    source: str = ""
    error_column: str = ""
    probable_value: float = float("nan")


@dataclass(frozen=True)
class Doubt:
    """A cell the models do not see: outside the plausible range (``implausible``), or only unreadable."""

    row: int
    column: str
    value: str
    reason: Text
    implausible: bool = True


@dataclass(frozen=True)
class Listings:
    """Listings of one market.

    market : what the columns mean.
    values : DataFrame, one row per usable listing, index 0..n-1; the price column is float64 > 0; quantity, count,
        latitude, longitude float64 with NaN for missing or hidden cells; yes/no 1.0, 0.0 or NaN; category and text str
        or NaN; date datetime64; ids and links str.
    original : DataFrame with the same index, every input column as it was read (nothing parsed, nothing hidden).
    ids : Series of str, unique: the id column, else the row number (from 1); a repeated id gets ``#2``, ``#3``.
    things : Series of int, equal for listings that advertise the same thing (re-posted twins).
    rejected, doubts : what was set aside or hidden, each with its reason; ``Doubt.row`` is an index of ``values``,
        ``Rejected.row`` counts the rows of the input from 1.
    rejected_original : DataFrame, the rejected rows as they were read, in the order of ``rejected``.
    source : what was read, for the record.
    """

    market: Market
    values: pd.DataFrame
    original: pd.DataFrame
    ids: pd.Series
    things: pd.Series
    rejected: tuple[Rejected, ...]
    rejected_original: pd.DataFrame
    doubts: tuple[Doubt, ...]
    source: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def prices(self) -> pd.Series:
        return self.values[self.market.price]

    def take(self, keep: pd.Series) -> Listings:
        """The listings where ``keep`` (bool, same index) is True, renumbered from 0; what was set aside stays."""
        from dataclasses import replace

        kept = [int(i) for i in self.values.index[keep]]
        place = {old: new for new, old in enumerate(kept)}
        return replace(
            self,
            values=self.values.loc[kept].reset_index(drop=True),
            original=self.original.loc[kept].reset_index(drop=True),
            ids=self.ids.loc[kept].reset_index(drop=True),
            things=self.things.loc[kept].reset_index(drop=True),
            doubts=tuple(replace(d, row=place[d.row]) for d in self.doubts if d.row in place),
        )
