"""What people say of the glossary: kept whole, taken back step by step, and in force at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from perla.errors import FileError, InputError, StoreBusyError
from perla.knowledge import ledger as module
from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.cutting import passages_of
from perla.knowledge.glossary import Glossary, Term, shipped_glossary
from perla.knowledge.index import Index, build_index
from perla.knowledge.ledger import Ledger, What, heard_in
from perla.knowledge.passages import Reading, Source, SourceKind, Span
from perla.knowledge.search import search

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TUNED = Finding("la tuna", "Optuna", 0.4, Rule.SOUND, (Place("talk", 3, 5),))
STAYS = Finding("queda", "CUDA", 0.3, Rule.COMPANY, (Place("talk", 9, 10),))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path, now=lambda: NOON)


def talk(text: str, findings: tuple[Finding, ...] = ()) -> Index:
    source = Source("talk", SourceKind.RECORDING, "talk", "talk.csv", "")
    reading = Reading(source, (Span(text, 0.0, 60.0),))
    return build_index([source], passages_of([reading]), findings, shipped_glossary())


def test_a_confirmed_alias_is_certain_and_says_who(ledger: Ledger) -> None:
    step = ledger.confirm("La Tuna", "Optuna", "me")
    assert (step.original, step.who, step.when) == ("la tuna", "me", "2026-03-14T12:00:00+00:00")
    [found, other] = ledger.apply([TUNED, STAYS])
    assert (found.score, found.rule, found.confirmed_by, found.places) == (1.0, Rule.CONFIRMED, "me", TUNED.places)
    assert other == STAYS


def test_a_rejected_alias_vanishes_and_the_same_words_for_another_term_stay(ledger: Ledger) -> None:
    ledger.reject("queda", "CUDA", "me")
    other = Finding("queda", "queue", 0.3, Rule.SOUND, STAYS.places)
    assert ledger.apply([TUNED, STAYS, other]) == [TUNED, other]
    ledger.reject("queda", "", "me")
    assert ledger.apply([TUNED, STAYS, other]) == [TUNED]


def test_words_are_one_term_the_one_said_last(ledger: Ledger) -> None:
    ledger.confirm("rack", "Rack", "me")
    ledger.confirm("rack", "RAG", "me")
    assert [(s.original, s.canonical) for s in ledger.standing()] == [("rack", "RAG")]
    ledger.reject("rack", "", "me")
    assert [s.what for s in ledger.standing()] == [What.REJECTED]


def test_steps_are_taken_back_one_by_one_and_none_is_forgotten(ledger: Ledger) -> None:
    ledger.confirm("la tuna", "Optuna", "me")
    ledger.confirm("la tuna", "tuning", "me")
    ledger.reject("queda", "CUDA", "me")
    assert [ledger.undo("me"), ledger.undo("me")] == [ledger.history()[2], ledger.history()[1]]
    assert [(s.original, s.canonical) for s in ledger.standing()] == [("la tuna", "Optuna")]
    assert ledger.undo("me") == ledger.history()[0]
    assert ledger.standing() == ()
    assert ledger.undo("me") is None
    assert [s.what for s in ledger.history()][3:] == [What.UNDONE] * 3


def test_a_step_said_again_after_it_was_taken_back_holds(ledger: Ledger) -> None:
    ledger.confirm("la tuna", "Optuna", "me")
    ledger.undo("me")
    ledger.confirm("la tuna", "Optuna", "you")
    assert [s.who for s in Ledger(ledger.file.parents[1]).standing()] == ["you"]


def test_words_that_sound_did_not_find_are_searched_letter_by_letter(ledger: Ledger) -> None:
    ledger.confirm("oxx", "Optuna", "me")
    [found] = ledger.apply([], {"a": ["usamos", "oxx", "y", "oxx"], "b": ["nada"]})
    assert found.places == (Place("a", 1, 2), Place("a", 3, 4))


def test_everyday_words_stay_a_term_only_where_sound_and_talk_say_so(ledger: Ledger) -> None:
    ledger.confirm("queda", "CUDA", "me")
    [found] = ledger.apply([STAYS], {"talk": ["queda"] * 20})
    assert found.places == STAYS.places


def test_words_confirmed_for_another_term_than_heard_are_it_wherever_they_stand(ledger: Ledger) -> None:
    ledger.confirm("queda", "queue", "me")
    [found] = ledger.apply([STAYS], {"other": ["queda", "y"] * 8})
    assert (found.canonical, len(found.places)) == ("queue", 9)


def test_a_confirmation_answers_the_next_question_without_learning(ledger: Ledger) -> None:
    index = talk("hoy buscamos los mejores valores con chachi pipí, que lo hace solo " + "y seguimos hablando " * 60)
    before = search(heard_in(index, ledger), "ChatGPT", 1)
    ledger.confirm("chachi pipi", "ChatGPT", "me")
    [hit] = search(heard_in(index, ledger), "ChatGPT", 1)
    assert "chachi pipí" in hit.passage.text
    assert not before or before[0].score < hit.score


@pytest.mark.parametrize("written", ["Chachi Pipí", "CHACHI PIPI", "chachi, pipi\u0301", "chächi pipì"])
def test_confirmed_words_are_found_whatever_their_case_and_accents(ledger: Ledger, written: str) -> None:
    ledger.confirm("chachi pipi", "ChatGPT", "me")
    [found] = heard_in(talk(f"lo hicimos con {written} ayer"), ledger).findings
    assert found.places == (Place("talk", 3, 5),)


def test_a_term_of_ones_own_is_in_the_glossary_at_once(ledger: Ledger) -> None:
    ledger.add_term("zorb pruning", ["zorbing"], ["poda zorb"], "me")
    opened = heard_in(talk("hacemos poda zorb"), ledger)
    [mention] = opened.glossary.mentions(["poda", "zorb"])
    assert mention.terms == (Term("zorb pruning", ("zorb pruning", "zorbing"), ("poda zorb",), "yours", "added"),)


def test_names_added_to_a_term_that_ships_join_its_own(ledger: Ledger) -> None:
    ledger.add_term("Optuna", [], ["la optimusa"], "me")
    opened = heard_in(talk("nada"), ledger)
    [mention] = opened.glossary.mentions(["la", "optimusa"])
    assert [t.name for t in mention.terms] == ["Optuna"]
    assert [t.name for t in opened.glossary.mentions(["optuna"])[0].terms] == ["Optuna"]


def test_an_index_nobody_judged_stays_the_very_same(ledger: Ledger) -> None:
    index = talk("nada")
    assert heard_in(index, ledger) is index


@pytest.mark.parametrize("words", ["", "   ", "...", "\x00", "🙂", "x" * 201, "a b c d e f g h i"])
def test_words_that_no_transcript_holds_are_no_alias(ledger: Ledger, words: str) -> None:
    with pytest.raises(InputError):
        ledger.confirm(words, "Optuna", "me")
    assert ledger.history() == ()


@pytest.mark.parametrize("name", ["", "\x1b\x00", "?!", "n" * 10_000])
def test_a_term_must_have_a_name(ledger: Ledger, name: str) -> None:
    with pytest.raises(InputError):
        ledger.add_term(name, [], [], "me")


def test_control_characters_are_not_kept(ledger: Ledger) -> None:
    step = ledger.confirm("la tuna", "Op\x1b[31mtuna\n", "m\x07e")
    assert step.canonical.isprintable()
    assert step.who.isprintable()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'{"format": 9, "history": []}', b'{"format": 1, "history": [{"number": 1}]}',
        b'{"format": 1, "history": 3}', b"\xff\xfe\x00", b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_ledger_is_said_and_left_as_it_is(ledger: Ledger, content: bytes) -> None:
    ledger.file.parent.mkdir(parents=True)
    ledger.file.write_bytes(content)
    with pytest.raises(FileError, match=r"glossary\.json"):
        ledger.confirm("la tuna", "Optuna", "me")
    assert ledger.file.read_bytes() == content


def test_two_writers_do_not_meet(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.confirm("la tuna", "Optuna", "me")
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    ledger.file.with_suffix(".lock").touch()
    with pytest.raises(StoreBusyError):
        ledger.confirm("rack", "RAG", "me")
    assert len(ledger.history()) == 1


def test_a_lock_that_a_killed_process_left_goes_stale(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE_S", -1.0)
    ledger.file.parent.mkdir(parents=True)
    ledger.file.with_suffix(".lock").touch()
    ledger.confirm("rack", "RAG", "me")
    assert len(ledger.history()) == 1


def test_the_ledger_is_plain_json(ledger: Ledger) -> None:
    ledger.confirm("año", "Optuna", "me")
    told = json.loads(ledger.file.read_text(encoding="utf-8"))
    assert told["history"][0]["original"] == "año"


def test_a_glossary_keeps_its_terms_whatever_is_added() -> None:
    glossary = Glossary((Term("CUDA", ("CUDA",)),))
    assert glossary.with_terms([Term("cuda", ("cuda",))]).terms == glossary.terms
