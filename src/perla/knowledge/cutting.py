"""Readings -> passages of some 120 words, one every 30, each with its minute or its lines; what each is found by."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import PurePosixPath
from typing import overload

from perla.knowledge.asked import language_of
from perla.knowledge.passages import NAN, Passage, Reading, Source, SourceKind, Span
from perla.knowledge.words import english_base, words_of

WORDS, STEP = 120, 30
NAMED, TOLD = 2, 2  # how often the name of a definition or section, and a docstring, count as said
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
DOCSTRING = re.compile(r'"""(.*?)(?:>>>|""")', re.S)
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import[ \t]+(?:\([^)]*\)|.*)|import[ \t].*)$", re.M)


@dataclass(frozen=True)
class Word:
    """One folded word of a source and where it stands. piece : which blank-separated piece of the source it is in."""

    text: str
    piece: int
    start_s: float
    end_s: float
    line: int


@dataclass(frozen=True)
class Script:
    """A source as words. pieces : its text between blanks, verbatim, as the words' ``piece`` counts them.

    headings : of each piece, the section it stands in.
    """

    source: Source
    words: Words
    pieces: tuple[str, ...]
    headings: tuple[str, ...] = ()

    @property
    def folded(self) -> list[str]:
        return [word.text for word in self.words]


class Words(Sequence[Word]):
    """The words of a source, in order; those of a span are laid out when they are first looked at.

    starts : of each span its first word, and behind them how many words there are.
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._pieces = list(accumulate((len(span.text.split()) for span in spans), initial=0))
        self.starts = list(accumulate((len(words_of(span.text)) for span in spans), initial=0))
        self._laid_out: dict[int, list[Word]] = {}

    def __len__(self) -> int:
        return self.starts[-1]

    @overload
    def __getitem__(self, place: int) -> Word: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Word]: ...
    def __getitem__(self, place: int | slice) -> Word | Sequence[Word]:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            return self._between(first, last)[::step] if step > 0 else list(self)[place]
        place = range(len(self))[place]
        span = bisect_right(self.starts, place) - 1
        return self._of(span)[place - self.starts[span]]

    def __iter__(self) -> Iterator[Word]:
        return chain.from_iterable(map(self._of, range(len(self._spans))))

    def _between(self, first: int, last: int) -> list[Word]:
        if first >= last:
            return []
        span = bisect_right(self.starts, first) - 1
        spans = range(span, bisect_left(self.starts, last))
        words = [word for number in spans for word in self._of(number)]
        return words[first - self.starts[span] : last - self.starts[span]]

    def _of(self, number: int) -> list[Word]:
        """The words of a span; times and lines are shared out evenly over them."""
        if number not in self._laid_out:
            span, words = self._spans[number], list[Word]()
            own = span.text.split()
            for place, piece in enumerate(own):
                start, end, line = _where(span, place, len(own))
                words += [Word(text, self._pieces[number] + place, start, end, line) for text in words_of(piece)]
            self._laid_out[number] = words
        return self._laid_out[number]


def write_script(reading: Reading) -> Script:
    """The words of a reading; within a span, times and lines are shared out evenly over its words."""
    pieces = tuple(piece for span in reading.spans for piece in span.text.split())
    headings = tuple(heading for span in reading.spans for heading in [span.heading] * len(span.text.split()))
    return Script(reading.source, Words(reading.spans), pieces, headings)


def folded_words(reading: Reading) -> list[str]:
    """The folded words of a reading, as its script has them."""
    return [word for span in reading.spans for word in words_of(span.text)]


def _where(span: Span, place: int, count: int) -> tuple[float, float, int]:
    long = span.end_s - span.start_s
    lines = span.last_line - span.first_line + 1
    line = span.first_line + place * lines // max(count, 1) if span.first_line else 0
    return span.start_s + long * place / count, span.start_s + long * (place + 1) / count, line


def cut(script: Script, words: int = WORDS, step: int = STEP) -> Iterator[Passage]:
    """The passages of a script, in order."""
    count, first = len(script.words), 0
    while first < count:
        last = min(first + words, count)
        yield _passage(script, first, last)
        if last == count:
            return
        first += step


def _passage(script: Script, first: int, last: int) -> Passage:
    begin, end = script.words[first], script.words[last - 1]
    text = " ".join(script.pieces[begin.piece : end.piece + 1])
    recording = script.source.kind is SourceKind.RECORDING
    times = (begin.start_s, end.end_s) if recording else (NAN, NAN)
    lines = (0, 0) if recording else (begin.line, end.line)
    heading = script.headings[begin.piece] if script.headings else ""
    return Passage(script.source.name, script.source.kind, text, first, last, *times, *lines, heading)


def cut_definitions(reading: Reading) -> Iterator[Passage]:
    """Code is found by definition: one passage for each span, whatever its length."""
    first = 0
    for span in reading.spans:
        last = first + max(1, len(words_of(span.text)))
        yield Passage(
            reading.source.name, reading.source.kind, span.text, first, last, NAN, NAN, span.first_line, span.last_line,
            span.heading,
        )  # fmt: skip
        first = last


def passages_of(readings: Iterable[Reading]) -> list[Passage]:
    """All passages, those of a source together and in order."""
    found: list[Passage] = []
    for reading in readings:
        code = reading.source.kind is SourceKind.CODE
        found += cut_definitions(reading) if code else cut(write_script(reading))
    return found


def found_by(passage: Passage) -> list[str]:
    """The folded words a passage is found by.

    Of speech those that were said. Of a document its heading and the file's name too. Of code no imports, identifiers
    taken apart, its path, its name twice more and its docstring too. English words also in their base form.

    >>> found_by(Passage("lab/zoo.py", SourceKind.CODE, "def feedApes(): ...", 0, 1, heading="Zoo.feedApes"))
    ['def', 'feed', 'apes', 'zoo', 'feed', 'apes', 'zoo', 'feed', 'apes', 'zoo', 'ape', 'ape', 'ape']
    """
    if passage.kind is SourceKind.RECORDING:
        return words_of(passage.text)
    path = PurePosixPath(passage.source)
    if passage.kind is SourceKind.DOCUMENT:
        words = words_of(passage.text) + words_of(f"{passage.heading} {path.stem}") * NAMED
        return _based(words) if language_of(passage.text) == "en" else words
    words = words_of(_apart(IMPORT.sub("", passage.text))) + words_of(_apart(passage.heading)) * NAMED
    told = DOCSTRING.search(passage.text)
    return _based(words + words_of(" ".join(path.with_suffix("").parts[1:])) + words_of(told[1] if told else "") * TOLD)


def _apart(text: str) -> str:
    """Text whose identifiers are taken apart at their capitals."""
    return HUMP.sub(" ", text)


def _based(words: Iterable[str]) -> list[str]:
    """Words, and behind them the base form of each that has another."""
    words = list(words)
    return words + [based for word in words if (based := english_base(word)) != word]
