"""Reading saved plain values: every shape and range is checked, nothing is executed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.errors import ShelfError


def wrong(key: str, must: str, es: str, got: object) -> ShelfError:
    """The error for one saved value."""
    return ShelfError(
        f"The saved anomaly model is damaged: {key!r} must be {must}; got {got!r}. Train it again.",
        f"El modelo de anomalías guardado está dañado: {key!r} debe ser {es}; hay {got!r}. Entrénelo de nuevo.",
    )


def value_of(state: dict[str, Any], key: str) -> Any:
    if not isinstance(state, dict) or key not in state:
        raise wrong(key, "present", "presente", "nothing")
    return state[key]


def floats_of(state: dict[str, Any], key: str, shape: tuple[int, ...], low: float | None = None) -> NDArray[np.float32]:
    """A finite float32 array of exactly this shape."""
    array = value_of(state, key)
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.shape != shape:
        raise wrong(key, f"float32 {shape}", f"float32 {shape}", getattr(array, "shape", type(array).__name__))
    if not np.isfinite(array).all() or (low is not None and (array < low).any()):
        raise wrong(key, "finite and in range", "finito y dentro del rango", "values out of range")
    return array.copy()


def codes_of(state: dict[str, Any], key: str, size: int) -> NDArray[np.int32]:
    """Distinct int32 codes below ``size``."""
    array = value_of(state, key)
    fits = isinstance(array, np.ndarray) and array.dtype == np.int32 and array.ndim == 1
    if not fits or len(np.unique(array)) != len(array) or (len(array) and not 0 <= array.min() <= array.max() < size):
        raise wrong(key, f"distinct codes below {size}", f"códigos distintos menores que {size}", "something else")
    return array.copy()


def whole_of(state: dict[str, Any], key: str, low: int, high: int) -> int:
    """A whole number in a range."""
    value = value_of(state, key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise wrong(key, f"a whole number from {low} to {high}", f"un entero de {low} a {high}", value)
    return value


def flag_of(state: dict[str, Any], key: str) -> bool:
    """Yes or no."""
    value = value_of(state, key)
    if not isinstance(value, bool):
        raise wrong(key, "true or false", "verdadero o falso", value)
    return value


def real_of(state: dict[str, Any], key: str, low: float, high: float) -> float:
    """A number in a range."""
    value = value_of(state, key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise wrong(key, f"a number from {low} to {high}", f"un número de {low} a {high}", value)
    return float(value)


def words_of(state: dict[str, Any], key: str) -> tuple[str, ...]:
    """A list of texts."""
    value = value_of(state, key)
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise wrong(key, "a list of names", "una lista de nombres", type(value).__name__)
    return tuple(value)


def columns_of(state: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...], str]:
    """Names, category names, category sizes and the price of a saved model."""
    names, category_names = words_of(state, "names"), words_of(state, "category_names")
    sizes = value_of(state, "category_sizes")
    whole = isinstance(sizes, list | tuple) and all(isinstance(s, int) and 0 <= s <= 10_000_000 for s in sizes)
    if not whole or len(sizes) != len(category_names):
        raise wrong("category_sizes", "one size per category", "un tamaño por categoría", sizes)
    price = value_of(state, "price")
    if price not in names:
        raise wrong("price", "one of the numbers", "uno de los números", price)
    return names, category_names, tuple(sizes), price
