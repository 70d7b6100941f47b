"""Writing a market file, for people to edit."""

from __future__ import annotations

import re
from math import inf, isfinite

from perla.listings.market import Column, Market
from perla.listings.market_file.gate import write_floors
from perla.words import Text

_HEADER = "# What this table means. Edit any line; `perla find LISTINGS --market THIS-FILE` uses it.\n"


def write_market(market: Market) -> str:
    """A market file that reads back as the same market.

    >>> from perla.listings import Kind
    >>> from perla.listings.market_file.reading import read_market
    >>> market = Market("homes", "price", "COP", (Column("price", Kind.QUANTITY, "COP", wishable=True),))
    >>> read_market(write_market(market), "homes.toml") == market
    True
    """
    lines = [_HEADER, f"name = {_quoted(market.name)}"]
    if market.title:
        lines.append(f"title = {_written_text(market.title)}")
    lines.append(f"currency = {_quoted(market.currency)}" + ("" if market.currency else "  # not recognised: e.g. COP"))
    lines.append(f"price = {_quoted(market.price)}")
    if (market.price_low, market.price_high) != (None, None):
        bounds = _written_range(market.price_low, market.price_high)
        lines.append(f"price_range = {bounds}  # plausible asking prices; others are set aside")
    if market.same_thing:
        names = ", ".join(_quoted(n) for n in market.same_thing)
        lines.append(f"same_thing = [{names}]  # equal values here: one thing advertised again")
    if market.simulated:
        lines.append("simulated = true")
    lines += write_floors(market.floors)
    lines += [_written_column(c, market) for c in market.columns]
    return "\n".join(lines) + "\n"


def _written_column(column: Column, market: Market) -> str:
    lines = [f"\n[columns.{_written_key(column.name)}]", f"is = {_quoted(column.kind)}"]
    is_price = column.name == market.price
    if column.unit and not is_price:
        lines.append(f"unit = {_quoted(column.unit)}")
    if (column.low, column.high) != (None, None) and not is_price:
        lines.append(f"range = {_written_range(column.low, column.high)}")
    if column.wishable and not is_price:
        lines.append("wish = true")
    if column.label:
        lines.append(f"label = {_written_text(column.label)}")
    if column.price_proxy:
        lines.append(f"gives_price_away = {_written_text(column.price_proxy)}  # kept out of the models")
    return "\n".join(lines)


def _written_range(low: float | None, high: float | None) -> str:
    return f"[{_written_number(-inf if low is None else low)}, {_written_number(inf if high is None else high)}]"


def _written_number(value: float) -> str:
    if isfinite(value) and float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):_}" if abs(value) >= 10_000 else str(int(value))
    return repr(float(value))


def _written_text(words: Text) -> str:
    if words.en == words.es and words.en:
        return _quoted(words.en)
    return f"{{ en = {_quoted(words.en)}, es = {_quoted(words.es)} }}"


def _written_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(words: str) -> str:
    """A TOML basic string: quotes, backslashes and control characters escaped."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", lambda m: f"\\u{_safe_code(m.group()):04x}", escaped) + '"'


def _safe_code(character: str) -> int:
    """The character's number; half of a surrogate pair is no character and becomes the replacement sign."""
    return 0xFFFD if "\ud800" <= character <= "\udfff" else ord(character)
