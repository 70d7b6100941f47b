"""The parts of the pages that need no service: questions, addresses, outlines, drawings, what is kept of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest
from markupsafe import Markup

from perla.app.web.pages import fields
from perla.app.web.pages.fields import Field, kept_for
from perla.app.web.pages.figures import bare
from perla.app.web.pages.outlines import lines_within
from perla.app.web.pages.question import read_question, simple_filter
from perla.app.web.pages.rows import Scale, address_of_listing, seen_ago
from perla.errors import WhereError
from perla.listings import Column, Kind, Market
from perla.listings.where import filter_rows

FIELDS = (
    Field(Column("barrio", Kind.CATEGORY), ("Coral", "O'Higgins")),
    Field(Column("price", Kind.QUANTITY, "COP")),
    Field(Column('odd "name"', Kind.COUNT)),
)


def test_a_question_and_its_address_say_the_same():
    asked = {
        "is.barrio": "Coral",
        "max.price": "450 millones",
        "days": "30",
        "page": "3",
        "where": "a > 1",
        "nose": "x",
    }
    question = read_question(asked, FIELDS)
    assert question.address(question.page) == (
        "/?is.barrio=Coral&max.price=450+millones&where=a+%3E+1&days=30&page=3"
    )  # fmt: skip
    assert read_question({}, FIELDS).address() == "/"


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "1e9", "٣", "9" * 400])
def test_a_page_that_is_none_is_a_page_all_the_same(page):
    assert 1 <= read_question({"page": page}, FIELDS).page <= 10_000


def test_simple_fields_become_a_filter_that_nothing_escapes():
    asked = {"is.barrio": "O'Higgins' or 1=1", "min.price": "$ 80.000.000", 'max.odd "name"': "3"}
    expression = simple_filter(read_question(asked, FIELDS), FIELDS)
    frame = pd.DataFrame({"barrio": ["O'Higgins' or 1=1", "Coral"], "price": [9e7, 9e7], 'odd "name"': [2.0, 2.0]})
    market = Market("m", "price", "COP", tuple(f.column for f in FIELDS))
    assert filter_rows(frame, expression, market).tolist() == [True, False]


def test_a_number_that_is_none_is_told_with_its_field():
    with pytest.raises(WhereError, match="price: a number is needed"):
        simple_filter(read_question({"min.price": "cheap"}, FIELDS), FIELDS)


def test_an_id_with_any_characters_makes_one_part_of_an_address():
    assert address_of_listing("a b", "x/../y?z#é") == "/listing/a%20b/x%2F..%2Fy%3Fz%23%C3%A9"


def test_a_sighting_of_tomorrow_counts_as_today():
    assert seen_ago(pd.Timestamp("2026-03-05"), date(2026, 3, 4)).en == "seen today"
    assert seen_ago(pd.Timestamp("2025-10-04"), date(2026, 3, 4)).es == "visto hace 5 meses"
    assert seen_ago(pd.NaT, date(2026, 3, 4)).en == ""


def test_every_bar_of_a_page_has_the_expected_price_at_one_place_and_stays_inside():
    scale = Scale(0.4, 1.4)
    assert scale.place(1.0) == pytest.approx(60) and scale.place(0.1) == 0 and scale.place(9) == 100


def test_a_drawing_keeps_its_looks_without_any_style():
    drawn = bare(Markup('<svg><defs><style type="text/css">*{a: b}</style></defs><g style="fill: #fff; x: y"/></svg>'))
    assert drawn == Markup('<svg><g fill="#fff"/></svg>')


def test_coasts_are_cut_to_their_surroundings():
    near = lines_within(-77.0, 7.5, -75.0, 10.0)
    assert near and sum(map(len, near)) < sum(map(len, lines_within(-82.0, -5.0, -66.0, 13.0)))
    assert lines_within(-30.0, -40.0, -29.0, -39.0) == []


def test_only_the_newest_edition_of_a_market_is_held(monkeypatch):
    @dataclass(eq=False)
    class Judged:
        market: Any

    monkeypatch.setattr(fields, "_kept", {})
    one, two = (Judged(Market("m", "price", "COP", ())) for _ in range(2))
    other = Judged(Market("n", "price", "COP", ()))
    made = [kept_for(e, "forms", lambda e: [e]) for e in (one, other, one, two)]  # type: ignore[arg-type]
    assert made[0] is made[2] and made[3] is not made[0]
    assert [kept[0] for kept in fields._kept.values()] == [other, two]
