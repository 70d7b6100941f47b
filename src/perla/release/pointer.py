"""What is in service, and what was: the one small file that decides it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from perla.errors import ShelfError
from perla.release import places
from perla.release.files import read_json

FORMAT = 1


class What(StrEnum):
    """How a release came into service."""

    DEPLOYED = "deployed"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True)
class Event:
    """A release came into service. since : when (ISO, UTC). reason : why, as the owner wrote it, or empty."""

    release: str
    what: What
    since: str
    reason: str = ""


@dataclass(frozen=True)
class Pointer:
    """The history, oldest first; its last event is what is in service."""

    history: tuple[Event, ...] = ()

    @property
    def release(self) -> str:
        """What is in service; empty: nothing."""
        return self.history[-1].release if self.history else ""

    @property
    def way_back(self) -> tuple[str, ...]:
        """What a rollback may return to, the nearest last: a release that was rolled back from is not among them."""
        stack: list[str] = []
        for event in self.history:
            if event.what is What.ROLLED_BACK and event.release in stack:
                del stack[stack.index(event.release) :]
            stack.append(event.release)
        return tuple(stack[:-1])

    def deployed(self, release: str, since: str, reason: str) -> Pointer:
        """With a new release in service."""
        return replace(self, history=(*self.history, Event(release, What.DEPLOYED, since, reason)))

    def rolled_back(self, release: str, since: str, reason: str) -> Pointer:
        """With an older release back in service."""
        return replace(self, history=(*self.history, Event(release, What.ROLLED_BACK, since, reason)))

    def state(self) -> dict[str, Any]:
        """As JSON values."""
        last = self.history[-1] if self.history else Event("", What.DEPLOYED, "")
        return {"format": FORMAT, **asdict(last), "history": [asdict(e) for e in self.history]}


def read_pointer(folder: Path) -> Pointer:
    """What is in service in a market's folder; an empty one where nothing ever was. Raises ShelfError."""
    path = folder / places.IN_SERVICE
    try:
        state = read_json(path)
        if state["format"] != FORMAT:
            raise ValueError("another format")
        return Pointer(tuple(_event(e) for e in state["history"]))
    except FileNotFoundError:
        return Pointer()
    except (OSError, ValueError, KeyError, TypeError):
        raise ShelfError(
            f"{path} must say what is in service, but it is damaged or of another version of perla. Put it back from a "
            "backup; or move it away and deploy again (the releases beside it stay).",
            f"{path} debe decir qué está en servicio, pero está dañado o es de otra versión de perla. Recupérelo de "
            "una copia; o muévalo a otro lugar y despliegue de nuevo (las versiones siguen ahí).",
        ) from None


def _event(state: dict[str, Any]) -> Event:
    release = state["release"]
    if not isinstance(release, str) or not release or Path(release).name != release:
        raise ValueError("not a release")
    return Event(release, What(state["what"]), str(state["since"]), str(state["reason"]))
