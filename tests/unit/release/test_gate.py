"""The gate: floors, and better than the model in service."""

from dataclasses import replace

import numpy as np
import pytest

from perla.listings.floors import Floors, Rule
from perla.release.gate import Figures, compare_errors, decide, decision_from_state

GOOD = Figures(listings=900, r2=0.93, mdape=0.07, median_ratio=1.0, cod=9.0, coverage=0.90)


def failed(figures: Figures, floors: Floors | None = None) -> list[str]:
    return [c.name.value for c in decide(figures, floors or Floors()).failed]


def errors(seed: int = 0, n: int = 900) -> np.ndarray:
    return np.random.default_rng(seed).exponential(0.1, n)


def test_a_good_model_with_nothing_in_service_passes():
    decision = decide(GOOD, Floors())
    assert decision.passed and len(decision.conditions) == 5


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"listings": 49}, "listings"),
        ({"r2": 0.89, "mdape": 0.11}, "accuracy"),
        ({"coverage": 0.869}, "coverage"),
        ({"coverage": 0.931}, "coverage"),
        ({"median_ratio": 0.94}, "level"),
        ({"median_ratio": 1.06}, "level"),
        ({"cod": 15.1}, "uniformity"),
    ],
)
def test_each_floor_refuses_alone_and_the_refusal_has_both_numbers(change: dict, name: str):
    figures = replace(GOOD, **change)
    decision = decide(figures, Floors())
    assert [c.name.value for c in decision.failed] == [name] and not decision.passed
    condition = decision.failed[0]
    assert condition.value != condition.limit and condition.told.en in decision.told.en
    assert condition.told.es in decision.told.es and condition.told.en != condition.told.es


@pytest.mark.parametrize("change", [{"coverage": 0.87}, {"coverage": 0.93}, {"median_ratio": 1.05}, {"cod": 15.0}])
def test_a_limit_itself_is_good_enough(change: dict):
    assert failed(replace(GOOD, **change)) == []


def test_where_prices_vary_little_a_small_median_error_does_instead_of_r2():
    assert failed(replace(GOOD, r2=0.83, mdape=0.097)) == []
    assert failed(replace(GOOD, r2=0.83, mdape=0.097), replace(Floors(), mdape=0.0)) == ["accuracy"]
    assert failed(replace(GOOD, mdape=0.2)) == []


@pytest.mark.parametrize("name", ["coverage", "median_ratio", "cod"])
def test_a_figure_that_is_not_known_is_not_good_enough(name: str):
    assert len(failed(replace(GOOD, **{name: float("nan")}))) == 1


def test_an_equal_model_is_not_better():
    same = decide(GOOD, Floors(), errors(), errors())
    assert [c.name.value for c in same.failed] == ["better"]


def test_a_model_better_by_chance_alone_is_refused_and_one_better_beyond_chance_is_not():
    noise = np.random.default_rng(2).normal(0, 0.05, 900)
    lucky = errors() + noise - noise.mean() - 0.0005
    assert lucky.mean() < errors().mean()
    assert not decide(GOOD, Floors(), lucky, errors()).passed
    assert decide(GOOD, Floors(), errors() * 0.95, errors()).passed


def test_the_paired_bootstrap_sees_what_two_separate_intervals_would_not():
    old = errors()
    new = old * 0.99
    spread = old.std() / np.sqrt(len(old))
    assert old.mean() - new.mean() < spread
    assert compare_errors(new, old).high < 0


def test_the_interval_covers_the_true_change_about_nine_times_in_ten():
    rng = np.random.default_rng(3)
    held = 0
    for seed in range(200):
        old = rng.exponential(0.1, 150)
        new = old + rng.normal(0, 0.05, 150)
        found = compare_errors(new, old, seed)
        held += found.low <= 0 <= found.high
    assert 165 <= held <= 195


def test_not_worse_lets_an_equal_model_pass_and_refuses_a_worse_one():
    floors = replace(Floors(), better=Rule.NOT_WORSE)
    assert decide(GOOD, floors, errors(), errors()).passed
    assert not decide(GOOD, floors, errors() * 1.05, errors()).passed
    few = np.array([0.1] * 5), np.array([0.05, 0.15, 0.1, 0.12, 0.08])
    assert not decide(GOOD, floors, *few).passed, "so few listings say nothing"


def test_the_same_seed_gives_the_same_decision():
    noisy = errors() + np.random.default_rng(2).normal(0, 0.05, 900)
    assert compare_errors(noisy, errors(), 5) == compare_errors(noisy, errors(), 5)


def test_errors_of_different_listings_are_no_comparison():
    for new, old in [(errors(n=3), errors(n=4)), (errors(n=0), errors(n=0)), (np.array([np.nan]), np.array([0.1]))]:
        with pytest.raises(ValueError, match="same listings"):
            compare_errors(new, old)


def test_models_without_any_error_are_alike():
    none = np.zeros(10)
    assert compare_errors(none, none).change == 0
    assert compare_errors(none + 0.1, none).low > 0


def test_a_decision_survives_its_record():
    import json

    decision = decide(replace(GOOD, coverage=float("nan")), Floors(), errors(), errors())
    again = decision_from_state(json.loads(json.dumps(decision.state(), allow_nan=False)))
    assert again.told == decision.told and again.failed[0].name == decision.failed[0].name
    assert json.dumps(again.state()) == json.dumps(decision.state())


@pytest.mark.parametrize(
    "change", [{"coverage": 0.86999}, {"cod": 15.0004}, {"r2": 0.89998, "mdape": 0.100001}, {"median_ratio": 1.05001}]
)
def test_a_figure_just_beyond_its_limit_is_written_so_that_one_sees_it(change: dict):
    condition = decide(replace(GOOD, **change), Floors()).failed[0]
    assert not set(condition.has.en.replace(",", "").split()) & {"87", "15", "0.9", "10", "1.05"}, condition.has.en
