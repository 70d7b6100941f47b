"""Which column is the asking price, and in what currency."""

from __future__ import annotations

import numpy as np
import pandas as pd

from perla.errors import InputError
from perla.listings.drafting.glance import Glance
from perla.listings.drafting.meanings import meaning_of
from perla.listings.market import Kind
from perla.listings.names import word_set
from perla.listings.proxies import proxy_by_name
from perla.listings.units import known_unit

PRICE_WORDS = word_set("price precio preis prix prezzo preco kaufpreis verkaufspreis")
ASKED_WORDS = word_set("asking list listing selling sale venta pedido final current actual total new")
_WORTH_WORDS = word_set("valor value amount cost costo importe monto oferta wert betrag asking")
_CURRENCY_WORDS = {
    "usd": "USD", "dolares": "USD", "eur": "EUR", "euro": "EUR", "euros": "EUR", "cop": "COP", "gbp": "GBP",
    "mxn": "MXN", "cad": "CAD", "ars": "ARS", "clp": "CLP", "pen": "PEN", "brl": "BRL", "chf": "CHF", "aud": "AUD",
    "inr": "INR", "€": "EUR", "£": "GBP",
}  # fmt: skip
_ASIDE_WORDS = word_set("""
    rent arriendo alquiler renta mensual monthly tax parking garage garaje parqueadero administracion administration
    fee hoa included is has date fecha currency moneda divisa type tipo negociable negotiable shipping deposit deposito
    min max avg mean median promedio actualizacion updated time score rank id status label
""")
# Where a listing lies tells its money: south, north, west, east, currency.
_COUNTRIES = (
    (-4.3, 13.5, -79.1, -66.8, "COP"), (49.8, 60.9, -8.7, 1.8, "GBP"), (24.4, 49.1, -125.0, -66.9, "USD"),
    (35.9, 43.9, -9.6, 4.4, "EUR"), (42.0, 55.1, 2.0, 15.1, "EUR"), (-18.4, -4.3, -81.4, -75.3, "PEN"),
    (-56.0, -17.5, -75.7, -69.8, "CLP"), (-33.8, -10.0, -53.0, -34.8, "BRL"),
)  # fmt: skip
_DOMAINS = {
    ".com.co": "COP", ".co.uk": "GBP", ".com.mx": "MXN", ".com.ar": "ARS", ".com.br": "BRL", ".cl/": "CLP",
    ".es/": "EUR", ".de/": "EUR", ".fr/": "EUR", ".it/": "EUR", ".lu/": "EUR", ".com.pe": "PEN", ".ca/": "CAD",
}  # fmt: skip
_COLOMBIAN_WORDS = word_set("estrato stratum parqueadero parqueaderos localidad administracion barrio")
_EURO_WORDS = word_set("automatik benzin handler privat schaltgetriebe manuell essence erdgas")
COLOMBIAN_PRICE = 2e6  # pesos


def find_price(glances: list[Glance]) -> Glance:
    """The column that holds the asking price: by its name, else the one whose values look like prices.

    Raises InputError where no column does.
    """
    ranked = sorted(((_name_score(g), -place, g) for place, g in enumerate(glances)), key=lambda r: r[:2], reverse=True)
    if ranked and ranked[0][0] > 0:
        return ranked[0][2]
    by_values = [(_value_score(g), g) for g in glances]
    best = max(by_values, key=lambda r: r[0], default=None)
    if best and best[0] > 0 and len(glances) > 1:
        return best[1]
    names = [g.name for g in glances]
    listed = ", ".join(names[:40]) + (", ..." if len(names) > 40 else "")
    raise InputError(
        "A table of listings has a column with the asking price; none was recognised. "
        f"Its columns are: {listed or 'none'}. "
        'Name it in a market file (price = "THE COLUMN"), and give that with --market.',
        "Una tabla de anuncios tiene una columna con el precio pedido; no se reconoció ninguna. "
        f"Sus columnas son: {listed or 'ninguna'}. "
        'Nómbrela en un archivo de mercado (price = "LA COLUMNA") y dé ese archivo con --market.',
    )


def _name_score(glance: Glance) -> float:
    """How much the name says asking price; 0 for not at all. Of two such columns the one with more numbers wins."""
    words = set(glance.words)
    if words & _ASIDE_WORDS or not words:
        return 0.0
    named, worth = words & PRICE_WORDS, words & _WORTH_WORDS
    if not (named or worth) or (glance.filled and glance.number_share < 0.3):
        return 0.0
    readable = glance.number_share * glance.filled / max(glance.rows, 1)
    rest = words - PRICE_WORDS - ASKED_WORDS - set(_CURRENCY_WORDS) - {"$", "en", "in", "de"}
    if named and not rest:
        return 100.0 + 10 * readable - len(words)
    if named and proxy_by_name(glance.name) is None:
        return 60.0 + 10 * readable
    return 30.0 + 10 * readable if worth and len(words) <= 3 and proxy_by_name(glance.name) is None else 0.0


def _value_score(glance: Glance) -> float:
    """How much the values look like prices; 0 for not at all."""
    meaning = meaning_of(glance.name)
    if meaning is not None or glance.number_share < 0.8 or glance.distinct < 3 or proxy_by_name(glance.name):
        return 0.0
    numbers = glance.numbers[glance.numbers > 0]
    written = known_unit(glance.parsed.unit)
    if len(numbers) < 0.8 * glance.filled or (glance.distinct_share == 1 and glance.is_row_number):
        return 0.0
    if written:
        return 10.0 + np.log10(float(numbers.median())) if written.dimension == "money" else 0.0
    middle, spread = float(numbers.median()), float(np.log(numbers).std())
    is_round = float((numbers % 100 == 0).mean())
    return np.log10(middle) * is_round if middle >= 500 and is_round > 0.5 and 0.05 < spread < 3 else 0.0


def find_currency(price: Glance, glances: list[Glance]) -> str:
    """The currency: as written in cells or names, else by where the listings lie, by links and language; or empty."""
    return (
        _written_currency(price)
        or _currency_of_place(glances)
        or _currency_of_links(glances)
        or _currency_of_names(glances)
        or _currency_of_language(price, glances)
    )


def _written_currency(price: Glance) -> str:
    unit = known_unit(price.parsed.unit)
    if unit and unit.dimension == "money" and unit.name != "$":
        return unit.name
    return next((_CURRENCY_WORDS[w] for w in price.words if w in _CURRENCY_WORDS), "")


def _currency_of_place(glances: list[Glance]) -> str:
    middle: dict[Kind, float] = {}
    for glance in glances:
        meaning = meaning_of(glance.name)
        if meaning and meaning.kind in (Kind.LATITUDE, Kind.LONGITUDE) and len(glance.numbers):
            middle.setdefault(meaning.kind, float(glance.numbers.median()))
    if len(middle) < 2:
        return ""
    lat, lon = middle[Kind.LATITUDE], middle[Kind.LONGITUDE]
    return next((c for s, n, w, e, c in _COUNTRIES if s <= lat <= n and w <= lon <= e), "")


def _currency_of_links(glances: list[Glance]) -> str:
    for glance in glances:
        if glance.link_share > 0.8:
            first = glance.texts.iloc[0].casefold()
            found = next((money for end, money in _DOMAINS.items() if end in first), "")
            if found:
                return found
    return ""


def _currency_of_names(glances: list[Glance]) -> str:
    """Another column's name may tell: ``tax(£)``; ZIP codes are American."""
    for glance in glances:
        found = next((_CURRENCY_WORDS[w] for w in glance.words if w in ("€", "£")), "")
        if found or {"zip", "zipcode"} & set(glance.words):
            return found or "USD"
    return ""


def _currency_of_language(price: Glance, glances: list[Glance]) -> str:
    words = {w for g in glances for w in g.words}
    if words & _COLOMBIAN_WORDS and len(price.numbers) and float(price.numbers.median()) > COLOMBIAN_PRICE:
        return "COP"
    values = pd.concat([g.texts.head(200) for g in glances if g.mean_words < 3] or [pd.Series(dtype="str")])
    plain = set(values.str.casefold().str.normalize("NFKD").str.replace(r"[^a-z]", "", regex=True))
    return "EUR" if len(plain & _EURO_WORDS) >= 2 else ""
