"""Which mangled terms a person is asked about."""

from __future__ import annotations

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.doubts import find_doubts
from perla.knowledge.glossary import shipped_glossary
from perla.knowledge.index import build_index
from perla.knowledge.passages import Passage, Source, SourceKind

TEXT = "hoy entrenamos el rafton fuerte y usamos python con keo para la red"


def asked(*findings: Finding) -> list[str]:
    source = Source("talk", SourceKind.RECORDING, "Talk", "talk.csv", "")
    passage = Passage("talk", SourceKind.RECORDING, TEXT, 0, len(TEXT.split()))
    index = build_index([source], [passage], findings, shipped_glossary())
    return [doubt.finding.original for doubt in find_doubts(index)]


def finding(words: str, term: str, score: float, rule: Rule) -> Finding:
    first = TEXT.split().index(words.split()[0])
    return Finding(words, term, score, rule, (Place("talk", first, first + len(words.split())),))


def test_what_was_heard_and_what_was_seen_before_is_asked() -> None:
    heard = finding("rafton fuerte", "random forest", 0.5, Rule.SOUND)
    seen = finding("keo", "Keras", 0.84, Rule.KNOWN)
    assert set(asked(heard, seen)) == {"rafton fuerte", "keo"}


def test_words_that_are_the_term_only_now_and_then_are_not_asked() -> None:
    """Neither yes nor no would be right of all places."""
    assert asked(finding("python", "PyTorch", 0.5, Rule.KNOWN)) == []


def test_what_somebody_judged_and_what_is_only_spelled_otherwise_is_not_asked() -> None:
    judged = finding("keo", "Keras", 1.0, Rule.CONFIRMED)
    spelled = finding("python", "Python", 0.98, Rule.SPELLING)
    assert asked(judged, spelled) == []


def test_the_least_sure_comes_first() -> None:
    unsure = finding("rafton fuerte", "random forest", 0.5, Rule.SOUND)
    nearly = finding("keo", "Keras", 0.95, Rule.SOUND)
    assert asked(nearly, unsure) == ["rafton fuerte", "keo"]
