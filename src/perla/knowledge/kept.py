"""What was learned <-> the plain values and arrays that are kept on the shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.index import Index, index_of
from perla.knowledge.meant import Aliases
from perla.knowledge.passages import Passage, Reading, Source, SourceKind, Span
from perla.knowledge.postings import Postings
from perla.words import Text

BETWEEN = "\x1e"  # no text that was read holds them
TIMES = ("start_s", "end_s")
LINES = ("first_line", "last_line")


@dataclass(frozen=True)
class Learnt:
    """A source that was read, and where from. file : absolute. root : the path that was asked to be learned."""

    reading: Reading
    file: str
    root: str

    @property
    def name(self) -> str:
        return self.reading.source.name

    def renamed(self, name: str) -> Learnt:
        source = replace(self.reading.source, name=name)
        return replace(self, reading=replace(self.reading, source=source))


def readings_state(learnt: Sequence[Learnt]) -> dict[str, Any]:
    """The readings, span by span."""
    sources = [
        {
            **asdict(one.reading.source), "kind": one.reading.source.kind.value, "file": one.file, "root": one.root,
            "notes": [[note.en, note.es] for note in one.reading.notes],
        }
        for one in learnt
    ]  # fmt: skip
    spans = [span for one in learnt for span in one.reading.spans]
    counts = np.array([len(one.reading.spans) for one in learnt], np.int64)
    return {"sources": sources, "counts": counts, **_pieces_state(spans)}


def readings_from_state(state: Mapping[str, Any]) -> list[Learnt]:
    """The readings again."""
    spans = list(map(Span, *_pieces(state)))
    ends = np.cumsum(state["counts"])
    found = []
    for told, last, count in zip(state["sources"], ends.tolist(), state["counts"].tolist(), strict=True):
        notes = tuple(Text(*note) for note in told["notes"])
        reading = Reading(_source(told), tuple(spans[last - count : last]), notes)
        found.append(Learnt(reading, told["file"], told["root"]))
    return found


def sources_of(state: Mapping[str, Any]) -> tuple[Source, ...]:
    """The sources alone."""
    return tuple(_source(told) for told in state["sources"])


def _source(told: Mapping[str, Any]) -> Source:
    names = ("name", "title", "path", "digest", "day", "session", "media", "commit")
    return Source(kind=SourceKind(told["kind"]), **{name: told[name] for name in names})


def _pieces_state(pieces: Sequence[Span] | Sequence[Passage]) -> dict[str, Any]:
    """Texts and headings joined, times and lines as arrays."""
    return {
        "texts": BETWEEN.join(piece.text.replace(BETWEEN, " ") for piece in pieces),
        "headings": BETWEEN.join(piece.heading.replace(BETWEEN, " ") for piece in pieces),
        **{name: np.array([getattr(piece, name) for piece in pieces], np.float64) for name in TIMES},
        **{name: np.array([getattr(piece, name) for piece in pieces], np.int64) for name in LINES},
    }


def _pieces(state: Mapping[str, Any]) -> tuple[list[Any], ...]:
    """Texts, starts, ends, first lines, last lines, headings."""
    numbers = [state[name].tolist() for name in (*TIMES, *LINES)]
    count = len(numbers[0])
    return _apart(state["texts"], count), *numbers, _apart(state["headings"], count)


def _apart(joined: str, count: int) -> list[str]:
    return joined.split(BETWEEN) if count else []


def index_state(index: Index, found: Sequence[Finding]) -> dict[str, Any]:
    """The index with the findings as sound gave them (what people said of them is kept elsewhere)."""
    passages = index.passages
    return {
        "passages": {
            **_pieces_state(passages),
            "first_word": np.array([p.first_word for p in passages], np.int64),
            "last_word": np.array([p.last_word for p in passages], np.int64),
        },
        "of_source": index.of_source,
        "stems": index.stems.state(), "grams": index.grams.state(), "skeletons": index.skeletons.state(),
        "aliases": _aliases_state(index.aliases),
        "findings": findings_state(found, [source.name for source in index.sources]),
    }  # fmt: skip


def index_from_state(
    state: Mapping[str, Any], sources: tuple[Source, ...], findings: Sequence[Finding], glossary: Glossary
) -> Index:
    """The index again."""
    of_source = state["of_source"]
    heard = (
        Postings.from_state(state["stems"]),
        Postings.from_state(state["grams"]),
        Postings.from_state(state["skeletons"]),
    )
    passages = _passages(state["passages"], of_source, sources)
    return index_of(sources, passages, of_source, heard, _aliases(state["aliases"]), tuple(findings), glossary)


def _passages(
    state: Mapping[str, Any], of_source: NDArray[np.int64], sources: tuple[Source, ...]
) -> tuple[Passage, ...]:
    texts, starts, ends, first_lines, last_lines, headings = _pieces(state)
    owners = [sources[place] for place in of_source.tolist()]
    words = state["first_word"].tolist(), state["last_word"].tolist()
    names, kinds = [owner.name for owner in owners], [owner.kind for owner in owners]
    return tuple(map(Passage, names, kinds, texts, *words, starts, ends, first_lines, last_lines, headings))


def _aliases_state(aliases: Aliases) -> dict[str, Any]:
    rows = [held for held, _ in aliases.values()]
    chances = [chance for _, chance in aliases.values()]
    return {
        "names": BETWEEN.join(aliases),
        "counts": np.array([len(held) for held in rows], np.int64),
        "rows": np.concatenate([*rows, np.zeros(0, np.int64)]),
        "chances": np.concatenate([*chances, np.zeros(0, np.float32)]),
    }


def _aliases(state: Mapping[str, Any]) -> Aliases:
    counts = state["counts"]
    ends = np.cumsum(counts).tolist()
    names = _apart(state["names"], len(counts))
    parts = [slice(end - count, end) for end, count in zip(ends, counts.tolist(), strict=True)]
    return {name: (state["rows"][p], state["chances"][p]) for name, p in zip(names, parts, strict=True)}


def findings_state(findings: Sequence[Finding], names: Sequence[str]) -> dict[str, Any]:
    """Findings whose places are in the sources of these names."""
    numbers = {name: number for number, name in enumerate(names)}
    places = [place for finding in findings for place in finding.places]
    return {
        "originals": BETWEEN.join(finding.original for finding in findings),
        "canonicals": BETWEEN.join(finding.canonical for finding in findings),
        "confirmed": BETWEEN.join(finding.confirmed_by for finding in findings),
        "scores": np.array([finding.score for finding in findings], np.float64),
        "rules": BETWEEN.join(finding.rule.value for finding in findings),
        "counts": np.array([len(finding.places) for finding in findings], np.int64),
        "sources": np.array([numbers[place.source] for place in places], np.int64),
        "firsts": np.array([place.first for place in places], np.int64),
        "lasts": np.array([place.last for place in places], np.int64),
    }


def findings_from_state(state: Mapping[str, Any], names: Sequence[str]) -> list[Finding]:
    """The findings again."""
    scores = state["scores"].tolist()
    sources = [names[number] for number in state["sources"].tolist()]
    places = list(map(Place, sources, state["firsts"].tolist(), state["lasts"].tolist()))
    ends, counts = np.cumsum(state["counts"]).tolist(), state["counts"].tolist()
    texts = [_apart(state[key], len(scores)) for key in ("originals", "canonicals", "confirmed", "rules")]
    return [
        Finding(original, canonical, score, Rule(rule), tuple(places[end - count : end]), confirmed)
        for original, canonical, confirmed, rule, score, end, count in zip(*texts, scores, ends, counts, strict=True)
    ]


def terms_state(terms: Sequence[Term]) -> list[dict[str, Any]]:
    return [{**asdict(term), "english": list(term.english), "spanish": list(term.spanish)} for term in terms]


def terms_from_state(state: Sequence[Mapping[str, Any]]) -> tuple[Term, ...]:
    """The terms again."""
    return tuple(
        Term(told["name"], tuple(told["english"]), tuple(told["spanish"]), told["theme"], told["origin"])
        for told in state
    )
