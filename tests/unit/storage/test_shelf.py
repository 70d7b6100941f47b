import json
import math
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perla import __version__
from perla.errors import FileError, ShelfError
from perla.storage import check_target, read_folder, shelf, write_folder

STATE = {
    "factor": 0.1,
    "seed": 7,
    "sure": True,
    "nothing": None,
    "odd": [math.nan, math.inf, -math.inf],
    "name": "Bogotá 🏠",
    "trees": "tree\n" * 1000,
    "weights": np.array([0.5, 0.25, np.nan]),
    "grid": np.arange(12, dtype=np.int32).reshape(3, 4),
    "flags": np.array([True, False]),
    "none_yet": np.empty((0, 3), np.float32),
    "parts": [{"level": np.float64(1.5)}, {"level": np.int64(3)}],
}
TABLE = pd.DataFrame(
    {
        "area": [80.5, np.nan, 61.0],
        "rooms": pd.array([3, None, 2], dtype="Int64"),
        "barrio": pd.Series(["Laureles", None, "=cmd()"], dtype="str"),
        "seen": pd.to_datetime(["2025-01-02", None, "2026-03-04"]),
        "mixed": pd.Series([1, "a", None], dtype=object),
        "lift": [True, False, True],
        "precio ($) 🏷": [1, 2, 3],
    }
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    write_folder(tmp_path / "model", "model", {**STATE, "known": TABLE}, {"market": "homes"})
    return tmp_path / "model"


def everything_in(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rewrite_index(folder: Path, **changes: object) -> None:
    index = json.loads((folder / shelf.INDEX).read_text())
    (folder / shelf.INDEX).write_text(json.dumps({**index, **changes}))


def test_plain_values_come_back_as_they_were(kept):
    state, card = read_folder(kept, "model")
    for name in ("factor", "seed", "sure", "nothing", "name", "trees", "parts"):
        assert state[name] == STATE[name]
    assert [str(v) for v in state["odd"]] == ["nan", "inf", "-inf"]
    assert card == {"market": "homes"}


@pytest.mark.parametrize("name", ["weights", "grid", "flags", "none_yet"])
def test_arrays_come_back_with_type_and_shape_and_can_be_changed(kept, name):
    array = read_folder(kept, "model")[0][name]
    assert (array.dtype, array.shape) == (STATE[name].dtype, STATE[name].shape)
    np.testing.assert_array_equal(array, STATE[name])
    assert array.flags.writeable


def test_tables_come_back_with_their_types_and_other_cells_as_texts(kept):
    table = read_folder(kept, "model")[0]["known"]
    pd.testing.assert_frame_equal(table.drop(columns="mixed"), TABLE.drop(columns="mixed"))
    assert table["mixed"].tolist()[:2] == ["1", "a"]
    assert pd.isna(table["mixed"].iloc[2])


def test_a_table_without_columns_keeps_its_rows(tmp_path):
    write_folder(tmp_path / "m", "model", {"empty": pd.DataFrame(index=range(4))}, {})
    assert read_folder(tmp_path / "m", "model")[0]["empty"].shape == (4, 0)


def test_the_same_state_gives_the_same_bytes(kept, tmp_path):
    write_folder(tmp_path / "again", "model", {**STATE, "known": TABLE}, {"market": "homes"})
    assert everything_in(tmp_path / "again") == everything_in(kept)


def test_nothing_but_the_files_the_decision_names_is_written(kept):
    assert set(everything_in(kept)) == {
        "card.json", "state.json", "arrays.safetensors", "checksums.json", "tables/0000.parquet", "texts/0000.txt",
    }  # fmt: skip
    assert [p.name for p in kept.parent.iterdir()] == ["model"]


@pytest.mark.parametrize(
    "name", ["card.json", "state.json", "arrays.safetensors", "tables/0000.parquet", "texts/0000.txt"]
)
@pytest.mark.parametrize("harm", ["truncated", "changed", "missing", "longer"])
def test_a_damaged_file_is_refused_by_its_name(kept, name, harm):
    path = kept / name
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes({"truncated": content[:-5], "changed": changed, "longer": content + b" "}[harm])
    with pytest.raises(ShelfError, match=name):
        read_folder(kept, "model")


def test_a_truncated_index_is_refused_by_its_name(kept):
    path = kept / shelf.INDEX
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ShelfError, match=shelf.INDEX):
        read_folder(kept, "model")


@pytest.mark.parametrize("version", ["0.0.1", "9.4.0", None, ["x"]])
def test_a_model_of_another_version_says_both_versions(kept, version):
    rewrite_index(kept, perla=version)
    with pytest.raises(ShelfError, match="version") as caught:
        read_folder(kept, "model")
    assert __version__ in str(caught.value)
    assert str(version) in str(caught.value)


def test_another_format_and_another_kind_are_refused(kept):
    with pytest.raises(ShelfError, match="scorecard"):
        rewrite_index(kept, kind="scorecard")
        read_folder(kept, "model")
    with pytest.raises(ShelfError, match="format 99"):
        rewrite_index(kept, kind="model", format=99)
        read_folder(kept, "model")


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/passwd", "texts/../../x.txt", "texts/0000.pkl", "tables\\0000.parquet"]
)
def test_a_name_that_leads_elsewhere_is_refused_before_it_is_opened(kept, name):
    index = json.loads((kept / shelf.INDEX).read_text())
    rewrite_index(kept, files={**index["files"], name: {"bytes": 1, "sha256": "0" * 64}})
    with pytest.raises(ShelfError, match="none of perla's"):
        read_folder(kept, "model")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("name", ["card.json", "tables"])
def test_links_are_not_followed(kept, name, tmp_path):
    (kept / name).rename(tmp_path / "elsewhere")
    (kept / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ShelfError, match="link"):
        read_folder(kept, "model")


def test_an_index_that_promises_gigabytes_is_refused_before_they_are_read(kept):
    index = json.loads((kept / shelf.INDEX).read_text())
    index["files"]["state.json"]["bytes"] = 10**13
    rewrite_index(kept, files=index["files"])
    with pytest.raises(ShelfError, match="larger"):
        read_folder(kept, "model")


def forge(folder: Path, name: str, content: bytes) -> None:
    """Change a file and its checksum too, as someone who wants to harm would."""
    import hashlib

    (folder / name).write_bytes(content)
    files = json.loads((folder / shelf.INDEX).read_text())["files"]
    files[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    rewrite_index(folder, files=files)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("state.json", b"["),
        ("state.json", b"[" * 100_000),
        ("state.json", b"[1]"),
        ("state.json", b'{"a": {"$array": "9999"}}'),
        ("state.json", b'{"a": {"$table": "tables/0009.parquet", "columns": [], "rows": 1}}'),
        ("state.json", b'{"a": {"$table": "tables/0000.parquet"}}'),
        ("state.json", b'{"a": {"$table": "tables/0000.parquet", "columns": [["area", "object"]], "rows": 3}}'),
        ("state.json", b'{"a": {"$pickle": "gASVAAAA"}}'),
        ("state.json", b'{"a": {"$float": "1e999"}}'),
        ("arrays.safetensors", b"\x80\x04\x95cposix\nsystem\n."),
        ("arrays.safetensors", b"\xff" * 64),
        ("tables/0000.parquet", b"PAR1 not really PAR1"),
        ("texts/0000.txt", b"\xff\xfe\xff"),
    ],
)
def test_forged_files_are_refused_and_never_run(kept, name, content):
    forge(kept, name, content)
    with pytest.raises(ShelfError, match="Nothing of it was loaded"):
        read_folder(kept, "model")


def test_a_folder_that_is_not_there_is_a_missing_file(tmp_path):
    with pytest.raises(FileError, match="perla train"):
        read_folder(tmp_path / "nowhere", "model")


def test_a_model_is_replaced_whole_and_other_folders_are_left_alone(kept, tmp_path):
    write_folder(kept, "model", {"new": 1}, {})
    assert read_folder(kept, "model") == ({"new": 1}, {})
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("two years of work")
    with pytest.raises(FileError, match="thesis"):
        write_folder(other, "model", {}, {})
    assert (other / "chapter.txt").read_text() == "two years of work"


def test_a_model_with_somebody_elses_file_in_it_is_not_replaced(kept):
    (kept / "notes.txt").write_text("mine")
    with pytest.raises(FileError, match="not replaced"):
        write_folder(kept, "model", {}, {})
    assert (kept / "notes.txt").exists()


@pytest.mark.parametrize("moment", ["write_new", "sync_folder", "_put_in_place"])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interruption_leaves_the_old_model_and_nothing_else(kept, monkeypatch, moment, stop):
    before = everything_in(kept)

    def interrupted(*_):
        raise stop

    monkeypatch.setattr(shelf, moment, interrupted)
    with pytest.raises((KeyboardInterrupt, FileError)):
        write_folder(kept, "model", {"new": 1}, {})
    assert everything_in(kept) == before
    assert [p.name for p in kept.parent.iterdir()] == ["model"]


def test_when_the_new_folder_cannot_be_put_in_place_the_old_one_comes_back(kept, monkeypatch):
    before = everything_in(kept)
    rename = Path.rename

    def fails_for_the_new(self, target):
        if self.name.endswith(".partial"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(FileError, match="Permission denied"):
        write_folder(kept, "model", {"new": 1}, {})
    assert everything_in(kept) == before


def test_a_place_without_a_parent_or_taken_by_a_file_is_refused_before_the_work(tmp_path):
    with pytest.raises(FileError, match="missing"):
        check_target(tmp_path / "no" / "model", "model")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="not replaced"):
        check_target(tmp_path / "file", "model")
    check_target(tmp_path / "fresh", "model")
    assert not (tmp_path / "fresh").exists()


@pytest.mark.parametrize(
    "leaf",
    [{1: 2}, {"$array": "0000"}, np.array(["text"]), object(), np.array([1j]), pd.DataFrame({"a": [1]}, index=[5])],
)
def test_what_could_not_be_read_back_is_not_written(tmp_path, leaf):
    with pytest.raises(TypeError):
        write_folder(tmp_path / "m", "model", {"leaf": leaf}, {})
    assert not any(tmp_path.iterdir())


def test_a_copied_folder_is_as_good(kept, tmp_path):
    shutil.copytree(kept, tmp_path / "copy")
    assert read_folder(tmp_path / "copy", "model")[0]["seed"] == 7


def test_messages_are_spanish_in_spanish(kept):
    (kept / "card.json").unlink()
    with pytest.raises(ShelfError) as caught:
        read_folder(kept, "model")
    assert "card.json no se puede usar (falta)" in caught.value.text("es")
