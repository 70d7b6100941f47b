"""One boosted model per column, as text, and the check of such a text before it is believed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.plain_state import wrong

TREES, LEAVES = 80, 15
MOST_TREES = 300  # of all levels of a category together
LONGEST_TEXT = 50_000_000


def fit_number(features: NDArray[Any], values: NDArray[Any], seed: int, threads: int) -> str:
    """A regression of a number column on the others."""
    return _fit(features, values, {"objective": "regression", "learning_rate": 0.1}, TREES, seed, threads)


def fit_category(features: NDArray[Any], codes: NDArray[Any], levels: int, seed: int, threads: int) -> str:
    """A distribution over the levels of a category column, given the others."""
    rounds = min(TREES, max(10, MOST_TREES // levels))
    goal: dict[str, Any] = {"objective": "multiclass", "num_class": levels, "learning_rate": 8.0 / max(rounds, 40)}
    return _fit(features, codes, goal, rounds, seed, threads)


def _fit(
    features: NDArray[Any], target: NDArray[Any], goal: dict[str, Any], rounds: int, seed: int, threads: int
) -> str:
    import lightgbm

    settings = {
        "num_leaves": LEAVES, "min_data_in_leaf": min(20, max(2, len(target) // 20)), "lambda_l2": 1.0,
        "seed": seed, "deterministic": True, "num_threads": threads, "verbose": -1, **goal,
    }  # fmt: skip
    booster = lightgbm.train(settings, lightgbm.Dataset(features, target), rounds)
    return str(booster.model_to_string())


def predict(text: str, features: NDArray[Any], threads: int) -> NDArray[Any]:
    """(n,) for a number, (n, levels) for a category."""
    import lightgbm

    return np.asarray(lightgbm.Booster(model_str=text).predict(features, num_threads=threads))


def check_trees(text: object, features: int, outputs: int, key: str) -> str:
    """The text if it is a model of so many features and outputs whose trees stay inside themselves; else ShelfError."""
    if not isinstance(text, str) or not text.startswith("tree\n") or len(text) > LONGEST_TEXT:
        raise wrong(key, "the text of a boosted model", "el texto de un modelo de árboles", type(text).__name__)
    try:
        head, *trees = text.split("\nTree=")
        facts = _facts(head)
        fits = int(facts["max_feature_idx"]) == features - 1 and int(facts["num_tree_per_iteration"]) == outputs
        whole = bool(trees) and all(_is_whole(_facts(tree), features) for tree in trees)
    except (KeyError, ValueError, IndexError):
        fits = whole = False
    if not fits or not whole:
        raise wrong(key, "a whole boosted model", "un modelo de árboles completo", "something else")
    return text


def _facts(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.splitlines() if "=" in line)


def _is_whole(tree: dict[str, str], features: int) -> bool:
    """Every node is reached once, splits on a known feature, and every leaf has a value."""
    leaves = int(tree["num_leaves"])
    values = [float(v) for v in tree["leaf_value"].split()]
    if len(values) != leaves or not all(map(math.isfinite, values)) or int(tree["num_cat"]) != 0:
        return False
    if leaves == 1:
        return True
    nodes = leaves - 1
    parts = {k: tree[k].split() for k in ("split_feature", "threshold", "left_child", "right_child", "decision_type")}
    if any(len(values) != nodes for values in parts.values()):
        return False
    children = [int(c) for c in parts["left_child"] + parts["right_child"]]
    reached = sorted(children) == [*range(-leaves, 0), *range(1, nodes)]
    return reached and all(0 <= int(f) < features for f in parts["split_feature"]) and _goes_down(children, nodes)


def _goes_down(children: list[int], nodes: int) -> bool:
    """Every child node comes after its parent, so no path turns in a circle."""
    return all(child < 0 or child > i % nodes for i, child in enumerate(children))
