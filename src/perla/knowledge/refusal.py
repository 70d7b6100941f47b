"""When the evidence does not hold what was asked: the rule that refuses, and how it says so.

A score alone does not tell a question that was answered from one that never was: both speak of topics of the
recordings. What tells them apart is whether the things asked for, by name, stand where the best passages are, and
whether those passages hold most of the question together. A logistic rule over a few such facts, fitted on questions
of our own (benchmarks/answers.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.asked import Asked
from perla.knowledge.index import Index
from perla.knowledge.passages import SourceKind
from perla.knowledge.search import NEIGHBOURS, Found
from perla.knowledge.sound import fold
from perla.knowledge.units import Unit
from perla.knowledge.words import words_of
from perla.words import Text, fill

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ABSENT_NAME, ABSENT_WORD = 1.0, 0.45  # what a unit that stands nowhere weighs, of the rarest that does
STANDS = 0.3  # from which on a unit stands in a passage
ENOUGH = 0.6  # from which on it does for certain: a likely alias, another name


@dataclass(frozen=True)
class Evidence:
    """What the best passages hold of a question, each fact from 0 to 1.

    covered : the share of the question in the best passage with its neighbours. named : the same of the terms and names
    alone. weakest : how far that passage holds the name it holds least. anywhere : how far the name that is held least
    anywhere is held. together : the share of the question in the best few sentences. score : of the best passage.
    kind : whether the kind of answer stands there. many : how much was asked, 1 for fifteen units. exactly : whether
    just what is asked for may stand there, 1 where it is no number, day, amount or time
    (:func:`perla.knowledge.asked.shows_exactly`).
    """

    covered: float = 0.0
    named: float = 0.0
    weakest: float = 0.0
    anywhere: float = 0.0
    together: float = 0.0
    score: float = 0.0
    kind: float = 0.0
    many: float = 0.0
    exactly: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A logistic rule: what each fact counts, the constant, and the probability below which is refused.

    written : the same where documents or code answer best, which say a thing once, and in another language.
    """

    weights: Evidence
    constant: float
    threshold: float
    written: float = 0.08

    def refuses(self, evidence: Evidence, best: SourceKind) -> bool:
        """Whether the evidence is too little to answer. best : kind of the best passage."""
        least = self.threshold if best is SourceKind.RECORDING else min(self.written, self.threshold)
        return self.chance(evidence) < least

    def chance(self, evidence: Evidence) -> float:
        """The probability that the evidence holds the answer.

        >>> rule = Rule(Evidence(covered=4.0), -2.0, 0.5)
        >>> rule.chance(Evidence(covered=0.5)), rule.chance(Evidence(covered=1.0)) > 0.8
        (0.5, True)
        """
        weights, facts = astuple(self.weights), astuple(evidence)
        return 1 / (1 + math.exp(-self.constant - sum(w * fact for w, fact in zip(weights, facts, strict=True))))


RULE = Rule(Evidence(3.62, 0.57, 1.31, 2.18, 0.9, 0.52, 0.81, 2.99, 1.21), -10.19, 0.165)


@dataclass(frozen=True)
class Facts:
    """Of each unit of a question, (units,): its weight, whether it is a term or a name, and whether it is a name that
    cannot be said otherwise."""

    weights: Floats
    named: Bools
    strict: Bools


def read_units(index: Index, asked: Asked, units: Sequence[Unit]) -> Facts:
    """What the units of a question are; one that stands nowhere weighs most where it is a name."""
    most = math.log(2 * len(index) + 2)
    named = [bool(unit.names) or _is_written_as_name(asked, unit) for unit in units]
    strict = [_is_written_as_name(asked, unit) or _is_foreign(index, asked, unit) for unit in units]
    weights = [
        unit.rarity if _anywhere(unit) >= STANDS else most * (ABSENT_NAME if name else ABSENT_WORD)
        for unit, name in zip(units, named, strict=True)
    ]
    return Facts(np.array(weights, np.float64), np.array(named, bool), np.array(strict, bool))


def _is_written_as_name(asked: Asked, unit: Unit) -> bool:
    return not asked.named.isdisjoint(unit.words.split())


def _is_foreign(index: Index, asked: Asked, unit: Unit) -> bool:
    """Whether a Spanish question asks for a term by its English name."""
    if asked.lang == "en" or not unit.names:
        return False
    terms = [term for term in index.glossary.terms if term.name in unit.names]
    english = {" ".join(words_of(name)) for term in terms for name in term.english}
    spanish = {" ".join(words_of(name)) for term in terms for name in term.spanish}
    return unit.words in english and unit.words not in spanish


def _anywhere(unit: Unit) -> float:
    return min(1.0, float(unit.said.max()) / ENOUGH) if len(unit.said) else 0.0


@dataclass(frozen=True)
class Told:
    """What the best sentences say. together : the share of the question they hold at most. kind, exactly : as in
    :class:`Evidence`."""

    together: float
    kind: bool
    exactly: bool


def weigh(index: Index, found: Found, facts: Facts, rows: Sequence[int], told: Told) -> tuple[Evidence, list[Unit]]:
    """The evidence of the best passages (rows of the index), and the terms and names that do not stand there."""
    if not len(rows) or not len(facts.weights):
        return Evidence(), list(found.units)
    held = np.array([[_around(index, unit, row) for row in rows] for unit in found.units])
    shares = facts.weights @ held / facts.weights.sum()
    best = int(np.argmax(shares))
    there, covered = held[:, best], float(shares[best])
    anywhere = np.array([_anywhere(unit) for unit in found.units])
    named, strict = facts.named, facts.strict
    evidence = Evidence(
        covered,
        float(np.average(there[named], weights=facts.weights[named])) if named.any() else covered,
        float(there[strict].min()) if strict.any() else covered,
        float(anywhere[strict].min()) if strict.any() else 1.0,
        told.together,
        float(found.scores[list(rows)].max()),
        float(told.kind),
        min(1.0, len(facts.weights) / 15),
        float(told.exactly),
    )
    absent = named & (held.max(axis=1) < STANDS)
    return evidence, [unit for unit, gone in zip(found.units, absent, strict=True) if gone]


def _around(index: Index, unit: Unit, row: int) -> float:
    """How far a passage with its neighbours holds a unit."""
    held = float(unit.said[row])
    for away, share in NEIGHBOURS[:2]:
        for other in (row - away, row + away):
            if 0 <= other < len(index) and index.of_source[other] == index.of_source[row]:
                held = max(held, share * float(unit.said[other]))
    return min(held / ENOUGH, 1.0)


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
    place = fold(asked.text).find(unit.words)
    return asked.text[place : place + len(unit.words)] if place >= 0 else unit.words
