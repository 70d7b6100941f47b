"""Training one network: hide, rebuild, stop early, keep the best."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, huber_loss

from perla.anomaly.networks.autoencoder import Autoencoder
from perla.anomaly.networks.inlet import Cells
from perla.anomaly.networks.tensors import columns_of_blocks
from perla.anomaly.recipe import Recipe

PATIENCE = 8
PRICE_HIDDEN = 0.5
OTHERS_HIDDEN = 1.5  # columns hidden per listing beside the price, on average
MOST_HIDDEN = 0.25


@dataclass(frozen=True)
class Task:
    """What a network learns on: cells, and what it is judged and stopped by."""

    learn: Cells
    judge: Cells
    recipe: Recipe
    seconds: float | None = None


def train(network: Autoencoder, task: Task, tell: Callable[[float], None] | None = None) -> Autoencoder:
    """The network with the state that judged best. ``tell`` hears the judged price error after each round."""
    _start_from_shares(network, task.learn)
    rounds, steps = _plan(len(task.learn.numbers), task.recipe)
    optimizer = torch.optim.AdamW(network.parameters(), task.recipe.learning_rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, task.recipe.learning_rate, total_steps=rounds * steps, pct_start=0.15, cycle_momentum=False
    )
    judged_with = hidden_for_judging(network, len(task.judge.numbers), task.judge.present)
    best, best_state, worse, begun = math.inf, _copy(network), 0, time.monotonic()
    for _ in range(rounds):
        _learn_once(network, task, optimizer, schedule, steps)
        judged = judge(network, task.judge, judged_with)
        worse = 0 if judged < best else worse + 1
        if judged < best:
            best, best_state = judged, _copy(network)
        if tell is not None:
            tell(price_error(network, task.judge))
        if worse > PATIENCE or (task.seconds is not None and time.monotonic() - begun > task.seconds):
            break
    network.load_state_dict(best_state)
    return network.eval()


@torch.no_grad()
def _start_from_shares(network: Autoencoder, cells: Cells) -> None:
    """Before anything is learned, each level is as likely as it is frequent (one that never comes: nearly never)."""
    p = cells.numbers.shape[1]
    for j, layer in enumerate(network.outlet.levels):
        codes = cells.codes[cells.present[:, p + j], j]
        counts = torch.bincount(codes, minlength=network.shape.sizes[j]).float() + 0.5
        layer.get_parameter("bias").copy_((counts / counts.sum()).log())


def _plan(rows: int, recipe: Recipe) -> tuple[int, int]:
    """Rounds, and batches in a round; a small table is gone through at most 60 times."""
    steps = max(1, math.ceil(rows / recipe.batch))
    return max(2, min(60, round(recipe.steps / steps))), steps


def _learn_once(
    network: Autoencoder,
    task: Task,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.OneCycleLR,
    steps: int,
) -> None:
    network.train()
    order = torch.randperm(len(task.learn.numbers), device=task.learn.numbers.device)
    for rows in order.tensor_split(steps):
        cells = task.learn.take(rows)
        optimizer.zero_grad(set_to_none=True)
        loss, penalty = losses(network, cells, hide_at_random(network, cells.present))
        (loss + penalty).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def hide_at_random(network: Autoencoder, present: Tensor) -> Tensor:
    """Which columns each listing is rebuilt without, bool (n, p + q).

    Masked: the price of half the listings (of all where it may not be known), and of the other blocks one
    or two. All other kinds: always the price alone.
    """
    shape, device = network.shape, present.device
    blocks = torch.zeros(len(present), len(shape.blocks), device=device)
    if network.hides_any_column:
        often = PRICE_HIDDEN if shape.know_price else 1.0
        blocks = (torch.rand(blocks.shape, device=device) < min(MOST_HIDDEN, OTHERS_HIDDEN / blocks.shape[1])).float()
        blocks[:, shape.price_block] = (torch.rand(len(present), device=device) < often).float()
    else:
        blocks[:, shape.price_block] = 1
    return blocks @ columns_of_blocks(shape.blocks, present.shape[1], device) > 0


def hidden_for_judging(network: Autoencoder, rows: int, present: Tensor) -> Tensor:
    """The same for every round: the price of every other listing, one block after another for the rest."""
    shape, device = network.shape, present.device
    block = torch.arange(rows, device=device) // 2 % len(shape.blocks)
    if network.hides_any_column:
        block[::2] = shape.price_block
    else:
        block[:] = shape.price_block
    hidden = columns_of_blocks(shape.blocks, present.shape[1], device)[block] > 0
    if not shape.know_price:
        hidden[:, shape.price] = True
    return hidden


def losses(network: Autoencoder, cells: Cells, hidden: Tensor) -> tuple[Tensor, Tensor]:
    """What was rebuilt wrongly, and the kind's own penalty. Missing cells do not count; the price counts for more."""
    inner, penalty = network(cells, hidden)
    asked = cells.present & hidden if network.hides_any_column else cells.present
    p = cells.numbers.shape[1]
    counted = asked[:, :p].to(inner)
    weight = counted / counted.sum(dim=0).clamp(min=1)
    weight = weight * _column_weights(network, p, inner)
    wrong = network.outlet.numbers(inner) - cells.numbers
    errors = network.outlet.error_scales(inner)
    size = wrong.detach().abs().clamp(max=4.0)
    loss = (huber_loss(wrong, torch.zeros_like(wrong), reduction="none") * weight).sum()
    loss = loss + ((size / errors + errors.log()) * weight).sum()
    return loss + _category_loss(network, inner, cells.codes, asked[:, p:]), penalty


def _column_weights(network: Autoencoder, p: int, like: Tensor) -> Tensor:
    """The price weighs as much as a quarter of all columns."""
    weights = torch.ones(p, device=like.device)
    weights[network.shape.price] = max(1.0, (p + len(network.shape.sizes)) / 4)
    return weights


def _category_loss(network: Autoencoder, inner: Tensor, codes: Tensor, asked: Tensor) -> Tensor:
    """Cross-entropy of the asked cells, each column in units of not knowing anything."""
    loss = inner.new_zeros(())
    for j, layer in enumerate(network.outlet.levels):
        rows = asked[:, j].nonzero()[:, 0]
        if len(rows):
            size = max(2, network.shape.sizes[j])
            loss = loss + cross_entropy(layer(inner[rows]), codes[rows, j]) / math.log(size)
    return loss


@torch.no_grad()
def judge(network: Autoencoder, cells: Cells, hidden: Tensor) -> float:
    """What is rebuilt wrongly, without any penalty."""
    network.eval()
    return float(losses(network, cells, hidden)[0])


@torch.no_grad()
def price_error(network: Autoencoder, cells: Cells) -> float:
    """Mean absolute error of the hidden price, on the scale of the matrix."""
    network.eval()
    shape = network.shape
    hidden = torch.zeros_like(cells.present)
    hidden[:, list(shape.blocks[shape.price_block])] = True
    known = cells.present[:, shape.price]
    inner, _ = network(cells, hidden)
    wrong = network.outlet.numbers(inner)[known, shape.price] - cells.numbers[known, shape.price]
    return float(wrong.abs().mean()) if len(wrong) else math.inf


def _copy(network: Autoencoder) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}
