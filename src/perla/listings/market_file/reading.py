"""Reading a market file: every mistake is named with its file, line and key."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from math import inf, isinf, isnan
from typing import Any, NoReturn

from perla.errors import MarketFileError, closest
from perla.listings.market import Column, Kind, Market
from perla.listings.market_file.gate import read_floors
from perla.listings.units import UNIT_NAMES, known_unit
from perla.words import Text, same

TABLE_KEYS = ("name", "title", "currency", "price", "price_range", "same_thing", "simulated", "gate", "columns")
COLUMN_KEYS = ("is", "unit", "range", "wish", "label", "gives_price_away")
# Units that no cell carries in a form that could be converted, but that a column may be measured in.
COMPOUND_UNITS = ("l/100km", "km/l", "g/km", "kWh/100km", "km2", "cm", "mm", "Nm", "km/h", "s", "rpm")
_WISHABLE = (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO)
_RANGED = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE)
_GLOBE = {Kind.LATITUDE: 90.0, Kind.LONGITUDE: 180.0}


def read_market(text: str, name: str) -> Market:
    """The market a market file describes.

    text : the file's text. name : what to call it in messages (its path).
    Raises MarketFileError, naming file, key and line, for a key, kind or unit that is not known (with the closest known
    one), a value of the wrong type, a range that nothing can lie in, or a price that is not exactly one column.

    >>> market = read_market('price = "precio"\\n[columns.area]\\nis = "quantity"\\nunit = "m2"\\n', "homes.toml")
    >>> market.price, [c.name for c in market.columns], market.column("area").unit
    ('precio', ['precio', 'area'], 'm2')
    """
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise MarketFileError(
            f"A market file must be valid TOML; {name} is not: {problem}. Correct that line.",
            f"Un archivo de mercado debe ser TOML válido; {name} no lo es: {problem}. Corrija esa línea.",
        ) from None
    return _Reader(text, name).market(table)


@dataclass(frozen=True)
class _Reader:
    """Reads one file; knows its text so that a message can name the line."""

    text: str
    name: str

    def market(self, table: dict[str, Any]) -> Market:
        self._known_keys(table, TABLE_KEYS, "")
        price = self._text(table, "price", "")
        if not price:
            self._wrong(
                "",
                "price",
                'price = "..." must name the price column',
                'price = "..." debe nombrar la columna de precio',
            )
        currency = self._currency(table)
        low, high = self._range(table, "price_range", "")
        if low is not None and low < 0:
            self._wrong("", "price_range", "prices start at 0", "los precios empiezan en 0")
        columns = self._columns(table, Column(price, Kind.QUANTITY, currency, low, high, True))
        return Market(
            name=self._text(table, "name", "") or self.name.replace("\\", "/").split("/")[-1].removesuffix(".toml"),
            price=price,
            currency=currency,
            columns=columns,
            title=self._bilingual(table, "title", ""),
            price_low=low,
            price_high=high,
            same_thing=self._same_thing(table, columns),
            simulated=self._flag(table, "simulated", ""),
            floors=read_floors(table.get("gate", {}), self._wrong_in_gate),
        )

    def _columns(self, table: dict[str, Any], price: Column) -> tuple[Column, ...]:
        described = table.get("columns", {})
        if not isinstance(described, dict) or not all(isinstance(c, dict) for c in described.values()):
            self._wrong(
                "", "columns", "each column is a table [columns.NAME]", "cada columna es una tabla [columns.NOMBRE]"
            )
        columns = [self._column(name, keys, price) for name, keys in described.items()]
        return tuple(columns) if price.name in described else (price, *columns)

    def _column(self, name: str, keys: dict[str, Any], price: Column) -> Column:
        self._known_keys(keys, COLUMN_KEYS, name)
        label = self._bilingual(keys, "label", name)
        if name == price.name:
            return self._price_column(keys, price, label)
        kind = self._kind(keys, name)
        low, high = self._range(keys, "range", name)
        if (low, high) != (None, None):
            self._check_range(kind, low, high, name)
        wish = self._flag(keys, "wish", name)
        if wish and kind not in _WISHABLE:
            self._wrong(
                name, "wish", f"only a {', '.join(_WISHABLE)} may be wished for, not {kind.label.en}",
                f"solo se puede desear {', '.join(_WISHABLE)}, no {kind.label.es}",
            )  # fmt: skip
        return Column(
            name,
            kind,
            self._unit(keys, kind, name),
            low,
            high,
            wish,
            label,
            self._bilingual(keys, "gives_price_away", name),
        )

    def _price_column(self, keys: dict[str, Any], price: Column, label: Text | None) -> Column:
        if keys.get("is", Kind.QUANTITY) != Kind.QUANTITY:
            self._wrong(price.name, "is", "the price column is a quantity", 'la columna de precio es "quantity"')
        if (unit := keys.get("unit", price.unit)) != price.unit:
            self._wrong(
                price.name, "unit", f"the price is in the market's currency {price.unit!r}, not {unit!r}",
                f"el precio está en la moneda del mercado {price.unit!r}, no en {unit!r}",
            )  # fmt: skip
        for key in ("range", "wish", "gives_price_away"):
            if key in keys:
                self._wrong(
                    price.name, key, f"the price column takes only a label; its range is price_range ({key} was given)",
                    f"la columna de precio solo lleva label; su rango es price_range (se dio {key})",
                )  # fmt: skip
        return Column(price.name, price.kind, price.unit, price.low, price.high, True, label)

    def _kind(self, keys: dict[str, Any], name: str) -> Kind:
        word = self._text(keys, "is", name)
        if word not in set(Kind):
            known = ", ".join(Kind)
            hint = same(' (price = "..." at the top)') if word == "price" else self._hint(word, [k.value for k in Kind])
            self._wrong(
                name, "is", f"a column is one of {known}; got {word!r}{hint.en}",
                f"una columna es una de {known}; se dio {word!r}{hint.es}",
            )  # fmt: skip
        return Kind(word)

    def _unit(self, keys: dict[str, Any], kind: Kind, name: str) -> str:
        word = self._text(keys, "unit", name)
        if not word:
            return ""
        if kind is not Kind.QUANTITY:
            self._wrong(
                name,
                "unit",
                f"only a quantity has a unit, not {kind.label.en}",
                f"solo una cantidad (quantity) tiene unidad, no {kind.label.es}",
            )
        found = _unit_named(word)
        if not found:
            hint = self._hint(word, _unit_names())
            self._wrong(
                name, "unit", f"the unit {word!r} is not known{hint.en}", f"la unidad {word!r} no se conoce{hint.es}"
            )
        return found

    def _currency(self, table: dict[str, Any]) -> str:
        word = self._text(table, "currency", "")
        if word and not _is_currency(word):
            hint = self._hint(word, _currency_codes())
            self._wrong(
                "", "currency", f"a currency is a three-letter code such as COP; got {word!r}{hint.en}",
                f"una moneda es un código de tres letras como COP; se dio {word!r}{hint.es}",
            )  # fmt: skip
        return word.upper()

    def _range(self, table: dict[str, Any], key: str, column: str) -> tuple[float | None, float | None]:
        if key not in table:
            return None, None
        bounds = table[key]
        fine = isinstance(bounds, list) and len(bounds) == 2 and all(_is_number(b) for b in bounds)
        if not fine or not bounds[0] < bounds[1]:
            self._wrong(
                column, key, f"a range is [low, high] with low < high (inf for no bound); got {bounds!r}",
                f"un rango es [mínimo, máximo] con mínimo < máximo (inf si no hay límite); se dio {bounds!r}",
            )  # fmt: skip
        low, high = (None if isinf(b) else float(b) for b in bounds)
        return low, high

    def _check_range(self, kind: Kind, low: float | None, high: float | None, name: str) -> None:
        if kind not in _RANGED:
            self._wrong(
                name,
                "range",
                f"only numbers have a range, not {kind.label.en}",
                f"solo los números tienen rango, no {kind.label.es}",
            )
        end = _GLOBE.get(kind, inf)
        if (low is not None and low < -end) or (high is not None and high > end):
            self._wrong(
                name,
                "range",
                f"{kind.label.en} lies within [-{end:g}, {end:g}]",
                f"{kind.label.es} está en [-{end:g}, {end:g}]",
            )

    def _same_thing(self, table: dict[str, Any], columns: tuple[Column, ...]) -> tuple[str, ...]:
        names = table.get("same_thing", [])
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            self._wrong(
                "", "same_thing", "a list of column names is expected", "se espera una lista de nombres de columnas"
            )
        known = [c.name for c in columns]
        for unknown in (n for n in names if n not in known):
            hint = self._hint(unknown, known)
            self._wrong(
                "",
                "same_thing",
                f"no column {unknown!r} is described{hint.en}",
                f"no se describe ninguna columna {unknown!r}{hint.es}",
            )
        return tuple(names)

    def _bilingual(self, table: dict[str, Any], key: str, column: str) -> Text | None:
        words = table.get(key)
        if words is None:
            return None
        if isinstance(words, str) and words:
            return same(words)
        if (
            not isinstance(words, dict)
            or set(words) != {"en", "es"}
            or not all(isinstance(w, str) for w in words.values())
        ):
            self._wrong(
                column, key, f'a text is expected, or {{ en = "...", es = "..." }}; got {words!r}',
                f'se espera un texto, o {{ en = "...", es = "..." }}; se dio {words!r}',
            )  # fmt: skip
        return Text(words["en"], words["es"])

    def _text(self, table: dict[str, Any], key: str, column: str) -> str:
        word = table.get(key, "")
        if not isinstance(word, str):
            self._wrong(
                column,
                key,
                f"one text in quotes is expected; got {word!r}",
                f"se espera un solo texto entre comillas; se dio {word!r}",
            )
        return word

    def _flag(self, table: dict[str, Any], key: str, column: str) -> bool:
        flag = table.get(key, False)
        if not isinstance(flag, bool):
            self._wrong(
                column, key, f"true or false is expected; got {flag!r}", f"se espera true o false; se dio {flag!r}"
            )
        return flag

    def _known_keys(self, table: dict[str, Any], known: tuple[str, ...], column: str) -> None:
        for key in table:
            if key not in known:
                hint = self._hint(key, list(known))
                self._wrong(
                    column, key, f"this key is not known{hint.en}. Known keys: {', '.join(known)}",
                    f"esta clave no se conoce{hint.es}. Claves conocidas: {', '.join(known)}",
                )  # fmt: skip

    def _hint(self, word: str, known: list[str]) -> Text:
        near = closest(word, known)
        return Text(f"; did you mean {near!r}?", f"; ¿quiso decir {near!r}?") if near else same("")

    def _wrong(self, column: str, key: str, en: str, es: str) -> NoReturn:
        header = rf"""columns\s*\.\s*["']?{re.escape(column)}["']?""" if column else ""
        self._refuse(f"[columns.{column}] {key}" if column else key, _line_of(self.text, header, key), en, es)

    def _wrong_in_gate(self, key: str, en: str, es: str) -> NoReturn:
        self._refuse(f"[gate] {key}".strip(), _line_of(self.text, "gate", key), en, es)

    def _refuse(self, where: str, line: int, en: str, es: str) -> NoReturn:
        place_en = f", line {line}" if line else ""
        place_es = f", línea {line}" if line else ""
        raise MarketFileError(f"{self.name}{place_en}, {where}: {en}.", f"{self.name}{place_es}, {where}: {es}.")


def _line_of(text: str, header: str, key: str) -> int:
    """The number of the line that holds a key (under a table's header, a pattern), 0 where it is not found."""
    inside = not header
    opened = re.compile(rf"""\s*\[\s*{header}\s*\]""")
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header and line.lstrip().startswith("["):
            inside = bool(opened.match(line))
            start = number if inside else start
        if inside and re.match(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[=.\]]""", line):
            return number
    return start


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and not isnan(value)


def _unit_named(word: str) -> str:
    """The one name of a unit, or an empty text."""
    compound = {u.casefold(): u for u in COMPOUND_UNITS}.get(word.casefold().replace(" ", ""))
    unit = known_unit(word)
    return compound or (unit.name if unit else "") or (word.upper() if _is_currency(word) else "")


def _unit_names() -> list[str]:
    return [*UNIT_NAMES, *COMPOUND_UNITS]


def _is_currency(word: str) -> bool:
    unit = known_unit(word)
    if unit and unit.dimension == "money" and unit.name == word.upper():
        return True
    return len(word) == 3 and word.upper() in _currency_codes()


def _currency_codes() -> list[str]:
    from babel.numbers import list_currencies

    return sorted(list_currencies())
