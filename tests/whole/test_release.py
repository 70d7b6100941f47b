"""A model into service and out of it again, as its owner does it."""

import copy
import importlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from perla.app import judging
from perla.app.cli import main
from perla.app.saved import load_finder
from perla.listings.floors import Floors
from perla.listings.market_file import read_market
from perla.release.deployments import Deployments
from perla.release.places import market_folder
from perla.words import Lang

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
LENIENT = "[gate]\nr2 = 0.5\nmdape = 0.3\ncoverage = [0.5, 1]\nmedian_ratio = [0.5, 2]\ncod = 60\n"


class Owner:
    """Somebody with a home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.deployments = Deployments(market_folder(home, "simulated"))

    def says(self, *words: object, lang: Lang = "en") -> Result:
        unset = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COLUMNS"))
        environment = {**unset, "PERLA_HOME": str(self.home), "PERLA_THREADS": "1"}
        return CliRunner().invoke(main, [str(w) for w in (*words, "--lang", lang)], env=environment)

    def asks_little(self, city) -> Path:
        """A market file with low floors, so that a model of 300 listings passes them."""
        (self.home / "markets").mkdir(parents=True, exist_ok=True)
        text = city.market.read_text(encoding="utf-8")
        first = text.index("[columns")
        kept = self.home / "markets" / "simulated.toml"
        kept.write_text(text[:first] + LENIENT + text[first:], encoding="utf-8")
        return kept


@pytest.fixture
def owner(tmp_path) -> Owner:
    return Owner(tmp_path / "home")


@pytest.fixture(scope="module")
def settled(city, tmp_path_factory) -> Owner:
    """An owner with two releases of one model, the second forced; tests that change nothing share it."""
    owner = Owner(tmp_path_factory.mktemp("settled"))
    owner.asks_little(city)
    assert owner.says("deploy", city.model).exit_code == 0
    assert owner.says("deploy", city.model, "--force", "--reason", "again, for the test").exit_code == 0
    return owner


def test_a_good_model_comes_into_service_and_the_listings_are_judged_by_it(city, settled):
    first, second = settled.deployments.all()
    assert settled.deployments.in_service().release == second.release
    assert first.record["decision"]["passed"] and not first.record["forced"]
    assert first.record["rows"] > 250 and "simulated" in first.record["market_file"]
    edition = json.loads((settled.deployments.folder / "edition.json").read_text())
    assert edition["release"] == second.release


def test_a_model_that_is_not_better_is_refused_with_both_numbers_and_the_old_one_stays(city, settled):
    before = settled.deployments.in_service()
    for lang, words in (("en", ("Nothing was changed", "below its")), ("es", ("No se cambió nada", "menos de su"))):
        done = settled.says("deploy", city.model, "--held-out", city.new, lang=lang)
        assert done.exit_code == 3, done.output
        flat = " ".join(done.stdout.split())
        assert all(word in flat for word in words) and "--force --reason" in flat
    assert settled.deployments.in_service() == before


def test_a_forced_model_needs_a_reason_and_both_are_shown(city, settled):
    refused = settled.says("deploy", city.model, "--force")
    assert refused.exit_code == 2 and "needs a reason" in refused.stderr
    assert "forced: again, for the test" in " ".join(settled.says("models").stdout.split())
    assert "again, for the test" in settled.says("models", "show", "2").stdout


def test_a_model_below_a_floor_of_the_market_file_of_today_is_refused(city, owner):
    kept = owner.asks_little(city)
    kept.write_text(kept.read_text(encoding="utf-8").replace("cod = 60", "cod = 0.1"), encoding="utf-8")
    done = owner.says("deploy", city.model)
    assert done.exit_code == 3 and "at most 0.1 %" in " ".join(done.stdout.split())
    assert owner.deployments.in_service() is None


def test_a_model_of_another_market_is_refused(city, owner):
    done = owner.says("deploy", city.model, "--market", "homes-medellin")
    assert done.exit_code == 2 and "'simulated'" in done.stderr and "'homes-medellin'" in done.stderr


def test_two_models_are_compared_by_what_differs(settled):
    told = settled.says("models", "compare", "1", "2").stdout
    assert "again, for the test" in told and "Alike:" in told
    assert settled.says("models", "compare", "1", "9").exit_code == 2


def test_what_is_not_there_is_named_with_the_closest(settled, owner):
    assert "Did you mean 'simulated'" in settled.says("rollback", "--market", "simulatd").stderr
    assert "No model was ever put in service" in owner.says("models", "show").stderr
    assert "perla deploy" in owner.says("models").stdout
    assert owner.says("models", "verify").exit_code == 0


def test_a_rollback_brings_the_old_one_back_and_its_edition(city, settled, tmp_path):
    owner = Owner(tmp_path / "copy")
    shutil.copytree(settled.home, owner.home)
    first, _ = owner.deployments.all()
    done = owner.says("rollback", "--market", "simulated", "--reason", "estimates too high")
    assert done.exit_code == 0, done.output
    assert owner.deployments.in_service().release == first.release
    edition = json.loads((owner.deployments.folder / "edition.json").read_text())
    assert edition["release"] == first.release
    assert "IN SERVICE: estimates too high" in " ".join(owner.says("models").stdout.split())
    assert "there is none" in owner.says("rollback", "--market", "simulated").stderr


def test_a_damaged_file_is_named_and_its_model_is_never_rolled_back_to(settled, tmp_path):
    owner = Owner(tmp_path / "copy")
    shutil.copytree(settled.home, owner.home)
    assert owner.says("models", "verify").exit_code == 0
    first, second = owner.deployments.all()
    damaged = first.model / "arrays.safetensors"
    content = bytearray(damaged.read_bytes())
    content[1000] ^= 1
    damaged.write_bytes(content)
    told = owner.says("models", "verify", lang="es")
    assert told.exit_code == 3 and f"{first.release}: model/arrays.safetensors" in told.stdout
    back = owner.says("rollback", "--market", "simulated")
    assert back.exit_code == 2 and "arrays.safetensors" in back.stderr
    assert owner.deployments.in_service().release == second.release


def test_one_damaged_market_does_not_hide_the_others(settled, tmp_path):
    owner = Owner(tmp_path / "copy")
    shutil.copytree(settled.home, owner.home)
    other = owner.deployments.folder.with_name("other")
    shutil.copytree(owner.deployments.folder, other)
    (other / "in-service.json").write_text("{")
    told = owner.says("models")
    assert told.exit_code == 3
    assert "IN SERVICE" in told.stdout and str(other / "in-service.json") in told.stdout


def test_a_model_in_service_that_is_damaged_does_not_stand_in_the_way_of_a_good_one(city, settled, tmp_path):
    owner = Owner(tmp_path / "copy")
    shutil.copytree(settled.home, owner.home)
    (owner.deployments.in_service().model / "state.json").write_text("{}")
    done = owner.says("deploy", city.model)
    assert done.exit_code == 0, done.output
    assert "only the floors were judged" in done.stdout and "state.json" in done.stdout


def test_perla_deploy_killed_three_times_leaves_the_old_or_the_new_model(city, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    deploy = importlib.import_module("deploy")
    models = [tmp_path / "one", tmp_path / "other"]
    for folder in models:
        shutil.copytree(city.model, folder)
    kills = deploy.kill_deploys(tmp_path / "home", models, times=3, seed=2)
    assert len(kills) >= 3 and all(k.whole for k in kills)
    assert deploy.leaves_nothing_behind(tmp_path / "home", models[0])


@pytest.fixture(scope="module")
def finder(city):
    return load_finder(city.model, threads=1)


def silent(what, share) -> None:
    pass


def test_a_model_beside_itself_is_neither_better_nor_worse_on_a_sample_too(finder, monkeypatch):
    monkeypatch.setattr(judging, "MOST_COMPARED", 120)
    found = judging.judge_model(finder, finder, Floors(), None, 0, silent).decision.conditions[-1]
    assert found.name == "better" and found.value == found.limit and "(120 listings" in found.has.en


def test_a_model_of_another_currency_cannot_be_compared_with_and_that_is_said(finder):
    other = copy.copy(finder)
    other.market = replace(finder.market, currency="USD")
    judged = judging.judge_model(finder, other, Floors(), None, 0, silent)
    assert [c.name.value for c in judged.decision.conditions][-1] == "uniformity"
    assert "currency" in judged.notes[0].en and "moneda" in judged.notes[0].es


def test_a_record_made_by_hand_says_what_the_model_knows_of_itself(finder, city):
    record = judging.describe_finder(finder, None, "2026-03-01")
    assert (record.market, record.seed, record.made_on) == ("simulated", 0, "2026-03-01")
    assert record.rows > 250 and record.figures.listings == record.rows
    assert read_market(record.market_file, "x") == finder.market
