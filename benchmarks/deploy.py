"""Whether a killed ``perla deploy`` ever leaves anything but the old or the new model, whole.

    python benchmarks/deploy.py [--kills 20] [--seed 1] [--listings 300]

Two models of a simulated market are trained. Then ``perla deploy`` of the one that is not in service is started again
and again and killed (SIGKILL), half of the times at a random moment of its whole run, half of the times at a random
moment from when it begins to write. After each kill every file of what is in service is read and compared with the
model it was deployed from, its state is read as the service would, and the edition that answers is opened. Last, one
deploy runs through and must leave nothing behind of those that were killed. Prints a Markdown table.
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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from perla.app.editions import current_edition, load_edition
from perla.release.deployments import Deployments
from perla.release.places import market_folder
from perla.storage import read_folder

MARKET = "simulated"
LONGEST_SECONDS = 300.0
WRITING_SECONDS = 0.6


class Moment(StrEnum):
    """What the disk tells about when the kill fell."""

    BEFORE = "before it wrote"
    COPYING = "while it copied"
    COPIED = "copied, not in service yet"
    AFTER = "in service, while the listings were judged"
    DONE = "not at all: it was done before"


@dataclass(frozen=True)
class Kill:
    """One killed deploy. whole : every file of what is in service is what was deployed, and can be read."""

    seconds: float
    moment: Moment
    new: bool
    whole: bool


def command(model: Path, reason: str) -> list[str]:
    return [sys.executable, "-m", "perla.app.cli", "deploy", str(model), "--force", "--reason", reason, "-q"]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PERLA_HOME": str(home), "PERLA_THREADS": "1", "OMP_NUM_THREADS": "1"}


def deploy(home: Path, model: Path, reason: str) -> float:
    """Deploy to the end; the seconds it took."""
    began = time.monotonic()
    subprocess.run(command(model, reason), env=environment(home), check=True, capture_output=True)
    return time.monotonic() - began


def kill_deploys(home: Path, models: Sequence[Path], times: int, seed: int) -> list[Kill]:
    """Deploy both models to the end, then kill so many of the deploys that follow, each of the model not in service.

    A deploy that was done before its kill fell is among them, and one more is started.
    """
    rng = random.Random(seed)
    deploy(home, models[0], models[0].name)
    seconds = deploy(home, models[1], models[1].name)
    kills: list[Kill] = []
    while sum(k.moment is not Moment.DONE for k in kills) < times and len(kills) < 3 * times:
        kills.append(_kill_one(home, models, rng, seconds, aimed=bool(len(kills) % 2)))
    return kills


def _kill_one(home: Path, models: Sequence[Path], rng: random.Random, seconds: float, aimed: bool) -> Kill:
    deployments = Deployments(market_folder(home, MARKET))
    old = deployments.in_service()
    assert old is not None
    model = next(m for m in models if m.name != old.reason)
    before = {d.release for d in deployments.all()}
    left = _partial(deployments)
    began = time.monotonic()
    process = subprocess.Popen(
        command(model, model.name), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if aimed:
        _wait_until_it_writes(process, deployments, left)
        time.sleep(rng.uniform(0, WRITING_SECONDS))
    else:
        time.sleep(rng.uniform(0, seconds))
    process.send_signal(signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    took = time.monotonic() - began
    now = deployments.in_service()
    new = now is not None and now.release != old.release
    moment = _moment(killed, new, deployments, before, left)
    return Kill(took, moment, new, is_whole(home, models, {old.reason, model.name}))


def _wait_until_it_writes(process: subprocess.Popen[bytes], deployments: Deployments, left: set[str]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while process.poll() is None and _partial(deployments) <= left and time.monotonic() < until:
        time.sleep(0.001)


def _partial(deployments: Deployments) -> set[str]:
    """Names of half written releases."""
    return {p.name for p in (deployments.folder / "releases").glob(".*.partial")}


def _moment(killed: bool, new: bool, deployments: Deployments, before: set[str], left: set[str]) -> Moment:
    if not killed:
        return Moment.DONE
    if new:
        return Moment.AFTER
    if {d.release for d in deployments.all()} - before:
        return Moment.COPIED
    return Moment.COPYING if _partial(deployments) - left else Moment.BEFORE


def is_whole(home: Path, models: Sequence[Path], allowed: set[str]) -> bool:
    """Whether one of the allowed models is in service, byte for byte, with its record, and an edition opens."""
    deployments = Deployments(market_folder(home, MARKET))
    serving = deployments.in_service()
    if serving is None or serving.reason not in allowed or deployments.verify(serving.release):
        return False
    source = next(m for m in models if m.name == serving.reason)
    files = [p.relative_to(source) for p in source.rglob("*") if p.is_file()]
    alike = all((source / f).read_bytes() == (serving.model / f).read_bytes() for f in files)
    state, _ = read_folder(serving.model, "model")
    answers = load_edition(home, MARKET, 1) if current_edition(home, MARKET) else None
    return alike and bool(state) and answers is not None and serving.record["reason"] == serving.reason


def leaves_nothing_behind(home: Path, model: Path) -> bool:
    """Whether one more deploy ends well, all is whole, and nothing half written is left."""
    deploy(home, model, "the last")
    deployments = Deployments(market_folder(home, MARKET))
    return not deployments.verify() and not list(deployments.folder.rglob("*.partial"))


def train_models(folder: Path, listings: int) -> list[Path]:
    """Two models of one simulated market, of other listings each."""
    from perla.listings.market_file import write_market
    from perla.sources.simulated import simulate_market

    city = simulate_market(2 * listings, seed=5)
    market = folder / f"{MARKET}.toml"
    market.write_text(write_market(city.market), encoding="utf-8")
    made = []
    for name, rows in (("one", city.frame[:listings]), ("other", city.frame[listings:])):
        rows.to_csv(folder / f"{name}.csv", index=False)
        call = [
            sys.executable,
            "-m",
            "perla.app.cli",
            "train",
            f"{name}.csv",
            "--market",
            market.name,
            "-o",
            name,
            "-q",
        ]
        subprocess.run(call, cwd=folder, env=environment(folder), check=True, capture_output=True)
        made.append(folder / name)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--listings", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = train_models(Path(folder), asked.listings)
        home = Path(folder, "home")
        kills = kill_deploys(home, models, asked.kills, asked.seed)
        clean = leaves_nothing_behind(home, models[0])
    print("| killed | deploys | old model in service | new model in service | not whole |\n|---|---|---|---|---|")
    for moment, count in Counter(k.moment for k in kills).items():
        mine = [k for k in kills if k.moment is moment]
        new, broken = sum(k.new for k in mine), sum(not k.whole for k in mine)
        print(f"| {moment.value} | {count} | {count - new} | {new} | {broken} |")
    broken = sum(not k.whole for k in kills)
    after = "left nothing behind" if clean else "LEFT SOMETHING BEHIND"
    seconds = [k.seconds for k in kills]
    killed = sum(k.moment is not Moment.DONE for k in kills)
    print(f"\n{killed} kills after {min(seconds):.1f} to {max(seconds):.1f} s: {broken} not whole; "
          f"the deploy after them {after}.")  # fmt: skip
    return 0 if clean and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
