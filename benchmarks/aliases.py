"""How often a mangled term is recognised rightly, judged by hand, and the weights of the rule fitted anew.

    python benchmarks/aliases.py RECORDINGS [--fit]

RECORDINGS : a folder of transcripts, as ``perla learn`` reads them. The judged findings stand in
``aliases_judged.csv``: the words as heard, the term, the score when the table was written (empty for findings that are
no longer made), and whether a person who read the place found it right. Printed: precision from each score on, by
ten-fold cross-validation repeated ten times, with the 95 % bootstrap interval over findings, and the same of the
shipped weights. ``--fit`` prints the weights for src/perla/knowledge/likelihood.py.
"""

from __future__ import annotations

import csv
import sys
import time
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np

from perla.knowledge import aliases
from perla.knowledge.cutting import write_script
from perla.knowledge.glossary import shipped_glossary
from perla.knowledge.likelihood import Evidence
from perla.knowledge.reading import read_paths

JUDGED = Path(__file__).with_name("aliases_judged.csv")
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)


def written_ways(readings):
    import re
    from collections import Counter, defaultdict

    from perla.knowledge.sound import fold

    counts = Counter(word for r in readings for span in r.spans for word in re.findall(r"\w+", span.text.lower()))
    ways = defaultdict(list)
    for word, _ in counts.most_common():
        ways[fold(word)].append(word)
    return {folded: written[:3] for folded, written in ways.items()}


def findings_with_evidence(folder):
    """The findings by sound, each with what spoke for it."""
    readings, _ = read_paths([folder])
    texts = {r.source.name: write_script(r).folded for r in readings}
    is_word = aliases.known_words(texts, written_ways(readings))
    seen, weigh = {}, aliases.evidence_of

    def remember(candidate, spots, company, words):
        seen[" ".join(candidate.window), candidate.term.name] = weigh(candidate, spots, company, words)
        return seen[" ".join(candidate.window), candidate.term.name]

    aliases.evidence_of = remember
    begin = time.process_time()
    found = aliases.find_aliases(texts, shipped_glossary(), is_word)
    aliases.evidence_of = weigh
    print(f"{sum(map(len, texts.values())):,} words, {len(found)} findings, {time.process_time() - begin:.1f} s of CPU")
    return [(f, seen[f.original, f.canonical]) for f in found if f.rule is not aliases.Rule.SPELLING]


def cross_validated(x, y):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    model = LogisticRegression(C=0.3, max_iter=5000)
    folds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(10)]
    return np.mean([cross_val_predict(model, x, y, cv=f, method="predict_proba")[:, 1] for f in folds], axis=0)


def print_precision(title, scores, y):
    print(f"\n{title}\nfrom | findings | precision | 95 % interval")
    random = np.random.default_rng(0)
    for threshold in THRESHOLDS:
        held = y[scores >= threshold]
        if len(held):
            means = random.choice(held, (2000, len(held))).mean(axis=1)
            low, high = np.quantile(means, [0.025, 0.975])
            print(f"{threshold:.2f} | {len(held):4} | {held.mean():.3f} | {low:.2f} to {high:.2f}")


def main():
    judged = {(r["original"], r["canonical"]): r["verdict"] == "right" for r in csv.DictReader(JUDGED.open("r"))}
    found = [(f, e) for f, e in findings_with_evidence(sys.argv[1]) if (f.original, f.canonical) in judged]
    x = np.array([astuple(e) for _, e in found])
    y = np.array([judged[f.original, f.canonical] for f, _ in found])
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    print(f"{len(judged)} judged, {sum(judged.values())} right; {len(found)} of them found today")
    print_precision("fitted anew, cross-validated", cross_validated(x / spread, y), y)
    print_precision("as shipped", np.array([f.score for f, _ in found]), y)
    if "--fit" in sys.argv:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=0.3, max_iter=5000).fit(x / spread, y)
        weights = dict(zip([f.name for f in fields(Evidence)], np.round(model.coef_[0] / spread, 2), strict=True))
        print("\nBIAS", round(float(model.intercept_[0]), 2), weights)


if __name__ == "__main__":
    main()
