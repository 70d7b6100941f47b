"""Saved arrays, looked at before they are believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.errors import ShelfError

Floats = NDArray[np.float64]


def saved_floats(state: dict[str, Any], key: str, *shape: int | None) -> Floats:
    """A finite array of this shape (None: any length). Raises ShelfError for anything else.

    >>> saved_floats({"weights": np.ones((2, 3))}, "weights", None, 3).shape
    (2, 3)
    """
    array = _array(state, key, "f", shape)
    if not np.isfinite(array).all():
        raise damaged(key)
    return np.asarray(array, np.float64)


def saved_codes(state: dict[str, Any], key: str, low: int, high: int, *shape: int | None) -> NDArray[np.int64]:
    """Whole numbers from ``low`` to ``high``, of this shape. Raises ShelfError for anything else."""
    array = _array(state, key, "iu", shape).astype(np.int64)
    if array.size and not low <= array.min() <= array.max() <= high:
        raise damaged(key)
    return array


def damaged(key: str) -> ShelfError:
    """The error for one part of a saved price model."""
    return ShelfError(
        f"A saved price model cannot be read: its {key!r} is cut or changed; train again.",
        f"No se puede leer un modelo de precios guardado: su {key!r} está cortado o cambiado; entrene de nuevo.",
    )


def _array(state: dict[str, Any], key: str, kinds: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
    array = state.get(key) if isinstance(state, dict) else None
    fits = isinstance(array, np.ndarray) and array.dtype.kind in kinds and array.ndim == len(shape)
    if not fits or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):  # type: ignore[union-attr]
        raise damaged(key)
    return array  # type: ignore[return-value]
