"""Transcripts of every kind: the words, their seconds, and tables that are none."""

import json
import math

import pytest

from perla.errors import InputError
from perla.knowledge.reading.subtitles import read_cues, read_said
from perla.knowledge.reading.transcripts import read_table
from perla.knowledge.reading.whisper import read_whisper

GOOGLE = (
    "Start time,End time,Language code,Confidence,Channel,Speaker tag,Transcript\n"
    '0.900,8.700,es-us,0.94,,,"hola, empecemos"\n'
    "60.000,118.500,es-us,,,,hoy vemos redes\n"
)


def times(spans):
    return [(span.start_s, span.end_s) for span in spans]


def test_the_columns_of_a_transcript_are_known_by_their_names():
    spans, notes = read_table(GOOGLE)
    assert [span.text for span in spans] == ["hola, empecemos", "hoy vemos redes"]
    assert times(spans) == [(0.9, 8.7), (60.0, 118.5)] and notes == ()


@pytest.mark.parametrize(
    "table",
    [
        "Transcript,Start time,End time\nhoy vemos redes,60,118.5\n",
        "texto;inicio;fin\nhoy vemos redes;00:01:00;00:01:58,5\n",
        "start\tend\ttext\n60000\t118500\thoy vemos redes\n",
        "Fin|Hora de inicio|Inicio|Transcripción\n118.5|x|60|hoy vemos redes\n",
    ],
)
def test_other_orders_names_delimiters_and_clocks_give_the_same_row(table):
    spans, _ = read_table(table)
    assert [span.text for span in spans] == ["hoy vemos redes"] and times(spans) == [(60.0, 118.5)]


def test_missing_times_are_shared_out_between_the_neighbours_and_that_is_said():
    spans, notes = read_table("start,end,text\n0,10,uno\n,,dos\nno sé,,tres\n40,50,cuatro\n")
    assert [span.text for span in spans] == ["uno", "dos", "tres", "cuatro"]
    assert [round(span.start_s) for span in spans] == [0, 13, 27, 40]
    assert all(span.start_s <= span.end_s for span in spans) and "rows without a time: 2" in str(notes[0])


def test_people_who_talk_at_once_keep_their_times_but_an_endless_row_does_not():
    spans, notes = read_table("start,end,text\n0,30,uno\n20,40,dos\n50,9000,tres\n60,70,cuatro\n")
    assert times(spans) == [(0, 30), (20, 40), (50, 60), (60, 70)] and "overlap the next: 2" in str(notes[0])


def test_rows_out_of_order_are_put_in_the_order_they_were_said():
    spans, notes = read_table("start,end,text\n60,70,dos\n0,10,uno\n")
    assert [span.text for span in spans] == ["uno", "dos"] and "out of order: 1" in str(notes[0])


def test_a_transcript_without_any_time_says_no_time():
    spans, _ = read_table("start time,end time,transcript\n,,uno\n-5,inf,dos\n")
    assert all(math.isnan(span.start_s) for span in spans)


@pytest.mark.parametrize("table", ["price,area\n1,2\n", "text,price\nuna casa,3\n", "start,end,text\n0,1,\n", "\x1e"])
def test_another_table_is_refused_with_what_is_missing(table):
    with pytest.raises(InputError, match="transcript"):
        read_table(table)


def test_subtitles_keep_the_times_of_their_cues_and_lose_their_marks():
    srt = "1\n00:00:01,000 --> 00:00:03,500\n<i>hola a</i>\ntodos\n\n2\n00:00:04,000 --> 00:00:05,000\nempecemos\n"
    spans, _ = read_cues(srt)
    assert [(s.text, s.start_s, s.end_s) for s in spans] == [("hola a todos", 1.0, 3.5), ("empecemos", 4.0, 5.0)]


def test_a_line_that_rolls_over_to_the_next_cue_is_said_once():
    vtt = (
        "WEBVTT\n\nNOTE not said\n\n00:01.000 --> 00:03.000 align:start\n<v Ana>hola <00:01.500><c>a todos</c>\n\n"
        "00:03.000 --> 00:05.000\nhola a todos\nempecemos &amp; ya\n"
    )
    spans, _ = read_cues(vtt)
    assert [span.text for span in spans] == ["hola a todos", "empecemos & ya"]


def test_word_times_of_whisper_are_finer_than_its_segments():
    words = [{"word": f" w{i}", "start": i * 1.0, "end": i + 0.5} for i in range(10)]
    spans, _ = read_whisper(json.dumps({"segments": [{"start": 0, "end": 10, "text": "all", "words": words}]}))
    assert times(spans) == [(0.0, 7.5), (8.0, 9.5)] and spans[1].text == "w8 w9"


@pytest.mark.parametrize(
    "told",
    [
        {"segments": [{"start": 1, "end": 2.5, "text": " hola "}]},
        {"transcription": [{"offsets": {"from": 1000, "to": 2500}, "text": "hola"}]},
        {"chunks": [{"timestamp": [1.0, 2.5], "text": "hola"}]},
        {"segments": [{"start": 1, "end": 2.5, "text": "hola", "words": [{"word": "hola"}]}, 7, None]},
    ],
)
def test_the_kin_of_whisper_say_the_same_in_other_words(told):
    assert [(s.text, s.start_s, s.end_s) for s in read_whisper(json.dumps(told))[0]] == [("hola", 1.0, 2.5)]


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"price": 3}', "[" * 100_000, '{"segments": {"start": 1}}'])
def test_other_json_is_refused(text):
    with pytest.raises(InputError):
        read_whisper(text)


def test_plain_text_with_a_time_at_the_head_of_its_lines_keeps_them():
    spans, _ = read_said("[00:00:05] hola a todos\ny a todas\n[00:12:40] empecemos\n")
    assert [(s.text, s.start_s) for s in spans] == [("hola a todos y a todas", 5.0), ("empecemos", 760.0)]


def test_plain_text_without_times_says_so():
    spans, notes = read_said("hola a todos\n\nempecemos\n")
    assert [s.text for s in spans] == ["hola a todos", "empecemos"] and "no times" in str(notes[0])
