"""Single rows of a table as plain dicts, without what a DataFrame costs for each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

MOST_UNFOLDED = 50_000  # rows of a table held a second time, as lists


def row_of(table: pd.DataFrame, row: int) -> dict[str, Any]:
    """One row by column, its numbers Python's own.

    >>> row_of(pd.DataFrame({"area": [50.0, 80.0], "city": ["Cali", "Bello"]}), 1)
    {'area': 80.0, 'city': 'Bello'}
    """
    cells = ((str(name), table[name].array[row]) for name in table.columns)
    return {name: cell.item() if isinstance(cell, np.generic) else cell for name, cell in cells}


@dataclass(frozen=True)
class Rows:
    """The rows of a table that is asked for many of them."""

    table: pd.DataFrame

    @cached_property
    def _columns(self) -> dict[str, list[Any]] | None:
        if len(self.table) > MOST_UNFOLDED:
            return None
        return {str(name): self.table[name].tolist() for name in self.table.columns}

    def row(self, row: int) -> dict[str, Any]:
        """One row by column."""
        if self._columns is None:
            return row_of(self.table, row)
        return {name: cells[row] for name, cells in self._columns.items()}
