"""How far the distribution of one column has shifted between two sets of listings, and how far luck alone shifts it.

The population stability index (PSI): the sum over bins of (q - p) ln(q / p), p the shares of the listings learned from
and q those of the new ones (Lewis, *An Introduction to Credit Scoring*, 1994). Two samples of one market have a PSI
above zero: about (bins - 1) (1/n + 1/m) on average, and times a chi-squared of as many degrees of freedom altogether
(Yurdakul, *Statistical Properties of Population Stability Index*, 2018). That average is taken off, and a shift counts
only beyond what luck reaches in one of a thousand sound batches over all columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_BINS = 10
FEWEST_EXPECTED = 5  # listings of the smaller set in a bin, so that the chi-squared holds
FEW_VALUES = 12  # a number with so few different values has a bin for each
LEAST_SHARE, MOST_LEVELS = 0.01, 20
ALARM = 0.001  # chance of any false alarm in a sound batch
SMALL, DRAWS, SEED = 1_000, 1_000, 0


@dataclass(frozen=True)
class Shift:
    """psi : without what luck adds on average. luck : beyond this, before that is taken off, it is no luck.

    raw : the plain index. real : whether the index is beyond luck and Pearson's chi-squared test agrees; one empty bin
    of a small set can make the index alone large. before, now : shares in each bin, (bins,), the missing last where
    there are any.
    """

    psi: float
    raw: float
    luck: float
    before: Floats
    now: Floats
    real: bool


def shift_of(before: Ints, now: Ints, sizes: tuple[int, int], looks: int = 1) -> Shift:
    """How far the counts of two sets in the same bins, both (bins,), lie apart.

    sizes : how many independent things each set holds; re-posts tell nothing new. looks : how many columns are looked
    at together.

    >>> steady = shift_of(np.array([500, 500]), np.array([48, 52]), (1000, 100))
    >>> moved = shift_of(np.array([500, 500]), np.array([10, 90]), (1000, 100))
    >>> (steady.psi, steady.real), (round(moved.psi, 2), moved.real)
    ((0.0, False), (0.84, True))
    """
    raw = float(_index(_shares(before), _shares(now)))
    usual, limit = _luck(before, now, sizes, ALARM / looks)
    p, q = before / max(before.sum(), 1), now / max(now.sum(), 1)
    real = raw > limit and _pearson(p, q, sizes) < ALARM / looks
    return Shift(max(0.0, raw - usual), raw, limit, p, q, real)


def _pearson(p: Floats, q: Floats, sizes: tuple[int, int]) -> float:
    """Chance of shares so unlike in two samples of one market (Pearson's chi-squared)."""
    from scipy.stats import chi2

    pooled = (p * sizes[0] + q * sizes[1]) / max(sum(sizes), 1)
    scale = 1 / max(sizes[0], 1) + 1 / max(sizes[1], 1)
    off = np.where(pooled > 0, (q - p) ** 2 / np.maximum(pooled, 1e-300), 0.0)
    return float(chi2.sf(off.sum() / scale, max(len(p) - 1, 1)))


def _index(p: Floats, q: Floats) -> Floats:
    """The population stability index of shares, summed over their last axis."""
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def _luck(before: Ints, now: Ints, sizes: tuple[int, int], chance: float) -> tuple[float, float]:
    """What two samples of one market have on average, and what they reach by this chance only.

    The chi-squared is too small where a bin is so rare that one listing in it makes a difference (a missing cell among
    sixty): there a gamma law with the mean and the spread of simulated samples holds.
    """
    from scipy.stats import chi2, gamma

    freedom = max(len(before) - 1, 1)
    scale = 1 / max(sizes[0], 1) + 1 / max(sizes[1], 1)
    mean, limit = freedom * scale, float(chi2.ppf(1 - chance, freedom)) * scale
    if min(sizes) >= SMALL or min(sizes) < 1:
        return mean, limit
    rng, shares = np.random.default_rng(SEED), _shares(before + now)
    drawn = _index(*(_shares(rng.multinomial(size, shares, DRAWS)) for size in sizes))
    seen, spread = float(drawn.mean()), float(drawn.std())
    if spread <= 0:
        return mean, limit
    simulated = float(gamma.ppf(1 - chance, (seen / spread) ** 2, scale=spread**2 / seen))
    return max(mean, seen), max(limit, simulated)


def _shares(counts: Ints) -> Floats:
    """Shares along the last axis that are never zero: half a listing is added to each bin (Jeffreys)."""
    return np.asarray((counts + 0.5) / (counts.sum(axis=-1, keepdims=True) + 0.5 * counts.shape[-1]))


def number_bins(before: Floats, now: Floats, smaller: int) -> tuple[Ints, Ints]:
    """The bin of each number of both sets: tenths of the first set, fewer for a small one, values for few values.

    smaller : size of the smaller set. A value that fills more than a tenth has a bin of its own; NaN has the last.
    """
    known = before[np.isfinite(before)]
    edges = _edges(known, smaller)
    return tuple(  # type: ignore[return-value]
        np.where(np.isfinite(x), np.searchsorted(edges, x, side="left"), len(edges) + 1).astype(np.int64)
        for x in (before, now)
    )


def _edges(known: Floats, smaller: int) -> Floats:
    if not len(known):
        return np.empty(0)
    bins = int(np.clip(smaller // FEWEST_EXPECTED // 2, 2, MOST_BINS))
    distinct, counts = np.unique(known, return_counts=True)
    if len(distinct) <= FEW_VALUES:
        return _merged(distinct, counts, FEWEST_EXPECTED / max(smaller, 1))
    return np.unique(np.quantile(known, np.arange(1, bins) / bins, method="lower"))


def _merged(values: Floats, counts: Ints, least: float) -> Floats:
    """Edges between values, neighbours merged until each bin holds the least share."""
    edges, held = [], 0.0
    for value, count in zip(values[:-1], counts[:-1], strict=True):
        held += count / counts.sum()
        if held >= least:
            edges.append(float(value))
            held = 0.0
    rest = 1 - sum(counts[values <= edges[-1]]) / counts.sum() if edges else 1.0
    return np.array(edges[:-1] if edges and rest < least else edges)


def word_bins(before: NDArray[Any], now: NDArray[Any], smaller: int) -> tuple[Ints, Ints, tuple[str, ...]]:
    """The bin of each word of both sets and the bins' words: the frequent ones, then all others, then the missing.

    before, now : object arrays (n,) and (m,) of str, None for missing.
    """
    words, counts = np.unique([w for w in before if w is not None], return_counts=True)
    least = max(LEAST_SHARE, FEWEST_EXPECTED / max(smaller, 1)) * max(len(before), 1)
    order = [k for k in np.argsort(-counts, kind="stable")[:MOST_LEVELS] if counts[k] >= least]
    place = {str(words[k]): at for at, k in enumerate(order)}
    others, missing = len(place), len(place) + 1
    first, second = (
        np.array([missing if w is None else place.get(w, others) for w in cells], np.int64) for cells in (before, now)
    )
    return first, second, tuple(place)


def counts_of(before: Ints, now: Ints) -> tuple[Ints, Ints, Ints]:
    """How many of both sets lie in each bin that any lies in, and those bins' numbers."""
    bins = int(max(before.max(initial=0), now.max(initial=0))) + 1
    first, second = (np.bincount(codes, minlength=bins).astype(np.int64) for codes in (before, now))
    used = np.flatnonzero(first + second)
    return first[used], second[used], used.astype(np.int64)
