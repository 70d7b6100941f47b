"""What an anomaly model is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from perla.errors import InputError, ShelfError, UnknownNameError, closest
from perla.words import Text

Floats = NDArray[np.float32]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Matrix:
    """n listings as the networks see them.

    numbers : float32 (n, p), each column on about unit variance (price as its logarithm), NaN for missing. names : the
    p columns; those called ``column/part`` are parts of one thing and are hidden together. categories : int32 (n, q),
    codes 0..m_j-1, -1 for missing or unknown. category_sizes : the q numbers of levels m_j. price : the name of the
    price among ``names``. Raises InputError when shapes or codes do not fit.

    >>> import numpy as np
    >>> Matrix(np.zeros((3, 2)), ("price", "area"), np.zeros((3, 0)), (), (), "price").columns
    ('price', 'area')
    """

    numbers: Floats
    names: tuple[str, ...]
    categories: Codes
    category_names: tuple[str, ...]
    category_sizes: tuple[int, ...]
    price: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", np.ascontiguousarray(self.numbers, np.float32))
        object.__setattr__(self, "categories", np.ascontiguousarray(self.categories, np.int32))
        self._check_shapes()
        top = self.categories.max(axis=0, initial=-1)
        if (top >= np.array(self.category_sizes)).any() or (self.categories < -1).any():
            raise InputError(
                f"Category codes must lie between -1 and the number of levels less one; got {top.tolist()} for sizes "
                f"{list(self.category_sizes)}.",
                f"Los códigos de categoría deben estar entre -1 y el número de niveles menos uno; hay {top.tolist()} "
                f"para tamaños {list(self.category_sizes)}.",
            )

    def _check_shapes(self) -> None:
        n, p, q = len(self.numbers), len(self.names), len(self.category_names)
        fits = self.numbers.shape == (n, p) and self.categories.shape == (n, q) == (n, len(self.category_sizes))
        if not fits or self.price not in self.names:
            got = f"{self.numbers.shape}, {self.categories.shape}, {len(self.category_sizes)}, {self.price!r}"
            raise InputError(
                f"A matrix needs numbers ({n}, {p}), categories ({n}, {q}), {q} sizes and a price that is one of its "
                f"numbers; got {got}.",
                f"Una matriz necesita números ({n}, {p}), categorías ({n}, {q}), {q} tamaños y un precio que sea uno "
                f"de sus números; hay {got}.",
            )

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def columns(self) -> tuple[str, ...]:
        """The p numbers, then the q categories: the columns of the surprise matrix."""
        return (*self.names, *self.category_names)

    @cached_property
    def present(self) -> Bools:
        """Which cells are known, (n, p + q)."""
        return np.hstack([np.isfinite(self.numbers), self.categories >= 0])

    def take(self, rows: NDArray[Any]) -> Matrix:
        """Only these rows (positions or bools)."""
        return replace(self, numbers=self.numbers[rows], categories=self.categories[rows])

    def check_like(self, names: tuple[str, ...], category_names: tuple[str, ...], sizes: tuple[int, ...]) -> None:
        """Raise ShelfError unless this has the columns a model was fitted on."""
        if (self.names, self.category_names, self.category_sizes) != (names, category_names, sizes):
            wanted, got = [*names, *category_names], list(self.columns)
            raise ShelfError(
                f"The listings must have the columns the model learned, {wanted}; got {got}. Prepare them with the "
                "preparation saved beside the model.",
                f"Los anuncios deben tener las columnas que el modelo aprendió, {wanted}; hay {got}. Prepárelos con la "
                "preparación guardada junto al modelo.",
            )


@dataclass(frozen=True)
class SurpriseMatrix:
    """How far each cell of n listings is from what the rest of the listing says should stand there.

    z : float32 (n, p + q), in units of the column's own usual error: signed for numbers (negative: lower than
        expected), never negative for categories (0: the most likely one); NaN for a missing cell.
    expected_numbers : (n, p), on the scale of the matrix.
    usual_errors : (n, p), the error that is usual for such a listing (z = difference / that).
    expected_categories : int32 (n, q), the most likely code, -1 for "one of the rare levels".
    probability : (n, q), of the category that stands there (NaN if missing).
    columns : the p + q names.
    """

    z: Floats
    expected_numbers: Floats
    usual_errors: Floats
    expected_categories: Codes
    probability: Floats
    columns: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.z)

    def column(self, name: str) -> Floats:
        """The surprise of one column, (n,); UnknownNameError if there is no such column."""
        if name not in self.columns:
            near = closest(name, list(self.columns))
            raise UnknownNameError(
                f"There is no surprise for the column {name!r}; the closest is {near!r}.",
                f"No hay sorpresa para la columna {name!r}; la más parecida es {near!r}.",
            )
        return self.z[:, self.columns.index(name)]

    def take(self, rows: NDArray[Any]) -> SurpriseMatrix:
        """Only these rows (positions or bools)."""
        return SurpriseMatrix(
            self.z[rows],
            self.expected_numbers[rows],
            self.usual_errors[rows],
            self.expected_categories[rows],
            self.probability[rows],
            self.columns,
        )

    def state(self) -> dict[str, Any]:
        """Everything in it, as plain values and arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> SurpriseMatrix:
        """The surprises whose ``state()`` this is."""
        return cls(**{**state, "columns": tuple(map(str, state["columns"]))})


class SurpriseModel(Protocol):
    """What every anomaly model does, whatever it is made of.

    note : one line for the reader, or None. state() holds plain JSON values, str, numpy arrays and dicts of these.
    """

    note: Text | None

    def fit(self, matrix: Matrix, learn: Bools, groups: NDArray[np.int64]) -> SurpriseModel: ...

    def out_of_fold(self, all_rows: bool = False) -> SurpriseMatrix: ...

    def surprise(self, matrix: Matrix) -> SurpriseMatrix: ...

    def state(self) -> dict[str, Any]: ...
