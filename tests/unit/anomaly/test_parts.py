"""The small parts: levels, folds, blocks, yardsticks, saved trees, the choice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.anomaly import (
    AutoencoderKind,
    AutoencoderSurprise,
    BoostedSurprise,
    Matrix,
    choice,
    from_state,
    surprise_model,
)
from perla.anomaly.blocks import hiding_blocks
from perla.anomaly.folds import hold_out, split_groups
from perla.anomaly.levels import MOST_LEVELS, fit_levels
from perla.anomaly.usual import Rebuilt, fit_usual
from perla.errors import InputError, MissingExtraError, ShelfError


def make_matrix(codes: np.ndarray, size: int) -> Matrix:
    price = np.random.default_rng(0).normal(size=len(codes))
    return Matrix(price[:, None], ("price",), codes[:, None], ("place",), (size,), "price")


@given(st.lists(st.integers(0, 8), min_size=2, max_size=60), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_equal_groups_are_never_split(groups: list[int], parts: int) -> None:
    found = split_groups(np.array(groups), parts, seed=1)
    assert all(len(set(found[np.array(groups) == g])) == 1 for g in groups)
    assert found.min() >= 0 and found.max() < parts


def test_no_twin_of_a_learned_row_is_held_out() -> None:
    groups = np.arange(100) // 2
    kept, held = hold_out(np.arange(100), groups, seed=0)
    assert not set(groups[kept]) & set(groups[held])
    assert sorted([*kept, *held]) == list(range(100))


def test_fifty_thousand_levels_become_a_few_hundred_and_other() -> None:
    rng = np.random.default_rng(0)
    codes = np.minimum(rng.zipf(1.3, 20_000), 50_000) - 1
    matrix = make_matrix(codes, 50_000)
    levels = fit_levels(matrix, np.full(len(matrix), True))
    reduced = levels.reduce(matrix.categories)
    assert levels.sizes[0] <= MOST_LEVELS
    assert reduced.max() == levels.sizes[0] - 1
    frequent = reduced[:, 0] < levels.sizes[0] - 1
    np.testing.assert_array_equal(levels.restore(reduced)[frequent], matrix.categories[frequent])


def test_a_level_only_seen_in_rows_not_learned_from_is_other() -> None:
    matrix = make_matrix(np.array([0] * 10 + [1] * 10), 2)
    levels = fit_levels(matrix, np.arange(20) < 10)
    assert levels.reduce(matrix.categories)[15, 0] == levels.sizes[0] - 1


def test_the_price_is_always_hidden_alone_and_every_column_once() -> None:
    columns = tuple(f"c{j}" for j in range(200))
    blocks = hiding_blocks(columns, 17)
    assert (17,) in blocks
    assert len(blocks) <= 60
    assert sorted(j for block in blocks for j in block) == list(range(200))


def test_a_rare_yes_is_odd_but_not_absurdly_so() -> None:
    rng = np.random.default_rng(0)
    yes = (rng.random(5000) < 0.008).astype(float)
    numbers = np.column_stack([rng.normal(size=5000), (yes - yes.mean()) / yes.std()])
    matrix = Matrix(numbers, ("price", "pool"), np.zeros((5000, 0)), (), (), "price")
    nothing = np.empty((5000, 0))
    expected = np.zeros((5000, 2), np.float32) + numbers.mean(axis=0)
    usual = fit_usual(matrix, Rebuilt(expected, np.ones((5000, 2)), nothing.astype(int), nothing, nothing))
    z = (numbers[:, 1] - expected[:, 1]) / usual.factors[1]
    assert 3 < z[yes == 1].min() < 8


@pytest.mark.parametrize(
    "change",
    [("left_child=", "left_child=-1 "), ("num_leaves=", "num_leaves=9"), ("split_feature=", "split_feature=7")],
)
def test_a_saved_tree_that_points_outside_itself_is_refused(change: tuple[str, str]) -> None:
    rng = np.random.default_rng(0)
    area = rng.normal(size=200)
    homes = Matrix(np.column_stack([area, area]), ("price", "area"), np.zeros((200, 0)), (), (), "price")
    state = BoostedSurprise().fit(homes, np.full(200, True), np.arange(200)).state()
    assert from_state(state).surprise(homes).z.shape == (200, 2)
    texts = state["models"]["0"]["texts"]
    texts["0"] = texts["0"].replace(*change, 1)
    with pytest.raises(ShelfError, match="texts/0"):
        from_state(state)


def test_without_pytorch_the_trees_are_chosen_and_a_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    model = surprise_model(None, seed=0)
    assert isinstance(model, BoostedSurprise)
    assert model.note is not None
    assert "pip install 'perla[deep]'" in model.note.en and "pip install 'perla[deep]'" in model.note.es


def test_with_pytorch_the_masked_autoencoder_is_chosen_and_nothing_needs_saying() -> None:
    pytest.importorskip("torch", reason="the autoencoders need PyTorch")
    model = surprise_model(None, seed=0)
    assert isinstance(model, AutoencoderSurprise)
    assert model.kind is AutoencoderKind.MASKED and model.note is None


def test_an_autoencoder_asked_for_without_pytorch_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    homes = make_matrix(np.zeros(20, int), 1)
    with pytest.raises(MissingExtraError, match="perla\\[deep\\]"):
        surprise_model(AutoencoderKind.PLAIN, seed=0).fit(homes, np.full(20, True), np.arange(20))


def test_a_state_of_an_unknown_form_is_refused() -> None:
    with pytest.raises(ShelfError, match="form"):
        from_state({"form": "__import__('os')"})


def test_a_matrix_whose_parts_do_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="price"):
        Matrix(np.zeros((2, 1)), ("area",), np.zeros((2, 0)), (), (), "price")
    with pytest.raises(InputError, match="codes"):
        make_matrix(np.array([0, 5]), 3)


def test_tuning_returns_a_recipe_within_its_budget_that_can_be_used() -> None:
    pytest.importorskip("optuna", reason="tuning needs Optuna")
    pytest.importorskip("torch", reason="the autoencoders need PyTorch")
    from perla.anomaly import tune

    rng = np.random.default_rng(0)
    area = rng.normal(size=300)
    homes = Matrix(np.column_stack([area, area]), ("price", "area"), np.zeros((300, 0)), (), (), "price")
    everyone = (np.full(300, True), np.arange(300))
    recipe = tune(homes, *everyone, AutoencoderKind.KL_SPARSE, trials=2, seconds=None, threads=1, device="cpu")
    again = tune(homes, *everyone, AutoencoderKind.KL_SPARSE, trials=2, seconds=None, threads=1, device="cpu")
    assert recipe == again
    assert 1e-5 <= recipe.beta <= 1e-1 and 0.01 <= recipe.rho <= 0.3
