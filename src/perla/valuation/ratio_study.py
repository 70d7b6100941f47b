"""How good estimates are: the usual figures of errors, and the ratio study of mass appraisal.

A ratio is an estimate over what it should have said; here that is the asking price, not a sale. Level, uniformity and
vertical equity are those of the International Association of Assessing Officers, *Standard on Ratio Studies* (2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
EXTREME = 3.0  # interquartile ranges
FEWEST_FOR_BIAS = 3
NAN = float("nan")


@dataclass(frozen=True)
class Limits:
    """What the standard accepts, both ends included (section 9 and table 1-3)."""

    low: float
    high: float

    def hold(self, value: float) -> bool:
        """Whether a figure lies within."""
        return self.low <= value <= self.high


LEVEL_LIMITS = Limits(0.90, 1.10)
COD_LIMITS, COD_LIMITS_OF_UNLIKE_THINGS = Limits(5.0, 15.0), Limits(5.0, 20.0)
PRD_LIMITS, PRB_LIMITS = Limits(0.98, 1.03), Limits(-0.05, 0.05)


@dataclass(frozen=True)
class Scores:
    """The figures of n estimates; NaN where there is nothing to compute from.

    r2, mae, rmse : in money. mdape : median of the absolute error as a share of the asking price. within_5, within_10,
    within_20 : shares of listings. cod : in percent, as the standard writes it. extreme : ratios left out of cod, prd
    and prb. coverage : share of asking prices inside their 90 % interval. width : median of its upper over its lower
    end.
    """

    listings: int
    r2: float
    mae: float
    rmse: float
    mdape: float
    within_5: float
    within_10: float
    within_20: float
    median_ratio: float
    cod: float
    prd: float
    prb: float
    extreme: int
    coverage: float = NAN
    width: float = NAN


def score(estimate: Floats, price: Floats, low: Floats | None = None, high: Floats | None = None) -> Scores:
    """All figures of n estimates beside n asking prices, in money, each (n,); ``low`` and ``high``: the interval.

    >>> found = score(np.array([110.0, 200.0, 360.0]), np.array([100.0, 200.0, 400.0]))
    >>> found.listings, round(found.mae, 2), round(found.rmse, 2), round(found.r2, 3), round(found.mdape, 3)
    (3, 16.67, 23.8, 0.964, 0.1)
    >>> round(found.within_5, 3), round(found.median_ratio, 3), round(found.cod, 2)
    (0.333, 1.0, 6.67)
    """
    ratio = estimate / price
    if not len(ratio):
        return Scores(0, *(NAN,) * 11, 0)
    off, away = np.abs(ratio - 1), estimate - price
    usual = ~extreme_ratios(ratio)
    return Scores(
        listings=len(ratio),
        r2=r_squared(estimate, price),
        mae=float(np.abs(away).mean()),
        rmse=float(np.sqrt((away**2).mean())),
        mdape=float(np.median(off)),
        within_5=_share(off, 0.05),
        within_10=_share(off, 0.10),
        within_20=_share(off, 0.20),
        median_ratio=float(np.median(ratio)),
        cod=coefficient_of_dispersion(ratio[usual]),
        prd=price_related_differential(estimate[usual], price[usual]),
        prb=price_related_bias(estimate[usual], price[usual]),
        extreme=int((~usual).sum()),
        coverage=NAN if low is None or high is None else float(((low <= price) & (price <= high)).mean()),
        width=NAN if low is None or high is None else float(np.median(high / low)),
    )


def r_squared(estimate: Floats, price: Floats) -> float:
    """Share of the variance of the asking prices the estimates explain; NaN where all prices are equal.

    >>> r_squared(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    total = float(((price - price.mean()) ** 2).sum())
    return 1 - float(((price - estimate) ** 2).sum()) / total if total > 0 else NAN


def coefficient_of_dispersion(ratio: Floats) -> float:
    """COD: mean absolute distance of the ratios from their median, in percent of it (section 5.4.1).

    Around a median of 1.0, ratios of 0.9, 1.0 and 1.2 stand 0.1, 0 and 0.2 away, on average a tenth:

    >>> round(coefficient_of_dispersion(np.array([0.9, 1.0, 1.2])), 6)
    10.0
    """
    if not len(ratio):
        return NAN
    middle = float(np.median(ratio))
    return float(100 * np.abs(ratio - middle).mean() / middle)


def price_related_differential(estimate: Floats, price: Floats) -> float:
    """PRD: mean ratio over the ratio of the sums (section 5.6); above one the dear are estimated too low.

    Ratios of 1.1, 1.0 and 0.9 have the mean 1; the sums are 670 and 700, so 1 / 0.957:

    >>> round(price_related_differential(np.array([110.0, 200.0, 360.0]), np.array([100.0, 200.0, 400.0])), 4)
    1.0448
    """
    if not len(price):
        return NAN
    return float((estimate / price).mean() / (estimate.sum() / price.sum()))


def price_related_bias(estimate: Floats, price: Floats) -> float:
    """PRB: by what share the ratios rise when the value doubles (section 5.6); below zero the dear are too low.

    The slope of the ratios' relative distance from their median on the logarithm to base two of a value that is half
    the price and half the estimate (brought to the median level), so that an error of either alone makes no slope.
    Here the distances 0.1, 0, -0.1 stand over the values 105, 200, 380, that is 6.714, 7.644, 8.570 doublings; their
    products sum to -0.1856 about the mean and the squares of the doublings to 1.7218:

    >>> round(price_related_bias(np.array([110.0, 200.0, 360.0]), np.array([100.0, 200.0, 400.0])), 4)
    -0.1078
    """
    if len(price) < FEWEST_FOR_BIAS:
        return NAN
    ratio = estimate / price
    middle = float(np.median(ratio))
    return _slope(np.log2(0.5 * price + 0.5 * estimate / middle), (ratio - middle) / middle)


def extreme_ratios(ratio: Floats) -> Bools:
    """Ratios beyond three interquartile ranges of the quartiles, on the log scale (section 5.2 and appendix B), (n,).

    The standard asks to leave such out of COD, PRD and PRB, which one typing error could rule, and to say how many.

    >>> extreme_ratios(np.array([0.9, 1.0, 1.0, 1.1, 10.0])).tolist()
    [False, False, False, False, True]
    """
    logs = np.log(ratio)
    low, high = np.quantile(logs, [0.25, 0.75]) if len(logs) else (0.0, 0.0)
    reach = EXTREME * (high - low)
    return np.asarray((logs < low - reach) | (logs > high + reach), bool)


def _share(off: Floats, limit: float) -> float:
    return float((off <= limit + 1e-12).mean())


def _slope(x: Floats, y: Floats) -> float:
    apart = x - x.mean()
    total = float((apart**2).sum())
    return float((apart * (y - y.mean())).sum() / total) if total > 0 else NAN
