"""How fast the service answers, how much load it bears, and whether a deployment drops a request.

    python benchmarks/service.py [--home FOLDER] [--market homes-medellin] [--seconds 60] [--data FOLDER] [--date DAY]

Starts ``perla serve`` on loopback over a home with a deployed model (made from the real listings of Medellín where none
is given), and measures in this order, with one worker: start to ready; one estimate with five comparables, in the first
minute, in which the service lays out what its comparables are made of, and after it; the seven best with five
comparables; each over one kept connection, one call after another, each estimate another listing with its price
changed; the first page and everything it needs, by a client that has nothing yet. Then, with two workers: a mix of
calls by ``wrk`` for a minute, one in three an estimate, with the memory of the server before and after; the same mix
while two models are deployed and one is rolled back, counting every answer that is not 200. ``/healthz`` in the same
run is the reference: what a call costs that asks the models nothing. Bounded load, loopback only. The table goes
between markers into benchmarks/LEADERBOARD.md.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from leaderboard import ROOT, commit_of_perla, table, write_block

PERLA = Path(sys.executable).with_name("perla")
LISTINGS = "homes-medellin/medellin_properties.csv"
CALLS, WARM_UP = 400, 40
SETTLING_S = 90.0  # in its first minute the service lays out what comparables are made of, beside its answers
HEAD = ("what", "figure", "asked", "beside", "date", "commit", "command")
MIX = """
local paths = { %s }
local bodies = { %s }
local turn = 0
request = function()
  turn = turn + 1
  if turn %% 3 == 0 then
    return wrk.format("POST", "/v1/estimates", {["content-type"] = "application/json"}, bodies[turn %% #bodies + 1])
  end
  return wrk.format("GET", paths[turn %% #paths + 1])
end
"""


@dataclass(frozen=True)
class Server:
    """A running service. ready_s : from the call of the command to the first 200 of /readyz."""

    process: subprocess.Popen[bytes]
    port: int
    ready_s: float

    @property
    def resident_mib(self) -> float:
        """Of the server and everything it started."""
        pages = re.compile(r"^VmRSS:\s+(\d+) kB", re.MULTILINE)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        kib = [pages.search(Path(f"/proc/{pid}/status").read_text()) for pid in (str(self.process.pid), *children)]
        return sum(int(found[1]) for found in kib if found) / 1024


@contextmanager
def serving(home: Path, workers: int) -> Iterator[Server]:
    """``perla serve`` on a free port of loopback, ended by its own process id."""
    port, started = free_port(), time.perf_counter()
    process = subprocess.Popen(
        [PERLA, "serve", "--port", str(port), "--home", str(home), "--workers", str(workers)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not is_ready(port):
            if process.poll() is not None or time.perf_counter() - started > 120:
                raise SystemExit("perla serve did not become ready")
            time.sleep(0.02)
        yield Server(process, port, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as spot:
        spot.bind(("127.0.0.1", 0))
        return int(spot.getsockname()[1])


def is_ready(port: int) -> bool:
    try:
        return get(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/readyz")[0] == 200
    except OSError:
        return False


def get(client: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    client.request("GET", path, headers=headers or {})
    answer = client.getresponse()
    return answer.status, answer.read()


def post(client: http.client.HTTPConnection, path: str, body: bytes) -> tuple[int, bytes]:
    client.request("POST", path, body, {"content-type": "application/json"})
    answer = client.getresponse()
    return answer.status, answer.read()


def estimates(market: str, cells: pd.DataFrame, price: str, count: int, seed: int) -> list[bytes]:
    """Bodies of calls that estimate one listing each, its price changed so that nobody has seen it."""
    rows = cells.sample(count, random_state=seed, replace=True)
    luck = random.Random(seed)
    bodies = []
    for row in rows.to_dict("records"):
        listing = {name: str(cell) for name, cell in row.items() if pd.notna(cell)}
        listing[price] = f"{float(row[price]) * luck.uniform(0.7, 1.2):.0f}"
        bodies.append(json.dumps({"market": market, "comparables": 5, "listings": [listing]}).encode())
    return bodies


def timed(calls: Sequence[object], one) -> list[float]:  # type: ignore[no-untyped-def]
    """Milliseconds of each call, in order, after a warm-up that is not counted; every answer must be a 200."""
    spent = []
    for place, call in enumerate(calls):
        begun = time.perf_counter()
        status, body = one(call)
        if status != 200:
            raise SystemExit(f"answer {status}: {body[:300]!r}")
        if place >= WARM_UP:
            spent.append((time.perf_counter() - begun) * 1000)
    return spent


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def told(spent: Sequence[float]) -> str:
    return f"p50 {quantile(spent, 0.5):.1f} ms, p95 {quantile(spent, 0.95):.1f} ms, p99 {quantile(spent, 0.99):.1f} ms"


def first_page(port: int, rounds: int = 40) -> tuple[list[float], float]:
    """Milliseconds to fetch the first page and all it names, nothing kept; and its kilobytes over the wire."""
    spent, weight = [], 0.0
    for _ in range(rounds):
        client, begun = http.client.HTTPConnection("127.0.0.1", port, timeout=30), time.perf_counter()
        _, page = get(client, "/", {"accept-encoding": "gzip"})
        weight = len(page)
        text = (gzip.decompress(page) if page[:2] == b"\x1f\x8b" else page).decode()
        for place in dict.fromkeys(re.findall(r'(?:src|href|data-src)="(/static/[^"]+)"', text)):
            weight += len(get(client, place, {"accept-encoding": "gzip"})[1])
        spent.append((time.perf_counter() - begun) * 1000)
        client.close()
    return spent, weight / 1000


def load(port: int, script: Path, seconds: float) -> dict[str, float]:
    """What ``wrk`` saw of a mix of calls by 8 connections: requests, requests a second, failed."""
    words = ["wrk", "-t1", "-c8", f"-d{seconds:g}s", "--timeout", "10s", "--latency", "-s", str(script)]
    said = subprocess.run([*words, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = int(wrong[1]) if wrong else 0
    failed += sum(map(int, sockets.groups())) if sockets else 0
    rate, total = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"(\d+) requests in", said)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert rate and total and slowest
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}[slowest[2]]
    return {"rate": float(rate[1]), "total": int(total[1]), "failed": failed, "p99_ms": float(slowest[1]) * unit}


def write_mix(place: Path, paths: Sequence[str], bodies: Sequence[bytes]) -> Path:
    quoted = (", ".join(f"[==[{text}]==]" for text in texts) for texts in (paths, [b.decode() for b in bodies]))
    place.write_text(MIX % tuple(quoted), encoding="utf-8")
    return place


def perla(*words: str | Path) -> None:
    subprocess.run([PERLA, *words, "-q", "--lang", "en"], check=True, stdout=subprocess.DEVNULL)


def make_home(work: Path, data: Path, market: str) -> Path:
    """A home whose model of the real market is deployed; the gate is passed by force where it would not be."""
    home = work / "home"
    perla("train", data / LISTINGS, "--market", market, "-o", work / "model")
    deploy(home, market, work / "model", "a benchmark of the service")
    return home


def deploy(home: Path, market: str, model: Path, reason: str) -> None:
    home.mkdir(exist_ok=True)
    perla("deploy", model, "--market", market, "--home", home, "--force", "--reason", reason)


def changed(server: Server, script: Path, home: Path, market: str, model: Path, seconds: float) -> dict[str, float]:
    """Load while two models are deployed and one is rolled back."""

    def change() -> None:
        for number in (1, 2):
            deploy(home, market, model, f"deployment {number} under load")
            time.sleep(3)
        perla("rollback", "--market", market, "--home", home, "--reason", "roll back under load")

    worker = threading.Thread(target=change)
    worker.start()
    seen: list[dict[str, float]] = []
    while worker.is_alive():
        seen.append(load(server.port, script, seconds))
    worker.join()
    seen.append(load(server.port, script, seconds))
    return {name: sum(part[name] for part in seen) for name in ("total", "failed")}


def measure(home: Path, market: str, cells: pd.DataFrame, price: str, seconds: float, work: Path,
            model: Path | None) -> list[tuple[str, str, str, str]]:  # fmt: skip
    """Rows: what, the figure, what is asked, what stands beside it."""
    best = f"/v1/bargains?market={quote(market)}&limit=7&comparables=5"
    paths = [best, f"{best}&wish={quote('price:low,area:high')}", f"{best}&days=60", f"/v1/markets/{quote(market)}"]
    rows = []
    with serving(home, 1) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        rows.append(("start to ready", f"{server.ready_s:.1f} s", "<= 4 s", ""))
        plain = told(timed(range(CALLS), lambda _: get(client, "/healthz")))
        bodies = estimates(market, cells, price, CALLS + 4 * WARM_UP, 1)
        spent = timed(bodies[: 3 * WARM_UP], lambda body: post(client, "/v1/estimates", body))
        rows.append(("one estimate, in the first minute", told(spent), "", f"/healthz {plain}"))
        time.sleep(SETTLING_S)
        client.close()  # the server lets an idle connection go; the next call opens another
        spent = timed(bodies[3 * WARM_UP :], lambda body: post(client, "/v1/estimates", body))
        rows.append(("one estimate, 5 comparables", told(spent), "p50 <= 15 ms, p99 <= 60 ms", f"/healthz {plain}"))
        spent = timed(range(CALLS), lambda _: get(client, best))
        rows.append(("7 bargains, 5 comparables", told(spent), "p50 <= 30 ms, p99 <= 150 ms", f"/healthz {plain}"))
        spent, weight = first_page(server.port)
        rows.append(("first page, cold cache", told(spent), "p95 <= 300 ms", ""))
        rows.append(("first page, over the wire", f"{weight:.0f} kB", "<= 400 kB", ""))
    script = write_mix(work / "mix.lua", paths, bodies[:60])
    with serving(home, 2) as server:
        time.sleep(SETTLING_S)
        load(server.port, script, min(10.0, seconds))
        before = server.resident_mib
        under = load(server.port, script, seconds)
        figure = f"{under['rate']:.0f} requests/s, p99 {under['p99_ms']:.0f} ms, {under['failed']:.0f} failed"
        mix = "8 connections, two workers, one call in three an estimate"
        rows.append((f"mixed calls, {seconds:g} s", figure, ">= 150 requests/s, 0 failed", mix))
        rows.append(
            ("memory before and after", f"{before:.0f} -> {server.resident_mib:.0f} MiB", "flat", "two workers")
        )
        if model is not None:
            lost = changed(server, script, home, market, model, 5.0)
            figure = f"{lost['failed']:.0f} failed of {lost['total']:.0f}"
            rows.append(("two deployments and one rollback under load", figure, "0 failed", ""))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--model", type=Path, help="a model to deploy under load, with --home")
    parser.add_argument("--market", default="homes-medellin")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--date", default=date.today().isoformat())
    call = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    work = Path(tempfile.mkdtemp(prefix="perla-service-"))
    try:
        home = call.home or make_home(work, call.data, call.market)
        model = call.model or (None if call.home else work / "model")
        cells = pd.read_csv(call.data / LISTINGS)
        cells = cells[cells["price"].between(2e7, 5e10)]
        rows = measure(home, call.market, cells, "price", call.seconds, work, model)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    command = " ".join(["python", "benchmarks/service.py", *sys.argv[1:]])
    told_rows = [(*row, call.date, commit_of_perla(), f"`{command}`") for row in rows]
    print(table(HEAD, told_rows))
    write_block("service", table(HEAD, told_rows))


if __name__ == "__main__":
    main()
