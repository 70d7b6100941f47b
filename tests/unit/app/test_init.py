import pytest

from perla.listings.market_file import read_market

TABLE = (
    "codigo;barrio;precio;área (m²);habitaciones;precio m2\n"
    "1;Laureles;$ 450.000.000;83 m²;3;5.421.687\n"
    "2;Belén;$ 380.000.000;71,5 m²;3;5.314.685\n"
    "3;=cmd();$ 290.000.000;60 m²;2;4.833.333\n"
)


@pytest.fixture
def listings(tmp_path):
    path = tmp_path / "anuncios.csv"
    path.write_text(TABLE * 1 + "".join(TABLE.splitlines(True)[1:]).replace("1;L", "4;L").replace("2;B", "5;B"))
    return path


def test_a_draft_is_shown_and_written_and_reads_back(call, listings, tmp_path):
    done = call("init", listings, "-o", tmp_path / "market.toml")
    assert (done.exit_code, done.stderr) == (0, "")
    market = read_market((tmp_path / "market.toml").read_text(encoding="utf-8"), "market.toml")
    assert (market.name, market.price, market.currency) == ("anuncios", "precio", "COP")
    assert "the price (COP)" in done.stdout
    assert "gives the price away" in done.stdout
    assert f"--market {tmp_path / 'market.toml'}" in done.stdout.replace("\n", "")


def test_the_draft_is_told_in_spanish(call, listings, tmp_path):
    done = call("init", listings, "-o", tmp_path / "m.toml", "--lang", "es")
    assert "delata el precio" in done.stdout
    assert "una categoría" in done.stdout
    assert "Written" not in done.stdout


def test_a_file_that_stands_there_is_replaced_only_by_force(call, listings, tmp_path):
    market = tmp_path / "market.toml"
    market.write_text("# mine\n")
    done = call("init", listings, "-o", market)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "--force" in done.stderr
    assert market.read_text() == "# mine\n"
    assert call("init", listings, "-o", market, "--force").exit_code == 0
    assert "precio" in market.read_text(encoding="utf-8")


def test_a_table_without_a_price_is_refused_in_one_line(call, tmp_path):
    (tmp_path / "names.csv").write_text("name,town\nAda,Bello\nEva,Itagüí\nLuz,Cali\n")
    done = call("init", tmp_path / "names.csv", "-o", tmp_path / "m.toml")
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "price" in done.stderr
    assert not (tmp_path / "m.toml").exists()
