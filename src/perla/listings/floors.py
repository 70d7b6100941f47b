"""What a model of a market must reach before it is put in service: the ``[gate]`` of a market file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What a new model must be beside the one in service, on the same listings."""

    BETTER = "better"  # its error is smaller, beyond chance
    NOT_WORSE = "not worse"  # its error is larger by less than a margin, beyond chance


@dataclass(frozen=True)
class Floors:
    """Limits, each included. Shares are shares (0.9), ``cod`` is in percent as mass appraisal writes it.

    r2, mdape : one of the two must hold: the share of the prices' variance explained, or, where prices vary too little
    for that, the median absolute error as a share of the price. coverage : of the 90 % interval. listings : fewest
    held-out listings to judge by. better : beside the model in service. margin : by what share the error may be larger
    under ``not worse``.

    >>> Floors().coverage, Floors().better.value
    ((0.87, 0.93), 'better')
    """

    r2: float = 0.90
    mdape: float = 0.10
    coverage: tuple[float, float] = (0.87, 0.93)
    median_ratio: tuple[float, float] = (0.95, 1.05)
    cod: float = 15.0
    listings: int = 50
    better: Rule = Rule.BETTER
    margin: float = 0.02
