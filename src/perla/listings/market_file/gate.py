"""The ``[gate]`` of a market file: read, checked and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import isnan
from typing import Any, NoReturn

from perla.errors import closest
from perla.listings.floors import Floors, Rule

GATE_KEYS = tuple(f.name for f in fields(Floors))
Wrong = Callable[[str, str, str], NoReturn]  # key, what is wrong in English and in Spanish


@dataclass(frozen=True)
class _Bounds:
    """What a number must lie in, and how that is said."""

    low: float
    high: float
    en: str
    es: str

    def hold(self, value: object) -> bool:
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and not isnan(value)
        return number and self.low <= value <= self.high  # type: ignore[operator]


SHARE = _Bounds(0.0, 1.0, "a share from 0 to 1", "una proporción de 0 a 1")
POSITIVE = _Bounds(0.0, float("inf"), "a number from 0", "un número desde 0")
AT_MOST_ONE = _Bounds(float("-inf"), 1.0, "a number up to 1", "un número hasta 1")
NUMBERS = {"r2": AT_MOST_ONE, "mdape": POSITIVE, "cod": POSITIVE, "margin": SHARE}
RANGES = {"coverage": SHARE, "median_ratio": POSITIVE}


def read_floors(table: object, wrong: Wrong) -> Floors:
    """What a model of the market must reach; keys that are not given keep their default."""
    if not isinstance(table, dict):
        wrong("", "the floors are a table [gate]", "los mínimos son una tabla [gate]")
    return Floors(**{key: _value(key, value, wrong) for key, value in table.items()})


def _value(key: str, value: Any, wrong: Wrong) -> Any:
    if key in NUMBERS:
        return _number(key, value, NUMBERS[key], wrong)
    if key in RANGES:
        return _range(key, value, RANGES[key], wrong)
    if key == "listings":
        return _count(key, value, wrong)
    if key == "better":
        return _rule(key, value, wrong)
    near = closest(key, list(GATE_KEYS))
    known = ", ".join(GATE_KEYS)
    return wrong(
        key,
        "this key is not known" + (f"; did you mean {near!r}?" if near else "") + f" Known keys: {known}",
        "esta clave no se conoce" + (f"; ¿quiso decir {near!r}?" if near else "") + f" Claves conocidas: {known}",
    )


def _number(key: str, value: Any, bounds: _Bounds, wrong: Wrong) -> float:
    if not bounds.hold(value):
        wrong(key, f"{bounds.en} is expected; got {value!r}", f"se espera {bounds.es}; se dio {value!r}")
    return float(value)


def _range(key: str, value: Any, bounds: _Bounds, wrong: Wrong) -> tuple[float, float]:
    fine = isinstance(value, list) and len(value) == 2 and all(map(bounds.hold, value)) and value[0] < value[1]
    if not fine:
        wrong(
            key, f"[low, high] with low < high is expected, each {bounds.en}; got {value!r}",
            f"se espera [mínimo, máximo] con mínimo < máximo, cada uno {bounds.es}; se dio {value!r}",
        )  # fmt: skip
    return float(value[0]), float(value[1])


def _count(key: str, value: Any, wrong: Wrong) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        wrong(
            key, f"a whole number from 1 is expected; got {value!r}", f"se espera un entero desde 1; se dio {value!r}"
        )
    return int(value)


def _rule(key: str, value: Any, wrong: Wrong) -> Rule:
    known = ", ".join(f'"{rule.value}"' for rule in Rule)
    if value not in {rule.value for rule in Rule}:
        wrong(key, f"one of {known} is expected; got {value!r}", f"se espera una de {known}; se dio {value!r}")
    return Rule(value)


def write_floors(floors: Floors) -> list[str]:
    """The lines of ``[gate]``: the keys that are not at their default; none where all are."""
    usual = Floors()
    changed = [(key, getattr(floors, key)) for key in GATE_KEYS if getattr(floors, key) != getattr(usual, key)]
    return ["", "[gate]", *(f"{key} = {_written(value)}" for key, value in changed)] if changed else []


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)
