from pathlib import Path

import pytest

from perla.app.markets import named_market
from perla.errors import FileError, MarketFileError

FILE = 'price = "precio"\n[columns.area]\nis = "quantity"\nunit = "m2"\n'


def test_a_market_is_a_file_then_one_kept_at_home_then_one_that_comes_with_perla(tmp_path):
    (tmp_path / "own.toml").write_text(FILE)
    home = tmp_path / "home"
    (home / "markets").mkdir(parents=True)
    (home / "markets" / "mine.toml").write_text(FILE)
    (home / "markets" / "cars-uk.toml").write_text(FILE)
    assert named_market(str(tmp_path / "own.toml"), home).price == "precio"
    assert named_market("mine", home).price == "precio"
    assert named_market("cars-uk", home).price == "precio"
    assert named_market("cars-uk", tmp_path).currency == "GBP"


def test_a_name_nobody_knows_names_the_closest(tmp_path):
    with pytest.raises(MarketFileError, match="cars-uk"):
        named_market("car-uk", tmp_path)


@pytest.mark.parametrize("name", ["nowhere.toml", "no/such/market", "folder/"])
def test_a_file_that_is_not_there_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(FileError, match="cannot be read"):
        named_market(name, tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", b"#" * 5_000_000])
def test_a_file_that_is_no_text_of_reasonable_size_is_refused(tmp_path, content):
    (tmp_path / "m.toml").write_bytes(content)
    with pytest.raises(MarketFileError, match="UTF-8"):
        named_market(str(tmp_path / "m.toml"), tmp_path)
