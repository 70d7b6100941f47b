"""The steps after learning: judged beside the model in service, decided by the gate, put in service or not."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from perla.app.judging import errors_of_both
from perla.app.saved import load_finder
from perla.bargains.held_out import Estimated, estimate_held_out
from perla.errors import PerlaError
from perla.listings import Listings
from perla.release.deployments import Deployed
from perla.release.gate import Decision, Figures, decide, decision_from_state
from perla.release.steps import Done, Results, Work
from perla.storage import read_folder, write_folder
from perla.words import Text, fill

if TYPE_CHECKING:
    from perla.app.pipeline.line import Line

Errors = tuple[NDArray[np.float64], NDArray[np.float64]] | tuple[None, None]
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
    mine = estimate_held_out(load_finder(work.results["assemble"].folder, line.settings.threads), held)
    work.tell(Text("the one in service", "el que está en servicio"), 0.5)
    errors, notes = _beside(line, work, mine, held)
    new, old = (np.empty(0) if part is None else part for part in errors)
    scorecard = asdict(mine.scorecard)
    facts = {"figures": _plain(scorecard["overall"]["perla"]), "compared_on": len(new),
             "notes": [[note.en, note.es] for note in notes]}  # fmt: skip
    write_folder(work.output, EVALUATION_KIND, {"scorecard": scorecard, "new": new, "old": old}, facts)
    return facts


def _beside(line: Line, work: Work, mine: Estimated, held: Listings) -> tuple[Errors, tuple[Text, ...]]:
    """Errors of the new model and of the one in service; one that cannot judge them is told of, and not compared."""
    wanted, serving = against(line, work.results)["against"], line.deployments.in_service()
    if serving is None or model_digest(serving.model) != wanted:
        return (None, None), ()
    try:
        old = load_finder(serving.model, line.settings.threads)
    except PerlaError as problem:
        return (None, None), (_unreadable(serving, problem),)
    return errors_of_both(mine, old, line.market, held)


def _unreadable(serving: Deployed, problem: PerlaError) -> Text:
    return fill(
        "The model in service ({release}) cannot be read, so only the floors were judged: {why}",
        "El modelo en servicio ({release}) no se puede leer, así que solo se juzgaron los mínimos: {why}",
        release=serving.release, why=problem.message,
    )  # fmt: skip


def floors(line: Line, _: Results) -> dict[str, Any]:
    """What the market file asks for."""
    return {"floors": asdict(line.market.floors), "seed": line.seed}


def decide_gate(line: Line, work: Work) -> dict[str, Any]:
    """Every condition of the market file, and whether the new model is better than the one in service."""
    done = work.results["evaluate"]
    state, _ = read_folder(done.folder, EVALUATION_KIND)
    new, old = (state["new"], state["old"]) if len(state["new"]) else (None, None)
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


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in figures.items()}
