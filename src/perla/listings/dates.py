"""Dates as people and machines write them: ``2023-04-13``, ``13/04/2023``, ``05-2020``, ``3 de abril de 2023``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from perla.listings.numbers import is_empty
from perla.listings.units import plain_word

FIRST_YEAR, LAST_YEAR = 1800, 2199
_MONTHS = {
    word: month
    for month, words in enumerate(
        (
            "january jan enero ene januar janvier", "february feb febrero februar fevrier", "march mar marzo marz mars",
            "april apr abril abr avril", "may mayo mai", "june jun junio juni juin", "july jul julio juli juillet",
            "august aug agosto ago aout", "september sep sept septiembre setiembre septembre",
            "october oct octubre oktober okt octobre", "november nov noviembre novembre",
            "december dec diciembre dic dezember dez decembre",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([ap]\.?m\.?)?", re.IGNORECASE)
_TRIPLE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?")
# A thing that is new has no first registration, no year it was built.
_NOT_YET = ("new", "neu", "nuevo", "nueva", "neuf", "0 km", "en construcción", "under construction")
_WORDS = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class ParsedDates:
    """The dates of one column.

    values : datetime64[us], NaT for missing and unreadable. unreadable : bool, where something stands that is no date.
    day_first : how ``04/05/2023`` was read, decided once for the whole column.
    """

    values: pd.Series
    unreadable: pd.Series
    day_first: bool


def parse_dates(cells: pd.Series) -> ParsedDates:
    """Dates out of cells as people write them; a month without a day is its first day, a year its first of January.

    Whole numbers are read as dates too (``201803``, ``20180331``, ``2018``, seconds since 1970), so call this only for
    a column that holds dates. Day and month are told apart once for the whole column; where no cell tells, the day is
    first. A time zone is turned into UTC.

    >>> parse_dates(pd.Series(["13/04/2023", "05/04/2023", "-"])).values.dt.strftime("%Y-%m-%d").tolist()
    ['2023-04-13', '2023-04-05', nan]
    >>> parse_dates(pd.Series(["05-2020", "3 de abril de 2023", "soon"])).unreadable.tolist()
    [False, False, True]
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return ParsedDates(_plain(cells), pd.Series(False, index=cells.index), True)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        values = _from_numbers(cells)
        return ParsedDates(values, values.isna() & np.isfinite(cells.to_numpy(dtype=np.float64, na_value=np.nan)), True)
    texts = cells.astype(object).where(cells.notna(), "").map(str).str.strip()
    codes, distinct = pd.factorize(texts)
    words = pd.Series(list(distinct), dtype=object)
    day_first = _day_first(words)
    read = _read(words, day_first)
    values = pd.Series(read.to_numpy()[codes], index=cells.index)
    empty = (is_empty(words) | words.str.casefold().isin(_NOT_YET)).to_numpy()[codes]
    return ParsedDates(values, values.isna() & ~empty, day_first)


def _plain(dates: pd.Series) -> pd.Series:
    if dates.dt.tz is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    return dates.astype("datetime64[us]")


def _from_numbers(cells: pd.Series) -> pd.Series:
    """Years, year-months, year-month-days and seconds or milliseconds since 1970, told apart by their size."""
    numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    whole = np.where(np.isfinite(numbers) & (numbers == np.floor(numbers)), numbers, -1.0)
    days = np.select(
        [(whole >= 18_000_101) & (whole < 22_000_000), (whole >= 180_001) & (whole < 220_000), _is_year(whole)],
        [whole, whole * 100 + 1, whole * 10_000 + 101],
        -1.0,
    )
    written = pd.Series(days, index=cells.index).map(lambda d: f"{d:.0f}")
    read = pd.to_datetime(written, format="%Y%m%d", errors="coerce").astype("datetime64[us]")
    seconds = np.where(whole >= 1e11, numbers / 1_000, numbers)
    is_clock = (seconds >= 1e8) & (seconds < 4.2e9)
    clock = pd.to_datetime(pd.Series(np.where(is_clock, seconds, np.nan), index=cells.index), unit="s")
    return read.fillna(clock.astype("datetime64[us]"))


def _is_year(numbers: np.ndarray) -> np.ndarray:
    return (numbers >= FIRST_YEAR) & (numbers <= LAST_YEAR)


def _day_first(words: pd.Series) -> bool:
    """Whether the first of two small numbers is the day; a number over 12 tells."""
    pairs = [found.groups() for found in map(_TRIPLE.match, words) if found]
    day_first = sum(int(a) > 12 for a, _, _ in pairs)
    month_first = sum(int(b) > 12 for _, b, _ in pairs)
    return day_first >= month_first


def _read(words: pd.Series, day_first: bool) -> pd.Series:
    """Numbers and ISO dates by the table, the rest one by one."""
    digits = words.str.fullmatch(r"\d{4,14}(\.0)?").astype(bool)
    iso = words.str.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{8}T\d{4,6}.*").astype(bool)
    read = pd.Series(pd.NaT, index=words.index, dtype="datetime64[us]")
    read[digits] = _from_numbers(pd.to_numeric(words[digits]))
    found = pd.to_datetime(words[iso], format="ISO8601", errors="coerce", utc=True)
    read[iso] = _plain(found)
    rest = read.isna()
    read[rest] = pd.Series([_read_one(w, day_first) for w in words[rest]], index=words.index[rest], dtype=read.dtype)
    return read


def _read_one(text: str, day_first: bool) -> datetime | None:
    if len(text) > 80:
        return None
    clock = _CLOCK.search(text)
    day = (text[: clock.start()] + text[clock.end() :] if clock else text).strip(" ,T")
    parts = _by_numbers(day, day_first) or _by_month_name(day)
    if parts is None or not FIRST_YEAR <= parts[0] <= LAST_YEAR:
        return None
    try:
        return datetime(*parts, *_hours(clock))
    except ValueError:
        return None


def _by_numbers(day: str, day_first: bool) -> tuple[int, int, int] | None:
    if found := _TRIPLE.fullmatch(day):
        a, b, year = (int(x) for x in found.groups())
        return (_full_year(year), b, a) if day_first else (_full_year(year), a, b)
    if found := _MONTH_YEAR.fullmatch(day):
        return int(found[2]), int(found[1]), 1
    if found := _YEAR_FIRST.fullmatch(day):
        return int(found[1]), int(found[2]), int(found[3] or 1)
    return None


def _by_month_name(day: str) -> tuple[int, int, int] | None:
    """A date that names its month, with the weekday, ``de`` and commas around it."""
    words = _WORDS.findall(plain_word(day))
    months = [_MONTHS[w] for w in words if w in _MONTHS]
    numbers = [int(w) for w in words if w.isdecimal() and len(w) <= 4]
    if len(months) != 1 or not 1 <= len(numbers) <= 2 or len(words) > 8:
        return None
    if len(numbers) == 1:
        return _full_year(numbers[0]) if numbers[0] > 31 else 0, months[0], 1
    small, large = sorted(numbers) if max(numbers) > 31 else numbers
    return _full_year(large), months[0], small


def _full_year(year: int) -> int:
    return year if year >= 100 else year + (2000 if year < 70 else 1900)


def _hours(clock: re.Match[str] | None) -> tuple[int, int, int]:
    if clock is None:
        return 0, 0, 0
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    half = (clock[4] or "").casefold()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second
