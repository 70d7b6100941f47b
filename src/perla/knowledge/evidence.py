"""What of a question stands in a few sentences: its units, letter by letter, by another name, or mangled."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from perla.knowledge.aliases import Finding
from perla.knowledge.cutting import Script, write_script
from perla.knowledge.glossary import shipped_everyday
from perla.knowledge.index import Index
from perla.knowledge.passages import Reading, SourceKind
from perla.knowledge.sentences import Sentence, paragraphs_of, sentences_of, sentences_said, stretches_of
from perla.knowledge.units import OTHER_NAME, SYNONYM, TRANSLATION, Unit
from perla.knowledge.words import stem, stop_words, words_of
from perla.words import Lang

Stems = tuple[str, ...]


class Texts:
    """The words of what was learned, laid out when first asked for; keep one for many questions."""

    def __init__(self, readings: Iterable[Reading], findings: Iterable[Finding] = ()) -> None:
        self._readings = {reading.source.name: reading for reading in readings}
        self._scripts: dict[str, Script] = {}
        self._sentences: dict[str, tuple[Sentence, ...]] = {}
        self._stretches: dict[str, dict[tuple[int, int], tuple[Sentence, ...] | None]] = {}
        self._heard: dict[str, list[tuple[int, int, Finding]]] | None = None
        self._findings = tuple(findings)

    def reading(self, name: str) -> Reading:
        return self._readings[name]

    def script(self, name: str) -> Script:
        """A source word by word."""
        if name not in self._scripts:
            self._scripts[name] = write_script(self._readings[name])
        return self._scripts[name]

    def sentences(self, name: str) -> tuple[Sentence, ...]:
        """A source sentence by sentence."""
        if name not in self._sentences:
            self._sentences[name] = sentences_of(self.script(name), paragraphs_of(self._readings[name]))
        return self._sentences[name]

    def near(self, name: str, first: int, last: int) -> list[Sentence]:
        """The sentences of a source that touch words first..last (not included); no more of it is laid out."""
        script = self.script(name)
        if script.source.kind is not SourceKind.RECORDING:
            return [s for s in self.sentences(name) if s.last > first and s.first < last]
        stretches = self._stretches.setdefault(name, dict.fromkeys(stretches_of(script)))
        found: list[Sentence] = []
        for stretch, laid_out in stretches.items():
            if stretch[1] > first and stretch[0] < last:
                if laid_out is None:
                    laid_out = stretches[stretch] = sentences_said(script, *stretch)
                found += (s for s in laid_out if s.last > first and s.first < last)
        return found

    def heard(self, sentence: Sentence) -> list[Finding]:
        """The mangled terms in a sentence."""
        if self._heard is None:
            self._heard = defaultdict(list)
            for finding in self._findings:
                for place in finding.places:
                    self._heard[place.source].append((place.first, place.last, finding))
            for places in self._heard.values():
                places.sort(key=itemgetter(0))
        own = self._heard.get(sentence.source, [])
        begin, end = (bisect_left(own, word, key=itemgetter(0)) for word in (sentence.first, sentence.last))
        return [finding for _, last, finding in own[begin:end] if last <= sentence.last]


@dataclass(frozen=True)
class Sought:
    """A unit of a question. weight : by its rarity. ways : stems that say it, and what each way counts."""

    unit: Unit
    weight: float
    ways: tuple[tuple[frozenset[str], float], ...] = field(repr=False)

    def held(self, roots: frozenset[str], heard: Sequence[Finding]) -> float:
        """How far a text of these stems and mangled terms holds the unit, 0 to 1."""
        worth = max((share for stems, share in self.ways if stems <= roots), default=0.0)
        mangled = (f.score for f in heard if f.canonical in self.unit.names)
        return max(worth, max(mangled, default=0.0))


def sought_in(index: Index, units: Sequence[Unit], weights: Sequence[float], lang: Lang) -> tuple[Sought, ...]:
    """The units of a question, asked in a language, with all the ways they may be said."""
    terms = {term.name: term for term in index.glossary.terms}
    everyday = shipped_everyday()
    found = []
    for unit, weight in zip(units, weights, strict=True):
        ways = [(_roots(unit.words.split()), 1.0)]
        names = [name for own in unit.names if own in terms for name in terms[own].names]
        ways += [(_roots(words_of(name)), OTHER_NAME) for name in names]
        words = unit.words.split()
        if lang == "en":
            ways += [(frozenset(way), TRANSLATION) for way in everyday.in_spanish(words)]
        elif len(words) == 1:
            ways += [(frozenset(way), SYNONYM) for way in everyday.of(stem(words[0]))]
        if len(words) == 1 and index.is_english.any():
            ways += [(frozenset(way), share) for way, share in everyday.in_english(words[0], lang)]
        found.append(Sought(unit, weight, tuple((stems, share) for stems, share in ways if stems)))
    return tuple(found)


def _roots(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words if word not in stop_words())


def roots_of(script: Script, sentence: Sentence) -> frozenset[str]:
    """The stems of a sentence's telling words."""
    return _roots(word.text for word in script.words[sentence.first : sentence.last])


def held_by(sought: Sequence[Sought], roots: frozenset[str], heard: Sequence[Finding]) -> list[float]:
    """Of each unit how far it is held."""
    return [one.held(roots, heard) for one in sought]


def share_of(sought: Sequence[Sought], held: Sequence[float]) -> float:
    """The share of a question that is held, by weight, 0 to 1."""
    total = sum(one.weight for one in sought)
    return sum(one.weight * min(part, 1.0) for one, part in zip(sought, held, strict=True)) / total if total else 0.0


def roots_of_text(text: str) -> frozenset[str]:
    """The stems of a text's telling words."""
    return _roots(words_of(text))
