"""Key points as a page of Markdown, in Spanish or English; what was said stays as it was said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from perla.knowledge.answers import link
from perla.knowledge.keypoints import KeyPoints, Named, PartTold
from perla.knowledge.passages import Quote, clock
from perla.words import Lang, Text, fill

SUMMARY, POINTS, TERMS = Text("In five lines", "En cinco líneas"), Text("Key points", "Puntos clave"), Text(
    "Terms explained", "Términos explicados"
)  # fmt: skip
TOOLS, WORKS = Text("Tools named", "Herramientas nombradas"), Text(
    "Papers, books and courses named", "Artículos, libros y cursos nombrados"
)  # fmt: skip
QUESTIONS, TASKS = Text("Questions asked", "Preguntas que se hicieron"), Text(
    "Homework and next steps", "Tareas y próximos pasos"
)  # fmt: skip
PEOPLE = Text("Names heard (inferred, not confirmed)", "Nombres oídos (inferidos, sin confirmar)")
AS_SAID = Text(
    "The quotes are the words of the machine's transcript, letter by letter; after *read as*, how mangled terms were "
    "probably meant. What was said may be wrong.",
    "Las citas son las palabras de la transcripción automática, letra por letra; después de *léase*, cómo se dijeron "
    "probablemente los términos mal transcritos. Lo que se dijo puede estar equivocado.",
)
READ_AS, NOTHING = Text("read as", "léase"), Text("Nothing of the kind was heard.", "No se oyó nada de esto.")
SESSION = Text("Session", "Sesión")
SIGNS = re.compile(r"([\\`*_\[\]<>#|])")


def write_markdown(told: KeyPoints, lang: Lang) -> str:
    """The page. Signs that Markdown would obey are written so that they do not."""
    parts = [
        [f"# {_heading(told, lang)}", "", AS_SAID.text(lang)],
        _section(SUMMARY, _summary(told, lang), lang),
        _section(POINTS, _points(told, lang), lang),
        _section(TERMS, [f"- **{safe(one.name)}** · {_said(one.quote, lang)[2:]}" for one in told.terms], lang),
        _section(TOOLS, _names(told.tools), lang),
        _section(WORKS, [_said(quote, lang) for quote in told.works], lang),
        _section(QUESTIONS, [_said(quote, lang) for quote in told.questions], lang),
        _section(TASKS, [_said(quote, lang) for quote in told.tasks], lang),
        _section(PEOPLE, _names(told.people), lang),
    ]
    return "\n".join(line for lines in parts for line in lines) + "\n"


def safe(text: str) -> str:
    """A text of a source on one line, without signs that Markdown or a terminal would obey.

    >>> safe("a *b*\\n<c>")
    'a \\\\*b\\\\* \\\\<c\\\\>'
    """
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return SIGNS.sub(r"\\\1", flat)


def _heading(told: KeyPoints, lang: Lang) -> str:
    source = told.source
    session = f"{SESSION.text(lang)} {safe(source.session)}: " if source.session else ""
    return f"{session}{safe(source.title)}" + (f" ({safe(source.day)})" if source.day else "")


def _section(heading: Text, lines: Sequence[str], lang: Lang) -> list[str]:
    return ["", f"## {heading.text(lang)}", "", *(lines or [NOTHING.text(lang)])]


def _summary(told: KeyPoints, lang: Lang) -> list[str]:
    if told.written:
        by = fill(
            "*Written by {name} from the key points, each sentence checked against them.*",
            "*Escrito por {name} a partir de los puntos clave, cada frase verificada contra ellos.*",
            name=safe(told.written_by),
        )  # fmt: skip
        note = [f"*{safe(told.note.text(lang))}*"] if told.note else []
        lines = [f"- {safe(line.removeprefix('- '))}" for line in told.written.splitlines()]
        return [*lines, "", by.text(lang), *note]
    note = [f"*{safe(told.note.text(lang))}*", ""] if told.note else []
    return [*note, *(_part(one, lang) for one in told.parts)]


def _points(told: KeyPoints, lang: Lang) -> list[str]:
    """By number where a written summary cites them."""
    said = [_said(quote, lang) for quote in told.points]
    return [f"{n}. {line[2:]}" for n, line in enumerate(said, 1)] if told.written else said


def _part(one: PartTold, lang: Lang) -> str:
    terms = f"**{', '.join(map(safe, one.terms))}**: " if one.terms else ""
    return f"- {clock(one.start_s)}–{clock(one.end_s)} · {terms}{_words(one.quote, lang)}"


def _said(quote: Quote, lang: Lang) -> str:
    minute, place = clock(quote.start_s), link(quote)
    opened = f"[{minute}]({place})" if minute and place and not re.search(r"[\s()<>]", place) else minute
    return f"- {opened} · {_words(quote, lang)}" if minute else f"- {_words(quote, lang)}"


def _words(quote: Quote, lang: Lang) -> str:
    meant = f" — *{READ_AS.text(lang)}:* {safe(quote.repaired)}" if quote.repaired != quote.text else ""
    return f"«{safe(quote.text)}»{meant}"


def _names(names: Sequence[Named]) -> list[str]:
    return [f"- {safe(one.name)} ({one.count}, {clock(one.start_s)})" for one in names]
