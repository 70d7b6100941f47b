"""The index: passages, how they are found, and what terms were mangled in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.aliases import Finding
from perla.knowledge.asked import language_of
from perla.knowledge.cutting import found_by
from perla.knowledge.glossary import Glossary
from perla.knowledge.meant import Aliases, Meant
from perla.knowledge.passages import Passage, Source, SourceKind
from perla.knowledge.postings import Postings
from perla.knowledge.words import grams, skeletons, stems, telling

STEM_LENGTH, GRAM_LENGTH = 0.6, 0.3  # BM25's b
TOKENS = (stems, lambda words: grams(telling(words)), lambda words: skeletons(telling(words)))


@dataclass(frozen=True)
class Index:
    """Everything that is searched.

    sources : by name. passages : of one source one after another, in the order of its words. of_source : (n,), which
    source each passage is of, by its place in ``sources``. stems, grams, skeletons : the passages' tokens, with those
    of the terms that were mangled in them. aliases : for the name of a term, the passages where it was probably said
    and mangled, with the probability.
    """

    sources: tuple[Source, ...]
    passages: tuple[Passage, ...]
    of_source: NDArray[np.int64]
    stems: Meant
    grams: Meant
    skeletons: Meant
    aliases: Aliases
    findings: tuple[Finding, ...]
    glossary: Glossary

    def __len__(self) -> int:
        return len(self.passages)

    @cached_property
    def is_code(self) -> NDArray[np.bool_]:
        """Which passages are of code, (n,)."""
        return np.array([source.kind is SourceKind.CODE for source in self.sources], bool)[self.of_source]

    @cached_property
    def is_english(self) -> NDArray[np.bool_]:
        """Which passages are of code or of a document in English, by how it begins and goes on in its middle, (n,)."""
        texts: dict[str, list[str]] = {}
        for passage in self.passages:
            texts.setdefault(passage.source, []).append(passage.text)
        english = []
        for source in self.sources:
            own = texts.get(source.name, [""])
            written = source.kind is SourceKind.DOCUMENT and language_of(f"{own[0]} {own[len(own) // 2]}") == "en"
            english.append(written or source.kind is SourceKind.CODE)
        return np.array(english, bool)[self.of_source]


def build_index(
    sources: Sequence[Source], passages: Sequence[Passage], findings: Sequence[Finding], glossary: Glossary
) -> Index:
    """The index of passages; the passages of a source stand together, in order."""
    words = [found_by(passage) for passage in passages]
    said = [telling(w) for w in words]
    places = {source.name: place for place, source in enumerate(sources)}
    of_source = np.array([places[passage.source] for passage in passages], np.int64)
    heard = (
        Postings.of([stems(w) for w in words], STEM_LENGTH),
        Postings.of([grams(w) for w in said], GRAM_LENGTH),
        Postings.of([skeletons(w) for w in said], GRAM_LENGTH),
    )
    aliases = _aliases(passages, findings)
    return index_of(tuple(sources), tuple(passages), of_source, heard, aliases, tuple(findings), glossary)


def index_of(
    sources: tuple[Source, ...],
    passages: tuple[Passage, ...],
    of_source: NDArray[np.int64],
    heard: tuple[Postings, Postings, Postings],
    aliases: Aliases,
    findings: tuple[Finding, ...],
    glossary: Glossary,
) -> Index:
    """The index of what stands ready. heard : stems, grams and skeletons of the words as they stand."""
    by_stem, by_gram, by_skeleton = (
        Meant.of(one, aliases, glossary, tokens) for one, tokens in zip(heard, TOKENS, strict=True)
    )
    return Index(sources, passages, of_source, by_stem, by_gram, by_skeleton, aliases, findings, glossary)


def with_findings(index: Index, findings: Sequence[Finding], glossary: Glossary) -> Index:
    """The index with other findings and terms; nothing is learned anew."""
    heard = index.stems.heard, index.grams.heard, index.skeletons.heard
    aliases = _aliases(index.passages, findings)
    return index_of(index.sources, index.passages, index.of_source, heard, aliases, tuple(findings), glossary)


def _aliases(passages: Sequence[Passage], findings: Sequence[Finding]) -> Aliases:
    """By term, the passages that hold one of its mangled forms, each with the highest probability."""
    rows: dict[str, list[int]] = {}
    for row, passage in enumerate(passages):
        rows.setdefault(passage.source, []).append(row)
    firsts = {name: np.array([passages[r].first_word for r in own]) for name, own in rows.items()}
    held: dict[str, dict[int, float]] = {}
    for finding in findings:
        chances = held.setdefault(finding.canonical, {})
        for place in finding.places:
            own = rows.get(place.source, [])
            until = int(np.searchsorted(firsts[place.source], place.first, side="right")) if own else 0
            for row in reversed(own[:until]):
                if passages[row].last_word <= place.first:
                    break
                if place.last <= passages[row].last_word:
                    chances[row] = max(chances.get(row, 0.0), finding.score)
    return {
        name: (np.array(sorted(chances), np.int64), np.array([chances[r] for r in sorted(chances)], np.float32))
        for name, chances in held.items()
        if chances
    }
