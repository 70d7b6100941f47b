"""What a survey and a drift look like in a narrow terminal."""

from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from perla.bargains.drift import ColumnDrift, Drift, DriftState
from perla.listings.checking import check
from perla.reports.drift_terminal import show_drift
from perla.reports.survey_terminal import cuts_told, show_survey
from perla.sources.simulated import simulate_market
from perla.survey import Survey, look
from perla.words import Text


def shown(show, what, lang) -> str:
    out = StringIO()
    show(what, Console(file=out, width=80, highlight=False, markup=False, emoji=False), lang)
    return out.getvalue()


@pytest.fixture(scope="module")
def survey() -> Survey:
    simulated = simulate_market(300)
    listings = check(simulated.frame, simulated.market)
    first = pd.Series(pd.date_range("2026-01-01", periods=len(listings), freq="D"), index=listings.values.index)
    prices = pd.DataFrame(
        {"row": [0, 0], "seen_on": pd.to_datetime(["2026-01-01", "2026-02-01"]), "price": [2e8, 1.8e8]}
    )
    return look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}), prices)


def drift_of(verdict: DriftState, *columns: ColumnDrift, reasons: tuple[Text, ...] = ()) -> Drift:
    price = ColumnDrift("precio", Text("price", "precio"), DriftState.STEADY, 0.01, 0.1, 0.0, 0.0, 0.0, None, None,
                        Text("price: as while learning", "precio: como al aprender"))  # fmt: skip
    told = Text("They differ.", "Difieren.")
    return Drift("homes", "new.csv", verdict, 99, 498, 3, 99, 0.8, 0.71, 0.9, 0.2, 0.08, price, columns, told, reasons)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_survey_fits_eighty_columns_and_says_that_it_is_simulated(survey, lang):
    page = shown(show_survey, survey, lang)
    assert max(map(len, page.splitlines())) <= 80
    assert ("DATOS SIMULADOS" if lang == "es" else "SIMULATED DATA") in page
    assert ("Lo raro" if lang == "es" else "What is odd") in page
    assert "2026-03" in page
    assert ("por m²" if lang == "es" else "per m²") in page


def test_the_price_cuts_are_one_sentence(survey):
    assert cuts_told(survey).en.startswith("Of 1 listings seen on more than one day, 1 lowered their price (100 %)")
    assert "10 %" in cuts_told(survey).es
    assert cuts_told(replace(survey, cuts=None)).en == ""


def test_a_neighbourhood_that_is_a_terminal_escape_is_shown_as_harmless_words(survey):
    line = replace(survey.areas[0].lines[0], name=Text("\x1b[31mred", "\x1b[31mred"))
    hostile = replace(survey, areas=(replace(survey.areas[0], lines=(line,)),))
    page = shown(show_survey, hostile, "en")
    assert "\x1b" not in page
    assert "red" in page


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_drift_names_its_columns_and_fits_eighty_columns(lang):
    area = ColumnDrift("area", Text("area", "área"), DriftState.DRIFTED, 0.61, 0.1, 0.4, 0.0, 0.2, None, None,
                       Text("area: typically 120 m²", "área: lo típico es 120 m²"))  # fmt: skip
    page = shown(show_drift, drift_of(DriftState.DRIFTED, area, reasons=(area.told,)), lang)
    assert max(map(len, page.splitlines())) <= 80
    assert area.told.text(lang) in page
    assert DriftState.DRIFTED.label.text(lang) in page
    assert ("0,61" if lang == "es" else "0.61") in page


def test_a_drift_without_any_estimate_shows_dashes():
    drift = replace(drift_of(DriftState.TOO_FEW), judged=0, median_ratio=None, coverage=None, error=None)
    assert sum(" -  " in line for line in shown(show_drift, drift, "en").splitlines()) == 3
    assert drift.warning is None
