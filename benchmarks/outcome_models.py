"""Survival regressions of what became of listings: Cox, logistic, Kaplan-Meier, and how sure they are.

Cox models are statsmodels' PHReg with Efron's ties; lifelines needs pandas below 3, which perla does not.
Every regression holds the expected price, age, mileage and month of entry constant and is stratified by make; "more
held constant" adds squares, the seller's kind, fuel, body and whatever else the listing says in few words, by model.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

LEAST_OF_MAKE = 60
LEAST_OF_KIND = 20
MOST_KINDS = 40
WINDOWS = ((0.0, 14.0), (14.0, 45.0), (45.0, np.inf))
WITHIN_DAYS = 30
Z95 = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Ratio:
    """A hazard or odds ratio with its 95 % interval, and how many listings and ends it rests on."""

    value: float
    low: float
    high: float
    p: float
    listings: int
    events: int

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True)
class Ends:
    """Whose ends are told: days under watch, whether the watch ended with the event, and what is held constant."""

    days: pd.Series
    ended: pd.Series
    held: pd.DataFrame
    strata: pd.Series
    from_day: pd.Series

    def take(self, rows: Any) -> Ends:
        parts = (self.days, self.ended, self.held, self.strata, self.from_day)
        return Ends(*(part.iloc[rows].reset_index(drop=True) for part in parts))


def held_constant(judged: pd.DataFrame, expected: pd.Series | None) -> pd.DataFrame:
    """Log expected price (where one is given), age, log mileage, month of entry; gaps are filled and flagged."""
    held = pd.DataFrame(index=judged.index)
    if expected is not None:
        held["log_expected"] = np.log(expected)
    held["age_years"] = judged["age_years"].fillna(judged["age_years"].median())
    held["log_mileage"] = np.log1p(judged["mileage_km"].fillna(judged["mileage_km"].median()))
    held["nearly_new"] = (judged["mileage_km"] < 1000).astype(float)
    held["age_unknown"] = judged["age_years"].isna().astype(float)
    months = pd.get_dummies(judged["first_seen"].dt.strftime("%Y-%m"), drop_first=True, dtype=float)
    held = held.join(months)
    return held.loc[:, held.nunique() > 1]


def strata_of(makes: pd.Series) -> pd.Series:
    """The make where it is frequent, else one stratum for all others."""
    frequent = makes.map(makes.value_counts()) >= LEAST_OF_MAKE
    return makes.where(frequent, "other")


def hold_more(ends: Ends, shown: pd.DataFrame) -> Ends:
    """The same watch with more held constant: squares of age and mileage, every kind of the listing, the model.

    shown : what perla saw of each car; its columns of few kinds become yes/no columns, make and model the stratum.
    """
    held = ends.held.assign(
        age_squared=ends.held["age_years"] ** 2 / 100, mileage_squared=ends.held["log_mileage"] ** 2 / 10
    )
    few = [c for c in shown if not pd.api.types.is_numeric_dtype(shown[c]) and shown[c].nunique() <= MOST_KINDS]
    few = [c for c in few if c not in {"make", "brand", "model"}]
    kinds = pd.get_dummies(shown[few].fillna("unknown"), dtype=float)
    kinds = kinds.loc[:, (kinds.sum() >= LEAST_OF_KIND) & (kinds.sum() <= len(kinds) - LEAST_OF_KIND)]
    held = _independent(held.join(kinds))
    return replace(ends, held=held, strata=strata_of(shown.iloc[:, 0] + " " + shown["model"]))


def _independent(columns: pd.DataFrame) -> pd.DataFrame:
    """The columns that are no sum of those before them."""
    kept: list[str] = []
    centred = (columns - columns.mean()) / columns.std()
    for name in columns:
        if np.linalg.matrix_rank(centred[[*kept, name]].to_numpy(), tol=1e-6) > len(kept):
            kept.append(name)
    return columns[kept]


def said(p: float) -> str:
    """A p-value as one writes it.

    >>> said(0.0004), said(0.25)
    ('p < 0.001', 'p = 0.25')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def ends_of_stay(judged: pd.DataFrame, expected: pd.Series | None) -> Ends:
    """Time from first seen to gone."""
    return _ends(judged, judged["days"], judged["gone"], expected)


def ends_by_cut(judged: pd.DataFrame, expected: pd.Series | None) -> Ends:
    """Time from first seen to the first price cut; leaving ends the watch."""
    cut = judged["cut_days"].le(judged["days"])
    return _ends(judged, judged["cut_days"].where(cut, judged["days"]), cut, expected)


def _ends(judged: pd.DataFrame, days: pd.Series, ended: pd.Series, expected: pd.Series | None) -> Ends:
    nothing = pd.Series(0.0, index=judged.index)
    return Ends(days, ended.astype(float), held_constant(judged, expected), strata_of(judged["make"]), nothing)


def within(ends: Ends, start: float, stop: float) -> Ends:
    """The same watch between two days: entered at the one, ended by the other at the latest."""
    there = np.flatnonzero(ends.days > start)
    part = ends.take(there)
    return Ends(
        part.days.clip(upper=stop),
        part.ended * (part.days <= stop),
        part.held.loc[:, part.held.nunique() > 1],
        part.strata,
        part.from_day.clip(lower=start),
    )


def fit_cox(ends: Ends, asked: pd.DataFrame) -> Any:
    """The fitted Cox model; the asked columns come first. ``asked`` : on the index of ``ends``."""
    from statsmodels.duration.hazard_regression import PHReg

    table = asked.astype(float).join(ends.held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PHReg(
            ends.days.to_numpy(float), table.to_numpy(float), ends.ended.to_numpy(float),
            entry=ends.from_day.to_numpy(float) if ends.from_day.gt(0).any() else None,
            strata=pd.factorize(ends.strata)[0], ties="efron",
        ).fit()  # fmt: skip


def hazard_ratios(ends: Ends, asked: pd.DataFrame) -> dict[str, Ratio]:
    """One ratio per asked column, all in one Cox model."""
    return _ratios(fit_cox(ends, asked), asked, len(ends.days), int(ends.ended.sum()))


def odds_of_a_cut(
    judged: pd.DataFrame, expected: pd.Series, asked: pd.DataFrame, follow_end: pd.Timestamp
) -> dict[str, Ratio]:
    """Odds ratios of a cut within ``WITHIN_DAYS`` days, of the cars first seen that long before the end."""
    import statsmodels.api as sm

    old = judged["first_seen"] <= follow_end - pd.Timedelta(days=WITHIN_DAYS)
    judged, cut = judged[old], judged.loc[old, "cut_days"].le(WITHIN_DAYS)
    makes = pd.get_dummies(strata_of(judged["make"]), drop_first=True, dtype=float)
    held = held_constant(judged, expected[old]).join(makes)
    table = asked[old].astype(float).join(held).assign(constant=1.0)
    fitted = sm.Logit(cut.to_numpy(float), table.to_numpy(float)).fit(disp=0, maxiter=100)
    return _ratios(fitted, asked, len(judged), int(cut.sum()))


def _ratios(fitted: Any, asked: pd.DataFrame, listings: int, events: int) -> dict[str, Ratio]:
    found = zip(asked.columns, fitted.params, fitted.bse, fitted.pvalues, strict=False)
    return {
        name: Ratio(*np.exp([b, b - Z95 * error, b + Z95 * error]).tolist(), float(p), listings, events)
        for name, b, error, p in found
    }


def harrell_test(ends: Ends, asked: pd.DataFrame) -> float:
    """p-value that the first asked column's effect does not drift: its Schoenfeld residuals against the rank of time.

    Harrell (1986), "The PHGLM Procedure", SUGI Supplemental Library User's Guide.
    """
    residuals = np.asarray(fit_cox(ends, asked).schoenfeld_residuals)[:, 0]
    seen = np.isfinite(residuals) & ends.ended.eq(1).to_numpy()
    return float(stats.pearsonr(residuals[seen], stats.rankdata(ends.days.to_numpy()[seen])).pvalue)


def likelihood_gain(ends: Ends, known: pd.DataFrame, added: pd.DataFrame) -> tuple[float, float]:
    """Chi-square and p-value of adding columns to what is known already (likelihood ratio)."""
    chi2 = 2 * (fit_cox(ends, known.join(added)).llf - fit_cox(ends, known).llf)
    return float(chi2), float(stats.chi2.sf(max(chi2, 0), added.shape[1]))


def bootstrapped(ends: Ends, asked: pd.DataFrame, times: int, seed: int) -> tuple[float, float]:
    """95 % interval of the first asked column's hazard ratio, cars drawn anew ``times`` times.

    A draw in which a month or a make has no end at all has no solution and is left out.
    """
    rng, found = np.random.default_rng(seed), []
    for _ in range(times):
        rows = rng.integers(0, len(asked), len(asked))
        drawn = ends.take(rows)
        held = drawn.held.loc[:, drawn.held.nunique() > 1]
        drawn = Ends(drawn.days, drawn.ended, held, drawn.strata, drawn.from_day)
        found.append(np.exp(fit_cox(drawn, asked.iloc[rows].reset_index(drop=True)).params[0]))
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)


def kaplan_meier(days: pd.Series, ended: pd.Series) -> pd.DataFrame:
    """Share still there after each day, with a 95 % band (log-log).

    >>> kaplan_meier(pd.Series([1.0, 2.0, 3.0, 4.0]), pd.Series([1, 1, 0, 0]))["share"].round(2).tolist()
    [1.0, 0.75, 0.5]
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    found = SurvfuncRight(days.to_numpy(float), ended.to_numpy(float))
    share, error = np.asarray(found.surv_prob), np.asarray(found.surv_prob_se)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(Z95 * error / (share * np.log(share)))
        low, high = share ** (1 / spread), share**spread
    curve = pd.DataFrame({"day": found.surv_times, "share": share, "low": low, "high": high})
    return pd.concat([pd.DataFrame([{"day": 0.0, "share": 1.0, "low": 1.0, "high": 1.0}]), curve], ignore_index=True)


def day_of_half(days: pd.Series, ended: pd.Series) -> float:
    """The day on which half are gone; NaN where that was not seen."""
    if not ended.any():
        return float("nan")
    curve = kaplan_meier(days, ended)
    below = curve.loc[curve["share"] <= 0.5 + 1e-9, "day"]
    return float(below.min()) if len(below) else float("nan")
