"""The desk: every market in service, opened once, exchanged for a newer edition while answers go on being made."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from perla.bargains.edition import Edition
from perla.bargains.finder import Finder
from perla.bargains.findings import ModelCard
from perla.errors import NotReadyError, PerlaError, UnknownNameError, WishError, closest
from perla.release.files import read_json
from perla.release.places import EDITION, SERVICE
from perla.words import Text

if TYPE_CHECKING:
    from perla.bargains.drift import Drift
    from perla.survey import Survey

LOG = logging.getLogger("perla.desk")
POLL_SECONDS, RETRY_SECONDS, FIRST_SHOWN, WISHES_KEPT = 0.5, 30.0, 7, 8


@dataclass(frozen=True)
class Loaded:
    """An edition and the name it is kept under. refused : why a newer one is not used."""

    name: str
    edition: Edition
    refused: Text | None = None


class Source(Protocol):
    """Where editions come from."""

    def marks(self) -> Mapping[str, object]:
        """For each place something cheap to read that changes whenever the edition kept there does."""
        ...

    def load(self, place: str, at_hand: Edition | None) -> Loaded:
        """The edition kept in a place, checked; what is alike in the one at hand is used again. Raises PerlaError."""
        ...


@dataclass(frozen=True)
class Facts:
    """What is told of a market.

    card : of the model. edition, release, made_on : what answers, and since when. listings : how many stand in it.
    newest : ISO date of the newest sighting, empty where none is dated. refused : why a newer edition is not used.
    """

    market: str
    edition: str
    release: str
    made_on: str
    listings: int
    newest: str
    card: ModelCard
    refused: Text | None = None


@dataclass(frozen=True)
class Opened:
    """One edition on the desk, the name it is kept under, and what is worked out of it once, when first asked for."""

    name: str
    edition: Edition
    _working: Lock = field(default_factory=Lock, repr=False, compare=False)

    def drift(self) -> Drift:
        """How far the listings are from those learned from."""
        with self._working:
            return self.edition.drift or self._drift

    def survey(self) -> Survey:
        """The market as it is."""
        with self._working:
            return self._survey

    @cached_property
    def _drift(self) -> Drift:
        from perla.bargains.drift import measure

        return measure(self.edition.finder, self.edition.listings)

    @cached_property
    def _survey(self) -> Survey:
        from perla.survey import look

        return look(self.edition.listings, self.edition.seen, self.edition.prices)

    @cached_property
    def newest(self) -> str:
        """ISO date of the newest sighting."""
        newest = self.edition.seen["last_seen"].max()
        return "" if newest is None or newest != newest else newest.date().isoformat()


def warm(edition: Edition, wishes: Iterable[str] = ()) -> None:
    """Ask what most will ask first, and these wishes, so that nobody has to wait for it."""
    edition.get_ready()
    edition.finder.make_ready()
    for words in (None, *wishes):
        with suppress(WishError):  # of a column that the newer model does not know
            wish = edition.wish(words)
            edition.prove(edition.search(wish)[:FIRST_SHOWN].tolist(), wish)


@dataclass
class Desk:
    """Every market in service, ready to be asked from any thread.

    home : perla's home folder. threads : how many threads one model may use. source : where editions come from; the
    home folder where None is given. :meth:`look` opens what is new; :meth:`watch` goes on doing so in the background.
    An answer that is being made keeps the edition it began with. An edition that cannot be opened is refused and
    logged by its name, and the one before goes on answering.

    >>> Desk(Path("/nowhere"), threads=1).markets()
    []
    """

    home: Path
    threads: int
    source: Source | None = None
    _opened: dict[str, Opened] = field(default_factory=dict, repr=False)
    _marks: dict[str, object] = field(default_factory=dict, repr=False)
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _again: dict[str, float] = field(default_factory=dict, repr=False)
    _refused: dict[str, Text] = field(default_factory=dict, repr=False)
    _wishes: dict[str, deque[str]] = field(default_factory=dict, repr=False)
    _has_looked: bool = field(default=False, repr=False)
    _looking: Lock = field(default_factory=Lock, repr=False)
    _stopped: Event = field(default_factory=Event, repr=False)
    _watcher: Thread | None = field(default=None, repr=False)

    def markets(self) -> list[str]:
        """The markets that can be asked, by name."""
        return sorted(self._opened)

    def open(self, name: str) -> Edition:
        """The edition that answers for a market now.

        Raises NotReadyError where no market is in service, or this one's model could not be opened; UnknownNameError,
        with the closest name, where there is no such market.
        """
        found = self._opened.get(name)
        if found is None:
            raise self._missing(name)
        return found.edition

    def facts(self, name: str) -> Facts:
        """What is told of a market; raises as :meth:`open`."""
        edition = self.open(name)
        opened = self._opened[name]
        return Facts(
            name, opened.name, edition.release, edition.made_on, len(edition.listings), opened.newest,
            edition.finder.card_, self._refused.get(name),
        )  # fmt: skip

    def remember(self, name: str, wish: str) -> None:
        """Note that a wish is asked of a market; the newer editions will have been asked it before they answer."""
        wishes = self._wishes.setdefault(name, deque(maxlen=WISHES_KEPT))
        if wish not in wishes:
            wishes.append(wish)

    def drift(self, name: str) -> Drift:
        """How far a market's listings are from those learned from; raises as :meth:`open`."""
        self.open(name)
        return self._opened[name].drift()

    def survey(self, name: str) -> Survey:
        """A market as it is: counts, prices by area and over time, what is odd; raises as :meth:`open`."""
        self.open(name)
        return self._opened[name].survey()

    def refusals(self) -> dict[str, Text]:
        """By market, why its newest edition is not used."""
        return dict(self._refused)

    def put(self, name: str, edition: Edition, kept_as: str = "") -> None:
        """Let this edition answer for a market from now on; answers being made keep the one they began with."""
        edition.answer(edition.wish(None))  # the first caller need not wait for it
        self._opened = {**self._opened, name: Opened(kept_as or edition.made_on, edition)}

    def look(self) -> None:
        """Open whatever changed since the last look, and try again what could not be opened a while ago."""
        source = self.source or HomeFolder(self.home, self.threads)
        with self._looking:
            marks = source.marks()
            for place, mark in marks.items():
                if self._marks.get(place) != mark or monotonic() >= self._again.get(place, inf):
                    self._marks[place] = mark
                    self._exchange(place, source)
            if not self._has_looked:
                self._has_looked = True
                for opened in list(self._opened.values()):
                    warm(opened.edition)

    def _exchange(self, place: str, source: Source) -> None:
        """The newer edition beside the old one, then in its place; or refused, and said so."""
        name = self._names.get(place, place)
        at_hand = self._opened.get(name)
        try:
            loaded = source.load(place, None if at_hand is None else at_hand.edition)
            market = loaded.edition.market.name
            if market in self._opened:
                warm(loaded.edition, list(self._wishes.get(market, ())))  # while the one before answers
            self.put(market, loaded.edition, loaded.name)
        except PerlaError as problem:
            self._again[place] = monotonic() + RETRY_SECONDS
            self._refuse(name, problem.message)
            return
        self._again.pop(place, None)
        self._names[place] = market
        self._refuse(market, loaded.refused)
        LOG.info("%s: edition %s answers", market, loaded.name)
        self._opened[market].survey()
        self._opened[market].drift()

    def _refuse(self, name: str, why: Text | None) -> None:
        others = {other: told for other, told in self._refused.items() if other != name}
        self._refused = others if why is None else {**others, name: why}
        if why is not None:
            LOG.error("%s: the newest edition is refused, the one before stays: %s", name, why.en)

    def watch(self, every_seconds: float = POLL_SECONDS) -> None:
        """Go on looking in the background, until :meth:`close`."""
        if self._watcher is None:
            self._watcher = Thread(target=self._go_on, args=(every_seconds,), name="perla-desk", daemon=True)
            self._watcher.start()
            Thread(target=self._lay_out, args=(every_seconds,), name="perla-warm", daemon=True).start()

    def _go_on(self, every_seconds: float) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
            except Exception:  # the watcher outlives every surprise; the editions at hand go on answering
                LOG.exception("looking for new editions failed; trying again")
            self._stopped.wait(every_seconds)

    def _lay_out(self, every_seconds: float) -> None:
        """Lay out each model's known listings as comparables, beside the answers, in about a minute for 10,000."""
        done: list[Finder] = []
        while not self._stopped.wait(every_seconds):
            finders = [opened.edition.finder for opened in self._opened.values()]
            done = [finder for finder in done if any(finder is other for other in finders)]
            for finder in finders:
                if not any(finder is other for other in done):
                    done.append(finder)
                    finder.warm(self._stopped.is_set)

    def close(self) -> None:
        """Stop looking."""
        self._stopped.set()
        if self._watcher is not None:
            self._watcher.join(timeout=5)

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def _missing(self, name: str) -> PerlaError:
        known = self.markets()
        if name in self._refused:
            why = self._refused[name]
            return NotReadyError(
                f"The market {name!r} is in service, but its edition cannot be used: {why.en}",
                f"El mercado {name!r} está en servicio, pero su edición no se puede usar: {why.es}",
            )
        if not known and self._watcher is not None and not self._has_looked:
            return NotReadyError(
                "The service is opening its models. Come back in a moment.",
                "El servicio está abriendo sus modelos. Vuelva en un momento.",
            )
        if not known:
            return NotReadyError(
                "No market is in service yet. Train and deploy one: perla pipeline run, or perla deploy.",
                "Todavía no hay ningún mercado en servicio. Entrene y despliegue uno: perla pipeline run, o perla "
                "deploy.",
            )
        near, listed = closest(name, known), ", ".join(known[:12])
        hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else Text("", "")
        return UnknownNameError(
            f"No market {name!r} is in service.{hint.en} In service: {listed}.",
            f"Ningún mercado {name!r} está en servicio.{hint.es} En servicio: {listed}.",
        )


@dataclass(frozen=True)
class HomeFolder:
    """The editions kept under perla's home folder; each is told from the next by the file that points to it."""

    home: Path
    threads: int

    def marks(self) -> Mapping[str, object]:
        found = (self.home / SERVICE).glob(f"*/{EDITION}")
        return {path.parent.name: _mark(path) for path in sorted(found)}

    def load(self, place: str, at_hand: Edition | None) -> Loaded:
        from perla.app.editions import current_edition, load_edition, refused_newer

        name = self._market(place)
        kept_as = current_edition(self.home, name) or ""
        edition = load_edition(self.home, name, self.threads, at_hand)
        return Loaded(kept_as, edition, refused_newer(edition))

    def _market(self, place: str) -> str:
        """The name of the market whose folder this is."""
        try:
            return str(read_json(self.home / SERVICE / place / EDITION)["market"])
        except (OSError, ValueError, KeyError):
            return place


@dataclass(frozen=True)
class ModelFolders:
    """Editions of the very listings that saved models learned from, where no others are kept."""

    folders: Mapping[str, Path]
    threads: int = 1

    def marks(self) -> Mapping[str, object]:
        return {name: _mark(folder / "checksums.json") for name, folder in self.folders.items()}

    def load(self, place: str, at_hand: Edition | None) -> Loaded:
        from perla.app.saved import load_finder
        from perla.bargains.edition import first_edition

        folder = self.folders[place]
        return Loaded(folder.name, first_edition(load_finder(folder, self.threads), release=folder.name))


def _mark(path: Path) -> object:
    """What changes when a file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
