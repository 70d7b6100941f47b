"""``perla add``: what a person reads, and every call that is refused."""

from datetime import date, timedelta

import pandas as pd
import pytest
from click.testing import CliRunner

from perla.app.cli import main
from perla.history import add_sightings
from perla.storage.database import open_store

MARKET = """
name = "homes"
currency = "EUR"
price = "price"

[columns.ref]
is = "id"

[columns.area]
is = "quantity"
unit = "m2"

[columns.price]
is = "quantity"
"""


@pytest.fixture
def perla(tmp_path):
    """A call in a home of its own."""
    (tmp_path / "home" / "markets").mkdir(parents=True)
    (tmp_path / "home" / "markets" / "homes.toml").write_text(MARKET)

    def call(*words: object, **environment: str):
        unset = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG", "PERLA_DATABASE_URL"))
        return CliRunner().invoke(
            main, [str(w) for w in words], env={**unset, "PERLA_HOME": str(tmp_path / "home"), **environment}
        )

    return call


@pytest.fixture
def files(tmp_path):
    """Two weeks of four homes: one cheaper, one dearer, one gone, one new; and a row without a price."""
    first = pd.DataFrame({"ref": list("ABCD"), "area": [50, 60, 70, 80], "price": ["100", "200", "300", ""]})
    second = pd.DataFrame({"ref": list("ABE"), "area": [50, 60, 90], "price": [80, 210, 400]})
    first.to_csv(tmp_path / "first.csv", index=False)
    second.to_csv(tmp_path / "second.csv", index=False)
    return tmp_path / "first.csv", tmp_path / "second.csv"


def test_two_weeks_are_told_with_new_seen_again_and_cuts(perla, files, tmp_path):
    done = perla("add", files[0], "--market", "homes", "--seen-on", "2026-03-01")
    assert done.exit_code == 0, done.output
    assert "seen on 2026-03-01: 3 new, 0 seen again" in done.stdout
    assert "Set aside, not kept: 1 rows: no price (1)." in done.stdout
    assert f"Kept in {tmp_path}/home/listings.duckdb" in done.stdout
    done = perla("add", files[1], "--market", "homes", "--seen-on", "2026-03-08", "--lang", "es")
    assert "vistos el 2026-03-08: 1 nuevos, 2 vistos de nuevo; 1 piden menos que antes, 1 más." in done.stdout
    assert "A: 100 € -> 80 € (-20 %)" in done.stdout


def test_a_cut_of_a_listing_without_id_is_told_by_what_it_is(perla, tmp_path):
    for day, price in (("01", 100), ("08", 70)):
        pd.DataFrame({"ref": ["", "B"], "area": ["50,5 m²", "60"], "price": [price, 200]}).to_csv(
            tmp_path / "bare.csv", index=False
        )
        done = perla("add", tmp_path / "bare.csv", "--market", "homes", "--seen-on", f"2026-03-{day}")
    assert "  50,5 m²: €100 -> €70 (-30 %)" in done.stdout


def test_the_same_file_again_says_that_nothing_changed(perla, files):
    perla("add", files[0], "--market", "homes", "--seen-on", "2026-03-01")
    done = perla("add", files[0], "--market", "homes")
    assert done.exit_code == 0
    assert done.stdout.startswith("Nothing changed: these very listings were already added to homes for 2026-03-01.")


def test_an_earlier_day_is_added_and_told(perla, files):
    perla("add", files[1], "--market", "homes", "--seen-on", "2026-03-08")
    done = perla("add", files[0], "--market", "homes", "--seen-on", "2026-03-01")
    assert done.exit_code == 0
    assert "already seen later, on 2026-03-08" in done.stdout


def test_without_a_market_the_call_says_how_to_make_one(perla, files):
    done = perla("add", files[0])
    assert done.exit_code == 2 and f"perla init {files[0]} -o market.toml" in done.stderr
    assert "bajo qué mercado" in perla("add", files[0], "--lang", "es").stderr


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "14/03/2026", ""])
def test_a_day_that_is_none_is_refused(perla, files, day):
    done = perla("add", files[0], "--market", "homes", "--seen-on", day)
    assert done.exit_code == 2 and "such as 2026-03-14" in done.stderr


@pytest.mark.parametrize("day", [date.today() + timedelta(days=2), date(1066, 10, 14)])
def test_a_day_in_the_future_or_long_ago_is_refused(perla, files, day):
    done = perla("add", files[0], "--market", "homes", "--seen-on", day)
    assert done.exit_code == 2 and "must be a day from 1990-01-01 to today" in done.stderr


def test_a_clock_that_went_back_is_told_and_the_day_can_be_said(perla, files, tmp_path):
    _seen_in_the_future(tmp_path, files[1])
    done = perla("add", files[0], "--market", "homes")
    assert done.exit_code == 2 and "the clock may be wrong" in done.stderr
    done = perla("add", files[0], "--market", "homes", "--lang", "es")
    assert "El reloj dice" in done.stderr
    assert perla("add", files[0], "--market", "homes", "--seen-on", date.today()).exit_code == 0


def _seen_in_the_future(tmp_path, file):
    """As if the clock had been a month ahead when the file was added."""
    from perla.listings.checking import check
    from perla.listings.market_file import read_market

    listings = check(pd.read_csv(file), read_market(MARKET, "homes"))
    with open_store(str(tmp_path / "home" / "listings.duckdb")) as store:
        add_sightings(store, listings, date.today() + timedelta(days=30), "second.csv")


def test_a_file_of_another_market_is_refused_and_makes_no_database(perla, tmp_path):
    pd.DataFrame({"colour": ["red"], "speed": [5]}).to_csv(tmp_path / "other.csv", index=False)
    done = perla("add", tmp_path / "other.csv", "--market", "homes")
    assert done.exit_code == 2 and "market file" in done.stderr
    assert not (tmp_path / "home" / "listings.duckdb").exists()


def test_the_password_of_the_database_is_never_shown(perla, files):
    for address in ("postgresql://ana:s3cretword@127.0.0.1:1/x", "postgresql://ana:s3cret/word@127.0.0.1:1/x",
                    "postgresql://ana:s3cretword@127.0.0.1:port/x", "mysql://ana:s3cretword@h/x"):  # fmt: skip
        done = perla("add", files[0], "--market", "homes", "--debug", PERLA_DATABASE_URL=address)
        assert done.exit_code == 2 and "s3cret" not in done.output, done.output


def test_what_is_kept_is_shown_and_copied_into_a_new_file(perla, files, tmp_path):
    perla("add", files[0], "--market", "homes", "--seen-on", "2026-03-01")
    perla("add", files[1], "--market", "homes", "--seen-on", "2026-03-08")
    done = perla("store", "show")
    assert "homes: 4 listings, seen from 2026-03-01 to 2026-03-08; 2 additions, 1 rows set aside" in done.stdout
    backup = tmp_path / "backup.duckdb"
    assert perla("store", "copy", "--to", backup).stdout == f"Copied 4 listings and 6 sightings into {backup}\n"
    done = perla("store", "copy", "--to", backup, "--lang", "es")
    assert done.exit_code == 2 and "no debe existir" in done.stderr


def test_a_copy_without_a_target_or_a_source_is_refused(perla, tmp_path):
    assert "Say where to copy to" in perla("store", "copy").stderr
    done = perla("store", "copy", "--to", tmp_path / "backup.duckdb")
    assert done.exit_code == 2 and "perla add" in done.stderr
    assert not (tmp_path / "backup.duckdb").exists()
    assert "perla add" in perla("store", "show").stderr
