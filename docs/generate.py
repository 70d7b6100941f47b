"""Writes docs/cli.md from the commands and docs/api.md from the service: python docs/generate.py."""

from __future__ import annotations

from pathlib import Path

import click

PAGE = Path(__file__).parent / "cli.md"
WIDTH = 100
HEAD = "# The command line\n\nWritten by `docs/generate.py`; a test compares it with the commands.\n"


def describe_commands(command: click.Command, name: str) -> str:
    """One section per command: what ``--help`` says in English."""
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    sections = [f"\n## `{name}`\n\n```\n{command.get_help(context).strip()}\n```\n"]
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None and not found.hidden:
                sections.append(describe_commands(found, f"{name} {child}"))
    return "".join(sections)


def make_page() -> str:
    from perla.app.cli import main

    return HEAD + describe_commands(main, "perla")


if __name__ == "__main__":
    import generate_api

    PAGE.write_text(make_page(), encoding="utf-8")
    generate_api.PAGE.write_text(generate_api.make_page(), encoding="utf-8")
