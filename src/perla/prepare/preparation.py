"""Listings to the numbers a model sees, fitted once on the rows that may be learned from and saved with the models.

The same object serves training, testing and new listings, so the three can never drift apart. What to do with a
missing value or an unknown category is decided here and nowhere else: numbers stay NaN, categories become -1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.errors import ShelfError
from perla.listings import NUMERIC, Column, Kind, Market
from perla.prepare.levels import encode_levels, fit_levels
from perla.prepare.scales import Scale, fit_scale
from perla.prepare.texts import TextTopics, fit_topics

EPOCH = pd.Timestamp("2000-01-01")
PART = re.compile(r"/\((?:topic \d+|length|turned \d+)\)$")
TURNS = (30, 60, 120, 150)  # degrees


@lru_cache(maxsize=4096)
def column_of(name: str) -> str:
    """The market's column that a prepared column comes from.

    >>> column_of("ad/(topic 3)"), column_of("km/l")
    ('ad', 'km/l')
    """
    return PART.sub("", name)


@dataclass(frozen=True)
class Prepared:
    """n listings as numbers.

    numbers : float32 (n, p), NaN for missing; names : the p columns (a text becomes several, called ``column/(part)``).
    scaled : float32 (n, p), the same on each column's own Scale. categories : int32 (n, q), -1 for missing or unknown.
    log_price : float64 (n,), NaN where the price is not known. place : names of the latitude and the longitude, if both
    are among the numbers.
    """

    numbers: NDArray[np.float32]
    names: tuple[str, ...]
    scales: tuple[Scale, ...]
    categories: NDArray[np.int32]
    category_names: tuple[str, ...]
    category_sizes: tuple[int, ...]
    log_price: NDArray[np.float64]
    place: tuple[str, str] | None = None

    def __len__(self) -> int:
        return len(self.log_price)

    @cached_property
    def scaled(self) -> NDArray[np.float32]:
        """The numbers on their own scales, (n, p): about unit spread, NaN for missing."""
        columns = [s.forward(self.numbers[:, j].astype(np.float64)) for j, s in enumerate(self.scales)]
        return np.column_stack(columns).astype(np.float32) if columns else np.empty((len(self), 0), np.float32)

    @property
    def tree_matrix(self) -> NDArray[np.float32]:
        """What the tree models see, float32, NaN for missing or unknown: numbers, category codes, the place turned.

        A tree cuts a map along its axes only; the same place on axes turned by TURNS lets it cut aslant too.
        """
        codes = np.where(self.categories >= 0, self.categories, np.nan)
        return np.hstack([self.numbers, codes, self._turned()]).astype(np.float32)

    @property
    def tree_names(self) -> tuple[str, ...]:
        """The columns of ``tree_matrix``."""
        turned = () if self.place is None else tuple(f"{self.place[0]}/(turned {turn})" for turn in TURNS)
        return (*self.names, *self.category_names, *turned)

    def _turned(self) -> NDArray[np.float64]:
        """Degrees of latitude from the middle of the market along the turned axes, (n, turns), none without a place."""
        if self.place is None:
            return np.empty((len(self), 0))
        columns = [self.names.index(name) for name in self.place]
        middle = [float(self.scales[j].back(np.zeros(1))[0]) for j in columns]
        north, east = (self.numbers[:, j].astype(np.float64) - m for j, m in zip(columns, middle, strict=True))
        east = east * np.cos(np.radians(middle[0]))
        return np.column_stack([np.cos(np.radians(t)) * east + np.sin(np.radians(t)) * north for t in TURNS])

    def take(self, rows: NDArray[Any]) -> Prepared:
        """Only these rows (positions or bools)."""
        from dataclasses import replace

        return replace(
            self, numbers=self.numbers[rows], categories=self.categories[rows], log_price=self.log_price[rows]
        )

    def state(self) -> dict[str, Any]:
        """Everything in it, as plain values and arrays."""
        return {
            "numbers": self.numbers,
            "names": list(self.names),
            "scales": [s.state() for s in self.scales],
            "categories": self.categories,
            "category_names": list(self.category_names),
            "category_sizes": list(self.category_sizes),
            "log_price": self.log_price,
            "place": None if self.place is None else list(self.place),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Prepared:
        """The listings whose ``state()`` this is."""
        return cls(
            state["numbers"],
            tuple(state["names"]),
            tuple(Scale.from_state(s) for s in state["scales"]),
            state["categories"],
            tuple(state["category_names"]),
            tuple(state["category_sizes"]),
            state["log_price"],
            None if state["place"] is None else (str(state["place"][0]), str(state["place"][1])),
        )


@dataclass
class Preparation:
    """Fitted on some listings of a market, applied to any.

    >>> from perla.listings import Column, Kind, Market
    >>> market = Market("m", "price", "COP", (Column("price", Kind.QUANTITY), Column("area", Kind.QUANTITY, "m2")))
    >>> table = pd.DataFrame({"price": [1e8, 2e8, 3e8], "area": [50.0, 80.0, None]})
    >>> prepared = Preparation(market).fit(table, seed=0).transform(table)
    >>> prepared.names, prepared.numbers.shape
    (('area',), (3, 1))
    """

    market: Market
    names_: tuple[str, ...] = ()
    scales_: tuple[Scale, ...] = ()
    levels_: dict[str, tuple[str, ...]] = field(default_factory=dict)
    topics_: dict[str, TextTopics] = field(default_factory=dict)
    left_out_: tuple[str, ...] = ()

    def fit(self, table: pd.DataFrame, seed: int) -> Preparation:
        """Learn scales, levels and topics.

        table : checked values (``Listings.values``) of the rows that may be learned from, (n, columns).
        """
        usable = [c for c in self.market.modelled if table[c.name].nunique(dropna=True) > 1]
        self.left_out_ = tuple(c.name for c in self.market.modelled if c not in usable)
        self.levels_ = {c.name: fit_levels(table[c.name]) for c in usable if c.kind is Kind.CATEGORY}
        fitted = {c.name: fit_topics(table[c.name], seed) for c in usable if c.kind is Kind.TEXT}
        self.topics_ = {name: topics for name, topics in fitted.items() if topics is not None}
        parts = self._numbers(table, usable)
        self.names_ = tuple(parts)
        self.scales_ = tuple(fit_scale(np.asarray(part, np.float64)) for part in parts.values())
        return self

    def transform(self, table: pd.DataFrame) -> Prepared:
        """The numbers of any listings of this market; a column that is absent counts as missing everywhere."""
        if any(c.name not in table.columns for c in self.market.columns):
            table = table.reindex(columns=[c.name for c in self.market.columns])
        parts = self._numbers(table, [c for c in self.market.modelled if c.name not in self.left_out_])
        empty = np.full(len(table), np.nan, np.float32)
        numbers = [np.asarray(parts.get(name, empty), np.float32) for name in self.names_]
        codes = [encode_levels(table[name], levels) for name, levels in self.levels_.items()]
        price = _as_numbers(table[self.market.price])
        with np.errstate(divide="ignore", invalid="ignore"):
            log_price = np.where(price > 0, np.log(price), np.nan)
        return Prepared(
            numbers=np.column_stack(numbers) if numbers else np.empty((len(table), 0), np.float32),
            names=self.names_,
            scales=self.scales_,
            categories=np.column_stack(codes) if codes else np.empty((len(table), 0), np.int32),
            category_names=tuple(self.levels_),
            category_sizes=tuple(len(levels) for levels in self.levels_.values()),
            log_price=log_price,
            place=self._place(),
        )

    def _place(self) -> tuple[str, str] | None:
        latitude, longitude = self.market.first(Kind.LATITUDE), self.market.first(Kind.LONGITUDE)
        if latitude is None or longitude is None or not {latitude, longitude} <= set(self.names_):
            return None
        return latitude, longitude

    def _numbers(self, table: pd.DataFrame, columns: list[Column]) -> dict[str, NDArray[Any]]:
        parts: dict[str, NDArray[Any]] = {}
        for column in columns:
            cells = table[column.name]
            if column.kind in NUMERIC:
                parts[column.name] = _as_numbers(cells)
            elif column.kind is Kind.DATE:
                parts[column.name] = _days(cells)
            elif column.kind is Kind.TEXT and column.name in self.topics_:
                numbers = self.topics_[column.name].transform(cells)
                parts |= {f"{column.name}/(topic {k + 1})": numbers[:, k] for k in range(numbers.shape[1] - 1)}
                parts[f"{column.name}/(length)"] = numbers[:, -1]
        return parts

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values and arrays."""
        return {
            "names": list(self.names_),
            "scales": [s.state() for s in self.scales_],
            "levels": {name: list(levels) for name, levels in self.levels_.items()},
            "left_out": list(self.left_out_),
            "topics": {
                name: {"words": list(t.words), "weights": t.weights, "topics": t.topics}
                for name, t in self.topics_.items()
            },
        }

    @classmethod
    def from_state(cls, market: Market, state: dict[str, Any]) -> Preparation:
        """The Preparation that was saved; ShelfError if the pieces do not fit together."""
        made = cls(market)
        made.names_ = tuple(state["names"])
        made.scales_ = tuple(Scale.from_state(s) for s in state["scales"])
        made.levels_ = {name: tuple(levels) for name, levels in state["levels"].items()}
        made.left_out_ = tuple(state["left_out"])
        made.topics_ = {
            name: TextTopics(tuple(t["words"]), t["weights"], t["topics"]) for name, t in state["topics"].items()
        }
        if len(made.names_) != len(made.scales_) or set(made.levels_) - {c.name for c in market.columns}:
            raise ShelfError(
                "The saved preparation does not fit its market: train the model again.",
                "La preparación guardada no corresponde a su mercado: entrene el modelo de nuevo.",
            )
        return made


def _as_numbers(cells: pd.Series) -> NDArray[np.float64]:
    """NaN for what is missing or no number."""
    if cells.dtype == np.float64:
        return cells.to_numpy()
    return np.asarray(pd.to_numeric(cells, errors="coerce").to_numpy(np.float64))


def _days(cells: pd.Series) -> NDArray[np.float64]:
    """Days since 2000-01-01, NaN for missing."""
    since = (pd.to_datetime(cells, errors="coerce") - EPOCH) / pd.Timedelta(days=1)
    return np.asarray(since, np.float64)
