"""A scorecard: how good estimates of listings no model saw are, beside two baselines, by part of the market."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.valuation.market_parts import Part
from perla.valuation.ratio_study import Scores, score
from perla.words import Text

Floats = NDArray[np.float64]
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS, LISTINGS_IN_A_BIN = 16, 25
FARTHEST = 0.7  # log ratio the histogram reaches to
BARS = 35


@dataclass(frozen=True)
class Judged:
    """Estimates of n listings by models that never saw them, all in log price, (n,).

    low, high : the 90 % interval. hedonic : by the hedonic regression. comparables : the median of the most alike.
    """

    log_price: Floats
    expected: Floats
    low: Floats
    high: Floats
    hedonic: Floats
    comparables: Floats

    def __len__(self) -> int:
        return len(self.log_price)

    def take(self, rows: NDArray[Any]) -> Judged:
        """Only these rows (positions or bools)."""
        return Judged(
            self.log_price[rows], self.expected[rows], self.low[rows], self.high[rows],
            self.hedonic[rows], self.comparables[rows],
        )  # fmt: skip

    @property
    def value(self) -> Floats:
        """Log of half the asking price and half the estimate: a listing's place among cheap and dear ones, (n,).

        Sorted by the asking price alone, the cheapest would be those that ask too little; by the estimate, the other
        way round.
        """
        return np.asarray(np.log(0.5 * np.exp(self.log_price) + 0.5 * np.exp(self.expected)))


@dataclass(frozen=True)
class Line:
    """The same listings by perla and by the two baselines."""

    name: Text
    perla: Scores
    hedonic: Scores
    comparables: Scores


@dataclass(frozen=True)
class Breakdown:
    """The market in parts. kind : ``fifth``, ``segment``, ``region``, ``time`` or ``split``."""

    kind: str
    title: Text
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Picture:
    """What the residual plots are drawn from.

    expected : median expected price of each bin, in money. fan : for each bin the quantiles FAN of the ratio of the
    estimate to the asking price. edges : between the bars of the histogram, in log ratio. perla, hedonic, comparables :
    share of the listings in each bar; the first and the last hold all beyond.
    """

    expected: tuple[float, ...]
    fan: tuple[tuple[float, ...], ...]
    edges: tuple[float, ...]
    perla: tuple[float, ...]
    hedonic: tuple[float, ...]
    comparables: tuple[float, ...]


@dataclass(frozen=True)
class Scorecard:
    """How good the estimates are. how : what was done, a line each."""

    overall: Line
    breakdowns: tuple[Breakdown, ...]
    picture: Picture
    how: tuple[Text, ...] = ()

    def breakdown(self, kind: str) -> Breakdown | None:
        """The first breakdown of a kind, or None."""
        return next((b for b in self.breakdowns if b.kind == kind), None)


def score_line(name: Text, judged: Judged) -> Line:
    """One line of a scorecard.

    >>> one = np.log(np.array([100.0, 200.0, 400.0]))
    >>> line = score_line(Text("all", "todos"), Judged(one, one + 0.1, one - 0.2, one + 0.4, one, one))
    >>> round(line.perla.mdape, 3), line.hedonic.mdape, line.perla.coverage, line.hedonic.coverage
    (0.105, 0.0, 1.0, nan)
    """
    price = np.exp(judged.log_price)
    return Line(
        name,
        score(np.exp(judged.expected), price, np.exp(judged.low), np.exp(judged.high)),
        score(np.exp(judged.hedonic), price),
        score(np.exp(judged.comparables), price),
    )


def make_scorecard(judged: Judged, parts: Iterable[Part], how: tuple[Text, ...] = ()) -> Scorecard:
    """The scorecard of n >= 1 judged listings; ``parts``: ways to part them."""
    breakdowns = [
        Breakdown(
            part.kind,
            part.title,
            tuple(score_line(n, judged.take(part.codes == k)) for k, n in enumerate(part.names)),
        )
        for part in parts
    ]
    return Scorecard(
        score_line(Text("all listings", "todos los anuncios"), judged), tuple(breakdowns), picture_of(judged), how
    )


def picture_of(judged: Judged) -> Picture:
    """The residuals of n >= 1 listings, gathered."""
    edges = np.linspace(-FARTHEST, FARTHEST, BARS + 1)
    off = judged.expected - judged.log_price
    count = max(1, min(BINS, len(off) // LISTINGS_IN_A_BIN))
    order = np.argsort(judged.expected, kind="stable")
    bins = np.array_split(order, count)

    def bars(estimate: Floats) -> tuple[float, ...]:
        inside = np.clip(estimate - judged.log_price, -FARTHEST, FARTHEST)
        return _rounded(np.histogram(inside, edges)[0] / len(inside), 5)

    return Picture(
        expected=_rounded(np.array([np.exp(np.median(judged.expected[b])) for b in bins]), 2),
        fan=tuple(_rounded(np.exp(np.quantile(off[b], FAN)), 4) for b in bins),
        edges=_rounded(edges, 4),
        perla=bars(judged.expected),
        hedonic=bars(judged.hedonic),
        comparables=bars(judged.comparables),
    )


def _rounded(values: NDArray[Any], decimals: int) -> tuple[float, ...]:
    return tuple(round(float(v), decimals) for v in values)


def scorecard_from_state(state: dict[str, Any]) -> Scorecard:
    """The scorecard whose ``dataclasses.asdict`` this is."""
    picture = state["picture"]
    return Scorecard(
        _line(state["overall"]),
        tuple(Breakdown(str(b["kind"]), _text(b["title"]), tuple(map(_line, b["lines"]))) for b in state["breakdowns"]),
        Picture(
            fan=tuple(tuple(map(float, row)) for row in picture["fan"]),
            **{name: tuple(map(float, values)) for name, values in picture.items() if name != "fan"},
        ),
        tuple(map(_text, state["how"])),
    )


def _line(state: dict[str, Any]) -> Line:
    return Line(_text(state["name"]), *(Scores(**state[model]) for model in ("perla", "hedonic", "comparables")))


def _text(words: dict[str, str]) -> Text:
    return Text(str(words["en"]), str(words["es"]))
