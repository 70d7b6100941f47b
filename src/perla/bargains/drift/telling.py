"""The sentences of a drift: what changed in a column, in the price level, in the intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perla.listings import Column, Kind
from perla.survey.attributes import small_share, written
from perla.words import Text, fill, join, number, percent, same

Floats = NDArray[np.float64]
MORE_GAPS = 0.05
MOST_REASONS = 4
LEAST_MOVED = 0.02  # a median that moved by less is called the same
POINTS = (0.1, 0.25, 0.5, 0.75, 0.9)
OVERALL = {
    "steady": (
        "These {n} listings are like those the model learned from.",
        "Estos {n} anuncios son como aquellos de los que aprendió el modelo.",
    ),
    "watch": (
        "These {n} listings differ somewhat from those the model learned from.",
        "Estos {n} anuncios difieren algo de aquellos de los que aprendió el modelo.",
    ),
    "drifted": (
        "These {n} listings differ clearly from those the model learned from; train it anew before trusting it.",
        "Estos {n} anuncios difieren claramente de aquellos de los que aprendió el modelo; vuelva a entrenarlo antes "
        "de confiar en él.",
    ),
    "too few": (
        "Too few listings ({n}) to tell whether they are like those the model learned from.",
        "Muy pocos anuncios ({n}) para saber si son como aquellos de los que aprendió el modelo.",
    ),
}  # fmt: skip


def overall(verdict: str, listings: int) -> Text:
    """The whole in one sentence."""
    return fill(*OVERALL[verdict], n=number(listings))


def warning(told: Text, reasons: Sequence[Text]) -> Text:
    """The whole and its gravest reasons, in one line."""
    shown, rest = join(reasons[:MOST_REASONS]), len(reasons) - MOST_REASONS
    more = fill("; and {n} more", "; y {n} más", n=rest) if rest > 0 else same("")
    return told + same(" ") + _upper(shown) + more + same(".")


def _upper(text: Text) -> Text:
    return Text(text.en[:1].upper() + text.en[1:], text.es[:1].upper() + text.es[1:])


def level(ratio: float) -> Text:
    """How the estimates lie to the asking prices."""
    if ratio < 1:
        return fill(
            "they ask {share} more than the model expects of their like",
            "piden {share} más de lo que el modelo espera de otros iguales", share=percent(1 / ratio - 1),
        )  # fmt: skip
    return fill(
        "they ask {share} less than the model expects of their like",
        "piden {share} menos de lo que el modelo espera de otros iguales", share=percent(1 - 1 / ratio),
    )  # fmt: skip


def coverage(share: float) -> Text:
    """How many prices lie in their intervals."""
    return fill(
        "{share} of the prices lie inside their 90 % interval",
        "el {share} de los precios cae en su intervalo del 90 %",
        share=percent(share),
    )  # fmt: skip


def numbers(column: Column, before: Floats, now: Floats, gaps: tuple[float, float], currency: str) -> Text:
    """What changed in a column of numbers: its gaps, its middle, or the share up to some value."""
    if abs(gaps[1] - gaps[0]) >= MORE_GAPS:
        return _about(column, _gaps(gaps))
    if column.kind is Kind.TEXT:
        return _about(column, Text("worded differently", "con otras palabras"))
    if column.kind in (Kind.LATITUDE, Kind.LONGITUDE):
        return _about(column, Text("elsewhere on the map", "en otra parte del mapa"))
    before, now = before[np.isfinite(before)], now[np.isfinite(now)]
    if not len(before) or not len(now):
        return _about(column, _gaps(gaps))
    return _about(column, _moved(column, before, now, currency))


def _moved(column: Column, before: Floats, now: Floats, currency: str) -> Text:
    was, became = float(np.median(before)), float(np.median(now))
    if abs(became - was) > LEAST_MOVED * max(abs(was), 1e-9) and column.kind is not Kind.YES_NO:
        return _typical(column, was, became, currency)
    points = np.unique(np.quantile(before, POINTS, method="lower"))
    shares = [(float((before <= x).mean()), float((now <= x).mean()), float(x)) for x in points]
    first, second, x = max(shares, key=lambda s: abs(s[1] - s[0]))
    if column.kind is Kind.YES_NO:
        first, second = float((before == 1).mean()), float((now == 1).mean())
        return fill("yes in {b}, {a} while learning", "sí en el {b}, {a} al aprender",
                    a=small_share(first), b=small_share(second))  # fmt: skip
    return fill(
        "{b} up to {x}, {a} while learning", "el {b} hasta {x}, el {a} al aprender",
        a=small_share(first), b=small_share(second), x=_value(column, x, currency),
    )  # fmt: skip


def _typical(column: Column, was: float, became: float, currency: str) -> Text:
    return fill(
        "typically {b}, {a} while learning", "lo típico es {b}, al aprender {a}",
        a=_value(column, was, currency), b=_value(column, became, currency),
    )  # fmt: skip


def _value(column: Column, value: float, currency: str) -> Text:
    if column.kind is Kind.DATE:
        return same(str(np.datetime64("2000-01-01") + np.timedelta64(int(value), "D")))
    return written(column, value, currency)


def alike(column: Column) -> Text:
    """Nothing changed beyond luck."""
    return _about(column, Text("as while learning", "como al aprender"))


def words(
    column: Column,
    names: Sequence[str | None],
    before: Floats,
    now: Floats,
    gaps: tuple[float, float],
    unknown: tuple[float, float],
) -> Text:
    """What changed in a column of words: its gaps, its unknown words, or the word that gained or lost most.

    names : of the bins, None for all others together and for the missing. before, now : the bins' shares.
    """
    if abs(gaps[1] - gaps[0]) >= MORE_GAPS:
        return _about(column, _gaps(gaps))
    moved = [(abs(now[k] - before[k]), k) for k, name in enumerate(names) if name is not None]
    largest, at = max(moved, default=(0.0, -1))
    if unknown[0] - unknown[1] > largest or at < 0:
        return _about(column, fill(
            "{a} are words never seen while learning", "el {a} son palabras nunca vistas al aprender",
            a=small_share(unknown[0]),
        ))  # fmt: skip
    return _about(column, fill(
        "{word} {b}, {a} while learning", "{word} {b}, al aprender {a}",
        word=str(names[at])[:40], a=small_share(float(before[at])), b=small_share(float(now[at])),
    ))  # fmt: skip


def _gaps(gaps: tuple[float, float]) -> Text:
    return fill("missing in {b}, {a} while learning", "sin dato en el {b}, al aprender {a}",
                a=small_share(gaps[0]), b=small_share(gaps[1]))  # fmt: skip


def _about(column: Column, told: Text) -> Text:
    return fill("{column}: {told}", "{column}: {told}", column=column.title, told=told)
