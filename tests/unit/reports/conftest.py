"""The made-up findings every report test looks at."""

import importlib.util
from pathlib import Path

import pytest


def _load():
    spec = importlib.util.spec_from_file_location(
        "simulated_findings", Path(__file__).with_name("simulated_findings.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def simulation():
    return _load()


@pytest.fixture(scope="session")
def findings(simulation):
    return simulation.make_findings()
