"""Where a run takes its listings from: files, or what the store holds of the market."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from perla.app.road import check_new
from perla.app.settings import Settings, store_place
from perla.app.show import Progress
from perla.errors import InputError
from perla.listings import Listings, Market
from perla.listings.checking import check
from perla.release.files import digest_of
from perla.words import Text


@dataclass(frozen=True)
class Read:
    """Checked listings, the day each was first seen (None where only files tell), and what a reader should know."""

    listings: Listings
    first_seen: pd.Series | None
    notes: tuple[Text, ...]


@dataclass(frozen=True)
class Source:
    """files : where the listings are; none: the store under the home folder, or the one PERLA_DATABASE_URL names.

    named : what the call called the market. seen_on : the day the listings in the files were seen, None: today.
    """

    market: Market
    named: str
    files: tuple[Path, ...]
    settings: Settings
    seen_on: date | None = None

    def content(self) -> dict[str, Any]:
        """JSON values that change whenever the listings do. Raises FileError and InputError where there are none."""
        if not self.files:
            return {"store": self._version()}
        from perla.sources.files import find_files

        return {"files": [[path.name, digest_of(path)[1]] for path in find_files(self.files)[0]]}

    def read(self) -> Read:
        """Every listing. Raises PerlaError for whatever is wrong with it."""
        return self._from_files() if self.files else self._from_store()

    def keep(self, tell: Progress) -> list[Text]:
        """Add what the files hold to the store, so that the service can answer from it; what a person should read."""
        from perla.app.add import add_listings

        return add_listings(self.files, self.named, self.seen_on, date.today(), self.settings, tell)

    def store_version(self) -> int:
        """A number that changes whenever the market's listings in the store do; 0 where there are none."""
        from perla.history import version
        from perla.storage.database import open_store

        place = self._place()
        if "://" not in place and not Path(place).exists():
            return 0
        with open_store(place, read_only=True) as store:
            return version(store, self.market)

    def _from_files(self) -> Read:
        from perla.sources import read_tables

        table = read_tables(self.files)
        listings, missing = check_new(table, self.market, Text("the market file", "el archivo de mercado"))
        return Read(listings, None, (*table.notes, *missing))

    def _from_store(self) -> Read:
        from perla.history import current
        from perla.storage.database import open_store

        with open_store(self._place(), read_only=True) as store:
            found = current(store, self.market)
        source = f"{len(found)} listings of {self.market.name} in the store"
        origin = pd.Series("", index=found.frame.index)
        listings = check(found.frame, self.market, origin, source, allow_missing=True)
        kept = _rows_kept(listings, len(found))
        return Read(listings, found.first_seen.iloc[kept].reset_index(drop=True), ())

    def _version(self) -> int:
        known = self.store_version()
        if not known:
            raise InputError(
                f"A run needs listings, and the store has none of the market {self.market.name!r}. Name files: perla "
                f"pipeline run {self.market.name} LISTINGS; or keep some first with: perla add LISTINGS --market "
                f"{self.market.name}",
                f"Se necesitan anuncios, y la base no tiene del mercado {self.market.name!r}. Indique archivos: "
                f"perla pipeline run {self.market.name} ANUNCIOS; o guarde antes con: perla add ANUNCIOS --market "
                f"{self.market.name}",
            )
        return known

    def _place(self) -> str:
        return store_place(self.settings.home, os.environ)


def _rows_kept(listings: Listings, rows: int) -> list[int]:
    """Positions of the usable rows among those that were read."""
    rejected = {r.row - 1 for r in listings.rejected}
    return [row for row in range(rows) if row not in rejected]
