import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import click

from perla.app.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "cli.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_commands_say_today() -> None:
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.make_page() == PAGE, "Run: .venv/bin/python docs/generate.py"


def test_every_command_and_every_option_is_on_the_page() -> None:
    context = click.Context(main, info_name="perla")
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        section = PAGE.split(f"## `perla {name}`\n")[1].split("\n## ")[0]
        options = [o for p in command.params if isinstance(p, click.Option) and not p.hidden for o in p.opts]
        assert [o for o in options if not re.search(rf"(?<![\w-]){o}(?![\w-])", section)] == [], name
