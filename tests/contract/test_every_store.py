"""Every database keeps listings alike: the same checks for the file and for a PostgreSQL that the test starts."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from perla.errors import InputError, StoreBusyError, StoreError
from perla.history import Kept, add_sightings, current, markets, newest, overview, version
from perla.listings import Column, Kind, Listings, Market
from perla.listings.checking import check
from perla.storage.database import open_store
from perla.storage.database.copying import copy_store
from perla.storage.database.migrations import MIGRATIONS, migrate
from perla.storage.database.opening import connect

COLUMNS = (Column("ref", Kind.ID), Column("area", Kind.QUANTITY, "m2"), Column("url", Kind.LINK),
           Column("note", Kind.TEXT))  # fmt: skip
HOMES = Market("homes", "price", "EUR", COLUMNS)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def _binary(name: str) -> str | None:
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return found or (str(places[0]) if places else None)


NOBODY = 65534
NUMBERS = itertools.count()


def _as_somebody(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; then it runs as somebody who may do nothing else."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to run it as somebody else")
    if any(not above.stat().st_mode & 0o001 for above in folder.parents):
        pytest.skip(f"PostgreSQL does not run as root, and nobody else may enter {folder.parent}")
    os.chown(folder, NOBODY, NOBODY)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of this test run, on the loopback only."""
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed: pip install 'perla[postgres]'")
    initdb, server = _binary("initdb"), _binary("postgres")
    if initdb is None or server is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="perla-postgres-") as folder, _running(Path(folder), initdb, server) as at:
        yield at


@contextmanager
def _running(folder: Path, initdb: str, server: str) -> Iterator[str]:
    somebody = _as_somebody(folder)
    clean = {"LC_ALL": "C", "PATH": os.environ["PATH"]}
    (folder / "secret").write_text("s3cret/word")
    made = subprocess.run(
        [*somebody, initdb, "-D", folder / "data", "-U", "perla", "-A", "scram-sha-256", f"--pwfile={folder}/secret",
         "-E", "UTF8", "--no-sync"], env=clean, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    port = _free_port()
    running = subprocess.Popen(
        [*somebody, server, "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
        env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        address = f"postgresql://perla:s3cret%2Fword@127.0.0.1:{port}/"
        _wait_until_ready(f"{address}postgres", running)
        yield address
    finally:
        running.send_signal(signal.SIGINT)  # do not wait for open connections
        running.wait(30)


def _wait_until_ready(address: str, running: subprocess.Popen) -> None:
    import psycopg

    for _ in range(600):
        assert running.poll() is None, "PostgreSQL ended while it started"
        try:
            psycopg.connect(address, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not become ready")


@pytest.fixture(params=["duckdb", "postgresql"])
def place(request, tmp_path) -> str:
    """A database of its own for every test."""
    if request.param == "duckdb":
        return str(tmp_path / "kept" / "listings.duckdb")
    address = request.getfixturevalue("postgres")
    import psycopg

    name = f"test_{next(NUMBERS)}"
    with psycopg.connect(f"{address}postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return f"{address}{name}"


def _homes(*rows: tuple[object, ...], columns: str = "ref area price url note", market: Market = HOMES) -> Listings:
    return check(pd.DataFrame(list(rows), columns=columns.split()), market, allow_missing=True)


A7 = ("A7", "83 m²", "450.000 €", "https://a.example/7", 'flat, "bright"\nsecond line')
B2 = ("B2", "60", "300000", "https://a.example/2", None)
C9 = ("C9", "12", "90000", "https://a.example/9", "ñandú ☀")


def _add(place: str, listings: Listings, day: date, source: str = "file.csv", again: bool = False):
    with open_store(place) as store:
        return add_sightings(store, listings, day, source, again)


def _add_at_once(place: str, listings: Listings, day: date) -> None:
    with open_store(place, wait_seconds=0.3) as store:
        add_sightings(store, listings, day, "file.csv")


def _current(place: str, since: date | None = None):
    with open_store(place, read_only=True) as store:
        return current(store, HOMES, since)


def test_cells_come_back_exactly_as_they_were_read(place):
    homes = _homes(A7, B2, C9)
    _add(place, homes, MARCH)
    pd.testing.assert_frame_equal(_current(place).frame, homes.original)


def test_kept_listings_are_checked_to_the_values_of_the_file(place):
    homes = _homes(A7, B2, C9)
    _add(place, homes, MARCH)
    again = check(_current(place).frame, HOMES)
    pd.testing.assert_frame_equal(again.values, homes.values)


def test_numbers_times_and_mixed_cells_keep_their_kind(place):
    frame = pd.DataFrame({
        "ref": pd.array([1, 2, 3]), "area": [1.5, None, 1e-7], "price": [7, 8, 9],
        "url": pd.array([True, None, False], dtype="boolean"), "note": pd.Series([5, "5", None], dtype=object),
        "rooms": pd.array([3, None, 2], dtype="Int64"), "day": pd.to_datetime(["2026-01-02", None, "2026-01-03"]),
    })  # fmt: skip
    _add(place, check(frame, HOMES), MARCH)
    found = _current(place).frame
    assert found["note"].tolist()[:2] == [5, "5"] and found["note"].isna().tolist() == [False, False, True]
    for name in ("ref", "area", "rooms", "url", "day"):
        pd.testing.assert_series_equal(found[name], frame[name], check_dtype=False, check_names=False)


def test_a_listing_seen_again_at_a_lower_price_counts_as_one_cut(place):
    _add(place, _homes(A7, B2), MARCH)
    added = _add(place, _homes(("A7", "83 m²", "400.000 €", *A7[3:]), B2, C9), APRIL)
    assert (added.new, added.seen_again, added.cheaper, added.dearer) == (1, 2, 1, 0)
    assert added.changes.to_dict("records") == [
        {"row": 0, "identity": "id:A7", "before": 450_000.0, "price": 400_000.0}
    ]
    kept = _current(place)
    assert kept.frame["price"].tolist() == ["400.000 €", "300000", "90000"]
    assert kept.first_seen.dt.date.tolist() == [MARCH, MARCH, APRIL]
    assert kept.last_seen.dt.date.tolist() == [APRIL, APRIL, APRIL]
    told = kept.prices.assign(seen_on=kept.prices["seen_on"].dt.date)
    assert told.values.tolist() == [[0, MARCH, 450_000], [0, APRIL, 400_000], [1, MARCH, 300_000], [2, APRIL, 90_000]]


def test_the_same_file_twice_changes_nothing_and_says_when_it_was_added(place):
    first = _add(place, _homes(A7, B2), MARCH)
    before = _current(place)
    second = _add(place, _homes(B2, A7), APRIL)
    assert second.already == MARCH and (second.new, second.seen_again) == (0, 0)
    assert second.version == first.version == _current(place).version
    pd.testing.assert_series_equal(_current(place).last_seen, before.last_seen)


def test_the_same_listings_seen_on_another_day_count_when_the_day_is_said(place):
    _add(place, _homes(A7, B2), MARCH)
    added = _add(place, _homes(A7, B2), APRIL, again=True)
    assert added.already is None and added.seen_again == 2 and len(added.changes) == 0
    assert _add(place, _homes(A7, B2), APRIL, again=True).already == APRIL
    assert _current(place).last_seen.dt.date.tolist() == [APRIL, APRIL]
    assert len(_current(place).prices) == 2


def test_days_may_arrive_in_any_order(place):
    at = {day: ("A7", "83", str(price), *A7[3:]) for day, price in ((MARCH, 100), (APRIL, 90), (MAY, 80))}
    for day in (MAY, MARCH, APRIL):
        added = _add(place, _homes(at[day]), day)
    assert added.newest == MAY and added.cheaper == 1
    kept = _current(place)
    assert kept.frame["price"].tolist() == ["80"]
    assert (kept.first_seen[0].date(), kept.last_seen[0].date()) == (MARCH, MAY)
    assert kept.prices["price"].tolist() == [100, 90, 80]


def test_two_files_of_one_day_keep_both_prices_and_the_later_one_stands(place):
    _add(place, _homes(A7), MARCH)
    _add(place, _homes(("A7", "83 m²", "420.000 €", *A7[3:])), MARCH)
    _add(place, _homes(A7, B2), MARCH)
    assert _current(place).prices.query("row == 0")["price"].tolist() == [450_000, 420_000, 450_000]
    assert _current(place).frame["price"].tolist()[0] == "450.000 €"


def test_only_listings_seen_since_a_day_are_asked_for(place):
    _add(place, _homes(A7, B2), MARCH)
    _add(place, _homes(B2, C9), APRIL)
    recent = _current(place, since=APRIL)
    assert recent.frame["ref"].tolist() == ["B2", "C9"]
    assert recent.prices["row"].tolist() == [0, 1]
    assert _current(place, since=MAY).frame.empty


def test_a_file_with_other_columns_joins_those_kept(place):
    _add(place, _homes(A7, B2), MARCH)
    _add(place, _homes(("D1", 70, 200_000, 4), columns="ref area price rooms"), APRIL)
    frame = _current(place).frame
    assert frame["ref"].tolist() == ["A7", "B2", "D1"]
    assert frame["price"].tolist() == ["450.000 €", "300000", 200_000]
    assert frame["rooms"].isna().tolist() == [True, True, False]
    assert check(frame, HOMES).values["price"].tolist() == [450_000, 300_000, 200_000]


def test_a_repeated_id_is_one_listing_and_is_counted(place):
    added = _add(place, _homes(A7, ("A7", "83 m²", "440.000 €", *A7[3:])), MARCH)
    assert (added.new, added.repeated) == (1, 1)
    assert _current(place).frame["price"].tolist() == ["440.000 €"]


def test_a_column_that_names_no_listing_is_refused_and_nothing_is_kept(place):
    with pytest.raises(InputError, match="'ref' must tell listings apart"):
        _add(place, _homes(*[("A7", i, 100 + i, None, None) for i in range(40)]), MARCH)


def test_listings_without_id_or_link_are_known_by_what_they_are(place):
    bare = [("", str(area), str(price), None, "two rooms") for area, price in ((50, 100), (50, 110), (70, 120))]
    _add(place, _homes(*bare), MARCH)
    added = _add(place, _homes(*reversed([("", "50,0 m2", "95", None, "two rooms"), *bare[1:]])), APRIL)
    assert (added.new, added.seen_again, added.cheaper) == (0, 3, 1)
    assert sorted(_current(place).frame["price"].tolist()) == ["110", "120", "95"]


def test_markets_are_kept_apart(place):
    cars = Market("cars", "price", "EUR", COLUMNS)
    first = _add(place, _homes(A7), MARCH)
    _add(place, _homes(A7, B2, market=cars), APRIL)
    with open_store(place, read_only=True) as store:
        assert markets(store) == ["cars", "homes"]
        assert version(store, HOMES) == first.version and version(store, "cars") > first.version
        assert version(store, "nothing") == 0 and newest(store, "nothing") is None
        assert (newest(store, HOMES), newest(store, cars)) == (MARCH, APRIL)
        assert len(current(store, HOMES)) == 1 and len(current(store, cars)) == 2
        assert len(current(store, Market("nothing", "price", "EUR", COLUMNS))) == 0


def test_what_fails_half_way_leaves_nothing_behind(place, monkeypatch):
    _add(place, _homes(A7), MARCH)
    before = _current(place)
    monkeypatch.setattr("perla.history.adding._remember", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _add(place, _homes(("A7", "83 m²", "1", *A7[3:]), B2, C9), APRIL)
    monkeypatch.undo()
    after = _current(place)
    pd.testing.assert_frame_equal(after.frame, before.frame)
    assert after.version == before.version and len(after.prices) == 1


def test_set_aside_rows_are_counted_with_the_addition(place):
    added = _add(place, _homes(A7, ("B2", "60", "ask", None, None)), MARCH)
    assert (added.rows, added.set_aside) == (1, 1)
    with open_store(place, read_only=True) as store, store.reading() as reader:
        assert reader.read("SELECT source, listings, set_aside FROM addition").to_pylist() == [
            {"source": "file.csv", "listings": 1, "set_aside": 1}
        ]


def test_a_hostile_cell_stays_a_cell(place):
    evil = ("x'); DROP TABLE listing; --", '"', "5", "\\N", "a\x1fb\x00c,\r\n\\.")
    _add(place, _homes(evil, B2), MARCH)
    found = _current(place).frame
    assert found.loc[0].tolist() == [*evil[:4], "a b c,\r\n\\."] and len(found) == 2


def test_an_older_database_takes_the_missing_steps_and_keeps_its_listings(place):
    with connect(place) as store:
        migrate(store, MIGRATIONS[:1])
        with store.writing() as writer:
            writer.run("INSERT INTO market (market, name) VALUES (1, 'homes')")
            writer.run("INSERT INTO layout (layout, market, columns) VALUES (1, 1, '[[\"ref\", \"text\"], "
                       "[\"price\", \"whole\"]]')")  # fmt: skip
            writer.run("INSERT INTO listing (listing, market, identity) VALUES (1, 1, 'id:A7')")
            writer.run("INSERT INTO sighting (listing, addition, seen_on, price) VALUES (1, 1, $1, 500000)", MARCH)
            writer.run("INSERT INTO cells (listing, layout, digest, cells) VALUES (1, 1, 'old', $1)", "A7\x1f500000")
            writer.run("INSERT INTO addition (addition, market, seen_on, digest, source, listings) "
                       "VALUES (1, 1, $1, 'old', 'old.csv', 1)", MARCH)  # fmt: skip
    assert _current(place).frame.values.tolist() == [["A7", 500_000]]
    added = _add(place, _homes(A7), APRIL)
    assert (added.new, added.seen_again, added.cheaper) == (0, 1, 1)
    with open_store(place, read_only=True) as store, store.reading() as reader:
        taken = reader.read("SELECT version, step FROM schema_version ORDER BY version").to_pylist()
        assert [t["step"] for t in taken] == [step.__name__ for step in MIGRATIONS]
        assert reader.read("SELECT set_aside FROM addition ORDER BY addition").column(0).to_pylist() == [0, 0]


def test_a_database_of_a_newer_version_is_refused_in_both_languages(place):
    with open_store(place) as store, store.writing() as writer:
        writer.run("INSERT INTO schema_version VALUES (99, 'from_the_future')")
    for read_only in (True, False):
        with pytest.raises(StoreError, match="newer perla") as refused:
            open_store(place, read_only=read_only)
        assert "más nueva" in refused.value.text("es")


def test_a_database_with_other_tables_is_refused(place):
    with connect(place) as store, store.writing() as writer:
        writer.run("CREATE TABLE invoices (number BIGINT)")
    with pytest.raises(StoreError, match="holds other tables"):
        open_store(place)


def test_reading_where_nothing_was_ever_added_says_how_to_add(place):
    with pytest.raises(StoreError, match="perla add") as refused:
        open_store(place, read_only=True)
    assert "Agregue anuncios" in refused.value.text("es")


def test_everything_can_be_copied_into_another_database(place, tmp_path):
    _add(place, _homes(A7, B2), MARCH)
    _add(place, _homes(("A7", "83 m²", "1", *A7[3:]), C9), APRIL)
    with open_store(place, read_only=True) as source, open_store(str(tmp_path / "b.duckdb")) as backup:
        assert copy_store(source, backup)["sighting"] == 4
        with pytest.raises(StoreError, match="must be empty"):
            copy_store(source, backup)
        was, found = current(source, HOMES), current(backup, HOMES)
        assert overview(source) == overview(backup) == [Kept("homes", 3, MARCH, APRIL, 2, 0)]
    pd.testing.assert_frame_equal(found.frame, was.frame)
    pd.testing.assert_frame_equal(found.prices, was.prices)
    pd.testing.assert_series_equal(found.first_seen, was.first_seen)
    assert found.version == was.version


def test_a_copy_goes_into_every_kind_of_database_and_lives_on(place, tmp_path):
    first = str(tmp_path / "first.duckdb")
    _add(first, _homes(A7, B2), MARCH)
    with open_store(first, read_only=True) as source, open_store(place) as target:
        copy_store(source, target)
    assert _add(place, _homes(A7, B2), APRIL).already == MARCH
    assert _add(place, _homes(B2, C9), APRIL).new == 1
    assert _current(place).frame["ref"].tolist() == ["A7", "B2", "C9"]


def test_a_reader_cannot_write(place):
    _add(place, _homes(A7), MARCH)
    with open_store(place, read_only=True) as store, pytest.raises(StoreError), store.writing() as writer:
        writer.run("DELETE FROM listing")
    assert len(_current(place)) == 1


def test_what_another_holds_for_too_long_is_told(place, holder):
    _add(place, _homes(A7), MARCH)
    with holder(place), pytest.raises(StoreBusyError, match="Another perla is writing") as busy:
        _add_at_once(place, _homes(B2), APRIL)
    assert "Otra perla está escribiendo" in busy.value.text("es")
    assert len(_current(place)) == 1


HOLD = """
import sys
from perla.storage.database import open_store
with open_store(sys.argv[1]) as store, store.writing() as writer:
    writer.run("INSERT INTO market (market, name) VALUES (77, 'never kept')")
    print("holding", flush=True)
    sys.stdin.read()
    raise SystemExit
"""


@pytest.fixture
def holder():
    """A process that writes and does not finish."""

    @contextmanager
    def hold(place: str):
        process = subprocess.Popen([sys.executable, "-c", HOLD, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"holding\n"
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    return hold
