"""A whole market drafted from a table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from perla.errors import InputError
from perla.listings.drafting.columns import draft_column
from perla.listings.drafting.glance import Glance, glance_at, sample_rows
from perla.listings.drafting.meanings import meaning_of
from perla.listings.drafting.price import find_currency, find_price
from perla.listings.drafting.ranges import price_range
from perla.listings.market import Column, Kind, Market
from perla.listings.proxies import mark_price_proxies
from perla.words import Text, fill, join, same

_ID_ORDER = ("id", "vin", "asset")
_SAME_THING_KEYS = ("vin", "asset")


@dataclass(frozen=True)
class Draft:
    """A guessed market, and what a reader should know about the guess."""

    market: Market
    notes: tuple[Text, ...]


def draft_market(frame: pd.DataFrame, name: str) -> Draft:
    """Guess what every column of a table means.

    frame : DataFrame, the listings as they were read (texts or numbers), one column per name. name : the market's name.
    Column names may be Spanish, English, and some German or French. At most some thousand rows are looked at.
    Raises InputError for repeated column names, and for a table without a column that could be the price.

    >>> homes = pd.DataFrame({"Precio": ["$ 450.000.000", "$ 380.000.000"], "Área": ["83 m²", "71 m²"]})
    >>> draft = draft_market(homes, "homes")
    >>> draft.market.price, draft.market.column("Área").unit
    ('Precio', 'm2')
    """
    frame = frame.set_axis([str(c) for c in frame.columns], axis=1)
    repeated = sorted(set(frame.columns[frame.columns.duplicated()]))
    if repeated:
        raise InputError(
            f"Each column needs its own name; these appear twice: {', '.join(repeated)}. Rename them in the file.",
            f"Cada columna necesita un nombre propio; se repiten: {', '.join(repeated)}. Cámbielos en el archivo.",
        )
    sample = sample_rows(frame)
    glances = [glance_at(sample[c], c) for c in sample.columns]
    price = find_price(glances)
    currency = find_currency(price, glances)
    drafted = [draft_column(g, currency) for g in glances if g is not price]
    reasons = {c.name: why for c, why in drafted if why is not None}
    columns = [c for c, _ in drafted]
    columns, same_thing, id_reasons = _choose_ids(columns, frame)
    columns = _only_one_place(_unlike_labels(columns))
    low, high = price_range(price.numbers)
    asking = Column(price.name, Kind.QUANTITY, currency, low, high, True, Text("price", "precio"))
    columns.insert(next(place for place, g in enumerate(glances) if g is price), asking)
    market = Market(name, price.name, currency, tuple(columns), None, low, high, same_thing)
    market = mark_price_proxies(_with_numbers(sample, glances, market), market)
    return Draft(market, _notes(market, reasons | id_reasons))


def _with_numbers(sample: pd.DataFrame, glances: list[Glance], market: Market) -> pd.DataFrame:
    """The sample with the numbers already read, so that they are not read a second time."""
    amounts = {c.name for c in market.columns if c.kind in (Kind.QUANTITY, Kind.COUNT)}
    return sample.assign(**{g.name: g.numbers.reindex(sample.index) for g in glances if g.name in amounts})


def _choose_ids(columns: list[Column], frame: pd.DataFrame) -> tuple[list[Column], tuple[str, ...], dict[str, Text]]:
    """One id: unique and best named. Others that repeat, or number the thing itself, tell reposted twins."""
    ids = [c for c in columns if c.kind is Kind.ID]
    if not ids:
        return columns, (), {}
    unique = {c.name: _unique_share(frame[c.name]) for c in ids}
    best = max(ids, key=lambda c: (unique[c.name] == 1.0, -_id_order(c.name), unique[c.name]))
    same_thing = tuple(c.name for c in ids if _tells_twins(c, best, unique))
    dropped = [c for c in ids if c is not best and c.name not in same_thing]
    reasons = {c.name: Text("another id", "otro identificador") for c in dropped}
    kept = [replace(c, kind=Kind.IGNORE, label=None) if c in dropped else c for c in columns]
    return _first_of(kept, best, ids), same_thing, reasons


def _first_of(columns: list[Column], best: Column, ids: list[Column]) -> list[Column]:
    """The chosen id before all others, for the first id column of a market is the listing's id."""
    place = min(columns.index(c) for c in columns if c.name in {i.name for i in ids})
    rest = [c for c in columns if c is not best]
    return [*rest[:place], best, *rest[place:]]


def _id_order(name: str) -> int:
    meaning = meaning_of(name)
    return _ID_ORDER.index(meaning.key) if meaning and meaning.key in _ID_ORDER else len(_ID_ORDER)


def _tells_twins(column: Column, best: Column, unique: dict[str, float]) -> bool:
    meaning = meaning_of(column.name)
    of_the_thing = meaning is not None and meaning.key in _SAME_THING_KEYS
    return of_the_thing or 0.5 < unique[column.name] < 1.0 or (column is best and unique[column.name] < 1.0)


def _unique_share(cells: pd.Series) -> float:
    return cells.astype(object).map(str).nunique() / max(len(cells), 1)


def _unlike_labels(columns: list[Column]) -> list[Column]:
    """No two columns share a label; the first keeps it."""
    seen: set[str] = set()
    kept: list[Column] = []
    for column in columns:
        label = column.label
        kept.append(replace(column, label=None) if label and label.en in seen else column)
        seen |= {label.en} if label else set()
    return kept


def _only_one_place(columns: list[Column]) -> list[Column]:
    """One latitude and one longitude; further ones are ignored."""
    seen: set[Kind] = set()
    kept: list[Column] = []
    for column in columns:
        is_place = column.kind in (Kind.LATITUDE, Kind.LONGITUDE)
        repeated = is_place and column.kind in seen
        kept.append(Column(column.name, Kind.IGNORE) if repeated else column)
        seen |= {column.kind} if is_place else set()
    return kept


def _notes(market: Market, reasons: dict[str, Text]) -> tuple[Text, ...]:
    money = same(market.currency) if market.currency else Text("currency not recognised", "moneda no reconocida")
    notes = [fill("price: {name} ({money})", "precio: {name} ({money})", name=market.price, money=money)]
    notes += [
        fill("{name} gives the price away and is kept out: {why}", "{name} delata el precio y se deja por fuera: {why}",
             name=c.name, why=c.price_proxy)
        for c in market.columns if c.price_proxy is not None
    ]  # fmt: skip
    ignored = [fill("{name} ({why})", "{name} ({why})", name=n, why=why) for n, why in reasons.items()]
    if ignored:
        notes.append(fill("not used: {names}", "no se usan: {names}", names=join(ignored, ", ")))
    if market.same_thing:
        names = same(", ".join(market.same_thing))
        notes.append(
            fill(
                "one thing advertised again: equal {names}",
                "la misma cosa anunciada otra vez: {names} igual",
                names=names,
            )
        )
    return tuple(notes)
