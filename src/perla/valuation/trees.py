"""The check of a saved tree model's text before LightGBM is given it.

LightGBM trusts such a text: one that is cut or changed ends the whole process, or sends a listing round in a circle.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

LONGEST_TEXT = 500_000_000
DIGITS, NO_NUMBER = b"0123456789.+-e ", b"infa"  # the second: of inf and nan
OF_NODES = ("threshold", "split_gain", "internal_value", "internal_weight", "internal_count")
OF_LEAVES = ("leaf_weight", "leaf_count")


def is_whole_model(text: object, outputs: int) -> bool:
    """Whether the text is a complete model of so many outputs, every tree of which stays inside itself.

    >>> is_whole_model("tree", 1)
    False
    """
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not text.startswith("tree\n") or not text.isascii():
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy only warns of what is no number
            return _is_whole(text, outputs)
    except (KeyError, ValueError, IndexError, OverflowError, DeprecationWarning):
        return False


def _is_whole(text: str, outputs: int) -> bool:
    start = text.index("\nTree=0\n") + 1
    head = _facts(text[:start])
    sizes = [int(size) for size in head["tree_sizes"].split()]
    if int(head["num_tree_per_iteration"]) != outputs or len(sizes) % outputs:
        return False
    for number, size in enumerate(sizes):
        block, start = text[start : start + size], start + size
        whole = block.startswith(f"Tree={number}\n") and _is_whole_tree(_facts(block), int(head["max_feature_idx"]))
        if not whole:
            return False
    return text.startswith("end of trees\n", start) and "\nend of parameters\n" in text[start:]


def _facts(part: str) -> dict[str, str]:
    lines = [line.partition("=") for line in part.splitlines() if "=" in line]
    facts = {name: value for name, _, value in lines}
    if len(facts) != len(lines):
        raise ValueError("a line stands twice")
    return facts


def _is_whole_tree(tree: dict[str, str], last_feature: int) -> bool:
    """Every leaf has a value, every node is reached once and splits on a known feature."""
    leaves = int(tree["num_leaves"])
    if leaves < 1 or float(tree["is_linear"]) != 0 or not np.isfinite(float(tree["shrinkage"])):
        return False
    if not _holds(tree["leaf_value"], leaves) or leaves == 1:
        return _holds(tree["leaf_value"], leaves)
    nodes = leaves - 1
    if not _hold_together([tree[name] for name in OF_NODES], nodes):
        return False
    if not _hold_together([tree[name] for name in OF_LEAVES], leaves):
        return False
    split = _whole_numbers(tree["split_feature"], nodes)
    known = bool(((split >= 0) & (split <= last_feature)).all())
    return known and _goes_down(tree, nodes) and _knows_its_categories(tree, nodes)


def _goes_down(tree: dict[str, str], nodes: int) -> bool:
    """Every child comes after its parent, so no path turns in a circle, and each is somebody's once."""
    left, right = _whole_numbers(tree["left_child"], nodes), _whole_numbers(tree["right_child"], nodes)
    wanted = np.concatenate([np.arange(-nodes - 1, 0), np.arange(1, nodes)])
    reached = np.array_equal(np.sort(np.concatenate([left, right])), wanted)
    own = np.arange(nodes)
    return bool(reached and ((left < 0) | (left > own)).all() and ((right < 0) | (right > own)).all())


def _knows_its_categories(tree: dict[str, str], nodes: int) -> bool:
    """A split by category names a set of categories that the tree holds."""
    count, kind = int(tree["num_cat"]), _whole_numbers(tree["decision_type"], nodes)
    if not ((kind >= 0) & (kind < 16)).all():
        return False
    by_category = kind & 1 == 1
    if count == 0:
        return not by_category.any()
    edges = _whole_numbers(tree["cat_boundaries"], count + 1)
    _whole_numbers(tree["cat_threshold"], int(edges[-1]))
    sets = np.array(tree["threshold"].split(), np.float64)[by_category]
    rising = edges[0] == 0 and (np.diff(edges) > 0).all()
    return bool(rising and ((sets >= 0) & (sets < count) & (sets == np.floor(sets))).all())


def _whole_numbers(line: str, count: int) -> NDArray[np.int64]:
    """So many whole numbers; ValueError for anything else."""
    numbers = np.fromstring(line, np.int64, sep=" ")
    if len(numbers) != count:
        raise ValueError(f"{count} numbers expected, got {len(numbers)}")
    return numbers


def _hold_together(lines: list[str], count: int) -> bool:
    """Whether each of these lines has so many numbers, by their look; their letters are looked at all at once."""
    return all(line and line.count(" ") == count - 1 for line in lines) and not "".join(lines).encode().translate(
        None, DIGITS + NO_NUMBER
    )


def _holds(line: str, count: int) -> bool:
    """Whether there are so many numbers, by their look."""
    return line.count(" ") == count - 1 and bool(line) and not line.encode().translate(None, DIGITS)
