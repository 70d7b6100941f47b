"""One scale per column, there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.prepare.scales import LIMIT, Scale, fit_scale

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@SETTINGS
@given(st.lists(NUMBERS, min_size=2, max_size=40))
def test_a_value_goes_onto_its_scale_and_comes_back(values: list[float]):
    seen = np.array(values, np.float64)
    scale = fit_scale(seen)
    scaled = scale.forward(seen)
    inside = np.abs(scaled) < LIMIT
    np.testing.assert_allclose(scale.back(scaled)[inside], seen[inside], rtol=1e-6, atol=1e-6 * np.ptp(seen) + 1e-6)


@SETTINGS
@given(st.lists(NUMBERS, min_size=2, max_size=40), st.lists(NUMBERS, min_size=2, max_size=10))
def test_a_scale_keeps_the_order_and_no_value_stands_further_out_than_the_limit(seen: list[float], other: list[float]):
    scaled = fit_scale(np.array(seen)).forward(np.sort(np.array(other)))
    assert (np.diff(scaled) >= 0).all()
    assert np.isfinite(scaled).all() and (np.abs(scaled) <= LIMIT).all()


@SETTINGS
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_a_scale_comes_back_from_its_state_exactly(values: list[float]):
    scale = fit_scale(np.array(values))
    assert Scale.from_state(scale.state()) == scale


def test_prices_are_scaled_by_their_logarithm_and_years_are_not():
    rng = np.random.default_rng(0)
    assert fit_scale(np.exp(rng.normal(18, 1, 500))).logged
    assert not fit_scale(rng.integers(1960, 2024, 500).astype(float)).logged


def test_a_skewed_column_with_zeros_is_scaled_too():
    mileage = np.array([0.0] * 5 + [1e3, 5e3, 1e4, 2e4, 9e4, 3e5])
    scale = fit_scale(mileage)
    assert scale.logged
    np.testing.assert_allclose(scale.back(scale.forward(mileage)), mileage, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [np.inf]])
def test_a_column_without_values_gets_a_scale_that_changes_nothing(values: list[float]):
    scale = fit_scale(np.array(values, np.float64))
    np.testing.assert_array_equal(scale.forward(np.array([2.0, np.nan])), [2.0, np.nan])


def test_one_wild_value_does_not_move_the_scale():
    usual = np.linspace(50, 150, 101)
    plain, wild = fit_scale(usual), fit_scale(np.append(usual, 1e4))
    assert not wild.logged and abs(wild.centre - plain.centre) < 0.05 * plain.spread
