"""One sentence in two languages, and numbers as each language writes them.

Everything a person reads is a :class:`Text`, made where the fact is known, so no sentence exists in one language only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Lang = Literal["en", "es"]
LANGS: tuple[Lang, ...] = ("en", "es")
TOO_LARGE_TO_WRITE_OUT = 1e15
DOLLARS_AND_PESOS = ("COP", "USD", "MXN", "ARS", "CLP")


@dataclass(frozen=True)
class Text:
    """A sentence in English and in Spanish.

    >>> hello = Text("cheap", "barato")
    >>> hello.text("es"), str(hello)
    ('barato', 'cheap')
    """

    en: str
    es: str

    def text(self, lang: Lang) -> str:
        return self.es if lang == "es" else self.en

    def __str__(self) -> str:
        return self.en

    def __add__(self, other: Text) -> Text:
        return Text(self.en + other.en, self.es + other.es)


def same(words: object) -> Text:
    """A name or value that reads alike in both languages.

    >>> same("Laureles")
    Text(en='Laureles', es='Laureles')
    """
    return Text(str(words), str(words))


def join(texts: Iterable[Text], between: str = "; ") -> Text:
    """Sentences joined in each language.

    >>> join([Text("a", "x"), Text("b", "y")], ", ")
    Text(en='a, b', es='x, y')
    """
    items = list(texts)
    return Text(between.join(t.en for t in items), between.join(t.es for t in items))


def fill(en: str, es: str, **facts: object) -> Text:
    """Fill both templates with the same facts; a fact that is a Text is put in its own language.

    >>> fill("asks {price}", "pide {price}", price=money(450_000_000, "COP"))
    Text(en='asks COP 450,000,000', es='pide $ 450.000.000')
    """
    english = {k: v.en if isinstance(v, Text) else v for k, v in facts.items()}
    spanish = {k: v.es if isinstance(v, Text) else v for k, v in facts.items()}
    return Text(en.format(**english), es.format(**spanish))


@lru_cache(maxsize=64)
def _locale(currency: str, lang: Lang) -> str:
    spanish = {"COP": "es_CO", "MXN": "es_MX", "USD": "es_US", "ARS": "es_AR", "CLP": "es_CL", "PEN": "es_PE"}
    return spanish.get(currency, "es_ES" if currency else "es_CO") if lang == "es" else "en_US"


def number(value: float, decimals: int = 0, currency: str = "COP") -> Text:
    """A number with each language's separators.

    >>> number(1234.5, 1)
    Text(en='1,234.5', es='1.234,5')
    """
    if not math.isfinite(value):
        return same("-")
    if abs(value) >= TOO_LARGE_TO_WRITE_OUT:
        return same(f"{value:.3g}")
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals))
    whole, _, rest = f"{abs(exact):,f}".partition(".")
    sign, rest = exact.is_signed(), rest.rstrip("0")
    return Text(_write(whole, rest, sign, "en_US"), _write(whole, rest, sign, _locale(currency, "es")))


def _write(whole: str, rest: str, negative: bool, locale: str) -> str:
    """Digits, grouped by commas, and decimals, as a locale writes them."""
    minus, group, point = _signs(locale)
    return (minus if negative else "") + whole.replace(",", group) + (point + rest if rest else "")


@lru_cache(maxsize=64)
def _signs(locale: str) -> tuple[str, str, str]:
    """Minus, the separator of thousands, the decimal sign."""
    from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

    return get_minus_sign_symbol(locale), get_group_symbol(locale), get_decimal_symbol(locale)


def money(amount: float, currency: str) -> Text:
    """An amount of money, whole units; a currency that is not known is written by its name.

    >>> money(21500, "GBP").en
    '£21,500'
    """
    if not math.isfinite(amount):
        return same("-")
    if len(currency) != 3 or not currency.isalpha():
        return number(amount) + same(f" {currency}" if currency else "")
    written = number(round(amount), currency=currency)
    code = currency.upper()
    if code in DOLLARS_AND_PESOS:
        english = _symbol(code) if code == "USD" else f"{code} "
        return Text(f"{english}{written.en}", f"$ {written.es}")
    symbol = _symbol(code)
    return Text(f"{symbol}{' ' if symbol.isalpha() else ''}{written.en}", f"{written.es} {symbol}")


@lru_cache(maxsize=64)
def _symbol(code: str) -> str:
    from babel.numbers import get_currency_symbol

    return str(get_currency_symbol(code, "en_US"))


def percent(share: float) -> Text:
    """A share as a whole percentage.

    >>> percent(0.283)
    Text(en='28 %', es='28 %')
    """
    return same("-") if not math.isfinite(share) else same(f"{share * 100:.0f} %")


def quantity(value: float, unit: str, currency: str = "COP") -> Text:
    """A measured value with its unit; small values keep one decimal.

    >>> quantity(83, "m2")
    Text(en='83 m²', es='83 m²')
    """
    shown = {"m2": "m²", "sqft": "ft²", "ft2": "ft²"}.get(unit, unit)
    whole = abs(value) >= 100 or float(value).is_integer()
    return number(value, 0 if whole else 2, currency) + same(f" {shown}" if shown else "")


def rounded(amount: float) -> float:
    """An estimate to three significant figures, so nobody reads it as exact.

    >>> rounded(451_234_567.0)
    451000000.0
    """
    if not math.isfinite(amount) or amount == 0:
        return amount
    digits = 2 - math.floor(math.log10(abs(amount)))
    return float(round(amount, digits))
