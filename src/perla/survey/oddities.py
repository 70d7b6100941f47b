"""What a reader should know before trusting the figures: gaps, impossible values, repeats, prices that bunch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pandas as pd

from perla.listings import Kind, Listings
from perla.survey.attributes import small_share
from perla.survey.facts import Attribute, Cuts, Month, Oddity
from perla.words import Text, fill, join, money, number, same

FEW_LISTINGS = 100
MANY_MISSING, MANY_HIDDEN, MANY_SET_ASIDE, MANY_TWINS = 0.30, 0.005, 0.02, 0.01
MANY_ALIKE, FEWEST_ALIKE = 0.02, 10
MOSTLY_ONE = 0.95
MANY_ZEROS = 0.10
MANY_SPELLINGS, ONCE = 50, 0.30
AT_ONE_PLACE, MANY_AT_ONE_PLACE = 10, 0.10
FAR_OFF = 10.0  # times the dearest or the cheapest hundredth
MOST_NAMED = 6
CHANGED_GAPS = 0.3


def oddities(
    listings: Listings,
    columns: tuple[Attribute, ...],
    months: tuple[Month, ...],
    changes: Cuts | None,
    days: pd.Series | None = None,
) -> tuple[Oddity, ...]:
    """Everything odd about these listings, what concerns all of them first; ``days``: when each came."""
    found: list[Oddity] = []
    for look in (_small, _set_aside, _repeated, _bunched, _far_off, _places):
        found += look(listings)
    for name in (_missing, _hidden, _one_value):
        found += name(columns)
    found += _at_times(listings, days)
    found += [*_zeros(listings), *_spellings(listings, columns), *_empty_months(months), *_mistyped(changes)]
    return tuple(found)


def _count(listings: Listings, n: int) -> Text:
    return number(n, currency=listings.market.currency)


def _small(listings: Listings) -> Iterator[Oddity]:
    if len(listings) < FEW_LISTINGS:
        yield Oddity("few", "", fill(
            "Only {n} listings: every figure here may be off by much.",
            "Solo {n} anuncios: cualquier cifra de aquí puede estar muy lejos.", n=len(listings),
        ))  # fmt: skip


def _set_aside(listings: Listings) -> Iterator[Oddity]:
    count, rows = len(listings.rejected), len(listings.rejected) + len(listings)
    if count and count >= MANY_SET_ASIDE * rows:
        yield Oddity("set aside", "", fill(
            "{n} of {all} rows ({share}) could not be used and were set aside.",
            "{n} de {all} filas ({share}) no se pudieron usar y se apartaron.",
            n=_count(listings, count), all=_count(listings, rows), share=small_share(count / rows),
        ))  # fmt: skip


def _repeated(listings: Listings) -> Iterator[Oddity]:
    twins = len(listings) - listings.things.nunique()
    if twins and twins >= MANY_TWINS * len(listings):
        yield Oddity("repeated", "", fill(
            "{n} listings ({share}) advertise something that is already there in another listing.",
            "{n} anuncios ({share}) ofrecen algo que ya está en otro anuncio.",
            n=_count(listings, twins), share=small_share(twins / len(listings)),
        ))  # fmt: skip


def _bunched(listings: Listings) -> Iterator[Oddity]:
    counts = listings.prices.value_counts()
    often = counts[(counts >= FEWEST_ALIKE) & (counts >= MANY_ALIKE * len(listings))]
    if often.empty:
        return
    shown = [
        money(float(str(price)), listings.market.currency) + same(" (") + _count(listings, n) + same(")")
        for price, n in often[:3].items()
    ]
    yield Oddity("bunched", listings.market.price, fill(
        "Many ask exactly the same: {prices}.", "Muchos piden exactamente lo mismo: {prices}.",
        prices=join(shown, ", "),
    ))  # fmt: skip


def _far_off(listings: Listings) -> Iterator[Oddity]:
    price = listings.prices.to_numpy(np.float64)
    if len(price) < FEW_LISTINGS:
        return
    low, high = np.quantile(price, [0.01, 0.99])
    dear, cheap = int((price > FAR_OFF * high).sum()), int((price < low / FAR_OFF).sum())
    currency = listings.market.currency
    if dear:
        yield Oddity("far dearer", listings.market.price, fill(
            "{n} × more than {times} times what all but the dearest hundredth ask; the dearest asks {price}.",
            "{n} × más de {times} veces lo que piden todos menos el centésimo más caro; el más caro pide {price}.",
            n=_count(listings, dear), times=int(FAR_OFF), price=money(float(price.max()), currency),
        ))  # fmt: skip
    if cheap:
        yield Oddity("far cheaper", listings.market.price, fill(
            "{n} × less than a {times}th of what all but the cheapest hundredth ask; the cheapest asks {price}.",
            "{n} × menos de la {times}.ª parte de lo que piden todos menos el centésimo más barato; el más barato pide "
            "{price}.",
            n=_count(listings, cheap), times=int(FAR_OFF), price=money(float(price.min()), currency),
        ))  # fmt: skip


def _places(listings: Listings) -> Iterator[Oddity]:
    names = [listings.market.first(Kind.LATITUDE), listings.market.first(Kind.LONGITUDE)]
    if any(name is None or name not in listings.values for name in names):
        return
    places = listings.values[[str(name) for name in names]].dropna()
    at = places.groupby(list(places.columns)).size()
    crowded = int(at[at >= AT_ONE_PLACE].sum())
    if crowded and crowded >= MANY_AT_ONE_PLACE * len(listings):
        yield Oddity("one place", str(names[0]), fill(
            "{n} listings ({share}) share their exact point on the map with at least {others} others: probably the "
            "middle of a neighbourhood, or one building.",
            "{n} anuncios ({share}) comparten su punto exacto del mapa con al menos otros {others}: quizás es el "
            "centro de un barrio, o un mismo edificio.",
            n=_count(listings, crowded), share=small_share(crowded / len(listings)), others=AT_ONE_PLACE - 1,
        ))  # fmt: skip


def _named(columns: list[tuple[Text, float]]) -> Text:
    shown = [fill("{c} ({s})", "{c} ({s})", c=title, s=small_share(share)) for title, share in columns[:MOST_NAMED]]
    return join(shown, ", ") + _more(len(columns))


def _missing(columns: tuple[Attribute, ...]) -> Iterator[Oddity]:
    often = sorted(((c.title, c.missing) for c in columns if c.missing >= MANY_MISSING), key=lambda pair: -pair[1])
    if often:
        name = max(columns, key=lambda c: c.missing).column
        yield Oddity("missing", name, fill("Often missing: {names}.", "Falta a menudo: {names}.", names=_named(often)))


def _at_times(listings: Listings, days: pd.Series | None) -> Iterator[Oddity]:
    """Columns that the earliest fifth of the listings tells and the latest does not, or the other way round."""
    if days is None or len(listings) < FEW_LISTINGS:
        return
    early, late = days <= days.quantile(0.2), days >= days.quantile(0.8)
    shown = []
    for column in (c for c in listings.market.modelled if c.name in listings.values):
        first, last = (float(listings.values.loc[rows, column.name].isna().mean()) for rows in (early, late))
        if abs(last - first) >= CHANGED_GAPS:
            shown.append(fill(
                "{c} (missing in {a}, then in {b})", "{c} (sin dato en el {a}, luego en el {b})",
                c=column.title, a=small_share(first), b=small_share(last),
            ))  # fmt: skip
    if shown:
        yield Oddity("at times", "", fill(
            "Told at some times only: {names}. Something changed in how the listings are collected.",
            "Con dato solo en ciertas épocas: {names}. Algo cambió en cómo se recogen los anuncios.",
            names=join(shown[:MOST_NAMED], ", "),
        ))  # fmt: skip


def _hidden(columns: tuple[Attribute, ...]) -> Iterator[Oddity]:
    often = sorted(((c.title, c.hidden) for c in columns if c.hidden >= MANY_HIDDEN), key=lambda pair: -pair[1])
    if often:
        name = max(columns, key=lambda c: c.hidden).column
        yield Oddity("hidden", name, fill(
            "Values that cannot be, hidden from the estimates: {names}.",
            "Valores que no pueden ser, ocultos para las estimaciones: {names}.", names=_named(often),
        ))  # fmt: skip


def _one_value(columns: tuple[Attribute, ...]) -> Iterator[Oddity]:
    same_mostly = [c for c in columns if c.common and c.common[0].share >= MOSTLY_ONE]
    if same_mostly:
        shown = [
            fill("{c} ({v}: {s})", "{c} ({v}: {s})", c=c.title, v=c.common[0].name, s=small_share(c.common[0].share))
            for c in same_mostly[:MOST_NAMED]
        ]
        yield Oddity("one value", same_mostly[0].column, fill(
            "Almost the same everywhere, so they say little: {names}{more}.",
            "Casi igual en todos, así que dicen poco: {names}{more}.",
            names=join(shown, ", "), more=_more(len(same_mostly)),
        ))  # fmt: skip


def _more(count: int) -> Text:
    rest = count - MOST_NAMED
    return fill(" and {n} more", " y {n} más", n=rest) if rest > 0 else same("")


def _zeros(listings: Listings) -> Iterator[Oddity]:
    """A quantity of nothing often means that nobody told it."""
    columns = [c for c in listings.market.modelled if c.kind is Kind.QUANTITY and c.name in listings.values]
    shares = [(c, float((listings.values[c.name] == 0).mean())) for c in columns]
    often = sorted(((c, share) for c, share in shares if share >= MANY_ZEROS), key=lambda pair: -pair[1])
    if often:
        yield Oddity("zeros", often[0][0].name, fill(
            "Often 0, which may mean none or not told: {names}.",
            "A menudo 0, que puede ser ninguno o sin dato: {names}.", names=_named([(c.title, s) for c, s in often]),
        ))  # fmt: skip


def _spellings(listings: Listings, columns: tuple[Attribute, ...]) -> Iterator[Oddity]:
    distinct = {c.column: c.distinct for c in columns}
    shown, first = [], ""
    for column in listings.market.modelled:
        if column.kind is not Kind.CATEGORY or distinct.get(column.name, 0) < MANY_SPELLINGS:
            continue
        once = int((listings.values[column.name].value_counts() == 1).sum())
        if once >= ONCE * distinct[column.name]:
            first = first or column.name
            shown.append(fill(
                "{c} ({n}, {once} of them once)", "{c} ({n}, {once} de ellas una vez)", c=column.title,
                n=_count(listings, distinct[column.name]), once=_count(listings, once),
            ))  # fmt: skip
    if shown:
        yield Oddity("written differently", first, fill(
            "Very many different words, some perhaps the same with another spelling: {names}{more}.",
            "Muchísimas palabras distintas, algunas quizás la misma con otra ortografía: {names}{more}.",
            names=join(shown[:MOST_NAMED], ", "), more=_more(len(shown)),
        ))  # fmt: skip


def _empty_months(months: tuple[Month, ...]) -> Iterator[Oddity]:
    runs = [list(run) for empty, run in groupby(months, key=lambda m: m.listings == 0) if empty]
    if runs:
        shown = [same(r[0].month if len(r) == 1 else f"{r[0].month} – {r[-1].month}") for r in runs[:MOST_NAMED]]
        rest = len(runs) - MOST_NAMED
        names = join(shown, ", ") + (fill(" and {n} more gaps", " y {n} vacíos más", n=rest) if rest > 0 else same(""))
        yield Oddity("empty month", "", fill(
            "Months without a listing: {names}.", "Meses sin anuncios: {names}.", names=names,
        ))  # fmt: skip


def _mistyped(changes: Cuts | None) -> Iterator[Oddity]:
    if changes is not None and changes.doubtful:
        yield Oddity("price changes", "", fill(
            "{n} price changes of more than half are left out: one of the two prices was probably mistyped.",
            "Se dejan por fuera {n} cambios de precio de más de la mitad: quizás uno de los dos precios está mal "
            "escrito.",
            n=number(changes.doubtful),
        ))  # fmt: skip
