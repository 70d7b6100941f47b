"""The automatic search for price models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from perla.errors import MissingExtraError, UnknownNameError
from perla.listings.checking import check
from perla.prepare import Preparation, Prepared
from perla.sources.simulated import simulate_market
from perla.valuation import Valuation, choose_models, price_models, search
from perla.valuation.search import Budget, Found, ModelSearch

pytest.importorskip("optuna", reason="Optuna is not installed")
Homes = tuple[Prepared, NDArray[np.int64]]


@pytest.fixture(scope="module", autouse=True)
def cheap_models() -> Iterator[None]:
    """Fewer trees and no slow model, so that one trial takes a moment."""
    with pytest.MonkeyPatch.context() as patch:
        small = replace(price_models.SMOOTH, trees=25, leaves=7)
        kinds = {"smooth": (small, False, 0), "compared": (small, True, 1), "deep": (small, False, 2)}
        offers = tuple(
            price_models._trees(offer.id, offer.name, *kinds[offer.id]) if offer.id in kinds else offer
            for offer in price_models.PRICE_MODELS
        )
        patch.setattr(price_models, "PRICE_MODELS", offers)
        patch.setattr(search, "ORDER", (*price_models.DEFAULT_MODELS, "comparables"))
        few = (price_models.Setting("rate", 0.02, 0.1, log=True), price_models.Setting("leaf_rows", 5, 30))
        patch.setattr(search, "SEARCHED", dict.fromkeys(kinds, few))
        yield


@pytest.fixture(scope="module")
def homes() -> Homes:
    city = simulate_market(260)
    listings = check(city.frame, city.market)
    prepared = Preparation(city.market).fit(listings.values, seed=0).transform(listings.values)
    return prepared, listings.things.to_numpy(np.int64)


def look(homes: Homes, budget: Budget, seed: int = 0) -> Found:
    return ModelSearch(budget, "latitud", "longitud", seed=seed).fit(*homes)


@pytest.fixture(scope="module")
def found(homes: Homes) -> Found:
    return look(homes, Budget(trials=9))


def test_the_same_seed_and_trials_find_the_same_models(homes: Homes, found: Found) -> None:
    assert look(homes, Budget(trials=9)) == found


def test_a_search_tries_as_many_models_as_it_may_each_once(found: Found) -> None:
    tried = [trial.model for trial in found.trials]
    assert len(tried) == len(set(tried)) == 9
    assert tried[:5] == [*price_models.DEFAULT_MODELS, "comparables"]


def test_what_is_chosen_is_no_worse_than_the_default_and_can_be_learned(homes: Homes, found: Found) -> None:
    assert found.error <= found.default_error
    assert set(found.models) <= {trial.model for trial in found.trials}
    valuation = Valuation("latitud", "longitud", models=found.models).fit(*homes)
    assert valuation.out_of_fold_ is not None
    assert valuation.out_of_fold_.members.shape == (len(homes[0]), len(found.models))
    again = Valuation.from_state(valuation.state(), threads=1)
    np.testing.assert_array_equal(again.predict(homes[0]).expected, valuation.predict(homes[0]).expected)


def test_a_search_whose_time_is_over_at_once_still_tries_the_default_models(homes: Homes) -> None:
    ticks = iter(range(1000))
    found = look(homes, Budget(seconds=1, clock=lambda: float(next(ticks))))
    assert tuple(trial.model for trial in found.trials) == price_models.DEFAULT_MODELS


def test_the_card_says_in_both_languages_what_was_tried_and_chosen(found: Found) -> None:
    for lang, said in (("en", "9 price models tried"), ("es", "se probaron 9 modelos de precio")):
        assert said in found.note.text(lang) and "; ".join(found.models) in found.note.text(lang)


def test_a_search_needs_a_limit() -> None:
    with pytest.raises(ValueError, match="seconds or trials"):
        Budget()


def test_a_search_without_optuna_says_how_to_install_it(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(MissingExtraError) as caught:
        look(homes, Budget(trials=4))
    assert "perla[deep]" in caught.value.text("en") and "Instálelo" in caught.value.text("es")


def test_the_regression_and_the_smooth_trees_stand_first_in_every_choice() -> None:
    assert [str(c) for c in choose_models(["deep", "smooth(leaves=31)"])] == ["hedonic", "smooth(leaves=31)", "deep"]


@pytest.mark.parametrize("text", ["oracle", "deep(colour=3)", "deep(leaves=1)", "deep(leaves=9.5)", "deep(leaves=x)",
                                  "deep(leaves=9", "deep(rate=nan)", ""])  # fmt: skip
def test_an_unknown_model_or_setting_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        choose_models([text])
    assert caught.value.text("en") != caught.value.text("es")
