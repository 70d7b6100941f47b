"""A typing error in words."""

from __future__ import annotations

from perla.bargains.cells import cell_text
from perla.bargains.slips.kinds import SlipKind
from perla.bargains.slips.readings import Slips
from perla.listings import Kind, Market
from perla.listings.units import known_unit
from perla.words import Text, fill, money, same

RENT = Text("looks like a monthly rent, not a sale price", "parece un arriendo mensual, no un precio de venta")
INSTALMENT = Text("looks like a monthly instalment, not the price", "parece una cuota mensual, no el precio")


def tell_slip(slips: Slips, row: int, market: Market) -> Text:
    """What stands there and what probably should.

    >>> import numpy as np
    >>> market = Market("homes", "precio", "COP", ())
    >>> one = np.array(["precio"], object), np.array([45e6]), np.array([450e6]), np.array(["scale"], object), np.ones(1)
    >>> tell_slip(Slips(*one), 0, market).es
    'precio $ 45.000.000: probablemente $ 450.000.000'
    """
    name, typed = str(slips.columns[row]), float(slips.typed[row])
    if name == market.price:
        title, written = Text("price", "precio"), money(typed, market.currency)
    else:
        title, written = market.column(name).title, cell_text(market.column(name), typed, market)
    return title + same(" ") + written + same(": ") + tell_guess(slips, row, market)


def tell_guess(slips: Slips, row: int, market: Market) -> Text:
    """What probably should stand there, or what stands there instead."""
    name, kind, probable = str(slips.columns[row]), SlipKind(str(slips.kinds[row])), float(slips.probable[row])
    if kind is SlipKind.MONTHLY:
        return _monthly(market)
    if kind is SlipKind.CURRENCY:
        likely = money(_two_figures(probable), market.currency)
        return fill("looks like US dollars, about {likely}", "parece estar en dólares, unos {likely}", likely=likely)
    likely = (
        money(probable, market.currency) if name == market.price else cell_text(market.column(name), probable, market)
    )
    return fill("probably {likely}", "probablemente {likely}", likely=likely)


def _monthly(market: Market) -> Text:
    """A home is let, a car is paid off."""
    units = [known_unit(c.unit) for c in market.columns if c.kind is Kind.QUANTITY and c.unit]
    return RENT if any(u is not None and u.dimension == "area" for u in units) else INSTALMENT


def _two_figures(amount: float) -> float:
    return float(f"{amount:.2g}")
