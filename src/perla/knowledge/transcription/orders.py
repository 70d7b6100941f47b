"""Which recordings are to be transcribed, and where each transcript goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from perla.errors import FileError, InputError, PerlaError
from perla.knowledge.passages import PassedOver
from perla.knowledge.reading.names import MEDIA
from perla.knowledge.transcription.media import length_of
from perla.knowledge.transcription.partial import ENDING
from perla.words import Text, fill

SOUNDS = frozenset(MEDIA)
STANDING = Text("transcribed already", "ya está transcrita")


@dataclass(frozen=True)
class Order:
    """One recording and where its transcript goes. media : audio or video. table : the CSV; the JSON lies beside it."""

    media: Path
    table: Path

    @property
    def words(self) -> Path:
        return self.table.with_suffix(".json")

    @property
    def partial(self) -> Path:
        return self.table.with_name(self.table.name + ENDING)

    @property
    def shown(self) -> str:
        """The recording's name, whatever signs stand in it."""
        return "".join(sign if sign.isprintable() else " " for sign in self.media.name)

    @property
    def standing(self) -> Path | None:
        """What stands where the transcript goes."""
        return next((path for path in (self.table, self.words) if path.exists()), None)


@dataclass(frozen=True)
class Orders:
    """What is to be done. skipped : recordings of a folder that are transcribed already. refused : what cannot be."""

    waiting: tuple[Order, ...]
    skipped: tuple[PassedOver, ...]
    refused: tuple[PassedOver, ...]


def find_orders(paths: Sequence[Path], folder: Path | None, force: bool) -> Orders:
    """The recordings among files and folders; each is looked at before anything long begins.

    folder : where transcripts go, otherwise beside each recording. A transcript that stands is replaced only with
    ``force``: a file that was named is then refused, one in a folder passed over. Raises FileError for a path that is
    not there.
    """
    waiting: dict[Path, Order] = {}
    skipped, refused = [], []
    for media, named in _media(paths):
        order = Order(media, (folder or media.parent) / f"{media.stem}.csv")
        if any(order.media == other.media for other in waiting.values()):
            continue
        try:
            if order.standing and not force and not named:
                skipped.append(PassedOver(str(media), STANDING))
            else:
                _check(order, waiting.get(order.table), force)
                waiting[order.table] = order
        except PerlaError as problem:
            refused.append(PassedOver(str(media), problem.message))
    return Orders(tuple(waiting.values()), tuple(skipped), tuple(refused))


def _media(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Files, and whether each was named itself; hidden ones of a folder are not looked at, links are not followed."""
    for path in paths:
        if not path.is_dir():
            yield path, True
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUNDS)
        for file in inside:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and file.is_file() and not file.is_symlink():
                yield file, False


def _check(order: Order, other: Order | None, force: bool) -> None:
    if order.standing and not force:
        raise FileError(
            f"{order.standing} stands already. --force replaces it, -o FOLDER writes elsewhere.",
            f"{order.standing} ya existe. --force lo reemplaza, -o CARPETA escribe en otro lugar.",
        )
    if other is not None:
        told = fill("{a} and {b}", "{a} y {b}", a=other.media.name, b=order.media)
        raise InputError(
            f"The transcripts of {told.en} would both be {order.table}. Rename one, or transcribe it elsewhere: -o "
            "FOLDER",
            f"Las transcripciones de {told.es} serían ambas {order.table}. Cambie el nombre de una, o transcríbala en "
            "otro lugar: -o CARPETA",
        )
    length_of(order.media)
