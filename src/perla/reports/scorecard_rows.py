"""What every form of a scorecard says: its words, its figures as they are written, and whether they keep the limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from perla.bargains.evaluation import (
    COD_LIMITS,
    COD_LIMITS_OF_UNLIKE_THINGS,
    LEVEL_LIMITS,
    PRB_LIMITS,
    PRD_LIMITS,
    Limits,
    Line,
    Scorecard,
    Scores,
)
from perla.words import Text, fill, join, money, number, rounded, same

TITLE = Text("Scorecard", "Boletín de notas")
PERLA = Text("perla", "perla")
HEDONIC = Text("hedonic regression", "regresión hedónica")
COMPARABLES = Text("median of comparables", "mediana de comparables")
MEASURE = Text("Measure", "Medida")
LIMIT = Text("IAAO limit", "Límite IAAO")
PART = Text("Part of the market", "Parte del mercado")
COUNT = Text("Listings", "Anuncios")
TYPICAL_ERROR = Text("Typical error", "Error típico")
MEDIAN_RATIO = Text("Median ratio", "Razón mediana")
IN_INTERVAL = Text("In interval", "En el intervalo")
HOW = Text("What was done", "Qué se hizo")
LEARNED_FROM = Text("learned from {name}", "aprendió de {name}")
LIMITS_TOLD = Text(
    "Limits: IAAO, Standard on Ratio Studies (2013); COD up to 20 where things are unlike each other.",
    "Límites: IAAO, Standard on Ratio Studies (2013); COD hasta 20 donde las cosas son muy distintas entre sí.",
)


@dataclass(frozen=True)
class Measure:
    """One row of the figures. told : what it means, in a few words. limits : what the standard accepts, or None."""

    name: Text
    told: Text
    write: Callable[[Scores, str], Text]
    value: Callable[[Scores], float]
    limits: Limits | None = None
    limits_told: Text | None = None

    def keeps(self, scores: Scores) -> bool | None:
        """Whether the figure is within the limits; None where there are none, or no figure."""
        value = self.value(scores)
        return None if self.limits is None or not math.isfinite(value) else self.limits.hold(value)


def share(value: float) -> Text:
    """A share as a percentage with one decimal.

    >>> share(0.0805).es
    '8,1 %'
    """
    return plain(value * 100, 1) + same(" %") if math.isfinite(value) else same("-")


def plain(value: float, decimals: int = 2) -> Text:
    """A figure with exactly so many decimals.

    >>> plain(1.0).es, plain(-0.0436, 3).en, plain(float("nan")).en
    ('1,00', '-0.044', '-')
    """
    if not math.isfinite(value):
        return same("-")
    written = f"{value:.{decimals}f}"
    return Text(written, written.replace(".", ","))


def amount(value: float, currency: str) -> Text:
    """An amount of money to three figures, large ones in millions.

    >>> amount(121_400_000, "COP").es
    '$ 121 M'
    """
    if value < 1e7:
        return money(rounded(value), currency)
    one, told = money(1, currency), number(rounded(value) / 1e6, 1, currency) + same(" M")
    return Text(one.en.replace("1", told.en), one.es.replace("1", told.es))


def _limits(limits: Limits) -> Text:
    return join([plain(limits.low), plain(limits.high)], " – ")


MEASURES: tuple[Measure, ...] = (
    Measure(
        Text("Typical error (MdAPE)", "Error típico (MdAPE)"),
        Text("half of the estimates are nearer", "la mitad de las estimaciones está más cerca"),
        lambda s, _: share(s.mdape), lambda s: s.mdape,
    ),
    Measure(
        Text("Within 5 %", "A menos del 5 %"), Text("of the asking price", "del precio pedido"),
        lambda s, _: share(s.within_5), lambda s: s.within_5,
    ),
    Measure(
        Text("Within 10 %", "A menos del 10 %"), Text("of the asking price", "del precio pedido"),
        lambda s, _: share(s.within_10), lambda s: s.within_10,
    ),
    Measure(
        Text("Within 20 %", "A menos del 20 %"), Text("of the asking price", "del precio pedido"),
        lambda s, _: share(s.within_20), lambda s: s.within_20,
    ),
    Measure(
        Text("Fit (R²)", "Ajuste (R²)"),
        Text("share of the prices' variance explained", "parte de la varianza de los precios explicada"),
        lambda s, _: plain(s.r2), lambda s: s.r2,
    ),
    Measure(
        Text("Mean error (MAE)", "Error medio (MAE)"),
        Text("mean distance in money", "distancia media en dinero"),
        lambda s, currency: amount(s.mae, currency), lambda s: s.mae,
    ),
    Measure(
        Text("Root mean square (RMSE)", "Raíz cuadrática (RMSE)"),
        Text("the same, large errors counting more", "lo mismo, con más peso de los errores grandes"),
        lambda s, currency: amount(s.rmse, currency), lambda s: s.rmse,
    ),
    Measure(
        MEDIAN_RATIO,
        Text("level: one is neither too high nor too low", "nivel: uno no es ni muy alto ni muy bajo"),
        lambda s, _: plain(s.median_ratio), lambda s: s.median_ratio, LEVEL_LIMITS, _limits(LEVEL_LIMITS),
    ),
    Measure(
        Text("Dispersion (COD)", "Dispersión (COD)"),
        Text("uniformity: mean distance from the median ratio", "uniformidad: distancia media a la razón mediana"),
        lambda s, _: plain(s.cod, 1), lambda s: s.cod, COD_LIMITS_OF_UNLIKE_THINGS,
        same(f"{COD_LIMITS.low:.0f} – {COD_LIMITS.high:.0f} ({COD_LIMITS_OF_UNLIKE_THINGS.high:.0f})"),
    ),
    Measure(
        Text("Price differential (PRD)", "Diferencial (PRD)"),
        Text("above one, the dear are estimated too low", "sobre uno, los caros se estiman muy bajo"),
        lambda s, _: plain(s.prd, 3), lambda s: s.prd, PRD_LIMITS, _limits(PRD_LIMITS),
    ),
    Measure(
        Text("Price bias (PRB)", "Sesgo por precio (PRB)"),
        Text("change of the ratio as the value doubles", "cambio de la razón cuando el valor se duplica"),
        lambda s, _: plain(s.prb, 3), lambda s: s.prb, PRB_LIMITS, _limits(PRB_LIMITS),
    ),
    Measure(
        Text("In the 90 % interval", "En el intervalo del 90 %"),
        Text("ninety in a hundred should be", "deberían ser noventa de cada cien"),
        lambda s, _: share(s.coverage), lambda s: s.coverage,
    ),
    Measure(
        Text("Interval, high / low", "Intervalo, máx. / mín."),
        Text("the narrower, the more it says", "entre más angosto, más dice"),
        lambda s, _: same("×") + plain(s.width) if math.isfinite(s.width) else same("-"), lambda s: s.width,
    ),
)  # fmt: skip


def models(line: Line) -> tuple[Scores, Scores, Scores]:
    """perla and the two baselines, in the order of the columns."""
    return line.perla, line.hedonic, line.comparables


def outcome(card: Scorecard) -> Text:
    """The scorecard in one sentence."""
    line = card.overall
    return fill(
        "Half of the {count} estimates are within {error} of the asking price; hedonic regression {hedonic}, median of "
        "comparables {comparables}.",
        "La mitad de las {count} estimaciones está a menos del {error} del precio pedido; regresión hedónica "
        "{hedonic}, mediana de comparables {comparables}.",
        count=number(line.perla.listings),
        error=share(line.perla.mdape),
        hedonic=share(line.hedonic.mdape),
        comparables=share(line.comparables.mdape),
    )


def extremes(card: Scorecard) -> Text | None:
    """How many ratios COD, PRD and PRB leave out; None for none."""
    count = card.overall.perla.extreme
    if not count:
        return None
    return fill(
        "COD, PRD and PRB leave out {count} extreme ratios (beyond three interquartile ranges), as the standard asks: "
        "often mistyped prices. All other figures count them.",
        "COD, PRD y PRB dejan por fuera {count} razones extremas (a más de tres rangos intercuartílicos), como pide la "
        "norma: a menudo precios mal escritos. Las demás cifras sí las cuentan.",
        count=number(count),
    )
