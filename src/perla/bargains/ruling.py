"""A verdict for every listing: the deal words, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.bargains.findings import Verdict
from perla.bargains.judge import Nature

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
SURE_ENOUGH = 0.25  # a tenfold rise of the odds before looking, and more
LIKELY_ERROR = 0.5
FAR_TOO_HIGH = 1.5  # times the distance from the middle to the upper end of the interval
WIDEST = 4.0  # upper end over lower end; wider says nothing
NEAR = 0.6  # a listing this far in log price from its fifth nearest is compared with nothing
UNLIKE = 0.25  # a listing this far from it may be good and not great: what is said of it rests on others
MOST_MISSING = 0.5  # share of what drives the price that may be missing


@dataclass(frozen=True)
class Ruling:
    """Verdicts (n,) and which ground was decisive: each a bool array (n,).

    disputed, unlike : of listings below their interval those about which the models disagree, and those with few like
    them.
    """

    verdicts: NDArray[np.object_]
    error: Bools
    odd: Bools
    doubtful: Bools
    lonely: Bools
    wide: Bools
    missing: Bools
    disputed: Bools
    unlike: Bools

    @property
    def suspicious(self) -> Bools:
        """Something about the listing cannot be as it says, (n,)."""
        return self.error | self.odd | self.doubtful

    @property
    def not_rated(self) -> Bools:
        """Nothing is wrong, but there is too little to judge by, (n,)."""
        return ~self.suspicious & (self.lonely | self.wide | self.missing)

    @property
    def rated(self) -> Bools:
        """Listings that get a deal word, (n,)."""
        return ~self.suspicious & ~self.not_rated


def rule(
    evidence: Evidence,
    chances: Floats,
    doubtful: Bools,
    odd: Bools,
    fifth_nearest: Floats,
    missing: Floats,
    disputed: Bools,
    mistyped: Bools,
) -> Ruling:
    """Decide for n listings.

    chances : (n, 3) from the judge. doubtful : a cell was hidden because it cannot be what it says. odd : odd in many
    attributes at once. fifth_nearest : log-price distance to the fifth most alike known listing. missing : share of
    what drives the price that is missing. disputed : the kinds of models leave a low price in doubt; such a listing, or
    one with few like it, is good at best. mistyped : a number is told to be wrong.
    """
    estimates, ask = evidence.estimates, evidence.prepared.log_price
    below, above = ask < estimates.low, ask > estimates.high
    far = ask > estimates.expected + FAR_TOO_HIGH * (estimates.high - estimates.expected)
    sure = chances[:, Nature.BARGAIN] >= SURE_ENOUGH
    unlike = ~(fifth_nearest <= UNLIKE)
    ruling = Ruling(
        verdicts=np.select(
            [below & sure & ~disputed & ~unlike, below, far, above],
            [Verdict.GREAT.value, Verdict.GOOD.value, Verdict.OVERPRICED.value, Verdict.HIGH.value],
            Verdict.FAIR.value,
        ).astype(object),
        error=(chances[:, Nature.ERROR] >= LIKELY_ERROR) | mistyped,
        odd=odd,
        doubtful=doubtful,
        lonely=~(fifth_nearest <= NEAR),
        wide=np.exp(estimates.high - estimates.low) > WIDEST,
        missing=missing > MOST_MISSING,
        disputed=below & disputed,
        unlike=below & unlike,
    )
    ruling.verdicts[ruling.not_rated] = Verdict.NOT_RATED.value
    ruling.verdicts[ruling.suspicious] = Verdict.SUSPICIOUS.value
    return ruling


def likelihood_of_shift(z: Floats) -> Floats:
    """Log odds that a surprise was pushed upwards by a quarter to four usual errors rather than left as it is, (n,).

    Surprises have heavy tails (Student's t with 4 degrees of freedom): a huge one says little more than a large one.

    >>> bool(likelihood_of_shift(np.array([2.0]))[0] > 0 > likelihood_of_shift(np.array([-1.0]))[0])
    True
    """
    shifts = np.geomspace(0.25, 4.0, 9)
    pushed = (1 + (z[:, None] - shifts) ** 2 / 4) ** -2.5
    return np.log(pushed.mean(axis=1)) + 2.5 * np.log1p(z**2 / 4)
