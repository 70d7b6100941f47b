"""Columns that give the price away: a price per m2, an instalment, a deal badge, an earlier price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from perla.listings.market import Column, Kind, Market
from perla.listings.names import word_set, words_of
from perla.listings.numbers import parse_numbers
from perla.listings.units import known_unit
from perla.words import Text, fill, percent

FEWEST_ROWS = 30
MOST_ROWS = 3_000
NEAR = 0.02  # two amounts this close (relative) are called nearly equal
NEAR_SHARE = 0.15  # nearly equal in this share of the rows, and three times as often as by chance: too close
EXACT, EXACT_SHARE = 0.015, 0.6  # price = column x area within 1.5 % in most rows
LOG_CORRELATION = 0.995

_PRICE = word_set("price prices precio precios preis prix prezzo valor value cost costo")
_STRICT_PRICE = word_set("price precio preis prix prezzo")
_AREA = word_set("m2 sqm sqft ft2 metro mts2 mt2 feet unit unitario qm area")
_EARLIER = word_set("""
    old previous prev anterior original before antes initial inicial former was first last strikethrough alt
""")
_CHANGE = word_set("""
    drop change cut difference diff reduction reduced rebaja cambio discount descuento delta savings saving
    ahorro
""")
_ALONE = word_set("discount descuento rebaja savings ahorro")
_INSTALMENT = word_set("cuota cuotas instalment installment mensualidad emi financed financiado payment")
_BADGE = word_set("badge deal rating label evaluation bewertung etiqueta")
_ESTIMATE = word_set("""
    estimate estimated estimado estimada predicted expected zestimate appraisal kbb bluebook market forecast
    fair
""")
_CURRENCIES = word_set("usd eur cop gbp mxn cad ars clp pen brl uf uvr dolares euros dollars local")
# With one of these words it is the price of something else, or no amount at all.
_HONEST = word_set("""
    administracion administration admin hoa fee parking garage garaje parqueadero rent arriendo alquiler renta
    tax predial included is has negotiable negociable currency moneda divisa date fecha datum time type tipo
    updated actualizacion deposit deposito catastral cadastral dwelling energy consumption id per_month status
""")
_AMOUNTS = (Kind.QUANTITY, Kind.COUNT)
_UNSEEN = (Kind.ID, Kind.LINK, Kind.IGNORE, Kind.TEXT, Kind.DATE, Kind.LATITUDE, Kind.LONGITUDE)


def find_price_proxies(frame: pd.DataFrame, market: Market) -> dict[str, Text]:
    """Columns that give the price away, each with the reason.

    frame : DataFrame, the listings as they were read (or checked). Only columns the models would see are looked at.
    By name: price per area, instalment, deal badge, earlier or estimated price, discount, price in another currency. By
    numbers: nearly equal to the price in a sizeable share of rows, the price divided by an area, or a correlation
    with the price above 0.995 (logarithms). Areas, fees and taxes follow the price honestly and are kept.

    >>> homes = pd.DataFrame({"price": [300.0, 200], "m2": [10.0, 5], "price_m2": [30.0, 40]})
    >>> columns = tuple(Column(name, Kind.QUANTITY) for name in homes)
    >>> list(find_price_proxies(homes, Market("homes", "price", "EUR", columns)))
    ['price_m2']
    """
    found: dict[str, Text] = {}
    for column in _suspects(frame, market):
        why = proxy_by_name(column.name, column.kind)
        if why is not None:
            found[column.name] = why
    return found | {n: why for n, why in _find_by_numbers(frame, market).items() if n not in found}


def mark_price_proxies(frame: pd.DataFrame, market: Market, by_name: bool = True) -> Market:
    """The market with the columns that give the price away kept out of the models.

    by_name : False for a market a person has written: names are then theirs to judge, and only numbers count.
    """
    found = find_price_proxies(frame, market) if by_name else _find_by_numbers(frame, market)
    columns = (replace(c, price_proxy=found[c.name], wishable=False) if c.name in found else c for c in market.columns)
    return replace(market, columns=tuple(columns))


def _suspects(frame: pd.DataFrame, market: Market) -> list[Column]:
    return [
        c for c in market.columns
        if c.name in frame.columns and c.name != market.price and c.kind not in _UNSEEN and c.price_proxy is None
    ]  # fmt: skip


def proxy_by_name(name: str, kind: Kind = Kind.QUANTITY) -> Text | None:
    """Why a column's name says that it gives the price away, or None.

    >>> str(proxy_by_name("precio_m2")), proxy_by_name("administration_price")
    ('the price per area', None)
    """
    words = set(words_of(name))
    if words & _HONEST:
        return None
    return _amount_by_name(words) if kind in _AMOUNTS else _badge_by_name(words)


def _badge_by_name(words: set[str]) -> Text | None:
    if words & _BADGE and (words & _PRICE or "deal" in words):
        return Text("a verdict on the price", "un veredicto sobre el precio")
    if words & _STRICT_PRICE and words & _CHANGE:
        return Text("tells of a change of the price", "informa de un cambio del precio")
    return None


def _amount_by_name(words: set[str]) -> Text | None:
    priced = bool(words & _PRICE)
    if (
        (priced and words & _AREA)
        or words & {"ppsf", "ppm2", "preisprom2"}
        or ({"per", "m2"} <= words and words & _CURRENCIES)
    ):
        return Text("the price per area", "el precio por área")
    if words & _INSTALMENT:
        return Text("an instalment of the price", "una cuota del precio")
    if (priced and words & _CHANGE) or words & _ALONE:
        return Text("a change or discount of the price", "un cambio o descuento del precio")
    if priced and words & _EARLIER:
        return Text("an earlier price of the same listing", "un precio anterior del mismo anuncio")
    if (priced and words & _ESTIMATE) or "zestimate" in words:
        return Text("an estimate of the price", "un estimado del precio")
    if (badge := _badge_by_name(words)) is not None:
        return badge
    if words & _STRICT_PRICE and words & _CURRENCIES:
        return Text("the price in another currency", "el precio en otra moneda")
    return Text("another price of the same listing", "otro precio del mismo anuncio") if words & _STRICT_PRICE else None


def _find_by_numbers(frame: pd.DataFrame, market: Market) -> dict[str, Text]:
    """Columns whose numbers follow the price too closely."""
    if market.price not in frame.columns:
        return {}
    sample = frame.iloc[:: max(len(frame) // MOST_ROWS, 1)]
    price = _log_of(sample[market.price])
    if np.isfinite(price).sum() < FEWEST_ROWS or np.nanstd(price) == 0:
        return {}
    amounts = {c.name: _log_of(sample[c.name]) for c in _suspects(sample, market) if c.kind in _AMOUNTS}
    areas = {c.name: amounts[c.name] for c in market.columns if c.name in amounts and _is_measured(c, ("area",))}
    measured = {
        c.name for c in market.columns if _is_measured(c, ("area", "distance", "power", "volume", "mass", "years"))
    }
    found: dict[str, Text] = {}
    for name, logs in amounts.items():
        why = _follows_price(logs, price, name in measured) or _times_area(name, logs, areas, price, measured)
        if why is not None:
            found[name] = why
    return found


def _is_measured(column: Column, dimensions: tuple[str, ...]) -> bool:
    """Whether the column is a physical size: those follow the price honestly."""
    unit = known_unit(column.unit)
    named = (
        {"area", "superficie", "surface", "size"} & set(words_of(column.name))
        and not column.unit
        and "area" in dimensions
    )
    return bool(named) or (unit is not None and unit.dimension in dimensions)


def _log_of(cells: pd.Series) -> np.ndarray:
    """Logarithms, NaN where there is no positive number."""
    numbers = parse_numbers(cells).values.to_numpy()
    return np.log(np.where(numbers > 0, numbers, np.nan))


def _follows_price(logs: np.ndarray, price: np.ndarray, is_measured: bool) -> Text | None:
    both = np.isfinite(logs) & np.isfinite(price)
    if both.sum() < FEWEST_ROWS:
        return None
    x, y = logs[both], price[both]
    near = float((np.abs(x - y) < NEAR).mean())
    by_chance = float((np.abs(x - np.roll(y, len(y) // 2)) < NEAR).mean())
    if near > NEAR_SHARE and near > 3 * by_chance:
        return fill(
            "within 2 % of the price in {share} of the listings that have it",
            "a menos del 2 % del precio en {share} de los anuncios que la tienen",
            share=percent(near),
        )
    if is_measured or x.std() < 1e-6 or y.std() < 1e-6:
        return None
    if abs(float(np.corrcoef(x, y)[0, 1])) > LOG_CORRELATION:
        return Text("moves exactly with the price", "se mueve exactamente con el precio")
    return None


def _times_area(
    name: str, logs: np.ndarray, areas: dict[str, np.ndarray], price: np.ndarray, measured: set[str]
) -> Text | None:
    """Whether the column is the price divided by an area."""
    if name in measured:
        return None
    for area, area_logs in areas.items():
        rest = price - logs - area_logs
        rest = rest[np.isfinite(rest)]
        if len(rest) >= FEWEST_ROWS and float((np.abs(rest - np.median(rest)) < EXACT).mean()) > EXACT_SHARE:
            return fill("the price divided by {area}", "el precio dividido por {area}", area=area)
    return None
