"""What a recogniser heard, and what was taken out of it: the nouns of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perla.words import Text


@dataclass(frozen=True)
class SaidWord:
    """A word as it was heard, with its signs. start_s, end_s : seconds into the recording. probability : 0 to 1."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class Said:
    """A segment: words said in one go.

    no_speech : how likely nobody speaks there, 0 to 1. log_probability : mean of its tokens; 0 is certain.
    """

    words: tuple[SaidWord, ...]
    no_speech: float
    log_probability: float

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @property
    def text(self) -> str:
        """The words as one text.

        >>> Said((SaidWord("hola,", 0, 1, 0.9), SaidWord("buenas", 1, 2, 0.8)), 0.0, -0.1).text
        'hola, buenas'
        """
        return " ".join(word.text for word in self.words)


class Why(StrEnum):
    """Why words were taken out."""

    LOOP = "loop"
    SILENCE = "silence"
    PHANTOM = "phantom"
    ECHO = "echo"

    @property
    def label(self) -> Text:
        """What it is called, in the plural.

        >>> Why.LOOP.label.es
        'repeticiones en bucle'
        """
        return {
            Why.LOOP: Text("loops", "repeticiones en bucle"),
            Why.SILENCE: Text("words heard in silence", "palabras oídas en silencio"),
            Why.PHANTOM: Text("phantom sentences", "frases fantasma"),
            Why.ECHO: Text("echoes of the glossary", "ecos del glosario"),
        }[self]


@dataclass(frozen=True)
class Removed:
    """Words that were taken out, and why."""

    text: str
    start_s: float
    end_s: float
    why: Why


@dataclass(frozen=True)
class Cleaned:
    """What stays and what was taken out."""

    said: tuple[Said, ...]
    removed: tuple[Removed, ...]
