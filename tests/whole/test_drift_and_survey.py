"""perla drift and perla survey as a person calls them, and the warning in the reports of a search."""

import json

import pandas as pd
import pytest

from perla.release.deployments import Deployments
from perla.release.places import market_folder


@pytest.fixture(scope="module")
def dear(city, tmp_path_factory):
    """The new listings, each asking half more."""
    frame = pd.read_csv(city.listings, dtype=str)
    digits = frame["precio"].str.replace(r"\D", "", regex=True)
    frame["precio"] = [str(int(d) * 3 // 2) if isinstance(d, str) and d else p
                       for d, p in zip(digits, frame["precio"], strict=True)]  # fmt: skip
    frame["id"] = "dear-" + frame["id"]
    path = tmp_path_factory.mktemp("dear") / "dear.csv"
    frame.to_csv(path, index=False)
    return path


def test_new_listings_of_the_same_city_are_steady(call, city):
    done = call("drift", city.new, "--model", city.model, "--lang", "es")
    assert done.exit_code == 0, done.output
    assert "son como aquellos de los que aprendió el modelo" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_dearer_batch_is_told_in_json_with_its_columns(call, city, dear):
    done = call("drift", dear, "--model", city.model, "--json")
    record = json.loads(done.stdout)
    assert record["verdict"] == "drifted"
    assert record["median_ratio"] == pytest.approx(1 / 1.5, abs=0.06)
    assert "more than the model expects" in record["warning"]
    assert {c["column"] for c in record["columns"]} >= {"area_m2", "barrio"}


def test_a_search_with_a_saved_model_warns_of_a_batch_that_has_drifted(call, city, dear, tmp_path):
    done = call("find", dear, "--model", city.model, "--lang", "es", "-o", tmp_path / "page.html", "-o",
                tmp_path / "findings.json")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = "más de lo que el modelo espera"
    assert told in " ".join(done.stdout.split())
    assert told in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert any(told in note for note in json.loads((tmp_path / "findings.json").read_text())["card"]["notes"])


def test_a_search_of_steady_listings_warns_of_nothing(call, city):
    record = json.loads(call("find", city.new, "--model", city.model, "--json").stdout)
    assert not any("differ" in note for note in record["card"]["notes"])


def test_the_model_in_service_of_a_market_is_asked_by_its_name(call, city, tmp_path):
    Deployments(market_folder(tmp_path, "simulated")).deploy(city.model, {"market": "simulated"})
    done = call("drift", city.new, "--market", "simulated", "--home", tmp_path)
    assert done.exit_code == 0, done.output
    assert "like those the model learned from" in done.stdout


def test_a_market_without_a_model_in_service_is_refused(call, city, tmp_path):
    done = call("drift", city.new, "--market", "nowhere", "--home", tmp_path)
    assert done.exit_code != 0
    assert "nowhere" in done.stderr


@pytest.mark.parametrize("both", [True, False])
def test_one_model_must_be_meant(call, city, both):
    words = ("--model", city.model, "--market", "simulated") if both else ()
    done = call("drift", city.new, *words)
    assert done.exit_code == 2
    assert "--model" in done.stderr
    assert "--market" in done.stderr


def test_a_survey_is_a_page_in_the_terminal_and_json(call, city):
    done = call("survey", city.listings, "--market", city.market, "--lang", "es")
    assert done.exit_code == 0, done.output
    assert "barrio" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    record = json.loads(call("survey", city.listings, "--market", city.market, "--json").stdout)
    assert record["listings"] + record["rejected"] == 300
    assert record["areas"][0]["column"] == "barrio"


def test_a_survey_without_a_market_file_says_that_it_guessed(call, city):
    done = call("survey", city.listings)
    assert done.exit_code == 0, done.output
    assert "perla guessed" in done.stdout


def test_a_survey_of_the_store_tells_what_is_new_and_what_was_cut(call, city, tmp_path):
    frame = pd.read_csv(city.new, dtype=str)
    frame["precio"] = [str(100_000_000 + 1_000_000 * k) for k in range(len(frame))]
    frame.to_csv(tmp_path / "first.csv", index=False)
    frame["precio"] = ["90000000", *frame["precio"][1:]]
    frame.to_csv(tmp_path / "second.csv", index=False)
    for name, day in (("first", "2026-09-01"), ("second", "2026-10-15")):
        added = call("add", tmp_path / f"{name}.csv", "--market", city.market, "--seen-on", day, "--home", tmp_path)
        assert added.exit_code == 0, added.output
    done = call("survey", "--market", city.market, "--home", tmp_path, "--json")
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["listings"] == len(frame)
    assert (record["cuts"]["followed"], record["cuts"]["cut"]) == (len(frame), 1)
    assert record["cuts"]["median_cut"] == pytest.approx(0.1)


def test_a_survey_of_nothing_is_refused_and_says_what_to_give(call, city, tmp_path):
    for words, said in (((), "--market"), (("--market", city.market), "perla add")):
        done = call("survey", *words, "--home", tmp_path)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.output
        assert said in done.stderr
