import os
from pathlib import Path

import pytest

from perla.app.settings import caches_at_home, choose_language, limit_threads, read_settings
from perla.errors import InputError


@pytest.mark.parametrize(
    ("words", "environment", "lang"),
    [
        ([], {}, "en"),
        ([], {"LANG": "es_CO.UTF-8"}, "es"),
        ([], {"LANG": "es_CO.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LC_ALL": "", "LC_MESSAGES": "es_ES", "LANG": "de_DE"}, "es"),
        (["find", "--lang=en"], {"LANG": "es"}, "en"),
        (["--lang", "es", "find", "--lang"], {}, "es"),
        (["find", "--lang", "xx"], {"LANG": "es"}, "es"),
        (["find", "--", "--lang", "es"], {}, "en"),
    ],
)
def test_the_language_is_what_the_call_says_else_the_locale_else_english(words, environment, lang):
    assert choose_language(words, environment) == lang


def test_the_call_overrules_the_environment():
    environment = {"PERLA_HOME": "/env", "PERLA_THREADS": "3"}
    assert read_settings(environment, "en", None, None).home == Path("/env")
    told = read_settings(environment, "es", "/call", 2)
    assert (told.home, told.threads, told.lang) == (Path("/call"), 2, "es")


def test_unasked_threads_are_the_cores_but_at_most_eight(monkeypatch):
    assert 1 <= read_settings({}, "en", None, None).threads <= min(8, os.cpu_count() or 1)
    monkeypatch.setattr("perla.app.settings._cores", lambda: 64)
    assert read_settings({}, "en", None, None).threads == 8


@pytest.mark.parametrize("written", ["0", "-2", "two", "1e3", "9999", "²"])
def test_threads_that_are_no_number_are_refused(written):
    with pytest.raises(InputError, match="PERLA_THREADS"):
        read_settings({"PERLA_THREADS": written}, "en", None, None)


def test_the_home_folder_is_the_users_and_is_not_made_unasked(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    home = read_settings({}, "en", None, 1).home
    assert home.name == "perla"
    assert not (tmp_path / "perla").exists()


def test_threads_are_limited_inside_and_as_before_outside(monkeypatch):
    import numpy  # noqa: F401 - brings a pool of threads to limit
    from threadpoolctl import threadpool_info

    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    before = [p["num_threads"] for p in threadpool_info()]
    with limit_threads(1):
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert {p["num_threads"] for p in threadpool_info()} == {1}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OMP_WAIT_POLICY" not in os.environ
    assert [p["num_threads"] for p in threadpool_info()] == before


def test_libraries_keep_their_caches_at_home():
    assert caches_at_home(Path("/home/perla")) == {"MPLCONFIGDIR": str(Path("/home/perla/cache/matplotlib"))}
