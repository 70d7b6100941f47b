"""The demo's second half: perla learns a few pages about itself, and answers two questions about them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

import perla
from perla.app.show import Progress
from perla.words import Lang, Text, same

if TYPE_CHECKING:
    from perla.knowledge import Answer

PACKAGE = Path(perla.__file__).resolve().parent
CHECKOUT = PACKAGE.parent.parent
CODE = PACKAGE / "bargains"
QUESTIONS = (
    Text("What is called suspicious and never a bargain?", "¿Qué se llama sospechoso y nunca ganga?"),
    Text("Where in the code are comparables laid beside a listing?",
         "¿En qué parte del código se buscan los comparables?"),
)  # fmt: skip
ASKED = Text(
    "It learned its own guide and code too, and answers with the line:",
    "También aprendió su propia guía y su código, y responde con la línea:",
)
MORE = Text("Ask more, or learn recordings, documents and code of yours:",
            "Pregunte más, o aprenda sus grabaciones, documentos y código:")  # fmt: skip


def ask_about_itself(home: Path, lang: Lang, tell: Progress) -> tuple[Answer, ...]:
    """The answers; none where the packages of the extra ``knowledge`` are not installed."""
    if any(find_spec(name) is None for name in ("Stemmer", "rapidfuzz", "tree_sitter_python")):
        return ()
    from perla.knowledge import Library, Opened

    library = Library(home)
    library.learn([*_guide(), CODE], tell, anew=True)
    opened = Opened.of(library)
    return tuple(opened.ask(question.text(lang), count=1, lang=lang) for question in QUESTIONS)


def _guide() -> list[Path]:
    """The pages of the guide, where perla runs from a checkout."""
    pages = CHECKOUT / "docs"
    return sorted([*pages.glob("*.md"), *CHECKOUT.glob("README*.md")]) if (pages / "cli.md").is_file() else []


def show_asked(answers: tuple[Answer, ...], home: Path, lang: Lang) -> None:
    """The questions with their answers, then how to go on."""
    from perla.app.answered import show_answer

    if not answers:
        return
    click.echo("\n" + click.style(ASKED.text(lang), bold=True))
    for told in answers:
        click.echo(f"\n> {told.question}")
        show_answer(told)
    ask = same(f"  perla ask --home {home}")
    click.echo("\n".join(["", click.style(MORE.text(lang), bold=True), ask.text(lang)]))
