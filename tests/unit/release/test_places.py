"""Names of markets as names of folders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perla.release.places import folder_name, market_folder


def test_a_plain_name_is_its_own_folder():
    assert market_folder(Path("home"), "homes-medellin") == Path("home/service/homes-medellin")


@pytest.mark.parametrize(
    "name", ["..", ".", "../x", "a/b", "a\\b", "C:x", "con", "nul", "com1", "", " ", "x" * 300, "\0"]
)
def test_no_name_leads_out_of_the_service_folder(name: str):
    folder = folder_name(name)
    assert folder not in ("", ".", "..") and not set(folder) & set('/\\:*?"<>|\0. ') and len(folder) <= 80
    assert folder not in ("con", "nul", "com1")


@given(st.text(max_size=20), st.text(max_size=20))
def test_two_names_never_share_a_folder_on_a_disk_that_ignores_capitals(one: str, other: str):
    import unicodedata

    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert folder_name(one).casefold() != folder_name(other).casefold()


def test_capitals_and_accents_make_another_folder():
    names = ["homes", "Homes", "HOMES", "hómes", "homes ", "homes.", "homes=6b7466024d"]
    assert len({folder_name(n).casefold() for n in names}) == len(names)
