"""A tiny model folder, as the shelf writes one; nothing is fitted."""

from pathlib import Path

import numpy as np
import pytest

from perla.release.deployments import Deployments
from perla.storage import write_folder


@pytest.fixture
def make_model(tmp_path):
    """A model folder that holds one number."""

    def make(value: float = 1.0) -> Path:
        folder = tmp_path / f"model-{value}"
        state = {"weights": np.full(1000, value), "text": "x" * 2000}
        write_folder(folder, "model", state, {"market": "homes", "value": value})
        return folder

    return make


@pytest.fixture
def deployments(tmp_path) -> Deployments:
    return Deployments(tmp_path / "service" / "homes")
