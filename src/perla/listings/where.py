"""The filter language: ``neighbourhood = 'Laureles' and stratum >= 4``. Parsed by a grammar, never executed."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from perla.errors import WhereError, closest
from perla.listings.dates import parse_dates
from perla.listings.market import Kind, Market
from perla.listings.names import fold_name
from perla.listings.numbers import is_empty, parse_numbers, parse_yes_no
from perla.listings.units import plain_word
from perla.words import Text, same

LONGEST_EXPRESSION = 2000
_NUMBERS = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE)
_CLOSED = (Kind.CATEGORY, Kind.ID, Kind.YES_NO)  # a value that never occurs is a mistake, not an empty answer
_GRAMMAR = r"""
start: either
?either: both | either _OR both -> either
?both: denied | both _AND denied -> both
?denied: test | NOT denied -> denied
?test: "(" either ")"
     | column COMPARE value                     -> compare
     | column NOT? _IN "(" value ("," value)* ")" -> member
     | column NOT? _BETWEEN value _AND value      -> between
     | column NOT? _LIKE value                   -> like
     | column _IS NOT? _NULL                      -> null
     | column                                   -> alone
column: (NAME | QUOTED | BACKTICK)
value: SINGLE | QUOTED | BACKTICK | NUMBER | NAME | NOT
COMPARE: "<=" | ">=" | "<>" | "!=" | "==" | "=" | "<" | ">"
_AND.3: /(and|y)(?!\w)/i
_OR.3: /(or|o)(?!\w)/i
NOT.3: /(not|no)(?!\w)/i
_IN.3: /(in|en)(?!\w)/i
_BETWEEN.3: /(between|entre)(?!\w)/i
_LIKE.3: /(like|como)(?!\w)/i
_IS.3: /(is|es)(?!\w)/i
_NULL.3: /(null|nulo|nula|vac[ií]o|vac[ií]a|empty|missing)(?!\w)/i
NUMBER.2: /[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])/
SINGLE: /'([^']|'')*'/
QUOTED: /"([^"]|"")*"/
BACKTICK: /`[^`]*`/
NAME: /[^\W\d]\w*(\.\w+)*/
%ignore /\s+/
"""
_ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "==": operator.eq,
    "!=": operator.ne, "<>": operator.ne,
}  # fmt: skip


def filter_rows(frame: pd.DataFrame, expression: str, market: Market) -> pd.Series:
    """Which listings match a filter.

    frame : DataFrame, the listings, cells checked or as they were read. expression : comparisons (``= != < <= > >=``),
    ``in (...)``, ``between ... and ...``, ``like 'a%'``, ``is null``, joined by ``and``, ``or``, ``not``, or the
    same in Spanish (``y o no en entre como es nulo``). Texts are compared without regard to case and accents.
    Returns a bool Series on the frame's index. A missing value matches nothing but ``is null``.
    Raises WhereError where the expression cannot be understood, a column or a category's value does not exist (with the
    closest one that does), or a word is compared with a number.

    >>> from perla.listings import Column
    >>> homes = pd.DataFrame({"barrio": ["Laureles", "Belén", None], "estrato": [5, 3, 4]})
    >>> columns = (Column("barrio", Kind.CATEGORY), Column("estrato", Kind.COUNT))
    >>> filter_rows(homes, "barrio = 'belen' or estrato > 4", Market("homes", "precio", "COP", columns)).tolist()
    [True, True, False]
    """
    from lark import Lark, UnexpectedInput

    if not expression.strip():
        raise WhereError(
            f"A filter compares a column with a value, such as {_EXAMPLE.en}; it was empty.",
            f"Un filtro compara una columna con un valor, como {_EXAMPLE.es}; estaba vacío.",
        )
    if len(expression) > LONGEST_EXPRESSION:
        raise WhereError(
            f"A filter has at most {LONGEST_EXPRESSION} characters; this one has {len(expression)}. Shorten it.",
            f"Un filtro tiene como máximo {LONGEST_EXPRESSION} caracteres; este tiene {len(expression)}. Acórtelo.",
        )
    evaluation: Any = _Evaluation(frame, market)
    parser = Lark(_GRAMMAR, parser="lalr", transformer=evaluation)
    try:
        matches: Any = parser.parse(expression)
    except UnexpectedInput as problem:
        is_end = getattr(getattr(problem, "token", None), "type", "") == "$END"
        _refuse_syntax(expression, None if is_end else problem.pos_in_stream)
    return pd.Series(matches.to_numpy(dtype=bool, na_value=False), index=frame.index)


_EXAMPLE = Text("neighbourhood = 'Laureles' and stratum >= 4", "barrio = 'Laureles' y estrato >= 4")


def _refuse_syntax(expression: str, position: int | None) -> NoReturn:
    at = len(expression) if position is None or position < 0 else position
    rest = expression[at : at + 20].strip()
    where = Text(f"at {rest!r} (character {at + 1})", f"en {rest!r} (carácter {at + 1})") if rest else _AT_THE_END
    raise WhereError(
        f"A filter reads like {_EXAMPLE.en}; {expression!r} cannot be understood {where.en}. "
        "Put texts in quotes and write numbers plain (450000000, 4.5).",
        f"Un filtro se lee como {_EXAMPLE.es}; {expression!r} no se entiende {where.es}. "
        "Ponga los textos entre comillas y los números sin separador de miles (450000000, 4.5).",
    )


_AT_THE_END = Text("at its end", "al final")


@dataclass(frozen=True)
class _Value:
    """A written value: as text, and as a number where it is one. quoted : whether it stood in quotes."""

    text: str
    number: float | None
    quoted: bool


@dataclass(frozen=True)
class _Evaluation:
    """Evaluates while the parser reduces, so no nesting is too deep. Answers know true, false and missing."""

    frame: pd.DataFrame
    market: Market

    def start(self, parts: list[Any]) -> pd.Series:
        return parts[0]

    def either(self, parts: list[Any]) -> pd.Series:
        return parts[0] | parts[1]

    def both(self, parts: list[Any]) -> pd.Series:
        return parts[0] & parts[1]

    def denied(self, parts: list[Any]) -> pd.Series:
        return ~parts[1]

    def column(self, parts: list[Any]) -> str:
        return _existing_column(_unquoted(str(parts[0])), self.frame, self.market)

    def value(self, parts: list[Any]) -> _Value:
        token = parts[0]
        text = _unquoted(str(token))
        number = float(text.replace("_", "")) if token.type == "NUMBER" else None
        return _Value(text, number, token.type not in ("NUMBER", "NAME", "NOT"))

    def compare(self, parts: list[Any]) -> pd.Series:
        name, order, value = parts
        return self._ordered(name, str(order), value)

    def member(self, parts: list[Any]) -> pd.Series:
        name, denied, values = _with_denial(parts)
        found = self._ordered(name, "=", values[0])
        for value in values[1:]:
            found = found | self._ordered(name, "=", value)
        return ~found if denied else found

    def between(self, parts: list[Any]) -> pd.Series:
        name, denied, (low, high) = _with_denial(parts)
        found = self._ordered(name, ">=", low) & self._ordered(name, "<=", high)
        return ~found if denied else found

    def like(self, parts: list[Any]) -> pd.Series:
        name, denied, (value,) = _with_denial(parts)
        if self._kind(name) in (*_NUMBERS, Kind.YES_NO, Kind.DATE):
            raise WhereError(
                f"like is for texts; {name!r} is {self._kind(name).label.en}. Compare it with = < > or between.",
                f"like es para textos; {name!r} es {self._kind(name).label.es}. Compárela con = < > o between.",
            )
        matches = re.compile(_pattern(value.text)).match
        return self._by_text(name, lambda text: matches(text) is not None, denied)

    def null(self, parts: list[Any]) -> pd.Series:
        name, denied, _ = _with_denial(parts)
        missing = is_empty(self.frame[name]).astype("boolean")
        return ~missing if denied else missing

    def alone(self, parts: list[Any]) -> pd.Series:
        name = parts[0]
        if self._kind(name) is not Kind.YES_NO:
            raise WhereError(
                f"Only a yes/no column may stand alone; {name!r} is {self._kind(name).label.en}. "
                f"Compare it with a value.",
                f"Solo una columna de sí/no puede ir sola; {name!r} es {self._kind(name).label.es}. "
                f"Compárela con un valor.",
            )
        return self._ordered(name, "=", _Value("1", 1.0, False))

    def _kind(self, name: str) -> Kind:
        """What the column is; a column the market ignores or does not know is what its cells look like."""
        known = {c.name: c.kind for c in self.market.columns}.get(name, Kind.IGNORE)
        if name == self.market.price:
            return Kind.QUANTITY
        if known is not Kind.IGNORE:
            return known
        return Kind.QUANTITY if pd.api.types.is_numeric_dtype(self.frame[name].dtype) else Kind.TEXT

    def _ordered(self, name: str, order: str, value: _Value) -> pd.Series:
        kind = self._kind(name)
        if kind in (*_NUMBERS, Kind.YES_NO, Kind.DATE):
            cells, wanted = _typed(self.frame[name], kind), _wanted(name, kind, value)
            return pd.Series(_ORDERS[order](cells, wanted), index=cells.index).astype("boolean").mask(cells.isna())
        if order not in ("=", "==", "!=", "<>"):
            raise WhereError(
                f"{name!r} is {kind.label.en} and has no order; {order} {value.text!r} cannot be answered. "
                "Use =, != or in (...).",
                f"{name!r} es {kind.label.es} y no tiene orden; {order} {value.text!r} no se puede responder. "
                "Use =, != o in (...).",
            )
        wanted_text = _comparable(value.text)
        if kind in _CLOSED:
            self._check_occurs(name, value.text, wanted_text)
        return self._by_text(name, lambda text: text == wanted_text, order in ("!=", "<>"))

    def _by_text(self, name: str, is_match: Callable[[str], bool], denied: bool) -> pd.Series:
        """Asks each distinct text once."""
        codes, distinct = _distinct(self.frame[name])
        answers = pd.array([is_match(_comparable(t)) != denied for t in distinct] + [None], dtype="boolean")
        return pd.Series(answers[codes], index=self.frame.index)

    def _check_occurs(self, name: str, written: str, wanted: str) -> None:
        distinct = [str(t) for t in _distinct(self.frame[name])[1]]
        if not len(self.frame) or any(_comparable(t) == wanted for t in distinct):
            return
        folded = {_comparable(t): t.strip() for t in distinct}
        near = folded.get(closest(wanted, list(folded)), "")
        hint = Text(f"; did you mean {near!r}?", f"; ¿quiso decir {near!r}?") if near else same("")
        shown = ", ".join(repr(t.strip()) for t in sorted(distinct)[:8])
        few = Text(f" It has: {shown}.", f" Tiene: {shown}.") if not near and 0 < len(distinct) <= 8 else same("")
        raise WhereError(
            f"{name} has no {written!r}{hint.en or '.'}{few.en}", f"{name} no tiene {written!r}{hint.es or '.'}{few.es}"
        )


def _with_denial(parts: list[Any]) -> tuple[str, bool, list[_Value]]:
    """Column, whether NOT stood there, and the values."""
    return (
        parts[0],
        any(getattr(p, "type", "") == "NOT" for p in parts[1:]),
        [p for p in parts[1:] if isinstance(p, _Value)],
    )


def _unquoted(token: str) -> str:
    mark = token[:1]
    return token[1:-1].replace(mark * 2, mark) if mark in ("'", '"', "`") and len(token) > 1 else token


def _existing_column(words: str, frame: pd.DataFrame, market: Market) -> str:
    """The column meant: by its name, its name folded, or its label in either language."""
    names = {str(c): str(c) for c in frame.columns}
    folded = fold_name(words)
    titles = {fold_name(t): c.name for c in market.columns if c.name in names for t in (c.title.en, c.title.es)}
    titles |= {fold_name(n): n for n in names} | {w: market.price for w in ("price", "precio") if w not in names}
    found = names.get(words) or titles.get(folded)
    if found:
        return found
    near = closest(words, [*names, *titles])
    near = names.get(near) or titles.get(near, "")
    hint = Text(f"; did you mean {near!r}?", f"; ¿quiso decir {near!r}?") if near else same("")
    listed = ", ".join(names) if len(names) <= 40 else ", ".join(list(names)[:40]) + ", ..."
    raise WhereError(
        f"A filter names a column of the table; there is no {words!r}{hint.en or '.'} It has: {listed}.",
        f"Un filtro nombra una columna de la tabla; no hay {words!r}{hint.es or '.'} Tiene: {listed}.",
    )


def _typed(cells: pd.Series, kind: Kind) -> pd.Series:
    if kind is Kind.DATE:
        return parse_dates(cells).values
    if kind is Kind.YES_NO:
        return parse_yes_no(cells).values
    return parse_numbers(cells).values


def _wanted(name: str, kind: Kind, value: _Value) -> Any:
    """The value as the column's type; WhereError where it is none."""
    if value.number is not None and kind is not Kind.DATE:
        return value.number
    read = _typed(pd.Series([value.text]), kind).iloc[0]
    if not pd.isna(read):
        return read
    sort = {
        Kind.DATE: Text("a date such as '2023-04-30'", "una fecha como '2023-04-30'"),
        Kind.YES_NO: Text("yes or no", "sí o no"),
    }
    wanted = sort.get(kind, Text("a number", "un número"))
    raise WhereError(
        f"{name!r} is {kind.label.en}: compare it with {wanted.en}; got {value.text!r}.",
        f"{name!r} es {kind.label.es}: compárela con {wanted.es}; se dio {value.text!r}.",
    )


def _distinct(cells: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes and distinct texts; the code of an empty cell is -1."""
    if isinstance(cells.dtype, pd.CategoricalDtype) or cells.dtype == "str":
        codes, found = pd.factorize(cells)
        words = pd.Series(np.asarray(found, object))
        empty = is_empty(words).to_numpy(bool)
        places = np.append(np.where(empty, -1, np.cumsum(~empty) - 1), -1)
        return places[codes], [str(word) for word in words[~empty]]
    codes, found = pd.factorize(
        cells.astype(object).where(~is_empty(cells), None).map(lambda v: v if v is None else str(v))
    )
    return codes, list(found)


def _comparable(text: str) -> str:
    """A text for comparing: no case, no accents; a whole number without its ``.0``."""
    text = text.strip()
    whole = re.fullmatch(r"([+-]?\d+)\.0+", text)
    return whole[1] if whole else plain_word(text)


def _pattern(like: str) -> str:
    """An SQL pattern as a regular expression that cannot run away: ``%`` any text, ``_`` one character."""
    stars = re.sub(r"[\[?*]", lambda m: f"[{m.group()}]", like)
    return translate(plain_word(stars.replace("%", "*").replace("_", "?")))
