"""``perla deploy MODEL`` and ``perla rollback``: a model comes into service, or goes back to the one before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.app.mistakes import REFUSED
from perla.errors import InputError, MarketFileError, PerlaError
from perla.words import Text, fill

if TYPE_CHECKING:
    from perla.app.judging import Judgement
    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.bargains.finder import Finder
    from perla.listings import Market
    from perla.release.deployments import Deployed, Deployments

MODEL = Argument("model", Text("MODEL", "MODELO"), type=o.PATH)
DEPLOY_MARKET = o.Option(
    "--market", value=o.NAME, default=None,
    told=Text("Whose floors are asked: a market file, or the name of one; otherwise the model's own.",
              "De cuál mercado son los mínimos: un archivo de mercado, o el nombre de uno; si no, los del modelo."),
)  # fmt: skip
WHICH_MARKET = o.Option(
    "--market",
    value=Text("MARKET", "MERCADO"),
    required=True,
    told=Text("Which market (see: perla models).", "Cuál mercado (vea: perla models)."),
)
HELD_OUT = o.Option(
    "--held-out", value=Text("LISTINGS", "ANUNCIOS"), multiple=True, type=o.PATH,
    told=Text("Judge on these listings, best the newest, which were not learned from; otherwise on those it learned "
              "from, each by models that never saw it. Repeat it for several files.",
              "Juzgar con estos anuncios, mejor los más nuevos, de los que no se aprendió; si no, con los aprendidos, "
              "cada uno por modelos que no lo vieron. Repítala para varios archivos."),
)  # fmt: skip
FORCE = o.Option(
    "--force", is_flag=True,
    told=Text("Put it in service although the gate refuses; needs --reason, and is recorded.",
              "Ponerlo en servicio aunque el control lo rechace; exige --reason, y queda registrado."),
)  # fmt: skip
REASON = o.Option(
    "--reason",
    value=o.TEXT,
    default="",
    told=Text("Why, in your words; it is kept.", "Por qué, en sus palabras; se guarda."),
)
LONGEST_REASON = 500
LOADING = Text("loading the model", "cargando el modelo")
PUTTING = Text("putting it in service", "poniéndolo en servicio")


@dataclass(frozen=True)
class Outcome:
    """What a deploy came to. deployed : None where the gate refused."""

    market: Market
    judgement: Judgement
    deployed: Deployed | None
    forced: bool
    notes: tuple[Text, ...]


@click.command(
    "deploy",
    cls=Command,
    brief=Text("Put a model in service if it is better.", "Poner un modelo en servicio si es mejor."),
    told=Text(
        "Put a saved model in service for its market, if it reaches the floors of the market file and is better than "
        "the one in service. A refusal says why, and changes nothing.",
        "Poner un modelo guardado en servicio para su mercado, si alcanza los mínimos del archivo de mercado y es "
        "mejor que el que está en servicio. Un rechazo dice por qué, y no cambia nada.",
    ),
    examples=(
        Text("perla deploy model --held-out newest.csv", "perla deploy modelo --held-out nuevos.csv"),
        Text('perla deploy model --force --reason "the first of this market"',
             'perla deploy modelo --force --reason "el primero de este mercado"'),
    ),
)  # fmt: skip
@with_options(MODEL, DEPLOY_MARKET, HELD_OUT, FORCE, REASON, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def deploy(
    model: Path, market: str | None, held_out: tuple[Path, ...], force: bool, reason: str, quiet: bool, **call: Any
) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.release_tables import show_judgement
    from perla.app.show import at_work, make_console

    settings = _settings(call)
    reason = check_reason(force, reason)
    with at_work(settings.lang, quiet) as tell:
        done = deploy_model(model, market, held_out, force, reason, settings, tell)
    show_judgement(done.judgement, done.market, make_console(), settings.lang)
    if done.deployed is None:
        _say([*done.notes, _how_to_force(model, market)], settings.lang)
        click.get_current_context().exit(REFUSED)
    _say([*done.notes, _in_service(done.deployed, done.market.name, done.forced)], settings.lang)
    _score(done.market.name, settings, quiet)


@click.command(
    "rollback",
    cls=Command,
    brief=Text("Put the model before back in service.", "Volver a poner en servicio el modelo anterior."),
    told=Text(
        "Put the model that was in service before back in service; one that is damaged is passed over for the next "
        "older one, and that is said.",
        "Volver a poner en servicio el modelo anterior; si está dañado se usa el anterior a él, y se dice.",
    ),
    examples=(Text('perla rollback --market homes-medellin --reason "estimates too high"',
                   'perla rollback --market homes-medellin --reason "estima muy alto"'),),
)  # fmt: skip
@with_options(WHICH_MARKET, REASON, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def rollback(market: str, reason: str, quiet: bool, **call: Any) -> None:
    from perla.app.cli import _say, _settings

    settings = _settings(call)
    name, deployments = deployments_of(market, settings.home)
    back = deployments.rollback(check_reason(False, reason))
    told = fill(
        "Back in service for {market}: release {release}.", "De nuevo en servicio para {market}: la versión {release}.",
        market=name, release=back.release,
    )  # fmt: skip
    _say([*back.notes, told], settings.lang)
    _score(name, settings, quiet)


def deploy_model(
    folder: Path,
    market: str | None,
    held_out: tuple[Path, ...],
    force: bool,
    reason: str,
    settings: Settings,
    tell: Progress,
) -> Outcome:
    """Judge a saved model and, if the gate lets it or is forced, put it in service. Raises PerlaError."""
    from datetime import UTC, datetime

    from perla.app.judging import describe_finder, judge_model
    from perla.app.saved import load_finder
    from perla.app.settings import limit_threads
    from perla.release.deployments import Deployments
    from perla.release.places import market_folder

    with limit_threads(settings.threads):
        tell(LOADING, 0.0)
        finder = load_finder(folder, settings.threads)
        asked = _market_asked(finder, folder, market, settings.home)
        deployments = Deployments(market_folder(settings.home, asked.name))
        listings, notes = _read_held_out(held_out, finder, folder)
        old, damaged = _old_finder(deployments, settings.threads)
        judgement = judge_model(finder, old, asked.floors, listings, finder.seed, tell)
        notes = (*notes, *damaged, *judgement.notes)
        forced = not judgement.decision.passed
        if forced and not force:
            return Outcome(asked, judgement, None, False, notes)
        tell(PUTTING, 0.9)
        made_on = datetime.now(UTC).isoformat(timespec="seconds")
        record = describe_finder(finder, judgement, made_on).state()
        deployed = deployments.deploy(folder, {**record, "forced": forced, "reason": reason}, reason)
        return Outcome(asked, judgement, deployed, forced, (*notes, *deployed.notes))


def check_reason(force: bool, reason: str) -> str:
    """The reason as it is kept, on one line. Raises InputError for a forced deploy without one."""
    reason = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
    if force and not reason:
        raise InputError(
            'A forced deploy needs a reason, which is kept with the model. Add it: --force --reason "..."',
            'Un despliegue forzado exige una razón, que se guarda con el modelo. Agréguela: --force --reason "..."',
        )
    if len(reason) > LONGEST_REASON:
        raise InputError(
            f"A reason has at most {LONGEST_REASON} letters; this one has {len(reason)}. Say it shorter.",
            f"Una razón tiene máximo {LONGEST_REASON} letras; esta tiene {len(reason)}. Dígala más corta.",
        )
    return reason


def deployments_of(market: str, home: Path) -> tuple[str, Deployments]:
    """A market that has releases, by its name or its market file. Raises UnknownNameError with the closest."""
    from perla.app.markets import named_market
    from perla.errors import UnknownNameError, closest
    from perla.release.deployments import deployed_markets

    known = deployed_markets(home)
    name = market if market in known or not market.endswith(".toml") else named_market(market, home).name
    if name in known:
        return name, known[name]
    near = closest(name, list(known))
    raise UnknownNameError(
        f"No model was ever put in service for the market {name!r}. "
        + (f"Did you mean {near!r}?" if near else f"There are: {', '.join(known) or 'none'}."),
        f"Nunca se puso en servicio un modelo del mercado {name!r}. "
        + (f"¿Quiso decir {near!r}?" if near else f"Hay: {', '.join(known) or 'ninguno'}."),
    )


def _market_asked(finder: Finder, folder: Path, market: str | None, home: Path) -> Market:
    """Whose floors are asked: the market file as it stands today, else the one the model was made with."""
    from perla.app.markets import named_market

    own = finder.market
    try:
        asked = named_market(market or own.name, home)
    except MarketFileError:
        if market not in (None, own.name):
            raise
        asked = own
    if asked.name != own.name:
        raise InputError(
            f"The model {folder} is of the market {own.name!r}, not of {asked.name!r}. Name that one, or leave "
            "--market out.",
            f"El modelo {folder} es del mercado {own.name!r}, no de {asked.name!r}. Indique ese, o quite --market.",
        )
    return asked


def _read_held_out(paths: tuple[Path, ...], finder: Finder, folder: Path) -> tuple[Any, tuple[Text, ...]]:
    from perla.app.road import check_new
    from perla.sources import read_tables

    if not paths:
        return None, ()
    table = read_tables(paths)
    listings, missing = check_new(table, finder.market, Text(f"the model {folder}", f"el modelo {folder}"))
    return listings, (*table.notes, *missing)


def _old_finder(deployments: Deployments, threads: int) -> tuple[Finder | None, tuple[Text, ...]]:
    """The model in service, or why there is none to compare with."""
    from perla.app.saved import load_finder

    serving = deployments.in_service()
    if serving is None:
        return None, ()
    try:
        return load_finder(serving.model, threads), ()
    except PerlaError as problem:
        told = fill(
            "The model in service ({release}) cannot be compared with, so only the floors were judged: {why}",
            "No se puede comparar con el modelo en servicio ({release}), así que solo se juzgaron los mínimos: {why}",
            release=serving.release, why=problem.message,
        )  # fmt: skip
        return None, (told,)


def _how_to_force(model: Path, market: str | None) -> Text:
    import shlex

    words = ["perla", "deploy", str(model), *(["--market", market] if market else []), "--force", "--reason"]
    return fill(
        'Nothing was changed. To put it in service all the same: {call} "..."',
        'No se cambió nada. Para ponerlo en servicio de todos modos: {call} "..."',
        call=shlex.join(words),
    )  # fmt: skip


def _in_service(deployed: Deployed, market: str, forced: bool) -> Text:
    told = fill(
        "In service for {market}: release {release}. The way back: perla rollback --market {market}",
        "En servicio para {market}: la versión {release}. Para volver atrás: perla rollback --market {market}",
        market=market, release=deployed.release,
    )  # fmt: skip
    return Text("Forced. ", "Forzado. ") + told if forced else told


def _score(market: str, settings: Settings, quiet: bool) -> None:
    """The current listings are judged by what is in service now, for the service to answer from."""
    from time import monotonic

    from perla.app.cli import _say
    from perla.app.editions import score
    from perla.app.score import tell_scored
    from perla.app.show import at_work

    began = monotonic()
    try:
        with at_work(settings.lang, quiet) as tell:
            scored = score(market, settings, tell)
    except PerlaError as problem:
        raise InputError(
            f"The model is in service, but the listings were not judged with it, so the edition before goes on "
            f"answering: {problem.text('en')} Then: perla score {market}",
            f"El modelo está en servicio, pero los anuncios no se juzgaron con él, así que sigue respondiendo la "
            f"edición anterior: {problem.text('es')} Luego: perla score {market}",
        ) from problem
    _say(tell_scored(scored, monotonic() - began), settings.lang)
