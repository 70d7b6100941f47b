"""What changed among the files that were learned: which are new, which are as before, which are one recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from perla.errors import FileError, InputError
from perla.knowledge.kept import Learnt
from perla.knowledge.passages import PassedOver, SourceKind
from perla.knowledge.reading import Found, digest_of, read_file, without_twins, writable
from perla.knowledge.reading.names import media_beside
from perla.words import Text, fill

Progress = Callable[[Text, float], None]
READING = Text("reading", "leyendo")


def read_changed(
    files: Sequence[Found], before: Mapping[str, Learnt], tell: Progress
) -> tuple[list[Learnt], set[str], list[PassedOver]]:
    """The files as they are now, which of them were read, and which could not be."""
    now: list[Learnt] = []
    read: set[str] = set()
    unread: list[PassedOver] = []
    for place, found in enumerate(files):
        tell(fill("{reading}: {name}", "{reading}: {name}", reading=READING, name=_shown(found.path.name)),
             0.02 + 0.35 * place / len(files))  # fmt: skip
        old = before.get(found.file)
        try:
            if old is not None and old.reading.source.digest == digest_of(found.path):
                now.append(_as_found(old, found))
                continue
            now.append(Learnt(read_file(found), found.file, writable(str(found.root))))
            read.add(found.file)
        except (InputError, FileError) as problem:
            unread.append(PassedOver(found.file, problem.message))
    return now, read, unread


def _shown(name: str) -> str:
    """A file name as one harmless line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:60]


def _as_found(old: Learnt, found: Found) -> Learnt:
    """An unchanged file may belong to another commit now, or have its recording beside it."""
    source = old.reading.source
    media = writable(media_beside(found.path)) if source.kind is SourceKind.RECORDING else ""
    source = replace(source, commit=found.commit, media=media)
    return Learnt(replace(old.reading, source=source), old.file, writable(str(found.root)))


def is_inside(file: Path, roots: Sequence[Path]) -> bool:
    return any(file == root or root in file.parents for root in roots)


def one_each(learnt: Sequence[Learnt]) -> tuple[list[Learnt], list[PassedOver]]:
    """One of each recording, in order of kind and name, no two of one name."""
    places = {one.file: one for one in learnt}
    pairs = [(Found(Path(one.file), Path(one.root), one.reading.source.path), one.reading) for one in places.values()]
    kept, twins = without_twins(pairs)
    staying = [places[found.file] for found, _ in kept]
    taken: set[str] = set()
    named = []
    for one in staying:
        ways = (one.name, one.reading.source.path, one.file)
        name = next(way for way in ways if way not in taken)
        taken.add(name)
        named.append(one if name == one.name else one.renamed(name))
    return sorted(named, key=_order), twins


def _order(one: Learnt) -> tuple[int, int, str]:
    source = one.reading.source
    session = int(source.session) if source.session.isdecimal() else 10**6
    return list(SourceKind).index(source.kind), session, source.name


def differ(old: Sequence[Learnt], new: Sequence[Learnt]) -> bool:
    return [(one.reading.source, one.root) for one in old] != [(one.reading.source, one.root) for one in new]
