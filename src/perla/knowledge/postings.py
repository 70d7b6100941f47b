"""Which passage holds which token, weighted by BM25, in one sparse matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
K1 = 1.2
MOST_REPEATS = 2  # of a token in a question


@dataclass(frozen=True)
class Postings:
    """Robertson and Zaragoza's BM25 (2009), each token's column laid out of the passages that hold it.

    tokens : the vocabulary. rarity : (tokens,), its inverse document frequency. starts : (tokens + 1,), rows : and
    weights : of each token's passages (weights without the rarity). passages : how many there are.
    """

    tokens: tuple[str, ...]
    rarity: Floats
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Floats
    passages: int
    _places: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", {token: place for place, token in enumerate(self.tokens)})

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]], length_share: float) -> Postings:
        """From the tokens of each passage. length_share : BM25's b, how much longer passages count less."""
        each = [Counter(tokens) for tokens in documents]
        held = list(chain.from_iterable(each))
        places = {token: place for place, token in enumerate(dict.fromkeys(held))}
        columns = np.fromiter(map(places.__getitem__, held), np.int64, len(held))
        counts = np.fromiter(chain.from_iterable(one.values() for one in each), np.float64, len(held))
        rows = np.repeat(np.arange(len(each), dtype=np.int32), [len(one) for one in each])
        usual = _usual(documents, length_share)
        weights = counts * (K1 + 1) / (counts + usual[rows])
        order = np.argsort(columns, kind="stable")
        passages = np.bincount(columns, minlength=len(places))
        rarity = np.log(1 + (len(documents) - passages + 0.5) / (passages + 0.5)).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(passages)]).astype(np.int64)
        return cls(tuple(places), rarity, starts, rows[order], weights[order].astype(np.float32), len(documents))

    def rarity_of(self, token: str) -> float:
        """How rare a token is; one that no passage holds is rarer than any other."""
        place = self._places.get(token)
        return float(np.log(2 * self.passages + 2)) if place is None else float(self.rarity[place])

    def holds(self, token: str) -> bool:
        return token in self._places

    def rows_of(self, token: str) -> NDArray[np.int32]:
        """The passages that hold a token."""
        place = self._places.get(token)
        return self.rows[:0] if place is None else self.rows[self.starts[place] : self.starts[place + 1]]

    def weights_of(self, token: str) -> Floats:
        """How much each passage says of a token, (passages,), 0 where it does not hold it."""
        out = np.zeros(self.passages, np.float32)
        place = self._places.get(token)
        if place is not None:
            here = slice(self.starts[place], self.starts[place + 1])
            out[self.rows[here]] = self.weights[here]
        return out

    def score(self, tokens: Iterable[str]) -> Floats:
        """BM25 of a question, (passages,).

        >>> held = Postings.of([["red", "neuronal"], ["bosque"]], 0.6)
        >>> held.score(["bosque"]).argmax()
        np.int64(1)
        """
        out = np.zeros(self.passages, np.float32)
        for token, count in Counter(tokens).items():
            place = self._places.get(token)
            if place is not None:
                here = slice(self.starts[place], self.starts[place + 1])
                out[self.rows[here]] += self.weights[here] * self.rarity[place] * min(count, MOST_REPEATS)
        return out

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        return {
            "tokens": "\n".join(self.tokens), "rarity": self.rarity, "starts": self.starts, "rows": self.rows,
            "weights": self.weights, "passages": self.passages,
        }  # fmt: skip

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Postings:
        """The postings whose ``state`` this is."""
        tokens = tuple(state["tokens"].split("\n")) if state["tokens"] else ()
        return cls(tokens, state["rarity"], state["starts"], state["rows"], state["weights"], int(state["passages"]))


def _usual(documents: Sequence[Sequence[str]], length_share: float) -> NDArray[np.float64]:
    """What a token's count is measured by in each document, longer ones by more."""
    lengths = np.array([len(tokens) for tokens in documents], np.float64)
    mean = max(float(lengths.mean()) if len(lengths) else 1.0, 1.0)
    return np.asarray(K1 * (1 - length_share + length_share * lengths / mean))
