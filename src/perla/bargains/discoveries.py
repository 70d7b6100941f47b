"""How unusual a bargain is among ordinary listings, and a list of bargains with few false ones in it.

Conformal p-values (Vovk et al., 2005; Bates et al., 2023) on the chance the judge gives, and the step-up rule of
Benjamini and Hochberg (1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.bargains.judge import Nature
from perla.errors import WishError
from perla.listings.wish import Wish

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ordinary:
    """How much of a bargain each learned listing looks to models that never saw it.

    chances : (n,), the probability of being a bargain; NaN for a suspicious listing, which nothing is compared with.
    """

    chances: Floats

    @classmethod
    def of(cls, chances: Floats, suspicious: Bools) -> Ordinary:
        """From the judge's (n, 3) on the learned listings."""
        return cls(np.where(suspicious, np.nan, chances[:, Nature.BARGAIN]))

    def p_values(self, chances: Floats, positions: Ints) -> Floats:
        """For m listings the chance that an ordinary one of this market looks at least as much a bargain, (m,).

        positions : which learned listing each is, -1 for none. A new listing is compared with all learned ones, the
        bargains among them included, which errs on the careful side. A learned one is compared with the others, and
        each of these counts by its probability of being ordinary: else no listing of a market could ever stand out
        from that same market, since its rank among all would be its p-value.

        >>> ordinary = Ordinary(np.array([0.0, 0.1, 0.2, np.nan]))
        >>> ordinary.p_values(np.array([0.5, 0.2, 0.1, 0.0]), np.full(4, -1)).tolist()
        [0.25, 0.5, 0.75, 1.0]
        """
        whole = np.where(np.isnan(self.chances), 0.0, 1.0)
        new = self._share_above(chances, whole, np.zeros(len(chances)), np.zeros(len(chances)))
        if (positions < 0).all():
            return new
        weight = np.nan_to_num(1 - self.chances)
        at = np.maximum(positions, 0)
        own = weight[at] if len(weight) else np.zeros(len(at))
        counted = own * (np.nan_to_num(self.chances, nan=-1.0)[at] >= chances) if len(weight) else own
        return np.where(positions < 0, new, self._share_above(chances, weight, counted, own))

    @cached_property
    def _ranked(self) -> tuple[Ints, Floats]:
        """The learned listings by chance, and their chances in that order, -1 for none."""
        compared = np.nan_to_num(self.chances, nan=-1.0)
        order = np.argsort(compared)
        return order, compared[order]

    def _share_above(self, chances: Floats, weight: Floats, own_above: Floats, own: Floats) -> Floats:
        """(1 + weight of the learned with at least this chance) / (1 + weight of all), without the listing's own."""
        order, ranked = self._ranked
        above = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
        found = above[np.searchsorted(ranked, chances, side="left")]
        share = (1 + np.maximum(found - own_above, 0)) / (1 + np.maximum(weight.sum() - own, 0))
        return np.asarray(np.minimum(share, 1.0))

    def state(self) -> dict[str, Any]:
        """What was learned, as an array."""
        return {"chances": self.chances}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Ordinary:
        """What ``state()`` holds."""
        return cls(state["chances"])


def discover(p_values: Floats, rate: float) -> Bools:
    """The listings that stand out so far that at most this share of them is expected to be ordinary, (n,).

    p_values : (n,), NaN for a listing that is not examined. Equal p-values are discovered together or not at all.

    >>> discover(np.array([0.001, 0.2, np.nan, 0.04, 0.9]), 0.1).tolist()
    [True, False, False, True, False]
    """
    ranked = np.sort(p_values[~np.isnan(p_values)])
    enough = np.flatnonzero(ranked <= rate * np.arange(1, len(ranked) + 1) / max(len(ranked), 1))
    return np.asarray(p_values <= ranked[enough[-1]]) if len(enough) else np.zeros(len(p_values), bool)


def check_countable(wish: Wish, price: str) -> None:
    """Raise WishError where a wish is not for bargains: only of these is it known how many would be false."""
    if wish.direction(price) >= 0:
        raise WishError(
            f'The rate of false discoveries (--fdr) is known for low prices only, so the wish must hold "{price} low". '
            "Add it, or leave --fdr out.",
            f"La tasa de falsos hallazgos (--fdr) solo se conoce para precios bajos; el deseo debe incluir «{price} "
            "bajo». Agréguelo o quite --fdr.",
        )
