import re
import tomllib
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "perla"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def _modules() -> set[str]:
    folders = {f.name for f in PACKAGE.iterdir() if f.is_dir() and any(f.rglob("*.py"))}
    return folders | {f.stem for f in PACKAGE.glob("*.py") if f.stem != "__init__"}


def _rows(heading: str) -> dict[str, str]:
    """First cell -> second cell of the table under a heading, for the rows that begin with a module."""
    section = ARCHITECTURE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section, flags=re.MULTILINE))


def _allowed_by_the_linter() -> dict[str, set[str]]:
    floors = [floor.split(" : ") for floor in CONTRACTS[0]["layers"]]
    below = {name: {n for lower in floors[i + 1 :] for n in lower} for i, floor in enumerate(floors) for name in floor}
    for contract in CONTRACTS[1:]:
        for module in contract["source_modules"]:
            below[module.removeprefix("perla.")] -= {m.removeprefix("perla.") for m in contract["forbidden_modules"]}
    return below


def test_every_module_has_a_row_and_every_row_has_a_module() -> None:
    assert set(_rows("Who may import whom")) == _modules()


def test_the_table_says_what_the_linter_enforces() -> None:
    said = {module: set(re.findall(r"`(\w+)`", cell)) for module, cell in _rows("Who may import whom").items()}
    assert said == _allowed_by_the_linter()


def test_the_picture_shows_every_module_from_top_to_bottom() -> None:
    picture = ARCHITECTURE.split("```")[1]
    floors = [floor.split(" : ") for floor in CONTRACTS[0]["layers"]]
    places = [[re.search(rf"\b{name}\b", picture).start() for name in floor] for floor in floors]
    assert [max(upper) < min(lower) for upper, lower in pairwise(places)] == [True] * 7


def test_the_files_to_look_at_first_exist() -> None:
    section = ARCHITECTURE.split("## Where to look first\n")[1].split("\n## ")[0]
    paths = re.findall(r"`(src/[^`]+)`", section)
    assert paths
    assert [p for p in paths if not (ROOT / p).exists()] == []
