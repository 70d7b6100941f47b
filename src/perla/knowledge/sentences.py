"""Sentences of texts and of unpunctuated speech, each with the place it stands in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from perla.knowledge.cutting import Script
from perla.knowledge.passages import NAN, Reading, SourceKind
from perla.knowledge.sound import fold

SHORTEST, USUAL, LONGEST = 7, 20, 34  # words of a sentence that is said
LONGEST_WRITTEN = 60
STRETCH = 300  # words of a recording that are looked at together
PAUSE_S = 0.8
ENDS = (".", "?", "!", "…", ".”", '."', "?”", '?"', ".»", "?»")
ABBREVIATIONS = frozenset(["sr.", "sra.", "dr.", "dra.", "ej.", "etc.", "p.ej.", "e.g.", "i.e.", "vs.", "fig.", "no."])
_WELL = "entonces pero ahora pues bueno listo"
_LESS = "porque cuando aunque mientras despues luego ademas tambien o sea por si como donde"
_LEAST = "y que para con es esto eso esta este but because so then when and now if while"
OPENING = {
    word: worth for words, worth in ((_WELL, 3.0), (_LESS, 1.5), (_LEAST, 1.0)) for word in words.split()
}  # how well a sentence that is said begins with a word


@dataclass(frozen=True)
class Sentence:
    """Words first..last (not included) of a source, verbatim. The other fields as in Span."""

    source: str
    text: str
    first: int
    last: int
    start_s: float = NAN
    end_s: float = NAN
    first_line: int = 0
    last_line: int = 0


def sentences_of(script: Script, paragraphs: Collection[int] = ()) -> tuple[Sentence, ...]:
    """The sentences of a source, in order; together they are the whole of it.

    paragraphs : the pieces of a text that begin one (:func:`paragraphs_of`); no sentence crosses them.

    >>> from perla.knowledge.cutting import write_script
    >>> from perla.knowledge.passages import Reading, Source, Span
    >>> notes = Source("n.md", SourceKind.DOCUMENT, "Notes", "n.md", "")
    >>> script = write_script(Reading(notes, (Span("One fact. And e.g. another one.", first_line=1, last_line=1),)))
    >>> [sentence.text for sentence in sentences_of(script)]
    ['One fact.', 'And e.g. another one.']
    """
    if script.source.kind is SourceKind.RECORDING:
        return tuple(one for first, last in stretches_of(script) for one in sentences_said(script, first, last))
    pieces = _pieces_with_words(script, 0, len(script.words))
    borders = _written_borders(script, pieces, paragraphs) if pieces else []
    return _cut_at(script, pieces, borders, len(script.words))


def stretches_of(script: Script) -> list[tuple[int, int]]:
    """Spans of a recording put together to some minutes, (first word, last not included); no sentence crosses them."""
    starts, edges = script.words.starts, [0]
    for place in starts[1:-1]:
        if place - edges[-1] >= STRETCH:
            edges.append(place)
    return list(pairwise([*edges, starts[-1]])) if starts[-1] else []


def sentences_said(script: Script, first: int, last: int) -> tuple[Sentence, ...]:
    """The sentences of one stretch of a recording."""
    pieces = _pieces_with_words(script, first, last)
    return _cut_at(script, pieces, _said_borders(script, pieces), last)


def _cut_at(
    script: Script, pieces: Sequence[tuple[int, int]], borders: Sequence[int], last: int
) -> tuple[Sentence, ...]:
    """Sentences between borders, which count pieces. last : the word where the last one ends."""
    begins = [pieces[place][1] for place in (0, *borders)] if pieces else []
    return tuple(between(script, begin, end) for begin, end in pairwise([*begins, last]))


def paragraphs_of(reading: Reading) -> tuple[int, ...]:
    """The blank-separated pieces of a reading that begin one of its spans."""
    return tuple(accumulate((len(span.text.split()) for span in reading.spans), initial=0))


def between(script: Script, first: int, last: int) -> Sentence:
    """Words first..last (not included) of a script as they stand there.

    A piece without a word in it (a dash, a bullet) belongs to the words before it.
    """
    begin, end = script.words[first], script.words[last - 1]
    text = " ".join(script.pieces[begin.piece : end.piece + 1])
    if script.source.kind is SourceKind.RECORDING:
        return Sentence(script.source.name, text, first, last, begin.start_s, end.end_s)
    return Sentence(script.source.name, text, first, last, NAN, NAN, begin.line, end.line)


def stands_in(quote: str, script: Script) -> bool:
    """Whether a quote stands in a source letter by letter, whole words at both ends; blanks count as one.

    >>> from perla.knowledge.cutting import write_script
    >>> from perla.knowledge.passages import Reading, Source, Span
    >>> talk = Source("t", SourceKind.RECORDING, "Talk", "t.csv", "")
    >>> script = write_script(Reading(talk, (Span("la pérdida baja, y listo", 0.0, 4.0),)))
    >>> stands_in("pérdida baja, y", script), stands_in("la perdida baja", script), stands_in("a pérdida", script)
    (True, False, False)
    """
    words = quote.split()
    return bool(words) and f" {' '.join(words)} " in f" {' '.join(script.pieces)} "


def _pieces_with_words(script: Script, first: int, last: int) -> list[tuple[int, int]]:
    """Pieces that hold words first..last (not included): (piece, its first word)."""
    found: list[tuple[int, int]] = []
    for place, word in enumerate(script.words[first:last], first):
        if not found or found[-1][0] != word.piece:
            found.append((word.piece, place))
    return found


def _said_borders(script: Script, pieces: Sequence[tuple[int, int]]) -> list[int]:
    """Of unpunctuated speech: where signs, pauses and small words let a sentence of usual length end."""
    good, count = _goodness(script, pieces) if pieces else [], len(pieces)
    borders: list[int] = []
    start = 0
    while count - start > LONGEST:
        here = range(start + SHORTEST, min(start + LONGEST, count - SHORTEST) + 1)
        start = max((good[place] - abs(place - start - USUAL) / 6, -place) for place in here)[1] * -1
        borders.append(start)
    return borders


def _goodness(script: Script, pieces: Sequence[tuple[int, int]]) -> list[float]:
    """For every piece how well a sentence begins with it."""
    good, begin = [0.0], pieces[0][1]
    words = script.words[begin : pieces[-1][1] + 1]
    for (piece, first), (before, _) in zip(pieces[1:], pieces, strict=False):
        ended, written = script.pieces[before], script.pieces[piece]
        score = _opens(written) + _closes(ended)
        pause = words[first - begin].start_s - words[first - begin - 1].end_s
        good.append(score + (4.0 if pause >= PAUSE_S else 0.0))
    return good


@lru_cache(maxsize=100_000)
def _opens(piece: str) -> float:
    """How well a sentence that is said begins with a piece of text."""
    return OPENING.get(fold(piece.rstrip(",.")), 0.0) + (1.5 if piece[:1].isupper() else 0.0)


@lru_cache(maxsize=100_000)
def _closes(piece: str) -> float:
    """How well one ends with it."""
    return 6.0 if piece.endswith(ENDS) else 2.5 if piece.endswith((",", ";", ":")) else 0.0


def _written_borders(script: Script, pieces: Sequence[tuple[int, int]], paragraphs: Collection[int]) -> list[int]:
    """Of texts: signs that end a sentence, and paragraphs."""
    begins = sorted(paragraphs)
    borders: list[int] = []
    start = 0
    for place in range(1, len(pieces)):
        before, piece = pieces[place - 1][0], pieces[place][0]
        ended = script.pieces[before]
        stops = ended.endswith(ENDS) and ended.lower() not in ABBREVIATIONS and not script.pieces[piece][:1].islower()
        apart = bisect_right(begins, piece) > bisect_right(begins, before)
        if stops or apart or place - start >= LONGEST_WRITTEN:
            borders.append(place)
            start = place
    return borders
