"""Putting models in service and taking them back."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perla.errors import FileError, InputError, ShelfError, UnknownNameError
from perla.release.deployments import Deployments
from perla.release.files import only_one
from perla.release.whole import find_faults
from perla.storage import read_folder


def value_of(model: Path) -> float:
    state, _ = read_folder(model, "model")
    return float(state["weights"][0])


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def test_nothing_is_in_service_before_the_first_deploy(deployments):
    assert (deployments.in_service(), deployments.all(), deployments.verify()) == (None, (), [])


def test_a_deployed_model_is_in_service_with_its_record(deployments, make_model):
    done = deployments.deploy(make_model(2.0), {"seed": 7}, "the first")
    found = deployments.in_service()
    assert found == done
    assert (value_of(found.model), found.record, found.reason) == (2.0, {"seed": 7}, "the first")
    assert deployments.verify() == []


def test_the_deployed_model_stays_when_the_folder_it_came_from_is_gone(deployments, make_model):
    import shutil

    folder = make_model(2.0)
    deployments.deploy(folder, {})
    shutil.rmtree(folder)
    assert value_of(deployments.in_service().model) == 2.0


def test_a_damaged_model_is_refused_by_the_name_of_the_file_and_the_old_one_stays(deployments, make_model):
    old = deployments.deploy(make_model(1.0), {})
    new = make_model(2.0)
    damage(new / "arrays.safetensors")
    with pytest.raises(ShelfError, match=r"arrays\.safetensors"):
        deployments.deploy(new, {})
    assert deployments.in_service() == old
    assert [d.release for d in deployments.all()] == [old.release]


def test_a_folder_that_is_no_model_is_refused(deployments, tmp_path):
    with pytest.raises(FileError):
        deployments.deploy(tmp_path / "nothing", {})
    assert deployments.in_service() is None


def test_a_rollback_returns_to_what_was_in_service_before_and_a_second_one_goes_further(deployments, make_model):
    for value in (1.0, 2.0, 3.0):
        deployments.deploy(make_model(value), {})
    assert value_of(deployments.rollback("too dear").model) == 2.0
    assert deployments.in_service().reason == "too dear"
    assert value_of(deployments.rollback("still").model) == 1.0
    with pytest.raises(InputError, match="there is none"):
        deployments.rollback("again")
    assert value_of(deployments.in_service().model) == 1.0


def test_what_was_rolled_back_from_is_never_returned_to(deployments, make_model):
    for value in (1.0, 2.0):
        deployments.deploy(make_model(value), {})
    deployments.rollback("bad")
    deployments.deploy(make_model(3.0), {})
    assert value_of(deployments.rollback("bad too").model) == 1.0


def test_a_rollback_passes_over_a_damaged_release_and_names_the_file(deployments, make_model):
    good, bad, _ = (deployments.deploy(make_model(v), {}) for v in (1.0, 2.0, 3.0))
    damage(bad.model / "state.json")
    back = deployments.rollback("oops")
    assert back.release == good.release
    assert bad.release in back.notes[0].en and "model/state.json" in back.notes[0].es


def test_the_history_tells_what_was_in_service_when_and_why(tmp_path, make_model):
    days = iter(datetime(2026, 1, day, tzinfo=UTC) for day in (9, 2, 3))  # a clock that goes backwards, too
    deployments = Deployments(tmp_path / "homes", clock=lambda: next(days))
    first = deployments.deploy(make_model(1.0), {}, "a")
    second = deployments.deploy(make_model(2.0), {}, "b")
    deployments.rollback("c")
    told = [(e.release, e.what.value, e.since[:10], e.reason) for e in deployments.history()]
    assert told == [
        (first.release, "deployed", "2026-01-09", "a"),
        (second.release, "deployed", "2026-01-02", "b"),
        (first.release, "rolled back", "2026-01-03", "c"),
    ]


@pytest.mark.parametrize(
    "file", ["model/card.json", "model/arrays.safetensors", "model/texts/0000.txt", "record.json", "checksums.json"]
)
def test_verify_names_the_file_whose_content_changed(deployments, make_model, file):
    done = deployments.deploy(make_model(), {"seed": 1})
    damage(done.model.parent / file)
    assert [(f.release, f.file) for f in deployments.verify(done.release)] == [(done.release, file)]


def test_verify_names_every_missing_and_every_shortened_file(deployments, make_model):
    done = deployments.deploy(make_model(), {})
    (done.model / "card.json").unlink()
    os.truncate(done.model / "state.json", 10)
    told = {f.file: f.why.en for f in deployments.verify()}
    assert told["model/card.json"] == "is missing" and "has 10 bytes" in told["model/state.json"]


def test_a_list_of_checksums_that_was_rewritten_is_told_by_the_name_of_the_release(deployments, make_model):
    done = deployments.deploy(make_model(), {})
    path = done.model.parent / "checksums.json"
    index = json.loads(path.read_text())
    index["files"]["record.json"]["bytes"] += 1
    path.write_text(json.dumps(index))
    assert [f.file for f in deployments.verify()] == ["checksums.json"]


def test_a_list_of_checksums_cannot_lead_out_of_the_release(deployments, make_model):
    import hashlib

    done = deployments.deploy(make_model(), {})
    home = done.model.parent
    content = json.dumps({"format": 1, "files": {"../../../secret": {"bytes": 1, "sha256": "0"}}}).encode()
    (home / "checksums.json").write_bytes(content)
    forged = home.rename(home.with_name(f"001-{hashlib.sha256(content).hexdigest()[:8]}"))
    assert [f.file for f in find_faults(forged)] == ["../../../secret"]


def test_what_a_crash_left_behind_goes_at_the_next_deploy(deployments, make_model):
    deployments.deploy(make_model(1.0), {})
    left = deployments.folder / "releases" / ".002.99.partial" / "model"
    left.mkdir(parents=True)
    (deployments.folder / ".in-service.json.99.partial").write_text("{")
    deployments.deploy(make_model(2.0), {})
    assert sorted(p.name[:3] for p in (deployments.folder / "releases").iterdir()) == ["001", "002"]
    assert not list(deployments.folder.glob(".in-service*"))


def test_only_one_deploy_works_at_a_time(deployments, make_model):
    deployments.folder.mkdir(parents=True)
    with only_one(deployments.folder / "deploy.lock"), pytest.raises(InputError, match="another one is at work"):
        deployments.deploy(make_model(), {})
    assert deployments.deploy(make_model(), {}).release.startswith("001-")


def test_old_releases_go_but_never_the_one_a_rollback_would_take(deployments, make_model):
    model = make_model()
    first = deployments.deploy(model, {})
    later = [deployments.deploy(model, {"k": k}) for k in range(7)]
    names = [d.release[:3] for d in deployments.all()]
    assert names == ["004", "005", "006", "007", "008"]
    assert first.release not in names and "003-" in later[-1].notes[0].en
    for _ in range(4):
        deployments.rollback("back")
    after = [deployments.deploy(model, {"after": k}) for k in range(5)]
    assert not any("004-" in n.en for d in after[:1] for n in d.notes)
    assert deployments.in_service().release == after[-1].release


def test_a_full_disk_changes_nothing(deployments, make_model, monkeypatch):
    old = deployments.deploy(make_model(1.0), {})

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("perla.release.deployments.copy_new", full)
    with pytest.raises(FileError, match="No space left"):
        deployments.deploy(make_model(2.0), {})
    assert deployments.in_service() == old
    assert len(list((deployments.folder / "releases").iterdir())) == 1


def test_a_damaged_pointer_is_told_by_name(deployments, make_model):
    deployments.deploy(make_model(), {})
    (deployments.folder / "in-service.json").write_text('{"format": 1')
    with pytest.raises(ShelfError, match=r"in-service\.json"):
        deployments.in_service()
    assert [f.file for f in deployments.verify()] == ["in-service.json"]


def test_a_pointer_of_a_newer_version_is_told_and_nothing_is_changed(deployments, make_model):
    deployments.deploy(make_model(), {})
    path = deployments.folder / "in-service.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    for call in (
        deployments.in_service,
        lambda: deployments.deploy(make_model(2.0), {}),
        lambda: deployments.rollback(""),
    ):
        with pytest.raises(ShelfError, match="another version"):
            call()
    assert [p.name[:3] for p in (deployments.folder / "releases").iterdir()] == ["001"]


def test_a_release_that_was_rolled_back_from_is_deployed_again_from_its_own_folder(deployments, make_model):
    deployments.deploy(make_model(1.0), {})
    second = deployments.deploy(make_model(2.0), {})
    deployments.rollback("too early")
    again = deployments.deploy(second.model, {})
    assert value_of(deployments.in_service().model) == 2.0 and again.release.startswith("003-")


def test_the_release_the_service_still_answers_from_is_kept(deployments, make_model):
    model = make_model()
    first = deployments.deploy(model, {})
    (deployments.folder / "edition.json").write_text(json.dumps({"edition": "000001", "release": first.release}))
    for k in range(7):
        deployments.deploy(model, {"k": k})
    assert first.release in [d.release for d in deployments.all()]


@pytest.mark.parametrize("release", ["../../etc", "", "a/b", 7])
def test_a_pointer_cannot_lead_out_of_the_releases(deployments, release):
    deployments.folder.mkdir(parents=True)
    event = {"release": release, "what": "deployed", "since": "", "reason": ""}
    (deployments.folder / "in-service.json").write_text(json.dumps({"format": 1, "history": [event]}))
    with pytest.raises(ShelfError):
        deployments.in_service()


def test_a_release_is_found_by_its_number_or_the_beginning_of_its_name(deployments, make_model):
    done = deployments.deploy(make_model(), {})
    assert deployments.one("1").release == deployments.one(done.release[:6]).release == done.release
    with pytest.raises(UnknownNameError, match="001-"):
        deployments.one("2")


def test_a_model_that_changes_while_it_is_copied_is_refused(deployments, make_model, monkeypatch):
    from perla.release import deployments as module

    real = module.copy_new
    monkeypatch.setattr(module, "copy_new", lambda source, target: real(source, target)[::-1])
    with pytest.raises(ShelfError, match="changed while it was copied"):
        deployments.deploy(make_model(), {})
    assert deployments.in_service() is None
