"""An edition answers as a search of the same listings does, also after it was kept and opened again."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import perla.bargains.edition as edition_module
from perla.bargains.edition import Edition, first_edition
from perla.bargains.finder import Finder
from perla.errors import UnknownNameError, WhereError, WishError
from perla.listings import Rejected
from perla.listings.wish import parse_wish
from perla.storage import read_folder, write_folder
from perla.words import Text

TODAY = pd.Timestamp("2026-03-31")


@pytest.fixture(scope="module")
def edition(finder, city) -> Edition:
    days = pd.Series(pd.date_range("2026-01-01", TODAY, periods=len(city.listings)).normalize())
    days = days.astype("datetime64[s]")
    seen = pd.DataFrame({"first_seen": days - pd.Timedelta(days=9), "last_seen": days})
    seen.loc[0, "last_seen"] = pd.NaT
    prices = pd.DataFrame({
        "row": [3, 3, 5], "seen_on": pd.to_datetime(["2026-02-01", "2026-01-01", "2026-01-01"]).astype("datetime64[s]"),
        "price": [90.0, 100.0, 70.0],
    })  # fmt: skip
    note = Text("a note", "una nota")
    return Edition(finder, city.listings, seen, prices, "001-abc", "2026-03-31", (note,))


@pytest.fixture(scope="module")
def reopened(edition, tmp_path_factory) -> Edition:
    folder = tmp_path_factory.mktemp("shelf") / "edition"
    write_folder(folder, "edition", edition.state(), {})
    return Edition.from_state(read_folder(folder, "edition")[0], edition.finder)


@pytest.mark.parametrize(
    "wish", ["price low", "price low, area high", "area high", "price high", "area low, administracion low"]
)
def test_a_search_shows_what_the_finder_shows_in_the_same_order(edition, city, wish):
    wished = parse_wish(wish, city.market)
    found = edition.finder.find(city.listings, wished, shown=1000, comparables=1)
    rows = edition.search(wished)
    assert rows.tolist() == [b.row for b in found.bargains]
    shown = edition.table(rows, wished)
    expected = found.table.loc[rows]
    pd.testing.assert_frame_equal(shown, expected, check_exact=True)


def test_a_filter_keeps_what_it_keeps_in_a_search_of_the_finder(edition, city):
    where = "barrio in ('Coral', 'Nácar', 'La Ostra') and area_m2 between 50 and 120"
    keep = pd.Series(edition.matching(where), index=city.listings.values.index)
    found = edition.finder.find(city.listings, shown=1000, comparables=1, keep=keep, where=where)
    assert 0 < keep.sum() < len(keep)
    assert [city.listings.ids[r] for r in edition.search(edition.wish(None), where)] == [
        b.listing_id for b in found.bargains
    ]


@pytest.mark.parametrize("wish", ["price low", "price low, area high"])
@pytest.mark.parametrize("where", ["", "area_m2 > 60"])
def test_a_list_with_few_false_ones_is_the_finders_list(edition, city, wish, where):
    wished = parse_wish(wish, city.market)
    keep = pd.Series(edition.matching(where), index=city.listings.values.index)
    for rate in (0.05, 0.3):
        found = edition.finder.find(city.listings, wished, comparables=1, keep=keep, fdr=rate)
        rows = edition.search(wished, where, fdr=rate)
        assert len(rows) == found.discovered
        assert [city.listings.ids[r] for r in rows[:50]] == [b.listing_id for b in found.bargains]


def test_the_proof_of_a_listing_is_the_finders_proof(edition, city):
    found = edition.finder.find(city.listings, shown=5)
    assert edition.prove([b.row for b in found.bargains], edition.wish(None)) == found.bargains


def test_a_listing_that_is_no_bargain_is_proved_too(edition, city):
    wish = edition.wish("price low, area high")
    row = next(r for r in range(len(city.listings)) if r not in set(edition.answer(wish).judged.rows.tolist()))
    proved, _ = edition.finder.explain(city.listings, str(city.listings.ids[row]), wish)
    assert edition.prove([row], wish)[0] == replace(proved, rank=0)


def test_nothing_is_proved_of_nothing(edition):
    assert edition.prove([], edition.wish(None)) == ()


def test_an_edition_that_was_kept_answers_exactly_as_before(edition, reopened):
    assert reopened.release == "001-abc" and reopened.notes == edition.notes and len(reopened) == len(edition)
    for words in ("price low", "price low, area high", "area high"):
        wish = edition.wish(words)
        assert reopened.search(wish, "area_m2 > 55").tolist() == edition.search(wish, "area_m2 > 55").tolist()
    low = edition.wish(None)
    rows = edition.search(low)[:3]
    assert reopened.prove(rows, low) == edition.prove(rows, low)
    every = np.arange(len(edition))
    pd.testing.assert_frame_equal(reopened.table(every, low), edition.table(every, low), check_exact=True)
    assert reopened.search(low, fdr=0.1).tolist() == edition.search(low, fdr=0.1).tolist()
    assert reopened.prices_of(3)["price"].tolist() == edition.prices_of(3)["price"].tolist()
    assert reopened.listings.doubts == edition.listings.doubts
    assert [r.reason for r in reopened.listings.rejected] == [r.reason for r in edition.listings.rejected]


def test_an_edition_that_was_kept_is_not_judged_again(edition, reopened, monkeypatch):
    def refuse(*_):
        raise AssertionError("judged again")

    monkeypatch.setattr(Finder, "examine", refuse)
    monkeypatch.setattr(Finder, "decide", refuse)
    rows = reopened.search(reopened.wish(None), "area_m2 > 50", pd.Timestamp("2026-01-20"))
    assert len(rows) and len(reopened.prove(rows, reopened.wish(None), what_if=False)) == len(rows)


def test_what_was_judged_by_another_model_is_refused(edition, finder):
    state = edition.state()
    short = {**state, "examined": {**state["examined"], "positions": state["examined"]["positions"][:-1]}}
    far = {**state, "examined": {**state["examined"], "near": state["examined"]["near"] + 10**6}}
    for wrong in (short, far):
        with pytest.raises(ValueError, match="does not fit"):
            Edition.from_state(wrong, finder)


def test_the_last_days_are_counted_from_the_newest_sighting_where_the_clock_went_back(edition):
    assert edition.since(30, TODAY + pd.Timedelta(days=5)) == pd.Timestamp("2026-03-06")
    assert edition.since(30, pd.Timestamp("2001-01-01")) == pd.Timestamp("2026-03-01")
    wish = edition.wish(None)
    assert len(edition.search(wish, since=edition.since(400, pd.Timestamp("2001-01-01")))) == len(edition.search(wish))


def test_only_listings_seen_since_a_day_are_shown_and_those_never_dated(edition):
    kept = edition.seen_since(pd.Timestamp("2026-03-01"))
    assert kept[0] and kept[-1] and not kept[1]
    wish = edition.wish(None)
    rows = edition.search(wish, since=pd.Timestamp("2026-03-01"))
    assert rows.tolist() == [r for r in edition.search(wish) if kept[r]]
    assert 0 < len(rows) < len(edition.search(wish))


def test_a_filter_is_read_once(edition, monkeypatch):
    read = []
    original = edition_module.filter_rows
    monkeypatch.setattr(edition_module, "filter_rows", lambda *a: read.append(1) or original(*a))
    for _ in range(3):
        assert edition.matching("area_m2 > 77.125").any()
    assert len(read) == 1


def test_what_a_filter_may_not_say_is_refused_each_time(edition):
    for _ in range(2):
        with pytest.raises(WhereError):
            edition.matching("__import__('os') = 1")


def test_a_rate_of_false_ones_needs_a_wish_for_a_low_price(edition):
    with pytest.raises(WishError):
        edition.search(edition.wish("area high"), fdr=0.1)


def test_the_prices_a_listing_asked_come_oldest_first(edition):
    assert edition.prices_of(3)["price"].tolist() == [100.0, 90.0]
    assert edition.prices_of(4).empty


def test_an_unknown_id_names_the_closest(edition, city):
    known = str(city.listings.ids[7])
    assert edition.row_of(known) == 7
    with pytest.raises(UnknownNameError, match=known):
        edition.row_of(known + "x")


def test_an_id_that_was_set_aside_says_why(edition):
    rejected = Rejected(1, "gone", Text("no price", "sin precio"))
    own = replace(edition, listings=replace(edition.listings, rejected=(rejected,)))
    with pytest.raises(UnknownNameError, match="set aside: no price"):
        own.row_of("gone")


def test_new_listings_are_told_as_a_search_of_them_tells_them(edition, city, finder):
    few = city.listings.take(pd.Series(np.arange(len(city.listings)) < 2, index=city.listings.values.index))
    told = edition.estimate(few, comparables=2)
    assert [t.verdict.value for t in told] == finder.find(few, shown=0).table["verdict"].tolist()


def test_without_a_store_the_listings_learned_from_answer_with_their_doubts(finder):
    first = first_edition(finder, "r")
    assert len(first) == len(finder.known_.listings)
    assert any(d.implausible for d in first.listings.doubts) == any(
        d.implausible and d.row in set(finder.experts_.learned_.tolist()) for d in finder._fitted.doubts
    )
    assert first.seen["last_seen"].isna().all() and first.prices.empty
    assert first.search(first.wish(None), since=TODAY).tolist() == first.search(first.wish(None)).tolist()


def test_the_wishes_for_one_column_are_judged_before_anybody_asks(edition, tmp_path, monkeypatch):
    fresh = Edition(edition.finder, edition.listings, edition.seen, edition.prices)
    write_folder(tmp_path / "edition", "edition", edition.state(), {})
    kept = Edition.from_state(read_folder(tmp_path / "edition", "edition")[0], edition.finder)
    asked = [edition.wish(words) for words in ("price low, area high", "area low", "price high", "price low, area low")]
    expected = [fresh.search(wish).tolist() for wish in asked]
    monkeypatch.delattr(Finder, "decide")
    assert [kept.search(wish).tolist() for wish in asked] == expected
    assert all(expected)
