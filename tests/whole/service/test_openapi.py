"""The service keeps what its own OpenAPI document promises: schemathesis with every check, over a real port."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from perla.app.web import samples, shapes
from perla.app.web.app import make_app
from perla.app.web.desk import Desk

EXAMPLES = "4"  # of each kind for each operation; more with: PERLA_API_EXAMPLES=100


def test_every_operation_keeps_its_promises(edition, on_a_port, tmp_path):
    desk = Desk(tmp_path, 1)
    desk.put("simulated", edition, "000001")
    address = on_a_port(make_app(desk))
    told = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json", "--checks", "all",
            "--phases", "examples,coverage,fuzzing", "--seed", "1", "--no-color",
            "--max-examples", os.environ.get("PERLA_API_EXAMPLES", EXAMPLES),
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=600,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "formats", "PYTHONPATH": str(Path(__file__).parent),
                          "PERLA_LISTING": edition.listings.ids.iloc[0]},
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    assert "[500]" not in told.stdout and "Tested: 11" in told.stdout


@pytest.mark.parametrize(
    ("shape", "sample"),
    [
        (shapes.Bargains, samples.BARGAINS), (shapes.Listing, samples.LISTING), (shapes.Why, samples.WHY),
        (shapes.Comparables, samples.COMPARABLES), (shapes.Estimates, samples.ESTIMATES),
        (shapes.Markets, samples.MARKETS), (shapes.MarketFacts, samples.MARKET), (shapes.Survey, samples.SURVEY),
    ],
)  # fmt: skip
def test_the_samples_have_the_shapes_they_stand_for(shape, sample):
    assert TypeAdapter(shape).validate_python(sample)


def test_every_operation_has_an_example_and_names_its_problems(tmp_path):
    told = make_app(Desk(tmp_path, 1)).openapi()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            good = operation["responses"]["200"]["content"]
            assert any("example" in content for content in good.values()), (method, path)
            assert operation["summary"] and operation["description"] and operation["tags"]
            if path.startswith("/v1/"):
                assert {"401", "429", "503"} <= operation["responses"].keys()
