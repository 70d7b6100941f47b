"""Bargains are found in samples of real tables by a market perla drafted itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import Findings
from perla.listings.checking import check
from perla.listings.drafting import draft_market
from perla.listings.wish import parse_wish
from perla.sources import read_tables

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data (../shared/data) is not here")

ROWS = 1_000
TABLES = {
    "homes-medellin": "homes-medellin/medellin_properties.csv",
    "homes-king-county": "homes-king-county/kc_house_data.csv",
    "homes-valencia": "homes-valencia/valencia_sale.parquet",
    "homes-bogota": "homes-bogota/*.csv",
    "cars-us": "cars-us-cars-com/cars.csv",
    "cars-uk": "cars-uk/*.csv",
    "cars-luxembourg": "cars-luxembourg-panel/listings.csv.gz",
}


@dataclass(frozen=True)
class Search:
    finder: Finder
    findings: Findings


@pytest.fixture(scope="module", params=TABLES)
def search(request: pytest.FixtureRequest) -> Search:
    """1,000 rows of a table, learned and searched out of fold."""
    table = read_tables(sorted(DATA.glob(TABLES[request.param])))
    market = draft_market(table.frame, request.param).market
    frame = table.frame.sample(ROWS, random_state=1).sort_index().reset_index(drop=True)
    listings = check(frame, market)
    assert len(listings) > 0.9 * ROWS
    finder = Finder(market, seed=0, threads=1).fit(listings)
    return Search(finder, finder.find(listings, shown=5))


def test_every_listing_gets_a_verdict_and_most_of_them_a_rating(search: Search) -> None:
    counts = search.findings.counts()
    assert sum(counts.values()) == len(search.findings.listings)
    unrated = sum(n for verdict, n in counts.items() if verdict.value in ("suspicious", "not rated"))
    assert unrated < 0.35 * len(search.findings.listings)
    found = search.findings.table
    assert np.isfinite(found[["score", "expected_price", "low", "high", "discount"]].to_numpy(float)).all()
    assert all(r.en and r.es for r in found["reasons"])


def test_nine_in_ten_prices_lie_inside_their_interval(search: Search) -> None:
    assert 0.86 < search.findings.card.coverage < 0.94


def test_the_price_models_together_do_no_worse_than_a_plain_regression(search: Search) -> None:
    together, regression = search.findings.card.fits[:2]
    assert together.mdape < 1.05 * regression.mdape
    assert together.mdape < 0.25


def test_what_is_shown_asks_less_than_its_interval_and_so_do_few(search: Search) -> None:
    findings = search.findings
    assert 1 <= len(findings.bargains) <= 5
    for bargain in findings.bargains:
        assert bargain.asking_price < bargain.low < bargain.expected_price
        assert bargain.discount < 0.8, "nobody gives four fifths away"
        assert len(bargain.comparables) == 5
        assert len(bargain.reasons) >= 4 and len(bargain.surprises) > 1
    below = findings.table["verdict"].isin(["great", "good"]).mean()
    assert 0.005 < below < 0.09


def test_comparables_add_up_and_are_of_other_things(search: Search) -> None:
    listings = search.findings.listings
    thing = dict(zip(listings.ids, listings.things, strict=True))
    for bargain in search.findings.bargains:
        for comparable in bargain.comparables:
            assert thing[comparable.listing_id] != thing[bargain.listing_id]
            total = comparable.asking_price + sum(d.adjustment for d in comparable.differences)
            assert total == pytest.approx(comparable.adjusted_price, rel=1e-6)


def test_columns_that_give_the_price_away_were_not_shown_to_the_models(search: Search) -> None:
    kept_out = {name for name, _ in search.findings.card.kept_out}
    expected = {"homes-valencia": {"UNITPRICE"}, "cars-us": {"msrp"}}.get(search.findings.card.market, set())
    assert kept_out == expected
    assert not kept_out & set(search.finder.experts_.preparation_.names_)


def test_every_wish_the_market_allows_is_answered(search: Search) -> None:
    market, learned = search.finder.market, search.finder.experts_.preparation_.names_
    names = [c.name for c in market.columns if c.wishable and c.name in learned and c.name != market.price][:2]
    assert names
    for name in names:
        wish = parse_wish(f'price low, "{name}" high', market)
        found = search.finder.find(search.findings.listings, wish, shown=2, comparables=2)
        for bargain in found.bargains:
            assert {s.column: s.z > 0 for s in bargain.surprises if s.wished} == {market.price: False, name: True}
