"""Shifts planted in a batch are found and named; a batch of the same market is steady."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perla.bargains.drift import Drift, DriftState, measure
from perla.bargains.drift.columns import Comparison, Side, compare
from perla.bargains.drift.measuring import Estimated, tell_estimates
from perla.bargains.drift.shift import counts_of, number_bins, shift_of, word_bins
from perla.listings import Column, Kind, Listings, Market
from perla.listings.checking import check
from perla.prepare import Preparation
from perla.reports.json_record import plain
from perla.sources.simulated import simulate_market

SHIFTED = (DriftState.WATCH, DriftState.DRIFTED)


@pytest.fixture(scope="module")
def homes() -> Listings:
    simulated = simulate_market(800, seed=21)
    return check(simulated.frame, simulated.market)


@pytest.fixture(scope="module")
def batch(city) -> Listings:
    """New homes of the same city, judged by the finder of this room."""
    frame = simulate_market(200, seed=1).frame
    return check(frame.assign(id="new-" + frame["id"]), city.market)


def comparison(market: Market, before: pd.DataFrame, now: pd.DataFrame) -> Comparison:
    preparation = Preparation(market).fit(before, seed=0)
    sides = [Side(v, preparation.transform(v), len(v)) for v in (before, now)]
    return Comparison(sides[0], sides[1], preparation, market, {})


def split(listings: Listings, new: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    order = np.random.default_rng(seed).permutation(len(listings))
    return (listings.values.iloc[order[new:]].reset_index(drop=True),
            listings.values.iloc[order[:new]].reset_index(drop=True))  # fmt: skip


def shifted(what: Comparison) -> set[str]:
    price, columns = compare(what)
    return {c.column for c in (price, *columns) if c.state in SHIFTED}


@pytest.mark.parametrize("new", [25, 60, 300])
def test_a_shuffled_split_is_steady_for_many_seeds(homes, new):
    found = [shifted(comparison(homes.market, *split(homes, new, seed))) for seed in range(6)]
    assert found == [set()] * 6


def test_the_plain_index_would_have_cried_wolf_over_sixty_listings(homes):
    before, now = split(homes, 60, 0)
    names = ["area_m2", "administracion", "latitud", "longitud"]
    made = []
    for name in names:
        first, second, _ = counts_of(*number_bins(before[name].to_numpy(), now[name].to_numpy(), 10_000))
        made.append(shift_of(first, second, (len(before), 60), len(names)))
    assert max(found.raw for found in made) > 0.10
    assert not any(found.real for found in made)


def test_a_planted_shift_is_found_and_no_other_column_is_named(homes):
    before, now = split(homes, 300, 1)
    now["area_m2"] *= 1.5
    assert shifted(comparison(homes.market, before, now)) == {"area_m2"}


def test_a_column_that_falls_silent_is_told_by_its_gaps(homes):
    before, now = split(homes, 300, 2)
    now.loc[:200, "administracion"] = np.nan
    _, columns = compare(comparison(homes.market, before, now))
    worst = columns[0]
    assert (worst.column, worst.state) == ("administracion", DriftState.DRIFTED)
    assert worst.missing_now - worst.missing_before > 0.6
    assert "sin dato en el" in worst.told.es
    assert "missing in" in worst.told.en


def test_words_never_seen_are_counted_and_named(homes):
    before, now = split(homes, 300, 3)
    now["barrio"] = now["barrio"].where(np.arange(300) % 3 > 0, "Barrio Nuevo")
    _, columns = compare(comparison(homes.market, before, now))
    barrio = next(c for c in columns if c.column == "barrio")
    assert barrio.unknown == pytest.approx(1 / 3, abs=0.01)
    assert barrio.state is DriftState.DRIFTED
    assert "never seen" in barrio.told.en


def test_as_many_new_words_as_there_always_are_is_no_drift():
    rng = np.random.default_rng(0)
    market = Market("m", "price", "EUR", (Column("price", Kind.QUANTITY), Column("street", Kind.CATEGORY),
                                          Column("rooms", Kind.COUNT)))  # fmt: skip
    words = np.array([f"S{k}" for k in rng.zipf(1.4, 2400) % 4000])
    table = pd.DataFrame({"price": rng.uniform(1, 2, 2400), "street": words, "rooms": rng.integers(1, 5, 2400) * 1.0})
    _, columns = compare(comparison(market, table[:2000].reset_index(drop=True), table[2000:].reset_index(drop=True)))
    street = next(c for c in columns if c.column == "street")
    assert street.unknown is not None and street.unknown_usual is not None
    assert street.unknown > 0.05
    assert street.unknown == pytest.approx(street.unknown_usual, abs=0.06)
    assert street.state is DriftState.STEADY


def test_a_column_that_was_the_same_everywhere_and_no_longer_is(homes):
    before, now = split(homes, 300, 4)
    before["tipo"] = "Apartamento"
    assert "tipo" in shifted(comparison(homes.market, before, now))


def test_the_time_of_the_ad_always_moves_on_and_is_no_drift():
    dates = Column("created_at", Kind.DATE), Column("first_registration", Kind.DATE)
    market = Market("m", "price", "EUR", (Column("price", Kind.QUANTITY), Column("rooms", Kind.COUNT), *dates))
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"price": rng.uniform(1, 2, 600), "rooms": rng.integers(1, 5, 600) * 1.0,
                         "created_at": pd.date_range("2026-01-01", periods=600),
                         "first_registration": pd.date_range("2010-01-01", periods=600)})  # fmt: skip
    what = comparison(market, made[:400].reset_index(drop=True), made[400:].reset_index(drop=True))
    assert shifted(what) == {"first_registration"}


def test_ties_have_a_bin_of_their_own_and_the_missing_have_the_last():
    before = np.array([0.0] * 60 + list(range(1, 41)))
    first, second = number_bins(before, np.array([0.0, np.nan, 40.0, 1000.0]), 100)
    assert (first == 0).sum() == 60
    assert second[0] == 0
    assert second[1] == second.max()
    assert second[2] == second[3] == first.max()


def test_rare_words_share_a_bin():
    before = np.array(["a"] * 500 + ["b"] * 490 + [f"x{k}" for k in range(10)] + [None] * 20, dtype=object)
    now = np.array(["a", "new", "x1", None], dtype=object)
    _, second, words = word_bins(before, now, 500)
    assert words == ("a", "b")
    assert second.tolist() == [0, 2, 2, 3]


def test_new_homes_of_the_same_city_are_steady(finder, batch):
    drift = measure(finder, batch)
    assert (drift.verdict, drift.reasons, drift.warning) == (DriftState.STEADY, (), None)
    assert drift.listings == len(batch)
    assert (drift.known, drift.judged) == (0, len(batch))
    assert drift.coverage == pytest.approx(0.9, abs=0.06)


def test_the_very_listings_learned_from_are_judged_unseen_and_steady(finder, city):
    drift = measure(finder, city.listings)
    assert drift.verdict is DriftState.STEADY
    assert drift.known == drift.learned == finder.card_.listings_learned
    assert drift.coverage == pytest.approx(drift.coverage_usual, abs=0.03)


def test_a_price_level_that_rose_by_a_third_is_told_in_both_languages(finder, batch):
    values = batch.values.assign(precio=batch.values["precio"] * 1.33)
    drift = measure(finder, replace(batch, values=values))
    assert drift.verdict is DriftState.DRIFTED
    assert drift.median_ratio == pytest.approx(0.75, abs=0.04)
    assert drift.coverage < 0.8
    assert drift.warning is not None
    assert "more than the model expects" in drift.warning.en
    assert "más de lo que el modelo espera" in drift.warning.es


def test_a_shift_in_a_column_that_moves_the_price_makes_the_batch_drifted(finder, batch):
    values = batch.values.assign(area_m2=batch.values["area_m2"] * 2, precio=batch.values["precio"] * 2)
    drift = measure(finder, replace(batch, values=values))
    assert drift.verdict is DriftState.DRIFTED
    assert drift.columns[0].column == "area_m2"
    assert any("m²" in reason.es for reason in drift.reasons)


def test_a_few_listings_tell_nothing_and_warn_of_nothing(finder, batch):
    few = batch.take(pd.Series(np.arange(len(batch)) < 8, index=batch.values.index))
    drift = measure(finder, replace(few, values=few.values.assign(area_m2=300.0)))
    assert (drift.verdict, drift.warning, drift.reasons) == (DriftState.TOO_FEW, None, ())
    assert "Muy pocos" in drift.told.es


def test_the_estimates_of_a_search_serve_as_well_as_new_ones(finder, batch):
    table = finder.find(batch, shown=1).table
    assert measure(finder, batch, table) == measure(finder, batch)


def test_luck_excuses_a_level_of_few_listings_and_not_of_many():
    few, many = (Estimated(n, n, ratio=0.93, spread=0.2, coverage=0.85, error=0.1) for n in (40, 4000))
    assert tell_estimates(few, 0.9) == []
    assert [state for state, _ in tell_estimates(many, 0.9)] == [DriftState.WATCH, DriftState.WATCH]


def test_a_drift_is_json_and_comes_back_from_its_state(finder, batch):
    drift = measure(finder, replace(batch, values=batch.values.assign(area_m2=batch.values["area_m2"] * 2)))
    assert Drift.from_state(json.loads(json.dumps(drift.state()))) == drift
    told = {lang: json.dumps(plain(drift, lang), allow_nan=False) for lang in ("en", "es")}
    assert json.loads(told["en"])["verdict"] == json.loads(told["es"])["verdict"] == "drifted"
