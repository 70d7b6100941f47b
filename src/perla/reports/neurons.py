"""The neurons of a sparse autoencoder as a terminal table, CSV, JSON and a picture, from their patterns alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console, Group
from rich.table import Table

from perla.bargains.patterns import Example, Pattern, Patterns, Tried
from perla.errors import FileError
from perla.reports.json_record import plain
from perla.reports.neurons_picture import render_png, render_svg, short_reading
from perla.reports.terminal import Prose
from perla.reports.untrusted import guard, one_line
from perla.reports.writing import check_writable, write_whole
from perla.words import Lang, Text, fill, join, number, percent, same

EXAMPLES_SHOWN = 3
WIDE = 110


def render_csv(patterns: Patterns, lang: Lang) -> bytes:
    """One row per neuron: what lights it up, what it does to the price, and the signed strength of every column."""
    rows = []
    for p in patterns.patterns:
        row: dict[str, object] = {
            "neuron": p.number, "dead": p.dead, "firing": round(p.firing, 4), "listings": p.listings_lit,
            "reading": p.reading.text(lang), "price_push": round(p.price_push, 4),
            "brightest": " ".join(e.listing_id for e in p.examples),
        }  # fmt: skip
        known = {c.column: signed(c.strength, c.way) for c in p.clues}
        row |= {f"column: {name}": round(known[name], 4) for name, _ in patterns.columns}
        rows.append(row)
    table = pd.DataFrame(rows)
    table = table.set_axis([str(guard(name)) for name in table.columns], axis=1)
    for name in ("reading", "brightest"):
        table[name] = table[name].map(guard).astype(object)
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8", errors="replace")


def render_json(patterns: Patterns, lang: Lang) -> bytes:
    """Everything, for other programs; a column without a direction has null as its way."""
    record = {
        "market": patterns.market.name, "explained": patterns.explained, "judged_on": patterns.judged_on,
        "dead": patterns.dead, "tuned": patterns.tuned, "recipe": patterns.recipe.state(),
        "chosen": plain(patterns.chosen, lang), "tried": plain(patterns.tried, lang),
        "columns": [{"name": name, "title": title.text(lang)} for name, title in patterns.columns],
        "neurons": plain(patterns.patterns, lang), "notes": plain(patterns.notes, lang),
    }  # fmt: skip
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", errors="replace")


RENDERS: dict[str, Callable[[Patterns, Lang], bytes]] = {
    ".png": render_png,
    ".svg": render_svg,
    ".csv": render_csv,
    ".json": render_json,
}


def signed(strength: float, way: float) -> float:
    """The strength with the sign of the way; without a direction it stays positive."""
    return strength if math.isnan(way) or way >= 0 else -strength


def check_neuron_reports(paths: Sequence[Path]) -> None:
    """Raise FileError now for what could not be written later: an unknown ending, a folder that is not there."""
    for path in paths:
        if path.suffix.lower() not in RENDERS:
            known = " ".join(RENDERS)
            raise FileError(
                f"The ending of the output {path} must be one of {known}, but it is {path.suffix or 'missing'}. "
                "Rename it.",
                f"La terminación de la salida {path} debe ser una de {known}, pero es {path.suffix or 'ninguna'}. "
                "Cámbiela.",
            )
        check_writable(path)


def write_neuron_reports(patterns: Patterns, paths: Sequence[Path], lang: Lang) -> None:
    """Write one report per path, all made before the first file is touched."""
    targets = list(dict.fromkeys(paths))
    contents = [RENDERS[path.suffix.lower()](patterns, lang) for path in targets]
    for path, content in zip(targets, contents, strict=True):
        write_whole(path, content)


def show_neurons(patterns: Patterns, console: Console, lang: Lang) -> None:
    """Print how good the network is, then a row per living neuron, then the dead ones and how to read it."""
    for line in _heading(patterns):
        console.print(_prose(line, lang, "bold"))
    console.print()
    console.print(_table(patterns, console.width, lang))
    console.print()
    for line in _closing(patterns):
        console.print(_prose(line, lang, "dim"))
    for note in patterns.notes:
        console.print(_prose(same("· ") + note, lang, "yellow"))


def _heading(patterns: Patterns) -> list[Text]:
    alive = len(patterns.patterns) - patterns.dead
    said = fill(
        "{market}: {alive} of {all} neurons answer to the listings, explained over {count} of them.",
        "{market}: {alive} de {all} neuronas responden a los anuncios, explicadas con {count} de ellos.",
        market=patterns.market.label, alive=number(alive), all=number(len(patterns.patterns)),
        count=number(patterns.explained, currency=patterns.market.currency),
    )  # fmt: skip
    if not patterns.dead:
        return [said]
    dead = fill(
        "{count} never light up and are left out of the table.",
        "{count} nunca se encienden y no aparecen en la tabla.",
        count=number(patterns.dead),
    )
    return [said, dead]


def _table(patterns: Patterns, width: int, lang: Lang) -> Table:
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), header_style="bold", expand=wide)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(Text("On in", "Activa en").text(lang), justify="right", no_wrap=True)
    table.add_column(Text("What lights it up", "Qué la enciende").text(lang), ratio=3 if wide else None)
    if wide:
        table.add_column(Text("Price", "Precio").text(lang), ratio=1)
        table.add_column(Text("Brightest listings", "Anuncios que más la encienden").text(lang), ratio=2)
    for pattern in patterns.patterns:
        if not pattern.dead:
            table.add_row(*_cells(pattern, patterns, wide, lang))
    return table


def _cells(pattern: Pattern, patterns: Patterns, wide: bool, lang: Lang) -> list[str | Prose | Group]:
    style = "green" if pattern.price_push > 0.02 else "red" if pattern.price_push < -0.02 else "dim"
    firing = percent(pattern.firing).text(lang)
    reading = _prose(short_reading(pattern), lang)
    price = _prose(pattern.price_words, lang, style)
    shown = pattern.examples[: EXAMPLES_SHOWN if wide else 1]
    examples = [Prose(one_line(_example(e, wide).text(lang), 200), "dim", "  ") for e in shown]
    if wide:
        return [str(pattern.number), firing, reading, price, Group(*examples)]
    return [str(pattern.number), firing, Group(reading, price, *examples)]


def _example(example: Example, wide: bool) -> Text:
    start = same("") if wide else Text("brightest: ", "la que más: ")
    return start + fill(
        "{id}: {told}, asks {asking}", "{id}: {told}, pide {asking}",
        id=example.listing_id, told=example.told, asking=example.asking,
    )  # fmt: skip


def _closing(patterns: Patterns) -> list[Text]:
    chosen = _tried(patterns.chosen, patterns.market.currency)
    lines = [
        fill(
            "The network is never shown the price. On {count} listings it had not seen, it rebuilt it with {told}.",
            "La red nunca ve el precio. En {count} anuncios que no había visto lo reconstruyó con {told}.",
            count=number(patterns.judged_on, currency=patterns.market.currency), told=chosen,
        ),
        Text(
            "The neurons that move the rebuilt price most come first.",
            "Primero van las neuronas que más mueven el precio reconstruido.",
        ),
        Text(
            "Strength of a column: how much of the neuron's changes goes through it, measured by shuffling the column; "
            "its sign: the correlation.",
            "Fuerza de una columna: cuánto de los cambios de la neurona pasa por ella, medido barajando la columna; "
            "su signo: la correlación.",
        ),
    ]  # fmt: skip
    if patterns.tuned:
        tuned = fill(
            "Tuned: learning rate {rate}, beta {beta}, rho {rho}.",
            "Ajustada: tasa de aprendizaje {rate}, beta {beta}, rho {rho}.",
            rate=number(patterns.recipe.learning_rate, 5), beta=number(patterns.recipe.beta, 5),
            rho=number(patterns.recipe.rho, 3),
        )  # fmt: skip
        return [*lines, tuned]
    tried = [
        fill(
            "beta {beta}: {told}",
            "beta {beta}: {told}",
            beta=number(t.beta, 4),
            told=_tried(t, patterns.market.currency),
        )
        for t in patterns.tried
    ]
    chose = fill("Chosen: beta {beta} (", "Elegida: beta {beta} (", beta=number(patterns.chosen.beta, 4))
    return [*lines, chose + join(tried) + same(").")]


def _tried(tried: Tried, currency: str) -> Text:
    return fill(
        "a median error of {error} % and {spread} of its spread",
        "un error mediano de {error} % y {spread} de su dispersión",
        error=number(100 * tried.mdape, 1, currency), spread=percent(tried.spread),
    )  # fmt: skip


def _prose(text: Text, lang: Lang, style: str = "") -> Prose:
    return Prose(one_line(text.text(lang), 600), style)
