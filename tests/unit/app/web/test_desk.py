"""The desk: editions are exchanged whole, refused ones are told, and an answer keeps the edition it began with."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from perla.app.web import desk as module
from perla.app.web.desk import Desk, Loaded
from perla.errors import NotReadyError, ShelfError, UnknownNameError


@dataclass
class FakeSource:
    """Editions that say only which market and number they are."""

    numbers: dict[str, int] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    loads: int = 0

    def marks(self) -> dict[str, object]:
        return dict(self.numbers)

    def load(self, place: str, at_hand: Any) -> Loaded:
        self.loads += 1
        if place in self.damaged:
            raise ShelfError(f"{place} is damaged", f"{place} está dañada")
        return Loaded(str(self.numbers[place]), edition(place, self.numbers[place]))


def edition(name: str, number: int) -> Any:
    card = SimpleNamespace(simulated=True)
    return SimpleNamespace(
        market=SimpleNamespace(name=name), number=number, asked=[], made_on="", release="", listings=[],
        wish=lambda text: text, answer=lambda wish: None, finder=SimpleNamespace(card_=card),
    )  # fmt: skip


@pytest.fixture
def source():
    return FakeSource({"homes": 1})


@pytest.fixture
def desk(source, monkeypatch):
    monkeypatch.setattr(module, "warm", lambda edition, wishes=(): edition.asked.extend(wishes))
    monkeypatch.setattr(module.Opened, "survey", lambda self: None)
    monkeypatch.setattr(module.Opened, "drift", lambda self: None)
    with Desk(Path("nowhere"), 1, source) as made:
        yield made


def test_before_anything_is_in_service_it_says_what_to_do():
    with pytest.raises(NotReadyError, match="perla deploy"):
        Desk(Path("nowhere"), 1).open("homes")


def test_an_unchanged_edition_is_opened_once(desk, source):
    desk.look()
    desk.look()
    assert (source.loads, desk.markets()) == (1, ["homes"])


def test_a_new_edition_takes_the_place_of_the_one_before_and_who_holds_that_keeps_it(desk, source):
    desk.look()
    held = desk.open("homes")
    source.numbers["homes"] = 2
    desk.look()
    assert (held.number, desk.open("homes").number) == (1, 2)


def test_a_new_edition_is_asked_the_wishes_of_late_before_it_answers(desk, source):
    desk.look()
    desk.remember("homes", "price:low,area:high")
    desk.remember("homes", "price:low,area:high")
    source.numbers["homes"] = 2
    desk.look()
    assert desk.open("homes").asked == ["price:low,area:high"]


def test_a_damaged_edition_is_refused_by_name_and_the_one_before_answers(desk, source, caplog):
    desk.look()
    source.numbers["homes"], source.damaged = 2, {"homes"}
    desk.look()
    assert desk.open("homes").number == 1
    assert "damaged" in desk.refusals()["homes"].en and "homes" in caplog.text
    source.numbers["homes"], source.damaged = 3, set()
    desk.look()
    assert (desk.open("homes").number, desk.refusals()) == (3, {})


def test_a_market_whose_only_edition_is_damaged_says_why_it_is_not_ready(desk, source):
    source.damaged = {"homes"}
    desk.look()
    with pytest.raises(NotReadyError, match="homes is damaged"):
        desk.open("homes")


def test_what_could_not_be_opened_is_tried_again_after_a_while(desk, source, monkeypatch):
    source.damaged = {"homes"}
    desk.look()
    source.damaged = set()
    desk.look()
    assert desk.markets() == []
    monkeypatch.setattr(module, "monotonic", lambda: float("inf"))
    desk.look()
    assert desk.markets() == ["homes"]


def test_an_unknown_market_is_refused_with_the_closest(desk, source):
    desk.look()
    with pytest.raises(UnknownNameError, match="'homes'"):
        desk.open("hoems")


def test_the_watcher_outlives_a_surprise(desk, source, monkeypatch):
    from threading import Event

    told = Event()
    looks = iter([RuntimeError("a surprise")])

    def look() -> None:
        problem = next(looks, None)
        if problem is not None:
            raise problem
        told.set()

    monkeypatch.setattr(desk, "look", look)
    desk.watch(0.01)
    assert told.wait(5)
