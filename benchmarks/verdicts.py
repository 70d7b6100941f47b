"""Means of the scores, tables of them, and each bar with what was reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import peers
import wishes
from figures import mean_figures
from leaderboard import table
from planting import MARKETS, PERLA, Score

RESIDUAL, CAPPED, QUANTILE = "LightGBM residual", "LightGBM scaled, capped", "LightGBM scaled quantile"
OTHERS = (peers.CATBOOST, peers.GROUP, peers.SPARSE, peers.FOREST, peers.ECOD)
METHODS = (PERLA, RESIDUAL, CAPPED, QUANTILE, *OTHERS)
MEAN = "mean of markets"
MIDDLE, DEEP, MILD = (0.60, 0.85), (0.35, 0.60), (0.80, 0.92)
SHOWN = {
    "AP": ".3f", "P@50": ".3f", "errors in top 50": ".1f", "MdAPE": ".4f", "R2": ".3f", "coverage": ".3f",
    "width": ".2f",
}  # fmt: skip
FIFTHS = tuple(f"coverage of fifth {i}" for i in range(1, 6))
OWN_SHOWN = {
    **dict.fromkeys(FIFTHS, ".3f"), "width": ".2f", "width of widened quantiles": ".2f", "calibration error": ".4f",
    "calibration error, equal widths": ".4f", "discoveries": ".0f", "errors discovered": ".1f",
    "false discoveries": ".3f", "false discoveries, strict": ".3f", "errors suspicious": ".3f", "error recall": ".3f",
    "error recall, price": ".3f", "error recall, size": ".3f", "error precision": ".3f",
}  # fmt: skip

NO_LEAST, NO_MOST = float("-inf"), float("inf")
Found = Mapping[tuple[str, str], Mapping[str, float]]


@dataclass(frozen=True)
class Bar:
    """One thing asked for, or told for comparison where it has no limits.

    reached : the figures and how they are written, None where they were not measured.
    """

    asked: str
    reached: Callable[[Found], tuple[list[float], str] | None]
    least: float = NO_LEAST
    most: float = NO_MOST

    def line(self, found: Found) -> str:
        got = self.reached(found)
        if got is None:
            return f"{self.asked}: not measured"
        if (self.least, self.most) == (NO_LEAST, NO_MOST):
            return f"{self.asked}: {got[1]}"
        met = all(self.least <= value <= self.most for value in got[0])
        return f"{self.asked}: {got[1]}, {'met' if met else '**missed**'}"


def means(scores: list[Score], methods: Iterable[str] = METHODS) -> dict[tuple[str, str], dict[str, float]]:
    """(market, method) -> each figure's mean over the seeds; under MEAN the mean of the markets."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for method in methods:
        own = [s for s in scores if s.method == method]
        markets = [m for m in MARKETS if any(s.task.market == m for s in own)]
        per_market = [mean_figures([s.figures for s in own if s.task.market == m]) for m in markets]
        found |= {(m, method): figures for m, figures in zip(markets, per_market, strict=True)}
        if per_market:
            found[MEAN, method] = mean_figures(per_market)
    return found


def _mean(name: str, form: str, method: str = PERLA) -> Callable[[Found], tuple[list[float], str] | None]:
    def reached(found: Found) -> tuple[list[float], str] | None:
        value = found.get((MEAN, method), {}).get(name)
        return None if value is None else ([value], f"{value:{form}}")

    return reached


def _every(names: tuple[str, ...], form: str) -> Callable[[Found], tuple[list[float], str] | None]:
    """The figures of every market, the least and the largest named."""

    def reached(found: Found) -> tuple[list[float], str] | None:
        values = [
            (figures[name], market + (f", {name.removeprefix('coverage of ')}" if len(names) > 1 else ""))
            for (market, method), figures in found.items() for name in names
            if method == PERLA and market != MEAN and name in figures
        ]  # fmt: skip
        if not values:
            return None
        (least, first), (most, last) = min(values), max(values)
        return [v for v, _ in values], f"{least:{form}} ({first}) to {most:{form}} ({last})"

    return reached


def _ratio_of_means(name: str, own: str, other: str) -> Callable[[Found], tuple[list[float], str] | None]:
    def reached(found: Found) -> tuple[list[float], str] | None:
        if (MEAN, own) not in found or (MEAN, other) not in found:
            return None
        value = found[MEAN, own][name] / found[MEAN, other][name]
        return [value], f"{value:.2f}"

    return reached


def ratios(found: Found, name: str, other: str) -> dict[str, float]:
    """perla's figure over another's, by market."""
    return {
        market: figures[name] / found[market, other][name]
        for (market, method), figures in found.items()
        if method == PERLA and market != MEAN and (market, other) in found
    }


def _ratio_on_every(name: str, other: str) -> Callable[[Found], tuple[list[float], str] | None]:
    def reached(found: Found) -> tuple[list[float], str] | None:
        by_market = ratios(found, name, other)
        said = ", ".join(f"{market} {value:.2f}" for market, value in by_market.items())
        return (list(by_market.values()), said) if by_market else None

    return reached


def _mean_ratio(name: str, other: str) -> Callable[[Found], tuple[list[float], str] | None]:
    def reached(found: Found) -> tuple[list[float], str] | None:
        if not (by_market := ratios(found, name, other)):
            return None
        value = sum(by_market.values()) / len(by_market)
        return [value], f"{value:.3f} (" + ", ".join(f"{m} {v:.3f}" for m, v in by_market.items()) + ")"

    return reached


MIDDLE_BARS = (
    Bar(f"mean AP / `{RESIDUAL}`, at least 2.3", _ratio_of_means("AP", PERLA, RESIDUAL), least=2.3),
    Bar("the same on every market, at least 1.9", _ratio_on_every("AP", RESIDUAL), least=1.9),
    Bar(f"mean AP / `{CAPPED}`, at least 1.1", _ratio_of_means("AP", PERLA, CAPPED), least=1.1),
    Bar("mean P@50, at least 0.58", _mean("P@50", ".3f"), least=0.58),
    Bar("mean errors in the top 50, at most 1", _mean("errors in top 50", ".2f"), most=1),
    Bar("typing errors told by column, mean recall at least 0.85", _mean("error recall", ".3f"), least=0.85),
    Bar("the same, mean precision at least 0.8", _mean("error precision", ".3f"), least=0.8),
    Bar(f"MdAPE / `{RESIDUAL}`, mean ratio at most 0.95", _mean_ratio("MdAPE", RESIDUAL), most=0.95),
    Bar("coverage on every market 0.885-0.915", _every(("coverage",), ".3f"), least=0.885, most=0.915),
    Bar("coverage in every fifth of price on every market 0.86-0.94", _every(FIFTHS, ".3f"), least=0.86, most=0.94),
    Bar("width / LightGBM's quantiles widened to as much, mean at most 1", _mean("width ratio", ".3f"), most=1),
    Bar("calibration error of the stated chance, mean at most 0.05", _mean("calibration error", ".4f"), most=0.05),
    Bar("the same by market", _every(("calibration error",), ".4f")),
    Bar("false discoveries at 0.1 (natural ones excepted), at most 0.12", _mean("false discoveries", ".3f"), most=0.12),
    Bar("the same by market", _every(("false discoveries",), ".3f")),
)  # fmt: skip
BARS = {
    MIDDLE: MIDDLE_BARS,
    DEEP: (Bar("mean AP, at least 0.68", _mean("AP", ".3f"), least=0.68),),
    MILD: (Bar("mean AP, at least 0.13", _mean("AP", ".3f"), least=0.13),),
}
_OWN_JOINT, _OWN_ALONE, _GROUP_JOINT, _GROUP_ALONE = wishes.METHODS
WISH_BARS = (
    Bar("mean AP with both wished / price alone, at least 1.3", _ratio_of_means("AP", _OWN_JOINT, _OWN_ALONE), 1.3),
    Bar("mean AP with both wished / the group's form, at least 1", _ratio_of_means("AP", _OWN_JOINT, _GROUP_JOINT), 1),
    Bar(f"{peers.GROUP}: the same ratio, for comparison", _ratio_of_means("AP", _GROUP_JOINT, _GROUP_ALONE)),
)  # fmt: skip


def make_block(scores: list[Score], command: str, depth: tuple[float, float]) -> str:
    """The table of means beside the peers, then each bar and whether it is met."""
    found = means(scores)
    lines = [f"- {bar.line(found)}" for bar in BARS.get(depth, ())] if (MEAN, PERLA) in found else []
    return _table(found, scores, METHODS, SHOWN, command) + "\n\n" + "\n".join(lines)


def make_own_block(scores: list[Score], command: str) -> str:
    """The table of what only perla gives; empty where nothing of it was measured."""
    found = means(scores, (PERLA,))
    if not any(name in figures for figures in found.values() for name in OWN_SHOWN if name != "width"):
        return ""
    return _table(found, scores, (PERLA,), OWN_SHOWN, command)


def make_wish_block(scores: list[Score], command: str) -> str:
    """The table of means for the plants that are cheap and large, then the bars."""
    found, shown = means(scores, wishes.METHODS), {name: SHOWN[name] for name in ("AP", "P@50", "errors in top 50")}
    lines = [f"- {bar.line(found)}" for bar in WISH_BARS] if (MEAN, _OWN_JOINT) in found else []
    return _table(found, scores, wishes.METHODS, shown, command) + "\n\n" + "\n".join(lines)


def _table(found: Found, scores: list[Score], methods: Iterable[str], shown: Mapping[str, str], command: str) -> str:
    rows = []
    for market, method in ((m, n) for m in (*MARKETS, MEAN) for n in methods):
        if figures := found.get((market, method)):
            of_it = [s for s in scores if s.method == method and market in (s.task.market, MEAN)]
            cells = [f"{figures[name]:{form}}" if name in figures else "" for name, form in shown.items()]
            days = ", ".join(sorted({s.day for s in of_it}))
            commits = ", ".join(dict.fromkeys(s.commit[:10] for s in of_it))
            rows.append([market, method, *cells, days, commits, f"`{command}`"])
    return table(["market", "method", *shown, "date", "commit", "command"], rows)
