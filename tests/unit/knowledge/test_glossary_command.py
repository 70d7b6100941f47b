"""``perla glossary`` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")
pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

from click.testing import CliRunner

from perla.app.cli import main
from perla.knowledge import Library

SAID = (
    "hoy vemos el tema de los arboles y como se juntan varios en uno solo",
    "se llama rafton forest y es muy usado en la practica por la gente",
    "con dommel y con la tuna buscamos los mejores valores del modelo",
    "despues miramos el raton forest otra vez y guardamos los datos",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rows = [f'{60 * n},{60 * n + 60},"{text}"' for n, text in enumerate(SAID)]
    talk = tmp_path / "3. Trees (2025-02-03 19_00 GMT-5).csv"
    talk.write_text("\n".join(["Start time,End time,Transcript", *rows]), encoding="utf-8")
    Library(tmp_path / "home").learn([talk])
    return tmp_path / "home"


@pytest.fixture
def call(home: Path):
    def run(*words: str, typed: str = ""):
        return CliRunner().invoke(main, ["glossary", *words, "--home", str(home)], prog_name="perla", input=typed)

    return run


def steps(call) -> list[tuple[str, str, str]]:
    told = json.loads(call("history", "--json").stdout)
    return [(step["what"], step["original"], step["canonical"]) for step in told["history"]]


def test_doubts_are_listed_with_their_minute_and_the_command(call) -> None:
    done = call("--lang", "es")
    assert done.exit_code == 0, done.output
    assert "«raton forest» = random forest?" in done.stdout
    assert "sesión 3 00:03:" in done.stdout
    assert 'perla glossary confirm "raton forest" "random forest"' in done.stdout


def test_doubts_are_written_for_a_program(call) -> None:
    told = json.loads(call("--json", "-n", "1").stdout)
    [doubt] = told["doubtful"]
    assert told["total"] >= 2
    assert {"original", "canonical", "score", "said", "weight", "moments", "confirm"} <= set(doubt)
    assert all(moment["start_s"] >= 0 and moment["words"] for moment in doubt["moments"])


def test_a_confirmed_alias_is_found_at_once_and_no_longer_in_doubt(call, home) -> None:
    done = call("confirm", "la tuna", "optuna", "--who", "me")
    assert done.exit_code == 0, done.output
    assert "«la tuna» is Optuna" in done.stdout and "1 place(s)" in done.stdout
    [finding] = [f for f in Library(home).open().findings if f.original == "la tuna"]
    assert (finding.canonical, finding.score, finding.confirmed_by) == ("Optuna", 1.0, "me")
    assert "«la tuna»" not in call("-n", "100").stdout


def test_without_a_term_the_likeliest_is_confirmed(call) -> None:
    assert "«raton forest» is random forest" in call("confirm", "Ratón Forest").stdout


def test_a_rejected_alias_is_gone_until_it_is_undone(call) -> None:
    call("reject", "raton forest")
    assert "«raton forest»" not in call("-n", "100").stdout
    assert "Undone: «raton forest» is no term" in call("undo").stdout
    assert "«raton forest»" in call("-n", "100").stdout
    assert "nothing to undo" in call("undo").stdout


def test_a_term_is_added_with_how_it_is_heard(call, home) -> None:
    done = call("add", "zorblax", "--es", "zorblace", "--heard", "dommel")
    assert done.exit_code == 0, done.output
    index = Library(home).open()
    assert [t.name for t in index.glossary.mentions(["zorblace"])[0].terms] == ["zorblax"]
    assert "zorblax" in index.aliases
    assert call("add", "zorblax").exit_code == 2


def test_the_group_takes_the_home_too(home) -> None:
    words = ["glossary", "--home", str(home), "confirm", "la tuna", "Optuna"]
    assert CliRunner().invoke(main, words, prog_name="perla").exit_code == 0
    assert [f.original for f in Library(home).open().findings if f.confirmed_by] == ["la tuna"]


@pytest.mark.parametrize(
    "words",
    [
        ("confirm", "la tuna", "optunna"), ("confirm", "palabras que nadie dijo"), ("confirm", "...", "Optuna"),
        ("--ask", "--json"), ("-n", "0"), ("add", "?!"), ("add", "x" * 10_000), ("reject", "a " * 20, "CUDA"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_to_do_and_keeps_nothing(call, words) -> None:
    done = call(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("perla: ") and "Traceback" not in done.output
    assert steps(call) == []


def test_a_mistyped_term_is_told_its_closest(call) -> None:
    assert "Did you mean 'Optuna'?" in call("confirm", "la tuna", "optunna").stderr


def test_one_key_settles_one_doubt(call) -> None:
    total = json.loads(call("--json").stdout)["total"]
    done = call("--ask", typed="y\nn\nq\n")
    assert done.exit_code == 0, done.output
    assert f"1/{total}" in done.stdout
    assert [what for what, _, _ in steps(call)] == ["confirmed", "rejected"]
    assert "1 confirmed, 1 rejected, 0 skipped" in done.stdout


def test_another_term_is_named_and_a_wrong_key_asks_again(call) -> None:
    done = call("--ask", typed="z\no\nnothing like it\no\noptuna\nq\n")
    assert done.exit_code == 0, done.output
    assert [(what, term) for what, _, term in steps(call)] == [("confirmed", "Optuna")]


def test_the_last_answer_is_taken_back_with_one_key(call) -> None:
    done = call("--ask", typed="y\nu\ns\n")
    assert "0 confirmed, 0 rejected, 1 skipped" in done.stdout
    assert [what for what, _, _ in steps(call)] == ["confirmed", "undone"]


def test_in_spanish_s_is_yes(call) -> None:
    call("--ask", "--lang", "es", typed="s\nt\n")
    assert [what for what, _, _ in steps(call)] == ["confirmed"]


@pytest.mark.parametrize("typed", ["", "y", "\n\n\n", "\x00\n", "ñ\nq\n"])
def test_input_that_ends_ends_the_sitting(call, typed) -> None:
    done = call("--ask", typed=typed)
    assert done.exit_code == 0, done.output
    assert "left" in done.stdout


def test_where_nothing_was_learned_it_says_so(tmp_path) -> None:
    words = ["glossary", "--home", str(tmp_path)]
    done = CliRunner().invoke(main, words, prog_name="perla")
    assert done.exit_code != 0
    assert "perla learn" in done.stderr


def test_a_finding_full_of_control_characters_is_shown_harmless(call) -> None:
    call("add", "zorb\x1b[31mlax", "--heard", "dommel")
    assert "\x1b[31m" not in call("history").stdout
