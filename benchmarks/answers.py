"""Refusal and quotes, measured: which questions are answered, which refused, and whether every quote is verbatim.

    python benchmarks/answers.py RECORDINGS                        # cross-validated on questions of our own
    python benchmarks/answers.py RECORDINGS --answerable FILE --unanswerable FILE   # others, at the rule that ships

Answerable questions carry their recording, so that no fold is judged by a rule that saw its session: ours
(questions_of_ours.jsonl), and blind ones, written with nothing but their minute before one's eyes
(questions_blind.jsonl). The unanswerable ones are written by hand, of things nobody spoke of
(questions_unanswered_of_ours.jsonl) and, held out topic by topic, of things that were spoken of, with an answer that
never was (questions_unanswered_hard.jsonl); or made here: a term of an answerable question is exchanged for one that
stands nowhere, and a few words of other questions are added, for people ask at length.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from perla.knowledge import Library, Opened
from perla.knowledge.answers import answer
from perla.knowledge.evidence import Texts
from perla.knowledge.glossary import Term
from perla.knowledge.index import Index
from perla.knowledge.passages import Answer, Quote
from perla.knowledge.refusal import RULE, Evidence, Rule
from perla.knowledge.sentences import stands_in
from perla.knowledge.words import telling, words_of

HERE = Path(__file__).resolve().parent
OURS, BLIND = HERE / "questions_of_ours.jsonl", HERE / "questions_blind.jsonl"
SWAPPED, FOLDS, SEED = 90, 9, 7
SURE_OF_ABSENCE = 0.3  # of an alias; a term that may have been mangled is not called absent
WEIGHTS = {"written": 1.0, "blind": 1.0, "hard": 2.0, "swapped": 0.5}
KEPT_AT_LEAST, LONGER_AT_LEAST = 0.95, 0.9  # of answerable questions, and of longer ones: how the threshold is set


@dataclass(frozen=True)
class Question:
    """kind : ``written``, ``blind``, ``hard`` or ``swapped``, with ``, longer`` where words were added.

    group : what it is held out with.
    """

    text: str
    answerable: bool
    kind: str
    group: str


def read(path: Path, answerable: bool, kind: str = "written") -> list[Question]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Question(r["question"], answerable, kind, r.get("recording", r.get("topic", r["id"]))) for r in rows]


def exchanged(index: Index, texts: Texts, asked: Sequence[Question], rng: random.Random) -> Iterator[Question]:
    """Answerable questions with one of their terms exchanged for one that stands nowhere."""
    pool = absent_terms(index, texts)
    for question in rng.sample(list(asked), len(asked)):
        words = list(re.finditer(r"[^\W_]+", question.text))
        mentions = index.glossary.mentions(words_of(question.text))
        if not mentions or len(words) != len(words_of(question.text)):
            continue
        mention, term = rng.choice(mentions), rng.choice(pool)
        first, last = words[mention.first].start(), words[mention.last - 1].end()
        yield Question(question.text[:first] + term.name + question.text[last:], False, "swapped", question.group)


def absent_terms(index: Index, texts: Texts) -> list[Term]:
    """Terms by name that nobody said, spelled right or mangled."""
    said = {
        term.name
        for source in index.sources
        for mention in index.glossary.mentions(texts.script(source.name).folded)
        for term in mention.terms
    }
    mangled = {finding.canonical for finding in index.findings if finding.score >= SURE_OF_ABSENCE}
    names = [term for term in index.glossary.terms if term.name not in said | mangled]
    return [term for term in names if term.name[0].isupper() or not term.spanish]


def longer(question: Question, words: Sequence[str], rng: random.Random) -> Question:
    more = " ".join(rng.sample(list(words), rng.choice((2, 3, 4))))
    return replace(question, text=f"{question.text.rstrip('?')} {more}?", kind=question.kind + ", longer")


def own_questions(opened: Opened, seed: int = SEED) -> list[Question]:
    """Everything the rule is fitted on."""
    rng = random.Random(seed)
    asked = read(OURS, True)
    swaps = list(exchanged(opened.index, opened.texts, asked, rng))[:SWAPPED]
    hard = read(HERE / "questions_unanswered_hard.jsonl", False, "hard")
    first = [*asked, *read(HERE / "questions_unanswered_of_ours.jsonl", False), *hard, *swaps]
    words = [word for question in asked for word in telling(words_of(question.text))]
    return [*first, *read(BLIND, True, "blind"), *(longer(question, words, rng) for question in first)]


def weigh(opened: Opened, text: str) -> Evidence:
    """What the rule sees of a question."""
    seen: list[Evidence] = []

    class Watching(Rule):
        def chance(self, evidence: Evidence) -> float:
            seen.append(evidence)
            return 1.0

    answer(opened.index, text, opened.texts, rule=Watching(RULE.weights, RULE.constant, 0.0))
    return seen[0] if seen else Evidence()


def fit(facts: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> Rule:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=2000).fit(facts, truth, sample_weight=weights)
    return Rule(Evidence(*np.round(model.coef_[0], 2).tolist()), round(float(model.intercept_[0]), 2), 0.5)


def cross_validated(questions: Sequence[Question], facts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of each question the chance given by a rule that saw no question of its session."""
    from sklearn.model_selection import GroupKFold

    truth, groups = np.array([q.answerable for q in questions]), np.array([q.group for q in questions])
    chances = np.zeros(len(questions))
    for learned, held_out in GroupKFold(FOLDS).split(facts, truth, groups):
        rule = fit(facts[learned], truth[learned], weights[learned])
        chances[held_out] = [rule.chance(Evidence(*row)) for row in facts[held_out].tolist()]
    return chances


def highest(questions: Sequence[Question], chances: np.ndarray) -> float:
    """The highest threshold at which enough of the answerable questions are answered."""
    longer_ones = np.array([question.kind.endswith("longer") for question in questions])
    truth = np.array([question.answerable for question in questions])
    demands = ((chances[truth & ~longer_ones], KEPT_AT_LEAST), (chances[truth & longer_ones], LONGER_AT_LEAST))
    fits = (t for t in np.arange(0.01, 0.95, 0.005) if all((own >= t).mean() >= share for own, share in demands))
    return float(max(fits))


def fit_and_tell(opened: Opened) -> None:
    from sklearn.metrics import roc_auc_score

    questions = own_questions(opened)
    facts = np.array([astuple(weigh(opened, question.text)) for question in questions])
    weights = np.array([WEIGHTS[question.kind.split(",")[0]] for question in questions])
    chances = cross_validated(questions, facts, weights)
    truth = np.array([question.answerable for question in questions])
    kinds = np.array([f"{'answerable' if q.answerable else 'unanswerable'}, {q.kind}" for q in questions])
    print(f"{len(questions)} questions of ours; AUROC across sessions {roc_auc_score(truth, chances):.3f}")
    threshold = highest(questions, chances)
    for kind in dict.fromkeys(kinds):
        own = chances[kinds == kind]
        print(f"  {kind:<32} {len(own):>4}  answered {(own >= threshold).mean():.2f}")
    rule = replace(fit(facts, truth, weights), threshold=round(threshold, 3))
    for name, one in (("fitted now", rule), ("ships", RULE)):
        print(f"{name}: {astuple(one.weights)}, {one.constant}, threshold {one.threshold}")


def tell_others(opened: Opened, answerable: Path | None, unanswerable: Path | None) -> None:
    told: list[Answer] = []
    for path, truth in ((answerable, True), (unanswerable, False)):
        if path is None:
            continue
        own = [answer(opened.index, question.text, opened.texts) for question in read(path, truth)]
        refused = sum(one.refused for one in own)
        print(f"{path.name}: {len(own)} questions, {len(own) - refused} answered, {refused} refused")
        told += own
    tell_quotes(opened, told)


def tell_places(opened: Opened) -> None:
    """How often the first quote, and any, stands in a minute that answers."""
    files = {source.name: Path(source.path).name for source in opened.index.sources}
    for path in (OURS, BLIND):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        right = [[stands_at(quote, row, files) for quote in quotes_of(opened, row["question"])] for row in rows]
        first, anywhere = (np.mean([any(own[:count]) for own in right]) for count in (1, None))
        print(f"{path.name}: {len(rows)} questions, first quote at the right minute {first:.2f}, any {anywhere:.2f}")


def quotes_of(opened: Opened, question: str) -> tuple[Quote, ...]:
    told = answer(opened.index, question, opened.texts)
    return (*told.quotes, *told.nearest)


def stands_at(quote: Quote, row: dict[str, Any], files: dict[str, str]) -> bool:
    places = [row, *row.get("also", ())]
    own = [place for place in places if place["recording"] == files[quote.source.name]]
    return any(quote.start_s < place["end_s"] and quote.end_s > place["start_s"] for place in own)


def tell_quotes(opened: Opened, told: Sequence[Answer]) -> None:
    quotes = [quote for one in told for quote in (*one.quotes, *one.nearest)]
    right = sum(stands_in(quote.text, opened.texts.script(quote.source.name)) for quote in quotes)
    took = [one.timings["total"] for one in told]
    print(f"quotes verbatim in their source: {right} of {len(quotes)}")
    print(f"milliseconds a question: median {np.median(took):.1f}, p95 {np.percentile(took, 95):.1f}")


def main(words: Sequence[str]) -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("recordings", type=Path, nargs="+")
    reader.add_argument("--answerable", type=Path)
    reader.add_argument("--unanswerable", type=Path)
    call = reader.parse_args(words)
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        library.learn(call.recordings)
        began = time.perf_counter()
        opened = Opened.of(library)
        print(f"opened in {(time.perf_counter() - began) * 1000:.0f} ms: {len(opened.index)} passages")
        if call.answerable or call.unanswerable:
            tell_others(opened, call.answerable, call.unanswerable)
            return
        fit_and_tell(opened)
        tell_places(opened)
        tell_quotes(opened, [answer(opened.index, q.text, opened.texts) for q in own_questions(opened)])


if __name__ == "__main__":
    main(sys.argv[1:])
