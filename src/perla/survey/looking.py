"""Look at a market as it is: counts, prices by area and over time, what stands in each column, what is odd."""

from __future__ import annotations

import pandas as pd

from perla.listings import Listings
from perla.listings.reasons import count_kinds
from perla.survey.attributes import attributes
from perla.survey.facts import Count, Month, Survey
from perla.survey.oddities import oddities
from perla.survey.prices import ALL, AREAS, KINDS, asked, price_map, prices_by, size_column
from perla.survey.times import Dated, cuts, dates_of, months, weeks
from perla.words import Text, join, same


def look(listings: Listings, seen: pd.DataFrame | None = None, prices: pd.DataFrame | None = None) -> Survey:
    """The market these listings are.

    listings : n checked listings. seen : DataFrame on their index with ``first_seen`` and ``last_seen`` (datetime64,
    NaT where nobody knows). prices : every price a listing has had, DataFrame with ``row`` (position), ``seen_on``
    (datetime64) and ``price``. Both may be left out or be empty.

    >>> from perla.listings.checking import check
    >>> from perla.sources.simulated import simulate_market
    >>> homes = simulate_market(150)
    >>> survey = look(check(homes.frame, homes.market))
    >>> survey.listings > 100, survey.areas[0].title.es, survey.months
    (True, 'barrio', ())
    """
    size = size_column(listings)
    amounts = asked(listings, size)
    dated = dates_of(listings, seen) if len(listings) else None
    by_month = months(listings, dated, amounts) if dated is not None else ()
    columns, changes = attributes(listings), cuts(prices, seen)
    things = int(listings.things.nunique())
    return Survey(
        market=listings.market.name,
        title=listings.market.label,
        currency=listings.market.currency,
        simulated=listings.market.simulated,
        source=listings.source,
        listings=len(listings),
        things=things,
        twins=len(listings) - things,
        rejected=len(listings.rejected),
        rejected_why=_rejected(listings),
        size="" if size is None else size.name,
        size_title=same("") if size is None else size.title,
        size_unit="" if size is None else size.unit,
        price=amounts.line(ALL),
        areas=prices_by(listings, amounts, AREAS),
        kinds=prices_by(listings, amounts, KINDS),
        map=price_map(listings.values, listings.market, amounts),
        time=None if dated is None else _time(dated, by_month),
        months=by_month,
        weeks=() if dated is None else weeks(dated),
        cuts=changes,
        attributes=columns,
        oddities=oddities(listings, columns, by_month, changes, None if dated is None else dated.days),
    )


def _rejected(listings: Listings) -> tuple[Count, ...]:
    rows = max(1, len(listings) + len(listings.rejected))
    return tuple(Count(reason, n, n / rows) for reason, n in count_kinds(r.reason for r in listings.rejected))


def _time(dated: Dated, by_month: tuple[Month, ...]) -> Text:
    """Whose dates the months are, what is left out, and what a typical price is."""
    told = [dated.told]
    if dated.stock is not None:
        day = dated.stock.date().isoformat()
        told.append(Text(
            f"without what already stood when the record began ({day})",
            f"sin lo que ya estaba cuando empezó el registro ({day})",
        ))  # fmt: skip
    if any(month.typical is not None for month in by_month):
        told.append(Text(
            "the typical price is of the same kind of thing every month, whatever was for sale in it",
            "el precio típico es siempre del mismo tipo de cosa, sin importar qué se ofrecía ese mes",
        ))  # fmt: skip
    return join(told, "; ")
