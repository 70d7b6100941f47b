"""How well questions find the minute that answers them: perla's search beside stemmed BM25, in one run.

    python benchmarks/questions.py [--ours] [--made 300] [--draws 2000]

Needs the recordings and questions of ../shared. All sessions are learned as `perla learn` learns them, into a folder
that is thrown away. A hit is a passage that overlaps the seconds of the answer; results do not overlap one another.
Both sides search the same passages. `--ours` asks the questions of questions_of_ours.jsonl, those of
questions_blind.jsonl (each written with nothing but its minute before one's eyes) and ones made by program, and chooses
the weights of the signals by cross-validation over the sessions: what they give on sessions that did not choose them is
the honest figure. Spread is a 90 % interval by bootstrap over the questions.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from leaderboard import commit_of_perla, table
from numpy.typing import NDArray

from perla.knowledge.glossary import shipped_everyday, shipped_glossary
from perla.knowledge.index import Index, build_index
from perla.knowledge.library import Library
from perla.knowledge.passages import Hit, Passage, Source, SourceKind
from perla.knowledge.postings import Postings
from perla.knowledge.search import WEIGHTS, Found, Weights, allowed, best, judge, search
from perla.knowledge.sessions import naming
from perla.knowledge.words import stem, telling, words_of

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT / ".." / "shared"
SPEECH, ASKED = SHARED / "data" / "recordings-mlmed" / "csv", SHARED / "bench" / "questions.jsonl"
XQUAD = SHARED / "data" / "qa-xquad-es"
OURS, BLIND = (ROOT / "benchmarks" / f"questions_{name}.jsonl" for name in ("of_ours", "blind"))
DEEP, USUAL_B, FOLDS = 10, 0.75, 5
MISSED = 10**6
Ranks = NDArray[np.int64]
Find = Callable[[str, Sequence[str]], list[Hit]]


@dataclass(frozen=True)
class Question:
    """A question and where it is answered. also : other places that answer it."""

    text: str
    lang: str
    recording: str
    start_s: float
    end_s: float
    also: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    def answered_by(self, passage: Passage, files: dict[str, str]) -> bool:
        places = [{"recording": self.recording, "start_s": self.start_s, "end_s": self.end_s}, *self.also]
        own = [place for place in places if place["recording"] == files[passage.source]]
        return any(passage.start_s < place["end_s"] and passage.end_s > place["start_s"] for place in own)


def read_questions(path: Path) -> list[Question]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [_question(row) for row in rows]


def _question(row: dict[str, Any]) -> Question:
    also = tuple(row.get("also", ()))
    return Question(row["question"], row["lang"], row["recording"], row["start_s"], row["end_s"], also)


@contextmanager
def learned_speech() -> Iterator[Library]:
    """All recordings, learned by the product's own road."""
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        library.learn([SPEECH])
        yield library


def learn_speech() -> Index:
    with learned_speech() as library:
        return library.open()


@dataclass(frozen=True)
class Bench:
    """An index with the files its sources were read from, and stems alone to compare with."""

    index: Index
    files: dict[str, str]
    stems: Postings

    @classmethod
    def of(cls, index: Index) -> Bench:
        files = {source.name: Path(source.path).name for source in index.sources}
        return cls(index, files, Postings.of([plain_stems(p.text) for p in index.passages], USUAL_B))

    def by_perla(self, question: str, sources: Sequence[str] = ()) -> list[Hit]:
        return search(self.index, question, DEEP, sources=sources)

    def by_stems(self, question: str, sources: Sequence[str] = ()) -> list[Hit]:
        found = Found((), self.stems.score(plain_stems(question)), self.stems.score([]), {})
        return best(self.index, found, DEEP, allowed(self.index, (), sources))

    def ranks(self, questions: Iterable[Question], find: Find, named: bool = False) -> Ranks:
        """The place of each question's first hit, MISSED beyond the tenth. named : the question names its session."""
        return np.array([self._rank(question, find, named) for question in questions])

    def _rank(self, question: Question, find: Find, named: bool) -> int:
        text, sources = question.text, tuple[str, ...]()
        if named:
            number = next(s.session for s in self.index.sources if self.files[s.name] == question.recording)
            told = naming(f"En la sesión {number}, {question.text}", self.index.sources)
            text, sources = told.rest, told.sources
        hits = find(text, sources)
        return next((n for n, hit in enumerate(hits) if question.answered_by(hit.passage, self.files)), MISSED)


def plain_stems(text: str) -> list[str]:
    """Snowball's Spanish stems of all words and nothing else: what is left out and what is joined is perla's."""
    return list(Stemmer.Stemmer("spanish").stemWords(words_of(text)))


def recall(ranks: Ranks, deep: int) -> NDArray[np.float64]:
    return (ranks < deep).astype(float)


def reciprocal(ranks: Ranks) -> NDArray[np.float64]:
    return np.where(ranks < DEEP, 1 / (ranks + 1.0), 0.0)


def spread(values: NDArray[np.float64], draws: int, seed: int = 0) -> str:
    """A mean with its 90 % interval by bootstrap."""
    drawn = np.random.default_rng(seed).integers(0, len(values), (draws, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.05, 0.95])
    return f"{values.mean():.2f} [{low:.2f}, {high:.2f}]"


def compare(what: str, theirs: Ranks, ours: Ranks, draws: int) -> list[list[str]]:
    """Rows of one set of questions."""
    figures: tuple[tuple[str, Callable[[Ranks], NDArray[np.float64]]], ...]
    figures = (("recall at 5", lambda r: recall(r, 5)), ("recall at 10", lambda r: recall(r, 10)), ("MRR", reciprocal))
    return [[f"{what}: {name}", spread(f(theirs), draws), spread(f(ours), draws)] for name, f in figures]


def the_fifty(bench: Bench, draws: int) -> list[list[str]]:
    questions = read_questions(ASKED)
    theirs, ours = _both(bench, questions)
    rows = compare(f"{len(questions)} questions", theirs, ours, draws)
    named = _both(bench, questions, named=True)
    rows += compare("session named", *named, draws)
    gain = recall(ours, 5) - recall(theirs, 5)
    return [*rows, ["paired gain over stemmed BM25, recall at 5", "0", spread(gain, draws)]]


def our_own(bench: Bench, questions: Sequence[Question], what: str, draws: int) -> list[list[str]]:
    rows: list[list[str]] = []
    for lang, told in (("es", "Spanish"), ("en", "English")):
        some = [question for question in questions if question.lang == lang]
        if some:
            rows += compare(f"{len(some)} {what}, {told}", *_both(bench, some), draws)
    return rows + compare(f"{what}, session named", *_both(bench, questions, named=True), draws)


def _both(bench: Bench, questions: Sequence[Question], named: bool = False) -> tuple[Ranks, Ranks]:
    """The ranks by stems alone and by perla."""
    return bench.ranks(questions, bench.by_stems, named), bench.ranks(questions, bench.by_perla, named)


def made_questions(index: Index, count: int, seed: int = 0) -> list[Question]:
    """Questions made of four words of a passage, neither its rarest nor its commonest, said otherwise."""
    rng = np.random.default_rng(seed)
    everyday, glossary = shipped_everyday(), shipped_glossary()
    made: list[Question] = []
    for row in rng.permutation(len(index)):
        passage = index.passages[row]
        words = list(dict.fromkeys(telling(words_of(passage.text))))
        if len(made) == count or len(words) < 30:
            continue
        by_rarity = sorted(words, key=lambda word: -index.stems.rarity_of(stem(word)))
        said = []
        for word in rng.permutation(by_rarity[8:30])[:4]:
            ways = [" ".join(way) for way in everyday.of(stem(word))]
            ways += [name for m in glossary.mentions([word]) for term in m.terms for name in term.names]
            said.append(str(rng.choice(ways)) if ways else str(word))
        file = next(Path(s.path).name for s in index.sources if s.name == passage.source)
        made.append(Question(" ".join(said), "es", file, passage.start_s, passage.end_s))
    return made


def cross_validated(bench: Bench, questions: Sequence[Question], draws: int) -> list[list[str]]:
    """What weights chosen on some sessions give on the others, beside the shipped ones."""
    found = [judge(bench.index, question.text) for question in questions]
    tried = [WEIGHTS, *(replace(WEIGHTS, **{name: value * share}) for name, value in vars(WEIGHTS).items()
                        for share in (0.0, 0.5, 1.6))]  # fmt: skip
    ranks = np.array([[_weighed(bench, q, f, w) for q, f in zip(questions, found, strict=True)] for w in tried])
    worth = (reciprocal(ranks) + recall(ranks, 5)) / 2
    sessions = sorted({question.recording for question in questions})
    fold = np.array([sessions.index(question.recording) % FOLDS for question in questions])
    chosen = np.zeros(len(questions), np.int64)
    for out in range(FOLDS):
        chosen[fold == out] = worth[:, fold != out].mean(axis=1).argmax()
    held_out = ranks[chosen, np.arange(len(questions))]
    return compare("weights as shipped (left), chosen on other sessions (right)", ranks[0], held_out, draws)


def _weighed(bench: Bench, question: Question, found: Found, weights: Weights) -> int:
    total = sum(getattr(weights, name) * part for name, part in found.parts.items())
    hits = best(bench.index, replace(found, scores=np.asarray(total, np.float32)), DEEP)
    return next((n for n, hit in enumerate(hits) if question.answered_by(hit.passage, bench.files)), MISSED)


def paragraphs() -> tuple[Bench, list[tuple[str, str]], list[str]]:
    """XQuAD's Spanish paragraphs, its Spanish questions with the paragraph that answers, and the same in English."""
    articles, english = (json.loads((XQUAD / f"xquad.{lang}.json").read_text("utf-8"))["data"] for lang in ("es", "en"))
    sources: list[Source] = []
    passages: list[Passage] = []
    asked: list[tuple[str, str]] = []
    for article in articles:
        for paragraph in article["paragraphs"]:
            name, text = f"p{len(passages)}", paragraph["context"]
            sources.append(Source(name, SourceKind.DOCUMENT, article["title"], name, ""))
            passages.append(Passage(name, SourceKind.DOCUMENT, text, 0, len(words_of(text))))
            asked += [(row["question"], name) for row in paragraph["qas"]]
    translated = [
        row["question"] for article in english for paragraph in article["paragraphs"] for row in paragraph["qas"]
    ]
    return Bench.of(build_index(sources, passages, [], shipped_glossary())), asked, translated


def xquad_rows(draws: int) -> list[list[str]]:
    bench, asked, english = paragraphs()
    rows = []
    for told, texts in (("XQuAD-es", [text for text, _ in asked]), ("XQuAD, English over Spanish", english)):
        ranks = []
        for find in (bench.by_stems, bench.by_perla):
            hits = [[hit.passage.source for hit in find(text, ())] for text in texts]
            ranks.append(
                np.array([h.index(name) if name in h else MISSED for h, (_, name) in zip(hits, asked, strict=True)])
            )
        for name, figure in (("recall at 1", recall(ranks[0], 1)), ("MRR", reciprocal(ranks[0]))):
            mine = recall(ranks[1], 1) if name == "recall at 1" else reciprocal(ranks[1])
            rows.append([f"{told}: {name}", f"{figure.mean():.4f}", f"{mine.mean():.4f}"])
    return rows


def speed_rows(bench: Bench, questions: Sequence[Question]) -> list[list[str]]:
    taken = []
    for find in (bench.by_stems, bench.by_perla):
        times = []
        for question in questions:
            start = time.perf_counter()
            find(question.text, ())
            times.append((time.perf_counter() - start) * 1000)
        taken.append(f"{np.quantile(times, 0.5):.1f} / {np.quantile(times, 0.95):.1f}")
    return [[f"milliseconds a query, median / p95, {len(bench.index):,} passages", *taken]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--made", type=int, default=300)
    parser.add_argument("--draws", type=int, default=2000)
    given = parser.parse_args()
    bench = Bench.of(learn_speech())
    ours = read_questions(OURS)
    if given.ours:
        rows = our_own(bench, ours, "questions of ours", given.draws)
        rows += our_own(bench, read_questions(BLIND), "blind questions", given.draws)
        rows += our_own(bench, made_questions(bench.index, given.made), "made by program", given.draws)
        rows += cross_validated(bench, ours, given.draws)
    else:
        rows = the_fifty(bench, given.draws) + xquad_rows(given.draws) + speed_rows(bench, ours)
    command = f"`python benchmarks/questions.py{' --ours' if given.ours else ''}`"
    told = [[*row, command, date.today().isoformat(), commit_of_perla()] for row in rows]
    print(table(["measured", "stemmed BM25", "perla", "command", "date", "commit"], told))


if __name__ == "__main__":
    main()
