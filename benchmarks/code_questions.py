"""How well questions find the definition, or the section of the documents, that answers them: this project's own.

    python benchmarks/code_questions.py [--half even|odd] [--blind] [--draws 2000] [--missed]

Learns src/perla and docs as `perla learn` learns them, into a folder that is thrown away, and asks the questions of
benchmarks/code_questions.jsonl: in the words of somebody new to the project, two of three in Spanish, though code and
documents are in English. A hit is a passage that overlaps the lines of the definition or section. The even questions
chose what is indexed of code, the odd ones did not. `--blind` asks the thirty of code_questions_blind.jsonl instead,
of definitions drawn by lot, written without knowledge of any list of words of perla's. `--missed` lists what was not
among the first five. Spread is a 90 % interval by bootstrap over the questions.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from leaderboard import commit_of_perla, table
from numpy.typing import NDArray

from perla.knowledge.asked import read_question
from perla.knowledge.index import Index
from perla.knowledge.library import Library
from perla.knowledge.passages import Hit, SourceKind
from perla.knowledge.search import search

ROOT = Path(__file__).resolve().parents[1]
ASKED, BLIND = (ROOT / "benchmarks" / f"code_questions{name}.jsonl" for name in ("", "_blind"))
LEARNED = (ROOT / "src" / "perla", ROOT / "docs")
DEEP, MISSED = 10, 10**6
Ranks = NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """A question and the lines that answer it. name : of the definition, or the heading of the section."""

    text: str
    lang: str
    path: str
    name: str
    first: int
    last: int

    @property
    def topic(self) -> str:
        """Without the words that only say that code is asked for, as `perla ask` searches for it."""
        return read_question(self.text).topic

    @property
    def kind(self) -> SourceKind:
        return SourceKind.DOCUMENT if self.path.endswith(".md") else SourceKind.CODE

    def answered_by(self, hit: Hit) -> bool:
        passage = hit.passage
        own = passage.source.endswith(f"/{self.path}")
        return own and passage.first_line <= self.last and self.first <= passage.last_line


def read_questions(path: Path) -> list[Question]:
    return [_question(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _question(row: dict[str, str]) -> Question:
    text = (ROOT / row["path"]).read_text(encoding="utf-8")
    find = {".py": lines_of_definition, ".md": lines_of_section}.get(Path(row["path"]).suffix, lines_of_function)
    return Question(row["question"], row["lang"], row["path"], row["name"], *find(text, row["name"]))


def lines_of_definition(text: str, name: str) -> tuple[int, int]:
    """First and last line of a definition; of a class with methods those before the first."""
    body: list[ast.stmt] = ast.parse(text).body
    found: ast.stmt | None = None
    for part in name.split("."):
        found = next(node for node in body if part in _names(node))
        body = getattr(found, "body", [])
    assert found is not None
    inner = [node for node in body if isinstance(node, ast.FunctionDef)] if isinstance(found, ast.ClassDef) else []
    first = min([found.lineno, *(node.lineno for node in getattr(found, "decorator_list", []))])
    return first, inner[0].lineno - 1 if inner else found.end_lineno or first


def _names(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)] or [getattr(node, "name", "")]


def lines_of_function(text: str, name: str) -> tuple[int, int]:
    """The lines of a function of JavaScript, by how far it is indented."""
    lines = text.split("\n")
    first = next(n for n, line in enumerate(lines) if re.match(rf"\s*function {name}\b", line))
    margin = len(lines[first]) - len(lines[first].lstrip())
    last = next(n for n in range(first + 1, len(lines)) if lines[n].startswith(" " * margin + "}"))
    return first + 1, last + 1


def lines_of_section(text: str, name: str) -> tuple[int, int]:
    """The lines below a heading, to the next of its level or above; below the title, to the next heading."""
    lines = text.split("\n")
    first = next(n for n, line in enumerate(lines) if re.fullmatch(rf"#+ {re.escape(name)}", line))
    level = lines[first].index(" ")
    ends = (n for n in range(first + 1, len(lines)) if re.match(rf"#{{1,{max(level, 2)}}} ", lines[n]))
    return first + 1, next(ends, len(lines))


def learn_project() -> Index:
    """The index of code and documents, by the product's own road."""
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        library.learn(LEARNED)
        return library.open()


def rank_of(index: Index, question: Question, alone: bool) -> int:
    """The place of the first hit, MISSED beyond the tenth. alone : code alone, or documents alone, is searched."""
    hits = search(index, question.topic, DEEP, (question.kind,) if alone else ())
    return next((place for place, hit in enumerate(hits) if question.answered_by(hit)), MISSED)


def rows_of(index: Index, questions: Sequence[Question], draws: int) -> list[list[str]]:
    rows = []
    alone, among = (np.array([rank_of(index, q, only) for q in questions]) for only in (True, False))
    code = np.array([q.kind is SourceKind.CODE for q in questions])
    spanish = np.array([q.lang == "es" for q in questions])
    groups = (
        ("all questions", np.full(len(code), True)), ("about code, Spanish", code & spanish),
        ("about code, English", code & ~spanish), ("about documents, Spanish", ~code & spanish),
        ("about documents, English", ~code & ~spanish),
    )  # fmt: skip
    for what, some in groups:
        if not some.any():
            continue
        for name, figure in (("recall at 1", _recall(1)), ("recall at 5", _recall(5)), ("MRR", _reciprocal)):
            told = [spread(figure(ranks[some]), draws) for ranks in (alone, among)]
            rows.append([f"{what} ({some.sum()}): {name}", *told])
    return rows


def _recall(count: int) -> Callable[[Ranks], NDArray[np.float64]]:
    return lambda ranks: (ranks < count).astype(float)


def _reciprocal(ranks: Ranks) -> NDArray[np.float64]:
    return np.where(ranks < DEEP, 1 / (ranks + 1.0), 0.0)


def spread(values: NDArray[np.float64], draws: int) -> str:
    """The mean with a 90 % interval by bootstrap."""
    means = np.random.default_rng(0).choice(values, (draws, len(values))).mean(axis=1)
    low, high = np.quantile(means, [0.05, 0.95])
    return f"{values.mean():.2f} [{low:.2f}, {high:.2f}]"


def speed_row(index: Index, questions: Sequence[Question]) -> list[str]:
    times = []
    for question in questions:
        start = time.perf_counter()
        search(index, question.topic)
        times.append((time.perf_counter() - start) * 1000)
    told = f"{np.quantile(times, 0.5):.1f} / {np.quantile(times, 0.95):.1f}"
    return [f"milliseconds a query, median / p95, {len(index):,} passages", "-", told]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--half", choices=("even", "odd"))
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--missed", action="store_true")
    given = parser.parse_args()
    index, questions = learn_project(), read_questions(BLIND if given.blind else ASKED)
    if given.half:
        questions = questions[given.half == "odd" :: 2]
    rows = [*rows_of(index, questions, given.draws), speed_row(index, questions)]
    options = " --blind" if given.blind else f" --half {given.half}" if given.half else ""
    command = f"`python benchmarks/code_questions.py{options}`"
    told = [[*row, command, date.today().isoformat(), commit_of_perla()] for row in rows]
    print(table(["measured", "its kind alone", "code and documents", "command", "date", "commit"], told))
    for question in questions if given.missed else ():
        if rank_of(index, question, True) >= 5:
            print(f"missed: {question.text} -> {question.path} {question.name}")


if __name__ == "__main__":
    main()
