"""How likely a place is a mangled term: what speaks for it and against it, weighed by decision trees.

The trees (boosted, LightGBM) were fitted on places that careful readers marked (benchmarks/misheard_marks.csv,
benchmarks/aliases.py) and stand in ``likelihood.txt``.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.company import STRETCH, Company, Spots
from perla.knowledge.confusions import Confusions, shipped_confusions
from perla.knowledge.sound import fold, hear, is_acronym
from perla.knowledge.windows import Candidate, Window
from perla.knowledge.words import stem, stop_words, words_of

Floats = NDArray[np.float64]
FARTHEST, NEAREST = 5_000, 5  # words to where the term is spelled right
LIFT_FLOOR = 0.01  # added to how usual a theme is, so that rare ones weigh no more than they should
SAME_ROOT = 5  # letters with which a word and a name of the term begin alike
PREFIX = re.compile(r"^(pre|re|auto|super|sub|multi|hiper|sobre)(?=\w{5})")
FILLERS = frozenset(["llama", "llaman", "llamado", "llamada", "llamados", "punto", "hecho", "aplicar", "usamos"])
NAMING = frozenset(["llama", "llaman", "llamado", "llamada", "dice", "dicen"])
ARTICLES = frozenset(["el", "la", "los", "las", "un", "una", "unos", "unas"])
PREPOSITIONS = frozenset(["de", "con", "en", "por", "para", "del", "al", "usar", "usando"])
TAIL = re.compile(
    r"(ion(es)?|cion(es)?|cional(es)?|ional(es)?|[aei]r(l[oae]s?|se|me|nos)?|[aei]?ndo(l[oae]s?|se)?|[aiu]?d[oa]s?"
    r"|[aeo]?n?|[aeo]s|y?e[ns]?|y?o|y?en|ara?n?|ab?an?|amos|emos|ice|iza?n?|mente|dor(a|es|as)?|tiv[oa]s?|i?dad(es)?)$"
)


class Form(NamedTuple):
    """What is known of a window and a term, wherever the window stands.

    alike, consonants, frame, sounds : how alike they sound. heard, meant : how many sounds. ahead : of the next best
    term for the window. rivals : how many terms sound like it. first : the first sounds are the same. known : share of
    words that the Spanish dictionary has. spanish : all of them. english : one word, English as it stands. words,
    name_words : how many. edges : small words at the ends. acronym : the name is one. written : how alike they are
    written. shared : share of the name's long words that stand in the window. rest : how alike what is left of both
    sounds, above a half. short : letters that the window lacks to five. times, sources : how often and in what share
    of the sources it stands, rarest, usual, commonest : how often its words are said, all as logarithms.
    """

    alike: float
    consonants: float
    frame: float
    sounds: float
    heard: float
    meant: float
    ahead: float
    rivals: float
    first: float
    known: float
    spanish: float
    english: float
    words: float
    name_words: float
    edges: float
    acronym: float
    written: float
    shared: float
    rest: float
    short: float
    times: float
    sources: float
    rarest: float
    usual: float
    commonest: float


class Standing(NamedTuple):
    """What is known of one place.

    theme, own : log of how much more than by chance the theme, the term is spoken of there. theme_share, own_share,
    source_share : how much is said of them in all. near, about : the term, or something of its kind, is spoken of.
    named : how often the source spells it right, as a logarithm. far : log of how many words away that is. told :
    after "se llama" and the like. article, preposition : after one. strange_next : before a word no dictionary knows.
    """

    theme: float
    own: float
    theme_share: float
    own_share: float
    source_share: float
    near: float
    about: float
    named: float
    far: float
    told: float
    article: float
    preposition: float
    strange_next: float


EVIDENCE = (*Form._fields, "likeness", "likeness_each", *Standing._fields)


@dataclass(frozen=True)
class Talk:
    """What windows are judged in. windows : where each stands. said : how often each word is. words : how many."""

    texts: Mapping[str, Sequence[str]]
    is_word: Mapping[str, bool]
    windows: Mapping[Window, Spots]
    said: Mapping[str, int]
    words: int

    @classmethod
    def of(
        cls, texts: Mapping[str, Sequence[str]], is_word: Mapping[str, bool], windows: Mapping[Window, Spots]
    ) -> Talk:
        said = Counter(word for words in texts.values() for word in words)
        return cls(texts, is_word, windows, said, max(said.total(), 1))


def forms_of(candidates: Sequence[Candidate], talk: Talk, confusions: Confusions | None = None) -> Floats:
    """What is known of each candidate, (candidates, fields of Form and two of how probably it was heard so)."""
    rivals: dict[Window, list[float]] = defaultdict(list)
    for one in candidates:
        rivals[one.window].append(one.alike)
    forms = np.array([_form(one, rivals[one.window], talk) for one in candidates]).reshape(-1, len(Form._fields))
    heard, meant = [one.heard.sounds for one in candidates], [one.meant.sounds for one in candidates]
    likeness = (confusions or shipped_confusions()).likeness(heard, meant)
    return np.column_stack([forms, likeness, likeness / np.maximum(forms[:, Form._fields.index("meant")], 1)])


def _form(candidate: Candidate, rivals: Sequence[float], talk: Talk) -> Form:
    from rapidfuzz.distance import Levenshtein

    similar = Levenshtein.normalized_similarity
    window, heard, meant = candidate.window, candidate.heard, candidate.meant
    known = [talk.is_word.get(word, True) for word in window]
    name, letters = tuple(words_of(candidate.name)), "".join(window)
    better = [other for other in rivals if other > candidate.alike]
    next_best = max(better or sorted(rivals)[:-1], default=candidate.alike)
    rates = [math.log(talk.said[word] / talk.words) for word in window]
    spots = talk.windows[window]
    return Form(
        alike=candidate.alike,
        consonants=similar(heard.consonants, meant.consonants),
        frame=similar(heard.frame, meant.frame),
        sounds=similar(heard.sounds, meant.sounds),
        heard=len(heard.sounds),
        meant=len(meant.sounds),
        ahead=candidate.alike - next_best,
        rivals=len(rivals),
        first=heard.sounds[:1] == meant.sounds[:1],
        known=sum(known) / len(known),
        spanish=all(known),
        english=len(window) == 1 and not known[0] and is_english(window[0]),
        words=len(window),
        name_words=len(name),
        edges=len(window) > 1 and _is_small(window[0]) + _is_small(window[-1]),
        acronym=is_acronym(candidate.name),
        written=similar(letters, "".join(name)),
        shared=_shared(window, name),
        rest=_rest_alike(window, name),
        short=max(0, 5 - len(letters)),
        times=math.log(len(spots)),
        sources=math.log(len({source for source, _ in spots}) / len(talk.texts)),
        rarest=min(rates),
        usual=sum(rates) / len(rates),
        commonest=max(rates),
    )


def standings_of(term: str, theme: str, length: int, spots: Spots, company: Company, talk: Talk) -> list[Standing]:
    """What is known of the places of a window of so many words, as a term."""
    own, themed = company.terms.get(term, frozenset()), company.themes.get(theme, frozenset())
    near, about = set(company.near(term, spots)), set(company.about(term, spots))
    shares = company.theme_share(theme), company.term_share(term), company.source_share(term)
    lifts = [
        (math.log(floor), math.log(1 / (share + LIFT_FLOOR) + floor))
        for share, floor in zip(shares[:2], (0.2, 0.3), strict=True)
    ]
    found = []
    for source, first in spots:
        firsts, stretch = company.spelled.get(term, {}).get(source, ()), (source, first // STRETCH)
        here = (lifts[0][stretch in themed], lifts[1][stretch in own], *shares)
        spoken = ((source, first) in near, (source, first) in about, math.log1p(len(firsts)), _far(firsts, first))
        found.append(Standing(*here, *spoken, *_frame(talk, source, first, first + length)))
    return found


def _far(firsts: Sequence[int], place: int) -> float:
    """Log of how many words away the nearest is."""
    at = bisect_left(firsts, place)
    least = min((abs(place - first) for first in firsts[max(at - 1, 0) : at + 1]), default=FARTHEST)
    return math.log(min(least, FARTHEST) + NEAREST)


def _frame(talk: Talk, source: str, first: int, last: int) -> tuple[bool, bool, bool, bool]:
    """What stands right before and after."""
    words = talk.texts[source]
    before, earlier = words[first - 1] if first else "", words[first - 2] if first > 1 else ""
    told = before in NAMING or (before in ARTICLES and (earlier in NAMING or earlier == "es"))
    after = words[last] if last < len(words) else ""
    return told, before in ARTICLES, before in PREPOSITIONS, not talk.is_word.get(after, True)


def probabilities(evidence: Floats) -> Floats:
    """That the term was said, of each row of evidence (rows, EVIDENCE)."""
    if not len(evidence):
        return np.zeros(0)
    return np.asarray(_trees().predict(evidence, num_threads=1), np.float64)


@cache
def _trees() -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=files("perla.knowledge").joinpath("likelihood.txt").read_text(encoding="utf-8"))


def _is_small(word: str) -> bool:
    return word in stop_words() or word in FILLERS


def _shared(window: Window, name: Window) -> float:
    long = [word for word in name if len(word) > 3]
    return sum(word in window for word in long) / len(long) if long else 0.0


def _rest_alike(window: Window, name: Window) -> float:
    """How alike the words sound that the window and the name do not share."""
    from rapidfuzz.distance import Levenshtein

    shared = {word for word in window if word in name and len(word) > 3}
    rest = [tuple(word for word in words if word not in shared) for words in (window, name)]
    if not shared or not rest[1]:
        return 0.0
    heard = [[sound.sounds for sound in hear(words)] if words else [""] for words in rest]
    return max(Levenshtein.normalized_similarity(said, meant) for said in heard[0] for meant in heard[1]) - 0.5


@lru_cache(maxsize=100_000)
def is_english(word: str) -> bool:
    """Whether an English dictionary knows a word (simplemma)."""
    import simplemma

    return bool(simplemma.is_known(word, lang="en"))


def is_spelled(candidate: Candidate) -> bool:
    """Whether the window is a name of the term, written as one word or two, or in another number.

    >>> from perla.knowledge.glossary import Term
    >>> frame = Term("DataFrame", ("DataFrame",))
    >>> heard, meant = hear(("data", "frames"))[0], hear(("dataframe",))[0]
    >>> is_spelled(Candidate(("data", "frames"), frame, "DataFrame", 0.9, heard, meant))
    True
    """
    return _is_name(candidate.window, candidate.term.names)


def is_padded(candidate: Candidate) -> bool:
    """Whether a part of the window is a name of the term already: "hayan data frames"."""
    window, count = candidate.window, len(candidate.window)
    parts = (window[i:j] for i in range(count) for j in range(i + 1, count + 1) if j - i < count)
    return any(_is_name(part, candidate.term.names) for part in parts)


def _is_name(window: Window, names: tuple[str, ...]) -> bool:
    if any(word in stop_words() for word in window):
        return False
    said = "".join(map(_singular, window))
    return len(said) > 3 and said in _singulars(names)


@lru_cache(maxsize=5_000)
def _singulars(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset("".join(map(_singular, words_of(name))) for name in names)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


@lru_cache(maxsize=100_000)
def _bare(word: str) -> str:
    """Without number and gender."""
    return re.sub(r"(?<=\w\w\w)(es|as|os|s|a|o|e)$", "", word)


def is_plain_part(candidate: Candidate) -> bool:
    """Whether every word stands in a name of the term as it is: "absolute error" of "mean absolute error"."""
    said = {_bare(word) for word in candidate.window}
    return any(said <= bare for bare in _bare_words(candidate.term.names))


@lru_cache(maxsize=5_000)
def _bare_words(names: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_bare(word) for word in words_of(name)) for name in names)


def is_inflection(candidate: Candidate, is_word: Mapping[str, bool]) -> bool:
    """Whether the window is another form of a word of the term, alone or beside words of every day.

    "reconstruirlo" of "reconstrucción", "generaliza y tapa" of "generalización".
    """
    roots = _roots(candidate.term.names)
    known = {word: is_word.get(word, True) for word in candidate.window}
    if len(candidate.window) > 1 and any(word in words_of(candidate.name) for word in candidate.window):
        return False
    forms = {word for word in candidate.window if any(_same_root(word, part, known[word]) for part in roots)}
    return bool(forms) and all(word in forms or known[word] for word in candidate.window)


@lru_cache(maxsize=5_000)
def _roots(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(part for name in names for part in words_of(name) if len(part) > SAME_ROOT)


@lru_cache(maxsize=200_000)
def _same_root(word: str, part: str, is_known: bool) -> bool:
    """Whether both begin alike, prefixes aside, and the word ends as forms of a word do."""
    if stem(word) == stem(part):
        return True
    word, part = PREFIX.sub("", word), PREFIX.sub("", part)
    same = next((i for i, (a, b) in enumerate(zip(word, part, strict=False)) if a != b), min(len(word), len(part)))
    if same < max(SAME_ROOT, len(part) // 2) or word == part:
        return word == part
    return is_known or bool(TAIL.match(word[same:]))


CLITIC = re.compile(r"(?<=\w{4})(me|te|se|nos)?(l[oae]s?)?$")
COLLOQUIAL = frozenset(["parce", "parcero", "parceros", "chimba", "berraco", "berraca", "plotea", "plotear", "bacano"])
DIMINUTIVE = re.compile(r"(?<=\w{3})(c?it|ot)[oae](?=s?$)")


def is_spanish(ways: tuple[str, ...]) -> bool:
    """Whether a Spanish dictionary knows a word as it was written, with or without pronouns (simplemma).

    >>> is_spanish(("reconstruirlo",)), is_spanish(("imagínate",)), is_spanish(("autoin",))
    (True, True, False)
    """
    return any(fold(way) in COLLOQUIAL or _is_known(form) for way in ways for form in _forms(way))


def _forms(way: str) -> list[str]:
    plain = fold(way)
    bare = CLITIC.sub("", plain)
    small = [DIMINUTIVE.sub(vowel, plain) for vowel in "oae"] if DIMINUTIVE.search(plain) else []
    return list(dict.fromkeys([way, *([bare] if bare != plain else []), *small]))


def _is_known(word: str) -> bool:
    import simplemma

    return bool(simplemma.is_known(word, lang="es"))
