"""Many trees asked at once say what LightGBM says, one tree after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from perla.valuation import Boosted, Settings
from perla.valuation.contributions import KeptContributions
from perla.valuation.grove import Planted, ask_classifiers, plant
from perla.valuation.trees import read_trees

SETTINGS = Settings(trees=12, leaves=15, leaf_rows=4)
CLASSES = Settings(trees=8, leaves=7, leaf_rows=5, objective="multiclass", classes=3)


def cells(rows: int, seed: int, missing: float) -> Any:
    """Two numbers, one with few values, and two categories of 40 and 3 levels, the missing ones as trees see them."""
    rng = np.random.default_rng(seed)
    numbers = np.column_stack([rng.normal(size=rows), rng.integers(0, 4, rows)])
    codes = np.column_stack([rng.integers(0, 40, rows), rng.integers(0, 3, rows)])
    matrix = np.hstack([numbers, codes]).astype(np.float32)
    matrix[rng.random(matrix.shape) < missing] = np.nan
    return matrix


def target(matrix: Any) -> Any:
    known = np.nan_to_num(matrix, nan=-3.0).astype(np.float64)
    return known[:, 0] + np.isin(known[:, 2], [3, 17, 33, 39]) - 2 * (known[:, 3] == 1) + np.isnan(matrix[:, 1])


def saved(settings: Settings, missing: float, seed: int = 0) -> Boosted:
    """A model that came back from its saved state."""
    matrix = cells(600, seed, missing)
    wanted = target(matrix) if settings.classes == 1 else np.digitize(target(matrix), [-1.0, 0.5]).astype(np.float64)
    return Boosted.from_state(Boosted(settings, (2, 3)).fit(matrix, wanted).state(), settings)


@pytest.mark.parametrize("learned_missing", [0.0, 0.2])
def test_a_grove_says_what_each_model_says_alone(learned_missing: float) -> None:
    models = [saved(SETTINGS, learned_missing, seed) for seed in range(3)]
    grove = plant([model.trees() for model in models])
    assert grove is not None
    asked = cells(50, 9, 0.3)
    asked[0, 2], asked[1, 2] = 39.0, 45.0  # the last level, and one that nobody has seen
    rows, which = np.repeat(np.arange(50), 3), np.tile(np.arange(3), 50)
    expected = np.column_stack([model.predict(asked) for model in models])
    np.testing.assert_allclose(grove.sums(asked, rows, which).reshape(50, 3), expected, rtol=1e-12, atol=1e-12)
    alone = [grove.sums(asked[i : i + 1], np.zeros(3, int), np.arange(3)) for i in range(50)]
    np.testing.assert_allclose(alone, expected, rtol=1e-12, atol=1e-12)


def test_classifiers_in_a_grove_give_the_same_chances() -> None:
    models = tuple(saved(CLASSES, 0.1, seed) for seed in range(3))
    asked = cells(20, 5, 0.2)
    planted = Planted(models)
    assert planted.grove is not None
    expected = np.array([model.predict(asked) for model in models])
    np.testing.assert_allclose(ask_classifiers(planted, asked), expected, rtol=1e-12)


def test_a_model_of_single_leaves_says_its_constant() -> None:
    flat = Boosted(Settings(trees=3, leaf_rows=50)).fit(np.ones((60, 2), np.float32), np.arange(60.0))
    grove = plant([Boosted.from_state(flat.state(), Settings()).trees()])
    assert grove is not None
    np.testing.assert_allclose(grove.sums(np.zeros((2, 2), np.float32), np.arange(2), np.zeros(2, int)), 29.5)


def test_a_forest_is_left_to_lightgbm() -> None:
    settings = Settings(trees=5, leaves=7, leaf_rows=4, row_share=0.6, forest=True)
    forest = Boosted(settings, (2, 3)).fit(cells(200, 0, 0.0), target(cells(200, 0, 0.0)))
    trees = read_trees(forest.state()["trees"], 1)
    assert trees is not None and plant([trees]) is None


def test_a_model_just_fitted_is_not_planted() -> None:
    fitted = Boosted(SETTINGS, (2, 3)).fit(cells(100, 0, 0.0), target(cells(100, 0, 0.0)))
    assert Planted([fitted]).grove is None


def test_contributions_are_computed_once_for_each_row_and_fold() -> None:
    kept, asked = KeptContributions(most=3), []

    def compute(rows: Any) -> Any:
        asked.extend(rows[:, 0].tolist())
        return rows.astype(np.float64) * 2

    rows = np.array([[1.0], [2.0]], np.float32)
    assert kept.of(rows, 0, compute).tolist() == [[2.0], [4.0]]
    assert kept.of(rows[::-1], 0, compute).tolist() == [[4.0], [2.0]] and asked == [1.0, 2.0]
    kept.of(rows, 1, compute)  # another fold; one row too many goes: the one asked for longest ago
    assert asked == [1.0, 2.0, 1.0, 2.0]
    kept.of(np.array([[2.0]], np.float32), 0, compute)
    assert asked[-1] == 2.0 and len(asked) == 5


def test_contributions_begun_beside_are_waited_for_and_their_failure_is_told() -> None:
    kept = KeptContributions()
    kept.begin(np.array([[4.0]], np.float32), 0, lambda rows: rows.astype(np.float64) + 1)
    assert kept.of(np.array([[4.0]], np.float32), 0, lambda rows: rows.astype(np.float64) + 1).tolist() == [[5.0]]

    def fail(rows: Any) -> Any:
        raise ValueError("no such trees")

    kept.begin(np.array([[6.0]], np.float32), 0, fail)
    with pytest.raises(ValueError, match="no such trees"):
        kept.of(np.array([[6.0]], np.float32), 0, fail)
