"""The repaired reading of a quote: mangled terms as they were meant, beside the words as they stand.

Nothing is overwritten: the quote stays verbatim, and the reading is made from it whenever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from perla.knowledge.aliases import TRUSTED, Finding, Rule
from perla.knowledge.sound import fold
from perla.knowledge.words import WORD

REPAIRING = (Rule.SOUND, Rule.COMPANY, Rule.KNOWN, Rule.CONFIRMED)  # a spelling is right as it stands


def repaired(text: str, findings: Iterable[Finding]) -> str:
    """A text with its mangled terms as they were meant; verbatim elsewhere.

    findings : of these only the ones at the operating point or above it, and confirmed ones, count, and of those that
    need company only the ones that stand in this text (:func:`standing_in`).

    >>> heard = Finding("fase py", "FastAPI", 0.95, Rule.SOUND, ())
    >>> repaired("Eso lo hacemos con Fase py, ¿sí?", [heard])
    'Eso lo hacemos con FastAPI, ¿sí?'
    """
    meant = _meant(findings)
    if not meant:
        return text
    words, spans = words_with_places(text)
    parts, until = [], 0
    for first, last, canonical in _windows(words, meant):
        begin, end = spans[first][0], spans[last - 1][1]
        parts += [text[until:begin], canonical]
        until = end
    return "".join([*parts, text[until:]])


def standing_in(findings: Iterable[Finding], source: str, first: int, last: int) -> list[Finding]:
    """The findings that stand within words first..last (not included) of a source."""
    return [
        finding
        for finding in findings
        if any(place.source == source and first <= place.first and place.last <= last for place in finding.places)
    ]


def _meant(findings: Iterable[Finding]) -> dict[tuple[str, ...], str]:
    """For folded words the term they are, the likeliest where several are told."""
    best: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        words = tuple(finding.original.split())
        trusted = finding.rule in REPAIRING and (finding.score >= TRUSTED or finding.rule is Rule.CONFIRMED)
        if words and trusted and (words not in best or best[words].score < finding.score):
            best[words] = finding
    return {words: finding.canonical for words, finding in best.items()}


def _windows(words: Sequence[str], meant: Mapping[tuple[str, ...], str]) -> Iterator[tuple[int, int, str]]:
    """Windows that are mangled terms, the longest first, none inside another."""
    longest, place = max(map(len, meant)), 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            canonical = meant.get(tuple(words[place : place + length]))
            if canonical is not None:
                yield place, place + length, canonical
                place += length
                break
        else:
            place += 1


def words_with_places(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The folded words of a text, and from which character to which each stands in it.

    >>> words_with_places("¡Qué red!")
    (['que', 'red'], [(1, 4), (5, 8)])
    """
    folded: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        plain = letter.lower() if letter.isascii() else fold(letter)
        folded.append(plain)
        places += [place] * len(plain)
    found = [(m.group(), m.start(), m.end()) for m in WORD.finditer("".join(folded))]
    return [word for word, _, _ in found], [(places[first], places[last - 1] + 1) for _, first, last in found]
