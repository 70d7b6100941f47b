"""The ratio study's figures on examples worked by hand, and what they stand for."""

import numpy as np
import pytest

from perla.valuation.ratio_study import (
    COD_LIMITS,
    PRB_LIMITS,
    PRD_LIMITS,
    coefficient_of_dispersion,
    extreme_ratios,
    price_related_bias,
    price_related_differential,
    score,
)

PRICES = np.array([100.0, 200.0, 400.0, 800.0])
MARKET = np.exp(np.random.default_rng(0).normal(12, 0.6, 800))
NOISE = np.exp(np.random.default_rng(1).normal(0, 0.1, 800))


def test_estimates_that_are_right_have_no_error_and_no_bias():
    found = score(PRICES, PRICES, PRICES * 0.9, PRICES * 1.1)
    assert (found.mae, found.rmse, found.mdape, found.cod) == (0, 0, 0, 0)
    assert (found.r2, found.median_ratio, found.prd, found.within_5, found.coverage) == (1, 1, 1, 1, 1)
    assert found.prb == pytest.approx(0) and found.width == pytest.approx(1.1 / 0.9)


def test_estimates_a_tenth_too_high_everywhere_are_off_in_level_alone():
    found = score(PRICES * 1.1, PRICES)
    assert (found.median_ratio, found.mdape) == (pytest.approx(1.1), pytest.approx(0.1))
    assert (found.within_5, found.within_10, found.within_20) == (0, 1, 1)
    assert found.cod == pytest.approx(0) and found.prd == pytest.approx(1) and found.prb == pytest.approx(0, abs=1e-12)


def test_dear_listings_estimated_too_low_show_in_both_measures_of_vertical_equity():
    middle = float(np.exp(np.median(np.log(MARKET))))
    pulled = MARKET * (MARKET / middle) ** -0.2
    assert not PRD_LIMITS.hold(price_related_differential(pulled, MARKET))
    assert price_related_bias(pulled, MARKET) < PRB_LIMITS.low
    raised = MARKET * (MARKET / middle) ** 0.2
    assert price_related_differential(raised, MARKET) < 1 and price_related_bias(raised, MARKET) > PRB_LIMITS.high


def test_noise_alone_keeps_the_limits_of_vertical_equity():
    assert PRB_LIMITS.hold(price_related_bias(MARKET * NOISE, MARKET))
    assert COD_LIMITS.hold(coefficient_of_dispersion(NOISE))


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_one_mistyped_price_does_not_rule_the_uniformity_but_counts_in_the_error(factor):
    before = score(MARKET * NOISE, MARKET)
    mistyped = MARKET.copy()
    mistyped[0] *= factor
    after = score(MARKET * NOISE, mistyped)
    assert after.extreme == before.extreme + 1
    assert after.cod == pytest.approx(before.cod, rel=0.01) and after.prd == pytest.approx(before.prd, rel=0.01)
    assert after.mae > before.mae


def test_equal_ratios_are_never_extreme():
    assert not extreme_ratios(np.full(5, 1.3)).any()


def test_no_listings_give_figures_that_are_missing_rather_than_zero():
    empty = score(np.empty(0), np.empty(0))
    assert empty.listings == 0 and np.isnan(empty.mdape) and np.isnan(empty.cod) and np.isnan(empty.coverage)


@pytest.mark.parametrize("rate", [0.00025, 4000.0])
def test_no_figure_but_the_amounts_depends_on_the_currency(rate):
    one, other = score(MARKET * NOISE, MARKET), score(MARKET * NOISE * rate, MARKET * rate)
    for name in ("r2", "mdape", "median_ratio", "cod", "prd", "prb", "within_10", "extreme"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9), name
    assert other.mae == pytest.approx(one.mae * rate) and other.rmse == pytest.approx(one.rmse * rate)
