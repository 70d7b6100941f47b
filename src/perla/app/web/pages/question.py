"""What a reader asks for: read from the address, turned into a filter, and written back as an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from urllib.parse import urlencode

import pandas as pd

from perla.app.web.pages.fields import Field
from perla.errors import WhereError
from perla.listings.numbers import parse_numbers
from perla.listings.wish import DEFAULT_WISH
from perla.words import Lang

PAGE_SIZE = 10
LONGEST = 400
MOST_PAGES = 10_000
MOST_DAYS = 3650


@dataclass(frozen=True)
class Question:
    """Which bargains are asked for.

    market, wish, where : as written. simple : the filled simple fields, name in the address -> value as written.
    days : only those seen within so many days; 0 for all. page : from 1.
    """

    market: str
    wish: str
    where: str
    simple: tuple[tuple[str, str], ...]
    days: int
    page: int

    def address(self, page: int = 1, path: str = "/") -> str:
        """The address of this question: only what is filled in."""
        parts = [("market", self.market), ("wish", self.wish), *self.simple, ("where", self.where)]
        parts += [("days", str(self.days or "")), ("page", str(page) if page > 1 else "")]
        written = urlencode([(k, v) for k, v in parts if v])
        return f"{path}?{written}" if written else path

    def value(self, name: str) -> str:
        """What stands in a simple field."""
        return dict(self.simple).get(name, "")

    @property
    def is_filtered(self) -> bool:
        return bool(self.where or self.simple or self.days)


def read_question(asked: Mapping[str, str], fields: tuple[Field, ...]) -> Question:
    """The question in an address; what it cannot mean is left out."""

    def text(name: str) -> str:
        return asked.get(name, "").strip()[:LONGEST]

    names = [n for f in fields for n in names_of(f)]
    simple = tuple((name, text(name)) for name in names if text(name))
    where = asked.get("where", "").strip()
    days, page = whole(asked.get("days", ""), MOST_DAYS), whole(asked.get("page", ""), MOST_PAGES)
    return Question(text("market"), text("wish"), where, simple, days, max(1, page))


def names_of(field: Field) -> tuple[str, ...]:
    """How a field is called in the address."""
    name = field.column.name
    return (f"is.{name}",) if field.is_choice else (f"min.{name}", f"max.{name}")


def whole(text: str, most: int) -> int:
    """A whole number from 0 to ``most``; 0 for anything else.

    >>> whole("30", 100), whole("-3", 100), whole("9" * 5000, 100)
    (30, 0, 100)
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits[:9]), most)


def simple_filter(question: Question, fields: tuple[Field, ...]) -> str:
    """The simple fields as a filter expression. Raises WhereError for a number that is none."""
    parts = []
    for field in fields:
        column = '"' + field.column.name.replace('"', '""') + '"'
        for name in names_of(field):
            value = question.value(name)
            if not value:
                continue
            if field.is_choice:
                parts.append(f"{column} = '{value.replace(chr(39), chr(39) * 2)}'")
            else:
                order = ">=" if name.startswith("min.") else "<="
                parts.append(f"{column} {order} {_amount(value, field)}")
    return " and ".join(parts)


def _amount(written: str, field: Field) -> str:
    """The number in a field, as the filter language writes it."""
    found = float(parse_numbers(pd.Series([written], dtype="str"), field.column.unit).values.iloc[0])
    if isfinite(found):
        return f"{found:.10g}" if abs(found) < 1e9 and found == round(found, 6) else f"{found:.0f}"
    title = field.column.title
    raise WhereError(
        f"{title.en}: a number is needed, such as 80 or 450 million; got {written!r}.",
        f"{title.es}: se necesita un número, como 80 o 450 millones; se dio {written!r}.",
    )


def wishes(fields: tuple[Field, ...], lang: Lang) -> list[str]:
    """Wishes worth trying: the price alone, and with each measured column that may be wished for."""
    plain = DEFAULT_WISH if lang == "en" else "precio bajo"
    titles = [f.column.title.text(lang) for f in fields if f.column.wishable and not f.is_choice]
    return [plain, *(f"{plain}, {t} high" if lang == "en" else f"{plain}, más {t}" for t in titles)]
