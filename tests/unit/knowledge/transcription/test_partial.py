"""What was heard is kept piece by piece; only whole pieces of the same settings are believed."""

import json

import pytest

from perla.errors import FileError
from perla.knowledge.transcription.partial import Part, opened
from perla.knowledge.transcription.said import Said, SaidWord

SETTINGS = {"media": "abc", "language": "es"}
SAID = (Said((SaidWord("hola", 1.0, 1.5, 0.9), SaidWord("señores", 1.5, 2.0, 0.8)), 0.01, -0.2),)
FIRST, SECOND = Part(0, 100, SAID, "es", True, 3.0), Part(100, 220, (), "es", False, 0.0)


def keep(path, *parts: Part, settings: dict[str, str] = SETTINGS) -> None:
    with opened(path, settings) as partial:
        for part in parts:
            partial.add(part)


def test_pieces_are_read_back_as_they_were_kept(tmp_path):
    keep(tmp_path / "p", FIRST, SECOND)
    with opened(tmp_path / "p", SETTINGS) as partial:
        assert partial.parts == [FIRST, SECOND]
        assert (partial.end, partial.language, partial.anew) == (220, "es", False)


def test_a_piece_that_was_half_written_is_heard_again(tmp_path):
    path = tmp_path / "p"
    keep(path, FIRST, SECOND)
    path.write_bytes(path.read_bytes()[:-7])
    with opened(path, SETTINGS) as partial:
        assert partial.parts == [FIRST]
        partial.add(SECOND)
    with opened(path, SETTINGS) as partial:
        assert partial.parts == [FIRST, SECOND]


def test_other_settings_or_another_file_begin_anew_and_that_is_told(tmp_path):
    keep(tmp_path / "p", FIRST)
    with opened(tmp_path / "p", {**SETTINGS, "media": "other"}) as partial:
        assert partial.anew
        assert partial.parts == []
    with opened(tmp_path / "p", SETTINGS) as partial:
        assert partial.parts == []


@pytest.mark.parametrize("rest", [b"[]", b"{}", b'{"first": "x"}', b"\xff\xfe", b"null", b"[" * 9000, b'{"first": 50}'])
def test_what_is_no_piece_is_dropped(tmp_path, rest):
    path = tmp_path / "p"
    keep(path, FIRST)
    whole = path.read_bytes()
    path.write_bytes(whole + rest + b"\n" + json.dumps({"first": 100}).encode() + b"\n")
    with opened(path, SETTINGS) as partial:
        assert partial.parts == [FIRST]
    assert path.read_bytes() == whole


def test_a_piece_that_does_not_follow_is_dropped(tmp_path):
    keep(tmp_path / "p", FIRST, Part(300, 400, (), "es", True, 0.0))
    with opened(tmp_path / "p", SETTINGS) as partial:
        assert partial.parts == [FIRST]


def test_two_runs_do_not_write_one_file(tmp_path):
    with (
        opened(tmp_path / "p", SETTINGS),
        pytest.raises(FileError, match="Another run"),
        opened(tmp_path / "p", SETTINGS),
    ):
        pass


def test_a_folder_that_cannot_be_written_is_told_with_the_way_out(tmp_path):
    with pytest.raises(FileError, match="-o FOLDER"), opened(tmp_path / "none" / "p", SETTINGS):
        pass
