"""A long recording in pieces that are cut where it is quiet, so that no word is cut and little is held in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from perla.knowledge.transcription.media import RATE

LONGEST = 120 * RATE
SEARCHED = 20 * RATE  # at the end of a piece
FRAME = RATE // 10
PAUSE_FRAMES = 5


@dataclass(frozen=True)
class Piece:
    """first : its first sample, counted from the start of the recording. samples : int16."""

    first: int
    samples: np.ndarray

    @property
    def start_s(self) -> float:
        return self.first / RATE

    @property
    def end(self) -> int:
        return self.first + len(self.samples)

    @property
    def end_s(self) -> float:
        return self.end / RATE


def cut(blocks: Iterable[np.ndarray], first: int = 0) -> Iterator[Piece]:
    """Pieces of at most two minutes, from a sample on. Where a piece begins decides alone where it ends.

    >>> [(p.start_s, p.end_s) for p in cut([np.zeros(90 * RATE, np.int16)] * 2)]
    [(0.0, 100.25), (100.25, 180.0)]
    """
    waiting: list[np.ndarray] = []
    held, to_skip, at = 0, first, first
    for block in blocks:
        rest = block[to_skip:]
        to_skip = max(0, to_skip - len(block))
        if len(rest):
            waiting.append(rest)
            held += len(rest)
        while held > LONGEST:
            together = np.concatenate(waiting)
            end = quiet_place(together[:LONGEST])
            yield Piece(at, together[:end])
            at, waiting, held = at + end, [together[end:]], held - end
    if held:
        yield Piece(at, np.concatenate(waiting))


def quiet_place(samples: np.ndarray) -> int:
    """The middle of the quietest half second near the end."""
    first = max(0, len(samples) - SEARCHED)
    frames = (len(samples) - first) // FRAME
    if frames < PAUSE_FRAMES:
        return len(samples)
    tail = samples[first : first + frames * FRAME].astype(np.float64).reshape(frames, FRAME)
    energy = np.convolve((tail**2).mean(axis=1), np.ones(PAUSE_FRAMES), mode="valid")
    return int(first + np.argmin(energy) * FRAME + PAUSE_FRAMES * FRAME // 2)
