"""Which terms a recogniser could be told of: those added by hand, the user's own, the shipped ones; and their uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from perla.errors import MissingExtraError, NotReadyError, ShelfError, StoreError
from perla.knowledge.glossary import Term, shipped_glossary
from perla.knowledge.passages import SourceKind
from perla.knowledge.words import telling, words_of

LONGEST_NAME, SHORTEST = 4, 4  # words, letters


def vocabulary_at(home: Path) -> tuple[tuple[Term, ...], Counter[str]]:
    """The terms known at PERLA_HOME, and how often the recordings and documents learned there name each.

    Where nothing was learned, or it cannot be read, the shipped terms alone.
    """
    from perla.knowledge.ledger import Ledger
    from perla.knowledge.library import Library

    library = Library(home)
    try:
        learned = library.open().glossary.terms
        spoken = [reading for reading in library.readings() if reading.source.kind is not SourceKind.CODE]
        texts = [span.text for reading in spoken for span in reading.spans]
    except (NotReadyError, ShelfError, StoreError, MissingExtraError):
        learned, texts = shipped_glossary().terms, []
    added = Ledger(home).terms()
    names = {term.name.casefold() for term in added}
    terms = (*added, *(term for term in learned if term.name.casefold() not in names))
    return terms, uses_of(terms, texts)


def uses_of(terms: Sequence[Term], texts: Iterable[str]) -> Counter[str]:
    """How often texts name each term by one of its names, by the name of the term; common words are not counted.

    >>> uses_of([Term("K-means", ("K-means", "k means"))], ["Con k-means y k means se agrupa."])["K-means"]
    2
    """
    called = {tuple(words_of(name)): term.name for term in terms for name in term.names}
    called = {words: name for words, name in called.items() if telling(words) and len("".join(words)) >= SHORTEST}
    uses: Counter[str] = Counter()
    for text in texts:
        words = words_of(text)
        for length in range(1, LONGEST_NAME + 1):
            for place in range(len(words) - length + 1):
                name = called.get(tuple(words[place : place + length]))
                if name:
                    uses[name] += 1
    return uses
