"""``perla ask`` as people and programs call it, over a small made-up library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("Stemmer", reason="needs the extra knowledge")

from perla.app.answered import show_answer
from perla.app.cli import main
from perla.knowledge import Library
from perla.knowledge.passages import Answer, Quote, Source, SourceKind
from perla.words import Lang

TALK = """Start time,End time,Transcript
0,60,bueno hoy hablamos del colador de café y de cómo se lava
60,120,el colador se lava con agua tibia porque el jabón deja sabor en la tela
120,180,y con eso cerramos gracias a todos por venir
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learned")
    (folder / "7. El café (2024-02-07).csv").write_text(TALK, encoding="utf-8")
    (folder / "bees.md").write_text("# Bees\n\nA hive holds forty thousand bees in summer.\n", encoding="utf-8")
    Library(folder / "home").learn([folder])
    return folder / "home"


def call(*words: str) -> int:
    return int(main(list(words), standalone_mode=False))


def test_the_answer_comes_first_then_where_it_stands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("ask", "¿por qué se lava el colador con agua tibia?", "--home", str(home)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "En la sesión se dijo:"
    assert any("[sesión 7, 2024-02-07, 00:0" in line for line in lines)
    assert max(map(len, lines)) <= 88


def test_a_refusal_is_said_kindly_in_the_language_of_the_question(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("ask", "Why did they drop LightGBM in favour of CatBoost?", "--home", str(home))
    assert capsys.readouterr().out.startswith("I did not find")


def test_json_holds_the_answer_its_quotes_and_how_long_it_took(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call("ask", "how many bees does a hive hold?", "--json", "--home", str(home))
    told = json.loads(capsys.readouterr().out)
    assert told["refused"] is False and told["lang"] == "en" and told["timings"]["total"] >= 0
    quote = told["quotes"][0]
    assert quote["text"] == "A hive holds forty thousand bees in summer."
    assert quote["path"].endswith("bees.md")
    assert (quote["first_line"], quote["last_line"], quote["commit"]) == (3, 3, None)
    call("ask", "¿con qué se lava el colador?", "--only", "recordings", "--json", "--home", str(home))
    said = json.loads(capsys.readouterr().out)["quotes"][0]
    assert 0 <= said["start_s"] < said["end_s"] <= 180 and said["repaired"]


def test_without_a_question_they_are_asked_one_after_another(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["how many bees in a hive?", "", "?", "¿con qué se lava el colador?", ":q", "never reached"])
    monkeypatch.setattr("builtins.input", lambda _: next(lines))
    assert call("ask", "--home", str(home)) == 0
    told = capsys.readouterr()
    assert "forty thousand" in told.out and "agua tibia" in told.out
    assert "at least one word" in told.err
    assert next(lines) == "never reached"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ask", ""), "at least one word"),
        (("ask", "x"), "at least one word"),
        (("ask", "word " * 10_000), "at most 200 words"),
        (("ask", "bees", "--only", "films"), "--only must be one of"),
        (("ask", "bees", "-k", "0"), "-k/--quotes must be a whole number"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_two(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert call(*words, "--home", str(home)) == 2
    said = capsys.readouterr()
    assert told in said.err and said.err.count("\n") == 1 and not said.out


def test_where_nothing_was_learned_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("ask", "¿qué es el café?", "--home", str(tmp_path)) == 2
    assert "perla learn" in capsys.readouterr().err


def test_what_a_source_holds_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Source("t", SourceKind.RECORDING, "Talk \x1b[2J", "t.csv", "", "2024-02-07")
    quote = Quote("se \x1b[31mlava\x07", "se lava", talk, 0.9, 1.0, 2.0)
    show_answer(Answer("?", "es", f"«{quote.text}» {quote.citation('es')}", False, (quote,)))
    out = capsys.readouterr().out
    assert "\x1b[31m" not in out and "\x07" not in out and "\x1b[2J" not in out


def test_where_sessions_disagree_it_asks_back_which_one(capsys: pytest.CaptureFixture[str]) -> None:
    talks = [Source(f"t{n}", SourceKind.RECORDING, f"Talk {n}", "t.csv", "", "", str(n)) for n in (3, 4)]
    quotes = tuple(Quote(f"words {talk.session}", "", talk, 0.9, 1.0, 2.0) for talk in talks)
    show_answer(Answer("?", "en", quotes[0].citation("en"), False, quotes, sessions=tuple(talks)))
    assert "In which session? 3 (1), 4 (1)" in capsys.readouterr().out


@pytest.mark.parametrize(("lang", "answer"), [("en", "suspicious"), ("es", "sospechoso y nunca ganga")])
def test_the_demo_answers_two_questions_about_perla_itself(
    lang: Lang, answer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tree_sitter_python", reason="needs the extra knowledge")
    from perla.app.demo_asked import QUESTIONS, ask_about_itself, show_asked

    told = ask_about_itself(tmp_path, lang, lambda what, share: None)
    show_asked(told, tmp_path, lang)
    out = capsys.readouterr().out
    assert len(told) == len(QUESTIONS) and not any(answer.refused for answer in told)
    assert answer in told[0].quotes[0].text
    assert "bargains/" in told[1].quotes[0].citation(lang) and f"perla ask --home {tmp_path}" in out
