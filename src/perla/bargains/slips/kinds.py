"""The ways of mistyping a number, and how common each is before looking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from perla.listings import Market

Floats = NDArray[np.float64]
MONTHLY = np.log(np.geomspace(30.0, 500.0, 12))  # an instalment or a rent is this part of the whole price
PER_DOLLAR = {
    "COP": 4000.0,
    "MXN": 18.5,
    "ARS": 1300.0,
    "CLP": 950.0,
    "PEN": 3.7,
    "BRL": 5.5,
    "INR": 86.0,
    "JPY": 150.0,
}
CURRENCY_SPREAD = 0.2  # log: how far a rate of exchange wanders from the table's


class SlipKind(StrEnum):
    """What was mistyped."""

    NONE = ""
    SCALE = "scale"  # digits lost or added, thousands
    MONTHLY = "monthly"
    CURRENCY = "currency"


@dataclass(frozen=True)
class Slip:
    """A way of mistyping: the true value is the typed one times one of ``exp(shifts)``, equally likely."""

    kind: SlipKind
    shifts: Floats
    share: float

    @property
    def factor(self) -> float:
        """True over typed value, in the middle."""
        return float(np.exp(self.shifts.mean()))


def _exact(factor: float, share: float) -> Slip:
    return Slip(SlipKind.SCALE, np.log([factor]), share)


COLUMN_SLIPS = tuple(
    _exact(f, s) for f, s in ((10.0, 0.4), (0.1, 0.4), (100.0, 0.05), (0.01, 0.05), (1000.0, 0.05), (0.001, 0.05))
)
COUNT_SLIPS = (_exact(0.1, 0.4), _exact(10.0, 0.4))


def price_slips(market: Market) -> tuple[Slip, ...]:
    """Ways of mistyping the price of this market, their shares near one in all.

    >>> [round(s.factor, 3) for s in price_slips(Market("cars", "price", "GBP", ()))][:3]
    [10.0, 0.1, 100.0]
    """
    exact = ((10.0, 0.45), (0.1, 0.15), (100.0, 0.08), (0.01, 0.03), (1000.0, 0.12), (0.001, 0.03))
    slips = [_exact(f, s) for f, s in exact]
    slips.append(Slip(SlipKind.MONTHLY, MONTHLY, 0.1))
    rate = PER_DOLLAR.get(market.currency.upper())
    if rate is not None and rate > 3:
        wander = CURRENCY_SPREAD * np.array([-1.0, 0.0, 1.0])
        slips.append(Slip(SlipKind.CURRENCY, np.log(rate) + wander, 0.04))
    return tuple(slips)
