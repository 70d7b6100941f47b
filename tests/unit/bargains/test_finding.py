"""Verdicts, ranks, what is shown and what is not."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import RESULT_COLUMNS, Bargain, Findings, Verdict
from perla.errors import UnknownNameError, WishError
from perla.listings import Kind, Listings
from perla.listings.checking import check
from perla.listings.wish import parse_wish
from perla.words import Text

EDGE = 1e-9  # the listing that marks the end of the intervals lies on its own, give or take a rounding
DEALS = {v.value for v in Verdict} - {"suspicious", "not rated"}


@pytest.fixture(scope="module")
def table(findings: Findings) -> pd.DataFrame:
    return findings.table.set_index("listing_id")


def search(finder: Finder, city, wish: str, shown: int = 6) -> Findings:
    return finder.find(city.listings, parse_wish(wish, city.market), shown=shown, comparables=1)


def test_every_listing_gets_one_verdict_and_a_reason(findings: Findings, city):
    table = findings.table
    assert tuple(table.columns) == RESULT_COLUMNS
    assert table["listing_id"].tolist() == city.listings.ids.tolist()
    assert set(table["verdict"]) <= {v.value for v in Verdict}
    assert sum(findings.counts().values()) == len(city.listings) == findings.examined
    assert all(isinstance(r, Text) and r.en and r.es and r.en != r.es for r in table["reasons"])


def test_ranks_run_from_one_without_gaps_over_the_rated_listings_only(findings: Findings):
    rated = findings.table["verdict"].isin(DEALS)
    assert sorted(findings.table.loc[rated, "rank"]) == list(range(1, int(rated.sum()) + 1))
    assert findings.table.loc[~rated, "rank"].isna().all()


def test_what_is_worth_showing_comes_first_and_a_higher_score_comes_earlier(findings: Findings):
    rated = findings.table[findings.table["rank"].notna()].sort_values("rank")
    worthy = rated["asking_price"] < rated["low"] * (1 - EDGE)
    assert worthy.astype(int).is_monotonic_decreasing
    for group in (rated[worthy], rated[~worthy]):
        assert group["score"].is_monotonic_decreasing
    assert [b.rank for b in findings.bargains] == list(range(1, len(findings.bargains) + 1))


def test_a_verdict_says_where_the_asking_price_lies(findings: Findings):
    table = findings.table
    below, above = table["asking_price"] / table["low"] - 1, table["asking_price"] / table["high"] - 1
    words = table["verdict"]
    assert (below[words.isin(["great", "good"])] < 0).all() and (above[words.isin(["high", "overpriced"])] > 0).all()
    assert (below[words == "fair"] > -EDGE).all() and (above[words == "fair"] < EDGE).all()
    np.testing.assert_allclose(table["discount"], 1 - table["asking_price"] / table["expected_price"])
    assert ((table["low"] < table["expected_price"]) & (table["expected_price"] < table["high"])).all()


def test_planted_bargains_are_found_and_planted_errors_are_not_shown(findings: Findings, city):
    shown = [b.listing_id for b in findings.bargains]
    assert len(shown) == 20
    found = set(shown) & set(city.bargains)
    assert len(found) >= len(city.bargains) / 2, "by chance it would be none"
    assert not set(shown) & {*city.lost_zeros, *city.vast_areas}


def test_a_price_that_lost_a_zero_is_suspicious_and_the_reason_names_the_price(table: pd.DataFrame, city):
    found = table.loc[list(city.lost_zeros)]
    assert (found["verdict"] == "suspicious").all()
    assert set(found["error_column"]) == {city.market.price}
    assert np.allclose(found["probable_value"], 10 * found["asking_price"])
    assert all(r.en.startswith("price") and ": probably" in r.en for r in found["reasons"])


def test_the_probable_price_is_written_as_each_language_writes_it(table: pd.DataFrame, city):
    told = [table.loc[name, "reasons"] for name in city.lost_zeros]
    assert all(re.search(r": probably [^;]*\d,\d{3}", r.en) for r in told)
    assert all(re.search(r": probablemente [^;]*\d\.\d{3}", r.es) for r in told)


def test_a_typing_error_is_blamed_on_a_number_never_on_a_word(findings: Findings, city):
    words = [city.market.column(name).title.en for name in city.market.named(Kind.CATEGORY)]
    for reason in findings.table["reasons"]:
        if "typing error" in reason.en:
            assert not any(f"{title} does not fit" in reason.en for title in words)


def test_an_area_ten_times_too_large_is_suspicious_even_where_such_areas_exist(table: pd.DataFrame, city):
    found = table.loc[list(city.vast_areas)]
    assert (found["verdict"] == "suspicious").all()
    assert all("area" in r.en and "área" in r.es for r in found["reasons"])
    assert set(found["error_column"]) == {"area_m2"}


def test_a_cell_outside_its_plausible_range_makes_a_listing_suspicious_and_is_quoted(table: pd.DataFrame, city):
    doubted = [d for d in city.listings.doubts if d.implausible and d.column == "area_m2"]
    assert doubted, "the city has an area above 600 m2"
    for doubt in doubted:
        row = table.loc[city.listings.ids[doubt.row]]
        assert row["verdict"] == "suspicious" and doubt.reason.en.split(":")[0] in row["reasons"].en


def test_suspicious_listings_come_after_all_others_by_score(findings: Findings):
    suspicious = findings.table["verdict"] == "suspicious"
    assert findings.table.loc[suspicious, "score"].max() < findings.table.loc[~suspicious, "score"].min()


def test_a_reposted_twin_is_judged_by_models_that_saw_neither(finder: Finder, city):
    things, position = city.listings.things, {i: k for k, i in enumerate(city.listings.ids)}
    pairs = [(position[a], position[b]) for a, b in city.reposts.items() if things[position[a]] == things[position[b]]]
    assert len(pairs) > 20
    learned = {int(row): k for k, row in enumerate(finder.experts_.learned_)}
    folds = finder.experts_.valuation_.folds_
    assert all(folds[learned[a]] == folds[learned[b]] for a, b in pairs if a in learned and b in learned)
    table = finder.find(city.listings, shown=0).table
    first, again = (table["expected_price"].iloc[[p[k] for p in pairs]].to_numpy() for k in (0, 1))
    np.testing.assert_allclose(first, again, rtol=1e-9)


def test_only_the_listings_asked_about_are_in_the_findings(finder: Finder, findings: Findings, city):
    keep = city.listings.values["area_m2"] > 90
    some = finder.find(city.listings, shown=3, comparables=1, keep=keep, where="area_m2 > 90")
    assert some.examined == len(some.table) == int(keep.sum()) and some.where == "area_m2 > 90"
    assert some.table["listing_id"].tolist() == city.listings.ids[keep].tolist()
    whole = findings.table[keep.to_numpy()].reset_index(drop=True)
    pd.testing.assert_frame_equal(some.table.drop(columns="rank"), whole.drop(columns="rank"))
    assert all(b.listing_id == some.table["listing_id"][b.row] for b in some.bargains)


def test_a_filter_that_keeps_nothing_gives_empty_findings(finder: Finder, city):
    none = finder.find(city.listings, keep=pd.Series(False, index=city.listings.values.index))
    assert (len(none.table), none.bargains, none.examined) == (0, (), 0)
    assert tuple(none.table.columns) == RESULT_COLUMNS and set(none.counts().values()) == {0}


def test_searching_leaves_the_listings_as_they_were(finder: Finder, city):
    before = city.listings.values.copy()
    finder.find(city.listings, shown=1)
    pd.testing.assert_frame_equal(city.listings.values, before)


def test_progress_is_told_in_both_languages_and_ends_at_one(finder: Finder, city):
    told: list[tuple[Text, float]] = []
    finder.find(city.listings, shown=0, progress=lambda step, share: told.append((step, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert all(step.en != step.es for step, _ in told)


@pytest.mark.parametrize("wish", ["price low, area_m2 high", "area_m2 high, price low"])
def test_of_two_wishes_both_are_kept_in_whatever_order_they_are_said(finder: Finder, city, wish: str):
    found = search(finder, city, wish)
    assert found.bargains and all(b.asking_price < b.low for b in found.bargains)
    for bargain in found.bargains:
        z = {s.column: s.z for s in bargain.surprises if s.wished}
        assert set(z) == {"precio", "area_m2"} and z["precio"] < 0 < z["area_m2"]
    assert "above" in found.wish.en and "por encima" in found.wish.es


def test_the_order_of_the_wishes_changes_nothing(finder: Finder, city):
    one, other = (search(finder, city, w) for w in ("price low, area_m2 high", "area_m2 high, price low"))
    assert [b.listing_id for b in one.bargains] == [b.listing_id for b in other.bargains]
    assert one.table["rank"].equals(other.table["rank"])


def test_a_wish_that_is_not_about_the_price_shows_what_is_odd_that_way(finder: Finder, city):
    found = search(finder, city, "area_m2 high")
    assert len(found.bargains) == 6
    for bargain in found.bargains:
        assert [(s.column, s.z > 1) for s in bargain.surprises if s.wished] == [("area_m2", True)]
        assert bargain.asking_price <= bargain.high


def test_wishing_for_a_high_price_shows_what_asks_more_than_its_interval(finder: Finder, city):
    found = search(finder, city, "precio alto")
    assert found.bargains
    assert all(b.verdict in (Verdict.HIGH, Verdict.OVERPRICED) and b.surprises[0].wished for b in found.bargains)


def test_what_is_wished_for_is_not_called_unusual(finder: Finder, city):
    for bargain in search(finder, city, "administracion low").bargains:
        assert not any("also unusual" in r.en and "administration fee" in r.en for r in bargain.reasons)


def explained(finder: Finder, city, verdict: str) -> Bargain:
    table = finder.find(city.listings, shown=0).table
    name = table.loc[table["verdict"] == verdict, "listing_id"].iloc[0]
    bargain, findings = finder.explain(city.listings, name, comparables=3)
    assert bargain.listing_id == name and len(findings.table) == len(city.listings)
    return bargain


def test_a_fair_listing_is_laid_open_like_a_bargain(finder: Finder, city):
    bargain = explained(finder, city, "fair")
    assert bargain.verdict is Verdict.FAIR and bargain.rank > 0 and len(bargain.comparables) == 3
    assert bargain.gap == pytest.approx(bargain.expected_price - bargain.asking_price)


def test_a_suspicious_listing_says_first_what_makes_it_so(finder: Finder, city):
    bargain = explained(finder, city, "suspicious")
    assert bargain.verdict is Verdict.SUSPICIOUS and bargain.rank == 0
    table = finder.find(city.listings, shown=0).table.set_index("listing_id")
    assert bargain.reasons[0] == table.loc[bargain.listing_id, "reasons"]


def test_a_row_that_was_set_aside_is_explained_by_its_reason(finder: Finder, city):
    rejected = city.listings.rejected[0]
    with pytest.raises(UnknownNameError) as caught:
        finder.explain(city.listings, rejected.listing_id)
    assert rejected.reason.en in caught.value.text("en") and rejected.reason.es in caught.value.text("es")


def test_an_id_nobody_has_names_the_closest(finder: Finder, city):
    wanted = city.listings.ids[0]
    with pytest.raises(UnknownNameError, match=wanted) as caught:
        finder.explain(city.listings, wanted + "x")
    assert "Quiso decir" in caught.value.text("es")


def test_listings_never_seen_are_judged_too(finder: Finder, city):
    new = city.frame.head(40).assign(id=[f"new-{i}" for i in range(40)], barrio="Nowhere", descripcion=None)
    found = finder.find(check(new, city.market), shown=2)
    assert len(found.table) == 40 - len(found.listings.rejected)
    assert np.isfinite(found.table[["score", "expected_price", "low", "high"]].to_numpy(float)).all()


@pytest.fixture(scope="module")
def sale(city) -> tuple[Listings, set[str]]:
    """A fresh table in which a quarter of 120 listings asks for six tenths of its price; and the ids of these."""
    ordinary = city.frame[~city.frame["id"].isin([*city.bargains, *city.lost_zeros, *city.vast_areas])].head(120)
    prices = check(ordinary, city.market).values.set_index("id")["precio"].reindex(ordinary["id"]).to_numpy()
    fresh = ordinary.assign(id=[f"new-{i}" for i in range(len(ordinary))]).reset_index(drop=True)
    cut = np.arange(len(fresh)) % 4 == 0
    fresh.loc[cut, "precio"] = [f"{p:.0f}" for p in 0.6 * prices[cut]]
    return check(fresh, city.market), set(fresh.loc[cut, "id"])


def test_with_a_rate_of_false_ones_as_many_are_shown_as_are_discovered(finder: Finder, sale):
    listings, cheap = sale
    found = finder.find(listings, comparables=1, fdr=0.1)
    shown = {b.listing_id for b in found.bargains}
    assert found.fdr == 0.1 and found.discovered == len(shown) >= 10 and len(shown & cheap) >= 0.9 * len(shown)
    p_values = found.table.set_index("listing_id")["p_value"].dropna()
    assert p_values[list(shown)].max() <= 0.1 * len(shown) / len(p_values)
    wider = finder.find(listings, comparables=1, fdr=0.3)
    assert shown <= {b.listing_id for b in wider.bargains}


def test_a_saved_finder_discovers_the_same(finder: Finder, sale):
    again = Finder.from_state(finder.state(), threads=1).find(sale[0], comparables=1, fdr=0.1)
    assert [b.listing_id for b in again.bargains] == [
        b.listing_id for b in finder.find(sale[0], comparables=1, fdr=0.1).bargains
    ]


def test_where_nothing_stands_out_the_list_is_empty(finder: Finder, city):
    none = finder.find(city.listings, fdr=0.001)
    assert (none.fdr, none.discovered, none.bargains) == (0.001, 0, ())


def test_only_rated_listings_have_a_p_value_and_all_have_a_chance(findings: Findings):
    table = findings.table
    np.testing.assert_array_equal(table["p_value"].notna(), table["rank"].notna())
    assert table["p_value"].dropna().between(0, 1, inclusive="right").all() and table["chance"].between(0, 1).all()
    best = table.sort_values("rank").dropna(subset="rank")
    assert best["p_value"].head(20).median() < 0.1 < best["p_value"].median()


def test_a_rate_of_false_ones_says_nothing_of_other_wishes(finder: Finder, city):
    with pytest.raises(WishError, match="--fdr"):
        finder.find(city.listings, parse_wish("area_m2 high", city.market), fdr=0.1)
