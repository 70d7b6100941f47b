"""Which listing a row is, whatever the price and the way it is written."""

import pandas as pd
import pytest

from perla.errors import InputError
from perla.history.identity import identities
from perla.listings import Column, Kind, Market
from perla.listings.checking import check
from perla.words import Text

AREA, NOTE = Column("area", Kind.QUANTITY, "m2"), Column("note", Kind.TEXT)
PER_M2 = Column("per_m2", Kind.QUANTITY, price_proxy=Text("price by area", "precio por área"))
PLAIN = Market("homes", "price", "EUR", (AREA, NOTE, PER_M2))
NAMED = Market("homes", "price", "EUR", (Column("ref", Kind.ID), Column("url", Kind.LINK), AREA))


def _of(market: Market, **cells: list[object]) -> list[str]:
    return identities(check(pd.DataFrame(cells), market, allow_missing=True)).tolist()


def test_the_id_comes_before_the_link_and_the_link_before_what_is_advertised():
    found = _of(NAMED, ref=["A", None, None], url=["https://x/1", "https://x/2", None], area=[50, 60, 70],
                price=[1, 2, 3])  # fmt: skip
    assert found[:2] == ["id:A", "link:https://x/2"] and found[2].startswith("like:")


def test_an_id_is_the_same_as_a_number_and_as_a_text():
    assert _of(NAMED, ref=[123], area=[50], price=[1]) == _of(NAMED, ref=["123"], area=[50], price=[1]) == ["id:123"]


def test_neither_price_nor_spelling_nor_order_of_columns_changes_who_it_is():
    first = _of(PLAIN, area=["50 m²"], note=["nice"], price=[100], per_m2=[2])
    second = _of(PLAIN, price=["90,00 €"], per_m2=["1.8"], note=["nice"], area=[50.0])
    assert first == second


def test_other_attributes_are_another_listing():
    assert _of(PLAIN, area=[50], note=["nice"], price=[100]) != _of(PLAIN, area=[51], note=["nice"], price=[100])
    assert _of(PLAIN, area=[50], note=[None], price=[100]) != _of(PLAIN, area=[None], note=["50"], price=[100])


def test_alike_listings_are_numbered_by_price():
    found = _of(PLAIN, area=[50, 50, 50], note=["a", "a", "b"], price=[120, 100, 90])
    assert found[0] == found[1] + "#2" and "#" not in found[1] + found[2]


def test_an_identity_does_not_change_from_one_version_of_perla_to_the_next():
    assert _of(PLAIN, area=[50], note=["nice"], price=[100]) == ["like:939fb9cb579a006744ff33076acad38a"]


def test_a_link_to_the_front_page_names_nothing():
    cells = {"url": ["https://x/"] * 30, "area": list(range(20, 50)), "price": list(range(100, 130))}
    with pytest.raises(InputError, match="'url' must tell listings apart, but 30 rows share 1 values") as refused:
        _of(NAMED, **cells)
    assert "--seen-on" in refused.value.text("es")
