"""What a search returns: a verdict for every listing, the proof of each bargain. Reports are made from this alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from perla.listings import Listings
from perla.valuation.scorecard import Scorecard
from perla.words import Text


class Verdict(StrEnum):
    """The deal words, from best to worst, then the two ways of not being a deal at all."""

    GREAT = "great"
    GOOD = "good"
    FAIR = "fair"
    HIGH = "high"
    OVERPRICED = "overpriced"
    SUSPICIOUS = "suspicious"
    NOT_RATED = "not rated"

    @property
    def label(self) -> Text:
        spanish = {
            "great": "excelente", "good": "bueno", "fair": "justo", "high": "alto",
            "overpriced": "sobreprecio", "suspicious": "sospechoso", "not rated": "sin calificar",
        }  # fmt: skip
        return Text(self.value, spanish[self.value])


@dataclass(frozen=True)
class Surprise:
    """How odd one column of a listing is, given the rest of the listing.

    actual, expected : as a person writes them, with unit. z : signed distance in units of the column's own usual error
    (negative: lower than it should be); for a category always >= 0. wished : whether the wish is about this column.
    """

    column: str
    title: Text
    actual: Text
    expected: Text
    z: float
    wished: bool = False


@dataclass(frozen=True)
class Difference:
    """One line of an appraiser's grid: how subject and comparable differ, and what that is worth.

    adjustment : money added to the comparable's asking price for this difference.
    """

    column: str
    title: Text
    subject: Text
    comparable: Text
    adjustment: float


@dataclass(frozen=True)
class Comparable:
    """A similar listing laid beside the subject.

    adjusted_price : what it would ask if it were the subject. similarity : 0 to 1. original : its row as it was read.
    """

    listing_id: str
    original: dict[str, object]
    asking_price: float
    adjusted_price: float
    similarity: float
    differences: tuple[Difference, ...]
    link: str = ""


@dataclass(frozen=True)
class Driver:
    """One attribute of a listing, and the money it adds to or takes from the market's typical price.

    actual : as a person writes it, empty where that says nothing (a place, an ad). factor : what it multiplies the
    typical price by. The amounts of all attributes add up to the whole distance from the typical price.
    """

    column: str
    title: Text
    actual: Text
    factor: float
    amount: float


@dataclass(frozen=True)
class Counterfactual:
    """What if one attribute were other than the ad says.

    expected_price : of the listing so changed. share : of the gap between asking and expected price that this would
    explain (1: all of it; more where the changed listing would even be dear). told : the whole in one sentence.
    """

    column: str
    title: Text
    actual: Text
    instead: Text
    expected_price: float
    share: float
    told: Text


@dataclass(frozen=True)
class Agreement:
    """What one kind of model expects the listing to ask, in money."""

    name: Text
    estimate: float


@dataclass(frozen=True)
class Bargain:
    """One listing with everything known about it (also used by ``check`` for a listing that is no bargain).

    row : index in ``Findings.listings.values`` and ``Findings.table``. gap : expected minus asking price, in money.
    chance : probability that it is a bargain. drivers : what makes the expected price what it is, strongest first.
    counterfactuals : single changes that would explain most of the gap, likeliest and strongest first. agreement : what
    models of unlike kinds expect, to lay beside each other.
    """

    row: int
    listing_id: str
    rank: int
    verdict: Verdict
    asking_price: float
    expected_price: float
    low: float
    high: float
    discount: float
    gap: float
    score: float
    chance: float
    reasons: tuple[Text, ...]
    surprises: tuple[Surprise, ...]
    drivers: tuple[Driver, ...]
    comparables: tuple[Comparable, ...]
    original: dict[str, object]
    link: str = ""
    latitude: float | None = None
    longitude: float | None = None
    counterfactuals: tuple[Counterfactual, ...] = ()
    agreement: tuple[Agreement, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How well a price model does on listings it never saw."""

    name: Text
    mdape: float
    r2: float
    within_10: float


@dataclass(frozen=True)
class ModelCard:
    """The human twin of the fitted things: what was learned, from what, how well.

    kept_out : columns that give the price away and were not shown to the models, each with the reason.
    left_out : columns nobody models (ids, links, constants, ...), each with the reason.
    coverage : share of learned listings whose price lies inside their 90 % interval, out of fold.
    interval_width : median of high / low. weights : share of each model in the blend.
    drivers : columns by mean absolute effect on the log price, strongest first (the first is the market's main driver).
    notes : lines the reader must know (deep models not installed, small market, ...). scorecard : every figure of the
    listings learned from, out of fold.
    """

    market: str
    learned_from: str
    listings_learned: int
    listings_not_learned: int
    data_hash: str
    perla_version: str
    seed: int
    fits: tuple[Fit, ...]
    coverage: float
    interval_width: float
    weights: tuple[tuple[str, float], ...]
    drivers: tuple[tuple[str, float], ...]
    kept_out: tuple[tuple[str, Text], ...]
    left_out: tuple[tuple[str, Text], ...]
    notes: tuple[Text, ...]
    simulated: bool = False
    scorecard: Scorecard | None = None


RESULT_COLUMNS = (
    "listing_id", "rank", "verdict", "score", "asking_price", "expected_price", "low", "high", "discount",
    "chance", "p_value", "reasons",
    "error_column", "probable_value",
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """Everything one search found.

    listings : what was searched. table : DataFrame on the index of ``listings.values`` with RESULT_COLUMNS, where
    ``rank`` is Int64 (1 = best; missing for suspicious and not rated), ``verdict`` str, ``discount`` a share (0.28),
    ``chance`` the probability of being a bargain, ``p_value`` the chance that an ordinary listing looks at least as
    much one (missing where not rated), ``reasons`` holds :class:`Text`, ``error_column`` names the column that is
    probably mistyped ('' for none) and ``probable_value`` is what should stand there (NaN where that cannot be told).
    surprise : DataFrame, same index, a column per modelled column and the price: the signed surprise matrix. bargains :
    the shown, best first. passed_over : counts of verdicts. where : the filter as written, or empty. wish : the wish in
    words. fdr : the share of ``discovered`` listings that may be expected to be no bargains, where such a list was
    asked for; of a long one only the best are in ``bargains``.
    """

    listings: Listings
    table: pd.DataFrame
    surprise: pd.DataFrame
    bargains: tuple[Bargain, ...]
    card: ModelCard
    wish: Text
    where: str = ""
    examined: int = 0
    fdr: float | None = None
    discovered: int = 0

    def counts(self) -> dict[Verdict, int]:
        """How many listings got each verdict, in the order of the verdicts."""
        seen = self.table["verdict"].value_counts()
        return {v: int(seen.get(v.value, 0)) for v in Verdict}
