"""What the service says of a listing equals what ``perla check`` says of it."""

import json
import math
from typing import Any

import pytest

SAID_APART = {"market", "currency", "verdict_text", "priced", "set_aside", "doubts", "rank"}
NOT_SENT = {"row", "rank", "counterfactuals", "original"}


def ask(client, *listings, lang: str = "en", **more) -> dict[str, Any]:
    body = {"market": "simulated", "listings": list(listings), **more}
    answer = client.post(f"/v1/estimates?lang={lang}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def alike(one: Any, other: Any) -> bool:
    """Equal; numbers but for the last digits, which depend on how many listings a network judges at once."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return bool(one == other)


@pytest.mark.parametrize(("place", "lang"), [(0, "en"), (7, "es"), (23, "en")])
def test_an_estimate_equals_what_perla_check_says_of_the_same_listing(client, city, call, new_rows, place, lang):
    row = new_rows[place]
    said = call("check", city.new, "--id", row["id"], "--model", city.model, "--json", "-q", "--lang", lang)
    assert said.exit_code == 0, said.output
    checked = {name: value for name, value in json.loads(said.stdout).items() if name not in NOT_SENT}
    (sent,) = ask(client, row, lang=lang)["estimates"]
    assert (sent.pop("counterfactuals"), sent.pop("original")) == ([], row)
    sent = {name: value for name, value in sent.items() if name not in SAID_APART}
    assert sent.keys() == checked.keys()
    assert {name for name in checked if not alike(checked[name], sent[name])} == set()
    for name in ("asking_price", "expected_price", "low", "high"):
        assert sent[name] == pytest.approx(checked[name], rel=1e-9)


def test_a_listing_that_check_sets_aside_is_set_aside_with_the_same_reason(client, city, call, new_rows, tmp_path):
    bad = new_rows[0] | {"precio": "consultar"}
    path = tmp_path / "both.json"
    path.write_text(json.dumps([bad, new_rows[1]]), encoding="utf-8")
    said = call("check", path, "--id", bad["id"], "--model", city.model, "--json", "-q")
    first, second = ask(client, bad, new_rows[1])["estimates"]
    assert first == {"set_aside": json.loads(said.stdout)["reason"], "priced": True}
    assert second["listing_id"] == new_rows[1]["id"] and second["set_aside"] is None


def test_cells_stand_as_people_write_them(client, new_rows):
    row = {k: v for k, v in new_rows[3].items() if k not in ("id", "enlace", "descripcion")}
    area = float(row["area_m2"].removesuffix(" m²").replace(",", "."))
    price = float(row["precio"].replace(".", "").replace("$", ""))
    plain = row | {"area_m2": area, "precio": price, "administracion": None, "parqueaderos": 1}
    written = row | {
        "area_m2": f"{area:g} m2".replace(".", ","), "precio": "$ " + f"{price:,.0f}".replace(",", "."),
        "administracion": "", "barrio": f" {row['barrio'].upper()}", "parqueaderos": " 1 ",
    }  # fmt: skip
    first, second = (ask(client, cells)["estimates"][0] for cells in (plain, written))
    assert second["asking_price"] == price
    assert first["expected_price"] == pytest.approx(second["expected_price"], rel=1e-9)


def test_the_same_listing_twice_gets_the_same_estimate_twice(client, new_rows):
    row = {name: cell for name, cell in new_rows[6].items() if name != "id"}
    first, second = ask(client, row, row)["estimates"]
    assert (first.pop("listing_id"), second.pop("listing_id")) == ("1", "2")
    assert first == second


def test_a_column_is_found_by_its_label_too(client, new_rows):
    row = dict(new_rows[2])
    named = {("Área" if name == "area_m2" else name): cell for name, cell in row.items()}
    assert ask(client, row) == ask(client, named)


def test_without_a_price_it_says_what_should_be_asked_and_nothing_of_a_verdict(client, new_rows):
    row = new_rows[5]
    priced, bare, empty = ask(
        client, row, {k: v for k, v in row.items() if k != "precio"}, row | {"precio": " "}
    )["estimates"]  # fmt: skip
    for told in (bare, empty):
        assert told["expected_price"] == pytest.approx(priced["expected_price"], rel=1e-9)
        assert (told["low"], told["high"]) == pytest.approx((priced["low"], priced["high"]), rel=1e-9)
        assert told["comparables"] == priced["comparables"]
        assert (told["verdict"], told["asking_price"], told["discount"], told["priced"]) == (None, None, None, False)
    assert "precio" not in bare["original"]


def test_a_listing_of_few_words_is_estimated_and_not_refused(client, new_rows):
    (told,) = ask(client, {"barrio": new_rows[0]["barrio"], "area_m2": "70"})["estimates"]
    assert told["low"] < told["expected_price"] < told["high"]


def test_many_listings_come_back_in_the_order_sent(client, new_rows):
    rows = [row if i % 3 else {k: v for k, v in row.items() if k != "precio"} for i, row in enumerate(new_rows[:12])]
    told = ask(client, *rows, comparables=1)["estimates"]
    assert [t["listing_id"] for t in told] == [row["id"] for row in rows]
    assert [t["priced"] for t in told] == [bool(i % 3) for i in range(12)]


def test_a_cell_that_is_not_believed_is_told(client, new_rows):
    (told,) = ask(client, new_rows[4] | {"area_m2": "99999"})["estimates"]
    assert [d["column"] for d in told["doubts"]] == ["area_m2"]
