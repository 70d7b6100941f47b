"""A drift in the terminal: the verdict, the estimates, and every column that shifted; fits 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from perla.bargains.drift import ColumnDrift, Drift, DriftState
from perla.reports.scorecard_rows import plain, share
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, same

STYLES = {
    DriftState.STEADY: "green", DriftState.WATCH: "yellow", DriftState.DRIFTED: "bold red", DriftState.TOO_FEW: "dim",
}  # fmt: skip
COLUMN, STATE = Text("Column", "Columna"), Text("State", "Estado")
SHIFT, WEIGHT = Text("PSI", "PSI"), Text("Moves price", "Mueve precio")
UNKNOWN = Text("New words", "Palabras nuevas")
MEASURE, HERE, USUAL = Text("Estimates", "Estimaciones"), Text("Here", "Aquí"), Text("While learning", "Al aprender")
HOW = Text(
    "PSI: how far a column's values have shifted, luck taken off; from 0.10 watch, from 0.25 drifted, where luck "
    "cannot explain it. Each listing is estimated by models that never saw it.",
    "PSI: cuánto se corrieron los valores de una columna, descontado el azar; desde 0,10 atención, desde 0,25 "
    "cambió, si el azar no lo explica. Cada anuncio lo estiman modelos que nunca lo vieron.",
)
LONGEST_NAME = 26


def show_drift(drift: Drift, console: Console, lang: Lang) -> None:
    """Print whether the listings still are such as the model learned from."""
    console.print(Prose(one_line(drift.told.text(lang), 300), STYLES[drift.verdict]))
    for reason in drift.reasons:
        console.print(Prose(one_line((same("· ") + reason).text(lang), 300), STYLES[drift.verdict], "  "))
    console.print()
    console.print(_estimates(drift, lang))
    console.print()
    console.print(_columns(drift, lang))
    console.print()
    known = fill(
        "{source}: {n} listings, {known} of them among the {learned} the model learned from.",
        "{source}: {n} anuncios, {known} de ellos entre los {learned} de los que aprendió el modelo.",
        source=drift.source, n=number(drift.listings), known=number(drift.known), learned=number(drift.learned),
    )  # fmt: skip
    for line in (known, HOW):
        console.print(Prose(one_line(line.text(lang), 400), "dim"))


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")


def _estimates(drift: Drift, lang: Lang) -> Table:
    table = _table()
    table.add_column(MEASURE.text(lang), no_wrap=True)
    for name in (HERE, USUAL):
        table.add_column(name.text(lang), justify="right", no_wrap=True)
    level = Text("Median ratio to asking price", "Razón mediana al precio pedido")
    inside, error = Text("Inside the 90 % interval", "En el intervalo del 90 %"), Text("Typical error", "Error típico")
    rows = (
        (level, _ratio(drift.median_ratio), plain(1.0)),
        (inside, _share(drift.coverage), share(drift.coverage_usual)),
        (error, _share(drift.error), share(drift.error_usual)),
    )
    for name, here, usual in rows:
        table.add_row(name.text(lang), here.text(lang), usual.text(lang))
    return table


def _ratio(value: float | None) -> Text:
    return same("-") if value is None else plain(value)


def _share(value: float | None) -> Text:
    return same("-") if value is None else share(value)


def _columns(drift: Drift, lang: Lang) -> Table:
    table = _table()
    table.add_column(COLUMN.text(lang), no_wrap=True, max_width=LONGEST_NAME, overflow="ellipsis")
    table.add_column(STATE.text(lang), no_wrap=True)
    for name in (SHIFT, WEIGHT, UNKNOWN):
        table.add_column(name.text(lang), justify="right")
    for column in (drift.price, *drift.columns):
        table.add_row(*_cells(column, column is drift.price, lang))
    return table


def _cells(column: ColumnDrift, is_price: bool, lang: Lang) -> list[Line]:
    weight = same("") if is_price else share(column.weight)
    unknown = same("") if column.unknown is None else share(column.unknown)
    style = STYLES[column.state]
    return [
        Line(one_line(column.title.text(lang), LONGEST_NAME)),
        Line(column.state.label.text(lang), style=style),
        Line(plain(column.psi).text(lang), style=style),
        Line(weight.text(lang), style="dim"),
        Line(unknown.text(lang), style="dim"),
    ]
