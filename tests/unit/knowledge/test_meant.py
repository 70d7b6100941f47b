"""Passages read with their mangled terms as they were meant."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.index import build_index, with_findings
from perla.knowledge.meant import Meant
from perla.knowledge.passages import Passage, Source, SourceKind
from perla.knowledge.postings import Postings
from perla.knowledge.search import search
from perla.knowledge.words import stem, stems

FOREST = Term("random forest", ("random forest",), ("bosque aleatorio",))
SAID = (
    "hoy entrenamos el rafton fuerte otra vez",
    "la comida estuvo rica en la noche",
    "el bosque de pinos del parque",
)


def read_as(chance: float) -> Meant:
    heard = Postings.of([stems(text.split()) for text in SAID], 0.6)
    aliases = {"random forest": (np.array([0]), np.array([chance], np.float32))}
    return Meant.of(heard, aliases, Glossary((FOREST,)), stems)


def test_a_passage_says_the_names_of_the_term_that_was_mangled_in_it() -> None:
    read = read_as(0.9)
    assert read.weights_of(stem("forest")).tolist() == pytest.approx([0.9, 0, 0])
    assert (read.weights_of(stem("aleatorio")) > 0).tolist() == [True, False, False]
    assert (read.weights_of(stem("bosque")) > 0).tolist() == [True, False, True]
    assert read.score(["forest"]).argmax() == 0


def test_a_doubtful_term_is_not_read() -> None:
    read = read_as(0.5)
    assert not read.holds("forest")
    assert read.weights_of("forest").tolist() == [0, 0, 0]


def test_words_that_were_heard_are_as_they_were() -> None:
    read = read_as(0.9)
    assert read.weights_of(stem("comida")).tolist() == read.heard.weights_of(stem("comida")).tolist()
    assert read.rarity_of(stem("comida")) == read.heard.rarity_of(stem("comida"))


def test_a_word_that_was_also_meant_is_less_rare() -> None:
    root = stem("bosque")
    assert read_as(0.9).rarity_of(root) < read_as(0.5).rarity_of(root)


def test_a_question_finds_what_was_meant_once_somebody_confirms_it() -> None:
    sources = [Source("talk", SourceKind.RECORDING, "Talk", "talk.csv", "")]
    passages = [Passage("talk", SourceKind.RECORDING, text, 10 * n, 10 * n + 7) for n, text in enumerate(SAID)]
    index = build_index(sources, passages, [], Glossary((FOREST,)))
    assert search(index, "aleatorio") == []
    said = Finding("rafton fuerte", "random forest", 1.0, Rule.CONFIRMED, (Place("talk", 3, 5),), "me")
    told = with_findings(index, [said], index.glossary)
    assert search(told, "aleatorio")[0].passage is passages[0]
