"""Everything that can be wrong with a call or its files is one line on stderr and exit code 2."""

import json
import shutil

import pandas as pd
import pytest

MEDELLIN_LIKE = "barrio,area,precio\n" + "".join(
    f"B{i % 4},{50 + i % 40},{200_000_000 + i * 1_000_000}\n" for i in range(80)
)


def refused(done) -> str:
    lines = done.stderr.splitlines()
    assert (done.exit_code, len(lines), done.stdout) == (2, 1, ""), (done.output, done.exception)
    assert lines[0].startswith("perla: ")
    assert len(lines[0]) > 30
    return lines[0]


TABLES = {
    "empty": (b"", "empty"),
    "blank": (b"\n\n  \n", "empty"),
    "header only": (b"barrio,area,precio\n", "no rows"),
    "binary": (bytes(range(256)) * 40, "table"),
    "truncated gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56", "gzip"),
    "truncated parquet": (b"PAR1\x15\x04\x15", ""),
    "truncated workbook": (b"PK\x03\x04\x14\x00\x06", ""),
    "no price": (b"barrio,area\nA,50\nB,60\nC,70\n", "price"),
    "one column": (b"barrio\nA\nB\nC\nD\n", "price"),
    "three rows": (b"barrio,area,precio\nA,50,200000000\nB,60,240000000\nC,70,300000000\n", ""),
    "all prices zero": (
        b"barrio,area,precio\n" + b"A,50,0\n" * 2 + b"".join(b"B,%d,0\n" % i for i in range(40, 99)),
        "",
    ),
    "all prices equal": (b"barrio,area,precio\n" + b"".join(b"B,%d,350000000\n" % i for i in range(40, 120)), ""),
    "a column twice": (b"precio,area,area\n" + b"200000000,50,51\n250000000,60,61\n" * 30, "area"),
    "a web page": (b"<!doctype html><html><body>no</body></html>", "web page"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_table_that_cannot_be_used_is_refused(call, tmp_path, name, lang):
    content, said = TABLES[name]
    path = tmp_path / "listings.csv"
    path.write_bytes(content)
    line = refused(call("find", path, "--lang", lang, "-o", tmp_path / "out.csv"))
    assert lang == "es" or said in line
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_not_there_is_named_with_the_closest(call, tmp_path):
    (tmp_path / "listings.csv").write_text(MEDELLIN_LIKE)
    assert "listings.csv" in refused(call("find", tmp_path / "listing.csv"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('is = "quantity"', 'iss = "quantity"'), "'is'"),
        (('is = "quantity"', 'is = "quantty"'), "quantity"),
        (('unit = "m2"', 'unit = "m7"'), "m7"),
        (('price = "precio"', 'prize = "precio"'), "'price'"),
        (("[columns.estrato]", "[columns.stratum]"), "stratum"),
        (('currency = "COP"', 'currency = COP"'), "TOML"),
    ],
)
def test_a_market_file_with_a_mistake_is_refused_and_the_mistake_named(city, call, tmp_path, change, said):
    text = city.market.read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "market.toml").write_text(text.replace(*change, 1), encoding="utf-8")
    assert said in refused(call("find", city.listings, "--market", tmp_path / "market.toml"))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("descripcion high", "free text"),
        ("precio bajo, precio alto", "both low and high"),
        ("prcio low", "precio"),
        ("price sideways", "low or high"),
        ("", "empty"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_before_the_long_work(city, call, wish, said):
    assert said in refused(call("find", city.listings, "--market", city.market, "--wish", wish))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("estratto >= 4", "estrato"),
        ("barrio = 'Corall'", "Coral"),
        ("estrato >=", "cannot be understood"),
        ("", "empty"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_before_the_long_work(city, call, where, said):
    assert said in refused(call("find", city.listings, "--market", city.market, "--where", where))


def test_an_id_nobody_has_is_refused_with_the_closest(city, call):
    known = city.truth["listing_id"].iloc[300]
    assert known[:-1] in refused(call("check", city.new, "--model", city.model, "--id", known[:-1]))


@pytest.mark.parametrize("output", ["{}/none/out.csv", "{}/out.docx", "{}"])
def test_an_output_that_cannot_be_written_is_refused(city, call, tmp_path, output):
    assert str(tmp_path) in refused(call("find", city.new, "--model", city.model, "-o", output.format(tmp_path)))


def test_a_model_is_not_kept_over_something_else(city, call, tmp_path):
    (tmp_path / "thesis.txt").write_text("two years")
    assert "not replaced" in refused(call("train", city.listings, "-o", tmp_path))
    assert "must exist" in refused(call("train", city.listings, "-o", tmp_path / "no" / "model"))
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_listings_of_another_market_are_refused_naming_both(city, call, tmp_path):
    (tmp_path / "cars.csv").write_text("make,model,price\n" + "Audi,A1,9000\nBMW,X1,12000\n" * 30)
    line = refused(call("find", tmp_path / "cars.csv", "--model", city.model))
    assert "cars.csv" in line
    assert "'simulated'" in line
    most_gone = pd.read_csv(city.new, dtype=str)[["id", "precio", "barrio", "enlace"]]
    most_gone.to_csv(tmp_path / "bare.csv", index=False)
    assert "columns are there" in refused(call("find", tmp_path / "bare.csv", "--model", city.model))


HARMS = {
    "truncated": lambda m: (m / "arrays.safetensors").write_bytes((m / "arrays.safetensors").read_bytes()[:-9]),
    "tampered": lambda m: (m / "state.json").write_text(
        (m / "state.json").read_text().replace("simulated", "simulates")
    ),
    "incomplete": lambda m: (m / "card.json").unlink(),
    "another version": lambda m: _say(m, "perla", "0.0.9"),
    "another format": lambda m: _say(m, "format", 99),
    "another kind": lambda m: _say(m, "kind", "scorecard"),
    "no index": lambda m: (m / "checksums.json").unlink(),
}


def _say(model, key, value):
    index = json.loads((model / "checksums.json").read_text())
    (model / "checksums.json").write_text(json.dumps({**index, key: value}))


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_model_that_is_not_what_it_says_is_refused(city, call, tmp_path, harm, lang):
    model = tmp_path / "model"
    shutil.copytree(city.model, model)
    HARMS[harm](model)
    assert str(model) in refused(call("find", city.new, "--model", model, "--lang", lang))


def test_a_model_whose_parts_do_not_fit_is_refused(city, call, tmp_path):
    from perla.storage import read_folder, write_folder

    state, card = read_folder(city.model, "model")
    for number, gone in enumerate(("experts", "known", "card", "seed")):
        model = tmp_path / f"model{number}"
        write_folder(model, "model", {k: v for k, v in state.items() if k != gone}, card)
        assert str(model) in refused(call("find", city.new, "--model", model))


def test_a_folder_that_is_no_model_is_refused(city, call, tmp_path):
    assert str(tmp_path) in refused(call("find", city.new, "--model", tmp_path))
    assert "perla train" in refused(call("find", city.new, "--model", tmp_path / "nowhere"))
