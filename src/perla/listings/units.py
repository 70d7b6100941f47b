"""Units as people write them: one name for each, what they measure, and how they turn into each other."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A unit: its one name, what it measures, and how many base units of that dimension it is."""

    name: str
    dimension: str
    factor: float = 1.0


_WRITTEN = {
    ("m2", "area", 1.0): "m2 m^2 mt2 mts2 mtrs2 sqm qm mq m.2 m 2 mts 2 sq m|metros cuadrados|metro cuadrado|metros2|"
    "square metres|square meters|square metre|square meter|quadratmeter|m cuadrados|mt cuadrados|mts cuadrados",
    ("ft2", "area", 0.09290304): "ft2 ft^2 sqft sf pie2 pies2|sq ft|square feet|square foot|pies cuadrados|sq feet",
    ("ha", "area", 10_000.0): "ha has hectarea hectareas hectare hectares hektar",
    ("acre", "area", 4_046.8564224): "acre acres ac",
    ("yd2", "area", 0.83612736): "yd2 sqyd|sq yd|square yards",
    ("km", "distance", 1_000.0): "km kms kilometro kilometros kilometer kilometers kilometre kilometres",
    ("mi", "distance", 1_609.344): "mi mile miles milla millas",
    ("m", "distance", 1.0): "m mt mts mtrs metro metros meter meters metre metres",
    ("ft", "distance", 0.3048): "ft feet foot pie pies",
    ("kW", "power", 1.0): "kw kilowatt kilowatts kilovatios",
    ("PS", "power", 0.73549875): "ps cv ch|caballos de fuerza",
    ("hp", "power", 0.74569987): "hp bhp horsepower caballos",
    ("cc", "volume", 0.001): "cc cm3 ccm cm^3",
    ("L", "volume", 1.0): "l lt lts litro litros liter liters litre litres",
    ("kg", "mass", 1.0): "kg kgs kilo kilos kilogramos",
    ("t", "mass", 1_000.0): "t ton tons tonelada toneladas tonne tonnes",
    ("mpg", "mpg", 1.0): "mpg",
    ("kWh", "energy", 1.0): "kwh",
    ("%", "share", 1.0): "% percent|por ciento",
    ("years", "years", 1.0): "year years yr yrs ano anos jahr jahre",
    ("months", "months", 1.0): "month months mes meses monat monate",
    ("days", "days", 1.0): "day days dia dias tag tage",
    ("rooms", "rooms", 1.0): "room rooms bed beds br bedroom bedrooms habitacion habitaciones hab habs alcoba alcobas "
    "cuarto cuartos dormitorio dormitorios recamara recamaras zimmer",
    ("baths", "baths", 1.0): "bath baths ba bathroom bathrooms bano banos",
    ("doors", "doors", 1.0): "door doors puerta puertas",
    ("seats", "seats", 1.0): "seat seats asiento asientos puesto puestos pasajeros",
    ("garages", "garages", 1.0): "garage garages garaje garajes parqueadero parqueaderos",
    ("COP", "money", 1.0): "cop cop$ col$ $cop|pesos colombianos|pesos cop",
    ("$", "money", 1.0): "$ peso pesos dolar dolares dollar dollars",
    ("USD", "money", 1.0): "usd us$ u$s u$d usd$ $us $usd",
    ("EUR", "money", 1.0): "eur euro euros €",
    ("GBP", "money", 1.0): "gbp £ pounds",
    ("MXN", "money", 1.0): "mxn mx$ mxn$ $mxn",
    ("ARS", "money", 1.0): "ars ar$ ars$",
    ("CLP", "money", 1.0): "clp clp$ ch$",
    ("PEN", "money", 1.0): "pen s/ s/. soles",
    ("BRL", "money", 1.0): "brl r$ reais",
    ("CAD", "money", 1.0): "cad c$ ca$ cad$",
    ("AUD", "money", 1.0): "aud a$ au$",
    ("CHF", "money", 1.0): "chf sfr fr",
    ("INR", "money", 1.0): "inr ₹ rs rs.",
    ("JPY", "money", 1.0): "jpy ¥ yen",
}
UNIT_NAMES = tuple(name for name, _, _ in _WRITTEN)
DOLLAR_SIGNS = frozenset({"$", "USD", "COP", "MXN", "ARS", "CLP", "CAD", "AUD"})


def _aliases() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for (name, dimension, factor), written in _WRITTEN.items():
        unit = Unit(name, dimension, factor)
        single, *several = written.split("|")
        for alias in [*single.split(" "), *several]:
            found.setdefault(plain_word(alias), unit)
        found[plain_word(name)] = unit
    return found


def plain_word(word: str) -> str:
    """A word for comparing: lower case, no accents, no dots, single blanks.

    >>> plain_word("  Kilómetros. ")
    'kilometros'
    """
    if not word.isascii():
        parts = unicodedata.normalize("NFKD", word)
        word = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(word.casefold().replace(".", "").split())


_UNITS = _aliases()


def known_unit(word: str) -> Unit | None:
    """The unit a word stands for, or None.

    >>> known_unit("Sq. Ft.").name, known_unit("m²").name, known_unit("parsec")
    ('ft2', 'm2', None)
    """
    return _UNITS.get(plain_word(word))


def conversion(written: str, wanted: str) -> float | None:
    """What a value in one unit is multiplied by to be in another; None where they do not measure the same.

    Two different currencies never convert; a bare ``$`` is taken for the column's own currency, but ``US$`` among bare
    ``$`` is not.

    >>> round(conversion("mi", "km"), 3), conversion("km", "m2"), conversion("$", "COP")
    (1.609, None, 1.0)
    """
    a, b = known_unit(written), known_unit(wanted)
    if a is None or b is None or a.dimension != b.dimension:
        return None
    if a.dimension == "money" and a.name != b.name:
        return 1.0 if a.name == "$" and b.name in DOLLAR_SIGNS else None
    return a.factor / b.factor
