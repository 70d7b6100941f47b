"""The scorecard judges every listing unseen: neither a column that tells the price nor a re-post moves it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perla.bargains.evaluation import NEW, evaluate, judge_in_time, judge_listings, unseen_positions
from perla.errors import InputError
from perla.listings import Market
from perla.listings.checking import check
from perla.listings.drafting import draft_market
from perla.valuation import DEFAULT_MODELS


@pytest.fixture(scope="module")
def card(finder, city):
    return evaluate(finder, city.listings)


def test_the_scorecard_of_the_learned_listings_is_the_one_the_model_keeps(card, finder):
    learned = card.splits.lines[0]
    assert learned.name.en == "known" and learned.perla.listings >= finder.card_.listings_learned
    kept = finder.card_.scorecard.overall
    assert kept.perla.mdape == pytest.approx(finder.card_.fits[0].mdape)
    assert kept.hedonic.mdape == pytest.approx(finder.card_.fits[1].mdape)
    assert kept.perla.coverage == pytest.approx(finder.card_.coverage)
    assert learned.perla.mdape == pytest.approx(kept.perla.mdape, rel=0.05)


def test_the_baselines_stand_beside_every_figure_and_do_worse(card):
    overall = card.scorecard.overall
    assert overall.perla.mdape < min(overall.hedonic.mdape, overall.comparables.mdape)
    assert overall.hedonic.listings == overall.comparables.listings == overall.perla.listings


def test_what_was_done_is_told_in_both_languages(card):
    assert all(line.en and line.es and line.en != line.es for line in card.scorecard.how)
    assert any("out" in line.en or "never saw" in line.en for line in card.scorecard.how)


def test_a_repost_under_another_id_and_price_is_judged_by_models_that_never_saw_it(finder, city):
    """Dearer re-posts of learned listings get the very estimate the learned listing gets out of fold."""
    some = city.listings.take(pd.Series(np.arange(len(city.listings)) < 120))
    again = replace(some, values=some.values.assign(precio=some.prices * 1.07), ids="again-" + some.ids)
    positions = unseen_positions(finder, again)
    twins = positions != NEW
    assert twins.sum() > 60
    fresh = judge_listings(finder.experts_, again, positions)
    kept = finder.known_.listings.take(pd.Series(np.isin(np.arange(len(finder.known_.listings)), positions[twins])))
    mine = judge_listings(finder.experts_, kept, unseen_positions(finder, kept))
    order = np.searchsorted(np.unique(positions[twins]), positions[twins])
    assert np.allclose(fresh.expected[twins], mine.expected[order])
    assert np.allclose(fresh.comparables[twins], mine.comparables[order])


def test_too_few_listings_are_refused_in_one_sentence(finder, city):
    few = city.listings.take(pd.Series(np.arange(len(city.listings)) < 3))
    with pytest.raises(InputError, match="at least 5"):
        evaluate(finder, few)


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    """Homes with the day of the ad; a quarter of each price is explained by nothing."""
    rng = np.random.default_rng(4)
    count = 900
    area = np.exp(rng.normal(4.4, 0.4, count)).round(2)
    place = rng.integers(0, 4, count)
    price = (area * np.exp(15 + 0.2 * place + rng.normal(0, 0.25, count))).round(-3)
    return pd.DataFrame(
        {
            "price": price,
            "area_m2": area,
            "rooms": rng.integers(1, 6, count).astype(float),
            "baths": rng.integers(1, 4, count).astype(float),
            "age": rng.integers(0, 60, count).astype(float),
            "neighbourhood": np.array(["Laureles", "Robledo", "Belen", "Poblado"])[place],
            "published": (pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(count) // 3, "D")).strftime(
                "%Y-%m-%d"
            ),
        }
    )


def drafted(table: pd.DataFrame) -> Market:
    return draft_market(as_read(table), "homes").market


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    return table.map(lambda cell: cell if isinstance(cell, str) else repr(float(cell)))


def in_time(table: pd.DataFrame, market: Market):
    listings = check(as_read(table), market)
    assert len(listings) == len(table)
    return judge_in_time(listings.values, market, "published", DEFAULT_MODELS, 0, 1)


def error(judged) -> float:
    return float(np.median(np.abs(np.expm1(judged.expected - judged.log_price))))


@pytest.fixture(scope="module")
def clean(homes):
    return in_time(homes, drafted(homes))


def test_a_column_that_tells_the_price_does_not_move_the_score(homes, clean):
    """A copy of the price times a constant, and its logarithm with noise: both are drafted as proxies and kept out."""
    rng = np.random.default_rng(9)
    log = np.log(homes["price"]) + rng.normal(0, 0.01, len(homes))
    leaking = homes.assign(reserve=homes["price"] * 0.03, ranking=log.round(6))
    market = drafted(leaking)
    assert {c.name for c in market.columns if c.price_proxy is not None} == {"reserve", "ranking"}
    assert error(in_time(leaking, market).judged) == pytest.approx(error(clean.judged), rel=1e-9)
    naive = replace(market, columns=tuple(replace(c, price_proxy=None) for c in market.columns))
    assert error(in_time(leaking, naive).judged) < 0.5 * error(clean.judged)


def test_reposts_of_older_listings_are_not_among_the_newest(homes, clean):
    """Forty of the newest ninety repeat older ones; counted, they would be judged by models that saw their price."""
    again = homes.copy()
    columns = [c for c in homes.columns if c != "published"]
    again.loc[again.index[-40:], columns] = homes.loc[homes.index[:40], columns].to_numpy()
    done = in_time(again, drafted(homes))
    assert (len(clean.judged), len(done.judged)) == (90, 50)
    assert error(done.judged) == pytest.approx(error(clean.judged.take(np.arange(50))), rel=0.05)


def test_everything_judged_in_time_is_newer_than_all_that_was_learned(homes, clean):
    assert clean.since == pd.Timestamp(homes["published"].iloc[810])
    assert clean.older <= 810


def test_without_enough_days_nothing_is_judged_in_time(homes):
    same_day = homes.assign(published=np.where(np.arange(len(homes)) < 5, "2025-01-01", "2025-01-02"))
    assert in_time(same_day, drafted(homes)) is None
