"""Every price model keeps the same promises."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from perla.errors import MissingExtraError, ShelfError
from perla.listings import Listings
from perla.listings.checking import check
from perla.prepare import Preparation, Prepared
from perla.sources.simulated import simulate_market
from perla.valuation import PRICE_MODELS, Boosted, Hedonic, PriceModel, Settings
from perla.valuation.catboosted import CatBoosted, CatBoostSettings
from perla.valuation.forest import numbers_alone
from perla.valuation.neighbourhood import Neighbourhood, likeness_points, neighbour_features

OFFERS = {offer.id: offer for offer in PRICE_MODELS}


QUICK = {"forest": {"trees": 20}, "catboost": {"trees": 150}}


@dataclass(frozen=True)
class Homes:
    """Prepared listings, and what their neighbours ask."""

    prepared: Prepared
    neighbours: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.prepared)

    def take(self, rows: NDArray[Any]) -> Homes:
        return Homes(self.prepared.take(rows), self.neighbours[rows])


def fit(name: str, homes: Homes) -> PriceModel:
    offer = OFFERS[name]
    if offer.package:
        pytest.importorskip(offer.package, reason=f"{offer.package} is not installed")
    model = offer.make(len(homes), 0, QUICK.get(name, {}))
    return model.fit(homes.prepared, homes.prepared.log_price, homes.neighbours)


def predict(model: PriceModel, homes: Homes) -> NDArray[np.float64]:
    return model.predict(homes.prepared, homes.neighbours)


@pytest.fixture(scope="module")
def listings() -> Listings:
    city = simulate_market(300)
    return check(city.frame, city.market)


@pytest.fixture(scope="module")
def homes(listings: Listings) -> Homes:
    prepared = Preparation(listings.market).fit(listings.values, seed=0).transform(listings.values)
    ruler = Hedonic().fit(prepared, prepared.log_price)
    points = likeness_points(prepared, ruler)
    found, apart = Neighbourhood(points, np.arange(300)).nearest(points, np.arange(300))
    regression = ruler.predict(prepared)
    near = neighbour_features(found, apart, prepared.log_price - regression)
    near[::9] = np.nan
    neighbours = np.column_stack([near, regression]).astype(np.float32)
    return Homes(prepared, neighbours)


@pytest.fixture(scope="module", params=OFFERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def model(name: str, homes: Homes) -> PriceModel:
    return fit(name, homes)


def test_every_listing_gets_a_finite_estimate(model: PriceModel, homes: Homes) -> None:
    found = predict(model, homes)
    assert found.shape == (len(homes),) and found.dtype == np.float64
    assert np.isfinite(found).all()


def test_the_estimates_follow_the_prices(model: PriceModel, homes: Homes) -> None:
    asked = homes.prepared.log_price
    ordinary = np.abs(asked - np.median(asked)) < 2
    assert np.corrcoef(predict(model, homes)[ordinary], asked[ordinary])[0, 1] > 0.8


def test_one_listing_is_estimated_alone_as_it_is_among_others(model: PriceModel, homes: Homes) -> None:
    for row in (0, 100, 200):
        alone = predict(model, homes.take(np.array([row])))
        np.testing.assert_allclose(alone, predict(model, homes)[[row]], rtol=1e-12)


def test_the_same_seed_gives_the_same_model(name: str, model: PriceModel, homes: Homes) -> None:
    np.testing.assert_array_equal(predict(fit(name, homes), homes), predict(model, homes))


def test_the_price_of_a_listing_is_not_looked_at_when_it_is_estimated(model: PriceModel, homes: Homes) -> None:
    dearer = replace(homes.prepared, log_price=homes.prepared.log_price + 1)
    np.testing.assert_array_equal(predict(model, replace(homes, prepared=dearer)), predict(model, homes))


def test_a_saved_model_comes_back_exactly(name: str, model: PriceModel, homes: Homes) -> None:
    again = OFFERS[name].read(through_json(model.state()))
    np.testing.assert_array_equal(predict(again, homes), predict(model, homes))


def through_json(value: Any) -> Any:
    """Arrays as they are, everything else through JSON text."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, dict):
        return {k: through_json(v) for k, v in value.items()}
    if isinstance(value, list) and any(isinstance(v, np.ndarray) for v in value):
        return value
    return json.loads(json.dumps(value))


def test_a_listing_with_everything_missing_is_still_estimated(model: PriceModel, homes: Homes) -> None:
    some = homes.take(np.arange(3))
    numbers = np.full_like(some.prepared.numbers, np.nan)
    nothing = Homes(
        replace(some.prepared, numbers=numbers, categories=np.full_like(some.prepared.categories, -1)),
        np.full_like(some.neighbours, np.nan),
    )
    found, asked = predict(model, nothing), homes.prepared.log_price
    assert asked.min() - 1 < found.min() <= found.max() < asked.max() + 1


def test_a_category_never_seen_moves_the_estimate_no_further_than_the_known_ones_do(
    model: PriceModel, homes: Homes
) -> None:
    column = homes.prepared.category_names.index("barrio")
    row = homes.take(np.array([0]))

    def with_code(code: int) -> float:
        categories = row.prepared.categories.copy()
        categories[0, column] = code
        return float(predict(model, replace(row, prepared=replace(row.prepared, categories=categories)))[0])

    known = [with_code(code) for code in range(homes.prepared.category_sizes[column])]
    assert min(known) - 0.2 <= with_code(-1) <= max(known) + 0.2


def test_no_listings_get_no_estimates(model: PriceModel, homes: Homes) -> None:
    assert predict(model, homes.take(np.arange(0))).shape == (0,)


def test_every_model_is_named_in_both_languages() -> None:
    assert len(OFFERS) == len(PRICE_MODELS) > 1
    assert all(offer.name.en != offer.name.es for offer in PRICE_MODELS)
    assert {offer.id for offer in PRICE_MODELS} >= {"hedonic", "comparables", "forest", "catboost", "network", "smooth"}


DAMAGES: dict[str, Callable[[NDArray[Any]], Any]] = {
    "cut": lambda array: array[:-1],
    "not a number": lambda array: (
        np.full_like(array, np.nan) if array.dtype.kind == "f" else array.astype(np.int64) + 1_000_000
    ),
    "of another kind": lambda array: array.astype(bool),
    "gone": lambda array: None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["comparables", "forest", "catboost", "network"], scope="module")
def test_a_model_kept_as_arrays_is_refused_when_any_of_them_was_cut_or_changed(
    name: str, model: PriceModel, damage: str
) -> None:
    state = model.state()
    arrays = [key for key, value in state.items() if isinstance(value, np.ndarray)]
    assert arrays
    for key in arrays:
        with pytest.raises(ShelfError) as caught:
            OFFERS[name].read({**state, key: DAMAGES[damage](state[key])})
        assert "train again" in caught.value.text("en") and "entrene de nuevo" in caught.value.text("es")


def test_a_forest_whose_path_turns_in_a_circle_is_refused(homes: Homes) -> None:
    state = fit("forest", homes).state()
    left = state["left"].copy()
    left[int(np.flatnonzero(left > 0)[-1])] = 0
    with pytest.raises(ShelfError):
        OFFERS["forest"].read({**state, "left": left})


def test_catboost_asked_with_numpy_says_what_its_own_package_says(homes: Homes) -> None:
    catboost = pytest.importorskip("catboost", reason="catboost is not installed")
    model = CatBoosted(CatBoostSettings(trees=60), seed=3)
    kept: list[Any] = []
    keep = model._keep
    model._keep = lambda grown, columns: (kept.append(grown), keep(grown, columns))  # type: ignore[method-assign]
    model.fit(homes.prepared, homes.prepared.log_price, homes.neighbours)
    matrix = numbers_alone(homes.prepared, model.levels_.codes(homes.prepared), homes.neighbours)
    assert catboost.__version__
    np.testing.assert_allclose(predict(model, homes), kept[0].predict(matrix), rtol=1e-9)


@pytest.mark.parametrize(("name", "package"), [("catboost", "catboost"), ("network", "torch")])
def test_a_model_whose_package_is_not_installed_says_how_to_install_it(
    name: str, package: str, homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        OFFERS[name].make(len(homes), 0, {}).fit(homes.prepared, homes.prepared.log_price, homes.neighbours)
    assert "pip install 'perla[" in caught.value.text("en") and "Instálelo" in caught.value.text("es")


TAMPERINGS = {
    "cut in half": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "another text": lambda _: "__import__('os').system('true')",
    "without its end": lambda text: text[: text.index("end of trees")],
    "a child that is not there": lambda text: text.replace("left_child=1", "left_child=99999", 1),
    "a path in a circle": lambda text: text.replace("left_child=1 ", "left_child=0 ", 1),
    "a column that is not there": lambda text: text.replace("split_feature=0", "split_feature=9", 1),
    "a word for a number": lambda text: text.replace("leaf_value=", "leaf_value=x", 1),
    "another number of outputs": lambda text: text.replace("num_tree_per_iteration=1", "num_tree_per_iteration=2"),
    "other names": lambda text: text.replace("feature_names=", "feature_names=more "),
    "no text": lambda _: None,
}


@pytest.fixture(scope="module")
def trees() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(200, 3)).astype(np.float32)
    matrix[:, 2] = rng.integers(-1, 12, 200)
    target = matrix[:, 0] + np.isin(matrix[:, 2], [2, 5, 7])
    return Boosted(Settings(trees=5, leaves=9, leaf_rows=3), (2,)).fit(matrix, target.astype(np.float64)).state()


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_tree_model_that_was_cut_or_changed_is_refused_in_both_languages(
    trees: dict[str, Any], tampering: str
) -> None:
    changed = TAMPERINGS[tampering](trees["trees"])
    assert changed != trees["trees"], "the tampering must change something"
    with pytest.raises(ShelfError) as caught:
        Boosted.from_state({**trees, "trees": changed}, Settings())
    assert "train again" in caught.value.text("en") and "entrene de nuevo" in caught.value.text("es")


def test_a_tree_model_of_one_leaf_comes_back() -> None:
    """Too few listings for a single split."""
    one = Boosted(Settings(trees=3, leaf_rows=50)).fit(np.ones((60, 2), np.float32), np.arange(60.0))
    again = Boosted.from_state(one.state(), Settings())
    assert again.predict(np.zeros((1, 2), np.float32)) == pytest.approx([29.5])


def test_a_classifier_comes_back_with_a_column_for_each_class() -> None:
    matrix = np.random.default_rng(0).normal(size=(120, 2)).astype(np.float32)
    settings = Settings(trees=4, leaves=5, leaf_rows=5, objective="multiclass", classes=3)
    made = Boosted(settings).fit(matrix, np.arange(120) % 3.0)
    again = Boosted.from_state(made.state(), settings)
    np.testing.assert_array_equal(again.predict(matrix), made.predict(matrix))
    assert again.predict(matrix[:0]).shape == (0, 3)


def test_a_forest_comes_back_exactly() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(150, 3)).astype(np.float32)
    matrix[:, 2] = rng.integers(-1, 30, 150)
    settings = Settings(trees=12, leaves=31, leaf_rows=2, row_share=0.6, forest=True)
    made = Boosted(settings, (2,)).fit(matrix, matrix[:, 0] + np.sin(matrix[:, 2]))
    np.testing.assert_array_equal(Boosted.from_state(made.state(), settings).predict(matrix), made.predict(matrix))
