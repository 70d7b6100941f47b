"""The same words again and again: a recogniser that is stuck, told from a speaker who repeats himself."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_PERIOD = 16  # words
MOST_REPEATS_OF_FEW = {1: 5, 2: 4, 3: 4}  # "no, no, no, no" is said by people
MOST_REPEATS = 3
PHRASE_REPEATS = 2


def find_loops(words: Sequence[str]) -> list[tuple[int, int]]:
    """Which words repeat what stands before them: first and last (not included) of each run after its first turn.

    Words are compared as they are; fold them before. Shorter periods are looked for first, so that "a a a a a a" is
    one word said six times.

    >>> find_loops("y entonces vamos a ver vamos a ver vamos a ver vamos a ver vamos a ver eso".split())
    [(5, 17)]
    >>> find_loops("no no no no eso no".split())
    []
    """
    found: list[tuple[int, int]] = []
    place = 0
    while place < len(words):
        period, end = _run(words, place)
        if not period:
            place += 1
            continue
        found.append((place + period, end))
        place = end
    return found


def _run(words: Sequence[str], first: int) -> tuple[int, int]:
    """The period of a loop that begins here and where it ends; 0 where none does."""
    for period in range(1, min(LONGEST_PERIOD, (len(words) - first) // 2) + 1):
        end = first + period
        while end < len(words) and words[end] == words[end - period]:
            end += 1
        turns = (end - first) // period
        if turns > MOST_REPEATS_OF_FEW.get(period, MOST_REPEATS if period < 8 else PHRASE_REPEATS):
            # a turn that was begun belongs to the loop only when the words end with it
            return period, end if end == len(words) else first + turns * period
    return 0, first
