import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd

from perla.bargains.findings import RESULT_COLUMNS
from perla.reports import csv_table, json_record, parquet_table
from perla.reports.rows import listing_rows


def read_csv(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def test_without_all_rows_only_the_bargains_are_there_best_first(findings):
    rows = listing_rows(findings, "en", all_rows=False)
    assert list(rows["listing_id"]) == [b.listing_id for b in findings.bargains]


def test_all_rows_hold_every_listing_in_order_and_every_set_aside_row_at_the_end(findings):
    rows = listing_rows(findings, "en", all_rows=True)
    assert list(rows["listing_id"])[:60] == list(findings.table["listing_id"])
    assert list(rows["verdict"])[60:] == ["not rated", "not rated"]
    assert rows["reasons"].iloc[60] == "set aside: the price is missing"


def test_the_columns_are_the_results_then_the_originals_with_a_suffix_where_names_clash(findings):
    rows = listing_rows(findings, "en", all_rows=True)
    width = len(RESULT_COLUMNS)
    assert tuple(rows.columns[:width]) == RESULT_COLUMNS
    assert list(rows.columns[width:]) == [*findings.listings.original.columns[:-1], "score_original"]


def test_a_clash_with_a_column_that_already_has_the_suffix_still_gives_unique_names(findings):
    original = findings.listings.original.assign(score_original="x")
    listings = replace(findings.listings, original=original)
    rows = listing_rows(replace(findings, listings=listings), "en", all_rows=True)
    assert rows.columns.is_unique


def test_the_csv_holds_no_cell_that_a_spreadsheet_would_run(findings):
    rows = read_csv(csv_table.render(findings, "en", all_rows=True))
    cells = rows.to_numpy().ravel()
    risky = [c for c in cells if c[:1] in tuple("=+@\t\r") or (c[:1] == "-" and not c[1:].replace(".", "").isdigit())]
    assert risky == []
    assert rows["ad"].iloc[0] == "'=cmd|' /C calc'!A0"


def test_negative_number_strings_stay_numbers_in_csv(findings):
    assert read_csv(csv_table.render(findings, "en", all_rows=True))["score_original"].iloc[3] == "-3"


def test_a_column_named_like_a_formula_is_guarded_too(findings):
    original = findings.listings.original.rename(columns={"lift": "=lift()"})
    listings = replace(findings.listings, original=original, rejected=())
    assert "'=lift()" in read_csv(csv_table.render(replace(findings, listings=listings), "en", all_rows=True))


def test_the_csv_has_no_byte_order_mark_and_keeps_quoted_newlines(findings):
    original = findings.listings.original.assign(ad="one\ntwo, three\r\nfour")
    content = csv_table.render(replace(findings, listings=replace(findings.listings, original=original)), "en")
    assert content.startswith(b"listing_id,")
    assert read_csv(content)["ad"].iloc[0].splitlines() == ["one", "two, three", "four"]


def test_parquet_keeps_types_and_takes_mixed_columns(findings):
    mixed = pd.Series([1, "two", None, 3.5, "\ud800"] * 12, dtype=object)
    listings = replace(findings.listings, original=findings.listings.original.assign(mixed=mixed))
    rows = pd.read_parquet(io.BytesIO(parquet_table.render(replace(findings, listings=listings), "es", all_rows=True)))
    assert rows["asking_price"].dtype == np.float64
    assert rows["rank"].dtype == "Int64"
    assert list(rows["mixed"].iloc[:2]) == ["1", "two"]


def test_json_has_the_whole_proof_and_no_nan(findings):
    table = findings.table.copy()
    table.loc[3, "expected_price"] = np.nan
    card = replace(findings.card, coverage=float("nan"))
    text = json_record.render(replace(findings, table=table, card=card), "en", all_rows=True).decode("utf-8")
    record = json.loads(text, parse_constant=lambda name: (_ for _ in ()).throw(AssertionError(name)))
    assert record["simulated"] is True
    assert record["card"]["coverage"] is None
    assert len(record["bargains"][0]["comparables"]) == 5
    assert record["bargains"][0]["comparables"][0]["differences"][0]["column"] == "area_m2"
    assert record["rejected"] == {"count": 2, "by_reason": {"the price is missing": 1, "the price is zero": 1}}
    assert record["listings"][3]["expected_price"] is None
    assert len(record["listings"]) == 62


def test_verdict_words_stay_english_codes_while_reasons_follow_the_language(findings):
    rows = listing_rows(findings, "es", all_rows=True)
    assert rows["verdict"].iloc[0] == "great"
    assert rows["reasons"].iloc[0] == "38 % por debajo de lo que debería costar"
