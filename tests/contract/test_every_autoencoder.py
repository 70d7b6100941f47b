"""What every anomaly model must do, whatever it is made of."""

from __future__ import annotations

import numpy as np
import pytest

from perla.anomaly import (
    AutoencoderKind,
    AutoencoderSurprise,
    BoostedSurprise,
    Matrix,
    Recipe,
    SurpriseMatrix,
    SurpriseModel,
    from_state,
)
from perla.errors import InputError, ShelfError, UnknownNameError

pytest.importorskip("torch", reason="the autoencoders need PyTorch")
QUICK = {"width": 64, "steps": 160, "batch": 64}
DEFAULT_MIDDLES = {
    AutoencoderKind.KL_SPARSE: {"latent": 32, "beta": 1e-3},
    AutoencoderKind.VARIATIONAL: {"latent": 16, "beta": 1e-3},
}


def make_homes(count: int = 600, seed: int = 5) -> Matrix:
    """Price follows area, place and type; one area in twenty and one type in twenty are missing."""
    rng = np.random.default_rng(seed)
    area, place = rng.normal(size=count), rng.normal(size=count)
    kind = rng.integers(0, 3, count)
    rooms = np.round(0.9 * area + 0.4 * rng.normal(size=count), 1)
    price = 0.8 * area + 0.4 * np.sin(2 * place) + 0.3 * kind + 0.1 * rng.normal(size=count)
    numbers = np.column_stack([(price - price.mean()) / price.std(), area, place, rooms])
    numbers[rng.random(count) < 0.05, 1] = np.nan
    kind[rng.random(count) < 0.05] = -1
    names = ("price", "area", "place", "rooms")
    return Matrix(numbers, names, kind[:, None], ("type",), (3,), "price")


def build(kind: str, know_price: bool = True) -> SurpriseModel:
    if kind == "boosted":
        return BoostedSurprise(seed=1, know_price=know_price, threads=1)
    autoencoder = AutoencoderKind(kind)
    recipe = Recipe(**QUICK, **DEFAULT_MIDDLES.get(autoencoder, {}))
    return AutoencoderSurprise(autoencoder, seed=1, know_price=know_price, recipe=recipe, threads=1, device="cpu")


def fit(kind: str, homes: Matrix) -> SurpriseModel:
    return build(kind).fit(homes, np.full(len(homes), True), np.arange(len(homes)))


@pytest.fixture(scope="module")
def homes() -> Matrix:
    return make_homes()


@pytest.fixture(scope="module", params=[*map(str, AutoencoderKind), "boosted"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def model(kind: str, homes: Matrix) -> SurpriseModel:
    return fit(kind, homes)


def assert_same(one: SurpriseMatrix, other: SurpriseMatrix) -> None:
    for part in ("z", "expected_numbers", "usual_errors", "expected_categories", "probability"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part), part)


def test_every_learned_listing_gets_a_surprise_for_every_column(model: SurpriseModel, homes: Matrix) -> None:
    found = model.out_of_fold()
    assert found.z.shape == (len(homes), 5)
    assert found.columns == ("price", "area", "place", "rooms", "type")
    assert found.expected_numbers.shape == found.usual_errors.shape == homes.numbers.shape
    assert (found.usual_errors > 0).all()


def test_a_missing_cell_has_no_surprise_and_every_other_has_one(model: SurpriseModel, homes: Matrix) -> None:
    np.testing.assert_array_equal(np.isfinite(model.out_of_fold().z), homes.present)
    np.testing.assert_array_equal(np.isfinite(model.surprise(homes).z), homes.present)


def test_the_surprise_of_a_category_is_never_negative_and_zero_for_the_likeliest(
    model: SurpriseModel, homes: Matrix
) -> None:
    found = model.surprise(homes)
    z, likeliest = found.z[:, 4], found.expected_categories[:, 0] == homes.categories[:, 0]
    known = homes.categories[:, 0] >= 0
    assert (z[known] >= 0).all()
    assert (z[known & likeliest] == 0).all()
    assert (z[known & ~likeliest] > 0).all()


def test_surprises_of_numbers_are_in_units_of_the_usual_error(model: SurpriseModel) -> None:
    z = model.out_of_fold().column("price")
    assert 0.5 < 1.4826 * np.median(np.abs(z)) < 1.2
    assert 0.5 < z.std() < 2


def test_the_hidden_price_is_rebuilt_from_the_rest(model: SurpriseModel, homes: Matrix) -> None:
    price, expected = homes.numbers[:, 0], model.out_of_fold().expected_numbers[:, 0]
    assert np.corrcoef(price, expected)[0, 1] > 0.8


def test_the_rebuilt_price_keeps_more_than_half_the_spread_of_prices(model: SurpriseModel, homes: Matrix) -> None:
    assert model.out_of_fold().expected_numbers[:, 0].std() > 0.5 * homes.numbers[:, 0].std()


def test_no_model_sees_the_price_it_rebuilds(model: SurpriseModel, homes: Matrix) -> None:
    numbers = homes.numbers.copy()
    numbers[:, 0] = np.linspace(-5, 5, len(homes))
    other = Matrix(
        numbers, homes.names, homes.categories, homes.category_names, homes.category_sizes, homes.price
    )  # fmt: skip
    before, after = model.surprise(homes).expected_numbers[:, 0], model.surprise(other).expected_numbers[:, 0]
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_where_the_price_may_not_be_known_it_moves_nothing_but_its_own_surprise(kind: str) -> None:
    homes = make_homes(300)
    model = build(kind, know_price=False).fit(homes, np.full(300, True), np.arange(300))
    numbers = homes.numbers.copy()
    numbers[:, 0] -= 1.0
    cheap = Matrix(numbers, homes.names, homes.categories, homes.category_names, homes.category_sizes, homes.price)
    before, after = model.surprise(homes).z, from_state(model.state(), threads=1).surprise(cheap).z
    np.testing.assert_allclose(after[:, 1:], before[:, 1:], atol=1e-3)
    assert (after[:, 0] < before[:, 0]).all()


def test_one_listing_alone_gets_what_it_gets_among_others(model: SurpriseModel, homes: Matrix) -> None:
    among = model.surprise(homes).take(np.array([7]))
    np.testing.assert_allclose(model.surprise(homes.take(np.array([7]))).z, among.z, atol=1e-3)


def test_a_saved_and_reloaded_model_says_exactly_the_same(model: SurpriseModel, homes: Matrix) -> None:
    assert_same(from_state(model.state(), threads=1).surprise(homes), model.surprise(homes))


def test_a_state_holds_only_plain_values_texts_and_arrays(model: SurpriseModel) -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(isinstance(key, str) for key in value)
            for inner in value.values():
                check(inner)
        elif isinstance(value, list):
            assert all(type(v) in (str, int, float) for v in value)
        else:
            assert type(value) in (str, int, float, bool, np.ndarray)
            assert not isinstance(value, np.ndarray) or value.dtype.kind in "fi"

    check(model.state())


def test_a_state_with_a_part_missing_or_changed_in_shape_is_refused(model: SurpriseModel) -> None:
    state = model.state()
    for key in state:
        with pytest.raises(ShelfError):
            from_state({k: v for k, v in state.items() if k != key})
    usual = {**state["usual"], "factors": state["usual"]["factors"][:-1]}
    with pytest.raises(ShelfError, match="factors"):
        from_state({**state, "usual": usual})


def test_a_reloaded_model_has_no_out_of_fold_surprises(model: SurpriseModel) -> None:
    with pytest.raises(InputError, match="right after fit"):
        from_state(model.state()).out_of_fold()


def test_listings_with_other_columns_are_refused(model: SurpriseModel, homes: Matrix) -> None:
    renamed = Matrix(
        homes.numbers, ("price", "m2", "place", "rooms"), homes.categories, homes.category_names, (3,), "price"
    )  # fmt: skip
    with pytest.raises(ShelfError, match="area"):
        model.surprise(renamed)


def test_an_unknown_column_of_the_surprise_matrix_names_the_closest(model: SurpriseModel) -> None:
    with pytest.raises(UnknownNameError, match="area"):
        model.out_of_fold().column("aera")


def test_the_same_seed_gives_the_same_surprises(kind: str, model: SurpriseModel, homes: Matrix) -> None:
    assert_same(fit(kind, homes).out_of_fold(), model.out_of_fold())


def test_rows_not_to_be_learned_from_change_nothing_for_the_others(kind: str) -> None:
    homes = make_homes(300)
    wild = homes.numbers.copy()
    wild[200:, :] = 40.0
    learn = np.arange(300) < 200
    found = []
    for numbers in (homes.numbers, wild):
        table = Matrix(numbers, homes.names, homes.categories, homes.category_names, homes.category_sizes, homes.price)
        found.append(build(kind).fit(table, learn, np.arange(300)).out_of_fold())
    assert len(found[0]) == 200
    np.testing.assert_allclose(found[0].z, found[1].z, atol=1e-4)


def test_too_few_listings_are_refused_with_what_is_needed(kind: str, homes: Matrix) -> None:
    with pytest.raises(InputError, match="at least 10 different listings"):
        build(kind).fit(homes.take(np.arange(50)), np.full(50, True), np.arange(50) % 4)


def test_a_market_of_a_dozen_listings_with_an_empty_column_and_an_empty_category_still_works(kind: str) -> None:
    rng = np.random.default_rng(0)
    numbers = np.column_stack([rng.normal(size=12), rng.normal(size=12), np.full(12, np.nan), np.ones(12)])
    none = np.full((12, 1), -1)
    homes = Matrix(numbers, ("price", "area", "nothing", "same"), none, ("kind",), (0,), "price")
    found = build(kind).fit(homes, np.full(12, True), np.arange(12)).out_of_fold()
    assert np.isfinite(found.column("price")).all()
    assert np.isnan(found.column("nothing")).all()
    assert np.isfinite(found.column("same")).all()
