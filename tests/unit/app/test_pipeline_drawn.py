"""The steps of a run, drawn: as text, as a table of 80 columns, as a picture."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from perla.app.pipeline.commands import _split
from perla.app.pipeline.graph import draw_svg, draw_text, layers, write_picture
from perla.app.pipeline.record import State, StepTold
from perla.app.pipeline.table import step_table
from perla.errors import FileError
from perla.words import Lang, Text, same

TITLES = {
    "keep": Text("keep what was seen", "guardar lo visto"),
    "prepare": Text("prepare <the> listings", "preparar <los> anuncios"),
    "train-compared": Text("prices: boosted trees with comparables", "precios: árboles potenciados con comparables"),
    "train-deep": Text("prices: deep trees", "precios: árboles profundos"),
    "assemble": Text("put the model together", "armar el modelo"),
}
NEEDS = {
    "keep": (), "prepare": (), "train-compared": ("prepare",), "train-deep": ("prepare",),
    "assemble": ("prepare", "train-compared", "train-deep", "keep"),
}  # fmt: skip


@pytest.fixture
def steps() -> list[StepTold]:
    states = (State.UNCHANGED, State.DONE, State.RUNNING, State.FAILED, State.WAITING)
    return [StepTold(name, TITLES[name], NEEDS[name], state, 75.0) for name, state in zip(TITLES, states, strict=True)]


def test_a_step_stands_below_all_it_needs():
    found = layers(NEEDS)
    place = {name: level for level, row in enumerate(found) for name in row}
    assert all(place[need] < place[name] for name, needs in NEEDS.items() for need in needs)
    assert place["train-deep"] == place["train-compared"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_text_names_every_step_and_how_far_it_is(steps: list[StepTold], lang: Lang):
    told = "\n".join(draw_text(steps, lang))
    assert all(step.title.text(lang) in told for step in steps)
    assert {"en": "unchanged, 0 s", "es": "sin cambios, 0 s"}[lang] in told and "1 min 15 s" in told
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_table_fits_eighty_columns_while_a_step_is_at_work(steps: list[StepTold], lang: Lang):
    paper = StringIO()
    said = {"train-compared": (Text("7 of 10", "7 de 10"), 0.7)}
    Console(file=paper, width=80).print(step_table(steps, lang, said, {"train-compared": 3.4}))
    lines = paper.getvalue().splitlines()
    assert len(lines) == len(steps) and max(map(len, lines)) <= 80
    assert any("━" in line and said["train-compared"][0].text(lang) in line for line in lines)
    assert all(line[0] in "=✓▸✗·" for line in lines)


def test_the_picture_is_whole_and_escapes_what_it_is_given(steps: list[StepTold]):
    root = ElementTree.fromstring(draw_svg(steps, same("<script>alert(1)</script>"), "en"))
    words = " ".join("".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "prepare <the>" in words and "<script>" in words
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    boxes = [e for e in root.iter() if e.tag.endswith("rect")]
    wide = float(root.attrib["width"])
    assert len(boxes) == len(steps)
    assert all(float(b.attrib["x"]) >= 0 and float(b.attrib["x"]) + float(b.attrib["width"]) <= wide for b in boxes)


def test_boxes_do_not_lie_on_each_other(steps: list[StepTold]):
    root = ElementTree.fromstring(draw_svg(steps, same("steps"), "es"))
    boxes = [tuple(float(e.attrib[n]) for n in ("x", "y", "width", "height"))
             for e in root.iter() if e.tag.endswith("rect")]  # fmt: skip
    for i, (x, y, w, h) in enumerate(boxes):
        for a, b, c, d in boxes[i + 1 :]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


def test_a_picture_of_another_kind_is_refused(tmp_path: Path):
    with pytest.raises(FileError, match="svg"):
        write_picture(tmp_path / "steps.png", "")


def test_models_are_parted_at_commas_outside_brackets():
    assert _split("smooth, deep(leaves=255, leaf_rows=5)") == ["smooth", "deep(leaves=255, leaf_rows=5)"]
