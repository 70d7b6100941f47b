"""The library: what was learned, kept under perla's home, and how more of it is learned or forgotten."""

from __future__ import annotations

import gc
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from perla import __version__
from perla.errors import MissingExtraError, NotReadyError, UnknownNameError, closest
from perla.knowledge import kept as k
from perla.knowledge.aliases import Finding, find_aliases, known_words
from perla.knowledge.changes import Progress, differ, is_inside, one_each, read_changed
from perla.knowledge.cutting import Script, folded_words, passages_of, write_script
from perla.knowledge.folder import IndexFolder
from perla.knowledge.glossary import Glossary, own_terms, shipped_glossary, shipped_misheard
from perla.knowledge.index import Index, build_index
from perla.knowledge.kept import Learnt
from perla.knowledge.ledger import Ledger, heard_in
from perla.knowledge.passages import PassedOver, Reading, Source, SourceKind
from perla.knowledge.reading import find, root_of
from perla.knowledge.sound import fold
from perla.words import Text

EXTRA = ("Stemmer", "pypdf", "rapidfuzz", "simplemma", "tree_sitter", "tree_sitter_javascript", "tree_sitter_python",
         "tree_sitter_typescript")  # fmt: skip
LOOKING = Text("looking at the files", "mirando los archivos")
LISTENING = Text("listening for mangled terms", "buscando términos mal transcritos")
INDEXING = Text("laying out the index", "armando el índice")
KEEPING = Text("keeping it", "guardando")


def in_silence(what: Text, share: float) -> None:
    """Progress that nobody watches."""


def check_extra() -> None:
    """Raise MissingExtraError, with what to install, where a package of the extra ``knowledge`` is missing."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"Learning and asking need {', '.join(missing)}. Install it with: pip install 'perla[knowledge]'",
            f"Aprender y preguntar necesitan {', '.join(missing)}. Instálelo con: pip install 'perla[knowledge]'",
        )


@dataclass(frozen=True)
class Learned:
    """What a call of ``learn`` came to.

    read : sources that are new or changed. unchanged : how many were not read again. gone : names of those whose file
    is no longer there. passed_over : files that were not learned. notes : what there is to say of a source, by its
    name. sources : everything the library holds now.
    """

    read: tuple[Source, ...]
    unchanged: int
    gone: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]
    notes: tuple[tuple[str, Text], ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Holding:
    """A source with its size. seconds : of a recording, 0 elsewhere. pieces : definitions of code, paragraphs, rows."""

    source: Source
    file: str
    words: int
    pieces: int
    seconds: float


class Library:
    """What was learned, under ``home/knowledge``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     notes = Path(home, "notes.md")
    ...     _ = notes.write_text("# Loss\\n\\nThe reconstruction error is the mean of the squares.")
    ...     library = Library(Path(home))
    ...     learned = library.learn([notes])
    ...     [source.title for source in learned.sources], len(library.open())
    (['Loss'], 1)
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._folder = IndexFolder(home)
        self._ledger = Ledger(home)

    def learn(self, paths: Sequence[str | Path], tell: Progress = in_silence, anew: bool = False) -> Learned:
        """Learn files and folders; what did not change is not read again, what is no longer there is let go.

        anew : forget everything learned before. Raises FileError for a path that is not there or a folder that cannot
        be written, StoreBusyError while another process learns, ShelfError for an index that cannot be read; the old
        index stays whole until the new one stands.
        """
        check_extra()
        roots = [root_of(path) for path in paths]
        with self._folder.alone(), _collector_at_rest():
            old = [] if anew else self._learnt()
            tell(LOOKING, 0.0)
            files, passed = find(paths, self.home / "knowledge")
            now, read, unread = read_changed(files, {one.file: one for one in old}, tell)
            known = {found.file for found in files}
            others = [one for one in old if one.file not in known and not is_inside(Path(one.file), roots)]
            together, twins = one_each([*others, *now])
            gone = sorted({one.name for one in old} - {one.name for one in together})
            if anew or differ(old, together) or self._other_terms():
                self._write(together, tell, anew)
            fresh = [one for one in together if one.file in read]
            return Learned(
                tuple(one.reading.source for one in fresh),
                len(now) - len(read),
                tuple(gone),
                (*passed, *unread, *twins),
                tuple((one.name, note) for one in fresh for note in one.reading.notes),
                tuple(one.reading.source for one in together),
            )

    def forget(self, names: Sequence[str], tell: Progress = in_silence) -> tuple[Source, ...]:
        """Let go of sources, all or none. Raises UnknownNameError, with the closest name, where there is none of it."""
        with self._folder.alone():
            old = self._learnt()
            gone = {id(one): one for name in names for one in (_below(name, old) or [_named(name, old)])}
            self._write([one for one in old if id(one) not in gone], tell)
            return tuple(one.reading.source for one in gone.values())

    def sources(self) -> tuple[Source, ...]:
        """Everything that was learned, in order of kind and name; nothing where nothing was learned."""
        return tuple(one.reading.source for one in self._learnt())

    def holdings(self) -> tuple[Holding, ...]:
        """The sources with their sizes."""
        return tuple(map(_holding, self._learnt()))

    def readings(self) -> tuple[Reading, ...]:
        """Everything that was learned, piece by piece."""
        return tuple(one.reading for one in self._learnt())

    def script(self, name: str) -> Script:
        """The verbatim text of a source, word by word. Raises UnknownNameError."""
        return write_script(_named(name, self._learnt()).reading)

    def open(self) -> Index:
        """The index to search, its mangled terms as people judged them.

        Raises NotReadyError where nothing was learned, ShelfError for an index that is damaged.
        """
        check_extra()
        state = self._folder.read()
        if state is None or not state["readings"]["sources"]:
            raise NotReadyError(
                "Nothing was learned yet, so nothing can be asked. Learn some first: perla learn FOLDER",
                "Todavía no se ha aprendido nada, así que no hay a qué preguntarle. Primero: perla learn CARPETA",
            )
        with self._folder.believed():
            sources = k.sources_of(state["readings"])
            found = k.findings_from_state(state["index"]["findings"], [source.name for source in sources])
            glossary = shipped_glossary().with_terms(k.terms_from_state(state["terms"]))
            index = k.index_from_state(state["index"], sources, found, glossary)
        return heard_in(index, self._ledger)

    def _learnt(self) -> list[Learnt]:
        state = self._folder.read()
        if state is None:
            return []
        with self._folder.believed():
            return k.readings_from_state(state["readings"])

    def _write(self, learnt: Sequence[Learnt], tell: Progress, anew: bool = False) -> None:
        if anew:
            self._folder.make_room()
        self._folder.check()
        readings = [one.reading for one in learnt]
        tell(LISTENING, 0.4)
        own = own_terms(readings)
        glossary = shipped_glossary().with_terms(own)
        found, key = self._findings(readings, glossary, anew)
        tell(INDEXING, 0.8)
        index = build_index([r.source for r in readings], passages_of(readings), found, glossary)
        tell(KEEPING, 0.95)
        state = {
            "heard": key, "readings": k.readings_state(learnt), "terms": k.terms_state(own),
            "index": k.index_state(index, found),
        }  # fmt: skip
        self._folder.write(state, _card(learnt))

    def _other_terms(self) -> bool:
        """Whether terms were added or came with a newer perla since the recordings were listened to."""
        state = self._folder.read()
        if state is None:
            return False
        with self._folder.believed():
            glossary = (
                shipped_glossary().with_terms(k.terms_from_state(state["terms"])).with_terms(self._ledger.terms())
            )
            return bool(state["heard"] != _heard_of(k.sources_of(state["readings"]), glossary))

    def _findings(self, readings: Sequence[Reading], glossary: Glossary, anew: bool) -> tuple[list[Finding], str]:
        """Mangled terms of the recordings, and what they depend on; as before where that did not change."""
        glossary = glossary.with_terms(self._ledger.terms())
        said = [reading for reading in readings if reading.source.kind is SourceKind.RECORDING]
        key = _heard_of([reading.source for reading in said], glossary)
        state = None if anew else self._folder.read()
        if state is not None and state["heard"] == key:
            names = [told["name"] for told in state["readings"]["sources"]]
            with self._folder.believed():
                return k.findings_from_state(state["index"]["findings"], names), key
        texts = {reading.source.name: folded_words(reading) for reading in said}
        return find_aliases(texts, glossary, known_words(texts, written_ways(said))), key


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Of the small things that learning makes by the million none forms a ring; looking for rings takes a seventh."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _named(name: str, learnt: Sequence[Learnt]) -> Learnt:
    """The source of a name, a path, a title, or a session's number. Raises UnknownNameError."""
    exact = [one for one in learnt if one.name == name]
    same = exact or [one for one in learnt if name in _called(one)]
    if len(same) == 1:
        return same[0]
    if same:
        names = ", ".join(repr(one.name) for one in same[:5])
        raise UnknownNameError(
            f"{len(same)} sources are called {name!r}: {names}. Say which.",
            f"Hay {len(same)} fuentes que se llaman {name!r}: {names}. Diga cuál.",
        )
    near = closest(name, [one.name for one in learnt]) or closest(name, [one.reading.source.title for one in learnt])
    raise UnknownNameError(
        f"Nothing of the name {name!r} was learned. "
        + (f"Did you mean {near!r}?" if near else "See what was: perla learn --list"),
        f"No se ha aprendido nada con el nombre {name!r}. "
        + (f"¿Quiso decir {near!r}?" if near else "Vea lo aprendido: perla learn --list"),
    )


def _below(folder: str, learnt: Sequence[Learnt]) -> list[Learnt]:
    """What was learned from a folder, by its path or as it is cited."""
    inside = folder.rstrip("/") + "/"
    return [one for one in learnt if inside != "/" and (one.name.startswith(inside) or one.file.startswith(inside))]


def _called(one: Learnt) -> tuple[str, ...]:
    source = one.reading.source
    return (source.path, one.file, source.title, source.session, Path(one.file).name)


def _holding(one: Learnt) -> Holding:
    spans = one.reading.spans
    ends = [span.end_s for span in spans if span.end_s == span.end_s]
    words = sum(len(span.text.split()) for span in spans)
    return Holding(one.reading.source, one.file, words, len(spans), max(ends, default=0.0))


def _card(learnt: Sequence[Learnt]) -> dict[str, Any]:
    """What a person sees who opens the folder."""
    kinds = Counter(one.reading.source.kind.value for one in learnt)
    return {"sources": dict(kinds), "learned_from": sorted({one.root for one in learnt})}


def _heard_of(sources: Sequence[Source], glossary: Glossary) -> str:
    """A digest of everything the mangled terms depend on: perla itself, the recordings, terms and mishearings."""
    said = [source for source in sources if source.kind is SourceKind.RECORDING]
    told = [__version__, *(f"{source.name}\t{source.digest}" for source in said)]
    told += [f"{' '.join(one.words)}\t{one.canonical}\t{one.chance}" for one in shipped_misheard()]
    told += sorted(f"{term.name}\t{'|'.join(term.names)}\t{term.theme}" for term in glossary.terms)
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()


def written_ways(readings: Sequence[Reading]) -> dict[str, list[str]]:
    """For a folded word the commonest ways it is written."""
    counts = Counter(word for r in readings for span in r.spans for word in re.findall(r"\w+", span.text.lower()))
    ways: dict[str, list[str]] = defaultdict(list)
    for word, _ in counts.most_common():
        ways[fold(word)].append(word)
    return {folded: written[:3] for folded, written in ways.items()}
