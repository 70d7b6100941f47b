"""How words sound: the ground on which a mangled term is recognised.

A recogniser that hears an English term in Spanish speech writes words that sound alike in one of the two languages:
"fase py" for FastAPI, "camins" for k-means. So every text has two readings, by Spanish and by English spelling rules,
in one small alphabet of sounds; the alphabet knows no difference the ear of the other language does not hear (b and v,
s and z). Two texts are compared by their consonants in classes that recognisers confuse, and by all sounds.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SPANISH_RULES = (
    ("ch", "X"), ("sh", "X"), ("ll", "y"), ("rr", "r"), ("qu", "k"), ("gu(?=[ei])", "G"), ("g(?=[ei])", "j"),
    ("G", "g"), ("c(?=[ei])", "s"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("[cq]", "k"), ("z", "s"), ("v", "b"),
    ("w", "u"), ("h", ""), ("x", "ks"), ("ñ", "n"), ("y(?![aeiou])", "i"),
)  # fmt: skip
ENGLISH_RULES = (
    ("^kn", "n"), ("^wr", "r"), ("tion(s?)$", r"Xon\1"), ("sion$", "Xon"), ("ture$", "Xur"), ("eigh", "ei"),
    ("igh", "ai"), ("ough|augh", "of"), ("ph", "f"), ("sch", "sk"), ("tch|ch|sh", "X"), ("th", "t"), ("ck", "k"),
    ("wh", "u"), ("qu", "ku"), ("ee|ea", "i"), ("oo", "u"), ("oa", "ou"), ("ou|ow", "au"), ("ai|ay", "ei"),
    ("au|aw", "o"), ("ew", "iu"), ("ie$", "i"), ("oy", "oi"),
    ("c(?=[eiy])", "s"), ("g(?=[ei])", "y"),
    ("a([bcdfgklmnprstvz])e$", r"ei\1"), ("i([bcdfgklmnprstvz])e$", r"ai\1"), ("o([bcdfgklmnprstvz])e$", r"ou\1"),
    ("u([bcdfgklmnprstvz])e$", r"iu\1"), ("e([bcdfgklmnprstvz])e$", r"i\1"),
    ("^([bcdfgjklmnprstvz]{1,2})y$", r"\1ai"), ("y$", "i"), ("([^aeiou])e$", r"\1"), ("j", "y"),
    ("[cq]", "k"), ("z", "s"), ("v", "b"), ("w", "u"), ("x", "ks"), ("^h", "j"), ("h", ""),
    ("y(?![aeiou])", "i"),
)  # fmt: skip
CLASSES = str.maketrans("pbtdkgjfsXmnlry", "BBDDKKKFSSNNLRS")
CONSONANTS = {**CLASSES, **dict.fromkeys(map(ord, "aeiou"))}
LETTERS = {
    "a": ("a", "ei"),
    "b": ("be", "bi"),
    "c": ("se", "si"),
    "d": ("de", "di"),
    "e": ("e", "i"),
    "f": ("efe", "ef"),
    "g": ("je", "yi"),
    "h": ("aXe", "eiX"),
    "i": ("i", "ai"),
    "j": ("jota", "yei"),
    "k": ("ka", "kei"),
    "l": ("ele", "el"),
    "m": ("eme", "em"),
    "n": ("ene", "en"),
    "o": ("o", "ou"),
    "p": ("pe", "pi"),
    "q": ("ku", "kiu"),
    "r": ("ere", "ar"),
    "s": ("ese", "es"),
    "t": ("te", "ti"),
    "u": ("u", "iu"),
    "v": ("ube", "bi"),
    "w": ("dobleube", "dobliu"),
    "x": ("ekis", "eks"),
    "y": ("ye", "uai"),
    "z": ("seta", "si"),
}  # how letters are called, in Spanish and in English
LONGEST_ACRONYM = 5


@dataclass(frozen=True)
class Sound:
    """One reading of a text. sounds : all of them. consonants : their classes. frame : classes, any vowels as one."""

    sounds: str
    consonants: str
    frame: str


def fold(text: str) -> str:
    """Small letters without accents; ñ stays.

    >>> fold("Árbol de Decisión, año")
    'arbol de decision, año'
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("\0", " ").replace("ñ", "\0"))
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("\0", "ñ")


@lru_cache(maxsize=200_000)
def spanish(word: str) -> str:
    """The sounds of a folded word by Spanish spelling.

    >>> spanish("queda"), spanish("oportuna"), spanish("vez")
    ('keda', 'oportuna', 'bes')
    """
    return _read(word, SPANISH_RULES)


@lru_cache(maxsize=200_000)
def english(word: str) -> str:
    """The sounds of a folded word by English spelling, roughly.

    >>> english("py"), english("means"), english("pipeline")
    ('pai', 'mins', 'pipelain')
    """
    return _read(word, ENGLISH_RULES)


def _read(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, sound in rules:
        word = re.sub(pattern, sound, word)
    return re.sub(r"(.)\1+", r"\1", word)


def hear(words: tuple[str, ...]) -> tuple[Sound, ...]:
    """The readings of folded words said in one breath, each once."""
    return tuple(dict.fromkeys(sound_of("".join(map(read, words))) for read in (spanish, english)))


def hear_name(name: str) -> tuple[Sound, ...]:
    """The readings of a term as it is written; short words in capitals are also read letter by letter.

    >>> [sound.sounds for sound in hear_name("KL divergence")][2:]
    ['kaelediberyens', 'keieldiberyens']
    """
    words = re.findall(r"[^\W_]+", name)
    readings = list(hear(tuple(fold(w) for w in words)))
    if any(is_acronym(w) for w in words):
        for tongue in (0, 1):
            spelled = "".join(spell(fold(w), tongue) if is_acronym(w) else english(fold(w)) for w in words)
            readings.append(sound_of(re.sub(r"(.)\1+", r"\1", spelled)))
    return tuple(dict.fromkeys(readings))


def is_acronym(word: str) -> bool:
    """Whether a word is read letter by letter: short, and all capitals."""
    return 2 <= len(word) <= LONGEST_ACRONYM and word.isupper() and word.isalpha()


def spell(word: str, tongue: int) -> str:
    """A folded acronym letter by letter, in Spanish (0) or English (1)."""
    return "".join(LETTERS[letter][tongue] if letter in LETTERS else letter for letter in word)


@lru_cache(maxsize=100_000)
def sound_of(sounds: str) -> Sound:
    """What is compared of a reading."""
    return Sound(sounds, consonants_of(sounds), re.sub("[aeiou]+", "a", sounds).translate(CLASSES))


def consonants_of(sounds: str) -> str:
    """The consonants of a reading, in classes.

    >>> consonants_of("fasepai") == consonants_of("bastapi")
    False
    >>> consonants_of("keda") == consonants_of("kuda")
    True
    """
    return sounds.translate(CONSONANTS)
