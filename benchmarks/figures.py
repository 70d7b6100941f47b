"""Figures of a search that the planting script does not know: calibration, false discoveries, typing errors.

Every function takes one table: the answers (kind, factor, true_price) joined with what a search said of each listing
and with two peers' estimates, as :func:`join` makes it. A listing the search set aside has nothing in the search's
columns.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

ID = "listing_id"
FALSE_DISCOVERY_RATE = 0.1
BINS = 10
# An untouched listing below this share of what two peers expect is a natural bargain, whatever the search says of it.
NATURAL = 0.85
NOT_JUDGED = ("suspicious", "not rated")
OWN = (
    "verdict", "score", "asking_price", "expected_price", "low", "high", "chance", "p_value", "error_column",
    "probable_value",
)  # fmt: skip


def join(answers: pd.DataFrame, scores: pd.DataFrame, lightgbm: pd.DataFrame, catboost: pd.DataFrame) -> pd.DataFrame:
    """One row per answer; the peers' columns begin with their name."""
    whole = answers.merge(scores[[ID, *(c for c in OWN if c in scores)]], on=ID, how="left", validate="1:1")
    trees = (
        lightgbm[[ID, "expected_price", "low", "high"]].add_prefix("lightgbm_").rename(columns={f"lightgbm_{ID}": ID})
    )
    whole = whole.merge(trees, on=ID, how="left", validate="1:1")
    other = catboost[[ID, "expected_price"]].rename(columns={"expected_price": "catboost_expected_price"})
    whole = whole.merge(other, on=ID, how="left", validate="1:1")
    asks = np.where(whole["kind"] == "error", whole["true_price"] * whole["factor"], whole["true_price"])
    planted = whole["kind"].isin(["bargain", "dear"])
    return whole.assign(asked=np.where(planted, whole["true_price"] * whole["factor"], asks))


def own_figures(whole: pd.DataFrame, size_column: str) -> dict[str, float]:
    """Every figure whose columns the search gave. size_column : where an error is that is not in the price."""
    found = {**coverage_by_fifth(whole), **widths_at_one_coverage(whole)}
    if whole["chance"].notna().any() if "chance" in whole else False:
        found |= calibration(whole)
    if whole["p_value"].notna().any() if "p_value" in whole else False:
        found |= false_discoveries(whole)
    found["errors suspicious"] = float((whole.loc[whole["kind"] == "error", "verdict"] == "suspicious").mean())
    if "error_column" in whole:
        found |= typing_errors(whole, size_column)
    return found


def _ordinary(whole: pd.DataFrame) -> pd.DataFrame:
    """Untouched listings with an interval."""
    return whole[(whole["kind"] == "untouched") & whole["low"].notna() & whole["high"].notna()]


def coverage_by_fifth(whole: pd.DataFrame) -> dict[str, float]:
    """Share of untouched listings whose price lies in the interval, by fifth of price, the cheapest first."""
    rows = _ordinary(whole)
    inside = rows["true_price"].between(rows["low"], rows["high"])
    fifth = np.minimum((rows["true_price"].rank(method="average") - 0.5) * 5 // len(rows), 4)
    return {f"coverage of fifth {i + 1}": float(inside[fifth == i].mean()) for i in range(5)}


def widths_at_one_coverage(whole: pd.DataFrame) -> dict[str, float]:
    """Median high / low of LightGBM's quantiles, widened evenly in log price until they cover what the search covers.

    The widening is chosen on the very listings it is judged on, which favours the peer.
    """
    rows = _ordinary(whole)
    covered = rows["true_price"].between(rows["low"], rows["high"]).mean()
    low, high, price = (np.log(rows[c]) for c in ("lightgbm_low", "lightgbm_high", "true_price"))
    outside = np.sort(np.maximum(low - price, price - high))
    step = outside[max(int(np.ceil(covered * len(outside))) - 1, 0)]
    peer = float(np.exp((high - low).clip(lower=0) + 2 * step).median())
    own = float((rows["high"] / rows["low"]).median())
    return {"width of widened quantiles": peer, "width ratio": own / peer}


def calibration(whole: pd.DataFrame) -> dict[str, float]:
    """Expected calibration error of the stated chance: in ten bins of equal size, and in ten of equal width.

    A listing without a chance counts as stated at 0; only a planted bargain counts as one.
    """
    stated, true = whole["chance"].fillna(0.0).to_numpy(float), (whole["kind"] == "bargain").to_numpy(float)
    by_rank = np.minimum(pd.Series(stated).rank(method="first").sub(1).mul(BINS).floordiv(len(stated)), BINS - 1)
    by_width = np.minimum(np.floor(stated * BINS), BINS - 1)
    return {
        "calibration error": _calibration_error(stated, true, np.asarray(by_rank)),
        "calibration error, equal widths": _calibration_error(stated, true, by_width),
        "chance stated in the first 50": float(np.sort(stated)[::-1][:50].mean()),
    }


def _calibration_error(stated: np.ndarray, true: np.ndarray, bins: np.ndarray) -> float:
    parts = [bins == b for b in np.unique(bins)]
    return float(sum(p.mean() * abs(stated[p].mean() - true[p].mean()) for p in parts))


def discoveries(p_values: np.ndarray, rate: float = FALSE_DISCOVERY_RATE) -> np.ndarray:
    """Which hypotheses the procedure of Benjamini and Hochberg (1995) rejects.

    >>> discoveries(np.array([0.001, 0.9, 0.08, 0.02])).tolist()
    [True, False, False, True]
    """
    order = np.sort(p_values)
    reached = order <= rate * np.arange(1, len(order) + 1) / len(order)
    limit = order[reached].max() if reached.any() else -1.0
    return np.asarray(p_values <= limit)


def false_discoveries(whole: pd.DataFrame) -> dict[str, float]:
    """The list at a false discovery rate of 0.1 among rated listings, and its share that is no bargain.

    strict : where natural bargains count as false as well. A list of nothing holds nothing false.
    """
    rated = whole[~whole["verdict"].isin(NOT_JUDGED) & whole["p_value"].notna()]
    found = rated[discoveries(rated["p_value"].to_numpy(float))]
    planted = found["kind"] == "bargain"
    peers = (found["lightgbm_expected_price"] + found["catboost_expected_price"]) / 2
    natural = (found["kind"] == "untouched") & (found["asked"] < NATURAL * peers)
    count = max(len(found), 1)
    return {
        "discoveries": float(len(found)), "errors discovered": float((found["kind"] == "error").sum()),
        "false discoveries": float((~planted & ~natural).sum() / count),
        "false discoveries, strict": float((~planted).sum() / count),
    }  # fmt: skip


def typing_errors(whole: pd.DataFrame, size_column: str) -> dict[str, float]:
    """Recall and precision of typing errors told with their right column.

    Errors that stood in the real listings before planting count as wrongly told, so the precision is a lower bound.
    """
    told = whole["error_column"].fillna("").astype(str)
    in_price = np.isclose(whole["factor"], 0.1)
    error = (whole["kind"] == "error").to_numpy()
    truth = np.where(error, np.where(in_price, whole["price_column"], size_column), "")
    right = error & (told == truth)
    found = {
        "error recall": float(right.sum() / max(error.sum(), 1)),
        "error precision": float(right.sum() / max((told != "").sum(), 1)),
    }
    for name, rows in (("price", error & in_price), ("size", error & ~in_price)):
        found[f"error recall, {name}"] = float(right[rows].mean()) if rows.any() else 1.0
    return found


def mean_figures(many: list[Mapping[str, float]]) -> dict[str, float]:
    """Each figure's mean over those that have it."""
    names = dict.fromkeys(name for figures in many for name in figures)
    return {name: float(np.mean([figures[name] for figures in many if name in figures])) for name in names}
