"""Which sounds recognisers take for which: how much likelier a window is heard when a term was said than by chance.

Every sound of a term is heard as itself, as another one or not at all, and sounds come in between; each with its own
probability (a probabilistic edit distance: Ristad and Yianilos 1998). They were counted in aligned pairs of words as
heard and terms as meant (benchmarks/aliases.py), and stand in ``confusions.txt`` as logarithms of how much likelier
than by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SOUNDS = "aeioupbtdkgjfsXmnlry"
PLACE = {sound: place for place, sound in enumerate(SOUNDS)}
OTHER = len(SOUNDS)  # any other letter or digit
BATCH = 4_000


@dataclass(frozen=True)
class Confusions:
    """Logarithms of how much likelier than by chance; places as in SOUNDS, then any other letter.

    swapped : (heard, meant). dropped : (meant,), not heard at all. added : (heard,), where nothing was meant.
    """

    swapped: Floats
    dropped: Floats
    added: Floats

    def likeness(self, heard: Sequence[str], meant: Sequence[str]) -> Floats:
        """Of pairs of readings, by the likeliest alignment, (pairs,): above 0 the term is likelier than chance.

        >>> said, far = shipped_confusions().likeness(["kamins", "keda"], ["kamins", "redneuronal"])
        >>> bool(said > 0 > far)
        True
        """
        out = np.zeros(len(heard))
        order = np.argsort([100 * len(one) + len(other) for one, other in zip(heard, meant, strict=True)])
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            out[part] = self._aligned([heard[i] for i in part], [meant[i] for i in part])
        return out

    def _aligned(self, heard: Sequence[str], meant: Sequence[str]) -> Floats:
        """Needleman and Wunsch (1970), of many pairs at once."""
        said, said_lengths = _codes(heard)
        term, term_lengths = _codes(meant)
        dropped, added = self.dropped[term], self.added[said]
        row = np.concatenate([np.zeros((len(said), 1)), np.cumsum(dropped, axis=1)], axis=1)
        out = np.where(said_lengths == 0, row[np.arange(len(said)), term_lengths], 0.0)
        for i in range(said.shape[1]):
            above = row + added[:, i][:, None]
            best = np.maximum(row[:, :-1] + self.swapped[said[:, i][:, None], term], above[:, 1:])
            row = np.empty_like(above)
            row[:, 0] = above[:, 0]
            for j in range(term.shape[1]):
                row[:, j + 1] = np.maximum(best[:, j], row[:, j] + dropped[:, j])
            ended = said_lengths == i + 1
            out[ended] = row[ended, term_lengths[ended]]
        return out


def _codes(readings: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The sounds of each reading by their places, filled up to the longest, and how many there are."""
    lengths = np.array([len(one) for one in readings], np.int64)
    codes = np.full((len(readings), max(int(lengths.max(initial=0)), 1)), OTHER, np.int64)
    for row, one in enumerate(readings):
        codes[row, : len(one)] = [PLACE.get(sound, OTHER) for sound in one]
    return codes, lengths


@cache
def shipped_confusions() -> Confusions:
    """Those that come with perla: a line for each sound as heard, by what was meant, and its addition; then drops."""
    text = files("perla.knowledge").joinpath("confusions.txt").read_text(encoding="utf-8")
    rows = [[float(cell) for cell in line.split()[1:]] for line in text.splitlines() if line[:1] != "#"]
    table = np.array([row[: OTHER + 1] for row in rows])
    return Confusions(table[:-1], table[-1], np.array([row[-1] for row in rows[:-1]]))
