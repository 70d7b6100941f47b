"""What fitted networks say should stand in each cell."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from perla.anomaly.networks.autoencoder import Autoencoder
from perla.anomaly.networks.inlet import Cells
from perla.anomaly.usual import Rebuilt

BATCH = 4096


@torch.no_grad()
def rebuild(networks: list[Autoencoder], cells: Cells) -> Rebuilt:
    """Every cell rebuilt, by the mean of the networks: from the rest of the listing where any column can be hidden."""
    n, p = cells.numbers.shape
    q = cells.codes.shape[1]
    numbers, scales = np.empty((n, p), np.float32), np.empty((n, p), np.float32)
    best, best_probability = np.empty((n, q), np.int32), np.empty((n, q), np.float32)
    probability = np.empty((n, q), np.float32)
    for start in range(0, n, BATCH):
        rows = slice(start, start + BATCH)
        batch = cells.take(rows)
        for columns, inners in _passes(networks, batch):
            for j in columns:
                if j < p:
                    numbers[rows, j], scales[rows, j] = _number(networks, inners, j)
                else:
                    chances = _chances(networks, inners, j - p)
                    top, code = chances.max(dim=1)
                    best[rows, j - p], best_probability[rows, j - p] = code.cpu().numpy(), top.cpu().numpy()
                    there = chances.gather(1, batch.codes[:, j - p, None])[:, 0]
                    probability[rows, j - p] = there.cpu().numpy()
    return Rebuilt(numbers, scales, best, best_probability, probability)


def _passes(networks: list[Autoencoder], batch: Cells):  # type: ignore[no-untyped-def]
    """The columns rebuilt by each pass, and the layer each network rebuilds them from."""
    shape = networks[0].shape
    if not networks[0].hides_any_column:
        hidden = torch.zeros_like(batch.present)
        hidden[:, list(shape.blocks[shape.price_block])] = True
        yield range(batch.present.shape[1]), [network(batch, hidden)[0] for network in networks]
        return
    nothing = torch.zeros_like(batch.present)
    seen = [network.inlet(batch, nothing) for network in networks]
    for block in shape.blocks:
        columns = {*block} if shape.know_price else {*block, shape.price}
        hidden_inputs = [n.inlet.hide(s, batch, sorted(columns)) for n, s in zip(networks, seen, strict=True)]
        yield block, [n.inner(x)[0] for n, x in zip(networks, hidden_inputs, strict=True)]


def _number(networks: list[Autoencoder], inners: list[Tensor], j: int) -> tuple[np.ndarray, np.ndarray]:
    """Expected value and relative error of one number column."""
    value = error = torch.zeros(len(inners[0]), device=inners[0].device)
    for network, inner in zip(networks, inners, strict=True):
        outlet = network.outlet
        value = value + inner @ outlet.numbers.weight[j] + outlet.numbers.bias[j]
        log_error = inner @ outlet.log_errors.weight[j] + outlet.log_errors.bias[j]
        error = error + log_error.clamp(-6, 3).exp()
    return (value / len(networks)).cpu().numpy(), (error / len(networks)).cpu().numpy()


def _chances(networks: list[Autoencoder], inners: list[Tensor], j: int) -> Tensor:
    """The mean distribution over the levels of one category, (n, levels)."""
    chances = [n.outlet.probabilities(inner, j) for n, inner in zip(networks, inners, strict=True)]
    return torch.stack(chances).mean(dim=0)
