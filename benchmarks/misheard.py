"""What reading the recordings word by word gave: the list of mishearings that ships, and what it is worth.

    python benchmarks/misheard.py [--write] [--draws 2000]

Needs the recordings and questions of ../shared. ``misheard_marks.csv`` holds every place where, reading all 27
sessions, the recogniser was seen to have written something else for a term of the glossary: session, minute (row of its
table), the words as they stand, the term, and whether the words could be plain speech. ``--write`` makes the shipped
list of it (src/perla/knowledge/glossary/misheard.txt). Without it, the questions of benchmarks/questions.py are asked
three times: with no list, with the shipped list, and with a list in which each session's questions do without what was
read in that very session: what the list is worth in a recording that nobody has read.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path

import numpy as np
import questions as q
from leaderboard import commit_of_perla, table

from perla.knowledge.aliases import TELLING, find_aliases, known_words
from perla.knowledge.company import Company
from perla.knowledge.cutting import write_script
from perla.knowledge.glossary import Misheard, shipped_glossary, shipped_misheard
from perla.knowledge.index import Index, with_findings
from perla.knowledge.library import written_ways
from perla.knowledge.passages import Reading
from perla.knowledge.windows import Window, exact_places, ordinary_words, places_of
from perla.knowledge.words import words_of

MARKS = Path(__file__).with_name("misheard_marks.csv")
SHIPPED = q.ROOT / "src" / "perla" / "knowledge" / "glossary" / "misheard.txt"
LEAST_CHANCE, MOST_WORDS = 0.2, 5  # of a form that ships
ARTICLES, SHORTEST_BARE = frozenset(["el", "la", "los", "las", "un", "una", "unos", "unas"]), 4
HEAD = """\
# What a recogniser of Spanish speech was seen to write for terms, marked while reading 32 hours of talk on machine
# learning (benchmarks/misheard.py makes this list).
#   canonical name | forms that nobody would say otherwise | forms of plain words, where the term may well be meant
# "form 3/4": of four times it stands in the recordings (of plain words: where the term may be meant), it was the term
# three times; without numbers: once, and it was.
"""


@dataclass(frozen=True)
class Mark:
    """A place where a term was misheard. row : of the session's table. plain : words that could be plain speech."""

    session: int
    row: int
    words: Window
    canonical: str
    plain: bool


def read_marks() -> list[Mark]:
    with MARKS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Mark(int(r["session"]), int(r["row"]), without_article(words_of(r["heard"])), r["meant"], r["plain"] == "yes")
        for r in rows
    ]


def without_article(words: Sequence[str]) -> Window:
    """Words without the article before them, which is rarely part of the term; a short word needs it to be told."""
    bare = words[1:] if words[0] in ARTICLES else words
    return tuple(bare if len(" ".join(bare)) >= SHORTEST_BARE else words)


@dataclass(frozen=True)
class Speech:
    """The recordings as folded words. session_of : by source. ends : the last word of each row, by source."""

    texts: Mapping[str, Sequence[str]]
    is_word: Mapping[str, bool]
    session_of: Mapping[str, int]
    ends: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> Speech:
        texts = {r.source.name: write_script(r).folded for r in readings}
        ends = {r.source.name: list(accumulate(len(words_of(span.text)) for span in r.spans)) for r in readings}
        return cls(texts, known_words(texts, written_ways(readings)), _sessions(readings), ends)

    def row(self, source: str, word: int) -> int:
        return int(np.searchsorted(self.ends[source], word, side="right"))


def _sessions(readings: Iterable[Reading]) -> dict[str, int]:
    return {r.source.name: int(r.source.session) for r in readings}


def count_forms(speech: Speech, marks: Sequence[Mark], without: int = -1) -> list[Misheard]:
    """Every marked form of a term with how often it stands in the recordings and how often it was the term.

    without : a session that counts for nothing. A place is right where a mark of the same term shares its words.
    """
    marks = [mark for mark in marks if mark.session != without]
    texts = {source: words for source, words in speech.texts.items() if speech.session_of[source] != without}
    places = places_of({mark.words for mark in marks}, texts)
    forms: dict[tuple[Window, str], list[bool]] = defaultdict(list)
    marked: dict[tuple[int, int, str], list[Window]] = defaultdict(list)
    for mark in marks:
        forms[mark.words, mark.canonical].append(mark.plain)
        marked[mark.session, mark.row, mark.canonical].append(mark.words)
    plain = {form: 2 * sum(flags) >= len(flags) for form, flags in forms.items()}

    def is_right(form: tuple[Window, str], source: str, first: int) -> bool:
        session, words = speech.session_of[source], f" {' '.join(form[0])} "
        rows = {speech.row(source, first), speech.row(source, first + len(form[0]) - 1)}
        seen = (f" {' '.join(other)} " for row in rows for other in marked.get((session, row, form[1]), ()))
        return any(words in other or other in words for other in seen)

    def counted(form: tuple[Window, str], spots: Sequence[tuple[str, int]]) -> Misheard:
        right = sum(is_right(form, *spot) for spot in spots)
        return Misheard(form[0], form[1], plain[form], right, len(spots))

    odd = [counted(form, places.get(form[0], ())) for form in forms if not plain[form]]
    telling = [(one.canonical, places[one.words]) for one in odd if one.right and one.chance >= TELLING]
    exact = exact_places(texts, shipped_glossary(), ordinary_words(texts))
    company = Company.of(texts, exact, shipped_glossary(), telling)
    likely = [(form, company.about(form[1], places.get(form[0], ()))) for form in forms if plain[form]]
    found = [*odd, *(counted(form, spots) for form, spots in likely)]
    names = {(tuple(words_of(name)), term.name) for term in shipped_glossary().terms for name in term.names}
    return [one for one in found if _is_worth(one) and (one.words, one.canonical) not in names]


def _is_worth(one: Misheard) -> bool:
    return one.right > 0 and one.chance >= LEAST_CHANCE and len(one.words) <= MOST_WORDS


def write_list(forms: Iterable[Misheard]) -> None:
    by_term: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for one in forms:
        counts = "" if (one.right, one.times) == (1, 1) else f" {one.right}/{one.times}"
        by_term[one.canonical][one.plain].append(" ".join(one.words) + counts)
    lines = [
        f"{name} | {', '.join(sorted(odd))} | {', '.join(sorted(plain))}" for name, (odd, plain) in by_term.items()
    ]
    text = "\n".join(sorted((line.replace("  ", " ").rstrip(" |") for line in lines), key=str.casefold))
    SHIPPED.write_text(f"{HEAD}{text}\n", encoding="utf-8")
    print(f"{len(lines)} terms in {SHIPPED.name}")


def bench_with(index: Index, speech: Speech, forms: Sequence[Misheard]) -> q.Bench:
    found = find_aliases(speech.texts, index.glossary, speech.is_word, forms)
    return q.Bench.of(with_findings(index, found, index.glossary))


def unread_ranks(
    index: Index, speech: Speech, marks: Sequence[Mark], sets: Mapping[str, Sequence[q.Question]]
) -> dict[str, q.Ranks]:
    """The ranks where each question does without what was read in its own session."""
    ranks = {what: np.zeros(len(asked), np.int64) for what, asked in sets.items()}
    session = {Path(source.path).name: int(source.session) for source in index.sources}
    for without in sorted({session[one.recording] for asked in sets.values() for one in asked}):
        bench = bench_with(index, speech, count_forms(speech, marks, without))
        for what, asked in sets.items():
            own = [place for place, one in enumerate(asked) if session[one.recording] == without]
            ranks[what][own] = bench.ranks([asked[place] for place in own], bench.by_perla)
    return ranks


def rows_of(what: str, each: Sequence[q.Ranks], draws: int) -> list[list[str]]:
    rows = []
    for name, figure in (("recall at 5", lambda r: q.recall(r, 5)), ("recall at 10", lambda r: q.recall(r, 10)),
                         ("MRR", q.reciprocal)):  # fmt: skip
        rows.append([f"{what}: {name}", *(q.spread(figure(ranks), draws) for ranks in each)])
    return rows


def compare_lists(index: Index, speech: Speech, marks: Sequence[Mark], draws: int) -> None:
    sets = {"the fifty": q.read_questions(q.ASKED)}
    for told, path in (("of ours", q.OURS), ("blind", q.BLIND)):
        for lang, language in (("es", "Spanish"), ("en", "English")):
            sets[f"{told}, {language}"] = [one for one in q.read_questions(path) if one.lang == lang]
    benches = [bench_with(index, speech, forms) for forms in ((), shipped_misheard())]
    unread = unread_ranks(index, speech, marks, sets)
    rows = []
    for what, asked in sets.items():
        each = [bench.ranks(asked, bench.by_perla) for bench in benches]
        rows += rows_of(f"{len(asked)} questions, {what}", [each[0], unread[what], each[1]], draws)
    told = [[*row, "`python benchmarks/misheard.py`", date.today().isoformat(), commit_of_perla()] for row in rows]
    heads = ["measured", "no list", "without what was read in the question's session", "as shipped"]
    print(table([*heads, "command", "date", "commit"], told))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--draws", type=int, default=2000)
    given = parser.parse_args()
    with q.learned_speech() as library:
        index, speech = library.open(), Speech.of(library.readings())
    marks = read_marks()
    if given.write:
        write_list(count_forms(speech, marks))
    else:
        compare_lists(index, speech, marks, given.draws)


if __name__ == "__main__":
    main()
