import numpy as np
import pandas as pd
import pytest

from perla.errors import InputError
from perla.sources.simulated import HOSTILE_TEXTS, Simulation, simulate_market


@pytest.fixture(scope="module")
def city() -> Simulation:
    return simulate_market()


def _prices(city: Simulation) -> pd.Series:
    digits = city.frame["precio"].str.replace(r"[$. ]", "", regex=True)
    return pd.to_numeric(digits, errors="coerce").where(lambda price: price > 0)


def _ratio(city: Simulation, kind: str) -> pd.Series:
    """Asking over true price of the listings of a kind."""
    return (_prices(city) / city.truth["true_price"])[city.truth["kind"] == kind].dropna()


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    first, again, other = simulate_market(100, 3), simulate_market(100, 3), simulate_market(100, 4)
    pd.testing.assert_frame_equal(first.frame, again.frame)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    assert not first.frame.equals(other.frame)


def test_the_table_has_the_asked_number_of_listings_and_exactly_the_columns_of_its_market(city: Simulation) -> None:
    assert len(city.frame) == len(city.truth) == 1500
    assert list(city.frame.columns) == [column.name for column in city.market.columns]
    assert city.frame["id"].is_unique
    assert list(city.frame["id"]) == list(city.truth["listing_id"])


def test_everything_a_reader_sees_says_that_it_is_simulated(city: Simulation) -> None:
    assert city.market.simulated
    assert "simulated" in city.market.label.en
    assert "simulada" in city.market.label.es
    assert city.frame["descripcion"].str.startswith("[simulado]").all()
    assert city.frame["enlace"].str.startswith("https://example.invalid/").all()


def test_one_listing_in_a_hundred_asks_20_to_40_percent_less_than_its_true_price(city: Simulation) -> None:
    ratio = _ratio(city, "bargain")
    assert len(ratio) == 15
    assert ratio.between(0.59, 0.81).all()


def test_ordinary_listings_ask_about_their_true_price(city: Simulation) -> None:
    error = np.log(_ratio(city, "ordinary"))
    assert abs(error.median()) < 0.02
    assert 0.05 < error.std() < 0.12


def test_old_homes_are_priced_with_more_noise_than_new_ones(city: Simulation) -> None:
    error = np.log(_ratio(city, "ordinary"))
    age = city.frame["antiguedad"].loc[error.index]
    assert error[age == "Más de 30 años"].std() > error[age == "Nuevo"].std()


def test_typing_errors_are_off_by_a_factor_of_ten_or_leave_no_price(city: Simulation) -> None:
    errors = city.truth[city.truth["kind"] == "error"]
    what = {note.en for note in errors["planted"]}
    assert what == {"the price lacks a zero", "the area has a zero too many", "it has no usable price"}
    lacks_a_zero = _ratio(city, "error").loc[lambda ratio: ratio < 0.5]
    assert lacks_a_zero.between(0.07, 0.13).all()
    assert len(lacks_a_zero) >= 2
    assert _prices(city).isna().sum() == 4


def test_only_what_was_planted_carries_a_note(city: Simulation) -> None:
    noted = city.truth["planted"].map(lambda note: bool(note.en and note.es))
    assert (noted == (city.truth["kind"] != "ordinary")).all()


def test_some_cells_are_missing_and_some_texts_are_hostile(city: Simulation) -> None:
    missing = city.frame.isna().mean()
    assert missing["administracion"] > 0.03
    assert missing["latitud"] == missing["longitud"] > 0
    for text in HOSTILE_TEXTS:
        assert city.frame["descripcion"].str.contains(text, regex=False).sum() == 1


def test_prices_are_written_in_two_ways(city: Simulation) -> None:
    price = city.frame["precio"].dropna()
    assert price.str.match(r"^\$ \d{1,3}(\.\d{3})+$").sum() > 700
    assert price.str.match(r"^\d{7,}$").sum() > 300


def test_true_prices_lie_within_the_plausible_range_of_the_market(city: Simulation) -> None:
    assert city.truth["true_price"].between(city.market.price_low, city.market.price_high).all()


def test_a_market_too_small_to_learn_from_is_refused_in_both_languages() -> None:
    with pytest.raises(InputError, match="at least 50 listings; got 12") as error:
        simulate_market(12)
    assert "al menos 50 anuncios" in error.value.text("es")
