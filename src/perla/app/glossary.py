"""``perla glossary``: mangled terms that are in doubt, and what a person says of them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, Group, with_options
from perla.errors import InputError, MissingExtraError, UnknownNameError, closest
from perla.words import Text, fill, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.knowledge.glossary import Glossary
    from perla.knowledge.index import Index
    from perla.knowledge.ledger import Ledger, Step

WORDS, TERM = Text("WORDS", "PALABRAS"), Text("TERM", "TÉRMINO")
HEARD_WORDS = Argument("original", WORDS)
OF_TERM = Argument("term", Text("[TERM]", "[TÉRMINO]"), required=False)
NEW_TERM = Argument("term", TERM)
COUNT = o.Option(
    "-n", "--shown", "count", value=o.NUMBER, type=o.WholeNumber(1, 1000), default=10,
    told=Text("How many to show.", "Cuántos mostrar."),
)  # fmt: skip
ASK = o.Option(
    "--ask", "asking", is_flag=True,
    told=Text("Go through them one by one: one key each, and every answer counts at once.",
              "Revisarlos uno por uno: una tecla para cada uno, y cada respuesta vale de inmediato."),
)  # fmt: skip
WHO = o.Option(
    "--who", value=Text("NAME", "NOMBRE"), default=None,
    told=Text("Who says so, for the record; otherwise the user of this machine.",
              "Quién lo dice, para el registro; si no, el usuario de esta máquina."),
)  # fmt: skip
ENGLISH = o.Option(
    "--en", "english", value=Text("NAME", "NOMBRE"), multiple=True,
    told=Text("Another English name of it. Repeat it for several.",
              "Otro nombre en inglés. Repítala para varios."),
)  # fmt: skip
SPANISH = o.Option(
    "--es", "spanish", value=Text("NAME", "NOMBRE"), multiple=True,
    told=Text("A Spanish name of it. Repeat it for several.", "Un nombre en español. Repítala para varios."),
)  # fmt: skip
HEARD = o.Option(
    "--heard", value=WORDS, multiple=True,
    told=Text("How transcripts write it. Repeat it for several.",
              "Cómo lo escriben las transcripciones. Repítala para varias."),
)  # fmt: skip
COMMON = (WHO, o.LANG, o.HOME, o.DEBUG)


@click.group(
    "glossary",
    cls=Group,
    invoke_without_command=True,
    brief=Text("Judge what transcripts made of terms.", "Revisar qué hicieron las transcripciones con los términos."),
    told=Text(
        "Terms that transcripts may have mangled (perla learn finds them by sound), those first that matter most: how "
        "often said, how unsure, how rare the term. Say which are right: from then on they are found and read so. "
        "Nothing is overwritten, everything can be undone.",
        "Términos que las transcripciones pudieron haber deformado (perla learn los encuentra por el sonido), primero "
        "los que más importan: qué tanto se dicen, qué tan dudosos son, qué tan raro es el término. Diga cuáles son "
        "correctos: desde entonces se encuentran y se leen así. Nada se sobrescribe, todo se puede deshacer.",
    ),
    examples=(
        same("perla glossary --ask"),
        same('perla glossary confirm "fase py" FastAPI'),
        same('perla glossary add Optuna --heard "la tuna"'),
    ),
)
@with_options(COUNT, ASK, o.PLAIN_JSON, *COMMON)
@click.pass_context
def glossary(context: click.Context, count: int, asking: bool, as_json: bool, who: str | None, **call: Any) -> None:
    if context.invoked_subcommand is not None:
        return
    if asking and as_json:
        raise InputError(
            "--ask asks a person and --json writes for a program; got both. Leave one out.",
            "--ask le pregunta a una persona y --json escribe para un programa; se dieron ambos. Quite uno.",
        )
    from perla.app import doubtful

    settings, index, ledger = _opened(call)
    if asking:
        doubtful.ask_all(index, ledger, _name_of(who), settings.lang)
    elif as_json:
        click.echo(doubtful.render(index, count), nl=False)
    else:
        doubtful.show(index, ledger, count, settings.lang)


@glossary.command(
    "confirm",
    cls=Command,
    brief=Text("Say that words are a term.", "Decir que unas palabras son un término."),
    told=Text(
        "Say that these words of the transcripts are that term, wherever they stand; without a term, the one that "
        "perla holds likeliest. It counts from the next question on.",
        "Decir que estas palabras de las transcripciones son ese término, dondequiera que estén; sin término, el que "
        "perla crea más probable. Vale desde la próxima pregunta.",
    ),
    examples=(same('perla glossary confirm "fase py" FastAPI'),),
)
@with_options(HEARD_WORDS, OF_TERM, *COMMON)
def confirm(original: str, term: str | None, who: str | None, **call: Any) -> None:
    settings, index, ledger = _opened(call)
    name = resolve(term, index.glossary) if term else _likeliest(original, index)
    _tell(ledger.confirm(original, name, _name_of(who)), _index(settings), settings)


@glossary.command(
    "reject",
    cls=Command,
    brief=Text("Say that words are not a term.", "Decir que unas palabras no son un término."),
    told=Text(
        "Say that these words are not that term; without a term, that they are none at all.",
        "Decir que estas palabras no son ese término; sin término, que no son ninguno.",
    ),
    examples=(same("perla glossary reject queda CUDA"),),
)
@with_options(HEARD_WORDS, OF_TERM, *COMMON)
def reject(original: str, term: str | None, who: str | None, **call: Any) -> None:
    settings, index, ledger = _opened(call)
    name = resolve(term, index.glossary) if term else ""
    _tell(ledger.reject(original, name, _name_of(who)), index, settings)


@glossary.command(
    "add",
    cls=Command,
    brief=Text("Add a term of your own, or how one is heard.", "Agregar un término propio, o cómo se oye uno."),
    told=Text(
        "Add a term with its names, and how transcripts write it. One that is there already is given the new ways it "
        "is heard. Terms that are new are also listened for by sound with the next perla learn.",
        "Agregar un término con sus nombres, y cómo lo escriben las transcripciones. A uno que ya está se le suman las "
        "nuevas formas en que se oye. Los términos nuevos también se buscan por el sonido con el próximo perla learn.",
    ),
    examples=(
        same('perla glossary add Optuna --heard "la tuna"'),
        same('perla glossary add "gradient clipping" --es "recorte de gradientes"'),
    ),
)
@with_options(NEW_TERM, ENGLISH, SPANISH, HEARD, *COMMON)
def add(
    term: str, english: tuple[str, ...], spanish: tuple[str, ...], heard: tuple[str, ...], who: str | None, **call: Any
) -> None:
    settings, index, ledger = _opened(call)
    known = _known(term, index.glossary)
    steps = []
    if english or spanish or not known:
        steps.append(ledger.add_term(known or term, english, spanish, _name_of(who)))
    steps += [ledger.confirm(words, known or steps[0].canonical, _name_of(who)) for words in heard]
    if not steps:
        raise InputError(
            f"The term {known} is there already; say what is new with --en, --es or --heard.",
            f"El término {known} ya está; diga qué es nuevo con --en, --es o --heard.",
        )
    index = _index(settings)
    for step in steps:
        _tell(step, index, settings)


@glossary.command(
    "undo",
    cls=Command,
    brief=Text("Take the last step back.", "Deshacer el último paso."),
    told=Text("Take the last step back; again, the one before.", "Deshacer el último paso; otra vez, el anterior."),
)
@with_options(*COMMON)
def undo(who: str | None, **call: Any) -> None:
    settings, ledger = _ledger(call)
    step = ledger.undo(_name_of(who))
    if step is None:
        told = Text("There is nothing to undo.", "No hay nada que deshacer.")
    else:
        told = fill("Undone: {step}", "Deshecho: {step}", step=described(step))
    click.echo(told.text(settings.lang))


@glossary.command(
    "history",
    cls=Command,
    brief=Text("Tell who said what, and when.", "Decir quién dijo qué, y cuándo."),
    told=Text("Every step ever taken, oldest first, also those taken back.",
              "Todos los pasos, del más antiguo al más nuevo, también los deshechos."),
)  # fmt: skip
@with_options(o.PLAIN_JSON, o.LANG, o.HOME, o.DEBUG)
def history(as_json: bool, **call: Any) -> None:
    import json
    from dataclasses import asdict

    settings, ledger = _ledger(call)
    steps = ledger.history()
    if as_json:
        click.echo(json.dumps({"history": [asdict(step) for step in steps]}, ensure_ascii=False, indent=2))
        return
    if not steps:
        click.echo(Text("Nothing was said yet.", "Todavía no se ha dicho nada.").text(settings.lang))
    for step in steps:
        click.echo(f"{step.number:>4}  {step.when}  {step.who}  {described(step).text(settings.lang)}")


def described(step: Step) -> Text:
    """A step in words."""
    from perla.knowledge.ledger import What

    facts = {"words": step.original, "term": step.canonical, "number": step.undoes}
    if step.what is What.CONFIRMED:
        return fill("«{words}» is {term}", "«{words}» es {term}", **facts)
    if step.what is What.REJECTED and step.canonical:
        return fill("«{words}» is not {term}", "«{words}» no es {term}", **facts)
    if step.what is What.REJECTED:
        return fill("«{words}» is no term", "«{words}» no es ningún término", **facts)
    if step.what is What.TERM:
        return fill("{term} is a term", "{term} es un término", **facts)
    return fill("step {number} undone", "paso {number} deshecho", **facts)


def resolve(name: str, known: Glossary) -> str:
    """The term of a name, in any language or letter case. Raises UnknownNameError, with the closest name."""
    found = _known(name, known)
    if found:
        return found
    near = closest(name[:100], [n for term in known.terms for n in term.names])
    hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else Text("", "")
    raise UnknownNameError(
        f"The glossary must hold the term, and it has none called {name[:60]!r}.{hint.en} Add it with: "
        "perla glossary add TERM",
        f"El término debe estar en el glosario, y no hay ninguno llamado {name[:60]!r}.{hint.es} Agréguelo con: perla "
        "glossary add TÉRMINO",
    )


def _known(name: str, known: Glossary) -> str:
    folded = name.strip().casefold()
    own = next((term.name for term in known.terms if term.name.casefold() == folded), "")
    return own or next((t.name for t in known.terms if any(n.casefold() == folded for n in t.names)), "")


def _likeliest(original: str, index: Index) -> str:
    from perla.knowledge.words import words_of

    words = " ".join(words_of(original[:1000]))
    found = max((f for f in index.findings if f.original == words), key=lambda f: f.score, default=None)
    if found is None:
        raise InputError(
            f"perla holds {original[:60]!r} for no term, so say which it is: perla glossary confirm WORDS TERM",
            f"perla no cree que {original[:60]!r} sea un término; diga cuál es: perla glossary confirm PALABRAS "
            "TÉRMINO",
        )
    return found.canonical


def _tell(step: Step, index: Index, settings: Settings) -> None:
    """What was noted, and how often the words stand in what was learned."""
    from perla.knowledge.ledger import What

    click.echo(fill("Noted: {step}.", "Anotado: {step}.", step=described(step)).text(settings.lang))
    if step.what is not What.CONFIRMED:
        return
    count = sum(len(f.places) for f in index.findings if f.original == step.original and f.confirmed_by)
    if count:
        told = fill("It stands in {n} place(s), and is found from now on.",
                    "Está en {n} lugar(es), y se encuentra desde ahora.", n=count)  # fmt: skip
    else:
        told = Text("Nothing learned holds these words yet.", "Nada de lo aprendido tiene esas palabras todavía.")
    click.echo(told.text(settings.lang))


def _name_of(who: str | None) -> str:
    if who is not None:
        return who
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _opened(call: dict[str, Any]) -> tuple[Settings, Index, Ledger]:
    settings, ledger = _ledger(call)
    return settings, _index(settings), ledger


def _ledger(call: dict[str, Any]) -> tuple[Settings, Ledger]:
    from importlib.util import find_spec

    from perla.app.cli import _settings

    if find_spec("Stemmer") is None or find_spec("rapidfuzz") is None:
        raise MissingExtraError(
            "The glossary needs a few more packages. Install them with: pip install 'perla[knowledge]'",
            "El glosario necesita otros paquetes. Instálelos con: pip install 'perla[knowledge]'",
        )
    from perla.knowledge.ledger import Ledger

    settings = _settings({**_from_group(), **{name: value for name, value in call.items() if value is not None}})
    return settings, Ledger(settings.home)


def _from_group() -> dict[str, Any]:
    """What was said before the command's own name: perla glossary --home FOLDER undo."""
    parent = click.get_current_context().parent
    home = parent.params.get("home") if parent is not None and parent.params else None
    return {"home": home} if home is not None else {}


def _index(settings: Settings) -> Index:
    from perla.knowledge.library import Library

    return Library(settings.home).open()
