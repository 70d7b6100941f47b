"""What the neurons of a sparse autoencoder are said to stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perla.anomaly import Matrix, Recipe
from perla.anomaly.neurons import Neuron, explain_neurons
from perla.anomaly.sparse import SparseNetwork, Trial, choose, fit_sparse

pytest.importorskip("torch", reason="the autoencoders need PyTorch")

SMALL = Recipe(8e-4, width=32, latent=8, beta=1e-3, rho=0.1, steps=600, batch=128)


def make_two_kinds(count: int = 1600) -> tuple[Matrix, np.ndarray]:
    """One home in six is a villa: large, dear, of its own type. A column of noise says nothing."""
    rng = np.random.default_rng(5)
    villa = rng.random(count) < 1 / 6
    area = rng.normal(size=count) * 0.4 + 2.0 * villa
    price = 0.8 * area + 0.6 * villa + 0.1 * rng.normal(size=count)
    numbers = np.column_stack([price, area, rng.normal(size=count)])
    codes = villa.astype(int)[:, None]
    return Matrix(numbers, ("price", "area", "noise"), codes, ("type",), (2,), "price"), villa


@pytest.fixture(scope="module")
def planted() -> tuple[Matrix, np.ndarray]:
    return make_two_kinds()


@pytest.fixture(scope="module")
def network(planted: tuple[Matrix, np.ndarray]) -> SparseNetwork:
    homes, _ = planted
    return fit_sparse(homes, np.full(len(homes), True), np.arange(len(homes)), recipe=SMALL)


@pytest.fixture(scope="module")
def neurons(network: SparseNetwork, planted: tuple[Matrix, np.ndarray]) -> tuple[Neuron, ...]:
    return explain_neurons(network, planted[0])


def test_a_planted_kind_of_listing_gets_a_neuron_of_its_own(
    neurons: tuple[Neuron, ...], planted: tuple[Matrix, np.ndarray]
) -> None:
    _, villa = planted

    def overlap(neuron: Neuron) -> float:
        lit = np.zeros(len(villa), bool)
        lit[neuron.lit] = True
        return float((lit & villa).sum() / max(1, (lit | villa).sum()))

    own = max(neurons, key=overlap)
    assert overlap(own) > 0.7
    assert own.pushes["area"] > 0.1
    levels = next(d.levels for d in own.drivers if d.column == "type")
    assert [level.code for level in levels] == [1]
    assert levels[0].share_lit > 0.9 > levels[0].share_all


def test_the_push_is_what_the_rebuilt_price_loses_when_the_neuron_rests(
    neurons: tuple[Neuron, ...], network: SparseNetwork, planted: tuple[Matrix, np.ndarray]
) -> None:
    first = neurons[0]
    awake = network.activity(planted[0].take(first.lit))
    asleep = awake.copy()
    asleep[:, first.index] = first.rest
    lost = (network.rebuilt(awake) - network.rebuilt(asleep))[:, 0].mean()
    assert abs(lost) > 0.1
    assert first.pushes["price"] == pytest.approx(lost, abs=1e-4)


def test_a_column_that_says_nothing_drives_no_neuron_that_moves_the_price(neurons: tuple[Neuron, ...]) -> None:
    first = {d.column: d for d in neurons[0].drivers}
    assert first["noise"].strength < 0.1 < max(first["area"].strength, first["type"].strength)


def test_the_hidden_price_drives_nothing(network: SparseNetwork, planted: tuple[Matrix, np.ndarray]) -> None:
    homes, _ = planted
    dearer = homes.numbers.copy()
    dearer[:, 0] += 3.0
    np.testing.assert_allclose(network.activity(replace(homes, numbers=dearer)), network.activity(homes), atol=1e-6)


def test_the_way_of_a_number_is_the_sign_of_its_correlation(
    neurons: tuple[Neuron, ...], network: SparseNetwork, planted: tuple[Matrix, np.ndarray]
) -> None:
    homes, _ = planted
    activity = network.activity(homes)[:, neurons[0].index]
    way = next(d.way for d in neurons[0].drivers if d.column == "area")
    assert way == pytest.approx(np.corrcoef(activity, homes.numbers[:, 1])[0, 1], abs=1e-3)


def test_the_listings_that_light_a_neuron_come_most_active_first_and_their_share_is_the_firing(
    neurons: tuple[Neuron, ...], network: SparseNetwork, planted: tuple[Matrix, np.ndarray]
) -> None:
    activity = network.activity(planted[0])
    for neuron in neurons:
        if not neuron.dead:
            own = activity[neuron.lit, neuron.index]
            assert (np.diff(own) <= 0).all()
            assert neuron.firing == pytest.approx(len(neuron.lit) / len(planted[0]))


def test_a_neuron_that_never_moves_is_dead_and_comes_last(
    network: SparseNetwork, planted: tuple[Matrix, np.ndarray]
) -> None:
    import torch

    state = {name: value.clone() for name, value in network.network.state_dict().items()}
    with torch.no_grad():
        network.network.middle.narrow.weight[3] = 0.0
    explained = explain_neurons(network, planted[0])
    network.network.load_state_dict(state)
    assert explained[-1].index == 3
    assert explained[-1].dead
    assert not len(explained[-1].lit)
    assert [n.dead for n in explained] == sorted(n.dead for n in explained)


def test_units_are_about_as_rarely_active_as_asked(network: SparseNetwork, planted: tuple[Matrix, np.ndarray]) -> None:
    assert np.median(network.activity(planted[0]).mean(axis=0)) < 0.3


def test_the_rebuilt_price_keeps_the_spread_of_prices(network: SparseNetwork) -> None:
    assert network.chosen.spread > 0.8


def test_the_same_seed_explains_the_same(network: SparseNetwork, planted: tuple[Matrix, np.ndarray]) -> None:
    homes, _ = planted
    again = fit_sparse(homes, np.full(len(homes), True), np.arange(len(homes)), recipe=SMALL)
    np.testing.assert_array_equal(again.activity(homes), network.activity(homes))


def test_the_largest_penalty_that_costs_nothing_is_chosen() -> None:
    rng = np.random.default_rng(0)
    errors = rng.random(400)
    trials = [Trial(1e-4, errors, 0.9), Trial(1e-3, errors + rng.normal(0, 0.01, 400), 0.9), Trial(1e-2, errors + 1, 1)]
    assert choose(trials) == 1


def test_a_penalty_that_rebuilds_everybody_as_the_mean_is_never_chosen() -> None:
    errors = np.full(100, 0.5)
    assert choose([Trial(1e-4, errors, 0.9), Trial(1e-2, errors, 1e-5)]) == 0
