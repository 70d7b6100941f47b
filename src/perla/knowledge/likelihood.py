"""How likely a window is a mangled term: what speaks for it and against it, weighed by a logistic rule.

The weights were fitted on findings judged by hand (benchmarks/aliases_judged.csv, benchmarks/aliases.py).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from perla.knowledge.company import Company, Spots
from perla.knowledge.sound import fold, hear
from perla.knowledge.windows import Candidate, Window
from perla.knowledge.words import stem, stop_words, words_of

MOST_CONSONANTS, MOST_LIFT = 12, 30.0
SAME_ROOT = 5  # letters with which a word and a name of the term begin alike
PREFIX = re.compile(r"^(pre|re|auto|super|sub|multi|hiper|sobre)(?=\w{5})")
FILLERS = frozenset(["llama", "llaman", "llamado", "llamada", "llamados", "punto", "hecho", "aplicar", "usamos"])
TAIL = re.compile(
    r"(ion(es)?|cion(es)?|cional(es)?|ional(es)?|[aei]r(l[oae]s?|se|me|nos)?|[aei]?ndo(l[oae]s?|se)?|[aiu]?d[oa]s?"
    r"|[aeo]?n?|[aeo]s|y?e[ns]?|y?o|y?en|ara?n?|ab?an?|amos|emos|ice|iza?n?|mente|dor(a|es|as)?|tiv[oa]s?|i?dad(es)?)$"
)


@dataclass(frozen=True)
class Evidence:
    """What is known of a candidate; each is a number that the rule weighs.

    alike : sound, above 0.86. consonants : of the name, above 4.5. unknown : 1 where no dictionary knows any word.
    partly : some words that none knows. spanish : every word is Spanish. english : one word, English as it stands.
    theme, own : log of how much more the theme, the term is spoken of there. words : of the window, beyond one.
    edges : small words at its ends. letters : how alike it is written. shared : share of the name's long words that
    stand in it. rest : how alike what is left of both sounds, above a half; 0 where nothing is shared. short : letters
    that it lacks to five. common : small words and Spanish ones in a window of several, but one. yours : a term of the
    user's own.
    """

    alike: float
    consonants: float
    unknown: float
    partly: float
    spanish: float
    english: float
    theme: float
    own: float
    words: float
    edges: float
    letters: float
    shared: float
    rest: float
    short: float
    common: float
    yours: float


WEIGHTS = Evidence(
    8.97, 0.08, -0.13, -0.10, -2.81, -1.50, 0.22, 0.43, 0.35, -2.49, 2.61, 0.68, 3.81, -0.67, -0.51, -1.00
)
BIAS = 0.45


def evidence_of(candidate: Candidate, spots: Spots, company: Company, is_word: Mapping[str, bool]) -> Evidence:
    """What speaks for a candidate that stands at these places."""
    window, term = candidate.window, candidate.term
    known = [is_word.get(word, True) for word in window]
    english = [not k and is_english(word) for word, k in zip(window, known, strict=True)]
    strange = sum(not k and not e for k, e in zip(known, english, strict=True))
    name = tuple(words_of(candidate.name))
    return Evidence(
        candidate.alike - 0.86,
        min(candidate.consonants, MOST_CONSONANTS) - 4.5,
        float(strange == len(window)),
        float(0 < strange < len(window)),
        float(all(known)),
        float(english == [True]),
        math.log(min(company.theme_lift(term.theme, spots), MOST_LIFT) + 0.2),
        math.log(min(company.term_lift(term.name, spots), MOST_LIFT) + 0.3),
        len(window) - 1.0,
        float(len(window) > 1 and (_is_small(window[0]) + _is_small(window[-1]))),
        _written_alike("".join(window), "".join(name)),
        _shared(window, name),
        _rest_alike(window, name),
        max(0.0, 5.0 - len("".join(window))),
        max(0.0, sum(k or _is_small(word) for word, k in zip(window, known, strict=True)) - 1.0),
        float(term.origin == "yours"),
    )


def probability(evidence: Evidence) -> float:
    """That the term was said, by the logistic rule."""
    weighed = sum(w * e for w, e in zip(vars(WEIGHTS).values(), vars(evidence).values(), strict=True))
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, BIAS + weighed))))


def _is_small(word: str) -> bool:
    return word in stop_words() or word in FILLERS


def _written_alike(said: str, name: str) -> float:
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(said, name)) - 0.6


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
    >>> is_spelled(Candidate(("data", "frames"), frame, "DataFrame", 0.9, 6))
    True
    """
    if any(word in stop_words() for word in candidate.window):
        return False
    said = "".join(map(_singular, candidate.window))
    return len(said) > 3 and any("".join(map(_singular, words_of(name))) == said for name in candidate.term.names)


def is_padded(candidate: Candidate) -> bool:
    """Whether a part of the window is a name of the term already: "hayan data frames"."""
    count = len(candidate.window)
    parts = (candidate.window[i:j] for i in range(count) for j in range(i + 1, count + 1) if j - i < count)
    return any(is_spelled(replace(candidate, window=part)) for part in parts)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _bare(word: str) -> str:
    """Without number and gender."""
    return re.sub(r"(?<=\w\w\w)(es|as|os|s|a|o|e)$", "", word)


def is_plain_part(candidate: Candidate) -> bool:
    """Whether every word stands in a name of the term as it is: "absolute error" of "mean absolute error"."""
    said = {_bare(word) for word in candidate.window}
    return any(said <= {_bare(word) for word in words_of(name)} for name in candidate.term.names)


def is_inflection(candidate: Candidate, is_word: Mapping[str, bool]) -> bool:
    """Whether the window is another form of a word of the term, alone or beside words of every day.

    "reconstruirlo" of "reconstrucción", "generaliza y tapa" of "generalización".
    """
    roots = {part for name in candidate.term.names for part in words_of(name) if len(part) > SAME_ROOT}
    known = {word: is_word.get(word, True) for word in candidate.window}
    if len(candidate.window) > 1 and any(word in words_of(candidate.name) for word in candidate.window):
        return False
    forms = {word for word in candidate.window if any(_same_root(word, part, known[word]) for part in roots)}
    return bool(forms) and all(word in forms or known[word] for word in candidate.window)


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
