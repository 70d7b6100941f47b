"""Plausible ranges: wide enough for every real listing, too narrow for 3,000,000,000,000 pesos or 20,000,000 m2."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from perla.listings.market import Kind

TAIL = 4.0  # how many times the stretch between quantiles 0.75 and 0.95 (in logarithms) a column may reach further
LEAST_DOWN, LEAST_UP = 15.0, 5.0  # and never less than these factors beyond the quantiles 0.05 and 0.95
COUNT_FACTOR = 4.0
YEARS_AHEAD = 10
ZERO_SHARE = 0.01  # with more zeros than this, zero is a real value


def quantity_range(numbers: pd.Series) -> tuple[float | None, float | None]:
    """Bounds for a measured column from robust quantiles of its logarithm.

    >>> quantity_range(pd.Series([50.0, 60, 70, 80, 90, 100, 120, 150, 200] * 4 + [3e6]))
    (3.0, 2000.0)
    """
    usual = _without_commonest(numbers)
    positive = usual[usual > 0]
    if len(positive) < 3:
        return None, None
    logs = np.log(positive.to_numpy())
    q05, q25, q75, q95 = np.quantile(logs, [0.05, 0.25, 0.75, 0.95])
    bottom = q05 - max(TAIL * (q25 - q05), math.log(LEAST_DOWN))
    top = q95 + max(TAIL * (q95 - q75), math.log(LEAST_UP))
    high = _rounded_up(math.exp(min(top, 690.0)))
    if float((numbers < 0).mean()) > ZERO_SHARE:
        return -high, high
    low = 0.0 if _has_zeros(numbers) else _rounded_down(math.exp(max(bottom, -690.0)))
    return min(low, float(numbers.mode().iloc[0])), high


def price_range(prices: pd.Series) -> tuple[float | None, float | None]:
    """Bounds for asking prices; never zero."""
    low, high = quantity_range(prices[prices > 0])
    return low, high


def count_range(numbers: pd.Series, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Bounds for whole numbers: a few times what nearly all have."""
    if numbers.empty:
        return low, high
    usual = min(float(numbers.quantile(0.99)), 5 * float(numbers.quantile(0.95)) + 10)
    least = float(numbers.quantile(0.001)) if float((numbers < 0).mean()) > 0.001 else 0.0
    most = max(math.ceil(usual * COUNT_FACTOR), 10.0)
    return low if low is not None else math.floor(least), high if high is not None else most


def year_range(numbers: pd.Series, earliest: float) -> tuple[float | None, float | None]:
    """Bounds for years; zero is allowed where it is common (never renovated)."""
    usual = numbers[numbers > 0]
    if usual.empty:
        return None, None
    low = 0.0 if _has_zeros(numbers) else earliest
    return low, min(max(float(usual.quantile(0.99)) + YEARS_AHEAD, earliest + 1), 2100.0)


def coordinate_range(numbers: pd.Series, kind: Kind) -> tuple[float | None, float | None]:
    """A box three times as wide as where nearly all listings lie, so that a misplaced coordinate is noticed."""
    if numbers.empty:
        return None, None
    low, high = (float(q) for q in numbers.quantile([0.05, 0.95]))
    margin = max(3 * (high - low), 0.25)
    end = 90.0 if kind is Kind.LATITUDE else 180.0
    return max(round(low - margin, 2), -end), min(round(high + margin, 2), end)


def _without_commonest(numbers: pd.Series) -> pd.Series:
    """The numbers without one that most listings share (0 or 1 for "none"), which would hide how the others spread."""
    commonest = numbers.mode()
    is_that = numbers == commonest.iloc[0] if len(commonest) else numbers.isna()
    return numbers[~is_that] if float(is_that.mean()) > 0.5 else numbers


def _has_zeros(numbers: pd.Series) -> bool:
    return len(numbers) > 0 and float((numbers == 0).mean()) > ZERO_SHARE


def _rounded_down(value: float) -> float:
    """To one significant digit, towards zero."""
    step = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.floor(value / step) * step:.1g}")


def _rounded_up(value: float) -> float:
    step = 10.0 ** math.floor(math.log10(value))
    return float(f"{math.ceil(value / step) * step:.2g}")
