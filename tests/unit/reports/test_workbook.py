import io
from dataclasses import replace

import openpyxl
import pytest

from perla.reports import workbook
from perla.reports.workbook.book import money_format


@pytest.fixture(scope="module")
def book(findings):
    return openpyxl.load_workbook(io.BytesIO(workbook.render(findings, "en", True, "2026-01-31")))


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def row_of(sheet, words):
    return next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == words)


def test_the_sheets_are_bargains_one_per_bargain_set_aside_model_and_all_listings(book):
    proofs = [f"{i + 1} SIM-{i:04d}" for i in range(7)]
    assert book.sheetnames == ["Bargains", *proofs, "Set aside", "Model", "All listings"]


def test_no_text_of_a_listing_becomes_a_formula(book):
    hostile = [c for c in cells(book) if str(c.value).startswith(("=", "+", "@"))]
    assert len(hostile) > 5
    assert {c.data_type for c in hostile} == {"s"}
    assert not [c for c in cells(book) if c.data_type == "f"]


def test_only_web_links_and_sheets_of_the_book_are_linked(book):
    links = [c.hyperlink for c in cells(book) if c.hyperlink is not None]
    assert all(h.target is None or h.target.startswith("https://example.org/") for h in links)
    assert all(h.location.partition("!")[0].strip("'") in book.sheetnames for h in links if h.location and not h.target)
    assert not [c for c in cells(book) if c.hyperlink and "javascript" in str(c.hyperlink.target)]


def test_the_subject_stands_directly_under_the_header_and_its_comparables_beneath(book, findings):
    sheet = book["1 SIM-0000"]
    header = row_of(sheet, "Listing")
    bargain = findings.bargains[0]
    ids = [sheet.cell(header + k, 1).value for k in range(1, 7)]
    assert ids == [bargain.listing_id, *(c.listing_id for c in bargain.comparables)]
    assert sheet.cell(header + 1, 2).value == bargain.asking_price
    assert [c.value for c in sheet[header]][:5] == ["Listing", "Asking price", "Adjusted price", "Similarity", "Link"]


def test_a_cell_that_differs_from_the_subject_is_highlighted_and_an_equal_one_is_not(book):
    sheet = book["1 SIM-0000"]
    header = row_of(sheet, "Listing")
    titles = [c.value for c in sheet[header]]
    area, place = titles.index("Area (m²)") + 1, titles.index("Neighbourhood") + 1
    subject = sheet.cell(header + 1, place).value
    for row in range(header + 2, header + 7):
        assert sheet.cell(row, area).fill.fgColor.rgb == "FFFFF3C9"
        highlighted = sheet.cell(row, place).fill.fgColor.rgb == "FFFFF3C9"
        assert highlighted == (sheet.cell(row, place).value != subject)


def test_prices_are_numbers_in_the_market_s_currency(book):
    sheet = book["Bargains"]
    header = row_of(sheet, "Rank")
    cell = sheet.cell(header + 1, 5)
    assert cell.data_type == "n"
    assert cell.number_format == money_format("COP", "en") == '"COP "#,##0'
    assert sheet.freeze_panes == f"C{header + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{header}:")


def test_every_sheet_is_labelled_as_simulated_and_real_ones_are_not(book, findings, simulation):
    for sheet in book:
        assert sheet["A1"].value.startswith("SIMULATED DATA")
        assert "SIMULATED DATA" in sheet.oddHeader.left.text
    real = workbook.render(simulation.without_simulation(findings), "en")
    assert not [c for c in cells(openpyxl.load_workbook(io.BytesIO(real))) if "SIMULATED" in str(c.value)]


def test_the_model_sheet_has_error_baseline_coverage_version_and_date(book):
    told = {row[0].value: row[1].value for row in book["Model"].iter_rows() if row[0].value}
    assert told["Blend of models"] == 0.083
    assert told["Hedonic regression (baseline)"] == 0.121
    assert told["Prices inside their 90 % interval"] == 0.903
    assert told["price_m2"] == "price divided by area"
    assert told["Made on"] == "2026-01-31"


def test_the_set_aside_sheet_starts_with_the_counts(book):
    sheet = book["Set aside"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows(max_row=20) if row[1].value is not None}
    assert told["suspicious"] == 1
    assert told["Rows that could not be used"] == 2
    assert any(row[3].value == "the price is zero" for row in sheet.iter_rows())


def test_ids_that_no_sheet_can_be_named_after_still_get_a_sheet_each(findings):
    names = ["[a]:*?/\\'", "Bargains", "history", "x" * 60, "x" * 60]
    bargains = tuple(replace(b, listing_id=n, rank=1) for b, n in zip(findings.bargains, names, strict=False))
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(replace(findings, bargains=bargains), "en")))
    assert len(book.sheetnames) == 5 + 3
    assert len({n.casefold() for n in book.sheetnames}) == 8
    assert max(map(len, book.sheetnames)) == 31


def test_a_very_long_text_is_cut_and_not_lost(findings):
    original = findings.listings.original.assign(ad="long " * 20_000)
    listings = replace(findings.listings, original=original)
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(replace(findings, listings=listings), "en", True)))
    assert max(len(str(c.value)) for c in cells(book)) > 30_000
