"""What the cells of one column look like, from a sample of rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from perla.listings.dates import parse_dates
from perla.listings.names import words_of
from perla.listings.numbers import ParsedNumbers, is_empty, parse_numbers, parse_yes_no

MOST_CELLS, MOST_ROWS, FEWEST_ROWS = 120_000, 5_000, 500
_DATE_PATTERN = (
    r"\d{4}[-/]\d{1,2}([-/]\d{1,2})?([T ].*)?|\d{4}\.\d{1,2}\.\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ].*)?|"
    r"\d{1,2}[-/]\d{4}|(?:19|20)\d{6}(T\d{4,6}Z?)?|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} .*\d{4}"
)


@dataclass(frozen=True)
class Glance:
    """The filled cells of a column's sample.

    rows : sampled rows, empty ones included. cells : the cells that hold something.
    """

    name: str
    rows: int
    cells: pd.Series

    @property
    def filled(self) -> int:
        return len(self.cells)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return words_of(self.name)

    @cached_property
    def texts(self) -> pd.Series:
        return self.cells.astype(object).map(str).astype("str").str.strip()

    @cached_property
    def distinct(self) -> int:
        is_plain = pd.api.types.is_numeric_dtype(self.cells.dtype)
        return int((self.cells if is_plain else self.texts).nunique())

    @property
    def distinct_share(self) -> float:
        return self.distinct / max(self.filled, 1)

    @cached_property
    def parsed(self) -> ParsedNumbers:
        return parse_numbers(self.cells)

    @cached_property
    def numbers(self) -> pd.Series:
        """The readable, finite numbers."""
        return self.parsed.values.dropna()

    @property
    def number_share(self) -> float:
        return len(self.numbers) / max(self.filled, 1)

    @cached_property
    def all_whole(self) -> bool:
        """Whether (nearly) all numbers are whole."""
        return bool(len(self.numbers)) and float((self.numbers % 1 == 0).mean()) > 0.99

    @cached_property
    def is_yes_no(self) -> bool:
        """Two answers, both yes or no (or 0 and 1)."""
        if self.distinct != 2:
            return False
        return bool(parse_yes_no(self.cells).values.notna().all())

    @cached_property
    def link_share(self) -> float:
        return float(self.texts.str.match(r"(?i)(?:https?://|www\.)\S").mean()) if self.filled else 0.0

    @cached_property
    def date_share(self) -> float:
        """How many cells are written as dates; whole numbers are not taken for dates here."""
        if pd.api.types.is_datetime64_any_dtype(self.cells.dtype):
            return 1.0
        if pd.api.types.is_numeric_dtype(self.cells.dtype) or not self.filled:
            return 0.0
        return float(self.texts.str.fullmatch(_DATE_PATTERN).mean())

    @cached_property
    def dates(self) -> pd.Series:
        return parse_dates(self.cells).values.dropna()

    @cached_property
    def mean_words(self) -> float:
        """Words in a cell, on average."""
        return float((self.texts.str.count(r"\s+") + 1).mean()) if self.filled else 0.0

    @cached_property
    def mean_length(self) -> float:
        return float(self.texts.str.len().mean()) if self.filled else 0.0

    @cached_property
    def is_row_number(self) -> bool:
        """Whole numbers that only count the rows."""
        if not self.all_whole or not 10 <= len(self.numbers) == self.rows:
            return False
        order = self.numbers.index.to_numpy(dtype=np.float64)
        return len(np.unique(self.numbers.to_numpy() - order)) == 1


def sample_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """At most some thousand rows, evenly spread, the same each time; fewer where there are many columns."""
    most = int(np.clip(MOST_CELLS // max(frame.shape[1], 1), FEWEST_ROWS, MOST_ROWS))
    table = frame.set_axis(pd.RangeIndex(len(frame)), axis=0)
    return table if len(frame) <= most else table.iloc[np.linspace(0, len(frame) - 1, most).astype(int)]


def glance_at(cells: pd.Series, name: str) -> Glance:
    """A glance at one column of a sample; nested cells (lists in JSON) are looked at as text."""
    if cells.dtype == object:
        cells = cells.map(lambda v: str(v) if isinstance(v, (list, dict, tuple, set)) else v)
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(object)
    return Glance(name, len(cells), cells[~is_empty(cells)])
