"""Numbers as people write them: ``$ 450.000.000``, ``12,5 m²``, ``85 kW (116 PS)``, ``sí``."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from perla.listings.units import DOLLAR_SIGNS, conversion, known_unit, plain_word

# Words for "nothing stands here", in any kind of column.
EMPTY_WORDS = frozenset({
    "", "-", "--", "---", "–", "—", "?", "n/a", "nan", "<na>", "null", "none", "nil", "nat", "n/d", "s/d", "s/i",
    "#n/a", "#ref!", "#div/0!", "#value!", "#null!", "sin dato", "sin datos", "sin informacion", "no data",
    "no disponible", "not available", "no especificado", "no especifica", "not specified", "keine angabe",
})  # fmt: skip
# Words that say so only where a number is expected; "inf" is the text of a number that is none.
_NO_NUMBER_WORDS = EMPTY_WORDS | {
    "na", "nd", "ka", "inf", "+inf", "-inf", "infinity", "-infinity", "+infinity", "unknown", "desconocido",
    "consultar", "a consultar", "a convenir", "price on request", "poa", "on request", "auf anfrage", "no aplica",
    "not priced", "call", "tbd", "sin precio",
}  # fmt: skip
_MAGNITUDES = {
    "k": 1e3, "mil": 1e3, "miles": 1e3, "thousand": 1e3, "tsd": 1e3,
    "mm": 1e6, "millon": 1e6, "millones": 1e6, "million": 1e6, "millions": 1e6, "mill": 1e6, "mio": 1e6, "mln": 1e6,
    "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "mil millones": 1e9,
    "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "crore": 1e7, "crores": 1e7,
}  # fmt: skip
_FILLERS = frozenset({
    "desde", "aprox", "aproximadamente", "from", "about", "approx", "approximately", "ca", "circa", "ab", "rund",
    "precio", "price", "valor", "asking", "venta", "de", "solo", "only", "~", "≈", ":", "=", "negociable",
    "negotiable", "neg", "fijo", "obo", "vb", "vhb", "fp", "por", "total",
})  # fmt: skip
_CELL = re.compile(
    r"(?P<open>\()?\s*(?P<minus>[-+])?\s*(?P<before>[^\d()+\-.,][^\d()+\-]*?|)\s*(?P<sign>[-+])?\s*"
    r"(?P<body>\d{1,3}(?:[ '’`´]\d{3})+(?!\d)(?:[.,]\d+)?|[.,]?\d[\d.,]*)"
    r"(?P<exponent>[eE][+-]?\d{1,3}(?![\w]))?(?P<dash>\s?-{1,3}(?=\s|\)|$))?\s*(?P<after>.*)",
    re.DOTALL,
)
_ODD_MARKS = {
    **dict.fromkeys([0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x061C, 0x2060, 0xFEFF, *range(0x202A, 0x202F)]),
    **dict.fromkeys([0x2212, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014], "-"),
    0x066B: ".", 0x066C: ",", 0x00A0: " ", 0x202F: " ", 0x2009: " ",
}  # fmt: skip
_YES = frozenset({"1", "1.0", "si", "s", "yes", "y", "true", "t", "verdadero", "ja", "j", "x", "✓", "✔", "on", "oui"})
_NO = frozenset({"0", "0.0", "no", "n", "false", "f", "falso", "nein", "off", "non"})
_LONGEST_CELL = 80
_SLIPS = 0.05


class Convention(StrEnum):
    """What the separators of a column's numbers mean, decided once for the whole column."""

    PLAIN = "plain"  # no cell has a separator
    POINT = "point"  # the point is the decimal mark: 1,234.5
    COMMA = "comma"  # the comma is the decimal mark: 1.234,5


@dataclass(frozen=True)
class ParsedNumbers:
    """The numbers of one column.

    values : float64, NaN for missing and unreadable. unit : the unit most cells are written in (``m2``, ``km``, ``kW``,
    ``COP``, ``$``, ...), or empty. unreadable : bool, the cells where something stands that is no number.
    """

    values: pd.Series
    unit: str
    unreadable: pd.Series
    convention: Convention


class _Cell(NamedTuple):
    """One written number, taken apart; a column has many, so it is the quickest kind of record."""

    body: str
    evidence: str
    sign: float
    factor: float
    exponent: str
    unit: str
    before: str
    after: str


def parse_numbers(cells: pd.Series, unit: str = "") -> ParsedNumbers:
    """Numbers out of cells as people write them.

    Whether a separator groups thousands or marks decimals is decided once, from all cells. A cell in another unit of
    the same dimension (miles among kilometres) is converted to the unit most cells have; a cell in another currency
    is unreadable. Empty cells, ``N/A``, ``sin dato``, NaN and infinity are missing, not unreadable. A distinct text is
    read once.

    unit : what the values shall be in (default: the unit most cells are written in). A cell without a unit is in the
    unit most cells have; money without a currency is in the wanted one.

    >>> parse_numbers(pd.Series(["1.228", "950", "12.500 m²"])).values.tolist()
    [1228.0, 950.0, 12500.0]
    >>> parse_numbers(pd.Series(["1.228", "0.5", "12.25"])).values.tolist()
    [1.228, 0.5, 12.25]
    >>> found = parse_numbers(pd.Series(["85 kW (116 PS)", "100 PS", "-"]))
    >>> found.values.round(2).tolist(), found.unit
    ([85.0, 73.55, nan], 'kW')
    """
    if _is_numeric(cells):
        return ParsedNumbers(_finite(cells), "", pd.Series(False, index=cells.index), Convention.PLAIN)
    texts, numbers = _split(cells)
    codes, distinct = pd.factorize(texts)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    read = [_take_apart(text) for text in distinct]
    read = _without_odd_affixes(read, counts)
    conventions = _conventions(read, counts)
    written = _column_unit(read, counts)
    wanted = _wanted_unit(written, unit)
    values = np.array(
        [_value(c, conventions, written, wanted) if isinstance(c, _Cell) else np.nan for c in read] + [np.nan]
    )
    missing = np.array([c is None for c in read] + [True])
    parsed = pd.Series(values[codes], index=cells.index).where(numbers.isna(), numbers)
    unreadable = pd.Series(np.isnan(values[codes]) & ~missing[codes], index=cells.index) & numbers.isna()
    return ParsedNumbers(parsed, wanted, unreadable, conventions[False])


def parse_yes_no(cells: pd.Series) -> ParsedNumbers:
    """Yes as 1.0 and no as 0.0, in Spanish, English, German and French, or as 1 and 0.

    >>> parse_yes_no(pd.Series(["Sí", "no", "", "quizás"])).values.tolist()
    [1.0, 0.0, nan, nan]
    """
    if _is_numeric(cells):
        numbers = _finite(cells)
        odd = numbers.notna() & ~numbers.isin([0.0, 1.0])
        return ParsedNumbers(numbers.mask(odd), "", odd, Convention.PLAIN)
    texts = cells.astype(object).where(cells.notna(), "").astype(str)
    codes, distinct = pd.factorize(texts)
    words = [plain_word(t) if t not in ("1.0", "0.0") else t for t in distinct]
    read = np.array([1.0 if w in _YES else 0.0 if w in _NO else np.nan for w in words] + [np.nan])
    missing = np.array([w in _NO_NUMBER_WORDS for w in words] + [True])
    values = pd.Series(read[codes], index=cells.index)
    return ParsedNumbers(
        values, "", pd.Series(np.isnan(read[codes]) & ~missing[codes], index=cells.index), Convention.PLAIN
    )


def is_empty(cells: pd.Series) -> pd.Series:
    """Whether a cell says nothing: missing, blank, a dash, ``N/A``, ``null``, ``sin dato``.

    >>> is_empty(pd.Series(["Laureles", " - ", "N/A", None])).tolist()
    [False, True, True, True]
    """
    if _is_numeric(cells):
        return cells.isna()
    codes, distinct = pd.factorize(cells.astype(object))
    empty = np.array([plain_word(str(t)) in EMPTY_WORDS for t in distinct] + [True], dtype=bool)
    return pd.Series(empty[codes], index=cells.index)


def _is_numeric(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_complex_dtype(cells.dtype)


def _finite(cells: pd.Series) -> pd.Series:
    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=cells.index)


def _split(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Texts, and the numbers that already are numbers (a column may hold both); NaN where not."""
    nothing = pd.Series(np.nan, index=cells.index, dtype=np.float64)
    if isinstance(cells.dtype, pd.StringDtype):
        return cells, nothing
    objects = cells.astype(object)
    is_number = objects.map(lambda v: isinstance(v, (int, float, np.number))).astype(bool)
    if not is_number.any():
        return objects.where(objects.notna(), None).map(lambda v: v if v is None else str(v)), nothing
    numbers = pd.to_numeric(objects.where(is_number, np.nan)).astype(np.float64)
    numbers = numbers.where(np.isfinite(numbers), np.nan)
    texts = objects.where(~is_number, None)
    return texts.where(texts.notna(), None).map(lambda v: v if v is None else str(v)), numbers


def _take_apart(text: str) -> _Cell | str | None:
    """A taken-apart number, None for a missing value, or the text itself where it is no number."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_ODD_MARKS)).translate(_ODD_MARKS)
    text = text.strip()
    if len(text) > _LONGEST_CELL:
        return text
    found = _CELL.fullmatch(text)
    if found is None:
        return None if plain_word(text) in _NO_NUMBER_WORDS or text in EMPTY_WORDS else text
    opened, minus, before, sign, body, exponent, dash, after = found.groups()
    if not (opened or minus or before or sign or dash or after):
        return _cell(body, 1.0, 1.0, exponent, "", "", "")
    if opened and not after.endswith(")"):
        return text
    after = after[:-1] if opened else after
    negative = (minus == "-") ^ (sign == "-") ^ bool(opened) ^ (dash is not None and not body.endswith((".", ",")))
    return _cell(body, -1.0 if negative else 1.0, *_around(before, re.split(r"[(\[]", after, maxsplit=1)[0], exponent))


def _cell(body: str, sign: float, factor: float, exponent: str | None, unit: str, before: str, after: str) -> _Cell:
    body = body.rstrip(".,")
    return _Cell(body, _evidence(body), sign, factor, exponent or "", unit, before, after)


@lru_cache(maxsize=1024)
def _around(before: str, after: str, exponent: str | None) -> tuple[float, str | None, str, str, str]:
    """What the words before and after a number mean; they are few, the numbers many."""
    money = _affix(before)
    factor, unit = _magnitude(after, bool(money) and known_unit(money) is not None)
    return factor, exponent, *_units(money, unit)


def _affix(words: str) -> str:
    """Words around a number without the fillers that change nothing."""
    if not words:
        return ""
    return " ".join(w for w in words.split() if plain_word(w.strip(":;")) not in _FILLERS).strip(" :;+")


def _magnitude(after: str, is_money: bool) -> tuple[float, str]:
    """The factor a word like ``millones`` means, and the words that follow it."""
    words = _affix(after).split()
    if not words:
        return 1.0, ""
    pair = plain_word(" ".join(words[:2]))
    if len(words) > 1 and pair in _MAGNITUDES:
        return _MAGNITUDES[pair], " ".join(words[2:])
    if words[0] == "M" or (words[0] == "m" and is_money):
        return 1e6, " ".join(words[1:])
    if words[0] == "B" and is_money:
        return 1e9, " ".join(words[1:])
    factor = _MAGNITUDES.get(plain_word(words[0]))
    return (1.0, " ".join(words)) if factor is None else (factor, " ".join(words[1:]))


def _units(before: str, after: str) -> tuple[str, str, str]:
    """The unit, and what of the words before and after the number is no unit."""
    left, right = known_unit(before) if before else None, known_unit(after) if after else None
    unit = right or left
    if left and right and "$" in (left.name, right.name):
        unit = right if left.name == "$" else left
    return unit.name if unit else "", "" if left else plain_word(before), "" if right else plain_word(after)


def _without_odd_affixes(read: list[_Cell | str | None], counts: np.ndarray) -> list[_Cell | str | None]:
    """Cells with unknown words around the number are numbers only where half of the column has those words."""
    cells = [(c, int(n)) for c, n in zip(read, counts, strict=True) if c is not None]
    half = sum(n for _, n in cells) / 2
    words: Counter[tuple[str, str]] = Counter()
    for cell, n in cells:
        if isinstance(cell, _Cell) and (cell.before or cell.after):
            words[cell.before, cell.after] += n
    common = {w for w, n in words.items() if n >= half and not any(c.isdigit() for c in w[0] + w[1])}
    common.add(("", ""))
    return [c.body if isinstance(c, _Cell) and (c.before, c.after) not in common else c for c in read]


def _conventions(read: list[_Cell | str | None], counts: np.ndarray) -> dict[bool, Convention]:
    """The column's convention for cells without (False) and with (True) a word of magnitude such as ``millones``."""
    votes = {False: Counter[str](), True: Counter[str]()}
    for cell, n in zip(read, counts, strict=True):
        if isinstance(cell, _Cell):
            votes[cell.factor != 1.0][cell.evidence] += int(n)
    plain, large = _decide(votes[False]), _decide(votes[True])
    return {False: plain, True: plain if large is Convention.PLAIN else large}


def _evidence(body: str) -> str:
    """What one written number says about its column's convention."""
    points, commas = body.count("."), body.count(",")
    if not points and not commas:
        return "ungrouped" if len(body) >= 4 and body.isdigit() else ""
    if points and commas:
        return "point" if body.rfind(".") > body.rfind(",") else "comma"
    mark, opposite = ("point", "comma") if points else ("comma", "point")
    if points + commas > 1:
        return opposite
    whole, _, rest = body.partition("." if points else ",")
    if len(rest) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0") or not whole.isdigit():
        return mark
    return f"maybe {opposite}{' 00' if rest.endswith('00') else ''}"


def _decide(votes: Counter[str]) -> Convention:
    """Clear cells decide; where all are like 1.228, they are thousands unless long numbers are written ungrouped.

    Among many cells like 1.228 a few like 12.5 are slips: of true decimals at least one in ten ends before the third.
    """
    comma, point = votes["maybe comma"] + votes["maybe comma 00"], votes["maybe point"] + votes["maybe point 00"]
    clear_point = votes["point"] if votes["point"] >= _SLIPS * comma else 0
    clear_comma = votes["comma"] if votes["comma"] >= _SLIPS * point else 0
    if clear_point or clear_comma:
        return Convention.POINT if clear_point >= clear_comma else Convention.COMMA
    if not comma and not point:
        return Convention.PLAIN
    grouped, other = (Convention.COMMA, Convention.POINT) if comma >= point else (Convention.POINT, Convention.COMMA)
    round_numbers = votes["maybe comma 00"] + votes["maybe point 00"]
    return other if votes["ungrouped"] and not round_numbers else grouped


def _column_unit(read: list[_Cell | str | None], counts: np.ndarray) -> str:
    units: Counter[str] = Counter()
    for cell, n in zip(read, counts, strict=True):
        if isinstance(cell, _Cell) and cell.unit:
            units[cell.unit] += int(n)
    if not units:
        return ""
    unit = units.most_common(1)[0][0]
    named = [u for u, _ in units.most_common() if u in DOLLAR_SIGNS and u != "$"]
    return named[0] if unit == "$" and len(named) == 1 and units[named[0]] > units["$"] / 2 else unit


def _wanted_unit(written: str, unit: str) -> str:
    """The unit asked for, where the column's own turns into it; currencies never do, and are told apart per cell."""
    wanted = known_unit(unit) if unit else None
    if wanted is None or not written:
        return written
    is_money = wanted.dimension == "money" and known_unit(written) is not None
    return wanted.name if is_money or conversion(written, wanted.name) is not None else written


def _value(cell: _Cell, conventions: dict[bool, Convention], written: str, wanted: str) -> float:
    number = _number(cell.body, cell.evidence, conventions[cell.factor != 1.0])
    rate = _rate(cell.unit, written, wanted)
    value = number * cell.sign * cell.factor * rate * (float(f"1{cell.exponent}") if cell.exponent else 1.0)
    return value if np.isfinite(value) else np.nan


@lru_cache(maxsize=1024)
def _rate(own: str, written: str, wanted: str) -> float:
    """What a cell is multiplied by; NaN for a cell in another currency."""
    target = known_unit(wanted)
    is_money = target is not None and target.dimension == "money"
    unit = own or ("" if is_money else written)
    if not unit or unit == wanted or target is None:
        return 1.0
    rate = conversion(unit, wanted)
    source = known_unit(unit)
    if rate is None:
        return np.nan if is_money and source is not None and source.dimension == "money" else 1.0
    return rate


def _number(body: str, evidence: str, convention: Convention) -> float:
    """The number; what the cell itself leaves open, the column's convention decides."""
    if not body.replace(".", "").replace(",", "").isdigit():
        body = re.sub(r"[ '’`´]", "", body)
    if evidence in ("", "ungrouped"):
        return float(body)
    decimal = Convention(evidence) if evidence in ("point", "comma") else convention
    mark, group = (".", ",") if decimal is Convention.POINT else (",", ".")
    whole, _, rest = body.replace(group, "").partition(mark)
    return float(f"{whole or 0}.{rest or 0}") if mark not in rest else np.nan
