"""The repaired reading beside the quote."""

from __future__ import annotations

import pytest

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

from hypothesis import given
from hypothesis import strategies as st

from perla.knowledge.aliases import TRUSTED, Finding, Place, Rule
from perla.knowledge.repair import repaired, standing_in, words_with_places
from perla.knowledge.words import words_of


def found(original: str, canonical: str, score: float = 0.9, rule: Rule = Rule.SOUND) -> Finding:
    return Finding(original, canonical, score, rule, (Place("talk", 10, 10 + len(original.split())),))


def test_case_accents_and_punctuation_around_a_repair_stay() -> None:
    text = "«Así» lo hacemos: ¡con el Rátón  FOREST, sí!"
    assert repaired(text, [found("raton forest", "random forest")]) == "«Así» lo hacemos: ¡con el random forest, sí!"


def test_a_doubtful_finding_changes_nothing_until_it_is_confirmed() -> None:
    doubtful = found("la tuna", "Optuna", TRUSTED - 0.01)
    assert repaired("con la tuna", [doubtful]) == "con la tuna"
    assert repaired("con la tuna", [found("la tuna", "Optuna", 0.1, Rule.CONFIRMED)]) == "con Optuna"


def test_a_spelling_is_right_as_it_stands() -> None:
    assert repaired("dos data frames", [found("data frames", "DataFrame", 0.98, Rule.SPELLING)]) == "dos data frames"


def test_the_longest_window_is_repaired() -> None:
    short, long = found("activision", "activation function"), found("activision functions", "activation function", 0.8)
    assert repaired("la activision functions", [short, long]) == "la activation function"


def test_only_whole_words_are_repaired() -> None:
    assert repaired("racks y rackear", [found("rack", "RAG")]) == "racks y rackear"


@pytest.mark.parametrize("canonical", [r"\1 (.*) \g<0>", "a$b", "C++"])
def test_signs_of_regular_expressions_are_written_as_they_are(canonical: str) -> None:
    assert repaired("un rack ahí", [found("rack", canonical)]) == f"un {canonical} ahí"


def test_findings_of_other_places_do_not_stand_here() -> None:
    finding = found("rack", "RAG")
    assert standing_in([finding], "talk", 0, 20) == [finding]
    assert standing_in([finding], "talk", 11, 20) == []
    assert standing_in([finding], "other", 0, 20) == []


@given(st.text(max_size=80))
def test_words_keep_their_places_in_any_text(text: str) -> None:
    words, places = words_with_places(text)
    assert all(0 <= first < last <= len(text) for first, last in places)
    assert [w for first, last in places for w in words_of(text[first:last])][: len(words)] is not None
    assert repaired(text, []) == text


@given(st.text(alphabet="abñáÉ ,.¿'-", max_size=60))
def test_words_are_those_of_the_text(text: str) -> None:
    assert words_with_places(text)[0] == words_of(text)
    assert repaired(text, [found("zzz", "Z")]) == text
