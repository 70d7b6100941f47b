"""``perla models``: what is in service and what was, one of them, two side by side, and whether all are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, Group, with_options
from perla.app.mistakes import REFUSED
from perla.errors import PerlaError, ShelfError
from perla.words import Text, fill, same

if TYPE_CHECKING:
    from perla.app.release_tables import Listed
    from perla.release.deployments import Deployments

ONE_MARKET = o.Option(
    "--market", value=Text("MARKET", "MERCADO"), default=None,
    told=Text("Of which market; needed only where several have models.",
              "De cuál mercado; solo hace falta si varios tienen modelos."),
)  # fmt: skip
RELEASE = Argument("release", Text("[RELEASE]", "[VERSIÓN]"), required=False)
FIRST = Argument("first", Text("RELEASE", "VERSIÓN"))
SECOND = Argument("second", Text("RELEASE", "VERSIÓN"))


@click.group(
    "models",
    cls=Group,
    invoke_without_command=True,
    brief=Text("List the models in service and those before.", "Listar los modelos en servicio y los anteriores."),
    told=Text(
        "List the models of every market: since when, whether it is in service, how good it was judged. A release is "
        "named by its number.",
        "Listar los modelos de cada mercado: desde cuándo, si está en servicio, qué tan bueno se juzgó. Una versión se "
        "nombra por su número.",
    ),
    examples=(same("perla models"), same("perla models compare 6 7"), same("perla models verify")),
)
@with_options(o.LANG, o.HOME, o.DEBUG)
@click.pass_context
def models(ctx: click.Context, home: str | None) -> None:
    if ctx.invoked_subcommand is None:
        _list(home)


@models.command(
    "list",
    cls=Command,
    brief=Text("List the models of every market.", "Listar los modelos de cada mercado."),
    told=Text("List the models of every market, or of one.", "Listar los modelos de cada mercado, o de uno."),
    examples=(same("perla models list --market homes-medellin"),),
)
@with_options(ONE_MARKET, o.LANG, o.HOME, o.DEBUG)
def list_models(market: str | None, home: str | None) -> None:
    _list(home, market)


@models.command(
    "show",
    cls=Command,
    brief=Text("Show the record of a model.", "Mostrar el registro de un modelo."),
    told=Text(
        "Show what a model was made of, how good it is and what the gate said; without a number, the one in service.",
        "Mostrar de qué se hizo un modelo, qué tan bueno es y qué dijo el control; sin número, el que está en "
        "servicio.",
    ),
    examples=(same("perla models show 7"),),
)
@with_options(RELEASE, ONE_MARKET, o.LANG, o.HOME, o.DEBUG)
def show(release: str | None, market: str | None, home: str | None) -> None:
    from perla.app.release_tables import show_record
    from perla.app.show import make_console

    settings = _read(home)
    deployments = _only(market, settings.home)
    serving = deployments.in_service()
    found = serving if serving is not None and not release else deployments.one(release or "")
    show_record(_listed(deployments, found.release), make_console(), settings.lang)


@models.command(
    "compare",
    cls=Command,
    brief=Text("Lay two models side by side.", "Poner dos modelos lado a lado."),
    told=Text("Lay the records of two models side by side.", "Poner lado a lado los registros de dos modelos."),
    examples=(same("perla models compare 6 7"),),
)
@with_options(FIRST, SECOND, ONE_MARKET, o.LANG, o.HOME, o.DEBUG)
def compare(first: str, second: str, market: str | None, home: str | None) -> None:
    from perla.app.release_tables import show_comparison
    from perla.app.show import make_console
    from perla.release.records import changed_lines, compare_records, record_from_state

    settings = _read(home)
    deployments = _only(market, settings.home)
    found = deployments.one(first), deployments.one(second)
    one, other = (record_from_state(d.record) for d in found)
    names = found[0].release, found[1].release
    lines = changed_lines(one, other)
    show_comparison(names, compare_records(one, other), lines, make_console(), settings.lang)


@models.command(
    "verify",
    cls=Command,
    brief=Text("Check that every file is what was put there.", "Revisar que cada archivo sea el que se puso."),
    told=Text(
        "Read every file of every model, or of one, and compare it with its recorded size and checksum; damaged ones "
        "are named.",
        "Leer cada archivo de cada modelo, o de uno, y compararlo con el tamaño y la suma registrados; los dañados se "
        "nombran.",
    ),
    examples=(same("perla models verify"), same("perla models verify 7")),
)
@with_options(RELEASE, ONE_MARKET, o.LANG, o.HOME, o.DEBUG)
def verify(release: str | None, market: str | None, home: str | None) -> None:
    from perla.app.cli import _say

    settings = _read(home)
    checked = {"": _only(market, settings.home)} if release else _markets(market, settings.home)
    lines, count = [], 0
    for deployments in checked.values():
        faults = deployments.verify(release)
        count += 1 if release else len(_names(deployments))
        lines += [_fault(f.release, f.told) for f in faults]
    _say([*lines, _verified(count, len(lines))], settings.lang)
    if lines:
        click.get_current_context().exit(REFUSED)


def _read(home: str | None) -> Any:
    from perla.app.cli import _settings

    return _settings({"home": home or _home_of_group()})


def _home_of_group() -> str | None:
    """``perla models --home H verify`` means the same as ``perla models verify --home H``."""
    parent = click.get_current_context().parent
    return parent.params.get("home") if parent is not None else None


def _list(home: str | None, market: str | None = None) -> None:
    from perla.app.cli import _say
    from perla.app.release_tables import show_releases
    from perla.app.show import make_console

    settings = _read(home)
    found: dict[str, list[Listed]] = {}
    problems: list[Text] = []
    for name, deployments in _markets(market, settings.home).items():
        try:
            found[name] = [_listed(deployments, d.release) for d in deployments.all()]
        except PerlaError as problem:
            problems.append(problem.message)
    if found or not problems:
        show_releases(found, make_console(), settings.lang)
    _say(problems, settings.lang)
    if problems:
        click.get_current_context().exit(REFUSED)


def _markets(market: str | None, home: Any) -> dict[str, Deployments]:
    from perla.app.deploy import deployments_of
    from perla.release.deployments import deployed_markets

    return dict([deployments_of(market, home)]) if market else deployed_markets(home)


def _only(market: str | None, home: Any) -> Deployments:
    """The market that is named, or the only one there is."""
    found = _markets(market, home)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise ShelfError(
            "No model was ever put in service. Put one in service: perla deploy MODEL",
            "Nunca se puso un modelo en servicio. Ponga uno: perla deploy MODELO",
        )
    raise ShelfError(
        f"Several markets have models, so --market must say which: {', '.join(found)}.",
        f"Varios mercados tienen modelos, así que --market debe decir cuál: {', '.join(found)}.",
    )


def _names(deployments: Deployments) -> list[str]:
    try:
        return [d.release for d in deployments.all()]
    except PerlaError:
        return []


def _listed(deployments: Deployments, release: str) -> Listed:
    """A release; only whether its record can be read is looked at, ``verify`` reads everything."""
    from perla.app.release_tables import Listed

    serving = deployments.in_service()
    found = deployments.one(release)
    return Listed(found, serving is not None and serving.release == found.release, not found.record)


def _fault(release: str, told: Text) -> Text:
    return fill("{release}: {told}", "{release}: {told}", release=release or "-", told=told)


def _verified(releases: int, faults: int) -> Text:
    if faults:
        return fill(
            "{faults} damaged, in {releases} releases. Deploy such a model again, or go back: perla rollback",
            "{faults} dañados, en {releases} versiones. Despliegue de nuevo ese modelo, o vuelva atrás: perla rollback",
            faults=faults, releases=releases,
        )  # fmt: skip
    return fill("{releases} checked: every file is what was put there.",
                "{releases} revisadas: cada archivo es el que se puso.", releases=releases)  # fmt: skip
