import re
import subprocess
import sys

import click
import pytest

from perla import __version__
from perla.app import road
from perla.app.bilingual import Command, Group, Option
from perla.app.cli import main
from perla.errors import InputError
from perla.listings.market_file import shipped_markets

COMMANDS = [
    "find", "check", "train", "init", "demo", "markets", "explain-neurons", "evaluate", "drift", "survey", "add",
    "store", "score", "deploy", "rollback", "models", "pipeline", "serve", "keys", "learn", "transcribe", "ask",
    "keypoints", "glossary",
]  # fmt: skip
HEAVY = ("numpy", "pandas", "rich", "lightgbm", "sklearn", "torch", "matplotlib", "pyarrow", "jinja2", "perla.listings")


def refused(done) -> str:
    """The one line of a refused call."""
    lines = done.stderr.splitlines()
    assert (done.exit_code, len(lines), done.stdout) == (2, 1, ""), done.output
    assert lines[0].startswith("perla: ")
    return lines[0]


def test_the_commands_stand_in_the_order_of_use():
    assert main.list_commands(click.Context(main)) == COMMANDS


def test_asking_for_help_loads_nothing_heavy():
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, perla.app.cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(seen.stdout.split()) & set(HEAVY) == set()
    assert "click" in seen.stdout.split()


def test_the_version_is_told(call):
    assert call("--version").stdout == f"perla {__version__}\n"


def test_without_a_word_the_help_is_shown(call):
    done = call()
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == call("--help").stdout
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_help_page_is_complete_in_both_languages(call, name):
    english = call(*name.split(), "--help").stdout
    spanish = call(*name.split(), "--help", "--lang", "es").stdout
    named = [
        re.findall(r"^  ((?:-\w, )?--[\w-]+)", h.split(o)[1], re.M)
        for h, o in ((english, "Options:"), (spanish, "Opciones:"))
    ]
    assert named[0] == named[1] != []
    assert english.startswith("Usage: perla")
    assert spanish.startswith("Uso: perla")
    spanish = (
        re.sub(rf"^  (perla {name} )?[\w-]+(?=\s)", "", spanish, flags=re.M) if "Comandos:" in spanish else spanish
    )
    assert re.findall(r"(?<![\w-])(the|what|otherwise|show|listings|Options|Usage|default|TEXT|FILE)\b", spanish) == []
    assert re.findall(r"\b(qué|mostrar|anuncios|Opciones|Uso|omisión|TEXTO|ARCHIVO)\b", english) == []


def test_every_option_and_command_is_told_twice():
    commands = dict(_every_command(main))
    options = [p for c in (main, *commands.values()) for p in c.params if isinstance(p, click.Option)]
    assert {type(o) for o in options} == {Option}
    assert [o.name for o in options if o.told.en == o.told.es] == []
    assert [n for n, c in commands.items() if not isinstance(c, Command | Group) or c.brief.en == c.brief.es] == []


def _every_command(group: click.Group, before: str = ""):
    for name, command in group.commands.items():
        yield before + name, command
        if isinstance(command, click.Group):
            yield from _every_command(command, f"{before}{name} ")


def test_the_locale_chooses_the_language_and_lang_overrules_it(call, monkeypatch):
    monkeypatch.setenv("LANG", "es_CO.UTF-8")
    assert call("--help").stdout.startswith("Uso")
    assert call("--lang", "en", "--help").stdout.startswith("Usage")
    assert "No existe la opción --wsh" in refused(call("find", "x", "--wsh", "y"))


@pytest.mark.parametrize(
    ("words", "en", "es"),
    [
        (["fnd"], "There is no command 'fnd'. Did you mean find?", "No existe el comando 'fnd'. ¿Quiso decir find?"),
        (["zzzzz"], "There are: find, check", "Hay: find, check"),
        (["find"], "Give at least one file", "Indique al menos un archivo"),
        (["find", "x", "--whish", "a"], "There is no option --whish. Did you mean --wish?", "¿Quiso decir --wish?"),
        (["find", "x", "-z"], "There is no option -z.", "No existe la opción -z."),
        (["find", "x", "-n"], "The option -n needs a value.", "La opción -n necesita un valor."),
        (["find", "x", "--json=3"], "The option --json takes no value.", "La opción --json no lleva valor."),
        (["find", "x", "-n", "0"], "-n/--shown must be a whole number from 1 to 1000", "un número entero de 1 a 1000"),
        (["find", "x", "-n", "many"], "got 'many'", "se dio 'many'"),
        (["check", "x"], "The option --id is needed.", "Falta la opción --id."),
        (["train", "x"], "The option --output is needed.", "Falta la opción --output."),
        (["markets", "all"], "'all' is one argument too many.", "'all' sobra en la llamada."),
        (["find", "x", "--model", "m", "--market", "t"], "--model brings its own market", "--market no se puede dar"),
        (["find", "x", "--model", "m", "--seed", "0"], "--model brings its own seed", "--seed no se puede dar"),
        (["find", "x", "--fdr", "0.1", "-n", "3"], "--shown cannot be given with it", "--shown no se puede dar con él"),
        (["find", "x", "--fdr", "7"], "a share from 0.001 to 0.5", "una proporción de 0.001 a 0.5"),
        (["find", "x", "--fdr", "some"], "got 'some'", "se dio 'some'"),
        (["find", "x", "--threads", "0"], "--threads must be a whole number", "--threads debe ser un número entero"),
        (["train", "x", "-o", "m", "--search", "10"], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
        (["train", "x", "-o", "m", "--search", "5x"], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
        (["train", "x", "-o", "m", "--search", "0s"], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
        (["train", "x", "-o", "m", "--search", "25h"], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
        (["train", "x", "-o", "m", "--search", "²s"], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
        (["train", "x", "-o", "m", "--search", ""], "must be a time from 1s to 24h", "un tiempo de 1s a 24h"),
    ],
)
def test_a_call_that_cannot_be_understood_is_one_line_that_says_what_to_do(call, words, en, es):
    assert en in refused(call(*words))
    assert es in refused(call("--lang", "es", *words))


def test_a_language_nobody_speaks_is_refused(call):
    assert "--lang must be en or es; got 'fr'" in refused(call("find", "x", "--lang", "fr"))


def test_the_markets_that_come_with_perla_are_listed(call):
    assert [line.split()[0] for line in call("markets").stdout.splitlines()] == shipped_markets()


def test_an_unexpected_error_is_one_line_and_its_traceback_is_shown_when_asked_for(call, monkeypatch, tmp_path):
    def breaks(*_):
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr(road, "find_bargains", breaks)
    done = call("find", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "perla: unexpected ZeroDivisionError: by nothing. Run again with --debug for the traceback\n"
    )
    assert isinstance(call("find", tmp_path, "--debug").exception, ZeroDivisionError)


def test_an_error_of_two_lines_with_control_signs_is_still_one_line(call, monkeypatch, tmp_path):
    def breaks(*_):
        raise InputError("one\ntwo \x1b[31mred\x1b[0m \x07", "uno\ndos")

    monkeypatch.setattr(road, "find_bargains", breaks)
    line = refused(call("find", tmp_path))
    assert line.isprintable()
    assert line.startswith("perla: one two")


def test_stopping_says_so_in_one_line(call, monkeypatch, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(road, "find_bargains", stopped)
    done = call("find", tmp_path, "--lang", "es")
    assert (done.exit_code, done.stderr) == (130, "perla: detenido; nada quedó a medio escribir\n")


def test_a_reader_that_has_read_enough_is_no_error(call, monkeypatch, tmp_path):
    def gone(*_):
        raise BrokenPipeError

    monkeypatch.setattr(road, "find_bargains", gone)
    done = call("find", tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")


def test_what_libraries_print_does_not_reach_stdout(call, monkeypatch, tmp_path):
    def chatty(*_):
        print("[LightGBM] [Warning] chatter")
        raise InputError("enough", "basta")

    monkeypatch.setattr(road, "find_bargains", chatty)
    assert "enough" in refused(call("find", tmp_path))


def test_what_libraries_print_from_c_does_not_reach_stdout_either():
    script = (
        "import ctypes, os, warnings\n"
        "from perla.app.show import at_work\n"
        "with at_work('en', False):\n"
        "    ctypes.CDLL(None).printf(b'from C ')\n"
        "    os.write(1, b'from the system ')\n"
        "    print('from Python')\n"
        "    warnings.warn('careful')\n"
        "print('the answer')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("the answer\n", "")


@pytest.mark.parametrize("output", ["{}/listings.csv", "{}/nowhere/x.csv", "{}", "{}/x.docx"])
def test_outputs_are_checked_before_the_long_work(call, monkeypatch, tmp_path, output):
    monkeypatch.setattr(road, "find_bargains", lambda *_: pytest.fail("the long work began"))
    listings = tmp_path / "listings.csv"
    listings.write_text("price\n1\n")
    line = refused(call("find", listings, "-o", output.format(tmp_path)))
    assert str(tmp_path) in line
    assert listings.read_text() == "price\n1\n"


@pytest.mark.parametrize(("words", "missing"), [(["deploy"], "MODEL"), (["models", "compare", "1"], "RELEASE")])
def test_a_missing_word_is_named(call, words, missing):
    assert refused(call(*words)).startswith(f"perla: {missing} is missing in the call.")
