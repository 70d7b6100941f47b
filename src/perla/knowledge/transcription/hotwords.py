"""Which terms a recogniser is told of: the window that holds them is small, so the ones that help most go first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from perla.knowledge.glossary import Term

MOST_TOKENS = 200  # of 448 that prompt and answer share; half a minute of quick Spanish needs some 150
OWN_SHARE = 0.5  # of the window, for terms of the user's, when there are more than fit
SAYABLE = re.compile(r"[^\W_]+(?:[ .+-][^\W_]+){0,3}\+{0,2}")
BETWEEN = ", "
SHORTEST, LONGEST = 3, 32
MOST_RARE = 3
INNER_CAPITAL = re.compile(r"[^\W\d_A-Z][A-Z]")
ORIGINS = ("added", "yours", "shipped")


def choose_hotwords(
    terms: Sequence[Term], uses: Mapping[str, int], count_tokens: Callable[[str], int], most: int = MOST_TOKENS
) -> tuple[str, ...]:
    """The names to tell a recogniser of, most helpful first, within so many tokens of its own.

    Terms added by hand come first, then those of the user's code and documents, then the shipped ones. Within each,
    those come first that are rarest to the model (a word it writes in many tokens is one it seldom met) and that the
    user's own recordings and documents use most; among equals every theme has its turn. uses : by term name.
    count_tokens : by the model's tokenizer.

    >>> terms = (Term("random forest", ("random forest",)), Term("K-means", ("K-means",)))
    >>> choose_hotwords(terms, {"K-means": 9}, len, most=12)
    ('K-means',)
    """
    known = {term.name: term for term in terms if _sayable(term, uses.get(term.name, 0))}
    costs = {name: count_tokens(BETWEEN + name) for name in known}
    worth = {name: _worth(name, uses.get(name, 0), count_tokens(" " + name)) for name in known}
    turns = _turns(known.values())
    chosen: list[str] = []
    spent = 0
    for origin in ORIGINS:
        bound = most if origin == "shipped" else int(most * OWN_SHARE)
        theirs = [name for name, term in known.items() if term.origin == origin]
        for name in sorted(theirs, key=lambda name: (-worth[name], turns[name], name)):
            if spent + costs[name] <= bound:
                chosen.append(name)
                spent += costs[name]
    return tuple(chosen)


def _sayable(term: Term, uses: int) -> bool:
    """Whether people say it; an identifier of code in capitals and small letters only where a sentence holds it."""
    well_formed = SHORTEST <= len(term.name) <= LONGEST and SAYABLE.fullmatch(term.name) is not None
    return well_formed and (uses > 0 or term.origin != "yours" or not INNER_CAPITAL.search(term.name))


def _worth(name: str, uses: int, tokens: int) -> float:
    """Written in more tokens than words, and used; a word the model writes in one token is one it knows."""
    more = min(MOST_RARE, max(0, tokens - len(name.split())))
    return float(more * math.log2(2 + uses))


def _turns(terms: Iterable[Term]) -> dict[str, int]:
    """The place of each term in its theme."""
    counts: Counter[str] = Counter()
    turns = {}
    for term in terms:
        turns[term.name] = counts[term.theme]
        counts[term.theme] += 1
    return turns
