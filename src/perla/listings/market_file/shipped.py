"""The market files that come with perla."""

from __future__ import annotations

from importlib import resources

from perla.errors import MarketFileError, closest
from perla.listings.market import Market
from perla.listings.market_file.reading import read_market
from perla.words import Text, same


def shipped_markets() -> list[str]:
    """Names of the markets that come with perla.

    >>> "homes-medellin" in shipped_markets()
    True
    """
    files = resources.files("perla.listings").joinpath("markets").iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


def shipped_market(name: str) -> Market:
    """A market that comes with perla.

    Raises MarketFileError for a name that is not shipped, with the closest one that is.

    >>> shipped_market("homes-medellin").currency
    'COP'
    """
    known = shipped_markets()
    if name not in known:
        near = closest(name, known)
        hint = Text(f"Did you mean {near!r}? ", f"¿Quiso decir {near!r}? ") if near else same("")
        raise MarketFileError(
            f"No market {name!r} comes with perla. {hint.en}There are: {', '.join(known)}; or give a market file.",
            f"Con perla no viene ningún mercado {name!r}. {hint.es}Hay: {', '.join(known)}; o dé un archivo propio.",
        )
    text = resources.files("perla.listings").joinpath("markets", f"{name}.toml").read_text(encoding="utf-8")
    return read_market(text, f"{name}.toml")
