"""The surprise matrix by autoencoders: two networks, each judged on the half of the listings it never saw."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.blocks import MOST_PASSES, hiding_blocks
from perla.anomaly.folds import check_learnable, hold_out, sample, split_groups
from perla.anomaly.levels import MOST_LEVELS, Levels, fit_levels
from perla.anomaly.matrix import Bools, Matrix, SurpriseMatrix
from perla.anomaly.plain_state import codes_of, columns_of, flag_of, floats_of, value_of, whole_of, wrong
from perla.anomaly.recipe import DEFAULTS, AutoencoderKind, Recipe, recipe_from_state
from perla.anomaly.usual import Rebuilt, fit_usual, join_rebuilt, usual_from_state
from perla.anomaly.weights import Outline, Weights, read_weights, rebuild_plainly
from perla.errors import InputError, MissingExtraError
from perla.words import Text

if TYPE_CHECKING:
    from perla.anomaly.networks.autoencoder import Autoencoder, Shape

MOST_ROWS = 40_000  # listings one network learns from
BINS, BINS_IF_WIDE = 20, 8


class AutoencoderSurprise:
    """How surprising each cell of a listing is, by autoencoders of one kind.

    Every network learns from at most 40,000 listings of its folds; a listing's twins are always in its fold.

    Parameters
    ----------
    kind : which member of the family. seed : same seed and threads, same result on a CPU. folds : networks, at least 2.
    know_price : whether the other columns are judged knowing the price (kinds other than masked never know it);
    without, a wrong price makes no other column look odd. recipe : learning rate, sizes and penalty, else good defaults
    (see :func:`perla.anomaly.tune`). epochs : rounds over the listings, else enough for the recipe's steps. seconds :
    stops training after so long in all (and gives up "same result"). threads : of the CPU, None for PyTorch's own
    number. device : ``cpu``, ``cuda``, ..., None for the GPU if there is one.

    Attributes: ``networks_`` (after fitting), ``weights_`` (the same as arrays, with which listings are judged by numpy
    alone), ``levels_``, ``usual_`` (the yardsticks, from listings the networks never saw).

    >>> import numpy as np
    >>> area = np.random.default_rng(0).normal(size=200)
    >>> numbers = np.column_stack([area, area])
    >>> homes = Matrix(numbers, ("price", "area"), np.zeros((200, 0)), (), (), "price")
    >>> model = AutoencoderSurprise(threads=1).fit(homes, np.full(200, True), np.arange(200))
    >>> model.out_of_fold().z.shape
    (200, 2)
    """

    note: Text | None = None

    def __init__(
        self,
        kind: AutoencoderKind = AutoencoderKind.MASKED,
        seed: int = 0,
        folds: int = 2,
        *,
        know_price: bool = True,
        recipe: Recipe | None = None,
        epochs: int | None = None,
        seconds: float | None = None,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        self.kind, self.seed, self.folds, self.know_price = AutoencoderKind(kind), seed, folds, know_price
        self.recipe = recipe or DEFAULTS[self.kind]
        self.epochs, self.seconds, self.threads, self.device = epochs, seconds, threads, device

    def fit(self, matrix: Matrix, learn: Bools, groups: NDArray[np.int64]) -> AutoencoderSurprise:
        """Learn what is usual from the rows where ``learn`` is True; ``groups`` are equal for twins.

        Raises InputError for fewer than 10 different listings, MissingExtraError without PyTorch.
        """
        learn, groups = np.asarray(learn, bool), np.asarray(groups)
        check_learnable(matrix, learn, groups, self.folds)
        check_torch()
        from perla.anomaly.networks.tensors import torch_threads

        self.names_, self.category_names_ = matrix.names, matrix.category_names
        self.sizes_, self.price_ = matrix.category_sizes, matrix.price
        self.levels_ = fit_levels(matrix, learn)
        with torch_threads(self.threads):
            rebuilt = self._fit_folds(matrix, learn, groups)
        seen = np.flatnonzero(learn)
        self.usual_ = fit_usual(matrix.take(seen), rebuilt.take(seen))
        self.fitted_rows_ = self.usual_.surprise(matrix, rebuilt, self.levels_)
        self.learned_ = learn
        return self

    def _fit_folds(self, matrix: Matrix, learn: Bools, groups: NDArray[np.int64]) -> Rebuilt:
        """One network per fold; every row rebuilt by the one that saw neither it nor its twin."""
        from perla.anomaly.networks.rebuilding import rebuild
        from perla.anomaly.networks.tensors import cells_of, device_named

        device = device_named(self.device)
        cells, shape = (
            cells_of(matrix, self.levels_, device),
            network_shape(matrix, learn, self.levels_, self.know_price),
        )
        parts = split_groups(groups, self.folds, self.seed)
        self.networks_: list[Autoencoder] = []
        pieces: list[tuple[NDArray[np.int64], Rebuilt]] = []
        for fold in range(self.folds):
            rows = sample(np.flatnonzero(learn & (parts != fold)), MOST_ROWS, self.seed + fold)
            kept, held = hold_out(rows, groups, self.seed + fold)
            recipe = self.recipe_for(len(kept))
            seconds = None if self.seconds is None else self.seconds / self.folds
            self.networks_.append(fit_network(self.kind, shape, cells, kept, held, recipe, self.seed + fold, seconds))
            unseen = np.flatnonzero(parts == fold)
            pieces.append((unseen, rebuild(self.networks_[-1:], cells.take(_index(unseen, device)))))
        self.weights_ = [_weights_of(network, self.kind) for network in self.networks_]
        return join_rebuilt(pieces)

    def recipe_for(self, rows: int) -> Recipe:
        """The recipe with the steps that make the asked number of epochs."""
        if self.epochs is None:
            return self.recipe
        return replace(self.recipe, steps=self.epochs * -(-rows // self.recipe.batch))

    def out_of_fold(self, all_rows: bool = False) -> SurpriseMatrix:
        """The learning rows (or all rows given to fit), each judged by a network that saw neither it nor its twin."""
        if not hasattr(self, "fitted_rows_"):
            raise InputError(
                "Out-of-fold surprises exist only right after fit; a loaded model does not keep the listings.",
                "Las sorpresas fuera de muestra existen solo tras ajustar; un modelo cargado no guarda los anuncios.",
            )
        return self.fitted_rows_ if all_rows else self.fitted_rows_.take(self.learned_)

    def surprise(self, matrix: Matrix) -> SurpriseMatrix:
        """New listings, judged by the mean of the networks. Raises ShelfError if the columns are not those learned."""
        matrix.check_like(self.names_, self.category_names_, self.sizes_)
        return self.usual_.surprise(matrix, rebuild_plainly(self.weights_, matrix, self.levels_), self.levels_)

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values and arrays; :func:`autoencoder_from_state` reads it back."""
        return {
            "form": "autoencoder", "kind": self.kind.value, "seed": self.seed, "folds": self.folds,
            "know_price": self.know_price,
            "names": list(self.names_), "category_names": list(self.category_names_),
            "category_sizes": list(self.sizes_), "price": self.price_,
            "recipe": self.recipe.state(), "usual": self.usual_.state(),
            "levels": {str(j): kept for j, kept in enumerate(self.levels_.kept)},
            "edges": self.weights_[0].outline.edges,
            "networks": {str(i): dict(weights.parts) for i, weights in enumerate(self.weights_)},
        }  # fmt: skip


def autoencoder_from_state(
    state: dict[str, Any], threads: int | None = None, device: str | None = None
) -> AutoencoderSurprise:
    """The model a state was taken from. Raises ShelfError when anything in it is off; runs nothing that is stored."""
    names, category_names, sizes, price = columns_of(state)
    kind = value_of(state, "kind")
    if kind not in list(AutoencoderKind):
        raise wrong("kind", "a known kind", "un tipo conocido", kind)
    model = AutoencoderSurprise(
        AutoencoderKind(kind),
        whole_of(state, "seed", 0, 2**63 - 1),
        whole_of(state, "folds", 2, 100),
        know_price=flag_of(state, "know_price"),
        recipe=recipe_from_state(value_of(state, "recipe")),
        threads=threads,
        device=device,
    )
    model.names_, model.category_names_, model.sizes_, model.price_ = names, category_names, sizes, price
    levels = value_of(state, "levels")
    model.levels_ = Levels(tuple(codes_of(levels, str(j), size) for j, size in enumerate(sizes)))
    if any(len(kept) >= MOST_LEVELS for kept in model.levels_.kept):
        raise wrong("levels", f"fewer than {MOST_LEVELS}", f"menos de {MOST_LEVELS}", "more")
    model.usual_ = usual_from_state(value_of(state, "usual"), len(names), len(sizes))
    model.weights_ = _weights_from_state(state, model)
    return model


def _weights_from_state(state: dict[str, Any], model: AutoencoderSurprise) -> list[Weights]:
    columns, price = (*model.names_, *model.category_names_), model.names_.index(model.price_)
    edges = floats_of(state, "edges", (len(model.names_), _bins(len(columns)) + 1))
    blocks = hiding_blocks(columns, price)
    outline = Outline(model.kind, edges, model.levels_.sizes, blocks, price, model.know_price)
    stored = [value_of(value_of(state, "networks"), str(i)) for i in range(model.folds)]
    return [Weights(outline, read_weights(s, outline, model.recipe, f"networks/{i}")) for i, s in enumerate(stored)]


def _weights_of(network: Autoencoder, kind: AutoencoderKind) -> Weights:
    shape = network.shape
    outline = Outline(kind, shape.edges.cpu().numpy().copy(), shape.sizes, shape.blocks, shape.price, shape.know_price)
    return Weights(outline, _arrays(network))


EDGE_NAMES = ("inlet.low", "inlet.span")  # made anew from the edges


def _arrays(network: Autoencoder) -> dict[str, NDArray[np.float32]]:
    values = network.state_dict().items()
    return {name: value.detach().cpu().numpy().copy() for name, value in values if name not in EDGE_NAMES}


def network_shape(matrix: Matrix, learn: Bools, levels: Levels, know_price: bool = True) -> Shape:
    """What a network for this matrix is built for."""
    import torch

    from perla.anomaly.networks.autoencoder import Shape
    from perla.anomaly.networks.tensors import quantile_edges

    edges = quantile_edges(matrix, learn, _bins(len(matrix.columns)))
    price = matrix.names.index(matrix.price)
    return Shape(torch.from_numpy(edges), levels.sizes, hiding_blocks(matrix.columns, price), price, know_price)


def fit_network(
    kind: AutoencoderKind,
    shape: Shape,
    cells: Any,
    kept: NDArray[np.int64],
    held: NDArray[np.int64],
    recipe: Recipe,
    seed: int,
    seconds: float | None = None,
) -> Autoencoder:
    """One network, learned on the kept rows and stopped by the held ones; PyTorch's own randomness stays as it was."""
    import torch

    from perla.anomaly.networks.autoencoder import Autoencoder
    from perla.anomaly.networks.training import Task, train

    device = cells.numbers.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        network = Autoencoder(kind, shape, recipe).to(device)
        task = Task(cells.take(_index(kept, device)), cells.take(_index(held, device)), recipe, seconds)
        return train(network, task)


def check_torch() -> None:
    """Raise MissingExtraError, with the way out, unless PyTorch is installed."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtraError(
            "Autoencoders need PyTorch. Install it with: pip install 'perla[deep]'",
            "Los autoencoders necesitan PyTorch. Instálelo con: pip install 'perla[deep]'",
        )


def _bins(columns: int) -> int:
    return BINS if columns <= MOST_PASSES else BINS_IF_WIDE


def _index(rows: NDArray[np.int64], device: Any) -> Any:
    import torch

    return torch.from_numpy(rows).to(device)
