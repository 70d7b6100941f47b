import os
from pathlib import Path

import pytest

from perla.errors import FileError
from perla.reports import csv_table, page
from perla.reports.writing import REPORTS, check_reports, write_reports, write_whole


def test_every_ending_gives_a_file_and_nothing_else(findings, tmp_path):
    paths = [tmp_path / f"report{ending}" for ending in REPORTS]
    assert write_reports(findings, paths, "en", all_rows=True) == paths
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_the_ending_may_be_in_capitals(findings, tmp_path):
    assert write_reports(findings, [tmp_path / "REPORT.CSV"], "en")[0].read_bytes().startswith(b"listing_id")


def test_an_unknown_ending_names_the_known_ones(findings, tmp_path):
    with pytest.raises(FileError, match=r"\.xlsx \.html \.csv \.parquet \.json, but it is \.docx"):
        write_reports(findings, [tmp_path / "a.csv", tmp_path / "a.docx"], "en")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_a_folder_as_file_and_no_ending_are_one_line_errors(findings, tmp_path):
    (tmp_path / "there.csv").mkdir()
    for path in (tmp_path / "missing" / "a.csv", tmp_path / "there.csv", tmp_path / "a"):
        with pytest.raises(FileError) as error:
            check_reports([path])
        assert "\n" not in str(error.value)
        assert "\n" not in error.value.text("es")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_without_write_permission_is_refused(findings, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FileError, match="must be writable"):
            check_reports([tmp_path / "a.csv"])
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_a_report_that_fails_leaves_the_old_files_and_no_part(findings, tmp_path, monkeypatch, failure):
    old = tmp_path / "a.csv"
    old.write_text("old")

    def fail(*_):
        raise failure

    monkeypatch.setattr(page, "render", fail)
    with pytest.raises(failure):
        write_reports(findings, [old, tmp_path / "b.html"], "en")
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize(
    ("failure", "seen"), [(KeyboardInterrupt, KeyboardInterrupt), (OSError(28, "No space"), FileError)]
)
def test_an_interruption_while_writing_leaves_the_old_file_and_no_part(tmp_path, monkeypatch, failure, seen):
    old = tmp_path / "a.csv"
    old.write_text("old")

    def stop(*_):
        raise failure

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(seen):
        write_whole(old, b"new")
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]


def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_whole(tmp_path / "link.csv", b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"new"


def test_the_file_has_the_permissions_any_new_file_has(tmp_path):
    Path(tmp_path / "usual").write_text("x")
    write_whole(tmp_path / "a.csv", b"new")
    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_the_same_path_twice_is_written_once(findings, tmp_path):
    assert write_reports(findings, [tmp_path / "a.csv", tmp_path / "a.csv"], "en") == [tmp_path / "a.csv"]
    assert (tmp_path / "a.csv").read_bytes() == csv_table.render(findings, "en")
