"""The steps after learning: judged beside the model in service, decided by the gate, put in service or not."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from perla.app.saved import load_finder
from perla.bargains.held_out import Estimated, estimate_held_out
from perla.errors import FileError, InputError, PerlaError, ShelfError
from perla.listings import Market
from perla.release.deployments import Deployed
from perla.release.gate import Decision, Figures, decide, decision_from_state
from perla.release.steps import Done, Results, Work
from perla.storage import read_folder, write_folder
from perla.words import Text, fill

if TYPE_CHECKING:
    from perla.app.pipeline.line import Line

EVALUATION_KIND = "evaluation"
JUDGED_AGAINST = "judged_against"


def model_digest(folder: Path) -> str:
    """The digest of a model folder's checksums: equal for the very same model."""
    try:
        return hashlib.sha256((folder / "checksums.json").read_bytes()).hexdigest()
    except OSError:
        return ""


def against(line: Line, results: Results) -> dict[str, Any]:
    """Which model the new one has to beat, by its digest.

    Where the very same model is in service already, the one it had to beat then: so nothing is judged again.
    """
    serving = line.deployments.in_service()
    if serving is None:
        return {"against": ""}
    digest = model_digest(serving.model)
    if digest == model_digest(results["assemble"].folder):
        digest = str(serving.record.get(JUDGED_AGAINST, ""))
    return {"against": digest}


def evaluate(line: Line, work: Work) -> dict[str, Any]:
    """The new model and the one in service on the same held-out listings, neither having seen them."""
    held = line.listings(work.results, "held")
    work.tell(Text("the new model", "el modelo nuevo"), 0.1)
    new = estimate_held_out(load_finder(work.results["assemble"].folder, line.settings.threads), held)
    work.tell(Text("the model in service", "el modelo en servicio"), 0.5)
    serving, old, note = _judge_old(line, work)
    facts: dict[str, Any] = {
        "figures": _figures(new), "old_release": serving, "old_figures": None if old is None else _figures(old),
        "note": None if note is None else [note.en, note.es],
    }  # fmt: skip
    both = np.intersect1d(new.rows, old.rows) if old is not None else np.empty(0, np.int64)
    state = {"scorecard": asdict(new.scorecard), "errors": _errors(new, both), "compared": bool(len(both))}
    state["old_errors"] = _errors(old, both) if old is not None else np.empty(0)
    write_folder(work.output, EVALUATION_KIND, state, {**facts, "compared_on": len(both)})
    return {**facts, "compared_on": len(both)}


def _judge_old(line: Line, work: Work) -> tuple[str, Estimated | None, Text | None]:
    """What is in service, on the same listings; one that cannot judge them is told of and cannot be compared."""
    wanted, serving = against(line, work.results)["against"], line.deployments.in_service()
    if serving is None or model_digest(serving.model) != wanted:
        return "", None, None
    try:
        finder = load_finder(serving.model, line.settings.threads)
        _check_same_money(finder.market, line.market)
        return serving.release, estimate_held_out(finder, line.listings(work.results, "held")), None
    except PerlaError as problem:
        return serving.release, None, _cannot_compare(serving, problem)


def _check_same_money(old: Market, new: Market) -> None:
    if (old.price, old.currency) != (new.price, new.currency):
        raise InputError("its price is another column or currency.", "su precio es otra columna u otra moneda.")


def _cannot_compare(serving: Deployed, problem: PerlaError) -> Text:
    if isinstance(problem, ShelfError | FileError):
        return fill("The model in service ({release}) cannot be read, so nothing is compared: {why}",
                    "El modelo en servicio ({release}) no se puede leer, así que no se compara: {why}",
                    release=serving.release, why=problem.message)  # fmt: skip
    return fill("The model in service ({release}) cannot judge these listings, so nothing is compared: {why}",
                "El modelo en servicio ({release}) no puede juzgar estos anuncios, así que no se compara: {why}",
                release=serving.release, why=problem.message)  # fmt: skip


def floors(line: Line, _: Results) -> dict[str, Any]:
    """What the market file asks for."""
    return {"floors": asdict(line.market.floors), "seed": line.seed}


def decide_gate(line: Line, work: Work) -> dict[str, Any]:
    """Every condition of the market file, and whether the new model is better than the one in service."""
    done = work.results["evaluate"]
    state, _ = read_folder(done.folder, EVALUATION_KIND)
    new, old = (state["errors"], state["old_errors"]) if state["compared"] else (None, None)
    decision = decide(Figures.of(done.facts["figures"]), line.market.floors, new, old, line.seed)
    return {"decision": decision.state()}


def decision_of(results: Results) -> Decision:
    return decision_from_state(results["gate"].facts["decision"])


def deploy(line: Line, work: Work) -> dict[str, Any]:
    """Put the model in service if the gate says so, or if a reason was given; else leave what is in service."""
    model, passed = work.results["assemble"].folder, decision_of(work.results).passed
    if not passed and not line.reason:
        return {"deployed": False, "release": ""}
    serving = line.deployments.in_service()
    if serving is not None and model_digest(serving.model) == model_digest(model):
        return {"deployed": True, "release": serving.release}
    work.tell(Text("copying", "copiando"), 0.3)
    record = {**line.about(work.results), "forced": not passed, JUDGED_AGAINST: against(line, work.results)["against"]}
    made = line.deployments.deploy(model, record, line.reason)
    return {"deployed": True, "release": made.release, "notes": [[note.en, note.es] for note in made.notes]}


def what_is_scored(line: Line, _: Results) -> dict[str, Any]:
    """The model in service, and the listings it judges."""
    serving = line.deployments.in_service()
    return {"release": serving.release if serving else "", "store": line.source.store_version()}


def score(line: Line, work: Work) -> dict[str, Any]:
    """Every current listing judged by the model in service, new or old: the edition the service answers from."""
    from perla.app.editions import score as make_edition

    if line.deployments.in_service() is None:
        return {"edition": "", "bargains": 0, "listings": 0}
    made = make_edition(line.market.name, line.settings, work.tell)
    return {"edition": made.folder.name, "bargains": made.bargains, "listings": len(made.edition.listings)}


def answers(line: Line, done: Done) -> bool:
    """Whether the edition that was made still is the one that answers."""
    from perla.app.editions import current_edition

    return (current_edition(line.settings.home, line.market.name) or "") == done.facts["edition"]


def _figures(estimated: Estimated) -> dict[str, Any]:
    told = asdict(estimated.scorecard.overall.perla)
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value for name, value in told.items()
    }


def _errors(estimated: Estimated, rows: np.ndarray) -> np.ndarray:
    return estimated.errors[np.isin(estimated.rows, rows)]
