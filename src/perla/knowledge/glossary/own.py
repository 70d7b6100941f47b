"""The user's own terms: what their code defines and imports, and the words of their documents no dictionary knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from perla.knowledge.glossary.terms import Term, shipped_glossary
from perla.knowledge.passages import Reading, SourceKind
from perla.knowledge.words import stem, stop_words, words_of

THEME, ORIGIN = "yours", "yours"
MOST_TERMS, LONGEST, SHORTEST = 800, 60, 4  # terms; letters of a name
SAID_OFTEN = 3  # times a document must use a word before it is a term
LONGEST_TEXT = 2_000_000  # characters of one source that are looked at
IMPORT = re.compile(r"^\s*(?:from\s+([A-Za-z_]\w*)[\w.]*\s+import|import\s+([A-Za-z_]\w*))", re.MULTILINE)
DEFINITION = re.compile(r"\b(?:def|class|function|interface|type|const)\s+([A-Za-z_$]\w*)")
IDENTIFIER = re.compile(r"\b(?:[A-Za-z]+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)\b")
HUMPS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
RARE = re.compile(r"\b[^\W\d_][^\W_]{3,30}\b")


def own_terms(readings: Iterable[Reading]) -> tuple[Term, ...]:
    """Terms of the user's own code and documents, the commonest first, none that ships with perla.

    Names of definitions and imports, identifiers of several words ("anomaly_score", "SparseAutoencoder", said as
    "anomaly score"), and words of documents that no dictionary knows. Plain words ("run", "model") are none.
    """
    counts: Counter[str] = Counter()
    for reading in readings:
        text = "\n".join(span.text for span in reading.spans)[:LONGEST_TEXT]
        if reading.source.kind is SourceKind.CODE:
            counts.update(_of_code(text))
        elif reading.source.kind is SourceKind.DOCUMENT:
            counts.update(_of_document(text))
    names = [words_of(name) for term in shipped_glossary().terms for name in term.names]
    known = {tuple(map(stem, name)) for name in names} | {("".join(name),) for name in names}
    found: dict[tuple[str, ...], Term] = {}
    for name, _ in counts.most_common():
        key = tuple(map(stem, words_of(spoken(name))))
        shipped = key in known or ("".join(words_of(spoken(name))),) in known
        if not shipped and key not in found and _tells(name):
            found[key] = Term(name, tuple(dict.fromkeys((name, spoken(name)))), (), THEME, ORIGIN)
        if len(found) == MOST_TERMS:
            break
    return tuple(found.values())


def spoken(name: str) -> str:
    """How an identifier is said.

    >>> spoken("fit_transform"), spoken("SparseAutoencoder"), spoken("HTTPServer2")
    ('fit transform', 'sparse autoencoder', 'http server 2')
    """
    return " ".join(HUMPS.findall(name)).lower() or name.lower()


def _of_code(text: str) -> Iterable[str]:
    for module, other in IMPORT.findall(text):
        yield module or other
    yield from (name.strip("_") for name in DEFINITION.findall(text))
    yield from (name.strip("_") for name in IDENTIFIER.findall(text))


def _of_document(text: str) -> Iterable[str]:
    yield from IDENTIFIER.findall(text)
    counts = Counter(RARE.findall(text))
    for word, count in counts.items():
        if count >= SAID_OFTEN and not _is_plain(word.lower()):
            yield from [word] * count


def _tells(name: str) -> bool:
    """Whether a name can be told from plain speech."""
    if not SHORTEST <= len(name) <= LONGEST or name.startswith("test"):
        return False
    words = [word for word in spoken(name).split() if not word.isdigit()]
    return bool(words) and len(words) <= 4 and (len(words) > 1 or not _is_plain(words[0]))


@lru_cache(maxsize=100_000)
def _is_plain(word: str) -> bool:
    import simplemma

    return word in stop_words() or simplemma.is_known(word, lang="es") or simplemma.is_known(word, lang="en")
