"""A saved tree model's text, looked at before it is believed, and its trees as arrays.

LightGBM trusts such a text: one that is cut or changed ends the whole process, or sends a listing round in a circle.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST_TEXT = 500_000_000
DIGITS, NO_NUMBER = b"0123456789.+-e ", b"infa"  # the second: of inf and nan
OF_NODES = ("split_gain", "internal_value", "internal_weight", "internal_count")
OF_LEAVES = ("leaf_weight", "leaf_count")
SPLITS = ("split_feature", "left_child", "right_child", "decision_type", "threshold")
Ints = NDArray[np.int64]
Facts = dict[str, str]


@dataclass(frozen=True)
class Trees:
    """The trees of one model, laid end to end.

    leaves : (trees,), how many each has; a tree has one inner node less. For each inner node, (nodes,): column, left
    and right child (counted within its tree; below 0: the leaf ``~child``), kind (LightGBM's decision type), threshold
    (of a category: which of its tree's sets). sets : of each tree, (trees,); edges : where each set's words end, a 0
    before those of each tree; words : the sets as bits, 32 to a word. values : (leaves,). outputs : how many numbers
    the model tells; trees take turns. columns : how many it was learned from. averaged : of a forest.
    """

    leaves: Ints
    column: Ints
    left: Ints
    right: Ints
    kind: Ints
    threshold: NDArray[np.float64]
    sets: Ints
    edges: Ints
    words: Ints
    values: NDArray[np.float64]
    outputs: int
    columns: int
    averaged: bool


def is_whole_model(text: object, outputs: int) -> bool:
    """Whether the text is a complete model of so many outputs, every tree of which stays inside itself.

    >>> is_whole_model("tree", 1)
    False
    """
    return read_trees(text, outputs) is not None


def read_trees(text: object, outputs: int) -> Trees | None:
    """The trees of a complete model of so many outputs, every one of which stays inside itself; None for another text.

    >>> read_trees("tree", 1) is None
    True
    """
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.startswith("tree\n") or not text.isascii():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy only warns of what is no number
            return _read(text, outputs)
    except (KeyError, ValueError, IndexError, OverflowError, DeprecationWarning):
        return None


def _read(text: str, outputs: int) -> Trees | None:
    start = text.index("\nTree=0\n") + 1
    head = _facts(text[:start])
    sizes = [int(size) for size in head["tree_sizes"].split()]
    columns = int(head["max_feature_idx"]) + 1
    if not _is_whole_head(text[:start], head, columns, outputs) or len(sizes) % outputs:
        return None
    averaged, trees = "\naverage_output\n" in text[:start], []
    for number, size in enumerate(sizes):
        block, start = text[start : start + size], start + size
        if not block.startswith(f"Tree={number}\n"):
            return None
        trees.append(_facts(block))
    if not text.startswith("end of trees\n", start) or "\nend of parameters\n" not in text[start:]:
        return None
    found = _laid_out(trees, outputs, columns, averaged)
    return found if _stays_inside(found) else None


def _is_whole_head(text: str, head: Facts, columns: int, outputs: int) -> bool:
    told = len(head["feature_names"].split(" ")), len(head["feature_infos"].split(" "))
    return int(head["num_tree_per_iteration"]) == outputs and told == (columns, columns) and "objective" in head


def _facts(part: str) -> Facts:
    lines = [line.partition("=") for line in part.splitlines() if "=" in line]
    facts = {name: value for name, _, value in lines}
    if len(facts) != len(lines):
        raise ValueError("a line stands twice")
    return facts


def _laid_out(trees: list[Facts], outputs: int, columns: int, averaged: bool) -> Trees:
    """The numbers of all trees; ValueError where a line is no line of so many numbers."""
    leaves = np.array([int(tree["num_leaves"]) for tree in trees], np.int64)
    if (leaves < 1).any() or any(float(tree["is_linear"]) != 0 for tree in trees):
        raise ValueError("an empty or a linear tree")
    if not all(np.isfinite(float(tree["shrinkage"])) for tree in trees):
        raise ValueError("no shrinkage")
    split = [(tree, int(count)) for tree, count in zip(trees, leaves, strict=True) if count > 1]
    for name in OF_NODES:
        _check_numbers([(tree[name], count - 1) for tree, count in split], DIGITS + NO_NUMBER)
    for name in OF_LEAVES:
        _check_numbers([(tree[name], count) for tree, count in split], DIGITS + NO_NUMBER)
    sets = np.array([int(tree["num_cat"]) if count > 1 else 0 for tree, count in zip(trees, leaves, strict=True)])
    edges, words = _sets([tree for tree, count in zip(trees, sets, strict=True) if count], sets[sets > 0])
    inner = {name: [(tree[name], count - 1) for tree, count in split] for name in SPLITS}
    return Trees(
        leaves=leaves,
        column=_whole_numbers(inner["split_feature"]),
        left=_whole_numbers(inner["left_child"]),
        right=_whole_numbers(inner["right_child"]),
        kind=_whole_numbers(inner["decision_type"]),
        threshold=_numbers(inner["threshold"], DIGITS + NO_NUMBER),
        sets=sets.astype(np.int64),
        edges=edges,
        words=words,
        values=_numbers([(tree["leaf_value"], int(n)) for tree, n in zip(trees, leaves, strict=True)], DIGITS),
        outputs=outputs,
        columns=columns,
        averaged=averaged,
    )


def _sets(trees: list[Facts], counts: Ints) -> tuple[Ints, Ints]:
    """Where the sets of categories end, and the sets."""
    if (counts < 0).any():
        raise ValueError("fewer than no sets")
    edges = _whole_numbers([(tree["cat_boundaries"], int(n) + 1) for tree, n in zip(trees, counts, strict=True)])
    ends = np.cumsum(counts + 1)
    starts, lasts = edges[ends - counts - 1], edges[ends - 1]
    rising = np.diff(edges) > 0
    rising[ends[:-1] - 1] = True  # from one tree to the next
    if (starts != 0).any() or not rising.all():
        raise ValueError("sets in no order")
    return edges, _whole_numbers([(tree["cat_threshold"], int(n)) for tree, n in zip(trees, lasts, strict=True)])


def _stays_inside(trees: Trees) -> bool:
    """Every node is reached once and splits on a known column, and every split by category names a set there is."""
    if ((trees.column < 0) | (trees.column >= trees.columns) | (trees.kind < 0) | (trees.kind >= 16)).any():
        return False
    by_category = trees.kind & 1 == 1
    known = np.repeat(trees.sets, trees.leaves - 1)[by_category]
    named = trees.threshold[by_category]
    if not ((named >= 0) & (named < known) & (named == np.floor(named))).all():
        return False
    return _goes_down(trees) and bool(((trees.words >= 0) & (trees.words < 2**32)).all())


def _goes_down(trees: Trees) -> bool:
    """Every child comes after its parent, so no path turns in a circle, and each is somebody's once."""
    nodes = trees.leaves - 1
    first, leaf, size = (np.repeat(x, nodes) for x in (np.cumsum(nodes) - nodes, np.cumsum(trees.leaves) - trees.leaves,
                                                       trees.leaves))  # fmt: skip
    own, reached = np.arange(len(trees.left)) - first, np.zeros(int(nodes.sum() + trees.leaves.sum()), np.int64)
    for child in (trees.left, trees.right):
        if ((child < -size) | (child >= size - 1) | ((child >= 0) & (child <= own))).any():
            return False
        reached += np.bincount(np.where(child < 0, nodes.sum() + leaf + ~child, first + child), minlength=len(reached))
    alone = np.cumsum(nodes)[nodes > 0] - nodes[nodes > 0], nodes.sum() + np.cumsum(trees.leaves)[nodes == 0] - 1
    reached[np.concatenate(alone).astype(np.int64)] += 1  # roots, and the only leaves of trees without a split
    return bool((reached == 1).all())


def _whole_numbers(lines: Iterable[tuple[str, int]]) -> Ints:
    """So many whole numbers in each line, all in one array; ValueError for anything else."""
    parts = list(lines)
    _check_numbers(parts, b"0123456789- ")
    numbers = np.fromstring(" ".join(line for line, _ in parts), np.int64, sep=" ") if parts else np.empty(0, np.int64)
    if len(numbers) != sum(count for _, count in parts):
        raise ValueError(f"got {len(numbers)} numbers")
    return numbers


def _numbers(lines: Iterable[tuple[str, int]], letters: bytes) -> NDArray[np.float64]:
    """The same for any numbers, written with these letters."""
    import pyarrow
    from pyarrow import csv

    parts = list(lines)
    _check_numbers(parts, letters)
    if not parts:
        return np.empty(0)
    text = " ".join(line for line, _ in parts).replace(" ", "\n").encode()
    read = csv.read_csv(
        pyarrow.BufferReader(text),
        read_options=csv.ReadOptions(column_names=["number"], use_threads=False),
        convert_options=csv.ConvertOptions(column_types={"number": pyarrow.float64()}, null_values=[]),
    )
    numbers: NDArray[np.float64] = np.asarray(read.column(0).to_numpy(), np.float64)
    if len(numbers) != sum(count for _, count in parts):
        raise ValueError(f"got {len(numbers)} numbers")
    return numbers


def _check_numbers(lines: Iterable[tuple[str, int]], letters: bytes) -> None:
    """Raise ValueError unless each line looks like so many numbers; the letters are looked at all at once."""
    parts = list(lines)
    if not all(line and line.count(" ") == count - 1 for line, count in parts):
        raise ValueError("more or fewer numbers than there should be")
    if "".join(line for line, _ in parts).encode().translate(None, letters):
        raise ValueError("a word for a number")
