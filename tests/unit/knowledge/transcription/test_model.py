"""The model is a folder on this machine; the network is used only when that was asked for."""

import pytest

from perla.errors import FileError, InputError, UnknownNameError
from perla.knowledge.transcription.model import check_config, find_model, is_folder, tell_download


def no_fetch(name: str, offline: bool) -> str:
    raise AssertionError("the network was about to be used")


def make_folder(folder, without: str = ""):
    folder.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"):
        if name != without:
            (folder / name).write_text("{}")
    return folder


def test_a_folder_is_read_from_disk_alone(tmp_path):
    folder = make_folder(tmp_path / "small")
    model = find_model(str(folder), download=True, fetch=no_fetch)
    assert (model.folder, len(model.digest)) == (folder, 64)


def test_another_model_has_another_digest(tmp_path):
    one, two = make_folder(tmp_path / "one"), make_folder(tmp_path / "two")
    assert find_model(str(one)).digest == find_model(str(two)).digest
    (two / "model.bin").write_bytes(b"x" * 10)
    assert find_model(str(one)).digest != find_model(str(two)).digest


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_folder_that_is_no_model_is_refused_with_what_it_must_hold(tmp_path, missing):
    with pytest.raises(InputError, match=missing) as told:
        find_model(str(make_folder(tmp_path / "m", missing)), fetch=no_fetch)
    assert "CTranslate2" in told.value.text("es")


def test_a_model_in_another_form_is_refused_with_the_way_to_convert_it(tmp_path):
    folder = tmp_path / "torch"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match="ct2-transformers-converter"):
        find_model(str(folder))


def test_a_path_that_is_not_there_is_not_taken_for_a_name():
    for name in ("./none", "/none/at/all", "~/none-such", "models/whisper/none"):
        with pytest.raises(FileError, match="must be a folder"):
            find_model(name, download=True, fetch=no_fetch)


def test_a_name_is_looked_for_offline_unless_a_download_was_asked_for(tmp_path):
    folder, asked = make_folder(tmp_path / "m"), []

    def fetch(name: str, offline: bool) -> str:
        asked.append((name, offline))
        return str(folder)

    find_model("small", fetch=fetch)
    find_model("owner/whisper", download=True, fetch=fetch)
    assert asked == [("small", True), ("owner/whisper", False)]


def test_a_model_that_is_not_here_is_told_with_its_size_and_the_way_to_get_it():
    def fetch(name: str, offline: bool) -> str:
        raise OSError("not in the cache")

    with pytest.raises(FileError, match=r"485 MB.*--model FOLDER"):
        find_model("small", fetch=fetch)
    with pytest.raises(FileError, match="could not be fetched: not in the cache"):
        find_model("small", download=True, fetch=fetch)


def test_a_mistyped_name_is_told_the_closest():
    with pytest.raises(UnknownNameError, match="'medium'"):
        find_model("medum", fetch=no_fetch)


def test_a_download_is_told_before_it_begins():
    assert "1620 MB" in tell_download("turbo").en
    assert "las grabaciones no salen" in tell_download("owner/name").es


@pytest.mark.parametrize("content", ["{", "[]", "\x00", "[" * 100_000])
def test_small_files_that_are_no_json_are_named(tmp_path, content):
    folder = make_folder(tmp_path / "m")
    check_config(folder)
    (folder / "tokenizer.json").write_text(content)
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        check_config(folder)


def test_what_looks_like_a_path_is_one(tmp_path):
    assert is_folder(str(tmp_path))
    assert not is_folder("large-v3-turbo")
