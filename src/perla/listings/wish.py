"""A wish: in which direction a bargain should be odd. ``price low`` by default; ``price low, area high``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from perla.errors import WishError, closest
from perla.listings.market import Column, Kind, Market
from perla.listings.names import fold_name, word_set
from perla.words import Text, fill, join, same

DEFAULT_WISH = "price low"
WISHABLE = (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO)
_LOW = word_set("""
    low lower lowest less fewer small smaller cheap cheaper few bajo baja bajos bajas menor menores menos barato
    barata poco poca pocos pocas pequeno pequena niedrig -
""")
_HIGH = word_set("""
    high higher highest more big bigger large larger great greater many alto alta altos altas mayor mayores mas
    grande grandes mucho mucha muchos muchas hoch +
""")
_PRICE_WORDS = frozenset({"price", "precio"})
_PARTS = re.compile(r"""(?:"[^"]*"|`[^`]*`|[^,;"`])+""")


@dataclass(frozen=True)
class Wish:
    """Directions in the surprise matrix.

    directions : pairs of column name and direction, -1 for lower than it should be, +1 for higher, in the order wished.
    """

    directions: tuple[tuple[str, int], ...]
    _titles: dict[str, Text] = field(default_factory=dict, repr=False, compare=False)

    def direction(self, column: str) -> int:
        """-1, +1, or 0 where the wish says nothing of the column."""
        return dict(self.directions).get(column, 0)

    def describe(self) -> Text:
        """The wish in words.

        >>> Wish((("price", -1), ("area", 1))).describe().en
        'price below what is expected, area above what is expected'
        """
        return join((self._describe_one(name, way) for name, way in self.directions), ", ")

    def _describe_one(self, name: str, way: int) -> Text:
        title = self._titles.get(name, same(name))
        if way < 0:
            return fill("{title} below what is expected", "{title} por debajo de lo esperado", title=title)
        return fill("{title} above what is expected", "{title} por encima de lo esperado", title=title)


def parse_wish(text: str, market: Market) -> Wish:
    """A wish as a person writes it, in English or Spanish.

    Columns are found by name or label, whatever their case and accents; ``price`` and ``precio`` always mean the asking
    price. Raises WishError for a column that is not known (naming the closest), is no number, gives the price away or
    may not be wished for, for a direction that is not known, for a contradiction, and for an empty wish.

    >>> columns = (Column("precio", Kind.QUANTITY, wishable=True), Column("area_m2", Kind.QUANTITY, wishable=True))
    >>> homes = Market("homes", "precio", "COP", columns)
    >>> parse_wish("price low, Área m2 alta", homes).directions
    (('precio', -1), ('area_m2', 1))
    """
    parts = [p.strip() for p in _PARTS.findall(text) if p.strip()]
    if not parts:
        raise WishError(
            'A wish names a column and a direction, such as "price low, area high"; it was empty.',
            "Un deseo nombra una columna y una dirección, como «precio bajo, área alta»; estaba vacío.",
        )
    directions: dict[str, int] = {}
    for part in parts:
        name, way = _parse_one(part, market)
        if directions.setdefault(name, way) != way:
            raise WishError(
                f"A wish cannot want {name} both low and high; got {text!r}. Keep one of the two.",
                f"Un deseo no puede querer {name} bajo y alto a la vez; se dio {text!r}. Deje uno de los dos.",
            )
    return Wish(tuple(directions.items()), {n: _title(n, market) for n in directions})


def _title(name: str, market: Market) -> Text:
    return next((c.title for c in market.columns if c.name == name), same(name))


def _parse_one(part: str, market: Market) -> tuple[str, int]:
    words, way = _direction(part)
    return _wished_column(words.strip(" \"`'"), market), way


def _direction(part: str) -> tuple[str, int]:
    """What is left of a part without its direction, and the direction; it may stand last or first."""
    last = re.fullmatch(r"(.*?)\s*[\s:=]\s*(\S+)|(.+?)([-+])", part, re.DOTALL)
    if last:
        name, word = (last[1], last[2]) if last[1] is not None else (last[3], last[4])
        if (way := _way(word)) and name.strip(" :="):
            return name, way
    first = re.fullmatch(r"(\S+?|[-+])\s*[\s:=]\s*(.+)", part, re.DOTALL)
    if first and (way := _way(first[1])):
        return first[2], way
    raise WishError(
        f'Each part of a wish ends in low or high, such as "price low"; got {part!r}.',
        f"Cada parte de un deseo termina en bajo o alto, como «precio bajo»; se dio {part!r}.",
    )


def _way(word: str) -> int:
    plain = word if word in ("-", "+") else fold_name(word)
    return -1 if plain in _LOW else 1 if plain in _HIGH else 0


def _wished_column(words: str, market: Market) -> str:
    """The column meant by these words, checked to be one that may be wished for."""
    if fold_name(words) in _PRICE_WORDS:
        return market.price
    column = _find_column(words, market)
    if column is None:
        _raise_unknown(words, market)
    if column.name != market.price:
        _check_wishable(column, market)
    return column.name


def _find_column(words: str, market: Market) -> Column | None:
    exact = next((c for c in market.columns if c.name == words), None)
    folded = fold_name(words)
    by_name = (c for c in market.columns if fold_name(c.name) == folded)
    by_label = (c for c in market.columns if folded in (fold_name(c.title.en), fold_name(c.title.es)))
    return exact or next(by_name, None) or next(by_label, None)


def _raise_unknown(words: str, market: Market) -> NoReturn:
    names = {n: c.name for c in market.columns if _may_be_wished(c, market) for n in (c.title.en, c.title.es, c.name)}
    near = names.get(closest(words, list(names)), "")
    hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else same("")
    listed = ", ".join(_wishable_names(market))
    raise WishError(
        f"A wish names a column of the table; there is no {words!r}.{hint.en} It can be about: {listed}.",
        f"Un deseo nombra una columna de la tabla; no hay {words!r}.{hint.es} Puede ser sobre: {listed}.",
    )


def _check_wishable(column: Column, market: Market) -> None:
    if column.price_proxy is not None:
        why = column.price_proxy
        raise WishError(
            f"A wish cannot be about {column.name!r}: it gives the price away ({why.en}). "
            f"Wish for the price itself: {DEFAULT_WISH!r}.",
            f"Un deseo no puede ser sobre {column.name!r}: delata el precio ({why.es}). "
            "Desee el precio mismo: «precio bajo».",
        )
    if not _may_be_wished(column, market):
        listed = ", ".join(_wishable_names(market))
        raise WishError(
            f"A wish is about a number that may be wished for; {column.name!r} is {column.kind.label.en}. "
            f"It can be about: {listed}.",
            f"Un deseo es sobre un número que se pueda desear; {column.name!r} es {column.kind.label.es}. "
            f"Puede ser sobre: {listed}.",
        )


def _may_be_wished(column: Column, market: Market) -> bool:
    is_attribute = column.kind in WISHABLE and column.wishable and column.price_proxy is None
    return is_attribute or column.name == market.price


def _wishable_names(market: Market) -> list[str]:
    others = [c.name for c in market.columns if _may_be_wished(c, market) and c.name != market.price]
    return [market.price, *others]
