"""``perla evaluate MODEL LISTINGS``: how good a saved model's estimates are, on listings it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.words import Text

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.bargains.evaluation import Evaluation

MODEL = Argument("model", Text("MODEL", "MODELO"), type=o.PATH)
SCORECARD = o.Option(
    "-o", "--output", value=o.FILE, multiple=True, type=o.PATH,
    told=Text("A scorecard to write: .html or .json. Repeat it for both.",
              "Un boletín por escribir: .html o .json. Repítala para ambos."),
)  # fmt: skip


@click.command(
    "evaluate",
    cls=Command,
    brief=Text("Score a saved model's estimates.", "Calificar las estimaciones de un modelo."),
    told=Text(
        "Score a saved model's estimates on listings it never saw, beside two baselines: typical error, ratio study "
        "(COD, PRD, PRB), interval coverage; overall, by fifth of price, segment, region and time.",
        "Calificar las estimaciones de un modelo guardado en anuncios que nunca vio, junto a dos modelos base: error "
        "típico, estudio de razones (COD, PRD, PRB), cobertura del intervalo; en total y por quinto de precio, "
        "segmento, región y tiempo.",
    ),
    examples=(
        Text("perla evaluate model new.csv -o scorecard.html", "perla evaluate modelo nuevos.csv -o boletin.html"),
    ),
)
@with_options(MODEL, o.LISTINGS, SCORECARD, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def evaluate(model: Path, listings: tuple[Path, ...], output: tuple[Path, ...], quiet: bool, **call: Any) -> None:
    from perla.app.cli import _keep_inputs, _say, _settings, _today, _written
    from perla.app.show import at_work, make_console
    from perla.reports.scorecard_files import check_scorecards, write_scorecards
    from perla.reports.scorecard_terminal import show_evaluation

    settings = _settings(call)
    check_scorecards(output)
    _keep_inputs(output, listings)
    with at_work(settings.lang, quiet) as tell:
        evaluation, notes = evaluate_model(model, listings, settings, tell)
        write_scorecards(evaluation, output, settings.lang, _today())
    show_evaluation(evaluation, make_console(), settings.lang)
    _say([*notes, *_written(output)], settings.lang)


def evaluate_model(
    model: Path, listings: tuple[Path, ...], settings: Settings, tell: Progress
) -> tuple[Evaluation, tuple[Text, ...]]:
    """A saved model and files to a scorecard, and what the reader should know."""
    from perla.app.road import Search, make_ready
    from perla.app.settings import limit_threads
    from perla.bargains.evaluation import evaluate as judge

    with limit_threads(settings.threads):
        ready = make_ready(Search(listings, model=model), settings, tell)
        assert ready.finder is not None
        return judge(ready.finder, ready.listings, tell), ready.notes
