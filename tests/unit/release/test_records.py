"""What is known of a model's making, kept and compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from perla.listings.floors import Floors
from perla.release.gate import Figures, decide
from perla.release.records import (
    Record,
    changed_lines,
    code_commit,
    compare_records,
    describe_record,
    record_from_state,
)
from perla.words import Text

GOOD = Figures(listings=900, r2=0.93, mdape=0.07, median_ratio=1.0, cod=9.0, coverage=0.90)
RECORD = Record(
    "homes", 'price = "p"\n', "a.csv", "abc", 900, 3, "2026-01-01", "2026-02-01", "0.1.0", "89a55960ff4f", "2026-03-01",
    7, {"models": "trees"}, {"train": 12.5, "prepare": 1.0}, GOOD, Text("new ones", "nuevos"),
    decide(replace(GOOD, cod=20.0), Floors()), True, "the owner wants it",
)  # fmt: skip


def test_a_record_survives_its_file():
    again = record_from_state(json.loads(json.dumps(RECORD.state(), allow_nan=False)))
    assert again == RECORD


def test_a_figure_that_is_not_a_number_survives_as_not_known():
    record = replace(RECORD, figures=replace(GOOD, coverage=float("nan")), decision=None)
    again = record_from_state(json.loads(json.dumps(record.state(), allow_nan=False)))
    assert str(again.figures.coverage) == "nan"


@pytest.mark.parametrize(
    "state",
    [{}, {"rows": "many", "figures": {"listings": "x"}, "decision": 3, "judged_on": [], "settings": [], "market": None},
     {"decision": {"conditions": [{"name": "beauty"}]}, "figures": {"r2": {}}}],
)  # fmt: skip
def test_a_damaged_record_tells_what_it_can(state: dict):
    assert describe_record(record_from_state(state))[0][1] == Text("-", "-")


def test_two_records_are_compared_fact_by_fact():
    other = replace(RECORD, rows=950, figures=replace(GOOD, mdape=0.065), market_file='price = "q"\n')
    rows = {r.label.en: (r.one.en, r.other.en) for r in compare_records(RECORD, other) if r.differs}
    assert rows["listings learned"] == ("900", "950") and rows["median error, %"] == ("7", "6.5")
    assert set(rows) == {"listings learned", "median error, %", "market file"}
    assert changed_lines(RECORD, other) == ['-price = "p"', '+price = "q"']


def test_a_forced_model_says_so_and_why():
    told = {label.en: value for label, value in describe_record(RECORD)}
    assert told["gate"] == Text("refused by scatter (COD); forced", "rechazado por dispersión (COD); forzado")
    assert told["reason"].en == "the owner wants it"


def test_every_fact_is_told_in_both_languages():
    for label, _ in describe_record(RECORD):
        assert label.en == "R2" or label.en != label.es


def test_the_commit_is_read_from_the_checkout(tmp_path: Path):
    package = tmp_path / "src" / "perla"
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text("# pack-refs\n1234567890ab refs/heads/main\n")
    assert code_commit(package) == "1234567890ab"
    (git / "refs" / "heads" / "main").write_text("ba0987654321\n")
    assert code_commit(package) == "ba0987654321"
    (git / "HEAD").write_text("cafe\n")
    assert code_commit(package) == "cafe"
    (git / "HEAD").unlink()
    assert code_commit(package) == ""
