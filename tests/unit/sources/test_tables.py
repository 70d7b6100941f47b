"""Reading tables: whatever people save, with every bad row set aside and every unusable file refused in one line."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perla.errors import FileError, InputError, PerlaError
from perla.sources import delimited, files, part, read_tables, workbooks

HOMES = "price,barrio,area\n100,Laureles,60\n200,Belén,75.5\n"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_any_delimiter_and_encoding_reads_alike(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = write(tmp_path, "homes.csv", HOMES.replace(",", delimiter).encode(encoding))
    table = read_tables([path])
    assert table.frame.columns.tolist() == ["price", "barrio", "area"]
    assert table.frame["barrio"].tolist() == ["Laureles", "Belén"]
    assert table.frame["area"].tolist() == [60, 75.5]
    assert table.files[0].delimiter == delimiter
    assert table.rejected == ()


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "price;area;fee\n1,5;2,5;3,5\n1,7;3,1;4,25\n1,9;3,2;5,5\n")
    assert read_tables([path]).frame["area"].tolist() == ["2,5", "3,1", "3,2"]


def test_quoted_line_breaks_delimiters_and_quotes_stay_in_their_cell(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'price,ad\n1,"two\nlines, and ""quotes"""\n2,plain\n')
    table = read_tables([path])
    assert table.frame["ad"].tolist() == ['two\nlines, and "quotes"', "plain"]


def test_rows_with_too_many_or_too_few_cells_are_set_aside_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "price,area\n1,10\n2\n3,30\n4,40,99\n5,50\n")
    table = read_tables([path])
    assert table.frame["price"].tolist() == [1, 3, 5]
    assert [(r.row, r.source, r.reason.en, r.reason.es) for r in table.rejected] == [
        (2, "a.csv", "the row has 1 cells and the header 2", "la fila tiene 1 celdas y el encabezado 2"),
        (4, "a.csv", "the row has 3 cells and the header 2", "la fila tiene 3 celdas y el encabezado 2"),
    ]
    assert table.rejected_original["price"].tolist() == ["2", "4"]
    assert table.files[0].rows == 5


def test_rows_of_several_files_are_counted_through(tmp_path: Path) -> None:
    one = write(tmp_path, "one.csv", "price,area\n1,10\n2,20\n")
    two = write(tmp_path, "two.csv", "price,area\n3\n4,40\n")
    table = read_tables([one, two])
    assert [(r.row, r.source) for r in table.rejected] == [(3, "two.csv")]
    assert table.origin.tolist() == ["one.csv", "one.csv", "two.csv"]


def test_an_unclosed_quotation_mark_sets_its_row_aside_and_says_what_it_swallowed(tmp_path: Path) -> None:
    table = read_tables([write(tmp_path, "a.csv", 'price,ad\n1,fine\n2,"never closed\n3,lost\n4,lost\n')])
    assert table.frame["price"].tolist() == [1]
    assert len(table.rejected) == 1
    assert "never closed" in table.rejected[0].reason.en


def test_codes_and_long_ids_keep_every_digit(tmp_path: Path) -> None:
    text = "zip,vin,asset,price\n01801,12345678901234567890,9651535568269959084,1\n98101,2,3,2\n"
    frame = read_tables([write(tmp_path, "a.csv", text)]).frame
    assert frame["zip"].tolist() == ["01801", "98101"]
    assert frame["vin"].tolist() == ["12345678901234567890", "2"]
    assert frame["asset"].tolist()[0] == "9651535568269959084"
    assert frame["price"].dtype == "int64"


def test_whole_numbers_with_gaps_stay_whole_and_perhaps_thousands_stay_text(tmp_path: Path) -> None:
    frame = read_tables([write(tmp_path, "a.csv", "price,km,area\n1,1.228,5\n2,2.450,\n")]).frame
    assert frame["km"].tolist() == ["1.228", "2.450"]
    assert frame["area"].tolist() == [5, pd.NA]


def test_untrusted_text_comes_through_unharmed(tmp_path: Path) -> None:
    texts = ["=cmd()|' /C calc'!A0", "<script>alert(1)</script>", "casa 😀", "\u202eabc\u200f"]
    path = write(tmp_path, "a.csv", "price,ad\n" + "".join(f'{i},"{t}"\n' for i, t in enumerate(texts)))
    assert read_tables([path]).frame["ad"].tolist() == texts


def test_a_title_above_the_header_and_excels_sep_line_are_skipped(tmp_path: Path) -> None:
    table = read_tables([write(tmp_path, "a.csv", "Report of May\n\nprice,area,rooms\n1,2,3\n4,5,6\n")])
    assert table.frame["area"].tolist() == [2, 5]
    assert "skipped 1 line" in table.notes[0].en
    assert read_tables([write(tmp_path, "b.csv", "sep=|\nprice|area\n1|2\n")]).frame["area"].tolist() == [2]


def test_a_column_that_only_counts_the_rows_is_left_out_with_a_note(tmp_path: Path) -> None:
    for name, header in (("a.csv", ",price"), ("b.csv", "Unnamed: 0,price"), ("c.csv", "price")):
        table = read_tables([write(tmp_path, name, f"{header}\n0,10\n1,11\n2,12\n")])
        assert table.frame.columns.tolist() == ["price"]
        assert table.frame["price"].tolist() == [10, 11, 12]
        assert "only counts the rows" in table.notes[0].en


def test_a_column_that_stands_twice_is_kept_once_if_equal_and_refused_if_not(tmp_path: Path) -> None:
    table = read_tables([write(tmp_path, "a.csv", "price,area, price\n1,5,1\n2,6,2\n")])
    assert table.frame.columns.tolist() == ["price", "area"]
    assert "'price' stands 2 times" in table.notes[0].en
    with pytest.raises(InputError, match="'price' stands 2 times with different values"):
        read_tables([write(tmp_path, "b.csv", "price,area,price\n1,5,9\n2,6,8\n")])


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv.gz", gzip.compress(HOMES.encode()))
    assert len(read_tables([path]).frame) == 2


def test_workbooks_give_the_first_sheet_with_a_table(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    homes = pd.DataFrame(
        {"price": [1e6, 2e6], "area": [60.5, 70], "id": [7129300520, 1], "day": pd.Timestamp("2024-02-01")}
    )
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame().to_excel(book, sheet_name="cover")
        homes.to_excel(book, sheet_name="homes", index=False, startrow=2)
        pd.DataFrame({"x": [1], "y": [2]}).to_excel(book, sheet_name="other", index=False)
    table = read_tables([path])
    assert table.frame["price"].tolist() == [1_000_000, 2_000_000]
    assert table.frame["id"].tolist() == [7129300520, 1]
    assert str(table.frame["day"].dtype).startswith("datetime64")
    assert "other" in table.notes[0].en


def test_parquet_keeps_types_and_flattens_what_is_nested(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame({
        "price": [1.5, 2], "rooms": pd.array([1, None], dtype="Int32"), "kind": pd.Categorical(["a", "b"]),
        "place": [{"city": "Cali"}, {"city": "Buga"}], "tags": [["x", "y"], []],
    })  # fmt: skip
    frame.to_parquet(path)
    read = read_tables([path]).frame
    assert read["rooms"].tolist() == [1, pd.NA]
    assert read["kind"].tolist() == ["a", "b"]
    assert read["place.city"].tolist() == ["Cali", "Buga"]
    assert read["tags"].tolist() == ["x, y", ""]


def test_json_lines_arrays_and_wrapped_arrays_read_alike(tmp_path: Path) -> None:
    rows = [{"price": 1, "place": {"city": "Cali"}, "tags": ["x", "y"]}, {"price": 2.5, "place": {"city": "Buga"}}]
    lines = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    array = write(tmp_path, "b.json", json.dumps(rows))
    wrapped = write(tmp_path, "c.json", json.dumps({"total": 2, "results": rows}))
    for path in (lines, array, wrapped):
        frame = read_tables([path]).frame
        assert frame["price"].tolist() == [1, 2.5]
        assert frame["place.city"].tolist() == ["Cali", "Buga"]
        assert frame["tags"].tolist()[0] == "x, y"


def test_a_broken_json_line_is_set_aside(tmp_path: Path) -> None:
    table = read_tables([write(tmp_path, "a.jsonl", '{"price": 1}\n{"price": \n{"price": NaN}\n')])
    assert table.frame["price"].isna().tolist() == [False, True]
    assert [r.row for r in table.rejected] == [2]


def test_json_nested_without_end_is_refused_or_read_but_never_crashes(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_tables([write(tmp_path, "a.json", "[" * 100_000)])
    deep = json.loads('{"a":' * 50 + "1" + "}" * 50)
    assert read_tables([write(tmp_path, "b.json", json.dumps([{"price": 1, "x": deep}]))]).frame["price"].tolist() == [
        1
    ]


def test_a_folder_gives_its_tables_and_notes_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "b.csv", "price,area\n1,2\n")
    write(tmp_path, "A.csv", "price,Area \n3,4\n")
    write(tmp_path, "README.md", "# read me")
    table = read_tables([tmp_path])
    assert [f.name for f in table.files] == ["A.csv", "b.csv"]
    assert any("README.md" in n.en for n in table.notes)
    assert table.frame[["price", "Area", "file"]].values.tolist() == [[3, 4, "A"], [1, 2, "b"]]


def test_files_that_a_column_tells_apart_get_no_file_column(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "price,make\n1,Audi\n2,Audi\n")
    write(tmp_path, "b.csv", "price,make\n3,BMW\n4,BMW\n")
    assert read_tables([tmp_path]).frame.columns.tolist() == ["price", "make"]


def test_near_same_columns_are_one_unless_their_units_differ(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "price,tax,rooms,baths,area (m2)\n1,20,3,2,50\n")
    write(tmp_path, "b.csv", "Price , tax(£),rooms,baths,area (ft2)\n2,30,3,2,600\n")
    table = read_tables([tmp_path])
    assert table.frame.columns.tolist() == ["price", "tax", "rooms", "baths", "area (m2)", "area (ft2)", "file"]
    assert table.frame["tax"].tolist() == [20, 30]
    assert "'tax(£)' was taken for 'tax'" in " ".join(n.en for n in table.notes)


def test_a_column_of_numbers_here_and_text_there_keeps_both(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "price,area\n1,170.0\n")
    write(tmp_path, "b.csv", 'price,area\n2,"12,5 m²"\n')
    assert read_tables([tmp_path]).frame["area"].tolist() == [170.0, "12,5 m²"]


def test_tables_of_different_kinds_are_not_mixed(tmp_path: Path) -> None:
    write(tmp_path, "homes.csv", HOMES)
    write(tmp_path, "visits.csv", "day,visitor,price\n1,x,2\n")
    with pytest.raises(InputError, match=r"homes.csv and visits.csv do not hold the same kind of table: only 1 of 3"):
        read_tables([tmp_path])


def test_the_digest_depends_on_content_alone(tmp_path: Path) -> None:
    one, two = write(tmp_path, "a.csv", HOMES), write(tmp_path, "b.csv", HOMES.replace("100", "101"))
    copy = write(tmp_path, "c.csv", HOMES)
    assert read_tables([one]).digest == read_tables([copy]).digest != read_tables([two]).digest
    assert read_tables([one, two]).digest == read_tables([two, one]).digest


def test_a_table_of_a_header_one_column_or_three_rows_is_read(tmp_path: Path) -> None:
    assert read_tables([write(tmp_path, "a.csv", "price,area\n")]).frame.shape == (0, 2)
    assert read_tables([write(tmp_path, "b.csv", "price\n1\n2\n3\n")]).frame["price"].tolist() == [1, 2, 3]
    assert read_tables([write(tmp_path, "c.csv", "price\n")]).frame.shape == (0, 1)


def test_300_columns_and_100_000_distinct_words_are_read(tmp_path: Path) -> None:
    wide = pd.DataFrame(np.arange(3000).reshape(10, 300), columns=[f"c{i}" for i in range(300)])
    wide.to_csv(tmp_path / "wide.csv", index=False)
    assert read_tables([tmp_path / "wide.csv"]).frame.shape == (10, 300)
    write(tmp_path, "long.csv", "word\n" + "\n".join(f"w{i}" for i in range(100_000)))
    assert read_tables([tmp_path / "long.csv"]).frame["word"].nunique() == 100_000


def test_a_missing_file_is_named_with_the_closest_one(tmp_path: Path) -> None:
    write(tmp_path, "homes.csv", HOMES)
    with pytest.raises(FileError, match=r"no file or folder .*hoems.csv. Did you mean .*homes.csv"):
        read_tables([tmp_path / "hoems.csv"])
    with pytest.raises(FileError, match="no file or folder"):
        read_tables([tmp_path / "nowhere" / "x.csv"])


def _truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _workbook() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"price": range(500)}).to_excel(stream, index=False, engine="openpyxl")
    return stream.getvalue()


def _parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"price": range(500)}).to_parquet(stream)
    return stream.getvalue()


def _zip_of_nothing() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n \n\n", "is empty"),
        ("mark.csv", b"\xef\xbb\xbf", "is empty"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "not a table"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x00\x01\x02", "not a table"),
        ("cut.csv.gz", _truncated(gzip.compress(HOMES.encode() * 99, mtime=0)), "truncated"),
        ("cut.parquet", _truncated(_parquet()), "Parquet"),
        ("none.parquet", b"price,area\n1,2\n", "Parquet"),
        ("cut.xlsx", _truncated(_workbook()), "workbook"),
        ("zip.xlsx", _zip_of_nothing(), "workbook"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "workbook"),
        ("a.json", b'{"price": ', "JSON"),
        ("b.json", b"[1, 2, 3]", "JSON"),
        ("page.csv", b"<!DOCTYPE html><html><body>blocked</body></html>", "web page"),
        ("bare.csv", b"100,60,3\n200,70,4\n", "column names"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line_that_names_it(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(PerlaError) as caught:
        read_tables([write(tmp_path, name, content)])
    for message in (caught.value.text("en"), caught.value.text("es")):
        assert name in message
        assert "\n" not in message
    assert says in caught.value.text("en")


def test_every_truncation_of_a_file_is_read_or_refused_but_never_crashes(tmp_path: Path) -> None:
    for name, whole in (
        ("a.parquet", _parquet()),
        ("a.xlsx", _workbook()),
        ("a.csv.gz", gzip.compress(HOMES.encode(), mtime=0)),
    ):
        for end in range(1, len(whole), max(len(whole) // 12, 1)):
            try:
                read_tables([write(tmp_path, name, whole[:end])])
            except PerlaError as error:
                assert name in error.text("en")


def test_files_beyond_the_limits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = write(tmp_path, "bomb.csv.gz", gzip.compress(b"price\n" + b"1\n" * 5_000, mtime=0))
    book = write(tmp_path, "bomb.xlsx", _workbook())
    for module in (files, workbooks):
        monkeypatch.setattr(module, "MAX_BYTES", 4_000)
    with pytest.raises(InputError, match=r"bomb.csv.gz holds more than"):
        read_tables([bomb])
    monkeypatch.setattr(files, "MAX_BYTES", 10**9)
    with pytest.raises(InputError, match=r"bomb.xlsx unpacks to"):
        read_tables([book])
    monkeypatch.setattr(part, "MAX_COLUMNS", 2)
    with pytest.raises(InputError, match="has 3 columns and perla reads at most 2"):
        read_tables([write(tmp_path, "wide.csv", HOMES)])


def test_an_empty_folder_and_no_path_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no table"):
        read_tables([tmp_path])
    with pytest.raises(InputError, match="at least one file"):
        read_tables([])


@pytest.mark.parametrize(
    ("text", "delimiter"), [("price\n1\n", ","), ("a b;c\n1;2\n", ";"), ('"a,b"|c\n"1,2"|3\n', "|")]
)
def test_the_delimiter_is_told_from_few_lines(text: str, delimiter: str) -> None:
    assert delimited.sniff_delimiter(text) == delimiter


_CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
_TABLES = st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=2, max_size=12)
_REPEATED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_REPEATED
@given(rows=_TABLES)
def test_no_row_is_lost_between_the_file_and_the_table(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    pd.DataFrame(rows, columns=["price", "ad", "more"]).to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    table = read_tables([tmp_path / "a.csv"])
    assert len(table.frame) + len(table.rejected) == table.files[0].rows == len(rows)


@_REPEATED
@given(content=st.one_of(st.binary(max_size=300), st.text("ab1,;\t|\"\n\r'. ", max_size=200).map(str.encode)))
def test_any_bytes_give_a_table_or_one_line_of_refusal(tmp_path: Path, content: bytes) -> None:
    for name in ("a.csv", "a.json", "a.xlsx", "a.parquet"):
        try:
            table = read_tables([write(tmp_path, name, content)])
        except PerlaError as error:
            assert name in error.text("es")
        else:
            assert table.frame.columns.is_unique
