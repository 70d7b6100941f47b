"""A typing error in words."""

from __future__ import annotations

from perla.bargains.cells import cell_text
from perla.bargains.slips.kinds import SlipKind
from perla.bargains.slips.readings import Slips
from perla.listings import Kind, Market
from perla.listings.units import known_unit
from perla.words import Text, fill, money, rounded

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
    name, kind = str(slips.columns[row]), SlipKind(str(slips.kinds[row]))
    typed, probable = float(slips.typed[row]), float(slips.probable[row])
    if name != market.price:
        column = market.column(name)
        title, written, likely = column.title, cell_text(column, typed, market), cell_text(column, probable, market)
    else:
        title = Text("price", "precio")
        written, likely = money(typed, market.currency), money(probable, market.currency)
    if kind is SlipKind.MONTHLY:
        return fill("{title} {written}: ", "{title} {written}: ", title=title, written=written) + _monthly(market)
    if kind is SlipKind.CURRENCY:
        return fill(
            "{title} {written}: looks like US dollars, about {likely}",
            "{title} {written}: parece estar en dólares, unos {likely}",
            title=title, written=written, likely=money(_two_figures(probable), market.currency),
        )  # fmt: skip
    return fill(
        "{title} {written}: probably {likely}",
        "{title} {written}: probablemente {likely}",
        title=title, written=written, likely=likely,
    )  # fmt: skip


def _monthly(market: Market) -> Text:
    """A home is let, a car is paid off."""
    units = [known_unit(c.unit) for c in market.columns if c.kind is Kind.QUANTITY and c.unit]
    return RENT if any(u is not None and u.dimension == "area" for u in units) else INSTALMENT


def _two_figures(amount: float) -> float:
    return rounded(float(f"{amount:.2g}"))
