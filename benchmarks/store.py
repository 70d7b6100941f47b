"""How fast listings are kept and read, and whether a killed ``perla add`` loses or doubles any.

    python benchmarks/store.py [--place FILE|ADDRESS] [--listings 1000000] [--day 50000] [--kills 20] [--seed 1]

Simulated homes of eleven columns (some 320 bytes each in a file). Three days of all listings, every one at another
price each day, are added at once (``add_sightings``: what ``perla add`` does once its files are read and checked);
then ``perla add`` of a file of one more day, from start to exit; then reads. Last, ``perla add`` of such a file is
killed (SIGKILL) at a random moment while it holds the database, opened again and counted, so many times; a listing
counts as lost or doubled when the tables hold neither all of the file nor nothing of it. ``--place`` names a file that
does not exist yet or an empty PostgreSQL database; otherwise a file in a temporary folder. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from perla.history import add_sightings, arrange, current, version
from perla.listings import Column, Kind, Listings, Market
from perla.listings.market_file import write_market
from perla.storage.database import open_store

FIRST = date(2026, 1, 1)
COLUMNS = (
    Column("id", Kind.ID), Column("district", Kind.CATEGORY), Column("latitude", Kind.LATITUDE),
    Column("longitude", Kind.LONGITUDE), Column("area", Kind.QUANTITY, "m2"), Column("rooms", Kind.COUNT),
    Column("baths", Kind.COUNT), Column("stratum", Kind.COUNT), Column("description", Kind.TEXT),
    Column("link", Kind.LINK), Column("price", Kind.QUANTITY),
)  # fmt: skip
MARKET = Market("benchmark", "price", "COP", COLUMNS, simulated=True)
COUNTS = (
    "SELECT (SELECT count(*) FROM listing) AS listings, (SELECT count(DISTINCT identity) FROM listing) AS identities, "
    "(SELECT count(*) FROM cells) AS cells, (SELECT count(DISTINCT listing) FROM cells) AS told, "
    "(SELECT count(*) FROM sighting) AS sightings, (SELECT count(*) FROM addition) AS additions"
)


@dataclass(frozen=True)
class Figure:
    what: str
    value: str


def simulate(first: int, count: int, day: int, seed: int) -> pd.DataFrame:
    """Listings ``first`` to ``first + count`` as a site shows them on a day; their prices differ from day to day."""
    ids = np.arange(first, first + count)
    rng = np.random.default_rng(seed)
    area, rooms = rng.integers(300, 2500, count) / 10, rng.integers(1, 6, count)
    districts = pd.Series([f"District {i}" for i in range(200)], dtype="str")
    district = districts.iloc[rng.integers(0, 200, count)].reset_index(drop=True)
    words = pd.Series(area, dtype="str").str.replace(".", ",") + " m²"
    names = pd.Series(ids, dtype="str")
    text = "[simulated] Home of " + words + " in " + district + " with parking, close to the park and the station. " * 2
    return pd.DataFrame({
        "id": "B-" + names, "district": district, "latitude": rng.uniform(1.9, 2.1, count).round(6),
        "longitude": rng.uniform(-95.1, -94.9, count).round(6), "area": words, "rooms": rooms,
        "baths": rng.integers(1, 4, count), "stratum": rng.integers(1, 7, count), "description": text,
        "link": "https://example.invalid/homes/" + names,
        "price": (area * 4e6).astype(np.int64) - day * 1_000_000 + 10_000_000,
    })  # fmt: skip


def listed(frame: pd.DataFrame) -> Listings:
    """The listings of a simulated table, without the time that checking takes."""
    values = frame.assign(area=frame["area"].str.replace(" m²", "").str.replace(",", ".").astype("float64"))
    numbers = {c.name: "float64" for c in COLUMNS if c.kind in (Kind.COUNT, Kind.QUANTITY) and c.name != "area"}
    return Listings(
        MARKET, values.astype(numbers), frame, frame["id"], pd.Series(np.arange(len(frame))), (), pd.DataFrame(), ()
    )


@contextmanager
def timed(figures: list[Figure], what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    figures.append(Figure(what, f"{time.perf_counter() - start:.2f} s"))
    print(f"{figures[-1].what}: {figures[-1].value}", file=sys.stderr)


def measure_loading(place: str, listings: int, day: int, seed: int, work: Path) -> list[Figure]:
    figures: list[Figure] = []
    for number in range(3):
        with timed(figures, f"day {number + 1} of {listings:,} listings arranged, no database needed"):
            what = arrange(listed(simulate(0, listings, number, seed)))
        with timed(figures, f"day {number + 1} of {listings:,} listings added"), open_store(place) as store:
            add_sightings(store, what, FIRST + timedelta(number), f"day {number + 1}", again=True)
    del what
    if "://" not in place:
        figures.append(Figure("size of the file", f"{Path(place).stat().st_size / 1e6:,.0f} MB"))
    fresh = simulate(listings - day * 4 // 5, day, 3, seed)
    file, market = write_files(fresh, work)
    with timed(figures, f"`perla add` of a file of {day:,}, a fifth of them new, start to exit"):
        run_add(place, file, market, FIRST + timedelta(3), work).check_returncode()
    return figures


def write_files(frame: pd.DataFrame, work: Path) -> tuple[Path, Path]:
    file, market = work / "day.csv", work / "market.toml"
    frame.to_csv(file, index=False)
    market.write_text(write_market(MARKET), encoding="utf-8")
    return file, market


def add_command(file: Path, market: Path, day: date) -> list[str]:
    return [sys.executable, "-c", "from perla.app.cli import main; main()", "add", str(file), "--market", str(market),
            "--seen-on", day.isoformat(), "--quiet"]  # fmt: skip


def environment(place: str, work: Path) -> dict[str, str]:
    """A home whose database is the place."""
    extra = {"PERLA_DATABASE_URL": place} if "://" in place else {"PERLA_HOME": str(Path(place).parent)}
    return {**os.environ, "PERLA_HOME": str(work), **extra}


def run_add(place: str, file: Path, market: Path, day: date, work: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(add_command(file, market, day), env=environment(place, work), capture_output=True, text=True)


def measure_reading(place: str, listings: int, seed: int) -> list[Figure]:
    figures: list[Figure] = []
    with timed(figures, "`current` of every listing with all its prices"), open_store(place, read_only=True) as store:
        found = current(store, MARKET)
    figures.append(Figure("listings and prices it read", f"{len(found.frame):,} and {len(found.prices):,}"))
    del found
    rng = random.Random(seed)
    with open_store(place, read_only=True) as store:
        figures.append(typical("prices of one listing by its id, p50 / p99", lambda: _one(store, rng, listings)))
        figures.append(typical("`version` of the market, p50 / p99", lambda: version(store, MARKET)))
    opened = typical("opening to read, p50 / p99", lambda: open_store(place, read_only=True).close())
    return [*figures, opened]


def typical(what: str, call: Callable[[], object], times: int = 200) -> Figure:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    low, high = np.percentile(np.array(seconds) * 1000, [50, 99])
    return Figure(what, f"{low:.1f} / {high:.1f} ms")


def _one(store: object, rng: random.Random, listings: int) -> None:
    query = (
        "SELECT s.seen_on, s.price FROM listing l JOIN sighting s ON s.listing = l.listing "
        "WHERE l.identity = $1 ORDER BY s.seen_on"
    )
    with store.reading() as reader:  # type: ignore[attr-defined]
        assert len(reader.read(query, f"id:B-{rng.randrange(listings)}")) >= 3


def measure_kills(place: str, listings: int, day: int, kills: int, seed: int, work: Path) -> list[Figure]:
    """Kill ``perla add`` again and again, each time with a file that is not in the database yet."""
    rng, lost, kept, during = random.Random(seed), 0, 0, 0
    held = 0.0
    for number in range(kills + 1):
        frame = simulate(listings + 1000 * number, day, 10 + number, seed + number)
        file, market = write_files(frame, work)
        before = counts(place)
        whole = {**before, **expected(before, frame, place)}
        process = subprocess.Popen(add_command(file, market, FIRST + timedelta(10 + number)),
                                   env=environment(place, work), stdout=subprocess.DEVNULL)  # fmt: skip
        start = wait_until_held(process, place)
        if number == 0:  # the first is let be, to learn how long the database is held
            process.wait()
            held = time.perf_counter() - start
            assert process.returncode == 0 and counts(place) == whole, "an add that nobody killed must be whole"
            continue
        time.sleep(rng.uniform(0, held))
        during += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = counts(place)
        kept += after == whole
        lost += after not in (before, whole)
        print(f"kill {number}: {'all' if after == whole else 'nothing' if after == before else after}", file=sys.stderr)
    result = f"{lost} of {kills} (nothing kept {kills - kept - lost} times, all kept {kept} times)"
    return [
        Figure(
            f"`perla add` of {day:,} killed while it held the database ({held:.2f} s): rows lost or doubled", result
        ),
        Figure("of these, still running when killed", f"{during} of {kills}"),
    ]


def counts(place: str) -> dict[str, int]:
    with open_store(place, read_only=True) as store, store.reading() as reader:
        return {name: int(n) for name, n in reader.read(COUNTS).to_pylist()[0].items()}


def expected(before: dict[str, int], frame: pd.DataFrame, place: str) -> dict[str, int]:
    """What the tables hold once all of the file is in."""
    with open_store(place, read_only=True) as store, store.reading() as reader:
        known = set(reader.read("SELECT identity FROM listing").column(0).to_pylist())
    new = len(set("id:" + frame["id"]) - known)
    grown = {name: before[name] + new for name in ("listings", "identities", "cells", "told")}
    return {**grown, "sightings": before["sightings"] + len(frame), "additions": before["additions"] + 1}


def wait_until_held(process: subprocess.Popen[bytes], place: str) -> float:
    """Until the process has the database open; the moment."""
    while process.poll() is None:
        if "://" in place:
            if b":" in _sockets(process.pid):
                break
        elif _has_open(process.pid, place):
            break
        time.sleep(0.001)
    return time.perf_counter()


def _has_open(pid: int, place: str) -> bool:
    try:
        return any(str(fd.readlink()) == place for fd in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def _sockets(pid: int) -> bytes:
    """A colon if the process has a socket open."""
    try:
        return b":" if any("socket:" in str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()) else b""
    except OSError:
        return b""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", default="")
    parser.add_argument("--listings", type=int, default=1_000_000)
    parser.add_argument("--day", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        place = asked.place or str(work / "listings.duckdb")
        place = place if "://" in place else str(Path(place).resolve())
        figures = measure_loading(place, asked.listings, asked.day, asked.seed, work)
        figures += measure_reading(place, asked.listings, asked.seed)
        figures += measure_kills(place, asked.listings, asked.day, asked.kills, asked.seed, work)
    print("| what | measured |\n|---|---|")
    for figure in figures:
        print(f"| {figure.what} | {figure.value} |")


if __name__ == "__main__":
    main()
