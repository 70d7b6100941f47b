"""The listings the models learned from, kept to serve as comparables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Listings, Market


@dataclass(frozen=True)
class Known:
    """``listings`` in the order the models learned them."""

    listings: Listings

    @classmethod
    def of(cls, listings: Listings, learned: NDArray[np.int64]) -> Known:
        """The listings at these positions, which are in ascending order."""
        keep = np.zeros(len(listings), bool)
        keep[learned] = True
        return cls(listings.take(pd.Series(keep, index=listings.values.index)))

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
            )
        )


def _plain(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str) else str(cell)
