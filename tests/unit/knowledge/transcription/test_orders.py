"""Which recordings are transcribed, and where the transcripts go."""

import pytest

from perla.knowledge.transcription.orders import find_orders


def names(orders):
    return [order.media.name for order in orders.waiting]


@pytest.fixture
def folder(record, tmp_path):
    for name in ("b.wav", "a.wav", "c.wav"):
        record(name, 0.5)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "h.wav").write_bytes(b"")
    return tmp_path


def test_a_folder_gives_its_recordings_in_order(folder):
    orders = find_orders([folder], None, force=False)
    assert names(orders) == ["a.wav", "b.wav", "c.wav"]
    assert orders.waiting[0].table == folder / "a.csv"
    assert orders.waiting[0].words == folder / "a.json"


def test_transcripts_that_stand_are_skipped_in_a_folder_and_refused_when_named(folder):
    (folder / "a.csv").write_text("mine")
    (folder / "b.json").write_text("mine")
    orders = find_orders([folder], None, force=False)
    assert names(orders) == ["c.wav"]
    assert len(orders.skipped) == 2
    refused = find_orders([folder / "a.wav"], None, force=False).refused
    assert "--force" in refused[0].reason.en
    assert names(find_orders([folder], None, force=True)) == ["a.wav", "b.wav", "c.wav"]


def test_a_bad_file_does_not_keep_the_others_from_being_transcribed(folder):
    (folder / "a.wav").write_bytes(b"")
    orders = find_orders([folder], None, force=False)
    assert names(orders) == ["b.wav", "c.wav"]
    assert "empty" in orders.refused[0].reason.en


def test_two_recordings_of_one_stem_are_not_written_over_each_other(record, folder):
    record("a.mp3", 0.5, "mp3", rate=44_100)
    orders = find_orders([folder], None, force=False)
    assert names(orders) == ["a.mp3", "b.wav", "c.wav"]
    assert "a.mp3" in orders.refused[0].reason.en


def test_a_recording_named_twice_is_transcribed_once(folder):
    assert names(find_orders([folder / "a.wav", folder], None, force=False)) == ["a.wav", "b.wav", "c.wav"]


def test_transcripts_may_go_elsewhere(folder, tmp_path):
    orders = find_orders([folder / "a.wav"], tmp_path / "out", force=False)
    assert orders.waiting[0].table == tmp_path / "out" / "a.csv"
