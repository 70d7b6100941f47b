"""When the evidence does not hold what was asked: the rule that refuses, and how it says so.

A score alone does not tell a question that was answered from one that never was: both speak of topics of the
recordings. What tells them apart is whether the things asked for, by name, stand where the best passages are, and
whether those passages hold most of the question together. A logistic rule over a few such facts, fitted on questions
of our own (benchmarks/answers.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from perla.knowledge.asked import Asked
from perla.knowledge.index import Index
from perla.knowledge.search import Found, Unit
from perla.words import Text, fill

NEIGHBOURS = ((1, 0.7), (2, 0.6))
ABSENT_NAME, ABSENT_WORD = 1.0, 0.45  # what a unit that stands nowhere weighs, of the rarest that does
STANDS = 0.3  # from which on a unit stands in a passage


@dataclass(frozen=True)
class Evidence:
    """What the best passages hold of a question, each fact from 0 to 1.

    covered : the share of the question in the best passage with its neighbours. named : the same of the things named.
    weakest : how far that passage holds the named thing it holds least. anywhere : how far the named thing that is
    rarest stands anywhere. together : the share of the question in the best few sentences. score : of the best passage.
    kind : whether the kind of answer stands there. many : how much was asked.
    """

    covered: float
    named: float
    weakest: float
    anywhere: float
    together: float
    score: float
    kind: float
    many: float


@dataclass(frozen=True)
class Rule:
    """A logistic rule: what each fact counts, the constant, and the probability below which is refused."""

    weights: tuple[float, ...]
    constant: float
    threshold: float

    def chance(self, evidence: Evidence) -> float:
        """The probability that the evidence holds the answer."""
        facts = asdict(evidence).values()
        return 1 / (1 + math.exp(-self.constant - sum(w * fact for w, fact in zip(self.weights, facts, strict=True))))


RULE = Rule((3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.3, 0.0), -4.0, 0.5)


def weights_of(index: Index, asked: Asked, units: Sequence[Unit]) -> list[float]:
    """What each unit of a question weighs; one that stands nowhere weighs most where it is a name."""
    most = math.log(2 * len(index) + 2)
    return [_weight(unit, is_named(asked, unit), most) for unit in units]


def _weight(unit: Unit, named: bool, most: float) -> float:
    stands = len(unit.said) and float(unit.said.max()) >= STANDS
    if stands:
        return unit.rarity
    return most * (ABSENT_NAME if named else ABSENT_WORD)


def is_named(asked: Asked, unit: Unit) -> bool:
    """Whether a unit is the name of a thing: a term, or written as a name."""
    return bool(unit.names) or not asked.named.isdisjoint(unit.words.split())


def weigh(
    index: Index, asked: Asked, found: Found, rows: Sequence[int], together: float, kind: bool
) -> tuple[Evidence, list[Unit]]:
    """The evidence of the best passages (rows of the index), and the named units that do not stand there."""
    weights = np.array(weights_of(index, asked, found.units))
    named = np.array([is_named(asked, unit) for unit in found.units], bool)
    if not len(rows) or not len(weights):
        return Evidence(0, 0, 0, 0, 0, 0, 0, 0), list(found.units)
    held = np.array([[_around(index, unit, row) for row in rows] for unit in found.units])
    shares = weights @ held / weights.sum()
    best = int(np.argmax(shares))
    there = held[:, best]
    anywhere = np.array([min(1.0, float(unit.said.max())) for unit in found.units])
    missing = [
        unit
        for unit, part, is_name in zip(found.units, held.max(axis=1), named, strict=True)
        if part < STANDS and is_name
    ]
    evidence = Evidence(
        float(shares[best]),
        float(weights[named] @ there[named] / weights[named].sum()) if named.any() else float(shares[best]),
        float(there[named].min()) if named.any() else float(shares[best]),
        float(anywhere[named].min()) if named.any() else 1.0,
        together,
        float(found.scores[list(rows)].max()),
        float(kind),
        min(1.0, len(weights) / 10),
    )
    return evidence, missing


def _around(index: Index, unit: Unit, row: int) -> float:
    """How far a passage with its neighbours holds a unit."""
    held = float(unit.said[row])
    for away, share in NEIGHBOURS:
        for other in (row - away, row + away):
            if 0 <= other < len(index) and index.of_source[other] == index.of_source[row]:
                held = max(held, share * float(unit.said[other]))
    return min(held, 1.0)


def tell(missing: Sequence[Unit], asked: Asked) -> Text:
    """What was not found, kindly."""
    if not missing:
        return Text(
            "I did not find where this is answered in what was learned.",
            "No encontré dónde se responde esto en lo que se ha aprendido.",
        )
    names = [f"«{_as_written(unit, asked)}»" for unit in missing[:3]]
    return fill(
        "I did not find {names} where the rest of this is spoken of, so nothing is answered.",
        "No encontré {names} donde se habla de lo demás, así que no doy una respuesta.",
        names=Text(" or ".join(names), " ni ".join(names)),
    )  # fmt: skip


def _as_written(unit: Unit, asked: Asked) -> str:
    """A unit as the question writes it."""
    from perla.knowledge.sound import fold

    place = fold(asked.text).find(unit.words)
    return asked.text[place : place + len(unit.words)] if place >= 0 else unit.words
