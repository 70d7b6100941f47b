"""From files to reports through the command line, on a simulated market."""

import json
import re
import zipfile
from dataclasses import fields

import pandas as pd
import pytest

from perla.app.editions import load_edition
from perla.bargains.findings import RESULT_COLUMNS, Verdict
from perla.reports import csv_table


def named(city, planted: str) -> list[str]:
    """Ids of the learned listings that were planted so."""
    known = city.truth[:300]
    return known.loc[known["planted"].astype("str") == planted, "listing_id"].tolist()


KINDS = ("pearls.xlsx", "pearls.html", "scores.csv", "scores.parquet", "pearls.json")


@pytest.fixture(scope="session")
def searched(city, call, tmp_path_factory):
    """Every kind of report of one search that learned from the listings themselves."""
    folder = tmp_path_factory.mktemp("searched")
    outputs = [word for name in KINDS for word in ("-o", folder / name)]
    done = call("find", city.listings, "--market", city.market, "--all", *outputs)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    return folder, done.stdout


def test_every_kind_of_report_is_written_and_nothing_else(searched):
    folder, stdout = searched
    assert sorted(p.name for p in folder.iterdir()) == sorted(KINDS)
    assert (folder / "pearls.xlsx").read_bytes()[:2] == b"PK"
    assert zipfile.ZipFile(folder / "pearls.xlsx").testzip() is None
    assert "<script>alert(" not in (folder / "pearls.html").read_text(encoding="utf-8")
    assert "Written: " in stdout
    assert "SIMULATED" in stdout


def test_every_listing_has_a_verdict_and_its_own_row(searched, city):
    folder, _ = searched
    scores = pd.read_csv(folder / "scores.csv", dtype={"listing_id": str})
    original = pd.read_csv(city.listings, dtype=str)
    assert tuple(scores.columns[: len(RESULT_COLUMNS)]) == RESULT_COLUMNS
    assert sorted(scores["listing_id"]) == sorted(original["id"])
    assert set(scores["verdict"]) <= {v.value for v in Verdict}
    priceless = named(city, "it has no usable price")
    assert scores.set_index("listing_id").loc[priceless, "expected_price"].isna().all()
    assert scores["score"].isna().sum() == len(priceless) > 0


def test_planted_bargains_score_above_the_rest(searched, city):
    scores = pd.read_csv(searched[0] / "scores.csv", dtype={"listing_id": str}).set_index("listing_id")["score"]
    kinds = city.truth.set_index("listing_id")["kind"].reindex(scores.index)
    assert scores[kinds == "bargain"].median() > scores[kinds == "ordinary"].quantile(0.9)


def test_a_price_without_its_zero_is_never_called_a_bargain(searched, city):
    scores = pd.read_csv(searched[0] / "scores.csv", dtype={"listing_id": str}).set_index("listing_id")
    slips = named(city, "the price lacks a zero")
    assert slips
    assert set(scores.loc[slips, "verdict"]) <= {"suspicious", "not rated"}


def test_the_reports_agree_with_each_other(searched):
    folder, stdout = searched
    record = json.loads((folder / "pearls.json").read_text(encoding="utf-8"))
    table = pd.read_parquet(folder / "scores.parquet")
    shown = [b["listing_id"] for b in record["bargains"]]
    ranked = table[table["rank"].notna()].sort_values("rank")["listing_id"].tolist()
    assert [i for i in ranked if i in shown] == shown
    assert all(i in stdout for i in shown)
    assert all(len(b["comparables"]) == 5 for b in record["bargains"])
    assert record["simulated"] is True


def test_the_same_call_gives_the_same_scores(searched, city, call, tmp_path):
    done = call("find", city.listings, "--market", city.market, "--all", "-o", tmp_path / "again.csv", "-q")
    assert done.exit_code == 0
    assert (tmp_path / "again.csv").read_bytes() == (searched[0] / "scores.csv").read_bytes()


def test_a_saved_model_values_what_it_never_saw_nearly_as_learning_again_does(city, call, tmp_path):
    known = call("find", city.new, "--model", city.model, "--all", "-o", tmp_path / "kept.csv")
    fresh = call(
        "find", city.new, "--reference", city.listings, "--market", city.market, "--all", "-o", tmp_path / "new.csv"
    )
    assert (known.exit_code, fresh.exit_code) == (0, 0), known.output + fresh.output
    kept, new = (
        pd.read_csv(tmp_path / name, dtype={"listing_id": str}).set_index("listing_id")
        for name in ("kept.csv", "new.csv")
    )
    pd.testing.assert_series_equal(kept["expected_price"], new["expected_price"].reindex(kept.index), rtol=1e-6)
    pd.testing.assert_series_equal(kept["score"], new["score"].reindex(kept.index), rtol=1e-6, atol=1e-6)


def test_json_alone_goes_to_stdout(city, call):
    done = call("find", city.new, "--model", city.model, "--json", "-n", 3, "--comparables", 2)
    assert done.stderr == ""
    record = json.loads(done.stdout)
    assert len(record["bargains"]) <= 3
    assert {len(b["comparables"]) for b in record["bargains"]} <= {2}
    assert "listings" not in record


def test_the_terminal_speaks_spanish_alone(city, call):
    done = call("find", city.new, "--model", city.model, "--lang", "es")
    assert done.exit_code == 0
    english = (
        r"(?i)\b(the|price|asking|expected|listings?|typical|below|verdict|wish|models|everything|great|fair|rows)\b"
    )
    assert re.findall(english, done.stdout) == []
    assert "Precio pedido" in done.stdout


def test_one_listing_is_explained_and_another_was_set_aside(city, call):
    bargain = city.truth[300:].query("kind == 'bargain'")["listing_id"].iloc[0]
    done = call("check", city.new, "--model", city.model, "--id", bargain)
    assert done.exit_code == 0, done.output
    assert bargain in done.stdout
    aside = named(city, "it has no usable price")[0]
    told = call("check", city.listings, "--model", city.model, "--id", aside, "--lang", "es")
    assert (told.exit_code, "fue apartado antes de estimar nada" in told.stdout) == (0, True)


def test_a_filter_that_matches_nothing_says_so_and_still_writes_its_report(city, call, tmp_path):
    outputs = [word for name in ("none.csv", "none.xlsx", "none.html", "none.json") for word in ("-o", tmp_path / name)]
    done = call("find", city.new, "--model", city.model, "--where", "estrato = 1 and area_m2 > 590", *outputs)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    assert "No listing matches the filter: estrato = 1 and area_m2 > 590" in done.stdout
    assert len(pd.read_csv(tmp_path / "none.csv")) == 0
    assert json.loads((tmp_path / "none.json").read_text(encoding="utf-8"))["bargains"] == []


def test_a_filter_keeps_only_what_it_says(city, call):
    done = call("find", city.new, "--model", city.model, "--where", "tipo = 'Casa'", "--json", "--all")
    record = json.loads(done.stdout)
    assert {row["tipo"] for row in record["listings"]} == {"Casa"}
    assert record["where"] == "tipo = 'Casa'"


def test_without_a_market_file_perla_guesses_and_says_how_to_correct_it(city, call):
    done = call("find", city.listings, "-n", 2)
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    assert "perla guessed what the columns mean; the price is precio (COP)" in text
    assert "perla init" in text


def test_new_listings_may_lack_a_column_and_a_note_says_which(city, call, tmp_path):
    pd.read_csv(city.new, dtype=str).drop(columns=["antiguedad"]).to_csv(tmp_path / "fewer.csv", index=False)
    done = call("find", tmp_path / "fewer.csv", "--model", city.model)
    assert done.exit_code == 0, done.output
    assert "lack count as missing: antiguedad" in " ".join(done.stdout.split())


def test_the_demo_reveals_the_truth_and_works_again(call, tmp_path):
    folder = tmp_path / "deep" / "demo"
    first = call("demo", "-o", folder, "--listings", 300, "--seed", 3)
    assert (first.exit_code, first.stderr) == (0, ""), first.output
    made = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    assert set(made) == {"listings.csv", "market.toml", "pearls.xlsx", "pearls.html", "scores.csv"}
    assert all(f"{folder / name}" in first.stdout for name in made)
    assert f"perla serve --home {folder / 'home'}" in first.stdout
    assert load_edition(folder / "home", "simulated", 1).market.simulated
    assert "SIMULATED" in first.stdout
    assert re.search(r"of the \d+ shown were planted bargains", first.stdout)
    assert "the price lacks a zero -> suspicious" in first.stdout
    again = call("demo", "-o", folder, "--listings", 300, "--seed", 3, "--lang", "es")
    assert again.exit_code == 0, again.output
    assert "La verdad, conocida porque el mercado es simulado" in again.stdout
    assert (folder / "listings.csv").read_bytes() == made["listings.csv"]


def test_stopping_while_a_report_is_made_leaves_nothing(city, call, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(csv_table, "render", stopped)
    done = call("find", city.new, "--model", city.model, "-o", tmp_path / "a.json", "-o", tmp_path / "b.csv")
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr == "perla: stopped; nothing was left half written\n"
    assert list(tmp_path.iterdir()) == []


def test_the_card_of_a_model_can_be_read_by_a_person(city):
    from perla.bargains.findings import ModelCard

    card = json.loads((city.model / "card.json").read_text(encoding="utf-8"))
    assert set(card) == {f.name for f in fields(ModelCard)}
    assert card["market"] == "simulated"
    assert card["simulated"] is True
