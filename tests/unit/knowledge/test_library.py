"""The library: what changed is read anew, what did not is not, what is damaged is refused by name."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import perla.knowledge.changes as changes
from perla.errors import (
    FileError,
    MissingExtraError,
    NotReadyError,
    PerlaError,
    ShelfError,
    StoreBusyError,
    UnknownNameError,
)
from perla.knowledge.kept import findings_from_state, findings_state, readings_from_state, readings_state
from perla.knowledge.ledger import Ledger
from perla.knowledge.library import Library
from perla.knowledge.passages import SourceKind

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

TALK = (
    "Start time,End time,Transcript\n0,60,agrupamos los datos con camins y contamos grupos\n"
    "60,120,el precio de los carros depende del kilometraje\n"
)
CODE = 'def reconstruction_error(x, y):\n    """The mean of the squares."""\n    return ((x - y) ** 2).mean()\n'


@pytest.fixture
def folder(tmp_path) -> Path:
    """Something of each kind."""
    place = tmp_path / "group"
    place.mkdir()
    (place / "3. Redes (2024-03-06 19_08 GMT-5).csv").write_text(TALK)
    (place / "notes.md").write_text("# Umbral\n\nEl umbral es el percentil 99 del error.\n")
    (place / "net.py").write_text(CODE)
    return place


@pytest.fixture
def library(tmp_path) -> Library:
    return Library(tmp_path / "home")


def reads(monkeypatch) -> list[str]:
    """The names of the files that are read from now on."""
    names: list[str] = []
    before = changes.read_file

    def watched(found):
        names.append(found.path.name)
        return before(found)

    monkeypatch.setattr(changes, "read_file", watched)
    return names


def test_everything_learned_is_in_the_index_with_its_citation(library, folder):
    done = library.learn([folder])
    assert [(s.name, s.kind) for s in done.sources] == [
        ("3. Redes (2024-03-06 19_08 GMT-5).csv", SourceKind.RECORDING), ("group/notes.md", SourceKind.DOCUMENT),
        ("group/net.py", SourceKind.CODE),
    ]  # fmt: skip
    index = library.open()
    told = {passage.kind: passage for passage in index.passages}
    assert told[SourceKind.RECORDING].end_s == 120 and told[SourceKind.DOCUMENT].first_line == 3
    assert told[SourceKind.DOCUMENT].heading == "Umbral"
    assert told[SourceKind.CODE].heading == "reconstruction_error" and told[SourceKind.CODE].last_line == 3
    assert [source.commit for source in done.sources] == ["", "", ""]  # no repository
    assert (done.sources[0].session, done.sources[0].day, done.sources[0].title) == ("3", "2024-03-06", "Redes")


def test_mangled_terms_of_recordings_are_in_the_opened_index(library, folder):
    library.learn([folder])
    found = {finding.original: finding for finding in library.open().findings}
    assert found["camins"].canonical == "k-means"
    assert found["camins"].places[0].source.startswith("3. Redes")


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(library, folder, monkeypatch):
    library.learn([folder])
    names = reads(monkeypatch)
    again = library.learn([folder])
    assert names == [] and again.unchanged == 3 and again.read == ()
    (folder / "notes.md").write_text("# Umbral\n\nAhora es el percentil 95.\n")
    done = library.learn([folder])
    assert names == ["notes.md"] and [source.name for source in done.read] == ["group/notes.md"]
    assert any("percentil 95" in p.text for p in library.open().passages)
    assert not any("percentil 99" in p.text for p in library.open().passages)


def test_a_removed_file_of_a_learned_folder_disappears_and_other_folders_stay(library, folder, tmp_path):
    other = tmp_path / "other.md"
    other.write_text("Otra cosa.")
    library.learn([folder, other])
    (folder / "net.py").unlink()
    other.unlink()
    done = library.learn([folder])
    assert done.gone == ("group/net.py",) and "other.md" in [source.name for source in library.sources()]


def test_a_run_that_is_interrupted_leaves_the_old_index_whole(library, folder, monkeypatch):
    library.learn([folder])
    (folder / "net.py").write_text("def other(): ...\n")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("perla.knowledge.library.build_index", interrupt)
    with pytest.raises(KeyboardInterrupt):
        library.learn([folder])
    assert "reconstruction_error" in [p.heading for p in library.open().passages]
    monkeypatch.undo()
    assert [source.name for source in library.learn([folder]).read] == ["group/net.py"]


def test_a_run_killed_between_the_two_renamings_leaves_the_old_index_readable(library, folder):
    library.learn([folder])
    index = library.home / "knowledge" / "index"
    index.rename(index.with_name(".index.4711.old"))
    assert len(Library(library.home).open()) == 3
    index.with_name(".index.4712.partial").mkdir()
    (folder / "more.md").write_text("Más texto.")
    Library(library.home).learn([folder])
    assert [p.name for p in index.parent.iterdir() if p.name.startswith(".index")] == []


def test_only_one_process_writes_and_a_reader_reads_the_old_index_meanwhile(library, folder):
    library.learn([folder])
    lock = library.home / "knowledge" / ".lock"
    script = (
        f"import fcntl; f = open({str(lock)!r}, 'ab'); fcntl.flock(f, fcntl.LOCK_EX); print('in', flush=True); input()"
    )
    other = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(StoreBusyError, match="another one is at work"):
            library.learn([folder])
        with pytest.raises(StoreBusyError):
            library.forget(["net.py"])
        assert len(Library(library.home).open()) == 3
    finally:
        other.communicate(b"\n", timeout=20)
    assert library.learn([folder]).unchanged == 3


def test_a_reader_that_meets_a_change_of_the_index_looks_again(library, folder, monkeypatch):
    library.learn([folder])
    reader = Library(library.home)
    calls = []
    import perla.knowledge.folder as place

    before = place.read_folder

    def once_changed(at, kind):
        calls.append(at)
        if len(calls) == 1:
            os.utime(at / "checksums.json", (1, 1))
            raise ShelfError("torn", "roto")
        return before(at, kind)

    monkeypatch.setattr(place, "read_folder", once_changed)
    assert len(reader.open()) == 3 and len(calls) == 2


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def other_version(index: Path) -> None:
    path = index / "checksums.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "perla": "9.9.9"}))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda index: damage(index / "arrays.safetensors"),
        lambda index: (index / "state.json").write_bytes((index / "state.json").read_bytes()[:100]),
        lambda index: (index / "checksums.json").unlink(),
        lambda index: (index / "checksums.json").write_text("[]"),
        other_version,
    ],
)
def test_a_damaged_or_other_index_is_refused_by_name_and_made_again_when_asked(library, folder, spoil):
    library.learn([folder])
    spoil(library.home / "knowledge" / "index")
    for ask in (lambda one: one.open(), lambda one: one.learn([folder]), lambda one: one.sources()):
        with pytest.raises(ShelfError, match=r"knowledge/index, must be whole.*perla learn --anew"):
            ask(Library(library.home))
    assert len(Library(library.home).learn([folder], anew=True).read) == 3
    assert len(Library(library.home).open()) == 3


def test_a_state_whose_parts_do_not_fit_is_refused(library, folder):
    from perla.storage import read_folder, write_folder

    library.learn([folder])
    index = library.home / "knowledge" / "index"
    state, card = read_folder(index, "knowledge")
    state["readings"]["counts"] = np.array([1, 1], np.int64)
    write_folder(index, "knowledge", state, card)
    with pytest.raises(ShelfError, match="do not fit"):
        library.sources()
    write_folder(index, "knowledge", {**state, "format": 99}, card)
    with pytest.raises(ShelfError, match="another format"):
        library.open()


def test_what_was_learned_is_forgotten_by_name_title_number_or_folder(library, folder):
    library.learn([folder])
    assert library.forget(["3"])[0].title == "Redes"
    assert library.forget(["Umbral"])[0].name == "group/notes.md"
    assert (folder / "notes.md").exists() and [s.name for s in library.sources()] == ["group/net.py"]
    library.learn([folder])
    assert len(library.forget([str(folder)])) == 3
    with pytest.raises(NotReadyError, match="perla learn"):
        library.open()


def test_a_mistyped_name_is_answered_with_the_closest_and_nothing_is_forgotten(library, folder):
    library.learn([folder])
    with pytest.raises(UnknownNameError, match=r"Did you mean 'group/notes\.md'"):
        library.forget(["3", "grop/nots.md"])
    assert len(library.sources()) == 3


def test_two_files_of_one_name_are_two_sources(library, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "x").mkdir(parents=True)
        (tmp_path / name / "x/1. Intro.csv").write_text(TALK.replace("grupos", f"grupos {name}"))
        (tmp_path / name / "x/n.md").write_text(f"Texto {name}.")
    library.learn([tmp_path / "a/x"])
    done = library.learn([tmp_path / "b/x"])
    names = [source.name for source in done.sources]
    assert len(set(names)) == 4 and {"1. Intro.csv", "x/1. Intro.csv", "x/n.md", str(tmp_path / "b/x/n.md")} == set(
        names
    )
    assert len(library.open()) == 4


def test_one_recording_in_several_formats_is_learned_once_with_its_finest_times(library, tmp_path):
    (tmp_path / "1. Intro.csv").write_text(TALK)
    (tmp_path / "1. Intro.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nhola\n")
    (tmp_path / "1. Intro.txt").write_text("hola a todos")
    (tmp_path / "1. Intro.mp4").write_bytes(b"\0\0")
    done = library.learn([tmp_path])
    assert done.sources[0].name == "1. Intro.csv"
    assert done.sources[0].media == str(tmp_path / "1. Intro.mp4")
    assert sorted(str(p.reason) for p in done.passed_over) == ["the same recording as 1. Intro.csv"] * 2


def test_a_copy_of_a_document_is_learned_once_until_it_differs(library, folder):
    (folder / "old").mkdir()
    (folder / "old/notes.md").write_bytes((folder / "notes.md").read_bytes())
    done = library.learn([folder])
    assert [str(p.reason) for p in done.passed_over] == ["the same file as group/notes.md"]
    (folder / "old/notes.md").write_text("Otra cosa.")
    assert "group/old/notes.md" in [source.name for source in library.learn([folder]).sources]


def test_a_file_name_that_is_no_text_is_learned_once(library, tmp_path):
    name = os.fsdecode(b"caf\xe9.md")
    try:
        (tmp_path / name).write_text("Texto.")
    except OSError:
        pytest.skip("this system takes no such names")
    assert len(library.learn([tmp_path / name]).read) == 1
    again = library.learn([tmp_path / name])
    assert (again.unchanged, again.read, again.gone) == (1, (), ())


def test_a_missing_package_is_told_with_what_to_install(library, folder, monkeypatch):
    monkeypatch.setattr("perla.knowledge.library.EXTRA", ("rapidfuzz", "not_installed"))
    for ask in (library.open, lambda: library.learn([folder])):
        with pytest.raises(MissingExtraError, match=r"need not_installed\. .*perla\[knowledge\]"):
            ask()


def test_an_unchanged_file_of_a_new_commit_is_cited_by_it(library, tmp_path):
    repository = tmp_path / "repo"
    (repository / ".git").mkdir(parents=True)
    (repository / "net.py").write_text(CODE)
    for commit in ("a" * 40, "b" * 40):
        (repository / ".git/HEAD").write_text(commit)
        done = library.learn([repository])
        assert done.sources[0].commit == commit and library.open().sources[0].commit == commit
    assert done.read == ()


def test_a_term_that_was_confirmed_is_in_the_opened_index(library, folder):
    library.learn([folder])
    Ledger(library.home).confirm("kilometraje", "mileage", "me")
    found = {finding.original: finding for finding in library.open().findings}
    assert found["kilometraje"].confirmed_by == "me" and found["kilometraje"].score == 1.0


def test_terms_that_were_added_are_listened_for_when_learning_again(library, folder):
    library.learn([folder])
    before = (library.home / "knowledge/index/checksums.json").stat().st_mtime_ns
    library.learn([folder])
    assert (library.home / "knowledge/index/checksums.json").stat().st_mtime_ns == before
    Ledger(library.home).add_term("Quilometrash", [], [], "me")
    library.learn([folder])
    assert (library.home / "knowledge/index/checksums.json").stat().st_mtime_ns != before


def test_a_change_of_code_that_brings_no_term_does_not_listen_anew(library, folder, monkeypatch):
    library.learn([folder])
    monkeypatch.setattr("perla.knowledge.library.find_aliases", lambda *_: pytest.fail("listened anew"))
    (folder / "net.py").write_text(CODE.replace("mean()", "sum()") + "\n\nx = reconstruction_error(1, 2)\n")
    done = library.learn([folder])
    assert [source.name for source in done.read] == ["group/net.py"]
    assert "camins" in {finding.original for finding in library.open().findings}


def test_the_verbatim_text_of_a_source_is_given(library, folder):
    library.learn([folder])
    script = library.script("group/net.py")
    assert " ".join(script.pieces) == " ".join(CODE.split())
    with pytest.raises(UnknownNameError):
        library.script("nothing")


def test_what_is_kept_comes_back_as_it_was(library, folder):
    library.learn([folder])
    learnt = library._learnt()
    again = readings_from_state(readings_state(learnt))
    assert repr(again) == repr(learnt)
    findings = library.open().findings
    names = [one.name for one in learnt]
    changed = [replace(findings[0], confirmed_by="me"), *findings[1:]]
    assert findings_from_state(findings_state(changed, names), names) == changed
    assert readings_from_state(readings_state([])) == [] and findings_from_state(findings_state([], []), []) == []


def test_an_opened_index_is_the_one_that_was_built(library, folder, monkeypatch):
    import perla.knowledge.library as module

    built = []
    before = module.build_index

    def watched(*parts):
        built.append(before(*parts))
        return built[-1]

    monkeypatch.setattr(module, "build_index", watched)
    library.learn([folder])
    opened = library.open()
    for part in fields(opened):
        if part.name != "glossary":
            assert repr(getattr(opened, part.name)) == repr(getattr(built[0], part.name)), part.name
    assert opened.glossary.terms == built[0].glossary.terms


def test_another_version_of_perla_lays_out_the_index_anew(library, folder, monkeypatch):
    library.learn([folder])
    before = (library.home / "knowledge/index/checksums.json").stat().st_mtime_ns
    monkeypatch.setattr("perla.knowledge.library.__version__", "0.1.77")
    library.learn([folder])
    assert (library.home / "knowledge/index/checksums.json").stat().st_mtime_ns != before


def test_nothing_learned_yet_is_said_with_what_to_do(library):
    assert library.sources() == () and library.holdings() == ()
    with pytest.raises(NotReadyError, match="perla learn FOLDER"):
        library.open()


def test_a_path_that_is_not_there_is_named_with_the_closest(library, folder):
    with pytest.raises(FileError, match=r"Did you mean .*notes\.md"):
        library.learn([folder / "note.md"])


def test_a_home_that_cannot_be_written_is_said(tmp_path, folder):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(PerlaError, match="must be writable"):
        Library(tmp_path / "home").learn([folder])


def test_a_learned_folder_that_becomes_empty_leaves_nothing(library, folder):
    library.learn([folder])
    for path in folder.iterdir():
        path.unlink()
    assert len(library.learn([folder]).gone) == 3 and library.sources() == ()
    shutil.rmtree(folder)
