"""Deployments and a rollback while callers go on asking; a damaged edition."""

import threading
import time
from dataclasses import replace

import httpx
import pytest

from perla.app.editions import keep_edition
from perla.app.web.app import make_app
from perla.app.web.desk import Desk
from perla.release.deployments import Deployments
from perla.release.places import market_folder

ASKED = ("/v1/bargains?limit=2", "/v1/markets", "/readyz", "/v1/bargains?limit=1&wish=price:low,area:high")


class Callers:
    """Threads that ask one after another and note every answer that is not a 200."""

    def __init__(self, address: str, count: int = 3) -> None:
        self.failed: list[str] = []
        self.answered = 0
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(address,)) for _ in range(count)]

    def _ask(self, address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            turn = 0
            while not self._stopped.is_set():
                turn += 1
                try:
                    answer = client.get(ASKED[turn % len(ASKED)])
                except httpx.HTTPError as problem:
                    self.failed.append(repr(problem))
                    continue
                self.answered += 1
                if answer.status_code != 200:
                    self.failed.append(f"{answer.status_code} {answer.text[:200]}")

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()


def wait_until(is_so) -> bool:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if is_so():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def home(tmp_path, city, edition):
    folder = market_folder(tmp_path, "simulated")
    deployed = Deployments(folder).deploy(city.model, {}, "the first")
    keep_edition(replace(edition, release=deployed.release), folder)
    return tmp_path


def test_two_deployments_and_a_rollback_fail_no_request(home, city, edition, on_a_port):
    folder = market_folder(home, "simulated")
    deployments = Deployments(folder)
    desk = Desk(home, 1)
    desk.look()
    address = on_a_port(make_app(desk))

    def answers_with(name: str) -> bool:
        return desk.facts("simulated").edition == name

    assert answers_with("000001")
    with Callers(address) as callers:
        for number, change in enumerate(
            (
                lambda: deployments.deploy(city.model, {}, "the second"),
                lambda: deployments.deploy(city.model, {}, "the third"),
                lambda: deployments.rollback("under load"),
            ),
            start=2,
        ):
            deployed = change()
            keep_edition(replace(edition, release=deployed.release), folder)
            assert wait_until(lambda name=f"{number:06d}": answers_with(name))
            assert desk.open("simulated").release == deployed.release
        before = callers.answered
        assert wait_until(lambda: callers.answered > before + 3)
    assert callers.failed == [] and callers.answered > 10


def test_an_edition_damaged_on_the_disk_is_refused_by_name_and_the_one_before_answers(home, edition, caplog):
    folder = market_folder(home, "simulated")
    desk = Desk(home, 1)
    desk.look()
    listings = len(desk.open("simulated"))
    release = desk.open("simulated").release
    kept = keep_edition(replace(edition, release=release), folder)
    state = kept / "arrays.safetensors"
    state.write_bytes(state.read_bytes()[:-10])
    desk.look()
    assert len(desk.open("simulated")) == listings
    assert "arrays.safetensors" in desk.refusals()["simulated"].en and "simulated" in caplog.text
