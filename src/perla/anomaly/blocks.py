"""Which columns are hidden together when a cell is rebuilt from the rest."""

from __future__ import annotations

MOST_PASSES = 60


def hiding_blocks(columns: tuple[str, ...], price: int) -> tuple[tuple[int, ...], ...]:
    """Columns hidden together: the parts of one thing (``sold_on/year``, ``sold_on/month``); the price always alone.

    With more than 60 things, several are hidden at once.

    >>> hiding_blocks(("price", "day/sin", "area", "day/cos"), 0)
    ((0,), (1, 3), (2,))
    """
    things: dict[str, list[int]] = {}
    for j, name in enumerate(columns):
        if j != price:
            things.setdefault(name.split("/")[0], []).append(j)
    others = list(things.values())
    passes = min(len(others), MOST_PASSES - 1)
    merged = [[j for thing in others[i::passes] for j in thing] for i in range(passes)]
    return tuple(sorted([(price,), *(tuple(sorted(block)) for block in merged)]))
