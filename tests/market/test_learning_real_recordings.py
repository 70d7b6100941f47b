"""Real recordings of a study group, where they are at hand: all are read, with the right session, day and minute."""

from pathlib import Path

import pytest

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

from perla.knowledge.library import Library
from perla.knowledge.passages import SourceKind
from perla.knowledge.reading import read_paths

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
TALKS, DOCUMENTS = DATA / "recordings-mlmed" / "csv", DATA / "documents"
needs_talks = pytest.mark.skipif(not TALKS.is_dir(), reason="the recordings are not at hand")
needs_documents = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the documents are not at hand")


@pytest.fixture(scope="module")
def read():
    return read_paths([TALKS])


@needs_talks
def test_all_sessions_are_read_with_their_number_and_day(read):
    readings, passed = read
    assert passed == [] and len(readings) == 27
    assert sorted(int(r.source.session) for r in readings) == list(range(27))
    assert sum(bool(r.source.day) for r in readings) == 26
    assert all(r.source.kind is SourceKind.RECORDING and r.source.title[0].isalpha() for r in readings)


@needs_talks
def test_no_word_is_lost_and_every_row_has_its_time(read):
    import csv

    for reading in read[0]:
        with (TALKS / reading.source.name).open(encoding="utf-8-sig") as file:
            rows = [row["Transcript"].split() for row in csv.DictReader(file)]
        assert sum(map(len, rows)) == sum(len(span.text.split()) for span in reading.spans)
        assert all(0 <= span.start_s <= span.end_s <= 3 * 3600 for span in reading.spans)


@needs_talks
def test_the_hours_are_those_of_the_group(read):
    hours = sum(max(span.end_s for span in r.spans) for r in read[0]) / 3600
    assert 31 < hours < 33.5


@needs_documents
def test_a_transcript_without_times_is_a_recording_and_a_blog_is_a_document():
    readings, passed = read_paths([DOCUMENTS])
    kinds = {Path(r.source.path).stem: (r.source.kind, bool(r.spans[0].first_line)) for r in readings}
    assert passed == [] and kinds == {
        "deep-learning-class-transcript": (SourceKind.RECORDING, False),
        "machine-learning-blog-feed": (SourceKind.DOCUMENT, True),
    }


@needs_talks
def test_three_sessions_are_learned_opened_and_not_read_again(tmp_path):
    talks = sorted(TALKS.iterdir(), key=lambda path: path.stat().st_size)[:3]
    library = Library(tmp_path)
    done = library.learn(talks)
    assert len(done.read) == 3 and library.learn(talks).unchanged == 3
    index = library.open()
    assert {passage.source for passage in index.passages} == {path.name for path in talks}
    script = library.script(talks[0].name)
    text = " ".join(script.pieces)
    assert all(p.text in text for p in index.passages if p.source == talks[0].name)
