"""Judging what a finder learned on listings it never saw: out of fold, new ones, and the newest by the older."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.experts import Experts, Progress, silent, worth_learning
from perla.errors import InputError
from perla.listings import Kind, Listings, Market
from perla.listings.twins import label_things
from perla.prepare import Preparation, Prepared
from perla.valuation import Estimates, Valuation
from perla.valuation.market_parts import Part, date_column, market_parts
from perla.valuation.ratio_study import (
    COD_LIMITS,
    COD_LIMITS_OF_UNLIKE_THINGS,
    LEVEL_LIMITS,
    PRB_LIMITS,
    PRD_LIMITS,
    Limits,
    Scores,
)
from perla.valuation.scorecard import (
    FAN,
    Breakdown,
    Judged,
    Line,
    Picture,
    Scorecard,
    make_scorecard,
    score_line,
)
from perla.words import Text, fill, number

__all__ = [
    "COD_LIMITS", "COD_LIMITS_OF_UNLIKE_THINGS", "FAN", "LEVEL_LIMITS", "PRB_LIMITS", "PRD_LIMITS", "Breakdown",
    "Evaluation", "InTime", "Limits", "Line", "Picture", "Scorecard", "Scores", "evaluate", "judge_in_time",
    "judge_listings", "score_learned", "unseen_positions",
]  # fmt: skip

if TYPE_CHECKING:
    from perla.bargains.finder import Finder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NEAREST = 10
NEW, DISPUTED = -1, -2
NEWEST = 0.10
FEWEST_NEWEST, FEWEST_OLDER = 20, 200
FEWEST_JUDGED = 5
ASKING = Text(
    "A ratio is the estimate over the asking price: these are asking prices, not sales.",
    "Una razón es la estimación dividida por el precio pedido: son precios pedidos, no ventas.",
)
BASELINES = Text(
    "Baselines, as unseen as the estimates: a hedonic regression, and the median asking price of the ten most alike "
    "listings.",
    "Modelos base, igual de ajenos al anuncio: una regresión hedónica y la mediana del precio pedido de los diez "
    "anuncios más parecidos.",
)
NO_DATES = Text(
    "No split in time: no column tells when a listing stood.",
    "Sin corte en el tiempo: ninguna columna dice de cuándo es un anuncio.",
)


@dataclass(frozen=True)
class Evaluation:
    """How good a model's estimates are on some listings. scorecard : of all of them, each judged unseen.

    splits : the same figures by how a listing was judged; the split in time is there where there are dates.
    """

    market: Market
    source: str
    learned_from: str
    scorecard: Scorecard
    splits: Breakdown


@dataclass(frozen=True)
class InTime:
    """The newest listings judged by what the older ones teach. since : the first day of the newest."""

    judged: Judged
    older: int
    since: pd.Timestamp


def evaluate(finder: Finder, listings: Listings, progress: Progress = silent) -> Evaluation:
    """Judge every listing by models that never saw it, nor a re-post of it. Raises InputError where hardly any is left.

    Listings the model learned from, and re-posted twins of such, are judged by the models of their fold, which never
    saw them; new ones by all. Where a column tells the time of the ad, everything is learned anew from the older nine
    tenths of all listings at hand, known and new, and the newest tenth is judged by that.
    """
    progress(Text("judging the listings", "juzgando los anuncios"), 0.1)
    positions = unseen_positions(finder, listings)
    usable = positions != DISPUTED
    listings, positions = listings.take(pd.Series(usable, index=listings.values.index)), positions[usable]
    if len(positions) < FEWEST_JUDGED:
        raise InputError(
            f"A scorecard needs at least {FEWEST_JUDGED} listings to judge; {listings.source} has {len(positions)}. "
            "Give more.",
            f"Un boletín de notas necesita al menos {FEWEST_JUDGED} anuncios por juzgar; {listings.source} tiene "
            f"{len(positions)}. Dé más.",
        )
    judged = judge_listings(finder.experts_, listings, positions)
    progress(Text("learning the older ones anew", "aprendiendo de nuevo los anteriores"), 0.4)
    in_time, told = _in_time(finder, listings, positions)
    how = (*_how(positions, int((~usable).sum())), *told, BASELINES, ASKING)
    card = make_scorecard(judged, _parts(finder, listings.values, judged), how)
    splits = _splits(judged, positions, in_time)
    return Evaluation(finder.market, listings.source, finder.card_.learned_from, card, splits)


def score_learned(
    experts: Experts, values: pd.DataFrame, estimates: Estimates, importance: Mapping[str, float]
) -> Scorecard:
    """The out-of-fold scorecard of the n listings just learned from; ``values``: their checked cells, in order."""
    valuation = experts.valuation_
    assert valuation.known_ is not None and valuation.things_ is not None and valuation.folds_ is not None
    baselines = _baselines(valuation, valuation.known_, valuation.things_, valuation.folds_)
    log_price = valuation.known_.log_price
    judged = Judged(log_price, estimates.expected, estimates.low, estimates.high, *baselines)
    parts = market_parts(values, experts.market, judged.value, importance, date_column(values, experts.market))
    return make_scorecard(judged, parts, (*_how(np.arange(len(judged)), 0), BASELINES, ASKING))


def unseen_positions(finder: Finder, listings: Listings) -> Ints:
    """Which known listing each is, or is a re-posted twin of, (n,); NEW: none; DISPUTED: twins in several folds."""
    positions = finder.known_.positions_of(listings)
    known, folds = finder.known_.listings.values, finder.experts_.valuation_.folds_
    assert folds is not None
    things = label_things(_stacked(known, listings.values), finder.market).to_numpy(np.int64)
    mine = pd.DataFrame({"thing": things[: len(known)], "fold": folds, "place": np.arange(len(known))})
    of_thing = mine.groupby("thing").agg(place=("place", "first"), folds=("fold", "nunique"))
    twin = pd.Series(things[len(known) :]).map(of_thing["place"]).fillna(NEW).to_numpy(np.int64)
    several = pd.Series(things[len(known) :]).map(of_thing["folds"]).fillna(0).to_numpy(np.int64) > 1
    return np.where(positions >= 0, positions, np.where(several, DISPUTED, twin)).astype(np.int64)


def judge_listings(experts: Experts, listings: Listings, positions: Ints) -> Judged:
    """Estimates of n listings by models that saw neither them nor the known ones at their ``positions``."""
    valuation = experts.valuation_
    assert valuation.things_ is not None and valuation.folds_ is not None
    prepared = experts.preparation_.transform(listings.values)
    estimates = experts.estimates(prepared, positions)
    at = np.maximum(positions, 0)
    things, folds = (np.where(positions >= 0, a[at], NEW) for a in (valuation.things_, valuation.folds_))
    baselines = _baselines(valuation, prepared, things, folds)
    return Judged(prepared.log_price, estimates.expected, estimates.low, estimates.high, *baselines)


def judge_in_time(
    values: pd.DataFrame, market: Market, date: str, models: tuple[str, ...], seed: int, threads: int
) -> InTime | None:
    """The newest tenth of n checked listings judged by what the rest teaches, or None where either is too few.

    models : ids of the price models. They and the preparation are learned anew; none of the newest is a re-posted twin
    of an older one.
    """
    values = values[values[date].notna()].reset_index(drop=True)
    if not len(values):
        return None
    days = values[date]
    since = days.sort_values().iloc[int(len(days) * (1 - NEWEST))]
    newest = (days >= since).to_numpy(bool)
    if newest.mean() > 2 * NEWEST:  # many ads on that one day
        newest = (days > since).to_numpy(bool)
    things = label_things(values, market).to_numpy(np.int64)
    older = ~newest
    newest = newest & ~np.isin(things, things[older])
    if newest.sum() < FEWEST_NEWEST or older.sum() < FEWEST_OLDER:
        return None
    judged, learned = _relearned(values[older], values[newest], things[older], market, models, seed, threads)
    return InTime(judged, learned, pd.Timestamp(days[newest].min()))


def _relearned(
    older: pd.DataFrame,
    newest: pd.DataFrame,
    things: Ints,
    market: Market,
    models: tuple[str, ...],
    seed: int,
    threads: int,
) -> tuple[Judged, int]:
    preparation = Preparation(market).fit(older, seed)
    everything = preparation.transform(older)
    learned = worth_learning(everything)
    place = market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)
    valuation = Valuation(*place, seed, threads, models).fit(everything.take(learned), things[learned])
    asked = preparation.transform(newest)
    told = valuation.predict(asked)
    none = np.full(len(asked), NEW, np.int64)
    return Judged(asked.log_price, told.expected, told.low, told.high, *_baselines(valuation, asked, none, none)), len(
        learned
    )


def _baselines(valuation: Valuation, prepared: Prepared, things: Ints, folds: Ints) -> tuple[Floats, Floats]:
    """Log price by the hedonic regression and by the median of the most alike, none from the listing's own fold."""
    assert valuation.known_ is not None and valuation.folds_ is not None
    told = np.column_stack([h.predict(prepared) for h in valuation.hedonics_])
    own = told[np.arange(len(told)), np.maximum(folds, 0)]
    hedonic = np.where(folds >= 0, own, told.mean(axis=1))
    found, _ = valuation.nearest_known(prepared, things)
    usable = (found >= 0) & (valuation.folds_[found] != folds[:, None])
    usable &= usable.cumsum(axis=1) <= NEAREST
    prices = np.where(usable, valuation.known_.log_price[found], np.nan)
    typical = float(np.median(valuation.known_.log_price))
    prices[~usable.any(axis=1), 0] = typical
    return hedonic, np.nanmedian(prices, axis=1)


def _in_time(finder: Finder, listings: Listings, positions: Ints) -> tuple[InTime | None, tuple[Text, ...]]:
    """The split in time over the known and the new listings, and a line that tells what was done, or why not."""
    exact = finder.known_.positions_of(listings) >= 0
    values = _stacked(finder.known_.listings.values, listings.values[~exact])
    date = date_column(values, finder.market)
    if date is None:
        return None, (NO_DATES,)
    done = judge_in_time(values, finder.market, date, finder.experts_.valuation_.models, finder.seed, finder.threads)
    title = finder.market.column(date).title
    if done is None:
        return None, (
            fill(
                "No split in time: too few listings, or too few days, by {date}.",
                "Sin corte en el tiempo: hay muy pocos anuncios, o muy pocos días, según {date}.",
                date=title,
            ),
        )
    told = fill(
        "Newest tenth ({count}, {date} from {since}): judged by what the {older} older ones, "
        "known and new, teach: everything is learned anew, and no twin of an older one is among them.",
        "Décimo más nuevo ({count}, {date} desde {since}): juzgado por lo que enseñan los "
        "{older} anteriores, conocidos y nuevos: todo se aprende de nuevo y ninguno repite un anuncio anterior.",
        count=number(len(done.judged)), older=number(done.older), date=title, since=done.since.date(),
    )  # fmt: skip
    return done, (told,)


def _how(positions: Ints, left_out: int) -> list[Text]:
    known, new = int((positions >= 0).sum()), int((positions < 0).sum())
    lines = []
    if known:
        lines.append(
            fill(
                "Known ({count}): the model learned from them, or they repeat such; each judged by the models of its "
                "fold, which never saw it. Re-posted twins share a fold.",
                "Conocidos ({count}): el modelo aprendió de ellos, o los repiten; cada uno juzgado por los modelos de "
                "su pliegue, que nunca lo vieron. Las repeticiones comparten pliegue.",
                count=number(known),
            )
        )
    if new:
        lines.append(
            fill(
                "New ({count}): the model never saw them; judged by the models of all folds together.",
                "Nuevos ({count}): el modelo nunca los vio; juzgados por los modelos de todos los pliegues.",
                count=number(new),
            )
        )
    if left_out:
        lines.append(
            fill(
                "Left out ({count}): they repeat known listings of several folds, so every model has seen one.",
                "Por fuera ({count}): repiten conocidos de varios pliegues; todo modelo ha visto alguno.",
                count=number(left_out),
            )
        )
    return lines


def _splits(judged: Judged, positions: Ints, in_time: InTime | None) -> Breakdown:
    known = positions >= 0
    pieces: list[tuple[Text, Judged]] = [
        (Text("known", "conocidos"), judged.take(known)),
        (Text("new", "nuevos"), judged.take(~known)),
    ]
    if in_time is not None:
        pieces.append((Text("newest tenth", "décimo más nuevo"), in_time.judged))
    lines: tuple[Line, ...] = tuple(score_line(name, piece) for name, piece in pieces if len(piece))
    return Breakdown("split", Text("by how they were judged", "por cómo se juzgaron"), lines)


def _parts(finder: Finder, values: pd.DataFrame, judged: Judged) -> list[Part]:
    return market_parts(values, finder.market, judged.value, finder.importance_, date_column(values, finder.market))


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Checked listings of one market, one under the other."""
    return pd.concat([first, second.reindex(columns=first.columns)], ignore_index=True)
