"""What a recogniser makes up is taken out, each piece with the reason: loops, silence, phantom sentences, echoes.

The rule of silence and the ratio of compression are those of Whisper (Radford et al., 2022, section 4.5).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from perla.knowledge.transcription.loops import find_loops
from perla.knowledge.transcription.phantoms import shipped_phantoms
from perla.knowledge.transcription.said import Cleaned, Removed, Said, Why
from perla.knowledge.words import words_of

NO_SPEECH, LOG_PROBABILITY = 0.6, -1.0
COMPRESSION = 2.4
SHORTEST_ECHO = 4  # terms of the glossary in a row, and nothing else
LONGEST_BREAK_S = 30.0  # two segments further apart are not one loop


def clean(said: Sequence[Said], hotwords: Sequence[str] = ()) -> Cleaned:
    """What was said, without what the recogniser made up.

    hotwords : the terms it was given, in their order; a segment that recites them is an echo.

    >>> from perla.knowledge.transcription.said import SaidWord
    >>> thanks = Said((SaidWord("Gracias.", 3.0, 3.5, 0.2),), no_speech=0.7, log_probability=-0.9)
    >>> [(one.text, one.why.value) for one in clean([thanks]).removed]
    [('Gracias.', 'phantom')]
    """
    terms = [tuple(words_of(term)) for term in hotwords]
    kept, removed = [], []
    for one in said:
        why = _made_up(one, terms)
        if why is None:
            kept.append(one)
        else:
            removed.append(_removed(one, why))
    staying, loops = _without_loops(kept)
    removed = sorted([*removed, *loops], key=lambda piece: piece.start_s)
    return Cleaned(tuple(staying), tuple(removed))


def _made_up(one: Said, terms: Sequence[tuple[str, ...]]) -> Why | None:
    if one.no_speech > NO_SPEECH and one.log_probability < LOG_PROBABILITY:
        return Why.SILENCE
    if shipped_phantoms().is_one(one.text, one.no_speech, one.log_probability):
        return Why.PHANTOM
    return Why.ECHO if _recites(words_of(one.text), terms) else None


def _recites(words: Sequence[str], terms: Sequence[tuple[str, ...]]) -> bool:
    """Whether words are terms in the order they were given, and nothing else; the last may be broken off."""
    following = dict(zip(terms, [*terms[1:], ()], strict=False))
    begun = [term for term in following if term and tuple(words[: len(term)]) == term]
    for first in begun:
        term, place, count = first, 0, 0
        while term and tuple(words[place : place + len(term)]) == term:
            place, count, term = place + len(term), count + 1, following.get(term, ())
        if place == len(words) and count >= SHORTEST_ECHO:
            return True
    return False


def _without_loops(said: Sequence[Said]) -> tuple[list[Said], list[Removed]]:
    """Loops run across segments; what is left of a segment stays, unless it still squeezes like a loop."""
    kept, removed = [], []
    for part in _breaths(said):
        words = ["".join(words_of(word.text)) for one in part for word in one.words]
        out = {place for first, last in find_loops(words) for place in range(first, last) if words[place]}
        before = 0
        for one in part:
            gone = {place for place in range(len(one.words)) if before + place in out}
            before += len(one.words)
            rest = tuple(word for place, word in enumerate(one.words) if place not in gone)
            if gone:
                lost = tuple(word for place, word in enumerate(one.words) if place in gone)
                removed.append(_removed(replace(one, words=lost), Why.LOOP))
            if rest and compression_ratio(" ".join(word.text for word in rest)) > COMPRESSION:
                removed.append(_removed(replace(one, words=rest), Why.LOOP))
            elif rest:
                kept.append(replace(one, words=rest))
    return kept, removed


def _breaths(said: Sequence[Said]) -> Iterator[list[Said]]:
    """Segments in runs without a long break."""
    run: list[Said] = []
    for one in said:
        if run and one.start_s - run[-1].end_s > LONGEST_BREAK_S:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def compression_ratio(text: str) -> float:
    """How many times shorter zlib writes a text; people's speech stays under 2.4.

    >>> compression_ratio("hoy vemos el gradiente") < 1, compression_ratio("el gradiente " * 20) > 2.4
    (True, True)
    """
    plain = text.encode()
    return len(plain) / len(zlib.compress(plain)) if plain else 0.0


def _removed(one: Said, why: Why) -> Removed:
    return Removed(one.text, one.start_s, one.end_s, why)
