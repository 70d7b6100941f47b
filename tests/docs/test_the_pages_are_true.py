import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMENT = re.compile(r"<!--.*?-->", flags=re.DOTALL)


def _text(page: Path) -> str:
    return COMMENT.sub("", page.read_text(encoding="utf-8"))


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_to_a_file_finds_it(page: Path) -> None:
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", _text(page))]
    inside = [link for link in links if link and ":" not in link]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_of_the_package_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", _text(page))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", _text(page), flags=re.MULTILINE))
    assert named <= targets


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    listed = dict(re.findall(r"^- \[\d{4}\]\(([^)]+)\): (.+)$", _text(DECISIONS / "README.md"), flags=re.MULTILINE))
    titles = {p.name: _text(p).splitlines()[0].split(": ", 1)[1] for p in DECISIONS.glob("[0-9]*.md")}
    assert titles
    assert listed == titles


def test_decisions_are_numbered_one_after_the_other() -> None:
    numbers = sorted(int(p.name[:4]) for p in DECISIONS.glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_both_readmes_have_the_same_parts_and_the_same_commands() -> None:
    english, spanish = (_text(ROOT / name) for name in ("README.md", "README.es.md"))
    shape = r"^(#+|- |!|```)"
    assert re.findall(shape, english, flags=re.MULTILINE) == re.findall(shape, spanish, flags=re.MULTILINE)
    verbs = r"(?:perla|make|pip) [a-z]+"
    assert sorted(re.findall(rf"^{verbs}", english, flags=re.MULTILINE)) == sorted(
        re.findall(rf"^{verbs}", spanish, flags=re.MULTILINE)
    )


def test_every_dependency_is_pinned_to_one_version_that_serves_every_platform() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines if not line.startswith("#"))
    assert {re.split(r"[<>=!~ \[;]", d.lower())[0] for d in wanted} <= set(pins)
    assert pins["torch"] == "2.13.0"
    assert [name for name, version in pins.items() if "+" in version or name.startswith(("nvidia", "cuda"))] == []
