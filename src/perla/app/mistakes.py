"""What went wrong -> one line on stderr and an exit code: 0 done, 1 unexpected, 2 the call or the input is wrong.

3 is no mistake of the call: the gate refused a model, or a check of what is kept found something damaged.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from perla.app.bilingual import Argument
from perla.errors import PerlaError, closest
from perla.words import Lang, Text, fill

DONE, UNEXPECTED, WRONG_CALL, REFUSED, STOPPED = 0, 1, 2, 3, 130
STOPPED_LINE = Text("stopped; nothing was left half written", "detenido; nada quedó a medio escribir")


class StoppedByUserError(Exception):
    """Ctrl-C, carried past click, which would write a line of its own."""


class ReaderGoneError(Exception):
    """Whoever was reading stdout has read enough; click would call that a failure."""


def complain(line: str) -> None:
    """One line on stderr, whatever the message holds."""
    flat = " ".join(line.split())
    print(f"perla: {''.join(c if c.isprintable() else ' ' for c in flat)}", file=sys.stderr)


def guard(run: Callable[[], int], lang: Lang, debug: bool) -> int:
    """Run, and turn whatever goes wrong into one line and an exit code."""
    try:
        return run()
    except (StoppedByUserError, KeyboardInterrupt, click.Abort):
        complain(STOPPED_LINE.text(lang))
        return STOPPED
    except ReaderGoneError:
        _close_quietly()
        return DONE
    except click.UsageError as mistake:
        complain(describe_mistake(mistake).text(lang))
        return WRONG_CALL
    except PerlaError as problem:
        complain(problem.text(lang))
        return WRONG_CALL
    except Exception as surprise:
        if debug:
            raise
        complain(_unexpected(surprise).text(lang))
        return UNEXPECTED


def _unexpected(surprise: Exception) -> Text:
    if isinstance(surprise, MemoryError):
        return Text(
            "this table needs more memory than there is; give perla fewer rows at once",
            "esta tabla necesita más memoria de la que hay; dé a perla menos filas a la vez",
        )
    return fill(
        "unexpected {name}: {what}. Run again with --debug for the traceback",
        "{name} inesperado: {what}. Repita con --debug para ver el detalle",
        name=type(surprise).__name__, what=str(surprise)[:300].rstrip(". ") or "-",
    )  # fmt: skip


def _close_quietly() -> None:
    """Nothing more can be written to stdout; keep Python from complaining about it when it ends."""
    import os

    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process


def describe_mistake(mistake: click.UsageError) -> Text:
    """A call that click could not understand, in one sentence that says what to do."""
    return _what_is_wrong(mistake) + _try_help(mistake)


def _what_is_wrong(mistake: click.UsageError) -> Text:
    if isinstance(mistake, click.NoSuchCommand):
        known = (
            list(mistake.ctx.command.commands) if mistake.ctx and isinstance(mistake.ctx.command, click.Group) else []
        )
        near = closest(mistake.command_name, known)
        there_is = fill("There are: {known}.", "Hay: {known}.", known=", ".join(known))
        return fill("There is no command {name!r}. ", "No existe el comando {name!r}. ", name=mistake.command_name) + (
            _did_you_mean(near) if near else there_is
        )
    if isinstance(mistake, click.NoSuchOption):
        near = closest(mistake.option_name, _option_names(mistake.ctx))
        return fill("There is no option {name}.", "No existe la opción {name}.", name=mistake.option_name) + (
            Text(" ", " ") + _did_you_mean(near) if near else Text("", "")
        )
    if isinstance(mistake, click.MissingParameter):
        return _missing(mistake)
    if isinstance(mistake, click.BadOptionUsage):
        return _bad_value_count(mistake)
    return _other(mistake)


def _did_you_mean(near: str) -> Text:
    return fill("Did you mean {near}?", "¿Quiso decir {near}?", near=near)


def _option_names(ctx: click.Context | None) -> list[str]:
    return [o for p in ctx.command.get_params(ctx) for o in p.opts if o.startswith("--")] if ctx else []


def _missing(mistake: click.MissingParameter) -> Text:
    parameter = mistake.param
    if isinstance(parameter, click.Option):
        name = max(parameter.opts, key=len)
        return fill("The option {name} is needed.", "Falta la opción {name}.", name=name)
    if isinstance(parameter, Argument) and parameter.name != "listings":
        return fill("{name} is missing in the call.", "Falta {name} en la llamada.", name=parameter.shown)
    return Text(
        "Give at least one file or folder with listings.", "Indique al menos un archivo o carpeta con anuncios."
    )


def _bad_value_count(mistake: click.BadOptionUsage) -> Text:
    options = mistake.ctx.command.params if mistake.ctx else []
    if any(isinstance(p, click.Option) and p.is_flag and mistake.option_name in p.opts for p in options):
        return fill("The option {name} takes no value.", "La opción {name} no lleva valor.", name=mistake.option_name)
    return fill("The option {name} needs a value.", "La opción {name} necesita un valor.", name=mistake.option_name)


def _other(mistake: click.UsageError) -> Text:
    if mistake.ctx is not None and isinstance(mistake.ctx.command, click.Group):
        return Text("A command is needed.", "Falta el comando.")
    extra = mistake.message.rpartition("(")[2].rstrip(").") if "extra argument" in mistake.message else ""
    if extra:
        return fill("{extra!r} is one argument too many.", "{extra!r} sobra en la llamada.", extra=extra)
    return Text(mistake.format_message(), mistake.format_message())


def _try_help(mistake: click.UsageError) -> Text:
    path = mistake.ctx.command_path if mistake.ctx else "perla"
    return fill(" Help: {path} --help", " Ayuda: {path} --help", path=path)
