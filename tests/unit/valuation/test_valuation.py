"""What a listing should cost, by models that never saw it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from perla.listings import Column, Kind, Listings
from perla.listings.checking import check
from perla.prepare import Preparation, Prepared
from perla.sources.simulated import simulate_market
from perla.valuation import Valuation, price_models, split_folds
from perla.valuation import valuation as rooms
from perla.words import Text, same

Ints = NDArray[np.int64]
PLACE = ("latitud", "longitud")
HEDONIC, SMOOTH, COMPARED, DEEP = range(4)


@pytest.fixture(scope="module", autouse=True)
def few_trees() -> Iterator[None]:
    """The same models with fewer trees, so that a market is learned in under a second."""
    with pytest.MonkeyPatch.context() as patch:
        smooth = replace(price_models.SMOOTH, trees=120, leaves=15)
        patch.setattr(price_models, "PRICE_MODELS", (
            price_models.PRICE_MODELS[HEDONIC],
            price_models._trees("smooth", same("smooth"), smooth, False, 0),
            price_models._trees("compared", same("compared"), smooth, True, 1),
            price_models._trees("deep", same("deep"), replace(price_models.DEEP, trees=40, leaves=31), False, 2),
            *price_models.PRICE_MODELS[4:],
        ))  # fmt: skip
        patch.setattr(rooms, "NOISE", replace(rooms.NOISE, trees=40))
        yield


@pytest.fixture(scope="module")
def city() -> Listings:
    simulated = simulate_market(1300)
    return check(simulated.frame, simulated.market)


@pytest.fixture(scope="module")
def homes(city: Listings) -> tuple[Prepared, Ints]:
    """The first 400 listings."""
    rows = np.arange(400)
    made = Preparation(city.market).fit(city.values.iloc[:400], seed=0)
    return made.transform(city.values).take(rows), city.things.to_numpy(np.int64)[rows]


@pytest.fixture(scope="module")
def unseen(city: Listings) -> Prepared:
    """The others, prepared alike."""
    made = Preparation(city.market).fit(city.values.iloc[:400], seed=0)
    return made.transform(city.values.iloc[400:])


def fit(homes: tuple[Prepared, Ints], seed: int = 0, threads: int = 1) -> Valuation:
    return Valuation(*PLACE, seed=seed, threads=threads).fit(*homes)


@pytest.fixture(scope="module")
def fitted(homes: tuple[Prepared, Ints]) -> Valuation:
    return fit(homes)


def members(valuation: Valuation) -> NDArray[np.float64]:
    assert valuation.out_of_fold_ is not None
    return valuation.out_of_fold_.members


def test_the_price_of_a_listing_does_not_touch_its_own_estimates(
    homes: tuple[Prepared, Ints], fitted: Valuation
) -> None:
    """Members, not the blend: its weights and the interval are learned from all listings."""
    prepared, things = homes
    row = 11
    dearer = prepared.log_price.copy()
    dearer[row] += np.log(5)
    moved = np.abs(members(fit((replace(prepared, log_price=dearer), things))) - members(fitted))
    assert (moved[fitted.folds_ == fitted.fold_of(row)] == 0).all()
    elsewhere = fitted.folds_ != fitted.fold_of(row)
    assert (moved[elsewhere][:, SMOOTH] > 0).any(), "the others did learn from it"


def test_a_listing_advertised_twice_is_not_estimated_better_than_one_advertised_once(
    homes: tuple[Prepared, Ints], fitted: Valuation
) -> None:
    prepared, things = homes
    doubled = replace(
        prepared, numbers=np.vstack([prepared.numbers] * 2), categories=np.vstack([prepared.categories] * 2),
        log_price=np.tile(prepared.log_price, 2),
    )  # fmt: skip
    told, untold = np.tile(things, 2), np.arange(2 * len(things))

    def error(valuation: Valuation) -> float:
        off = members(valuation) - valuation.known_.log_price[:, None]
        return float(np.median(np.abs(off[:, [SMOOTH, COMPARED, DEEP]])))

    alone = error(fitted)
    assert error(fit((doubled, told))) > 0.85 * alone
    assert error(fit((doubled, untold))) < 0.7 * alone, "were they taken for different things, they would leak"


def test_twins_share_a_fold() -> None:
    things = np.random.default_rng(0).integers(0, 60, 400)
    folds = split_folds(things, 5, seed=3)
    assert all(len(set(folds[things == t])) == 1 for t in set(things.tolist()))
    sizes = np.bincount(folds, minlength=5)
    assert sizes.min() > 0.5 * sizes.max()


def test_nine_in_ten_listings_never_seen_lie_inside_their_interval(fitted: Valuation, unseen: Prepared) -> None:
    found = fitted.predict(unseen)
    inside = (unseen.log_price >= found.low) & (unseen.log_price <= found.high)
    assert 0.86 < inside.mean() < 0.94
    assert (found.low < found.expected).all() and (found.expected < found.high).all()


def test_the_estimates_of_listings_never_seen_are_as_good_as_those_out_of_fold(
    fitted: Valuation, unseen: Prepared, homes: tuple[Prepared, Ints]
) -> None:
    def error(expected: NDArray[np.float64], prepared: Prepared) -> float:
        return float(np.median(np.abs(expected - prepared.log_price)))

    inside = error(fitted.out_of_fold_.expected, homes[0])
    assert 0.75 * inside < error(fitted.predict(unseen).expected, unseen) < 1.25 * inside


def test_the_same_seed_gives_the_same_estimates_whatever_the_threads(
    homes: tuple[Prepared, Ints], fitted: Valuation
) -> None:
    for threads in (1, 2):
        again = fit(homes, threads=threads)
        np.testing.assert_array_equal(members(again), members(fitted))
        np.testing.assert_array_equal(again.out_of_fold_.low, fitted.out_of_fold_.low)


def test_another_seed_splits_the_listings_otherwise(homes: tuple[Prepared, Ints], fitted: Valuation) -> None:
    other = fit(homes, seed=1)
    assert (other.folds_ != fitted.folds_).any()
    assert not np.array_equal(members(other), members(fitted))


def test_fitting_again_forgets_what_was_learned_before(homes: tuple[Prepared, Ints], fitted: Valuation) -> None:
    prepared, things = homes
    half = np.arange(200)
    twice = Valuation(*PLACE).fit(prepared.take(half), things[half]).fit(*homes)
    assert [len(part) for part in (twice.hedonics_, twice.members_, twice.noises_)] == [10, 10, 10]
    np.testing.assert_array_equal(members(twice), members(fitted))
    np.testing.assert_array_equal(twice.predict(prepared).expected, fitted.predict(prepared).expected)


def test_the_blend_weighs_each_model_with_no_less_than_nothing_and_all_with_one(fitted: Valuation) -> None:
    assert fitted.weights_.shape == (4,)
    assert (fitted.weights_ >= 0).all() and fitted.weights_.sum() == pytest.approx(1.0)


def test_a_fold_estimates_a_listing_it_never_saw_as_it_was_estimated_out_of_fold(
    homes: tuple[Prepared, Ints], fitted: Valuation
) -> None:
    prepared, things = homes
    for fold in range(5):
        rows = np.flatnonzero(fitted.folds_ == fold)
        found = fitted.predict(prepared.take(rows), things[rows], fold)
        own = fitted.out_of_fold_.take(rows)
        np.testing.assert_allclose(found.members, own.members, rtol=1e-12)
        np.testing.assert_allclose(found.low, own.low, rtol=1e-9)


def test_a_saved_valuation_comes_back_exactly(fitted: Valuation, unseen: Prepared) -> None:
    again = Valuation.from_state(fitted.state(), threads=1)
    for name in ("members", "expected", "noise", "low", "high"):
        np.testing.assert_array_equal(getattr(again.predict(unseen), name), getattr(fitted.predict(unseen), name))


def test_a_column_that_gives_the_price_away_changes_no_estimate(city: Listings, fitted: Valuation) -> None:
    reason = Text("the price in another currency", "el precio en otra moneda")
    leak = Column("dollars", Kind.QUANTITY, "USD", price_proxy=reason)
    market = replace(city.market, columns=(*city.market.columns, leak))
    table = city.values.iloc[:400].assign(dollars=city.prices / 4000)
    prepared = Preparation(market).fit(table, seed=0).transform(table)
    leaking = fit((prepared, city.things.to_numpy(np.int64)[:400]))
    np.testing.assert_array_equal(members(leaking), members(fitted))


def test_without_coordinates_likeness_alone_makes_neighbours(homes: tuple[Prepared, Ints], fitted: Valuation) -> None:
    plain = Valuation(None, None).fit(*homes)
    assert np.isfinite(members(plain)).all()
    spaces = [len(v._neighbours(*homes, ruler=v.hedonic_)) for v in (plain, fitted)]
    assert spaces == [1, 2]


def test_neither_a_listing_nor_its_twin_is_its_own_neighbour(homes: tuple[Prepared, Ints]) -> None:
    prepared, _ = homes
    things = np.arange(400) // 2
    twins = replace(prepared, numbers=prepared.numbers.repeat(2, 0)[:400],
                    categories=prepared.categories.repeat(2, 0)[:400])  # fmt: skip
    valuation = Valuation(*PLACE).fit(twins, things)
    found, apart = valuation.nearest_known(twins, things)
    near = found >= 0
    assert near.sum(axis=1).min() >= 30
    assert (things[found] != things[:, None])[near].all()
    assert (np.diff(np.where(near, apart, np.inf)[:, :30], axis=1) >= 0).all(), "nearest first"
    assert np.isinf(apart[~near]).all()


def test_what_each_column_adds_makes_up_the_estimate_of_the_smooth_trees(
    homes: tuple[Prepared, Ints], fitted: Valuation
) -> None:
    prepared, _ = homes
    rows = np.flatnonzero(fitted.folds_ == 2)
    parts = fitted.contributions(prepared.take(rows), fold=2)
    assert parts.shape == (len(rows), len(prepared.tree_names) + 1)
    np.testing.assert_allclose(parts.sum(axis=1), members(fitted)[rows, SMOOTH], rtol=1e-9)
