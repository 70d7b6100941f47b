"""The networks as arrays say what PyTorch says."""

from __future__ import annotations

import numpy as np
import pytest

from perla.anomaly import AutoencoderKind, AutoencoderSurprise, Matrix, Recipe
from perla.anomaly.weights import rebuild_plainly

torch = pytest.importorskip("torch", reason="the reference is PyTorch")


def homes(rows: int) -> Matrix:
    """Numbers and categories, some of them missing, one value far out."""
    rng = np.random.default_rng(rows)
    numbers, codes = rng.normal(size=(rows, 4)), rng.integers(-1, 5, (rows, 2))
    numbers[:, 0] = numbers[:, 1] + codes[:, 0]
    numbers[rng.random((rows, 4)) < 0.1] = np.nan
    numbers[0, 2] = 40.0
    return Matrix(numbers, ("price", "area", "day/sin", "day/cos"), codes, ("place", "kind"), (5, 5), "price")


@pytest.mark.parametrize("know_price", [True, False])
@pytest.mark.parametrize("kind", list(AutoencoderKind))
def test_every_network_rebuilds_the_same_cells_in_numpy_as_in_pytorch(kind: AutoencoderKind, know_price: bool) -> None:
    from perla.anomaly.networks.rebuilding import rebuild
    from perla.anomaly.networks.tensors import cells_of

    matrix, recipe = homes(200), Recipe(width=24, latent=6, steps=8, batch=64)
    model = AutoencoderSurprise(kind, recipe=recipe, threads=1, device="cpu", know_price=know_price)
    model.fit(matrix, np.full(200, True), np.arange(200))
    new = homes(57)
    reference = rebuild(model.networks_, cells_of(new, model.levels_, torch.device("cpu")))
    found = rebuild_plainly(model.weights_, new, model.levels_)
    for name in ("numbers", "scales", "best_probability", "probability"):
        np.testing.assert_allclose(getattr(found, name), getattr(reference, name), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found.best, reference.best)
