"""Calls of the command line inside this process."""

import pytest
from click.testing import CliRunner

from perla.app.cli import main

SPANISH_OR_ENGLISH = ("LC_ALL", "LC_MESSAGES", "LANG", "PERLA_HOME", "PERLA_THREADS", "NO_COLOR", "COLUMNS")


@pytest.fixture
def call(monkeypatch, tmp_path):
    """``call("find", "x.csv")`` -> the finished call: exit_code, stdout, stderr."""
    for name in SPANISH_OR_ENGLISH:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))

    def run(*words: object):
        return CliRunner().invoke(main, [str(w) for w in words], prog_name="perla")

    return run
