"""What passages say when their mangled terms are read as they were meant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.glossary import Glossary
from perla.knowledge.postings import MOST_REPEATS, Floats, Postings
from perla.knowledge.words import words_of

Aliases = Mapping[str, tuple[NDArray[np.int64], NDArray[np.float32]]]  # by term: passages, probabilities
Tokens = Callable[[Sequence[str]], list[str]]
READ = 0.75  # probability from which on a term is read where it was mangled: the operating point of repairs
AS_ONCE = 1.0  # a term that was read counts like a word said once in a passage of usual length


@dataclass(frozen=True)
class Meant:
    """Postings of the words as heard, and with them the tokens of the terms that were meant.

    heard : as heard. terms : by token, the aliases whose term has it, (passages, probabilities).
    """

    heard: Postings
    terms: Mapping[str, Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]]]

    @classmethod
    def of(cls, heard: Postings, aliases: Aliases, glossary: Glossary, tokens_of: Tokens) -> Meant:
        """tokens_of : the tokens of folded words, made as those of ``heard`` were.

        A term is read by its name and by its first Spanish one.
        """
        spanish = {term.name: term.spanish[:1] for term in glossary.terms if term.name in aliases}
        terms: dict[str, list[tuple[NDArray[np.int64], NDArray[np.float32]]]] = defaultdict(list)
        for name, (rows, chances) in aliases.items():
            sure = chances >= READ
            if sure.any():
                read = rows[sure], chances[sure]
                said = (tokens_of(words_of(one)) for one in (name, *spanish.get(name, ())))
                for token in {token for tokens in said for token in tokens}:
                    terms[token].append(read)
        return cls(heard, dict(terms))

    def rarity_of(self, token: str) -> float:
        """How rare a token is, where it was meant counted in."""
        if token not in self.terms:
            return self.heard.rarity_of(token)
        held = int((self.weights_of(token) > 0).sum())
        return float(np.log(1 + (self.heard.passages - held + 0.5) / (held + 0.5)))

    def holds(self, token: str) -> bool:
        return token in self.terms or self.heard.holds(token)

    def weights_of(self, token: str) -> Floats:
        """How much each passage says of a token, (passages,)."""
        out = self.heard.weights_of(token)
        for rows, chances in self.terms.get(token, ()):
            out[rows] = np.maximum(out[rows], AS_ONCE * chances)
        return out

    def score(self, tokens: Iterable[str]) -> Floats:
        """BM25 of a question, (passages,)."""
        counts = Counter(tokens)
        out = self.heard.score(token for token in counts.elements() if token not in self.terms)
        for token in counts.keys() & self.terms.keys():
            out += self.weights_of(token) * (self.rarity_of(token) * min(counts[token], MOST_REPEATS))
        return out

    def state(self) -> dict[str, Any]:
        """Of what was heard; what was meant comes from the aliases."""
        return self.heard.state()
