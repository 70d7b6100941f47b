"""What one column is, from its name and its cells."""

from __future__ import annotations

from perla.listings.drafting.glance import Glance
from perla.listings.drafting.meanings import (
    CODE_WORDS,
    MONEY,
    YES_NO_WORDS,
    Meaning,
    covers_whole_name,
    label_of,
    meaning_of,
)
from perla.listings.drafting.ranges import coordinate_range, count_range, quantity_range, year_range
from perla.listings.market import Column, Kind
from perla.listings.names import words_of
from perla.listings.units import known_unit
from perla.words import Text, same

YEAR_KEYS = ("year", "built", "cadastre year", "renovated")
EARLIEST_YEARS = {"year": 1885.0, "published year": 1990.0}  # the first car; homes may be older
EARLIEST_BUILT = 1500.0
MOST_CODES = 50
MOST_NUMBER_WORDS = 6
SHORT_SPAN_DAYS = 3
_COUNTABLE = 30
_NAME_UNITS = {
    "m2": "m2", "mts2": "m2", "sqm": "m2", "sqft": "ft2", "ft2": "ft2", "ha": "ha", "km": "km", "kms": "km",
    "kilometraje": "km", "kilometros": "km", "kilometers": "km", "kilometrage": "km", "kilometerstand": "km",
    "recorrido": "km", "miles": "mi", "millas": "mi", "kw": "kW", "hp": "hp", "ps": "PS", "cv": "PS", "cc": "cc",
    "mpg": "mpg", "litros": "L", "months": "months", "meses": "months", "usd": "USD", "eur": "EUR", "cop": "COP",
    "gbp": "GBP", "€": "EUR", "£": "GBP",
}  # fmt: skip
_IMPERIAL = ("USD", "GBP")
_NUMERIC_KINDS = (Kind.QUANTITY, Kind.COUNT)


def draft_column(glance: Glance, currency: str) -> tuple[Column, Text | None]:
    """The column as guessed, and a note where a reader should know why."""
    meaning = meaning_of(glance.name)
    kind, why = _guess_kind(glance, meaning)
    label = None if kind is Kind.IGNORE else _label(glance.name, meaning)
    if kind in _NUMERIC_KINDS:
        low, high = _range(glance, kind, meaning)
        unit = _unit(glance, meaning, currency) if kind is Kind.QUANTITY else ""
        return Column(glance.name, kind, unit, low, high, True, label), why
    if kind in (Kind.LATITUDE, Kind.LONGITUDE):
        low, high = coordinate_range(glance.numbers, kind)
        return Column(glance.name, kind, "", low, high, False, label), why
    return Column(glance.name, kind, label=label, wishable=False), why


def _label(name: str, meaning: Meaning | None) -> Text | None:
    """What a person calls the column: by its known words, else the plain words of a name such as HASLIFT."""
    if meaning and covers_whole_name(meaning, name) and not label_of(name):
        return meaning.label
    plain = " ".join(words_of(name))
    glued = "_" not in name and " " not in name and plain.count(" ") > 0
    return label_of(name) or (same(plain) if glued else None)


def _guess_kind(glance: Glance, meaning: Meaning | None) -> tuple[Kind, Text | None]:
    if glance.filled == 0:
        return Kind.IGNORE, Text("empty", "vacía")
    if glance.distinct == 1 and glance.rows >= 10:
        return Kind.IGNORE, Text("always the same", "siempre igual")
    if meaning and meaning.kind is Kind.IGNORE:
        return Kind.IGNORE, Text("about the collecting, not about the thing", "habla de la recolección, no de la cosa")
    if glance.link_share > 0.8:
        return Kind.LINK, None
    if meaning and meaning.kind in (Kind.LATITUDE, Kind.LONGITUDE) and _is_coordinate(glance, meaning.kind):
        return meaning.kind, None
    if glance.is_yes_no and (not meaning or meaning.kind is not Kind.COUNT or _asks_yes_no(glance)):
        return Kind.YES_NO, None
    if _is_date(glance, meaning):
        return _date_kind(glance)
    if _is_id(glance, meaning):
        return Kind.ID, None
    return _guess_numeric(glance, meaning) or _guess_words(glance, meaning)


def _asks_yes_no(glance: Glance) -> bool:
    return bool(glance.words) and glance.words[0] in YES_NO_WORDS


def _is_coordinate(glance: Glance, kind: Kind) -> bool:
    end = 90 if kind is Kind.LATITUDE else 180
    return glance.number_share > 0.8 and float((glance.numbers.abs() <= end).mean()) > 0.9


def _is_date(glance: Glance, meaning: Meaning | None) -> bool:
    if meaning is not None and meaning.kind in _NUMERIC_KINDS and glance.number_share > 0.9:
        return False
    if glance.date_share > 0.9:
        return True
    named = meaning is not None and meaning.kind is Kind.DATE
    return named and len(glance.dates) > 0.8 * glance.filled


def _date_kind(glance: Glance) -> tuple[Kind, Text | None]:
    dates = glance.dates
    if glance.rows >= 10 and (dates.empty or (dates.max() - dates.min()).days < SHORT_SPAN_DAYS):
        return Kind.IGNORE, Text("all on nearly the same day", "todas casi del mismo día")
    return Kind.DATE, None


def _is_id(glance: Glance, meaning: Meaning | None) -> bool:
    """An id word in the name and mostly different values; few different values are a code instead."""
    if meaning is None or meaning.kind is not Kind.ID:
        return False
    if meaning.key == "vin":
        return glance.distinct > min(MOST_CODES, glance.filled // 2)
    return glance.distinct_share > 0.2 or glance.filled < 10


def _guess_numeric(glance: Glance, meaning: Meaning | None) -> tuple[Kind, Text | None] | None:
    expected = meaning is not None and meaning.kind in _NUMERIC_KINDS
    if glance.number_share < (0.6 if expected else 0.9) or not _reads_as_numbers(glance):
        return None
    if glance.is_row_number:
        return Kind.IGNORE, Text("counts the rows", "numera las filas")
    if _is_code(glance, meaning):
        return Kind.CATEGORY, None
    if meaning and meaning.kind in _NUMERIC_KINDS:
        return meaning.kind, None
    if _all_years(glance) and meaning and meaning.key == "model":
        return Kind.COUNT, None
    if meaning and meaning.kind is Kind.CATEGORY:
        return Kind.CATEGORY, None
    numbers = glance.numbers
    is_count = glance.all_whole and glance.distinct <= _COUNTABLE and float(numbers.abs().quantile(0.99)) <= 100
    return (Kind.COUNT if is_count else Kind.QUANTITY), None


def _reads_as_numbers(glance: Glance) -> bool:
    """Whether most distinct texts are numbers; bands such as 'Entre 5 y 10 años' and sentences are not."""
    if glance.mean_words > MOST_NUMBER_WORDS:
        return False
    if len(glance.numbers) == glance.filled and not glance.parsed.unit:
        return True
    distinct = glance.texts.drop_duplicates()
    readable = glance.parsed.values.loc[distinct.index].notna()
    return float(readable.mean()) > 0.6 or glance.number_share > 0.97


def _is_code(glance: Glance, meaning: Meaning | None) -> bool:
    """Numbers that only name something: postal codes, type ids."""
    if meaning is not None and meaning.kind in _NUMERIC_KINDS:
        return False
    named = bool(CODE_WORDS & set(glance.words))
    return named and glance.distinct <= max(MOST_CODES, 0.2 * glance.filled)


def _all_years(glance: Glance) -> bool:
    return glance.all_whole and bool(glance.numbers.between(1885, 2100).mean() > 0.98)


def _guess_words(glance: Glance, meaning: Meaning | None) -> tuple[Kind, Text | None]:
    named_text = meaning is not None and meaning.kind is Kind.TEXT
    different = glance.distinct_share > 0.3
    is_long = glance.mean_length > 40 and glance.mean_words >= 5 and different
    is_prose = glance.mean_words >= (5 if named_text else 12) and glance.distinct > 20
    if is_long or is_prose or (named_text and glance.mean_words >= 2 and different):
        return Kind.TEXT, None
    named_category = meaning is not None and meaning.kind is Kind.CATEGORY
    if glance.distinct_share > 0.95 and glance.filled > MOST_CODES and not named_category:
        return Kind.IGNORE, Text("nearly every value is different", "casi todos los valores son distintos")
    return Kind.CATEGORY, None


def _range(glance: Glance, kind: Kind, meaning: Meaning | None) -> tuple[float | None, float | None]:
    if _is_year(glance, meaning):
        key = meaning.key if meaning else "year"
        return year_range(glance.numbers, EARLIEST_YEARS.get(key, EARLIEST_BUILT))
    low, high = (meaning.low, meaning.high) if meaning else (None, None)
    if kind is Kind.COUNT:
        return count_range(glance.numbers, low, high)
    guessed_low, guessed_high = quantity_range(glance.numbers)
    return (low if low is not None else guessed_low), (high if high is not None else guessed_high)


def _is_year(glance: Glance, meaning: Meaning | None) -> bool:
    named = meaning is not None and meaning.key in (*YEAR_KEYS, "published year", "model")
    usual = glance.numbers[glance.numbers > 0]
    return named and glance.all_whole and float(usual.median() if len(usual) else 0) > 1500


def _unit(glance: Glance, meaning: Meaning | None, currency: str) -> str:
    """From the cells, else the name, else what such a column is measured in where that money is used."""
    written = known_unit(glance.parsed.unit)
    if written and written.name != "$":
        return written.name
    for word in glance.words:
        if word in _NAME_UNITS and (meaning is None or meaning.unit != MONEY or len(_NAME_UNITS[word]) == 3):
            return _NAME_UNITS[word]
    if meaning is None:
        return currency if written else ""
    return _usual_unit(meaning, glance, currency)


def _usual_unit(meaning: Meaning, glance: Glance, currency: str) -> str:
    if meaning.unit == MONEY:
        return currency
    if meaning.unit == "m2?":
        return "m2" if currency and currency not in _IMPERIAL else ""
    if meaning.unit == "km?":
        return "mi" if currency in _IMPERIAL else "km" if currency else ""
    if meaning.unit == "kW?":
        return ""
    if meaning.unit == "L?":
        return "L" if float(glance.numbers.median()) < 20 else "cc"
    return meaning.unit
