"""The study group's setting, as a yardstick: the price is an input like any other, in money; KL by its sum."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from perla.anomaly import Matrix
from perla.anomaly.folds import split_groups
from perla.anomaly.networks.kl_sparse import kl_to_rho

BETAS = (0.0, 0.1, 3.0)
NEURONS, RHO, ROUNDS, BATCH = 32, 0.05, 120, 256


class Historical(nn.Module):
    """cells -> sigmoid neurons -> cells, mean squared error + beta x sum over neurons of KL(rho || activity)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.narrow, self.widen = nn.Linear(width, NEURONS), nn.Linear(NEURONS, width)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        code = torch.sigmoid(self.narrow(x))
        return self.widen(code), kl_to_rho(code.mean(dim=0), RHO) * NEURONS


def inputs(known: Matrix, new: Matrix, price: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every column between 0 and 1 by its least and greatest value; the price, in money, is the first."""
    tables = []
    sizes = known.category_sizes
    for matrix, money in ((known, price), (new, asked)):
        numbers = np.column_stack([money, np.nan_to_num(matrix.numbers[:, 1:])])
        codes = [np.eye(size + 1, dtype=np.float32)[c] for c, size in zip(matrix.categories.T, sizes, strict=True)]
        tables.append(np.hstack([numbers, *(c[:, : min(c.shape[1], 60)] for c in codes)]).astype(np.float64))
    low, high = tables[0].min(axis=0), tables[0].max(axis=0)
    span = np.maximum(high - low, 1e-9)
    return ((tables[0] - low) / span).astype(np.float32), ((tables[1] - low) / span).astype(np.float32)


def fit(cells: np.ndarray, beta: float, seed: int) -> Historical:
    torch.manual_seed(seed)
    network, data = Historical(cells.shape[1]), torch.from_numpy(cells)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(ROUNDS):
        for rows in torch.randperm(len(data)).split(BATCH):
            optimizer.zero_grad()
            rebuilt, divergence = network(data[rows])
            (((rebuilt - data[rows]) ** 2).mean() + beta * divergence).backward()
            optimizer.step()
    return network


@torch.no_grad()
def rebuild(networks: list[Historical], cells: np.ndarray) -> np.ndarray:
    """The price column rebuilt by the mean of the networks, between 0 and 1."""
    return np.mean([network(torch.from_numpy(cells))[0][:, 0].numpy() for network in networks], axis=0)


def rebuild_prices(known: np.ndarray, new: np.ndarray, beta: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The prices of the known listings, each by the network that never saw it, and of the new ones by both."""
    parts, networks, out = split_groups(np.arange(len(known)), 2, seed), [], np.zeros(len(known))
    for fold in range(2):
        networks.append(fit(known[parts != fold], beta, seed))
        out[parts == fold] = rebuild(networks[-1:], known[parts == fold])
    return out, rebuild(networks, new)
