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
MANY = 1000  # listings; with fewer, chance moves a share visibly
NAN = float("nan")
MOST_DECIMALS = 7
UNKNOWN = Text("not known", "no se sabe")


class Name(StrEnum):
    """The conditions, by the name a record keeps."""

    LISTINGS = "listings"
    ACCURACY = "accuracy"
    COVERAGE = "coverage"
    LEVEL = "level"
    UNIFORMITY = "uniformity"
    BETTER = "better"

    @property
    def label(self) -> Text:
        """What a person calls it."""
        return {
            Name.LISTINGS: Text("listings judged", "anuncios juzgados"),
            Name.ACCURACY: Text("accuracy", "exactitud"),
            Name.COVERAGE: Text("prices in the 90 % interval", "precios en el intervalo del 90 %"),
            Name.LEVEL: Text("estimate over price", "estimación sobre precio"),
            Name.UNIFORMITY: Text("scatter (COD)", "dispersión (COD)"),
            Name.BETTER: Text("error, beside the old one", "error, frente al anterior"),
        }[self]


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
    """One condition. value, limit : the figure and what it had to reach (``better``: the new mean error and the old).

    has, asked : the same two as a person reads them, with all that belongs to them.
    """

    name: Name
    passed: bool
    value: float
    limit: float
    has: Text
    asked: Text

    @property
    def told(self) -> Text:
        """One clause: what it is about, what the model has, what is asked."""
        return fill(
            "{label}: {has}; asked: {asked}", "{label}: {has}; se pide: {asked}",
            label=_capital(self.name.label), has=self.has, asked=self.asked,
        )  # fmt: skip


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
            "{count} of {n} conditions {fail}. {which}.", "{falla} {count} de {n} condiciones. {which}.",
            count=len(self.failed), n=len(self.conditions), which=join((c.told for c in self.failed), ". "),
            fail="fails" if len(self.failed) == 1 else "fail", falla="Falla" if len(self.failed) == 1 else "Fallan",
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
                _text(c["has"]), _text(c["asked"]),
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
    asked = _at_least(number(floors.listings))
    has = number(figures.listings)
    return Condition(
        Name.LISTINGS, figures.listings >= floors.listings, figures.listings, floors.listings, has, asked
    )  # fmt: skip


def _accuracy(figures: Figures, floors: Floors) -> Condition:
    """By R2 or, where prices vary too little for it, by the median error; the numbers are those that decide."""
    has = fill("R2 {r2}, median error {mdape}", "R2 {r2}, error mediano {mdape}", r2=_figure(figures.r2, floors.r2),
               mdape=_percent(figures.mdape, floors.mdape))  # fmt: skip
    asked = fill(
        "R2 of at least {r2}, or a median error of at most {mdape}",
        "R2 de al menos {r2}, o error mediano de máximo {mdape}",
        r2=_figure(floors.r2), mdape=_percent(floors.mdape),
    )  # fmt: skip
    if not figures.r2 >= floors.r2 and figures.mdape <= floors.mdape:
        return Condition(Name.ACCURACY, True, figures.mdape, floors.mdape, has, asked)
    return Condition(Name.ACCURACY, figures.r2 >= floors.r2, figures.r2, floors.r2, has, asked)


def _coverage(figures: Figures, floors: Floors) -> Condition:
    has = _percent(figures.coverage, *floors.coverage)
    if 0 < figures.listings < MANY and not floors.coverage[0] <= figures.coverage <= floors.coverage[1]:
        chance = 2 * math.sqrt(0.9 * 0.1 / figures.listings)
        has += fill(
            " (of {n} listings; chance alone moves it by up to {chance})",
            " (de {n} anuncios; el solo azar lo mueve hasta {chance})",
            n=number(figures.listings), chance=_percent(chance),
        )  # fmt: skip
    low, high = floors.coverage
    return _within(Name.COVERAGE, figures.coverage, floors.coverage, has, _between(_percent(low), _percent(high)))


def _level(figures: Figures, floors: Floors) -> Condition:
    low, high = floors.median_ratio
    has, asked = _figure(figures.median_ratio, low, high), _between(_figure(low), _figure(high))
    return _within(Name.LEVEL, figures.median_ratio, floors.median_ratio, has, asked)


def _uniformity(figures: Figures, floors: Floors) -> Condition:
    has, asked = _percent(figures.cod / 100, floors.cod / 100), _at_most(_percent(floors.cod / 100))
    return Condition(Name.UNIFORMITY, figures.cod <= floors.cod, figures.cod, floors.cod, has, asked)


def _better(found: Comparison, floors: Floors) -> Condition:
    old = _percent(math.expm1(found.old))
    has = fill(
        "{new}, {change} ({n} listings; 90 % interval {low} to {high})",
        "{new}, {change} ({n} anuncios; intervalo del 90 % de {low} a {high})",
        new=_percent(math.expm1(found.new)), change=_change(found), n=number(found.listings),
        low=_signed(found.low), high=_signed(found.high),
    )  # fmt: skip
    if floors.better is Rule.BETTER:
        asked = fill("below its {old}, beyond chance", "menos de su {old}, más allá del azar", old=old)
        return Condition(Name.BETTER, found.high < 0, found.new, found.old, has, asked)
    asked = fill(
        "not above its {old} by more than {margin}, beyond chance",
        "no más de {margin} por encima de su {old}, más allá del azar",
        old=old, margin=_percent(floors.margin),
    )  # fmt: skip
    return Condition(Name.BETTER, found.high <= floors.margin, found.new, found.old, has, asked)


def _change(found: Comparison) -> Text:
    if found.high < 0:
        return fill("smaller by {by}", "menor en {by}", by=_percent(-found.change))
    if found.low > 0:
        return fill("larger by {by}", "mayor en {by}", by=_percent(found.change))
    return Text("no different beyond chance", "igual, salvo el azar")


def _within(name: Name, value: float, limits: tuple[float, float], has: Text, asked: Text) -> Condition:
    low, high = limits
    return Condition(name, low <= value <= high, value, high if value > high else low, has, asked)


def _at_least(value: Text) -> Text:
    return Text("at least ", "al menos ") + value


def _at_most(value: Text) -> Text:
    return Text("at most ", "máximo ") + value


def _between(low: Text, high: Text) -> Text:
    return fill("{low} to {high}", "de {low} a {high}", low=low, high=high)


def _figure(value: float, *limits: float) -> Text:
    """A number with as many decimals as tell it from its limits."""
    if not math.isfinite(value):
        return UNKNOWN
    alike = (d for d in range(3, MOST_DECIMALS) if all(value == x or round(value - x, d) for x in limits))
    return number(value, next(alike, MOST_DECIMALS))


def _percent(share: float, *limits: float) -> Text:
    if not math.isfinite(share):
        return UNKNOWN
    decimals = (d for d in range(1, MOST_DECIMALS) if all(share == x or round(100 * (share - x), d) for x in limits))
    return number(100 * share, next(decimals, MOST_DECIMALS)) + Text(" %", " %")


def _capital(words: Text) -> Text:
    return Text(words.en[:1].upper() + words.en[1:], words.es[:1].upper() + words.es[1:])


def _signed(share: float) -> Text:
    sign = "" if round(1000 * share) == 0 else "+" if share > 0 else "-"
    return Text(sign, sign) + _percent(abs(share))


def _text(words: Mapping[str, Any]) -> Text:
    return Text(str(words["en"]), str(words["es"]))


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: Any) -> float:
    return NAN if value is None else float(value)
