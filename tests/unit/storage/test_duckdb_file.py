"""The file of listings when things go wrong: held, damaged, from the future, on a full disk, killed."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perla.errors import InputError, StoreBusyError, StoreError
from perla.storage.database import open_store
from perla.storage.database.duckdb_file import _told

ADD = """
import sys
from datetime import date
import pandas as pd
from perla.errors import PerlaError
from perla.history import add_sightings
from perla.listings import Column, Kind, Market
from perla.listings.checking import check
from perla.storage.database import open_store

market = Market("homes", "price", "EUR", (Column("ref", Kind.ID), Column("note", Kind.TEXT)))


def add(place, first, count, day):
    numbers = range(first, first + count)
    frame = pd.DataFrame({"ref": [f"A{i}" for i in numbers], "price": [1000 + i + day for i in numbers],
                          "note": [f"{i * 7919 % 100003:06d}" * 40 for i in numbers]})
    with open_store(place) as store:
        return add_sightings(store, check(frame, market), date(2026, 1, day), f"{day}.csv")
"""
COUNT = "SELECT count(*) AS rows, count(DISTINCT listing) AS listings FROM "


def _run(code: str, *words: object, **more: object) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", ADD + code, *map(str, words)], capture_output=True, text=True, **more)  # type: ignore[call-overload]


def _counts(place: Path) -> dict[str, tuple[int, int]]:
    """Rows and different listings of each table, and how many additions."""
    with open_store(str(place), read_only=True) as store, store.reading() as reader:
        found = {t: reader.read(COUNT + t).to_pylist()[0] for t in ("listing", "cells", "sighting")}
        additions = reader.read("SELECT count(*) AS n FROM addition").column("n")[0].as_py()
    return {t: (f["rows"], f["listings"]) for t, f in found.items()} | {"addition": (additions, additions)}


READ_ON = """
import time
from perla.history import current
until = time.monotonic() + 60
counts, waits = [], []
while time.monotonic() < until:
    asked = time.monotonic()
    with open_store(sys.argv[1], read_only=True) as store:
        found = current(store, market)
    waits.append(time.monotonic() - asked)
    counts.append((len(found.frame), len(found.prices)))
    print(len(found.frame), len(found.prices), round(waits[-1], 3), flush=True)
    if len(found.frame) >= int(sys.argv[2]):
        break
    time.sleep(0.01)
"""
WRITE_ON = """
for day in range(2, 12):
    add(sys.argv[1], day * 1000, 1000, day)
"""


def test_a_reader_and_a_writer_work_side_by_side(tmp_path):
    place = tmp_path / "listings.duckdb"
    _run("add(sys.argv[1], 1000, 1000, 1)", place, check=True)
    reader = subprocess.Popen([sys.executable, "-c", ADD + READ_ON, place, "11000"], stdout=subprocess.PIPE, text=True)
    writer = _run(WRITE_ON, place)
    told, _ = reader.communicate(timeout=120)
    assert writer.returncode == 0, writer.stderr
    assert reader.returncode == 0
    seen = [tuple(map(int, line.split()[:2])) for line in told.splitlines()]
    assert seen[-1] == (11_000, 11_000)
    assert all(listings % 1000 == 0 and listings == prices for listings, prices in seen)  # whole days only
    assert seen == sorted(seen)


def test_readers_do_not_keep_each_other_out(tmp_path):
    place = str(tmp_path / "listings.duckdb")
    open_store(place).close()
    with open_store(place, read_only=True):
        done = _run("open_store(sys.argv[1], read_only=True, wait_seconds=0).close()", place)
    assert done.returncode == 0, done.stderr


def test_a_file_held_by_another_process_is_waited_for_and_then_told(tmp_path):
    place = str(tmp_path / "listings.duckdb")
    with open_store(place):
        done = _run("open_store(sys.argv[1], read_only=True, wait_seconds=0.2)", place)
    assert "StoreBusyError: Another perla is writing to" in done.stderr
    assert f"(PID {os.getpid()})" in done.stderr


def test_a_file_held_by_this_very_process_is_told_too(tmp_path):
    place = str(tmp_path / "listings.duckdb")
    with open_store(place), pytest.raises(StoreBusyError):
        open_store(place, read_only=True, wait_seconds=0.1)


KILLED = "add(sys.argv[1], 0, 4000, 2); print('added', flush=True)"


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3])
def test_a_killed_writer_leaves_all_or_nothing(tmp_path, moment):
    """The clock starts when the writer opens the file, so the moments fall into the writing."""
    place = tmp_path / "listings.duckdb"
    _run("add(sys.argv[1], 0, 2000, 1)", place, check=True)
    before = _counts(place)
    changed_at = place.stat().st_mtime_ns
    process = subprocess.Popen([sys.executable, "-c", ADD + KILLED, place], stdout=subprocess.PIPE)
    _wait_for_the_lock(place, process, changed_at)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    after = _counts(place)
    whole = {"listing": (4000, 4000), "cells": (4000, 4000), "sighting": (6000, 4000), "addition": (2, 2)}
    assert after in (before, whole)
    assert _run("print(add(sys.argv[1], 0, 4000, 2).already)", place).returncode == 0
    assert _counts(place) == whole


def _wait_for_the_lock(place: Path, process: subprocess.Popen, changed_at: int) -> None:
    """Until the other process holds the file, has written to it, or is done."""
    until = time.monotonic() + 60
    while process.poll() is None and place.stat().st_mtime_ns == changed_at and time.monotonic() < until:
        if _holds(process.pid, place):
            return
        time.sleep(0.002)


def _holds(pid: int, place: Path) -> bool:
    try:
        return any(str(fd.readlink()) == str(place) for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # closed meanwhile
        return False


@pytest.mark.parametrize("room", [200_000, 1_200_000])
def test_a_full_disk_is_told_and_nothing_is_half_kept(tmp_path, room):
    """A limit on the size of files stands for the full disk: writing fails in the middle, as there."""
    place = tmp_path / "listings.duckdb"
    _run("add(sys.argv[1], 0, 200, 1)", place, check=True)
    before, size = _counts(place), place.stat().st_size
    code = "try:\n    add(sys.argv[1], 0, 20000, 2)\nexcept PerlaError as problem:\n    print(problem.text('es'))"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, size + room))

    done = _run(code, place, preexec_fn=limit)
    assert "está lleno" in done.stdout, done.stdout + done.stderr
    assert _counts(place) == before
    assert _run("assert add(sys.argv[1], 0, 20000, 2).new == 19800", place).returncode == 0


@pytest.mark.parametrize("content", [b"no database at all", b"\x00" * 5000, b"SQLite format 3\x00" * 300])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    place = tmp_path / "listings.duckdb"
    place.write_bytes(content)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="DuckDB") as refused:
            open_store(str(place), read_only=read_only)
        assert str(place) in refused.value.text("es")
    assert place.read_bytes() == content


def test_a_file_of_a_newer_duckdb_is_told_in_both_languages():
    import duckdb

    said = duckdb.IOException(
        "IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and "
        "67. The database file was created with an newer version of DuckDB."
    )
    told = _told(said, Path("listings.duckdb"))
    assert "Update perla" in str(told) and "Actualice perla" in told.text("es")


def test_a_damaged_file_is_refused_in_one_sentence(tmp_path):
    place = tmp_path / "listings.duckdb"
    _run("add(sys.argv[1], 0, 200, 1)", place, check=True)
    content = bytearray(place.read_bytes())
    content[4096 : len(content) // 2] = b"\xab" * (len(content) // 2 - 4096)
    place.write_bytes(bytes(content))
    with pytest.raises(StoreError, match="is damaged") as refused:
        _counts(place)
    assert "está dañada" in refused.value.text("es")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(str(tmp_path / "file" / "listings.duckdb"))


def test_another_kind_of_address_is_refused():
    with pytest.raises(InputError, match="'mysql'") as refused:
        open_store("mysql://ana:secret@host/name")
    assert "secret" not in str(refused.value) + refused.value.text("es")


def test_the_database_reaches_no_other_file(tmp_path):
    (tmp_path / "other.csv").write_text("secret\n1\n")
    with open_store(str(tmp_path / "listings.duckdb")) as store, pytest.raises(StoreError), store.reading() as reader:
        reader.read(f"SELECT * FROM read_csv('{tmp_path}/other.csv')")
