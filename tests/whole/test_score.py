"""Listings of the store judged by the model in service, kept as the edition that answers; whatever happens between."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import perla.app.editions as editions
from perla.app.editions import current_edition, load_edition, markets_with_editions, score, score_market
from perla.app.settings import Settings
from perla.errors import FileError, InputError, NotReadyError, ShelfError
from perla.release.deployments import Deployments
from perla.release.files import only_one
from perla.release.places import market_folder

MARKET = "simulated"


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture
def home(city, tmp_path, monkeypatch) -> Path:
    """A home with the city's model in service, nothing judged yet."""
    monkeypatch.delenv("PERLA_DATABASE_URL", raising=False)
    Deployments(market_folder(tmp_path, MARKET)).deploy(city.model, {})
    return tmp_path


@pytest.fixture
def settings(home) -> Settings:
    return Settings("en", home, 1)


@pytest.fixture(scope="module")
def scored_home(city, tmp_path_factory) -> Path:
    """A home whose listings were judged twice, from the listings learned from."""
    home = tmp_path_factory.mktemp("scored")
    Deployments(market_folder(home, MARKET)).deploy(city.model, {})
    for _ in range(2):
        score_market(MARKET, Settings("en", home, 1), quiet)
    return home


@pytest.fixture
def copied(scored_home, tmp_path) -> Path:
    return shutil.copytree(scored_home, tmp_path / "home")


def _damage(edition: Path) -> None:
    arrays = edition / "arrays.safetensors"
    content = bytearray(arrays.read_bytes())
    content[-1] ^= 1
    arrays.write_bytes(content)


def test_without_a_store_the_listings_learned_from_answer_and_a_note_says_so(scored_home, call):
    edition = load_edition(scored_home, MARKET, 1)
    assert len(edition) == edition.finder.card_.listings_learned
    assert "perla add" in edition.notes[0].en and "perla add" in edition.notes[0].es
    assert edition.release == Deployments(market_folder(scored_home, MARKET)).in_service().release
    assert edition.drift is None


def test_the_listings_of_the_store_are_judged_with_their_days_and_prices(call, city, home, settings):
    frame = pd.read_csv(city.new, dtype=str)
    frame.to_csv(home / "first.csv", index=False)
    cheaper = frame[:20].copy()
    cheaper.loc[3, "precio"] = "199000000"
    cheaper.to_csv(home / "second.csv", index=False)
    for day, name in (("2026-01-10", "first.csv"), ("2026-02-20", "second.csv")):
        done = call("add", home / name, "--market", city.market, "--seen-on", day, "--home", home)
        assert done.exit_code == 0, done.output
    made = score(MARKET, settings, quiet)
    edition = load_edition(home, MARKET, 1)
    listed = call("find", home / "first.csv", "--model", city.model, "--json", "--all")
    assert len(edition) == made.edition.seen.shape[0] == len(json.loads(listed.stdout)["listings"])
    row = edition.row_of(frame.loc[3, "id"])
    assert edition.listings.prices[row] == 199_000_000
    assert edition.prices_of(row)["price"].tolist()[-1] == 199_000_000 and len(edition.prices_of(row)) == 2
    assert edition.seen.loc[row, "first_seen"] == pd.Timestamp("2026-01-10")
    newest = edition.seen_since(edition.since(10, pd.Timestamp("2026-02-25")))
    assert newest.sum() == edition.listings.ids.isin(frame["id"][:20]).sum()
    assert edition.drift is not None and edition.notes == ()
    assert made.new is None and score(MARKET, settings, quiet).new == 0


def test_listings_the_model_cannot_read_are_told_with_the_place_they_are_kept_in(call, city, home, settings):
    frame, few = pd.read_csv(city.new, dtype=str), ["id", "precio", "area_m2"]
    head, *columns = city.market.read_text(encoding="utf-8").split("[columns.")
    kept = [c for c in columns if c.split("]")[0] in few]
    (home / "few.toml").write_text("[columns.".join([head, *kept]), encoding="utf-8")
    frame[few].to_csv(home / "few.csv", index=False)
    done = call("add", home / "few.csv", "--market", home / "few.toml", "--seen-on", "2026-01-10", "--home", home)
    assert done.exit_code == 0, done.output
    with pytest.raises(InputError, match=r"listings.duckdb must be listings of the market 'simulated'"):
        score_market(MARKET, settings, quiet)


def test_a_crash_before_the_last_step_leaves_the_old_edition(copied, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    before = current_edition(copied, MARKET)
    with monkeypatch.context() as patched:
        patched.setattr(editions, "replace_file", fail)
        with pytest.raises(OSError, match="No space left"):
            score_market(MARKET, Settings("en", copied, 1), quiet)
    assert current_edition(copied, MARKET) == before
    assert len(load_edition(copied, MARKET, 1))
    score_market(MARKET, Settings("en", copied, 1), quiet)
    assert current_edition(copied, MARKET) > before
    assert len(list((market_folder(copied, MARKET) / "editions").iterdir())) == 2


def test_a_damaged_edition_is_named_and_the_one_before_answers(copied):
    folder = market_folder(copied, MARKET) / "editions"
    _damage(folder / current_edition(copied, MARKET))
    edition = load_edition(copied, MARKET, 1)
    told = edition.notes[-1]
    assert current_edition(copied, MARKET) in told.en and "arrays.safetensors" in told.en
    assert "arrays.safetensors" in told.es and len(edition.search(edition.wish(None)))


def test_where_no_edition_is_whole_the_newest_is_refused_by_name(copied):
    for folder in (market_folder(copied, MARKET) / "editions").iterdir():
        _damage(folder)
    with pytest.raises(ShelfError, match=current_edition(copied, MARKET)):
        load_edition(copied, MARKET, 1)


def test_a_damaged_pointer_does_not_keep_the_newest_edition_from_answering(copied):
    (market_folder(copied, MARKET) / "edition.json").write_text("{", encoding="utf-8")
    assert current_edition(copied, MARKET) is None
    assert len(load_edition(copied, MARKET, 1))


def test_a_release_that_is_gone_is_named(copied):
    shutil.rmtree(market_folder(copied, MARKET) / "releases")
    with pytest.raises(InputError, match="001-"):
        load_edition(copied, MARKET, 1)


def test_opening_an_edition_loads_no_library_that_learning_alone_needs(scored_home):
    program = (
        "import sys; from pathlib import Path; from perla.app.editions import load_edition;"
        f"load_edition(Path({str(scored_home)!r}), {MARKET!r}, 1);"
        "print([name for name in ('sklearn', 'torch', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_edition_of_the_same_release_uses_the_model_at_hand(scored_home):
    first = load_edition(scored_home, MARKET, 1)
    assert load_edition(scored_home, MARKET, 1, first).finder is first.finder


def test_only_the_edition_that_answers_and_the_one_before_are_kept(copied):
    score_market(MARKET, Settings("en", copied, 1), quiet)
    kept = sorted(p.name for p in (market_folder(copied, MARKET) / "editions").iterdir())
    assert len(kept) == 2 and kept[-1] == current_edition(copied, MARKET)
    assert markets_with_editions(copied) == [MARKET]


def test_two_cannot_judge_the_same_market_at_once(copied):
    with only_one(market_folder(copied, MARKET) / "score.lock"), pytest.raises(InputError, match="at a time"):
        score_market(MARKET, Settings("en", copied, 1), quiet)


def test_a_market_without_a_model_is_told_with_the_closest(scored_home, call, tmp_path):
    with pytest.raises(NotReadyError, match="Did you mean 'simulated'"):
        score_market("simulate", Settings("en", scored_home, 1), quiet)
    with pytest.raises(NotReadyError, match="perla deploy"):
        load_edition(tmp_path, MARKET, 1)
    done = call("score", "--home", tmp_path, "--lang", "es")
    assert done.exit_code != 0 and "Debe haber un modelo en servicio" in done.output


def test_listings_not_judged_yet_are_told_how(home):
    with pytest.raises(NotReadyError, match="perla score simulated"):
        load_edition(home, MARKET, 1)


def test_the_command_says_what_it_did_in_both_languages(copied, call):
    english = call("score", "--home", copied, "--lang", "en")
    assert english.exit_code == 0, english.output
    assert "listings judged (0 of them new)" in english.stdout and "perla add" in english.stdout
    spanish = call("score", MARKET, "--home", copied, "--lang", "es")
    assert "anuncios juzgados (0 nuevos)" in spanish.stdout


def test_a_full_disk_leaves_the_old_edition(copied, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    before = current_edition(copied, MARKET)
    with monkeypatch.context() as patched:
        patched.setattr("perla.storage.shelf.os.fsync", full)
        with pytest.raises(FileError, match="No space left"):
            score_market(MARKET, Settings("en", copied, 1), quiet)
    assert current_edition(copied, MARKET) == before
    assert len(load_edition(copied, MARKET, 1))
