"""The default: any column hidden and rebuilt from the rest."""

from __future__ import annotations

import numpy as np
import pytest

from perla.anomaly import AutoencoderKind, AutoencoderSurprise, Matrix, Recipe

pytest.importorskip("torch", reason="the autoencoders need PyTorch")


def make_homes(count: int = 1500, seed: int = 3) -> Matrix:
    rng = np.random.default_rng(seed)
    log_area = rng.normal(size=count)
    rooms = 0.9 * log_area + 0.3 * rng.normal(size=count)
    price = 0.9 * log_area + 0.3 * rng.normal(size=count)
    kind = (log_area + 0.5 * rng.normal(size=count) > 0).astype(int)
    numbers = np.column_stack([price, log_area, rooms])
    return Matrix(numbers, ("price", "area", "rooms"), kind[:, None], ("type",), (2,), "price")


def fit(homes: Matrix, groups: np.ndarray | None = None, **options: object) -> AutoencoderSurprise:
    recipe = Recipe(width=64, steps=300, batch=128)
    model = AutoencoderSurprise(seed=0, recipe=recipe, threads=1, device="cpu", **options)
    return model.fit(homes, np.full(len(homes), True), np.arange(len(homes)) if groups is None else groups)


@pytest.fixture(scope="module")
def homes() -> Matrix:
    return make_homes()


@pytest.fixture(scope="module")
def model(homes: Matrix) -> AutoencoderSurprise:
    return fit(homes)


@pytest.mark.parametrize("column", range(3))
def test_a_hidden_number_does_not_change_what_is_expected_in_its_place(
    model: AutoencoderSurprise, homes: Matrix, column: int
) -> None:
    numbers = homes.numbers.copy()
    numbers[:, column] = numbers[::-1, column]
    changed = Matrix(numbers, homes.names, homes.categories, homes.category_names, homes.category_sizes, "price")
    before, after = model.surprise(homes).expected_numbers, model.surprise(changed).expected_numbers
    np.testing.assert_allclose(after[:, column], before[:, column], atol=1e-4)
    others = [j for j in range(3) if j != column]
    assert np.abs(after[:, others] - before[:, others]).max() > 0.1


def test_a_hidden_category_does_not_change_which_one_is_expected(model: AutoencoderSurprise, homes: Matrix) -> None:
    turned = Matrix(homes.numbers, homes.names, 1 - homes.categories, homes.category_names, (2,), "price")
    before, after = model.surprise(homes), model.surprise(turned)
    np.testing.assert_array_equal(before.expected_categories, after.expected_categories)
    np.testing.assert_allclose(before.probability + after.probability, 1, atol=0.02)  # the rest: "other"


def test_parts_of_one_thing_are_hidden_together() -> None:
    rng = np.random.default_rng(1)
    day = rng.normal(size=400)
    numbers = np.column_stack([rng.normal(size=400), day, day])
    homes = Matrix(numbers, ("price", "day/sin", "day/cos"), np.zeros((400, 0)), (), (), "price")
    expected = fit(homes).out_of_fold().expected_numbers
    assert abs(np.corrcoef(expected[:, 1], day)[0, 1]) < 0.5


def test_ten_times_the_area_is_a_large_positive_surprise_of_the_area(model: AutoencoderSurprise, homes: Matrix) -> None:
    numbers = homes.take(np.arange(50)).numbers.copy()
    numbers[:, 1] += 5.0  # ten times, on the scale of a logarithm with a spread of 0.46
    wrong = Matrix(numbers, homes.names, homes.categories[:50], homes.category_names, (2,), "price")
    z = model.surprise(wrong).column("area")
    assert (z > 4).mean() > 0.95


def test_a_lowered_price_points_down_in_the_price_and_hardly_anywhere_else(
    model: AutoencoderSurprise, homes: Matrix
) -> None:
    numbers = homes.take(np.arange(200)).numbers.copy()
    numbers[:, 0] -= 1.0
    cheap = Matrix(numbers, homes.names, homes.categories[:200], homes.category_names, (2,), "price")
    moved = model.surprise(cheap).z - model.surprise(homes.take(np.arange(200))).z
    assert np.median(moved[:, 0]) < -2
    assert np.median(np.abs(moved[:, 1:])) < 1.5


def test_twins_are_judged_by_one_network_that_saw_neither(homes: Matrix) -> None:
    pairs = np.arange(len(homes)) // 2
    twins = homes.take(np.repeat(np.arange(0, len(homes), 2), 2)[: len(homes)])
    found = fit(twins, pairs).out_of_fold()
    np.testing.assert_allclose(found.z[::2], found.z[1::2], atol=1e-4)


def test_a_network_learns_nothing_from_the_fold_it_judges(homes: Matrix) -> None:
    groups = np.arange(len(homes))
    from perla.anomaly.folds import split_groups

    judged = split_groups(groups, 2, 0) == 0
    numbers = homes.numbers.copy()
    numbers[judged, 0] = np.random.default_rng(9).permutation(numbers[judged, 0])
    shuffled = Matrix(numbers, homes.names, homes.categories, homes.category_names, (2,), "price")
    before, after = fit(homes).out_of_fold(), fit(shuffled).out_of_fold()
    np.testing.assert_allclose(after.expected_numbers[judged, 0], before.expected_numbers[judged, 0], atol=1e-4)
    assert np.abs(after.expected_numbers[~judged, 0] - before.expected_numbers[~judged, 0]).max() > 0.1


def test_random_numbers_and_threads_of_the_caller_are_left_as_they_were(homes: Matrix) -> None:
    import torch

    torch.manual_seed(4)
    wanted, threads = torch.rand(3), torch.get_num_threads()
    torch.manual_seed(4)
    fit(homes.take(np.arange(60)))
    assert torch.equal(torch.rand(3), wanted)
    assert torch.get_num_threads() == threads


def test_the_default_kl_sparse_does_not_collapse_to_the_mean(homes: Matrix) -> None:
    model = AutoencoderSurprise(AutoencoderKind.KL_SPARSE, threads=1, device="cpu", epochs=15)
    expected = model.fit(homes, np.full(len(homes), True), np.arange(len(homes))).out_of_fold().expected_numbers
    assert (expected.std(axis=0) > 0.5 * homes.numbers.std(axis=0)).all()


def test_the_kl_penalty_makes_the_units_of_the_middle_rarely_active(homes: Matrix) -> None:
    assert mean_activity(homes, beta=1.0) < 0.1 < mean_activity(homes, beta=0.0)


def mean_activity(homes: Matrix, beta: float) -> float:
    import torch

    from perla.anomaly.networks.tensors import cells_of

    recipe = Recipe(width=64, latent=32, beta=beta, rho=0.05, steps=150, batch=128)
    model = AutoencoderSurprise(AutoencoderKind.KL_SPARSE, recipe=recipe, threads=1, device="cpu")
    network = model.fit(homes, np.full(len(homes), True), np.arange(len(homes))).networks_[0]
    cells = cells_of(homes, model.levels_, torch.device("cpu"))
    hidden = torch.zeros_like(cells.present)
    hidden[:, 0] = True
    with torch.no_grad():
        return float(torch.sigmoid(network.middle.narrow(network.encoder(network.inlet(cells, hidden)))).mean())
