"""A transcript as a table of minutes and as JSON with word times, both read by perla learn."""

import csv
import io
import json

import pytest

from perla.errors import FileError
from perla.knowledge.reading.transcripts import read_table
from perla.knowledge.reading.whisper import read_whisper
from perla.knowledge.transcription.said import Cleaned, Removed, Said, SaidWord, Why
from perla.knowledge.transcription.written import put_in_place, rows_of, table_of, words_of_transcript


def segment(text: str, start_s: float, each_s: float = 1.0, probability: float = 0.8) -> Said:
    words = [
        SaidWord(w, start_s + k * each_s, start_s + (k + 1) * each_s, probability) for k, w in enumerate(text.split())
    ]
    return Said(tuple(words), 0.01, -0.2)


TALK = [segment("uno dos tres cuatro cinco", 7.0 * k) for k in range(30)]


def test_a_row_lasts_at_most_a_minute_and_no_word_is_lost():
    rows = rows_of(TALK)
    assert all(row.end_s - row.start_s <= 60 for row in rows)
    assert all(row.end_s - row.start_s > 45 for row in rows[:-1])
    assert " ".join(row.text for row in rows) == " ".join(one.text for one in TALK)


def test_a_long_pause_begins_a_row():
    assert [row.start_s for row in rows_of([segment("hola", 0), segment("buenas", 40)])] == [0, 40]


def test_the_table_has_the_columns_of_the_recogniser_people_used_before():
    table = list(csv.DictReader(io.StringIO(table_of(rows_of(TALK[:2]), "es"))))
    assert list(table[0]) == [
        "Start time", "End time", "Language code", "Confidence", "Channel", "Speaker tag", "Transcript",
    ]  # fmt: skip
    assert (table[0]["Start time"], table[0]["End time"], table[0]["Confidence"]) == ("0.000", "12.000", "0.80000")


def test_the_table_is_read_by_learn_with_its_times():
    rows = rows_of([segment('dijo, "eso", y;luego', 3.5), *TALK[5:]])
    spans, notes = read_table(table_of(rows, "es"))
    assert [(span.text, span.start_s, span.end_s) for span in spans] == [
        (row.text, row.start_s, row.end_s) for row in rows
    ]
    assert notes == ()


def test_the_json_is_read_by_learn_and_keeps_what_was_taken_out():
    cleaned = Cleaned(tuple(TALK), (Removed("Gracias.", 3.0, 4.0, Why.PHANTOM),))
    text = words_of_transcript(cleaned, {"language": "es"})
    spans, _ = read_whisper(text)
    assert spans[0].text == "uno dos tres cuatro cinco"
    told = json.loads(text)
    assert told["removed"] == [{"start": 3.0, "end": 4.0, "text": "Gracias.", "why": "phantom"}]
    assert told["segments"][1]["words"][0] == {"word": "uno", "start": 7.0, "end": 8.0, "probability": 0.8}


def test_files_are_put_in_place_whole_or_not_at_all(tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(FileError, match="kept"):
        put_in_place({tmp_path / "b" / "none" / "x.csv": "x"})
    put_in_place({tmp_path / "x.csv": "new"})
    assert (tmp_path / "x.csv").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "x.csv"]
