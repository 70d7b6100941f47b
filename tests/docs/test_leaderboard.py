import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PAGE = (BENCHMARKS / "LEADERBOARD.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- begin ([^>]+) -->\n(.*?)<!-- end \1 -->", PAGE, flags=re.DOTALL)


def _rows(block: str) -> list[dict[str, str]]:
    lines = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("| ")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_every_block_of_figures_is_whole_and_stands_once() -> None:
    names = [name for name, _ in BLOCKS]
    assert names
    assert len(names) == len(set(names)) == PAGE.count("<!-- begin ") == PAGE.count("<!-- end ")


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_every_row_of_figures_names_its_command_its_day_and_its_commit(name: str, block: str) -> None:
    rows = _rows(block)
    assert rows
    for row in rows:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d(, 20\d\d-\d\d-\d\d)*", row["date"])
        assert re.fullmatch(r"[0-9a-f]{7,40}\+?(, [0-9a-f]{7,40}\+?)*", row["commit"])
        program = re.fullmatch(r"`python benchmarks/(\w+\.py)[^`/]*`", row["command"])
        assert program is not None and (BENCHMARKS / program[1]).is_file()


def test_figures_stand_only_where_a_command_writes_them() -> None:
    outside = re.sub(r"<!-- begin ([^>]+) -->\n.*?<!-- end \1 -->", "", PAGE, flags=re.DOTALL)
    assert "|" not in outside
