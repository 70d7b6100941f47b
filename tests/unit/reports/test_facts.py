from dataclasses import replace

import pandas as pd
import pytest

from perla.listings.market import Column, Kind
from perla.listings.reasons import kind_of
from perla.reports.facts import found, is_year, suspicious_rows, typing_errors, written
from perla.reports.naming import identity


def named(findings, **categories):
    """The findings with these categories alone, each a list of 60 values."""
    kept = tuple(c for c in findings.listings.market.columns if c.kind is not Kind.CATEGORY)
    market = replace(findings.listings.market, columns=(*(Column(n, Kind.CATEGORY) for n in categories), *kept))
    frames = [f.assign(**{n: pd.Series(v, dtype="str") for n, v in categories.items()})
              for f in (findings.listings.values, findings.listings.original)]  # fmt: skip
    listings = replace(findings.listings, market=market, values=frames[0], original=frames[1])
    return replace(findings, listings=listings)


def identity_of(findings, row=0):
    return identity(findings, findings.listings.original.loc[row].to_dict()).en


def test_a_make_that_its_model_implies_comes_before_the_model(findings):
    models = [f"Model{i % 15:02d}" for i in range(60)]
    makes = [("Audi", "Opel", "Seat")[int(m[5:]) // 5] for m in models]
    gearboxes = ["Automatic", "Manual"] * 30
    assert identity_of(named(findings, gearbox=gearboxes, model=models, maker=makes)).startswith("Audi Model00 · ")


def test_a_home_is_named_by_its_neighbourhood_before_its_kind(findings):
    places = [f"Barrio {i % 20}" for i in range(60)]
    homes = named(findings, kind=["Casa", "Apartamento", "Finca"] * 20, place=places)
    assert identity_of(homes).startswith("Barrio 0 · Casa · 44 m²")


def test_a_name_that_is_part_of_another_is_said_once(findings):
    long = [f"Maker{i % 30}:Model with a very long name:{i}" for i in range(60)]
    cars = named(findings, trim=long, model=[t.rsplit(":", 1)[0] for t in long])
    assert identity_of(cars).count("Maker0") == 1


def test_coded_lists_are_no_names(findings):
    coded = named(findings, quality=[str(i % 7) for i in range(60)])
    assert identity_of(coded).startswith("44 m²")


@pytest.mark.parametrize(
    ("value", "told"), [(2012.0, "2012"), ("2012", "2012"), (1.5, "1.5"), ("about 2012", "about 2012")]
)
def test_a_year_has_no_thousands_separator(value, told):
    assert written(Column("built_year", Kind.COUNT), value, "COP").en == told


def test_an_amount_in_the_market_s_currency_is_written_as_money():
    assert written(Column("fee", Kind.QUANTITY, "COP"), "158000", "COP").es == "$ 158.000"


def test_only_a_column_named_like_a_year_holds_years():
    assert is_year(Column("año", Kind.COUNT), 1999)
    assert not is_year(Column("area", Kind.QUANTITY, "m2"), 1999)


def test_reasons_that_differ_in_figures_or_quotes_are_one_kind():
    assert kind_of("the same as row 513") == kind_of("the same as row 7")
    assert kind_of("no price ('ask')") == kind_of("no price ('other words')") == "no price"


def test_a_headline_that_names_the_make_knows_better_than_the_model_column(findings):
    headlines = [f"Opel Corsa {i} Edition" for i in range(60)]
    cars = named(findings, make=["Opel"] * 60, model=["5"] * 60)
    market = replace(cars.listings.market, columns=(*cars.listings.market.columns, Column("title", Kind.TEXT)))
    listings = replace(cars.listings, market=market, original=cars.listings.original.assign(title=headlines))
    assert identity_of(replace(cars, listings=listings), 3).startswith("Opel Corsa 3 Edition")


def test_a_decimal_comma_is_read_only_where_it_cannot_mean_thousands():
    area = Column("area", Kind.QUANTITY, "m2")
    assert written(area, "97,5", "COP").en == "97.5 m²"
    assert written(area, "97,500", "COP").en == "97,500"


def test_a_list_with_few_false_bargains_says_how_few(findings):
    count = len(findings.bargains)
    listed = replace(findings, fdr=0.1, discovered=count)
    assert found(listed).en == f"{count} bargains; at most 1 in 10 of those shown is expected to be no bargain"
    assert "a lo sumo 1 de cada 10" in found(listed).es
    assert found(replace(listed, discovered=count + 200)).en.startswith(f"The best {count} of {count + 200} bargains; ")
    assert "at most 15 % of" in found(replace(listed, fdr=0.15)).en.replace("\u202f", " ").replace("\u00a0", " ")


def test_an_empty_list_with_few_false_bargains_says_so(findings):
    empty = found(replace(findings, bargains=(), fdr=0.05, discovered=0))
    assert empty.en.startswith("No bargain found: nothing here stands out") and "1 in 20" in empty.en
    assert empty.es.startswith("No hay perlas") and "1 de cada 20" in empty.es


def test_typing_errors_are_counted_with_those_set_aside_and_none_is_no_line(findings):
    told = findings.table[findings.table["error_column"] != ""]
    meant = replace(findings.listings.rejected[0], error_column="asking", probable_value=4e8)
    listings = replace(findings.listings, rejected=(meant, *findings.listings.rejected[1:]))
    line = typing_errors(replace(findings, listings=listings), most=1)
    assert line is not None and f": {len(told) + 1} (" in line.es and line.en.endswith("; ...)")
    assert told["listing_id"].iloc[0] in line.en
    nothing = findings.table.assign(error_column="")
    assert typing_errors(replace(findings, table=nothing)) is None


def test_suspicious_listings_with_a_mistyped_number_come_first(findings):
    table = findings.table.copy()
    places = table.index[table["error_column"] != ""]
    table.loc[places[0], "error_column"] = ""
    rows = suspicious_rows(replace(findings, table=table))
    assert rows.index[-1] == places[0] and set(rows.index) == set(places)


def test_rows_set_aside_are_counted_by_what_is_wrong_whatever_was_probably_meant():
    told = "price £ 1,100: below the plausible (£ 9,000); probably £ 11,000"
    assert kind_of(told) == "price below the plausible"
