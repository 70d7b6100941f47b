"""A neural network (PyTorch): category vectors and scaled numbers through residual blocks (Gorishniy et al., 2021).

Learned by PyTorch (an optional extra), kept as plain arrays and asked with numpy alone, in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.errors import MissingExtraError
from perla.prepare import Prepared
from perla.valuation.arrays import damaged, saved_floats

Floats = NDArray[np.float64]
NEAR = 4.0  # scaled numbers are cut this far out
AT_ONCE = 20_000  # listings asked at once
BLOCK = ("gain", "shift", "first", "first_bias", "second", "second_bias")
TINY = 1e-5


@dataclass(frozen=True)
class NetworkSettings:
    """How it is built and taught: width, blocks, numbers that stand for a level, failing units, rate, rounds."""

    width: int = 128
    blocks: int = 2
    level_size: int = 8
    dropout: float = 0.1
    rate: float = 2e-3
    rounds: int = 40


@dataclass
class Network:
    """Adds to the regression's estimate what the attributes and the neighbours say beyond it."""

    settings: NetworkSettings = field(default_factory=NetworkSettings)
    seed: int = 0
    weights_: dict[str, Floats] = field(default_factory=dict)
    middle_: Floats | None = None
    spread_: Floats | None = None
    target_: Floats | None = None

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> Network:
        """Learn from n listings, one thread, stopping early. Raises MissingExtraError without PyTorch."""
        check_torch()
        from perla.valuation.network_training import teach

        with np.errstate(all="ignore"):
            counted = np.isfinite(neighbours).sum(axis=0)
            filled = np.nan_to_num(neighbours.astype(np.float64))
            self.middle_ = filled.sum(axis=0) / np.maximum(counted, 1)
            off = np.where(np.isfinite(neighbours), filled - self.middle_, 0.0)
            self.spread_ = np.sqrt((off**2).sum(axis=0) / np.maximum(counted, 1)) + 1e-6
        beyond = log_price - self._regression(neighbours)
        self.target_ = np.array([beyond.mean(), max(float(beyond.std()), 1e-3), log_price.min(), log_price.max()])
        taught = teach(
            self._numbers(prepared, neighbours), _codes(prepared), (beyond - self.target_[0]) / self.target_[1],
            prepared.category_sizes, self.settings, self.seed,
        )  # fmt: skip
        self.weights_ = {name: array.astype(np.float64) for name, array in taught.items()}
        return self

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        """Expected log price, shape (n,), never outside the prices learned from."""
        assert self.target_ is not None
        told = np.empty(len(prepared))
        for start in range(0, len(prepared), AT_ONCE):
            part = prepared.take(np.arange(start, min(start + AT_ONCE, len(prepared))))
            near = neighbours[start : start + AT_ONCE]
            told[start : start + AT_ONCE] = self._regression(near) + self._beyond(part, near)
        return np.clip(told, self.target_[2], self.target_[3])

    def _beyond(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        assert self.target_ is not None
        codes, weights = _codes(prepared), self.weights_
        vectors = [weights[f"level{j}"][codes[:, j]] for j in range(codes.shape[1])]
        x = np.hstack([self._numbers(prepared, neighbours), *vectors])
        if x.shape[1] != len(weights["in"]):
            raise damaged("in")
        x = x @ weights["in"] + weights["in_bias"]
        for k in range(_blocks(weights)):
            gain, shift, first, first_bias, second, second_bias = (weights[f"{part}{k}"] for part in BLOCK)
            x = x + np.maximum(_normed(x) * gain @ first + shift @ first + first_bias, 0) @ second + second_bias
        told = np.maximum(_normed(x), 0) @ weights["out"] + weights["out_bias"]
        return np.asarray(told[:, 0] * self.target_[1] + self.target_[0], np.float64)

    def _regression(self, neighbours: NDArray[np.float32]) -> Floats:
        """What the regression, the last neighbour column, estimates; its mean where there is none."""
        assert self.middle_ is not None
        own = neighbours[:, -1].astype(np.float64)
        return np.where(np.isfinite(own), own, self.middle_[-1])

    def _numbers(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        """Scaled numbers and neighbour columns with nothing for missing, then a flag for each that is."""
        assert self.middle_ is not None and self.spread_ is not None
        both = np.hstack([prepared.scaled.astype(np.float64), (neighbours - self.middle_) / self.spread_])
        return np.hstack([np.clip(np.nan_to_num(both, nan=0.0), -NEAR, NEAR), np.isnan(both)])

    def state(self) -> dict[str, Any]:
        """The weights, in single precision as they were learned, and the scales."""
        weights = {name: array.astype(np.float32) for name, array in self.weights_.items()}
        return {"weights": weights, "middle": self.middle_, "spread": self.spread_, "target": self.target_}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Network:
        """The network that was saved; ShelfError unless its layers fit each other."""
        weights = {str(name): np.asarray(array) for name, array in state["weights"].items()}
        middle = saved_floats(state, "middle", None)
        made = cls(
            middle_=middle,
            spread_=saved_floats(state, "spread", len(middle)),
            target_=saved_floats(state, "target", 4),
        )
        made.weights_ = {name: saved_floats(weights, name, *array.shape) for name, array in weights.items()}
        _check_layers(made.weights_)
        return made


def check_torch() -> None:
    """Raise MissingExtraError, with the line that installs it, unless PyTorch is there."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtraError(
            "The price model network needs PyTorch. Install it with: pip install 'perla[deep]'",
            "El modelo de precios network necesita PyTorch. Instálelo con: pip install 'perla[deep]'",
        )


def _codes(prepared: Prepared) -> NDArray[np.int64]:
    """0 for missing or unknown, else 1 + the level."""
    return prepared.categories.astype(np.int64) + 1


def _normed(x: Floats) -> Floats:
    off = x - x.mean(axis=1, keepdims=True)
    return off / np.sqrt((off**2).mean(axis=1, keepdims=True) + TINY)


def _blocks(weights: dict[str, Floats]) -> int:
    return sum(name.startswith("gain") for name in weights)


def _check_layers(weights: dict[str, Floats]) -> None:
    saved_floats(weights, "in", None, None)
    width = weights["in"].shape[1]
    saved_floats(weights, "in_bias", width)
    for k in range(_blocks(weights)):
        saved_floats(weights, f"first{k}", width, None)
        inner = weights[f"first{k}"].shape[1]
        for part, shape in (("gain", (width,)), ("shift", (width,)), ("first_bias", (inner,)),
                            ("second", (inner, width)), ("second_bias", (width,))):  # fmt: skip
            saved_floats(weights, f"{part}{k}", *shape)
    saved_floats(weights, "out", width, 1)
    saved_floats(weights, "out_bias", 1)
