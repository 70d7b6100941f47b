"""What columns are called, in Spanish, English and some German and French, and what such a column is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from perla.listings.market import Kind
from perla.listings.names import word_set, words_of
from perla.words import Text

MONEY = "money"  # stands for the market's currency until that is known


@dataclass(frozen=True)
class Meaning:
    """What a column of some name means.

    unit : its unit where cells and name tell none (MONEY: the market's currency). low, high : bounds for every such
    column. phrases : names, as plain words; the longest one found in a column's name wins.
    """

    key: str
    kind: Kind
    label: Text
    phrases: tuple[str, ...]
    unit: str = ""
    low: float | None = None
    high: float | None = None


# Words that change nothing about what a column is.
_FILLERS = word_set("""
    m2 sqm mts2 sqft ft2 km kms kw hp cc cad number num nro no of de del la el en in the total name clean gmaps
    geolocations geo eur usd cop gbp mxn € £ $ anuncio
""")
CODE_WORDS = word_set("zip zipcode postcode postal plz id type tipo tipoid clase class code codigo cp")
YES_NO_WORDS = word_set("is has con tiene es hat ist with")


@lru_cache(maxsize=1)
def all_meanings() -> tuple[Meaning, ...]:
    """Every meaning a column's name may have, as listed in ``meanings.toml`` beside this module."""
    text = resources.files("perla.listings.drafting").joinpath("meanings.toml").read_text(encoding="utf-8")
    return tuple(
        Meaning(
            key, Kind(t["is"]), Text(**t["label"]), tuple(t["names"]), t.get("unit", ""), t.get("low"), t.get("high")
        )
        for key, t in tomllib.loads(text).items()
    )


@lru_cache(maxsize=1)
def _by_phrase() -> dict[tuple[str, ...], Meaning]:
    return {words_of(phrase): m for m in all_meanings() for phrase in m.phrases}


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning | None:
    """What a column's name says it is: the longest known phrase in it (the first one of that length), or None.

    >>> meaning_of("CADCONSTRUCTIONYEAR").key, meaning_of("habitaciones").key, meaning_of("xyz")
    ('cadastre year', 'rooms', None)
    """
    words, known = words_of(name), _by_phrase()
    for length in range(min(len(words), 5), 0, -1):
        for start in range(len(words) - length + 1):
            found = known.get(words[start : start + length])
            if found:
                return found
    return None


@lru_cache(maxsize=1)
def _labels() -> dict[str, Text]:
    text = resources.files("perla.listings.drafting").joinpath("labels.toml").read_text(encoding="utf-8")
    return {" ".join(words_of(words)): Text(**label) for words, label in tomllib.loads(text).items()}


def label_of(name: str) -> Text | None:
    """What a person calls an amenity or a part of a thing, as listed in ``labels.toml`` beside this module, or None.

    >>> label_of("HASSWIMMINGPOOL").es
    'piscina'
    """
    return _labels().get(" ".join(words_of(name)))


def covers_whole_name(meaning: Meaning, name: str) -> bool:
    """Whether the name says no more than the meaning: ``area_m2`` does not, ``sqft_living15`` does."""
    words = words_of(name)
    phrases = [words_of(phrase) for phrase in meaning.phrases]
    known = {word for phrase in phrases if set(phrase) <= set(words) for word in phrase}
    return all(w in known or w in _FILLERS for w in words)
