"""Models of unlike kinds, each with its own estimate: what they have in common is worth more than what one says.

The trees learn splits, the network rebuilds the hidden price from the rest of the listing, and the listings most alike
are asked directly. Where they differ much for the local noise of prices, one of them is wrong about this listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.bargains.findings import Agreement
from perla.valuation import Valuation
from perla.words import Text, fill, money, rounded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
KINDS = (Text("trees", "árboles"), Text("network", "red"), Text("similar listings", "similares"))
NOT_TREES = ("hedonic", "comparables", "network")  # ids of price models
MOST_ALIKE = 10
CLEARLY = 2.0  # times the local noise: in real markets about one ordinary listing in eleven asks so much less
FAR_APART = 2.5  # times the local noise: about one listing in fifty
CLOSE = 1.0


@dataclass(frozen=True)
class Opinions:
    """Log price by kind of model, (n, 3) in the order of KINDS, NaN where a kind has none; the local noise, (n,)."""

    estimates: Floats
    noise: Floats

    @property
    def apart(self) -> Floats:
        """How far apart the kinds are, in units of the local noise, (n,)."""
        spread = np.nanmax(self.estimates, axis=1) - np.nanmin(self.estimates, axis=1)
        return np.asarray(spread / self.noise)

    def disputed(self, log_price: Floats) -> NDArray[np.bool_]:
        """Listings whose low price is in doubt, (n,): the kinds are far apart, or one does not find it clearly low."""
        least = np.nanmin(self.estimates, axis=1)
        return np.asarray((self.apart > FAR_APART) | (log_price > least - CLEARLY * self.noise))

    def take(self, rows: NDArray[Any]) -> Opinions:
        """Only these rows (positions or bools)."""
        return Opinions(self.estimates[rows], self.noise[rows])

    def agreement(self, row: int) -> tuple[Agreement, ...]:
        """What each kind expects of one listing, in money."""
        pairs = zip(KINDS, self.estimates[row], strict=True)
        return tuple(Agreement(name, float(np.exp(value))) for name, value in pairs if np.isfinite(value))


def gather_opinions(valuation: Valuation, evidence: Evidence, near: Ints) -> Opinions:
    """What each kind of model says of n listings.

    near : positions of the known listings most like each, nearest first, -1 for none, (n, at least 1).
    """
    estimates = evidence.estimates
    assert valuation.weights_ is not None
    are_trees = np.array([model.offer.id not in NOT_TREES for model in valuation.chosen])
    weights = np.where(are_trees, valuation.weights_, 0.0)
    if weights.sum() <= 0:
        weights = are_trees.astype(np.float64)
    trees = estimates.members @ (weights / weights.sum())
    alike = _level_of_alike(valuation, evidence, near[:, :MOST_ALIKE])
    return Opinions(np.column_stack([trees, evidence.network_expected, alike]), estimates.noise)


def _level_of_alike(valuation: Valuation, evidence: Evidence, near: Ints) -> Floats:
    """Median of what the most alike ask, adjusted to the listing by the hedonic regression, NaN for none, (n,)."""
    there = near >= 0
    level = np.ma.median(np.ma.array(valuation.unexplained()[near], mask=~there), axis=1)
    return np.asarray(valuation.hedonic_.predict(evidence.prepared) + np.ma.filled(level, np.nan))


def agreement_reason(agreement: tuple[Agreement, ...], apart: float, disputed: bool, currency: str) -> Text:
    """Whether models of unlike kinds agree, and which expects least and most.

    apart : in units of the local noise. disputed : whether they leave a low price in doubt.
    """
    if disputed or apart > FAR_APART:
        words = Text("the models disagree", "los modelos no coinciden")
    elif apart <= CLOSE:
        words = Text("the models agree", "los modelos coinciden")
    else:
        words = Text("the models roughly agree", "los modelos coinciden más o menos")
    least, most = (pick(agreement, key=lambda a: a.estimate) for pick in (min, max))
    return fill(
        "{words}: {low} ({least}) to {high} ({most})",
        "{words}: {low} ({least}) a {high} ({most})",
        words=words,
        low=money(rounded(least.estimate), currency),
        least=least.name,
        high=money(rounded(most.estimate), currency),
        most=most.name,
    )
