"""Teaching the price network: one network, one seed, one thread; stops early and keeps the best round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import huber_loss, layer_norm

from perla.valuation.network import BLOCK, TINY

if TYPE_CHECKING:
    from perla.valuation.network import NetworkSettings

Weights = dict[str, Tensor]
HELD_OUT = 0.15
PATIENCE = 6
BATCH = 256
UNKNOWN = 0.02  # of the levels are hidden while learning, so that the unknown one is learned too
DECAY = 1e-2


def teach(
    numbers: NDArray[np.float64],
    codes: NDArray[np.int64],
    target: NDArray[np.float64],
    sizes: tuple[int, ...],
    settings: NetworkSettings,
    seed: int,
) -> dict[str, NDArray[np.float32]]:
    """The weights of the round that did best on the listings held out; numbers (n, p), codes (n, q), target (n,)."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        x, y = torch.from_numpy(numbers.astype(np.float32)), torch.from_numpy(target.astype(np.float32))
        return _teach(x, torch.from_numpy(codes), y, sizes, settings, seed)
    finally:
        torch.set_num_threads(before)


def _teach(
    x: Tensor, c: Tensor, y: Tensor, sizes: tuple[int, ...], settings: NetworkSettings, seed: int
) -> dict[str, NDArray[np.float32]]:
    chance = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(y), generator=chance)
    cut = max(1, int(HELD_OUT * len(y)))
    held, kept = order[:cut], order[cut:]
    weights = _begin(x.shape[1], sizes, settings, chance)
    steps = -(-len(kept) // BATCH)
    optimizer = torch.optim.AdamW(weights.values(), settings.rate, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=settings.rounds * steps, pct_start=0.15, cycle_momentum=False
    )
    best, kept_weights, worse = float("inf"), _copied(weights), 0
    for _ in range(settings.rounds):
        for rows in kept[torch.randperm(len(kept), generator=chance)].tensor_split(steps):
            optimizer.zero_grad(set_to_none=True)
            told = _forward(weights, x[rows], _hidden(c[rows], chance), settings.dropout, chance)
            huber_loss(told, y[rows]).backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            error = float((_forward(weights, x[held], c[held], 0.0, chance) - y[held]).abs().mean())
        worse = 0 if error < best else worse + 1
        if error < best:
            best, kept_weights = error, _copied(weights)
        if worse > PATIENCE:
            break
    return {name: tensor.numpy() for name, tensor in kept_weights.items()}


def _hidden(codes: Tensor, chance: torch.Generator) -> Tensor:
    return codes.masked_fill(torch.rand(codes.shape, generator=chance) < UNKNOWN, 0)


def _begin(numbers: int, sizes: tuple[int, ...], settings: NetworkSettings, chance: torch.Generator) -> Weights:
    """Random weights from this generator alone: PyTorch's own is shared between threads."""
    width = settings.width

    def random(rows: int, columns: int, scale: float) -> Tensor:
        return (torch.randn(rows, columns, generator=chance) * scale).requires_grad_()

    def nothing(size: int) -> Tensor:
        return torch.zeros(size).requires_grad_()

    wide = [min(settings.level_size, 1 + size // 2) for size in sizes]
    weights = {f"level{j}": random(size + 1, wide[j], 0.3) for j, size in enumerate(sizes)}
    inlet = numbers + sum(wide)
    weights |= {"in": random(inlet, width, inlet**-0.5), "in_bias": nothing(width)}
    for k in range(settings.blocks):
        parts = (
            torch.ones(width).requires_grad_(), nothing(width), random(width, width, (2 / width) ** 0.5),
            nothing(width), random(width, width, 0.5 * width**-0.5), nothing(width),
        )  # fmt: skip
        weights |= {f"{name}{k}": part for name, part in zip(BLOCK, parts, strict=True)}
    return weights | {"out": random(width, 1, 0.1 * width**-0.5), "out_bias": nothing(1)}


def _forward(weights: Weights, numbers: Tensor, codes: Tensor, dropout: float, chance: torch.Generator) -> Tensor:
    x = torch.cat([numbers, *(weights[f"level{j}"][codes[:, j]] for j in range(codes.shape[1]))], dim=1)
    x = x @ weights["in"] + weights["in_bias"]
    width = (x.shape[1],)
    for k in range(sum(name.startswith("gain") for name in weights)):
        gain, shift, first, first_bias, second, second_bias = (weights[f"{part}{k}"] for part in BLOCK)
        inner = torch.relu(layer_norm(x, width, gain, shift, TINY) @ first + first_bias)
        if dropout:
            inner = inner * (torch.rand(inner.shape, generator=chance) >= dropout) / (1 - dropout)
        x = x + inner @ second + second_bias
    told: Tensor = torch.relu(layer_norm(x, width, eps=TINY)) @ weights["out"] + weights["out_bias"]
    return told[:, 0]


def _copied(weights: Weights) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in weights.items()}
