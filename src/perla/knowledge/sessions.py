"""Which recordings a question names: by their number, their day, or words of their title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perla.knowledge.glossary import shipped_everyday, shipped_glossary
from perla.knowledge.passages import Source, SourceKind
from perla.knowledge.sound import fold
from perla.knowledge.words import stem, telling, words_of

MEETING = r"(?:sesion(?:es)?|session|reunion|meeting|encuentro|clase|class|charla|talk|grabacion|recording|video)s?"
_UNITS = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TEENS = "dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco"
_TEENS_ENGLISH = "sixteen seventeen eighteen nineteen twenty"
_LATE = "veintiseis veintisiete veintiocho veintinueve treinta"
_FIRST = "primera segunda tercera cuarta quinta sexta septima octava novena decima"
_FIRST_ENGLISH = "first second third fourth fifth sixth seventh eighth ninth tenth"
_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
_MONTHS_ENGLISH = "january february march april may june july august september october november december"
NUMBERS = {
    **{word: n for n, word in enumerate(f"{_UNITS} {_TEENS} {_LATE}".split())},
    **{word: n for n, word in enumerate(f"{_ENGLISH} {_TEENS_ENGLISH}".split())},
}
ORDINALS = {word: n + 1 for row in (_FIRST, _FIRST_ENGLISH) for n, word in enumerate(row.split())}
MONTHS = {word: n + 1 for row in (_MONTHS, _MONTHS_ENGLISH) for n, word in enumerate(row.split())} | {"setiembre": 9}
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_MONTH = "|".join(MONTHS)
_PLACE = r"(?:\b(?:en|de|durante|in|of|from|during|at) )?(?:(?:la|las|los|el|del|the) )?"
BY_NUMBER = re.compile(
    rf"{_PLACE}{MEETING}(?: (?:numero|number|no))? ?[#.º°]* ?({_NUMBER}(?:(?:,| y| e| o| and| or) {_NUMBER})*)\b"
)
BY_ORDER = re.compile(rf"{_PLACE}({'|'.join(ORDINALS)}) {MEETING}\b")
_DAY_ES = rf"(?P<day>\d{{1,2}})(?: de)? (?P<month>{_MONTH})(?:(?: de[l]?)? (?P<year>\d{{4}}))?"
_DAY_EN = rf"(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?"
_DAY_ISO = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_DAY_SLASH = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>\d{4}))?"
_LED = rf"{_PLACE}(?:{MEETING} )?(?:\b(?:del|de|of|from|on|in) )?(?:(?:la|el|the) )?(?:(?:del|de) )?(?:dia )?"
BY_DAY = tuple(re.compile(rf"{_LED}\b{day}\b") for day in (_DAY_ES, _DAY_EN, _DAY_ISO, _DAY_SLASH))
BY_TITLE = re.compile(
    rf"(?:(?:en|durante|de) (?:la|las|el|los) (?:{MEETING} )?(?:de|del|sobre)|"
    rf"(?:in|from|during|at) the {MEETING} (?:on|about|of))(?: (?:la|las|el|los|the))? (?P<title>[^,.;:?!¿]+)"
)
LONGEST_TERM = 4
MOST_NAMED = 8  # a title's word that fits more recordings than this names none


@dataclass(frozen=True)
class Naming:
    """Recordings that a question names, and the question without the words that name them.

    sources : their names, none where it names none. rest : what is asked of them.
    """

    sources: tuple[str, ...]
    rest: str


def named_in(question: str, sources: Sequence[Source]) -> tuple[str, ...]:
    """The names of the recordings that a question names, none where it names none.

    >>> talks = [
    ...     Source("a", SourceKind.RECORDING, "Despliegue del modelo", "a.csv", "", "2024-05-08", "9"),
    ...     Source("b", SourceKind.RECORDING, "Bases de los grafos", "b.csv", "", "2024-08-28", "18"),
    ... ]
    >>> named_in("En la sesión dieciocho, ¿qué es un nodo?", talks), named_in("What was said in session 9?", talks)
    (('b',), ('a',))
    >>> named_in("¿Qué se dijo en la de despliegue?", talks), named_in("¿Y en la del 28 de agosto?", talks)
    (('a',), ('b',))
    """
    return naming(question, sources).sources


def naming(question: str, sources: Sequence[Source]) -> Naming:
    """The recordings that a question names, and what it asks of them."""
    talks = [source for source in sources if source.kind is SourceKind.RECORDING]
    plain = _plain(question)
    if not talks or len(plain) != len(question):
        return Naming((), question)
    for find in (_by_number, _by_order, _by_day, _by_title):
        names, first, last = find(plain, talks)
        if names:
            return Naming(names, _without(question, first, last))
    return Naming((), question)


Found = tuple[tuple[str, ...], int, int]
NOTHING: Found = ((), 0, 0)


def _plain(text: str) -> str:
    """The text folded letter by letter, so that places in it are places in the text."""
    return "".join(fold(letter) or " " for letter in text)


def _without(question: str, first: int, last: int) -> str:
    """The question without these letters; whole where nothing would be left to ask."""
    rest = re.sub(r"\s+", " ", f"{question[:first]} {question[last:]}").strip(" ,;:")
    return rest if telling(words_of(rest)) else question


def _by_number(plain: str, talks: Sequence[Source]) -> Found:
    for match in BY_NUMBER.finditer(plain):
        said = {str(_number(word)) for word in re.findall(_NUMBER, match[1])}
        names = tuple(talk.name for talk in talks if talk.session in said)
        if names:
            return names, *match.span()
    return NOTHING


def _by_order(plain: str, talks: Sequence[Source]) -> Found:
    match = BY_ORDER.search(plain)
    if not match:
        return NOTHING
    names = tuple(talk.name for talk in talks if talk.session == str(ORDINALS[match[1]]))
    return (names, *match.span())


def _by_day(plain: str, talks: Sequence[Source]) -> Found:
    for pattern in BY_DAY:
        for match in pattern.finditer(plain):
            month = MONTHS.get(match["month"]) or int(match["month"])
            ending = f"-{month:02}-{int(match['day']):02}"
            names = tuple(talk.name for talk in talks if talk.day == (match["year"] or talk.day[:4]) + ending)
            if names:
                return names, *match.span()
    return NOTHING


def _by_title(plain: str, talks: Sequence[Source]) -> Found:
    """The recordings whose title holds the words that follow "in the one about", as many of them as possible."""
    match = BY_TITLE.search(plain)
    if not match:
        return NOTHING
    said = list(re.finditer(r"[a-zñ0-9]+", match["title"]))
    titles = [list(map(_root, telling(words_of(talk.title)))) for talk in talks]
    held, last = [0] * len(talks), 0
    for place, word in enumerate(said):
        if not telling([word[0]]):
            continue
        fit = _fitting([other[0] for other in said[place : place + LONGEST_TERM]], titles)
        if not any(fit):
            break
        held = [before + now for before, now in zip(held, fit, strict=True)]
        last = match.start("title") + word.end()
    best = max(held)
    names = tuple(talk.name for talk, count in zip(talks, held, strict=True) if best and count == best)
    return (names, match.start(), last) if len(names) <= MOST_NAMED else NOTHING


def _fitting(words: Sequence[str], titles: Sequence[Sequence[str]]) -> list[int]:
    """How many words each title shares with a text from its first word on: one, or a term that they name alike."""
    ways = _ways(words[0])
    mention = next((m for m in shipped_glossary().mentions(words) if m.first == 0 and m.last > 1), None)
    names = [name for term in (mention.terms if mention else ()) for name in term.names]
    terms = [roots for name in names if (roots := set(map(_root, telling(words_of(name)))))]
    return [
        mention.last if mention and any(roots <= set(title) for roots in terms) else int(not ways.isdisjoint(title))
        for title in titles
    ]


def _ways(word: str) -> set[str]:
    """How a title may say a word: by its root, in other everyday words, by the other names of the term it is."""
    mentions = shipped_glossary().mentions([word])
    names = [name for mention in mentions for term in mention.terms for name in term.names]
    ways = {_root(said[0]) for name in names if len(said := telling(words_of(name))) == 1}
    return {_root(word), *ways, *(way[0] for way in shipped_everyday().of(stem(word)) if len(way) == 1)}


def _root(word: str) -> str:
    return stem(word.removesuffix("s"))


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else NUMBERS[word]
