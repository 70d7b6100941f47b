"""Words of new listings spelled as the learned listings spell them, so that ``LAURELES`` is no unknown place."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import pandas as pd

from perla.listings import Listings
from perla.prepare.preparation import Preparation


def spelled_as_learned(listings: Listings, preparation: Preparation) -> Listings:
    """The listings, each word of a category that was learned in another spelling (case, accents) in the learned one.

    The cells as they were read stay as they are.
    """
    values = spell(listings.values, preparation.levels_)
    return listings if values is listings.values else replace(listings, values=values)


def spell(values: pd.DataFrame, levels: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """The same frame where nothing changes.

    >>> homes = pd.DataFrame({"place": ["LAURELES", "Nowhere", None]})
    >>> spell(homes, {"place": ("Laureles", "Belén")})["place"].tolist()
    ['Laureles', 'Nowhere', nan]
    """
    changed = {}
    for name, known in levels.items():
        if name not in values.columns:
            continue
        exact, folded = _spellings(known)
        odd = {
            w: folded[key] for w in values[name].dropna().unique() if w not in exact and (key := _folded(w)) in folded
        }
        if odd:
            changed[name] = values[name].replace(odd)
    return values.assign(**changed) if changed else values


@lru_cache(maxsize=256)
def _spellings(known: tuple[str, ...]) -> tuple[frozenset[str], dict[str, str]]:
    """The learned words, and the most frequent of those that read alike."""
    return frozenset(known), {_folded(word): word for word in reversed(known)}


def _folded(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).casefold().split())
