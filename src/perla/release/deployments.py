"""Models put in service: whole or not at all, each with its record, and always a way back."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perla.errors import InputError, ShelfError, UnknownNameError, closest
from perla.release import places
from perla.release.files import (
    copy_new,
    digest_of,
    json_bytes,
    only_one,
    read_json,
    replace_file,
    told_as_file_error,
)
from perla.release.pointer import Event, Pointer, read_pointer
from perla.release.whole import Fault, find_faults, is_file_of_release
from perla.storage import read_folder
from perla.storage.durable import sync_folder, write_new
from perla.words import Text, fill

KEPT = 5  # newest releases that stay on the disk
PARTIAL, REMOVED = ".partial", ".removed"


@dataclass(frozen=True)
class Deployed:
    """One release of a market. model : its folder, as ``perla train`` writes it. record : what is known of its making.

    since : when it was last put in service (ISO, UTC), empty for one that never was. reason : why. notes : what the
    owner should be told of this deploy or rollback.
    """

    release: str
    model: Path
    record: dict[str, Any] = field(repr=False)
    since: str = ""
    reason: str = ""
    notes: tuple[Text, ...] = ()


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Deployments:
    """The releases of one market, in its folder (see ``places.market_folder``).

    A release has a number that counts up (no clock decides what is older) and the first digits of the digest of its
    checksums: ``007-3fa1c2d4``. What is in service is said by one small file that is replaced in one step.
    """

    folder: Path
    clock: Callable[[], datetime] = _utc_now

    def deploy(self, model_folder: Path, record: dict[str, Any], reason: str = "") -> Deployed:
        """Put a model in service, whole or not at all.

        model_folder : as ``perla train`` writes it; every checksum is verified first. record : JSON values, kept beside
        it. Raises ShelfError, naming the file, for a damaged model, FileError for a disk that cannot be written,
        InputError while another deploy is at work; in each case what was in service stays.
        """
        read_folder(model_folder, places.MODEL_KIND)
        with told_as_file_error(self.folder), only_one(self.folder / places.LOCK):
            pointer = read_pointer(self.folder)
            self._sweep()
            release = self._copy(model_folder, record)
            said = pointer.deployed(release, self._now(), reason)
            self._flip(said)
            notes = self._prune(said)
        return self._deployed(release, said, notes)

    def in_service(self) -> Deployed | None:
        """What is in service, or None. Cheap: the model is not read. Raises ShelfError for a damaged pointer."""
        pointer = read_pointer(self.folder)
        return self._deployed(pointer.release, pointer) if pointer.release else None

    def rollback(self, reason: str) -> Deployed:
        """Put the release that was in service before back in service.

        One that is damaged is named in the notes and passed over for the next older one. Raises InputError where no
        good older one is left; what is in service stays.
        """
        with told_as_file_error(self.folder), only_one(self.folder / places.LOCK):
            pointer = read_pointer(self.folder)
            target, notes = self._good_older(pointer)
            said = pointer.rolled_back(target, self._now(), reason)
            self._flip(said)
        return self._deployed(target, said, notes)

    def all(self) -> tuple[Deployed, ...]:
        """Every release on the disk, oldest first."""
        pointer = read_pointer(self.folder)
        return tuple(self._deployed(name, pointer) for name in self._names())

    def one(self, name: str) -> Deployed:
        """A release by its name or the beginning of it (``7`` is ``007-...``). Raises UnknownNameError."""
        names = self._names()
        found = [n for n in names if n == name] or [n for n in names if _is_called(n, name)]
        if len(found) == 1:
            return self._deployed(found[0], read_pointer(self.folder))
        near = closest(name, names)
        raise UnknownNameError(
            f"No release of this market is called {name!r}. There are: {', '.join(names) or 'none'}."
            + (f" Did you mean {near!r}?" if near else ""),
            f"Ninguna versión de este mercado se llama {name!r}. Hay: {', '.join(names) or 'ninguna'}."
            + (f" ¿Quiso decir {near!r}?" if near else ""),
        )

    def history(self) -> tuple[Event, ...]:
        """What was in service when and why, oldest first."""
        return read_pointer(self.folder).history

    def verify(self, release: str | None = None) -> list[Fault]:
        """Every damaged file of a release, or of all releases and of what says which is in service; [] if all is well.

        Each file is read and compared with its recorded size and sha256.
        """
        names = self._names() if release is None else [self.one(release).release]
        return [fault for name in names for fault in find_faults(self._home(name))] + self._pointer_faults(names)

    def _pointer_faults(self, names: list[str]) -> list[Fault]:
        try:
            serving = read_pointer(self.folder).release
        except ShelfError as problem:
            return [Fault("", places.IN_SERVICE, problem.message)]
        if not serving or self._home(serving).is_dir():
            return []
        why = Text("it is in service and is missing", "está en servicio y no está en el disco")
        return [Fault(serving, places.MODEL, why)]

    def _home(self, release: str) -> Path:
        return self.folder / places.RELEASES / release

    def _names(self) -> list[str]:
        """Names of the releases on the disk, oldest first."""
        folder = self.folder / places.RELEASES
        names = [p.name for p in folder.iterdir() if p.is_dir() and _number(p.name)] if folder.is_dir() else []
        return sorted(names, key=lambda name: (_number(name), name))

    def _deployed(self, release: str, pointer: Pointer, notes: tuple[Text, ...] = ()) -> Deployed:
        last = next((e for e in reversed(pointer.history) if e.release == release), None)
        try:
            record = read_json(self._home(release) / places.RECORD)
        except (OSError, ValueError):
            record = {}
        model = self._home(release) / places.MODEL
        return Deployed(release, model, record, last.since if last else "", last.reason if last else "", notes)

    def _copy(self, model_folder: Path, record: dict[str, Any]) -> str:
        """A new release, whole under its name; its name."""
        releases = self.folder / places.RELEASES
        releases.mkdir(parents=True, exist_ok=True)
        number = max([_number(n) for n in self._names()], default=0)
        number = max(number, *(_number(e.release) for e in read_pointer(self.folder).history), 0) + 1
        partial = releases / f".{number:03d}.{os.getpid()}{PARTIAL}"
        try:
            copy_model(model_folder, partial / places.MODEL)
            write_new(partial / places.RECORD, json_bytes(record))
            index = json_bytes(_checksums(partial))
            write_new(partial / places.CHECKSUMS, index)
            for inside in (partial, *(p for p in partial.rglob("*") if p.is_dir())):
                sync_folder(inside)
            name = f"{number:03d}-{hashlib.sha256(index).hexdigest()[:8]}"
            partial.rename(releases / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        sync_folder(releases)
        return name

    def _flip(self, pointer: Pointer) -> None:
        replace_file(self.folder / places.IN_SERVICE, json_bytes(pointer.state()))

    def _now(self) -> str:
        return self.clock().isoformat(timespec="seconds")

    def _sweep(self) -> None:
        """What a crash left behind goes."""
        releases = self.folder / places.RELEASES
        for left in releases.glob(".*") if releases.is_dir() else ():
            if left.name.endswith((PARTIAL, REMOVED)):
                shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(f".{places.IN_SERVICE}.*{PARTIAL}"):
            left.unlink(missing_ok=True)

    def _good_older(self, pointer: Pointer) -> tuple[str, tuple[Text, ...]]:
        """The newest whole release that was in service before this one, and what is wrong with those passed over."""
        notes: list[Text] = []
        for name in (n for n in reversed(pointer.way_back) if self._home(n).is_dir()):
            faults = find_faults(self._home(name))
            if not faults:
                return name, tuple(notes)
            notes.append(
                fill(
                    "Release {name} is damaged and was passed over: {what}.",
                    "La versión {name} está dañada y no se usó: {what}.",
                    name=name, what=faults[0].told,
                )
            )  # fmt: skip
        why = fill("", "") if not notes else notes[0]
        raise InputError(
            f"A rollback needs an older release that is whole, and there is none. {why.en}".rstrip()
            + f" In service stays: {pointer.release or 'nothing'}.",
            f"Para volver atrás se necesita una versión anterior íntegra, y no hay. {why.es}".rstrip()
            + f" Sigue en servicio: {pointer.release or 'nada'}.",
        )

    def _answering(self) -> str:
        """The release the edition in service was judged by; an older one where judging again has failed."""
        try:
            return str(read_json(self.folder / places.EDITION).get("release", ""))
        except (OSError, ValueError):
            return ""

    def _prune(self, pointer: Pointer) -> tuple[Text, ...]:
        """Old releases go, but never the one in service, the one a rollback would take, or the one that answers now."""
        back = next((n for n in reversed(pointer.way_back) if not find_faults(self._home(n))), "")
        old = [n for n in self._names()[:-KEPT] if n not in (pointer.release, back, self._answering())]
        for name in old:
            gone = self._home(name).with_name(f".{name}{REMOVED}")
            self._home(name).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        if not old:
            return ()
        told = fill(
            "Removed from the disk, older than the {kept} that are kept: {names}.",
            "Se quitaron del disco, por ser anteriores a las {kept} que se guardan: {names}.",
            kept=KEPT, names=", ".join(old),
        )  # fmt: skip
        return (told,)


def copy_model(source: Path, target: Path) -> None:
    """Copy a model folder's own files, comparing each with its checksum on the way. Raises ShelfError."""
    index = read_json(source / places.CHECKSUMS)["files"]
    for name, told in index.items():
        if not is_file_of_release(f"{places.MODEL}/{name}") or copy_new(source / name, target / name) != told["sha256"]:
            raise ShelfError(
                f"The model {source} changed while it was copied: {name} is not what it was. Deploy it again.",
                f"El modelo {source} cambió mientras se copiaba: {name} ya no es el que era. Despliéguelo de nuevo.",
            )
    copy_new(source / places.CHECKSUMS, target / places.CHECKSUMS)


def _checksums(folder: Path) -> dict[str, Any]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    told = {p.relative_to(folder).as_posix(): digest_of(p) for p in files}
    return {"format": 1, "files": {name: {"bytes": size, "sha256": sha} for name, (size, sha) in told.items()}}


def _number(name: str) -> int:
    """The number of a release's name, 0 for what is none."""
    number, dash, digest = name.partition("-")
    return int(number) if dash and len(digest) == 8 and number.isascii() and number.isdecimal() else 0


def _is_called(name: str, said: str) -> bool:
    number = said.isascii() and said.isdecimal() and len(said) < 9
    return int(said) == _number(name) if number else len(said) >= 3 and name.startswith(said)


def deployed_markets(home: Path) -> dict[str, Deployments]:
    """Every market with something in service or ever in service, by its name, in the order of the names."""
    service = home / places.SERVICE
    folders = sorted(p for p in service.iterdir() if p.is_dir()) if service.is_dir() else []
    found = {_market_of(d): d for d in map(Deployments, folders) if d._names()}
    return dict(sorted(found.items()))


def _market_of(deployments: Deployments) -> str:
    """The market's name as the newest readable record says it, else the folder's name."""
    names = (d.record.get("market") for d in _readable(deployments))
    own = next((n for n in names if isinstance(n, str) and places.folder_name(n) == deployments.folder.name), None)
    return own or deployments.folder.name


def _readable(deployments: Deployments) -> list[Deployed]:
    try:
        return list(reversed(deployments.all()))
    except ShelfError:
        return []
