"""The gate: a model is put in service only if it is good enough, and better than the one in service."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.listings.floors import Floors, Rule
from perla.words import Text, fill, join, number

Floats = NDArray[np.float64]
RESAMPLES = 2000
LEVEL = 0.90  # of the interval of the difference
MOST_AT_ONCE = 4_000_000  # numbers drawn at a time
NAN = float("nan")


class Name(StrEnum):
    """The conditions, by the name a record keeps."""

    LISTINGS = "listings"
    ACCURACY = "accuracy"
    COVERAGE = "coverage"
    LEVEL = "level"
    UNIFORMITY = "uniformity"
    BETTER = "better"


@dataclass(frozen=True)
class Figures:
    """How good a model is on listings it never saw; ``cod`` in percent, the others as shares."""

    listings: int
    r2: float
    mdape: float
    median_ratio: float
    cod: float
    coverage: float

    @classmethod
    def of(cls, scores: Mapping[str, Any]) -> Figures:
        """From the figures of a scorecard or a record, by their names; what is missing or null is not a number.

        >>> Figures.of({"listings": 60, "r2": 0.9, "mdape": 0.1, "median_ratio": 1, "cod": 12, "coverage": None})
        Figures(listings=60, r2=0.9, mdape=0.1, median_ratio=1.0, cod=12.0, coverage=nan)
        """
        told = {f.name: scores.get(f.name) for f in fields(cls)}
        numbers = {k: NAN if v is None else float(v) for k, v in told.items() if k != "listings"}
        return cls(int(told["listings"] or 0), **numbers)


@dataclass(frozen=True)
class Condition:
    """One condition. value, limit : the figure and what it had to reach (``better``: the new error and the old)."""

    name: Name
    passed: bool
    value: float
    limit: float
    told: Text


@dataclass(frozen=True)
class Decision:
    """Whether a model may be put in service, condition by condition."""

    conditions: tuple[Condition, ...]

    @property
    def passed(self) -> bool:
        return all(c.passed for c in self.conditions)

    @property
    def failed(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions if not c.passed)

    @property
    def told(self) -> Text:
        """One line: that all conditions hold, or each that does not, with both numbers."""
        if self.passed:
            return fill("All {n} conditions hold.", "Se cumplen las {n} condiciones.", n=len(self.conditions))
        return fill(
            "{count} of {n} conditions fail: {which}.", "Fallan {count} de {n} condiciones: {which}.",
            count=len(self.failed), n=len(self.conditions), which=join(c.told for c in self.failed),
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        """The decision as JSON values, for a record."""
        conditions = [{**asdict(c), "value": _plain(c.value), "limit": _plain(c.limit)} for c in self.conditions]
        return {"passed": self.passed, "conditions": conditions}


def decision_from_state(state: Mapping[str, Any]) -> Decision:
    """The decision whose ``state`` this is."""
    return Decision(
        tuple(
            Condition(
                Name(c["name"]), bool(c["passed"]), _number(c["value"]), _number(c["limit"]),
                Text(str(c["told"]["en"]), str(c["told"]["es"])),
            )
            for c in state["conditions"]
        )
    )  # fmt: skip


def decide(
    figures: Figures, floors: Floors, new_errors: Floats | None = None, old_errors: Floats | None = None, seed: int = 0
) -> Decision:
    """Whether a model may be put in service.

    figures : of the new model, on listings it never saw. floors : of the market. new_errors, old_errors : (n,),
    absolute errors of the logarithm of the price, of the new model and of the one in service on the same n listings
    that neither saw; None: nothing is in service, and there is nothing to be better than. Same seed, same decision.

    >>> good = Figures(listings=900, r2=0.93, mdape=0.07, median_ratio=1.0, cod=9.0, coverage=0.9)
    >>> decide(good, Floors()).passed
    True
    >>> errors = np.random.default_rng(0).exponential(0.1, 900)
    >>> [c.name.value for c in decide(good, Floors(), errors, errors).failed]
    ['better']
    """
    conditions = [
        _enough(figures, floors), _accuracy(figures, floors), _coverage(figures, floors),
        _level(figures, floors), _uniformity(figures, floors),
    ]  # fmt: skip
    if new_errors is not None and old_errors is not None:
        conditions.append(_better(compare_errors(new_errors, old_errors, seed), floors))
    return Decision(tuple(conditions))


@dataclass(frozen=True)
class Comparison:
    """Two models on the same n listings: mean absolute log errors, and by what share the new one's is larger.

    low, high : the 90 % interval of ``change``, by a paired bootstrap.
    """

    listings: int
    new: float
    old: float
    change: float
    low: float
    high: float


def compare_errors(new_errors: Floats, old_errors: Floats, seed: int = 0) -> Comparison:
    """By what share the new model's mean absolute log error differs from the old one's, and how sure that is.

    Both errors of a listing are drawn together (the paired bootstrap of Efron and Tibshirani 1993, section 8), so what
    makes a listing hard for both models does not blur the difference. new_errors, old_errors : (n,), n >= 1.

    >>> compare_errors(np.full(50, 0.09), np.full(50, 0.10)).high < 0
    True
    """
    if len(new_errors) != len(old_errors) or not len(new_errors):
        raise ValueError("Errors of both models on the same listings are needed, one number each.")
    both = np.column_stack([np.asarray(new_errors, float), np.asarray(old_errors, float)])
    if not np.isfinite(both).all():
        raise ValueError("Errors of both models on the same listings are numbers; some are not.")
    new, old = both.mean(axis=0)
    drawn = _resampled_means(both, np.random.default_rng(seed))
    change = _changes(drawn)
    low, high = np.quantile(change, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Comparison(len(both), float(new), float(old), float(_changes(both.mean(axis=0)[None])[0]), float(low),
                      float(high))  # fmt: skip


def _resampled_means(both: Floats, rng: np.random.Generator) -> Floats:
    """Means of the two columns in each resample, (RESAMPLES, 2)."""
    size = max(1, MOST_AT_ONCE // len(both))
    parts = []
    for start in range(0, RESAMPLES, size):
        rows = rng.integers(0, len(both), (min(size, RESAMPLES - start), len(both)))
        parts.append(both[rows].mean(axis=1))
    return np.concatenate(parts)


def _changes(means: Floats) -> Floats:
    """New over old, less one; two errors of nothing are alike."""
    new, old = means[:, 0], means[:, 1]
    alike = (new == 0) & (old == 0)
    return np.asarray(np.where(alike, 1.0, new / np.where(old > 0, old, 1e-12)) - 1)


def _enough(figures: Figures, floors: Floors) -> Condition:
    told = fill(
        "it was judged on {n} listings, and at least {fewest} are needed",
        "se juzgó con {n} anuncios, y se necesitan al menos {fewest}",
        n=number(figures.listings), fewest=number(floors.listings),
    )  # fmt: skip
    return Condition(Name.LISTINGS, figures.listings >= floors.listings, figures.listings, floors.listings, told)


def _accuracy(figures: Figures, floors: Floors) -> Condition:
    told = fill(
        "it explains {r2} of the differences in price (R2), at least {floor} is asked, or else a median error of at "
        "most {bound}, and it has {mdape}",
        "explica {r2} de las diferencias de precio (R2) y se pide al menos {floor}, o si no un error mediano de máximo "
        "{bound}, y tiene {mdape}",
        r2=number(figures.r2, 3), floor=number(floors.r2, 3), bound=_percent(floors.mdape),
        mdape=_percent(figures.mdape),
    )  # fmt: skip
    by_r2 = figures.r2 >= floors.r2
    if by_r2 or figures.mdape > floors.mdape or math.isnan(figures.mdape):
        return Condition(Name.ACCURACY, by_r2, figures.r2, floors.r2, told)
    return Condition(Name.ACCURACY, True, figures.mdape, floors.mdape, told)


def _coverage(figures: Figures, floors: Floors) -> Condition:
    chance = 2 * math.sqrt(0.9 * 0.1 / max(figures.listings, 1))
    told = fill(
        "its 90 % interval holds {value} of the prices, and {low} to {high} is asked (on {n} listings chance alone "
        "moves this by up to {chance})",
        "su intervalo del 90 % contiene {value} de los precios, y se pide de {low} a {high} (con {n} anuncios, el azar "
        "solo lo mueve hasta {chance})",
        value=_percent(figures.coverage), low=_percent(floors.coverage[0]), high=_percent(floors.coverage[1]),
        n=number(figures.listings), chance=_percent(chance),
    )  # fmt: skip
    return _within(Name.COVERAGE, figures.coverage, floors.coverage, told)


def _level(figures: Figures, floors: Floors) -> Condition:
    told = fill(
        "its estimates are typically {value} times the price, and {low} to {high} is asked",
        "sus estimaciones son típicamente {value} veces el precio, y se pide de {low} a {high}",
        value=number(figures.median_ratio, 3), low=number(floors.median_ratio[0], 3),
        high=number(floors.median_ratio[1], 3),
    )  # fmt: skip
    return _within(Name.LEVEL, figures.median_ratio, floors.median_ratio, told)


def _uniformity(figures: Figures, floors: Floors) -> Condition:
    told = fill(
        "its estimates scatter by {value} around their usual level (COD), and at most {most} is asked",
        "sus estimaciones se dispersan {value} alrededor de su nivel usual (COD), y se pide máximo {most}",
        value=_percent(figures.cod / 100), most=_percent(floors.cod / 100),
    )  # fmt: skip
    return Condition(Name.UNIFORMITY, figures.cod <= floors.cod, figures.cod, floors.cod, told)


def _better(found: Comparison, floors: Floors) -> Condition:
    if floors.better is Rule.BETTER:
        passed = found.high < 0
        asked = Text("smaller beyond chance is asked", "se pide que sea menor más allá del azar")
    else:
        passed = found.high <= floors.margin
        asked = fill("larger by at most {m} beyond chance is asked", "se pide que sea mayor en máximo {m} más allá del "
                     "azar", m=_percent(floors.margin))  # fmt: skip
    told = fill(
        "its typical error, {new}, is beside {old} of the model in service on the same {n} listings a change of "
        "{change}, 90 % sure between {low} and {high}, and {asked}",
        "su error típico, {new}, frente a {old} del modelo en servicio en los mismos {n} anuncios es un cambio de "
        "{change}, con 90 % de certeza entre {low} y {high}, y {asked}",
        new=_percent(math.expm1(found.new)), old=_percent(math.expm1(found.old)), n=number(found.listings),
        change=_signed(found.change), low=_signed(found.low), high=_signed(found.high), asked=asked,
    )  # fmt: skip
    return Condition(Name.BETTER, passed, found.new, found.old, told)


def _within(name: Name, value: float, limits: tuple[float, float], told: Text) -> Condition:
    low, high = limits
    return Condition(name, low <= value <= high, value, high if value > high else low, told)


def _percent(share: float) -> Text:
    return number(100 * share, 1) + Text(" %", " %") if math.isfinite(share) else Text("nothing known", "nada conocido")


def _signed(share: float) -> Text:
    sign = "" if round(1000 * share) == 0 else "+" if share > 0 else "-"
    return Text(sign, sign) + _percent(abs(share))


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: Any) -> float:
    return NAN if value is None else float(value)
