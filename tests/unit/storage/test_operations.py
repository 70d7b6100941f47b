"""Runs, keys and usage in one SQLite file."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from perla.errors import FileError, InputError, UnknownNameError
from perla.storage import operations as module
from perla.storage.operations import MIGRATIONS, Operations, create_keys, create_runs

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def operations(tmp_path):
    with Operations(tmp_path / "operations.sqlite") as made:
        yield made


def test_a_run_is_listed_while_it_runs_and_with_its_outcome_after(operations):
    operations.start_run("r1", "homes", NOON, {"seed": 7})
    assert [(r.run, r.finished, r.outcome, r.record) for r in operations.list_runs()] == [("r1", "", "", {"seed": 7})]
    operations.finish_run("r1", "deployed", NOON + timedelta(hours=1), {"seed": 7, "mdape": 0.1})
    (done,) = operations.list_runs("homes")
    assert (done.outcome, done.record["mdape"], done.finished > done.started) == ("deployed", 0.1, True)
    assert operations.list_runs("cars") == []


def test_a_run_that_was_interrupted_begins_anew(operations):
    operations.start_run("r1", "homes", NOON)
    operations.finish_run("r1", "failed", NOON)
    operations.start_run("r1", "homes", NOON + timedelta(days=1))
    assert [(r.outcome, r.finished) for r in operations.list_runs()] == [("", "")]


def test_the_end_of_a_run_nobody_began_is_refused(operations):
    with pytest.raises(UnknownNameError, match="r9"):
        operations.finish_run("r9", "deployed", NOON)


def test_a_key_is_known_by_its_secret_alone_and_the_secret_is_kept_nowhere(operations, tmp_path):
    secret, key = operations.create_key("ana", NOON, 60, 60, 10_000)
    assert operations.key_of(secret) == key
    assert operations.key_of(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None
    for wrong in ("", "perla__", key.prefix, f"perla_{key.prefix}_", "x" * 10_000, "perla_\udcff_x"):
        assert operations.key_of(wrong) is None
    kept = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert secret.encode() not in kept and secret.split("_", 2)[2].encode() not in kept


def test_a_revoked_key_stays_known_as_revoked_and_its_name_is_free_again(operations):
    secret, key = operations.create_key("ana", NOON)
    assert operations.revoke_key("ana", NOON).prefix == key.prefix
    assert operations.key_of(secret).revoked
    again, _ = operations.create_key("ana", NOON)
    assert again != secret
    with pytest.raises(UnknownNameError, match=r"'ana'"):
        operations.revoke_key("anna", NOON)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_a_key_needs_a_name_a_person_can_read(operations, name):
    with pytest.raises(InputError, match="name"):
        operations.create_key(name, NOON)


def test_two_good_keys_cannot_share_a_name(operations):
    operations.create_key("ana", NOON)
    with pytest.raises(InputError, match="already"):
        operations.create_key("ana", NOON)


def test_calls_add_up_by_day_and_month(operations):
    _, key = operations.create_key("ana", NOON, quota=100)
    operations.count_calls({(key.prefix, "2026-10-31"): 2, (key.prefix, "2026-11-01"): 5})
    operations.count_calls({(key.prefix, "2026-11-02"): 7, (key.prefix, "2026-11-01"): 1})
    operations.count_calls({})
    assert operations.calls_in("2026-11") == {key.prefix: 13}
    assert [(u.month, u.calls, u.busiest_day, u.busiest_calls) for u in operations.list_usage("ana")] == [
        ("2026-11", 13, "2026-11-02", 7), ("2026-10", 2, "2026-10-31", 2),
    ]  # fmt: skip
    with pytest.raises(UnknownNameError, match="'ana'"):
        operations.list_usage("anna")


def test_a_file_of_an_older_perla_gains_what_it_lacks_and_keeps_what_it_has(tmp_path):
    path = tmp_path / "operations.sqlite"
    old = sqlite3.connect(path)
    create_runs(old)
    old.execute("INSERT INTO runs (run, market, started, record) VALUES ('r1', 'homes', '2026-01-01', '{}')")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    with Operations(path) as operations:
        assert [r.run for r in operations.list_runs()] == ["r1"]
        secret, key = operations.create_key("ana", NOON)
        assert operations.key_of(secret) == key


def test_a_file_of_a_newer_perla_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "operations.sqlite"
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.execute("CREATE TABLE later (x)")
    newer.commit()
    newer.close()
    before = path.read_bytes()
    with pytest.raises(FileError, match="newer"):
        Operations(path)
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    def fail(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    path = tmp_path / "operations.sqlite"
    with monkeypatch.context() as patch:
        patch.setattr(module, "MIGRATIONS", (create_runs, create_keys, fail))
        with pytest.raises(FileError, match="disk is full"):
            Operations(path)
    with Operations(path) as operations:
        assert operations.list_keys() == []


def test_a_file_that_another_holds_is_told_as_such(tmp_path):
    path = tmp_path / "operations.sqlite"
    with Operations(path, wait_seconds=0.05) as operations:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileError, match="another program holds it"):
            operations.create_key("ana", NOON)
        assert operations.list_keys() == []  # reading goes on
        other.execute("ROLLBACK")
        other.close()
        operations.create_key("ana", NOON)


def test_a_disk_that_is_full_is_told_and_nothing_is_half_written(tmp_path):
    with Operations(tmp_path / "operations.sqlite") as operations:
        pages = operations._connection.execute("PRAGMA page_count").fetchone()[0]
        operations._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(FileError, match="disk is full"):
            operations.start_run("r1", "homes", NOON, {"text": "x" * 100_000})
        assert operations.list_runs() == []
        operations.create_key("ana", NOON)


@pytest.mark.parametrize("content", [b"not a database at all, but a text" * 40])
def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    path = tmp_path / "operations.sqlite"
    path.write_bytes(content)
    with pytest.raises(FileError, match="no database"):
        Operations(path)
    assert path.read_bytes() == content


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be used"):
        Operations(tmp_path / "file" / "operations.sqlite")
