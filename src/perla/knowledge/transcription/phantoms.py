"""The well-known sentences that Whisper makes up in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from perla.knowledge.words import words_of

SURE_LOG_PROBABILITY, SURE_NO_SPEECH = -0.5, 0.3


@dataclass(frozen=True)
class Phantoms:
    """Two patterns over folded words: sentences nobody says in a meeting, and sentences that are seldom said."""

    never: re.Pattern[str]
    seldom: re.Pattern[str]

    def is_one(self, text: str, no_speech: float, log_probability: float) -> bool:
        """Whether a whole segment is such a sentence; one that people do say counts only where the model doubts.

        >>> known = shipped_phantoms()
        >>> known.is_one("¡Subtítulos realizados por la comunidad de Amara.org!", 0.0, -0.1)
        True
        >>> known.is_one("Muchas gracias.", 0.0, -0.1), known.is_one("Muchas gracias.", 0.8, -0.9)
        (False, True)
        """
        folded = " ".join(words_of(text))
        doubted = no_speech > SURE_NO_SPEECH or log_probability < SURE_LOG_PROBABILITY
        return bool(self.never.fullmatch(folded) or (doubted and self.seldom.fullmatch(folded)))


@cache
def shipped_phantoms() -> Phantoms:
    """The sentences that come with perla."""
    lists: dict[str, list[str]] = {}
    name = ""
    for line in files("perla.knowledge.transcription").joinpath("phantoms.txt").read_text("utf-8").splitlines():
        if line.startswith("---"):
            name = line.removeprefix("---").strip()
        elif line.strip() and not line.startswith("#"):
            lists.setdefault(name, []).append(_pattern(line))
    return Phantoms(re.compile("|".join(lists["never said"])), re.compile("|".join(lists["seldom said"])))


def _pattern(line: str) -> str:
    parts = [" ".join(words_of(part)) for part in line.split("*")]
    return r" \S+(?: \S+){0,11}".join(parts).strip()
