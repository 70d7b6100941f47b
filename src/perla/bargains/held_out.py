"""Listings that no model sees while it is made, and how models estimate them: what a release is judged by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.evaluation import ASKING, BASELINES, DISPUTED, judge_listings, unseen_positions
from perla.bargains.finder import Finder
from perla.errors import InputError
from perla.listings import Listings, Market
from perla.listings.checking import check
from perla.valuation.market_parts import date_column, market_parts
from perla.valuation.scorecard import Scorecard, make_scorecard
from perla.words import Text, fill, number

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
SHARE = 0.10
FEWEST_HELD = 20
FEWEST_JUDGED = 5


@dataclass(frozen=True)
class Split:
    """held : which of n listings are held out, (n,). how : told to a person. since : first day of the newest, or ""."""

    held: Bools
    how: Text
    since: str = ""


@dataclass(frozen=True)
class Estimated:
    """Listings judged by models that never saw them. rows : their positions among those given; one that repeats known
    listings of several folds is left out, as every model has seen it. errors : absolute errors of the log price."""

    rows: NDArray[np.int64]
    errors: Floats
    scorecard: Scorecard


def hold_out(listings: Listings, seen: pd.Series | None, seed: int) -> Split:
    """Hold out a tenth: the newest where days are known, else one drawn by lot.

    seen : day on which each listing was first seen (datetime64 on the index of ``listings.values``), or None; without
    it the market's own date column tells. Listings of one thing are never on both sides. Same seed, same lot.

    >>> from perla.listings.checking import check
    >>> from perla.sources.simulated import simulate_market
    >>> homes = simulate_market(150)
    >>> split = hold_out(check(homes.frame, homes.market), None, seed=0)
    >>> int(split.held.sum())
    15
    """
    things = listings.things.to_numpy(np.int64)
    date = date_column(listings.values, listings.market)
    titled = [(Text("first seen", "vistos por primera vez"), seen)] if seen is not None else []
    if date is not None:
        titled.append((listings.market.column(date).title, listings.values[date]))
    for title, days in titled:
        split = _newest(days, things, title)
        if split is not None:
            return split
    return _drawn(things, seed)


def _newest(days: pd.Series, things: NDArray[np.int64], title: Text) -> Split | None:
    """The newest tenth by these days, or None where they are too few or too much alike."""
    known = days.dropna().sort_values()
    if known.nunique() < 2:
        return None
    since = known.iloc[int(len(known) * (1 - SHARE))]
    held = (days >= since).to_numpy(bool)
    if held.mean() > 2 * SHARE:  # many on that one day
        held = (days > since).to_numpy(bool)
    held = held & ~np.isin(things, things[~held])
    if held.sum() < FEWEST_HELD:
        return None
    first = str(pd.Timestamp(days[held].min()).date())
    how = fill(
        "the newest {count} by date ({title}, from {first}), no re-post of an older one among them",
        "los {count} más nuevos por fecha ({title}, desde {first}), ninguno repite uno anterior",
        count=number(int(held.sum())), title=title, first=first,
    )  # fmt: skip
    return Split(held, how, first)


def _drawn(things: NDArray[np.int64], seed: int) -> Split:
    """About a tenth of the listings, whole things, drawn by lot."""
    unique, inverse, counts = np.unique(things, return_inverse=True, return_counts=True)
    order = np.random.default_rng([seed, len(unique)]).permutation(len(unique))
    reached = np.cumsum(counts[order])
    chosen = order[: int(np.searchsorted(reached, SHARE * len(things))) + 1]
    held = np.isin(inverse, chosen)
    how = fill(
        "{count} drawn by lot, re-posts of one thing together", "{count} al azar, las repeticiones juntas",
        count=number(int(held.sum())),
    )  # fmt: skip
    return Split(held, how)


def estimate_held_out(finder: Finder, listings: Listings) -> Estimated:
    """Judge n listings blindly: one the model learned from, or a re-post of such, by the fold that never saw it.

    listings : of the finder's market, or of a market file that was changed since. Raises InputError where fewer than
    five can be judged.
    """
    listings, rows = _in_words_of(finder.market, listings)
    positions = unseen_positions(finder, listings)
    usable = positions != DISPUTED
    if usable.sum() < FEWEST_JUDGED:
        raise InputError(
            f"A model is judged by at least {FEWEST_JUDGED} held-out listings; there are {int(usable.sum())}. "
            "Give more listings.",
            f"Un modelo se juzga con al menos {FEWEST_JUDGED} anuncios apartados; hay {int(usable.sum())}. "
            "Dé más anuncios.",
        )
    listings = listings.take(pd.Series(usable, index=listings.values.index))
    judged = judge_listings(finder.experts_, listings, positions[usable])
    values, market = listings.values, finder.market
    parts = market_parts(values, market, judged.value, finder.importance_, date_column(values, market))
    card = make_scorecard(judged, parts, (*_how(positions[usable], int((~usable).sum())), BASELINES, ASKING))
    return Estimated(rows[usable], np.abs(judged.expected - judged.log_price), card)


def _in_words_of(market: Market, listings: Listings) -> tuple[Listings, NDArray[np.int64]]:
    """The listings as this market reads them, and the position of each among those given."""
    own = listings.market
    if (own.price, own.columns, own.same_thing) == (market.price, market.columns, market.same_thing):
        return listings, np.arange(len(listings))
    marked = listings.original.reset_index(drop=True)
    again = check(marked, market, pd.Series(range(len(marked))).astype(str), listings.source, allow_missing=True)
    rejected = {r.row - 1 for r in again.rejected}
    return again, np.array([row for row in range(len(marked)) if row not in rejected], np.int64)


def _how(positions: NDArray[np.int64], left_out: int) -> tuple[Text, ...]:
    known = int((positions >= 0).sum())
    told = [
        fill(
            "Held-out listings ({count}): none was seen by the models that judge it.",
            "Anuncios apartados ({count}): ninguno lo vieron los modelos que lo juzgan.",
            count=number(len(positions)),
        )
    ]
    if known:
        told.append(
            fill(
                "{known} of them the model had learned from, or they repeat such: judged by the fold that never saw "
                "them.",
                "De {known} el modelo había aprendido, o los repiten: los juzga el pliegue que nunca los vio.",
                known=number(known),
            )
        )
    if left_out:
        told.append(
            fill(
                "Left out ({count}): they repeat known listings of several folds.",
                "Por fuera ({count}): repiten conocidos de varios pliegues.", count=number(left_out),
            )
        )  # fmt: skip
    return tuple(told)
