"""Judging a model for the gate: its figures on listings it never saw, and its errors beside those of the old one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.app.show import Progress
from perla.bargains.finder import Finder
from perla.bargains.held_out import Estimated, estimate_held_out
from perla.errors import PerlaError
from perla.listings import Listings, Market
from perla.listings.floors import Floors
from perla.release.gate import Decision, Figures, decide
from perla.release.records import Record
from perla.valuation.market_parts import date_column
from perla.valuation.scorecard import Scorecard
from perla.words import Text, fill, number

Floats = NDArray[np.float64]
MOST_COMPARED = 20_000
JUDGING = Text("judging the model", "juzgando el modelo")
COMPARING = Text("comparing with the model in service", "comparando con el modelo en servicio")


@dataclass(frozen=True)
class Judgement:
    """How good a model is, and whether it may be put in service. judged_on : which listings the figures are of."""

    figures: Figures
    decision: Decision
    judged_on: Text
    notes: tuple[Text, ...] = ()


def judge_model(
    finder: Finder, old: Finder | None, floors: Floors, held_out: Listings | None, seed: int, tell: Progress
) -> Judgement:
    """Judge a model by the floors and beside the one in service.

    held_out : listings of its market; None: the figures are those of the model's own card, out of fold, and both models
    are compared on the listings the new one learned from. Whatever the listings, none is judged by a model that saw it
    or a re-post of it: of known listings the models of their fold speak. Raises InputError where none can be judged.
    """
    tell(JUDGING, 0.3)
    listings = _sample(finder.known_.listings, seed) if held_out is None else held_out
    mine = estimate_held_out(finder, listings) if held_out is not None or old is not None else None
    if held_out is not None and mine is not None:
        figures, judged_on = _figures(mine.scorecard), _held_out(len(mine.rows), held_out.source)
    else:
        figures, judged_on = _card_figures(finder), _own(finder)
    if old is None or mine is None:
        return Judgement(figures, decide(figures, floors), judged_on)
    tell(COMPARING, 0.6)
    errors, notes = errors_of_both(mine, old, finder.market, listings)
    return Judgement(figures, decide(figures, floors, errors[0], errors[1], seed), judged_on, notes)


def errors_of_both(
    mine: Estimated, old: Finder, market: Market, listings: Listings
) -> tuple[tuple[Floats, Floats] | tuple[None, None], tuple[Text, ...]]:
    """Errors of both models on the listings both can judge, and what stood in the way."""
    if (old.market.price, old.market.currency) != (market.price, market.currency):
        why = Text("its price column or currency is another one", "su columna de precio o su moneda es otra")
        return (None, None), (_no_comparison(why),)
    try:
        theirs = estimate_held_out(old, listings)
    except PerlaError as problem:
        return (None, None), (_no_comparison(problem.message),)
    both = np.intersect1d(mine.rows, theirs.rows)
    if not len(both):
        return (None, None), (_no_comparison(Text("no listing can be judged by both", "ningún anuncio sirve a ambos")),)
    return (mine.errors[np.isin(mine.rows, both)], theirs.errors[np.isin(theirs.rows, both)]), ()


def _no_comparison(why: Text) -> Text:
    return fill(
        "Only the floors were judged, not whether it is better than the model in service: {why}",
        "Solo se juzgaron los mínimos, no si es mejor que el modelo en servicio: {why}",
        why=why,
    )  # fmt: skip


def _sample(listings: Listings, seed: int) -> Listings:
    if len(listings) <= MOST_COMPARED:
        return listings
    keep = np.zeros(len(listings), bool)
    keep[np.random.default_rng(seed).choice(len(listings), MOST_COMPARED, replace=False)] = True
    return listings.take(pd.Series(keep, index=listings.values.index))


def _own(finder: Finder) -> Text:
    return fill(
        "the {n} listings it learned from, each by models that never saw it; give --held-out to judge on newer ones",
        "los {n} anuncios de los que aprendió, cada uno por modelos que no lo vieron; con --held-out se juzga con más "
        "nuevos",
        n=number(finder.card_.listings_learned),
    )  # fmt: skip


def _held_out(count: int, source: str) -> Text:
    return fill("{n} held-out listings of {source}", "{n} anuncios reservados de {source}", n=number(count),
                source=source)  # fmt: skip


def _card_figures(finder: Finder) -> Figures:
    """Of the model's own card, out of fold."""
    card = finder.card_.scorecard
    return _figures(estimate_held_out(finder, finder.known_.listings).scorecard if card is None else card)


def _figures(card: Scorecard) -> Figures:
    return Figures.of(asdict(card.overall.perla))


def describe_finder(finder: Finder, judgement: Judgement | None, made_on: str) -> Record:
    """What a model says of its own making, as a record; whoever trained it adds commit, settings and timings."""
    from perla.listings.market_file import write_market

    card, market = finder.card_, finder.market
    first, last = _days(finder.known_.listings)
    return Record(
        market=market.name,
        market_file=write_market(market),
        source=card.learned_from,
        data_hash=card.data_hash,
        rows=card.listings_learned,
        rows_left=card.listings_not_learned,
        first_day=first,
        last_day=last,
        perla=card.perla_version,
        made_on=made_on,
        seed=card.seed,
        settings={"models": ", ".join(name for name, weight in card.weights if weight >= 0.005)},
        figures=judgement.figures if judgement else _card_figures(finder),
        judged_on=judgement.judged_on if judgement else _own(finder),
        decision=judgement.decision if judgement else None,
    )


def _days(listings: Listings) -> tuple[str, str]:
    """The first and the last day of the ads, empty where no column tells."""
    name = date_column(listings.values, listings.market)
    if name is None:
        return "", ""
    days = listings.values[name].dropna()
    return days.min().date().isoformat(), days.max().date().isoformat()
