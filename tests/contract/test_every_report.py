"""What every report must do, whatever its format: a new line in ``REPORTS`` is checked here without a new test."""

import importlib.util
import io
import zipfile
from dataclasses import replace
from html import unescape
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest

from perla.reports.writing import REPORTS, write_reports

FOR_PEOPLE = (".xlsx", ".html", ".json")
FACTORY = Path(__file__).parents[1] / "unit" / "reports" / "simulated_findings.py"


def _load():
    spec = importlib.util.spec_from_file_location("simulated_findings", FACTORY)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def simulation():
    return _load()


@pytest.fixture(scope="module")
def findings(simulation):
    return simulation.make_findings()


def render(ending, findings, lang="en", all_rows=False, made_on=None) -> bytes:
    return import_module(REPORTS[ending]).render(findings, lang, all_rows, made_on)


def words(ending, content: bytes) -> str:
    """Everything a person could read in a report."""
    if ending == ".xlsx":
        archive = zipfile.ZipFile(io.BytesIO(content))
        return unescape("\n".join(archive.read(name).decode() for name in archive.namelist()))
    if ending == ".parquet":
        return pd.read_parquet(io.BytesIO(content)).to_csv()
    return unescape(content.decode()).replace("\u00a0", " ")


@pytest.mark.parametrize("ending", REPORTS)
@pytest.mark.parametrize("all_rows", [False, True])
def test_equal_findings_give_equal_bytes(ending, all_rows, simulation):
    one, other = simulation.make_findings(), simulation.make_findings()
    assert render(ending, one, "es", all_rows, "2026-01-31") == render(ending, other, "es", all_rows, "2026-01-31")


@pytest.mark.parametrize("ending", REPORTS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_search_without_bargains_still_makes_a_report(ending, lang, simulation, tmp_path):
    nothing = simulation.make_findings(shown=0)
    (path,) = write_reports(nothing, [tmp_path / f"empty{ending}"], lang)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("ending", REPORTS)
def test_a_search_in_which_the_filter_kept_nothing_still_makes_a_report(ending, findings):
    none = findings.listings.values["asking"] < 0
    empty = replace(findings, listings=findings.listings.take(none), table=findings.table[none].reset_index(drop=True),
                    surprise=findings.surprise[none], bargains=(), where="area_m2 > 9000")  # fmt: skip
    assert render(ending, empty, "en", True)


@pytest.mark.parametrize("ending", REPORTS)
def test_every_bargain_and_its_reason_is_in_the_report_in_the_chosen_language(ending, findings):
    english, spanish = (words(ending, render(ending, findings, lang)) for lang in ("en", "es"))
    for bargain in findings.bargains:
        assert bargain.listing_id in english
    assert "38 % below what it should cost" in english
    assert "38 % por debajo de lo que debería costar" in spanish
    assert "below what it should cost" not in spanish
    assert "por debajo" not in english


@pytest.mark.parametrize("ending", [".xlsx", ".html"])
def test_no_words_of_the_other_language_are_left(ending, findings):
    english, spanish = (words(ending, render(ending, findings, lang, True, "2026-01-31")) for lang in ("en", "es"))
    for leftover in ("Precio", "Perlas", "Apartados", "SIMULADOS", "Semilla", "Barrio", "Razones", "Ajuste"):
        assert leftover not in english
        assert leftover in spanish or leftover in ("Razones", "Ajuste")
    for leftover in (
        "Asking",
        "Bargains",
        "Set aside",
        "SIMULATED",
        "Seed",
        "Neighbourhood",
        "Reasons",
        "Adjust",
        "listings",
    ):
        assert leftover not in spanish
        assert leftover in english or leftover == "Reasons"


@pytest.mark.parametrize("ending", FOR_PEOPLE)
def test_simulated_data_is_labelled(ending, findings, simulation):
    label = '"simulated": true' if ending == ".json" else "SIMULATED DATA"
    assert label in words(ending, render(ending, findings))
    assert label not in words(ending, render(ending, simulation.without_simulation(findings)))


@pytest.mark.parametrize("ending", REPORTS)
def test_figures_that_are_missing_or_endless_do_not_stop_a_report(ending, findings):
    nan, inf = float("nan"), float("inf")
    odd = replace(
        findings.bargains[0], chance=nan, gap=nan, low=nan, high=inf, original={"area_m2": None}, latitude=nan
    )
    card = replace(findings.card, coverage=nan, interval_width=inf, fits=(), weights=(), drivers=(), notes=())
    assert render(ending, replace(findings, bargains=(odd,), card=card), "es", True)
