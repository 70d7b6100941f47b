"""How many mangled terms are found by sound in recordings nobody has read, how many rightly, and the judge fitted anew.

    python benchmarks/aliases.py RECORDINGS [--fit]

RECORDINGS : a folder of transcripts, as ``perla learn`` reads them. What is right stands in ``misheard_marks.csv``
(benchmarks/misheard.py): every place where a careful reader saw another thing written than was said. The list of
mishearings that ships is switched off. Printed: by score, how many places are found, how many of them are marked as
that term, and what share of the marked places is found; in nine parts of the sessions, each judged by confusions and
trees that were learned from the other eight, and by the shipped ones. ``--fit`` writes the shipped ones, from all
(src/perla/knowledge/confusions.txt, likelihood.txt).

Last, what two readings of 200 places said that were drawn by lot from all that is told as a repair with the shipped
list (``repairs_judged.csv``: session, word, what was heard and meant, score, rule, both verdicts).
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
from misheard import Speech, read_marks

from perla.knowledge import aliases, confusions, likelihood
from perla.knowledge.company import Company
from perla.knowledge.confusions import OTHER, PLACE, SOUNDS, Confusions
from perla.knowledge.glossary import shipped_glossary
from perla.knowledge.reading import read_paths
from perla.knowledge.sound import hear, hear_name
from perla.knowledge.windows import exact_places, odd_windows, ordinary_words, sounding_alike
from perla.knowledge.words import words_of

SHIPPED = Path(aliases.__file__).parent
JUDGED = Path(__file__).with_name("repairs_judged.csv")
PARTS, THIRDS = 9, 3
LENGTH, EVERY = 400, 2  # words of a small piece, and every which one is taken
ALIKE_ENOUGH, ROUNDS, PRIOR = 0.5, 3, 4.0  # pairs to learn confusions from; alignments; counts drawn towards chance
THRESHOLDS = (0.9, 0.75, 0.5, 0.3)
TREES = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "min_data_in_leaf": 30, "lambda_l2": 5.0,
         "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.6, "num_threads": 1, "verbose": -1,
         "seed": 0, "deterministic": True}  # fmt: skip
ROUNDS_OF_TREES = 80


class Marked:
    """The words that readers marked, and as what."""

    def __init__(self, speech, marks):
        self.at, self.places = defaultdict(set), {}
        source_of = {number: source for source, number in speech.session_of.items()}
        for mark in marks:
            source, words = source_of[mark.session], speech.texts[source_of[mark.session]]
            begin = speech.ends[source][mark.row - 1] if mark.row else 0
            for first in range(begin, speech.ends[source][mark.row]):
                if tuple(words[first : first + len(mark.words)]) == mark.words:
                    self.places[source, first, first + len(mark.words), mark.canonical] = mark.plain
        for source, first, last, canonical in self.places:
            for word in range(first, last):
                self.at[source, word].add(canonical)

    def is_right(self, source, first, last, canonical):
        named = set().union(*(self.at.get((source, word), ()) for word in range(first, last)))
        return any(is_same(canonical, other) for other in named)


def is_same(canonical, other):
    some, others = set(words_of(canonical)), set(words_of(other))
    return some <= others or others <= some


def learn_confusions(marks, sessions):
    """Counted in alignments, begun with the classes of consonants."""
    english = {term.name: term.english for term in shipped_glossary().terms}
    pairs = {(mark.words, mark.canonical) for mark in marks if mark.session in sessions and mark.canonical in english}
    start, readings = start_confusions(), []
    for words, canonical in sorted(pairs):
        told = {one.sounds for name in english[canonical] for one in hear_name(name)}
        both = sorted((one.sounds, other) for one in hear(words) for other in told if one.sounds and other)
        alike = start.likeness([a for a, _ in both], [b for _, b in both])
        if len(both) and max(map(similar, both)) >= ALIKE_ENOUGH:
            readings.append(both[int(np.argmax(alike))])
    found = start
    for _ in range(ROUNDS):
        found = counted(readings, found)
    return found


def similar(pair):
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_similarity(*pair)


def start_confusions():
    swapped = np.full((OTHER + 1, OTHER + 1), -2.0)
    swapped[:5, :5] = 0.2
    classes = [sound.translate(confusions_classes()) for sound in SOUNDS]
    for one in range(5, OTHER):
        for other in range(5, OTHER):
            if classes[one] == classes[other]:
                swapped[one, other] = 0.7
    np.fill_diagonal(swapped, 2.0)
    return Confusions(swapped, np.full(OTHER + 1, -1.5), np.full(OTHER + 1, -1.5))


def confusions_classes():
    from perla.knowledge.sound import CLASSES

    return CLASSES


def counted(readings, before):
    swapped = np.zeros((OTHER + 1, OTHER + 1))
    dropped, added, said = np.zeros(OTHER + 1), np.zeros(OTHER + 1), np.ones(OTHER + 1)
    for heard, meant in readings:
        for one, other in alignment([PLACE.get(s, OTHER) for s in heard], [PLACE.get(s, OTHER) for s in meant], before):
            if one is None:
                dropped[other] += 1
                continue
            said[one] += 1
            if other is None:
                added[one] += 1
            else:
                swapped[one, other] += 1
    usual, times = said / said.sum(), swapped.sum(axis=0) + dropped
    likely = (swapped + PRIOR * (0.5 * usual[:, None] + 0.5 * np.eye(OTHER + 1))) / (times + 1.3 * PRIOR)
    gone = (dropped + 0.3 * PRIOR) / (times + 1.3 * PRIOR)
    between = added.sum() / max(times.sum(), 1) * (added + PRIOR * usual) / (added.sum() + PRIOR)
    return Confusions(np.log(likely / usual[:, None]), np.log(gone), np.log(between / usual))


def alignment(heard, meant, by):
    """Pairs of sounds, None where there is none, the last first."""
    score = np.zeros((len(heard) + 1, len(meant) + 1))
    score[1:, 0], score[0, 1:] = np.cumsum(by.added[heard]), np.cumsum(by.dropped[meant])
    step = np.full(score.shape, 2)
    step[1:, 0] = 1
    for i, one in enumerate(heard):
        for j, other in enumerate(meant):
            added, dropped = score[i, j + 1] + by.added[one], score[i + 1, j] + by.dropped[other]
            ways = score[i, j] + by.swapped[one, other], added, dropped
            step[i + 1, j + 1] = int(np.argmax(ways))
            score[i + 1, j + 1] = max(ways)
    i, j = len(heard), len(meant)
    while i or j:
        way = step[i, j]
        i, j = i - (way < 2), j - (way != 1)
        yield (heard[i] if way < 2 else None), (meant[j] if way != 1 else None)


@dataclass(frozen=True)
class Piece:
    """Words of a source from one on."""

    source: str
    begin: int
    words: tuple[str, ...]


class Corpus:
    """Pieces that are learned together. parts : of each place, the part of its session."""

    def __init__(self, pieces, is_word, marked, part_of):
        self.texts = {f"{piece.source} {piece.begin}": piece.words for piece in pieces}
        begin = {f"{piece.source} {piece.begin}": (piece.source, piece.begin) for piece in pieces}
        self.glossary, ordinary = shipped_glossary(), ordinary_words(self.texts)
        self.exact = exact_places(self.texts, self.glossary, ordinary)
        windows = odd_windows(self.texts, ordinary, self.exact)
        alike = sounding_alike(windows, self.glossary, ordinary)
        alike = [c for c in alike if aliases.may_be(c, is_word) and not likelihood.is_spelled(c)]
        with mock.patch.object(likelihood, "shipped_confusions", start_confusions):
            self.hearing = aliases.Hearing.of(alike, likelihood.Talk.of(self.texts, is_word, windows))
        self.again, (self.places, self.evidence) = None, self.hearing.weigh(self.company())
        self.right, self.parts = np.zeros(len(self.places), bool), np.zeros(len(self.places), int)
        for row, (number, text, first) in enumerate(self.places):
            (source, offset), one = begin[text], alike[number]
            place = source, offset + first, offset + first + len(one.window), one.term.name
            self.right[row], self.parts[row] = marked.is_right(*place), part_of[source]

    def company(self, heard=()):
        return Company.of(self.texts, self.exact, self.glossary, heard)

    def weighed_again(self, chances):
        """The evidence once more where likely places say what the talk is of; the places stay."""
        sure = np.flatnonzero(chances >= aliases.BEYOND_DOUBT)
        named = [(self.hearing.candidates[number].term.name, [(text, first)]) for number, text, first in self.places]
        heard = [named[row] for row in sure]
        again, evidence = self.hearing.weigh(self.company(heard))
        known = dict(zip(again, evidence, strict=True))
        return np.array([known[place] for place in self.places])

    def with_likeness(self, evidence, by):
        heard = [one.heard.sounds for one in self.hearing.candidates]
        meant = [one.meant.sounds for one in self.hearing.candidates]
        numbers = np.array([number for number, *_ in self.places])
        likeness, at = by.likeness(heard, meant)[numbers], likelihood.EVIDENCE.index("likeness")
        evidence = evidence.copy()
        evidence[:, at] = likeness
        evidence[:, at + 1] = likeness / np.maximum(evidence[:, likelihood.EVIDENCE.index("meant")], 1)
        return evidence


def fit_trees(rows):
    import lightgbm

    evidence, right = np.vstack([x for x, _ in rows]), np.concatenate([y for _, y in rows])
    names = list(likelihood.EVIDENCE)
    return lightgbm.train(TREES, lightgbm.Dataset(evidence, right, feature_name=names), ROUNDS_OF_TREES)


def learn_judge(corpora, by, part):
    """Confusions and trees from all parts but one (-1: from all), by what is known with and without sure places."""
    rows = []
    for corpus in corpora:
        other = corpus.parts != part
        known = [evidence for evidence in (corpus.evidence, corpus.again) if evidence is not None and len(evidence)]
        rows += [(corpus.with_likeness(evidence, by)[other], corpus.right[other]) for evidence in known]
    return fit_trees(rows)


def found_by(speech, trees, by, misheard=()):
    with (
        mock.patch.object(likelihood, "_trees", lambda: trees),
        mock.patch.object(likelihood, "shipped_confusions", lambda: by),
    ):
        return aliases.find_aliases(speech.texts, shipped_glossary(), speech.is_word, misheard)


def places_in(found, sources):
    return [
        (p.source, p.first, p.last, f.canonical, f.score)
        for f in found
        if f.rule is not aliases.Rule.SPELLING
        for p in f.places
        if p.source in sources
    ]


def print_table(title, places, marked):
    print(f"\n{title}\nfrom | places found | of them marked so | share of marks found | of odd words | of plain words")
    for threshold in THRESHOLDS:
        told = [place for place in places if place[4] >= threshold]
        right = np.mean([marked.is_right(*place[:4]) for place in told] or [0.0])
        named = defaultdict(set)
        for source, first, last, canonical, _ in told:
            for word in range(first, last):
                named[source, word].add(canonical)
        held = [
            (plain, any(is_same(canonical, one) for w in range(first, last) for one in named.get((source, w), ())))
            for (source, first, last, canonical), plain in marked.places.items()
        ]
        shares = [np.mean([got for plain, got in held if plain in kinds]) for kinds in ((0, 1), (0,), (1,))]
        cells = (f"{share:.3f}" for share in (right, *shares))
        print(f"{threshold:.2f} | {len(told)} | {' | '.join(cells)}", flush=True)


def gather(speech, marked, part_of):
    """The sessions all together, by thirds, and in small pieces, so that the judge knows small collections too.

    Pieces that stand together are of sessions of one part.
    """
    whole = [Piece(source, 0, tuple(words)) for source, words in speech.texts.items()]
    groups = [whole, *([one for one in whole if part_of[one.source] % THIRDS == third] for third in range(THIRDS))]
    for part in range(PARTS):
        own = [one for one in whole if part_of[one.source] == part]
        for begin in range(0, max(len(one.words) for one in own), EVERY * LENGTH):
            cut = (Piece(one.source, begin, one.words[begin : begin + LENGTH]) for one in own)
            groups.append([piece for piece in cut if piece.words])
    return [Corpus(group, speech.is_word, marked, part_of) for group in groups]


def judge_the_left_out(speech, corpora, marks, marked, part_of):
    """Found by the product's own road, each part by what was learned from the other eight."""
    whole, learned = corpora[0], []
    chances = np.zeros(len(whole.places))
    for part in range(PARTS):
        sessions = {speech.session_of[source] for source in speech.texts if part_of[source] != part}
        by = learn_confusions(marks, sessions)
        trees, own = learn_judge(corpora, by, part), whole.parts == part
        chances[own] = trees.predict(whole.with_likeness(whole.evidence, by)[own], num_threads=1)
        learned.append(by)
    whole.again = whole.weighed_again(chances)
    places = []
    for part, by in enumerate(learned):
        sources = {source for source in speech.texts if part_of[source] == part}
        places += places_in(found_by(speech, learn_judge(corpora, by, part), by), sources)
    print_table("sessions left out, judged by the others", places, marked)
    return places


def write_shipped(corpora, marks, sessions):
    by = learn_confusions(marks, sessions)
    table = np.column_stack([by.swapped, by.added])
    rows = [*zip([*SOUNDS, "?"], table, strict=True), ("-", by.dropped)]
    lines = [f"{name} {' '.join(f'{cell:.2f}' for cell in row)}" for name, row in rows]
    head = f"# heard, by what was meant: {' '.join(SOUNDS)} ? and nothing; last what was meant and not heard\n"
    (SHIPPED / "confusions.txt").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    confusions.shipped_confusions.cache_clear()
    trees = learn_judge(corpora, confusions.shipped_confusions(), -1)
    text = trees.model_to_string(importance_type="gain").split("\nfeature_importances", 1)[0]
    (SHIPPED / "likelihood.txt").write_text(text + "\n", encoding="utf-8")
    likelihood._trees.cache_clear()


def print_verdicts():
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for reading in ("first_verdict", "second_verdict"):
        counts = Counter(row[reading] for row in rows)
        share = counts["right"] / len(rows)
        print(f"{JUDGED.name}, {reading.removesuffix('_verdict')} reading: {dict(counts)}, right {share:.3f}")
    print(f"both say the same of {sum(row['first_verdict'] == row['second_verdict'] for row in rows)} of {len(rows)}")


def main():
    readings, _ = read_paths([Path(sys.argv[1])])
    speech, marks = Speech.of(readings), read_marks()
    marked, order = Marked(speech, marks), sorted(speech.session_of, key=lambda s: speech.session_of[s] * 7 % 27)
    part_of = {source: place % PARTS for place, source in enumerate(order)}
    corpora = gather(speech, marked, part_of)
    judge_the_left_out(speech, corpora, marks, marked, part_of)
    if "--fit" in sys.argv:
        write_shipped(corpora, marks, set(speech.session_of.values()))
    begin = time.process_time()
    shipped = aliases.find_aliases(speech.texts, shipped_glossary(), speech.is_word, ())
    print(f"{sum(map(len, speech.texts.values())):,} words, {time.process_time() - begin:.1f} s of CPU to find")
    print_table("as shipped", places_in(shipped, speech.texts), marked)
    print_verdicts()


if __name__ == "__main__":
    main()
