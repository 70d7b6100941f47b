"""What a table of listings means: its price, its columns, their units and plausible values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from perla.listings.floors import Floors
from perla.words import Text, same


class Kind(StrEnum):
    """What a column is."""

    QUANTITY = "quantity"  # measured, has a unit: area, mileage
    COUNT = "count"  # whole numbers: rooms, baths
    CATEGORY = "category"  # one of some words: neighbourhood, fuel
    YES_NO = "yes/no"
    DATE = "date"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    TEXT = "text"  # free text: the ad itself
    ID = "id"
    LINK = "link"
    IGNORE = "ignore"

    @property
    def label(self) -> Text:
        """What a person calls the kind; the value is what a market file writes."""
        spanish = {
            "quantity": "una cantidad", "count": "un conteo", "category": "una categoría", "yes/no": "de sí o no",
            "date": "una fecha", "latitude": "una latitud", "longitude": "una longitud", "text": "texto libre",
            "id": "un identificador", "link": "un enlace", "ignore": "ignorada",
        }  # fmt: skip
        english = {
            "yes/no": "a yes/no", "id": "an id", "text": "free text", "ignore": "ignored",
        }  # fmt: skip
        return Text(english.get(self.value, f"a {self.value}"), spanish[self.value])


NUMERIC = (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO, Kind.LATITUDE, Kind.LONGITUDE)
MODELLED = (*NUMERIC, Kind.CATEGORY, Kind.DATE, Kind.TEXT)
NO_OTHER_FLOORS = Floors()


@dataclass(frozen=True)
class Column:
    """One column of a market.

    ``low`` and ``high`` bound the plausible values (both included); a value outside is hidden from the models and
    makes the listing suspicious. ``price_proxy`` is not None for a column that gives the price away, and says why.
    """

    name: str
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    wishable: bool = False
    label: Text | None = None
    price_proxy: Text | None = None

    @property
    def title(self) -> Text:
        """What a person calls the column."""
        return self.label or same(self.name.replace("_", " ").strip())

    @property
    def modelled(self) -> bool:
        """Whether the models may see it."""
        return self.kind in MODELLED and self.price_proxy is None


@dataclass(frozen=True)
class Market:
    """A market: which column is the asking price, what the others are.

    ``same_thing`` names the columns whose equal values mean one thing advertised again (an asset id, a VIN); empty: two
    listings alike in every modelled column are taken for one thing. ``floors``: what a model must reach to be put in
    service.
    """

    name: str
    price: str
    currency: str
    columns: tuple[Column, ...]
    title: Text | None = None
    price_low: float | None = None
    price_high: float | None = None
    same_thing: tuple[str, ...] = ()
    simulated: bool = False
    floors: Floors = NO_OTHER_FLOORS
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({c.name: c for c in self.columns})

    def column(self, name: str) -> Column:
        """The column of that name (KeyError if there is none)."""
        return self._by_name[name]

    def named(self, *kinds: Kind) -> list[str]:
        """Names of the columns of these kinds, in table order; proxies of the price are included."""
        return [c.name for c in self.columns if c.kind in kinds]

    @property
    def modelled(self) -> tuple[Column, ...]:
        """The columns the models may see, in table order (never the price)."""
        return tuple(c for c in self.columns if c.modelled and c.name != self.price)

    def first(self, kind: Kind) -> str | None:
        """The first column of a kind, or None."""
        return next((c.name for c in self.columns if c.kind is kind), None)

    @property
    def label(self) -> Text:
        return self.title or same(self.name)
