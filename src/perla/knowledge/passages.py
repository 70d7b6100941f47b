"""What was learned, piece by piece, each with the place it stands in: the nouns of this wing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from perla.words import Lang, Text

NAN = float("nan")


class SourceKind(StrEnum):
    """What a source is."""

    RECORDING = "recordings"
    DOCUMENT = "documents"
    CODE = "code"

    @property
    def label(self) -> Text:
        spanish = {"recordings": "grabaciones", "documents": "documentos", "code": "código"}
        return Text(self.value, spanish[self.value])


@dataclass(frozen=True)
class Source:
    """One recording, document or file of code.

    name : unique among the sources. title : what people call it. path : where it was read. digest : sha256 of its
    bytes. day : ISO date, or empty. session : its number as people say it ("18"), or empty. media : the recording's
    audio or video, or empty. commit : of the repository it belongs to, or empty.
    """

    name: str
    kind: SourceKind
    title: str
    path: str
    digest: str
    day: str = ""
    session: str = ""
    media: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Span:
    """The smallest piece a reader yields, in order: a row of a transcript, a paragraph, a definition.

    start_s, end_s : seconds into the recording, not a number elsewhere. first_line, last_line : from 1, of documents
    and code, 0 elsewhere. heading : the section, or the qualified name of the definition.
    """

    text: str
    start_s: float = NAN
    end_s: float = NAN
    first_line: int = 0
    last_line: int = 0
    heading: str = ""


@dataclass(frozen=True)
class PassedOver:
    """A file that was not learned, and why."""

    path: str
    reason: Text


@dataclass(frozen=True)
class Reading:
    """A source and what stands in it."""

    source: Source
    spans: tuple[Span, ...]
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Passage:
    """Some 120 words of one source, found and cited together.

    source : its name. first_word, last_word : which words of the source, the last not included. The other fields as in
    :class:`Span`; ``text`` is verbatim.
    """

    source: str
    kind: SourceKind
    text: str
    first_word: int
    last_word: int
    start_s: float = NAN
    end_s: float = NAN
    first_line: int = 0
    last_line: int = 0
    heading: str = ""

    def overlaps(self, other: Passage) -> bool:
        """Whether both hold a word of the same source."""
        same = self.source == other.source
        return same and self.first_word < other.last_word and other.first_word < self.last_word


@dataclass(frozen=True)
class Hit:
    """A passage that was found. score : 0 to 1, of this question. parts : what each signal says, by its name."""

    passage: Passage
    score: float
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Quote:
    """Words that stand in a source, letter by letter. repaired : the same with mangled terms as they were meant."""

    text: str
    repaired: str
    source: Source
    score: float
    start_s: float = NAN
    end_s: float = NAN
    first_line: int = 0
    last_line: int = 0
    heading: str = ""

    def citation(self, lang: Lang) -> str:
        """Where it stands, in one bracket.

        >>> talk = Source("s18", SourceKind.RECORDING, "Autoencoders", "s18.csv", "", "2024-08-07", "18")
        >>> Quote("se usa", "se usa", talk, 0.9, 760.0, 800.0).citation("es")
        '[sesión 18, 2024-08-07, 00:12:40]'
        >>> code = Source("net.py", SourceKind.CODE, "net.py", "models/net.py", "", commit="a1b2c3d4e5")
        >>> Quote("def loss():", "def loss():", code, 0.9, first_line=10, last_line=24).citation("en")
        '[models/net.py:10-24@a1b2c3d]'
        """
        if self.source.kind is SourceKind.RECORDING:
            named = f"{'sesión' if lang == 'es' else 'session'} {self.source.session}"
            parts = [named if self.source.session else self.source.title, self.source.day, clock(self.start_s)]
            return f"[{', '.join(part for part in parts if part)}]"
        lines = "" if not self.first_line else f":{self.first_line}-{self.last_line}"
        commit = f"@{self.source.commit[:7]}" if self.source.commit else ""
        return f"[{self.source.path}{lines}{commit}]"


@dataclass(frozen=True)
class Answer:
    """What is answered, and what it stands on.

    text : in the language of the question. refused : the evidence does not hold what was asked, and ``why`` says so;
    ``nearest`` are then the nearest moments. why : of an answer that stands, what there is to say of what a language
    model wrote, or failed to. sessions : sources the question may be about, best first. timings : milliseconds by step.
    written_by : the language model that wrote it, empty for quotes alone. removed : sentences that the model wrote
    without support, and that were taken out.
    """

    question: str
    lang: Lang
    text: str
    refused: bool
    quotes: tuple[Quote, ...]
    why: Text | None = None
    nearest: tuple[Quote, ...] = ()
    sessions: tuple[Source, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    written_by: str = ""
    removed: tuple[str, ...] = ()


def clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds; empty where nobody knows.

    >>> clock(760.4), clock(float("nan"))
    ('00:12:40', '')
    """
    if not math.isfinite(seconds):
        return ""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
