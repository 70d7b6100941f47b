"""Why a listing got its verdict, in words: short for every listing, whole for the ones laid open."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from perla.bargains.evidence import Evidence
from perla.bargains.findings import Comparable, Surprise, Verdict
from perla.bargains.ruling import Ruling
from perla.bargains.slips import Slips, tell_slip
from perla.listings import Doubt, Listings
from perla.prepare import column_of
from perla.words import Text, fill, join, money, number, percent, rounded, same

ODD = 3.0  # usual errors from which an attribute is called unusual
OFF_BY_DIGITS = 0.7 * np.log(10)  # log price from which a price is off by digits rather than cheap


DISPUTED_REASON = Text("the models disagree", "los modelos no coinciden")
UNLIKE_REASON = Text("few listings are like it", "hay pocos anuncios parecidos")
HARDLY_ALIKE = 0.4  # similarity


def short_reasons(
    table: pd.DataFrame, ruling: Ruling, evidence: Evidence, listings: Listings, slips: Slips
) -> list[Text]:
    """One line for each listing, (n,)."""
    doubts: dict[int, list[Doubt]] = {}
    for doubt in (d for d in listings.doubts if d.implausible):
        doubts.setdefault(doubt.row, []).append(doubt)
    fall = evidence.fall
    off = (100 * table["discount"]).round().fillna(0).astype(int).to_numpy()
    verdicts = table["verdict"].to_numpy()
    oddest, oddest_number = _oddest(evidence, numbers_only=False), _oddest(evidence, numbers_only=True)
    reasons = []
    for i in range(len(table)):
        if slips.columns[i]:
            reasons.append(
                join([tell_slip(slips, i, listings.market), *_other_doubts(doubts.get(i, []), str(slips.columns[i]))])
            )
        elif verdicts[i] == Verdict.SUSPICIOUS:
            misfit = oddest[i] if ruling.odd[i] else oddest_number[i]
            reasons.append(_suspicion(i, ruling, float(fall[i]), doubts, misfit, listings))
        elif verdicts[i] == Verdict.NOT_RATED:
            reasons.append(_no_rating(bool(ruling.lonely[i]), bool(ruling.wide[i]), bool(ruling.missing[i])))
        else:
            reasons.append(
                _deal(str(verdicts[i]), int(off[i])) + _reserve(bool(ruling.disputed[i]), bool(ruling.unlike[i]))
            )
    return reasons


@lru_cache(maxsize=4096)
def _deal(verdict: str, off: int) -> Text:
    size = percent(abs(off) / 100)
    if verdict in (Verdict.GREAT, Verdict.GOOD):
        return fill(
            "asks {size} less than expected, below the 90 % interval",
            "pide {size} menos de lo esperado, por debajo del intervalo del 90 %",
            size=size,
        )
    if verdict == Verdict.FAIR:
        less = fill("asks {size} less than expected", "pide {size} menos de lo esperado", size=size)
        more = fill("asks {size} more than expected", "pide {size} más de lo esperado", size=size)
        inside = Text(", inside the 90 % interval", ", dentro del intervalo del 90 %")
        return (less if off >= 0 else more) + inside
    return fill(
        "asks {size} more than expected, above the 90 % interval",
        "pide {size} más de lo esperado, por encima del intervalo del 90 %",
        size=size,
    )


@lru_cache(maxsize=4)
def _reserve(disputed: bool, unlike: bool) -> Text:
    """What keeps a low price from being called great."""
    parts = [same(""), *([DISPUTED_REASON] if disputed else []), *([UNLIKE_REASON] if unlike else [])]
    return join(parts)


@lru_cache(maxsize=8)
def _no_rating(lonely: bool, wide: bool, missing: bool) -> Text:
    parts = []
    if lonely:
        parts.append(Text("too few comparables", "muy pocos comparables"))
    if wide:
        parts.append(Text("the interval is too wide to say", "el intervalo es demasiado ancho para decidir"))
    if missing:
        parts.append(Text("too much of what drives the price is missing", "falta demasiado de lo que mueve el precio"))
    return join(parts)


def _oddest(evidence: Evidence, numbers_only: bool) -> list[str]:
    """The column that fits each listing least, empty where none is odd, (n,)."""
    z = np.abs(evidence.attribute_z)
    if numbers_only:
        z = z * np.isin(evidence.attributes, evidence.prepared.names)
    if not z.shape[1]:
        return [""] * len(z)
    best = z.argmax(axis=1)
    return [column_of(evidence.attributes[j]) if z[i, j] >= ODD else "" for i, j in enumerate(best)]


def _suspicion(
    i: int, ruling: Ruling, fall: float, doubts: dict[int, list[Doubt]], misfit: str, listings: Listings
) -> Text:
    """``fall``: log of asking over expected price. ``misfit``: the column that fits least, or empty."""
    parts = [d.reason for d in doubts.get(i, [])[:3]] if ruling.doubtful[i] else []
    if ruling.error[i]:
        parts = [*parts, _likely_error(fall)]
    if misfit and (ruling.odd[i] or (ruling.error[i] and abs(fall) < OFF_BY_DIGITS)):
        title = listings.market.column(misfit).title
        en, es = "{title} does not fit the rest of the listing", "{title} no encaja con el resto del anuncio"
        parts = [*parts, fill(en, es, title=title)]
    return join(parts)


def _other_doubts(doubts: list[Doubt], mistyped: str) -> list[Text]:
    """Why cells of other columns than the mistyped one were hidden."""
    return [d.reason for d in doubts if d.column != mistyped][:3]


def _likely_error(fall: float) -> Text:
    """``fall``: log of asking over expected price."""
    if abs(fall) < OFF_BY_DIGITS:
        return Text("a number in it is probably a typing error", "un número es probablemente un error de digitación")
    times = np.exp(abs(fall))
    rounded_times = number(times, 1 if times < 10 else 0)
    if fall < 0:
        return fill(
            "the price is {times} times too low: probably a digit is missing or it is not the whole price",
            "el precio es {times} veces más bajo: probablemente falta un dígito o no es el precio completo",
            times=rounded_times,
        )
    return fill(
        "the price is {times} times too high: probably a digit too many",
        "el precio es {times} veces más alto: probablemente sobra un dígito",
        times=rounded_times,
    )


def price_reason(asking: float, expected: float, low: float, high: float, currency: str) -> Text:
    """Asking price beside expected price and interval."""
    share = 1 - asking / expected
    way = Text("below", "por debajo de") if share >= 0 else Text("above", "por encima de")
    return fill(
        "asks {asking}, {share} {way} the expected {expected}; nine in ten listings like it ask {low} to {high}",
        "pide {asking}, {share} {way} los {expected} esperados; nueve de cada diez similares piden de {low} a {high}",
        asking=money(asking, currency),
        share=percent(abs(share)),
        way=way,
        expected=money(rounded(expected), currency),
        low=money(rounded(low), currency),
        high=money(rounded(high), currency),
    )


def normality_reason(surprises: list[Surprise]) -> Text:
    """Whether anything but what was wished for is odd."""
    odd = [s for s in surprises[1:] if abs(s.z) >= ODD and not s.wished]
    if not odd:
        return Text("everything else about it is normal", "todo lo demás es normal")
    named = join((_oddity(s) for s in odd[:3]), ", ")
    return fill("also unusual: {named}", "también inusual: {named}", named=named)


def _oddity(surprise: Surprise) -> Text:
    """What stands there and what was expected; of a free text nothing can be expected word by word."""
    told = surprise.title + same(" ") + surprise.actual
    if surprise.expected == same("-"):
        return told
    return told + fill(" (expected {e})", " (se esperaba {e})", e=surprise.expected)


def comparables_reason(comparables: tuple[Comparable, ...], asking: float, currency: str) -> Text:
    """What the comparables would ask if they were this listing."""
    if not comparables:
        return Text("no comparables", "sin comparables")
    adjusted = sorted(c.adjusted_price for c in comparables)
    dearer = sum(a > asking for a in adjusted)
    if dearer == len(adjusted) > 1:
        english = "all {count} comparables, adjusted to it, ask more: {low} to {high}"
        spanish = "los {count} comparables, ajustados a este, piden más: de {low} a {high}"
    elif not dearer:
        english = "none of {count} comparables, adjusted to it, asks more; they ask {low} to {high}"
        spanish = "ninguno de {count} comparables, ajustados a este, pide más; piden de {low} a {high}"
    else:
        english = "{dearer} of {count} comparables, adjusted to it, ask more; they ask {low} to {high}"
        spanish = "{dearer} de {count} comparables, ajustados a este, piden más; piden de {low} a {high}"
    told = fill(
        english,
        spanish,
        count=len(adjusted),
        low=money(rounded(adjusted[0]), currency),
        high=money(rounded(adjusted[-1]), currency),
        dearer=dearer,
    )
    return told + _likeness([c.similarity for c in comparables])


def _likeness(similarities: list[float]) -> Text:
    """A warning where most comparables are hardly like the listing."""
    if float(np.median(similarities)) >= HARDLY_ALIKE:
        return same("")
    return fill(
        " (similarity only {low} to {high})",
        " (parecido de solo {low} a {high})",
        low=number(100 * min(similarities)),
        high=percent(max(similarities)),
    )
