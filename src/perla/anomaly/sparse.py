"""A sparse autoencoder made to be read: few neurons, its penalty chosen by how well the hidden price is rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.autoencoder import check_torch, fit_network, network_shape
from perla.anomaly.folds import check_learnable, hold_out, sample
from perla.anomaly.levels import Levels, fit_levels
from perla.anomaly.matrix import Bools, Floats, Matrix
from perla.anomaly.recipe import DEFAULTS, AutoencoderKind, Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from perla.anomaly.networks.autoencoder import Autoencoder
    from perla.anomaly.networks.inlet import Cells

MOST_ROWS = 20_000
BETAS = (1e-4, 1e-3, 1e-2)
NEURONS = 24
LEAST_SPREAD = 0.5  # of that of the best: a network that rebuilds everybody as the mean explains nothing


@dataclass(frozen=True)
class Trial:
    """One penalty, and how its network rebuilds the hidden price of listings it never saw.

    beta : weight of the penalty. errors : (m,), absolute errors on the matrix's scale. spread : standard deviation of
    the rebuilt prices over that of the prices.
    """

    beta: float
    errors: NDArray[np.float64]
    spread: float


@dataclass(frozen=True)
class SparseNetwork:
    """A fitted KL-sparse autoencoder whose neurons can be read; the price is hidden from it.

    recipe : what it was trained with. trials : the penalties compared, the chosen one among them.
    """

    network: Autoencoder
    levels: Levels
    recipe: Recipe
    trials: tuple[Trial, ...]

    @property
    def chosen(self) -> Trial:
        """The trial of the network that is kept."""
        return next(t for t in self.trials if t.beta == self.recipe.beta)

    def activity(self, matrix: Matrix) -> Floats:
        """How active each neuron is for each listing, (n, neurons), 0 to 1."""
        import torch

        with torch.no_grad():
            return np.asarray(self._code(self._cells(matrix)).cpu().numpy(), np.float32)

    def rebuilt(self, activity: Floats) -> Floats:
        """The numbers rebuilt from these activities, (n, p), on the matrix's scale; the price among them."""
        import torch

        network = self.network
        with torch.no_grad():
            code = torch.from_numpy(np.ascontiguousarray(activity, np.float32))
            inner = network.outlet.norm(network.decoder(network.middle.widen(code)))  # type: ignore[operator]
            return np.asarray(network.outlet.numbers(inner).numpy(), np.float32)

    def _cells(self, matrix: Matrix) -> Cells:
        import torch

        from perla.anomaly.networks.tensors import cells_of

        return cells_of(matrix, self.levels, torch.device("cpu"))

    def _code(self, cells: Cells) -> Tensor:
        import torch

        network = self.network
        hidden = torch.zeros_like(cells.present)
        hidden[:, network.shape.price] = True
        code: Tensor = network.middle.code(network.encoder(network.inlet(cells, hidden)))  # type: ignore[operator]
        return code


def fit_sparse(
    matrix: Matrix,
    learn: Bools,
    groups: NDArray[np.int64],
    *,
    neurons: int = NEURONS,
    recipe: Recipe | None = None,
    seed: int = 0,
    threads: int | None = 1,
) -> SparseNetwork:
    """Fit a KL-sparse autoencoder on at most 20,000 of the rows where ``learn`` is True.

    recipe : trained as it says, with its own number of neurons (such as :func:`perla.anomaly.tune` chose); else the
    default one with so many neurons and the largest beta of 1e-4, 1e-3, 1e-2 whose error on the hidden price of unseen
    listings is within one standard error of the best: as sparse as costs nothing.
    Raises InputError for too few listings, MissingExtraError without PyTorch.

    >>> area = np.random.default_rng(0).normal(size=300)
    >>> homes = Matrix(np.column_stack([area, area]), ("price", "area"), np.zeros((300, 0)), (), (), "price")
    >>> small = Recipe(width=16, latent=4, beta=1e-3, steps=60, batch=64)
    >>> fit_sparse(homes, np.full(300, True), np.arange(300), recipe=small).activity(homes).shape
    (300, 4)
    """
    learn, groups = np.asarray(learn, bool), np.asarray(groups)
    check_learnable(matrix, learn, groups, 2)
    check_torch()
    import torch

    from perla.anomaly.networks.tensors import cells_of, torch_threads

    start = replace(DEFAULTS[AutoencoderKind.KL_SPARSE], latent=neurons)
    recipes = [recipe] if recipe else [replace(start, beta=beta) for beta in BETAS]
    levels, rows = fit_levels(matrix, learn), sample(np.flatnonzero(learn), MOST_ROWS, seed)
    rows, judged = hold_out(rows, groups, seed, parts=5)
    kept, held = hold_out(rows, groups, seed + 1)
    shape, cells = network_shape(matrix, learn, levels), cells_of(matrix, levels, torch.device("cpu"))
    fitted = []
    with torch_threads(threads):
        for tried in recipes:
            network = fit_network(AutoencoderKind.KL_SPARSE, shape, cells, kept, held, tried, seed)
            fitted.append(_tried(SparseNetwork(network, levels, tried, ()), matrix.take(judged)))
    best = choose([trial for _, trial in fitted])
    return replace(fitted[best][0], trials=tuple(trial for _, trial in fitted))


def _tried(model: SparseNetwork, unseen: Matrix) -> tuple[SparseNetwork, Trial]:
    place = unseen.names.index(unseen.price)
    known = np.isfinite(unseen.numbers[:, place])
    price = unseen.numbers[known, place].astype(np.float64)
    rebuilt = model.rebuilt(model.activity(unseen))[known, place].astype(np.float64)
    spread = float(rebuilt.std() / max(float(price.std()), 1e-9))
    return model, Trial(model.recipe.beta, np.abs(rebuilt - price), spread)


def choose(trials: Sequence[Trial]) -> int:
    """Which trial: the largest beta within one standard error of the best, unless its reconstruction collapsed.

    >>> near, far = np.full(50, 0.1), np.full(50, 0.9)
    >>> choose([Trial(1e-4, near, 0.9), Trial(1e-3, near, 0.9), Trial(1e-2, far, 1e-5)])
    1
    """
    means = [float(t.errors.mean()) for t in trials]
    best = trials[int(np.argmin(means))]
    good = []
    for place, trial in enumerate(trials):
        worse = trial.errors - best.errors
        doubt = float(worse.std()) / max(len(worse), 1) ** 0.5
        if worse.mean() <= doubt and trial.spread >= LEAST_SPREAD * best.spread:
            good.append(place)
    return max(good, key=lambda place: trials[place].beta)
