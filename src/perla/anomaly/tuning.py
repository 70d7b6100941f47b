"""Choosing learning rate, beta and rho by how well the hidden price is rebuilt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.autoencoder import check_torch, fit_network, network_shape
from perla.anomaly.folds import check_learnable, hold_out, sample
from perla.anomaly.levels import fit_levels
from perla.anomaly.matrix import Bools, Matrix
from perla.anomaly.recipe import DEFAULTS, AutoencoderKind, Recipe
from perla.errors import MissingExtraError

if TYPE_CHECKING:
    from optuna.trial import BaseTrial, Trial

MOST_ROWS = 8_000
PENALISED = (AutoencoderKind.L1, AutoencoderKind.KL_SPARSE, AutoencoderKind.VARIATIONAL)
ANY_BETA = 1e-5, 1e-1
BETAS = {AutoencoderKind.KL_SPARSE: (1e-4, 1e-2)}  # a larger one collapses in simpler networks, a smaller does nothing


def tune(
    matrix: Matrix,
    learn: Bools,
    groups: NDArray[np.int64],
    kind: AutoencoderKind = AutoencoderKind.MASKED,
    *,
    start: Recipe | None = None,
    know_price: bool = True,
    trials: int = 20,
    seconds: float | None = 120.0,
    seed: int = 0,
    threads: int | None = None,
    device: str | None = None,
) -> Recipe:
    """The recipe whose network rebuilds the hidden price best on listings it never saw.

    Judged by the mean absolute error of the price alone: a loss that contains the kind's own penalty would prefer a
    penalty of nothing, or a collapse where the penalty is large. start : what is not tuned, else the default recipe;
    it is the first trial, so tuning never returns worse than it on these listings. know_price : as the model it is for.
    Stops after so many trials or seconds, whichever comes first (None: no limit of time). Raises MissingExtraError
    without PyTorch and Optuna.
    """
    optuna = _optuna()
    learn, groups = np.asarray(learn, bool), np.asarray(groups)
    check_learnable(matrix, learn, groups, 2)
    from perla.anomaly.networks.tensors import cells_of, device_named, torch_threads
    from perla.anomaly.networks.training import price_error

    levels, rows = fit_levels(matrix, learn), sample(np.flatnonzero(learn), MOST_ROWS, seed)
    rows, judged = hold_out(rows, groups, seed, parts=4)
    kept, held = hold_out(rows, groups, seed + 1)
    shape, cells = network_shape(matrix, learn, levels, know_price), cells_of(matrix, levels, device_named(device))

    start = start or DEFAULTS[kind]

    def error(trial: Trial) -> float:
        network = fit_network(kind, shape, cells, kept, held, suggest(trial, kind, start), seed)
        return price_error(network, cells.take(_places(judged, cells.numbers)))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(_tuned_parts(kind, start))
    with torch_threads(threads):
        study.optimize(error, n_trials=max(1, trials), timeout=seconds)
    return suggest(optuna.trial.FixedTrial(study.best_params), kind, start)


def suggest(trial: BaseTrial, kind: AutoencoderKind, start: Recipe) -> Recipe:
    """The start with what a trial proposes."""
    recipe = replace(start, learning_rate=trial.suggest_float("learning_rate", 3e-4, 1e-2, log=True))
    if kind in PENALISED:
        recipe = replace(recipe, beta=trial.suggest_float("beta", *BETAS.get(kind, ANY_BETA), log=True))
    if kind is AutoencoderKind.KL_SPARSE:
        recipe = replace(recipe, rho=trial.suggest_float("rho", 0.01, 0.3, log=True))
    return recipe


def _tuned_parts(kind: AutoencoderKind, recipe: Recipe) -> dict[str, float]:
    chosen = {"learning_rate": recipe.learning_rate}
    if kind in PENALISED:
        chosen["beta"] = recipe.beta
    if kind is AutoencoderKind.KL_SPARSE:
        chosen["rho"] = recipe.rho
    return chosen


def _places(rows: NDArray[np.int64], like):  # type: ignore[no-untyped-def]
    import torch

    return torch.from_numpy(rows).to(like.device)


def _optuna():  # type: ignore[no-untyped-def]
    check_torch()
    try:
        import optuna
    except ImportError as missing:
        raise MissingExtraError(
            "Tuning needs Optuna. Install it with: pip install 'perla[deep]'",
            "El ajuste necesita Optuna. Instálelo con: pip install 'perla[deep]'",
        ) from missing
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
