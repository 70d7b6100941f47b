"""Commands and options whose help is in two languages; the language of the call is the context's object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from perla.words import Lang, Text, same

OPTIONS, COMMANDS, USAGE = Text("Options", "Opciones"), Text("Commands", "Comandos"), Text("Usage: ", "Uso: ")
ANY_OPTIONS = Text("[OPTIONS]", "[OPCIONES]")
ANY_COMMAND = Text("COMMAND ...", "COMANDO ...")
HELP = Text("Show this help.", "Mostrar esta ayuda.")
DEFAULT = Text("default", "por omisión")


def language_of(context: click.Context) -> Lang:
    """The language of the call the context belongs to."""
    return "es" if context.find_root().obj == "es" else "en"


class Option(click.Option):
    """An option with its help, and the name of its value, in two languages."""

    def __init__(self, *names: str, told: Text, value: Text | None = None, **settings: Any) -> None:
        super().__init__(list(names), **settings)
        self.told, self.value = told, value

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        lang = language_of(ctx)
        names = ", ".join((*self.opts, *self.secondary_opts))
        more = " ..." if self.multiple else ""
        value = "" if self.is_flag else f" {(self.value or same('TEXT')).text(lang)}{more}"
        default = f" [{DEFAULT.text(lang)}: {self.default}]" if isinstance(self.default, int | str) and value else ""
        return names + value, self.told.text(lang) + default


class Argument(click.Argument):
    """A positional argument, named in two languages."""

    def __init__(self, name: str, shown: Text, **settings: Any) -> None:
        super().__init__([name], **settings)
        self.shown = shown

    def get_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [self.shown.text(language_of(ctx)) + ("..." if self.nargs == -1 else "")]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # type: ignore[override]
        return None


class _Told:
    """What commands and the group share: the shape of the help page."""

    told: Text
    examples: Sequence[Text] = ()

    def write_page(self, command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = language_of(ctx)
        formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix=USAGE.text(lang))
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self.told.text(lang))
            if self.examples:
                formatter.write_paragraph()
                for example in self.examples:
                    formatter.write_text(example.text(lang))
        records = [p.get_help_record(ctx) for p in command.get_params(ctx)]
        with formatter.section(OPTIONS.text(lang)):
            formatter.write_dl([r for r in records if r is not None], col_max=28)

    def with_context(
        self, parse: Callable[[click.Context, list[str]], list[str]], ctx: click.Context, args: list[str]
    ) -> list[str]:
        """Parse; a mistake that does not know its context is given it."""
        try:
            return parse(ctx, args)
        except click.UsageError as mistake:
            mistake.ctx = mistake.ctx or ctx
            raise


class Command(_Told, click.Command):
    """A command that explains itself in two languages."""

    def __init__(self, *args: Any, told: Text, brief: Text, examples: Sequence[Text] = (), **settings: Any) -> None:
        super().__init__(*args, **{**settings, "add_help_option": False})
        self.params.append(help_option())
        self.told, self.brief, self.examples = told, brief, examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return self.with_context(super().parse_args, ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.write_page(self, ctx, formatter)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = [piece for p in self.get_params(ctx) for piece in p.get_usage_pieces(ctx)]
        return [*pieces, ANY_OPTIONS.text(language_of(ctx))]


class Group(_Told, click.Group):
    """The program itself, or a command that has commands of its own, in the order they were added."""

    def __init__(
        self, *args: Any, told: Text, brief: Text | None = None, examples: Sequence[Text] = (), **settings: Any
    ) -> None:
        super().__init__(*args, **{**settings, "add_help_option": False})
        self.params.append(help_option())
        self.told, self.brief, self.examples = told, brief or told, examples

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return self.with_context(super().parse_args, ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang = language_of(ctx)
        self.write_page(self, ctx, formatter)
        rows = [(n, c.brief.text(lang)) for n, c in self.commands.items() if isinstance(c, Command | Group)]
        with formatter.section(COMMANDS.text(lang)):
            formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [ANY_COMMAND.text(language_of(ctx))]


def _show_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def help_option() -> Option:
    """``--help``, in the language of the call."""
    return Option("-h", "--help", told=HELP, is_flag=True, is_eager=True, expose_value=False, callback=_show_help)


def with_options(*options: click.Parameter) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command's function these parameters, in this order."""

    def give(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__click_params__ = [*reversed(options)]  # type: ignore[attr-defined]
        return function

    return give
