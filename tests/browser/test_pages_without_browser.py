"""The pages as text: what is answered, in which language, how heavy, how safe."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi")
httpx = pytest.importorskip("httpx")

NASTY = quote("nasty </script>/1", safe="")
HOSTILE = '"><script>window.stolen=1</script>'
PAGES = ["/", "/estimate", "/market/ciudad", f"/listing/ciudad/{NASTY}"]


@pytest.fixture(scope="session")
def ask(app: Any) -> Any:
    from starlette.testclient import TestClient

    return TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1")


def first_listing(ask: Any) -> str:
    found = re.search(r'href="(/listing/[^"]+)"', ask.get("/").text)
    assert found
    return found[1]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_in_both_languages(ask, page):
    english, spanish = (ask.get(page, headers={"accept-language": lang}) for lang in ("en", "es-CO,es;q=0.9,en;q=0.5"))
    assert english.status_code == spanish.status_code == 200
    assert '<html lang="en">' in english.text and '<html lang="es">' in spanish.text
    assert english.text != spanish.text


def test_a_language_chosen_in_the_address_is_remembered(app):
    from starlette.testclient import TestClient

    fresh = TestClient(app, client=("127.0.0.1", 1), base_url="http://127.0.0.1")
    assert '<html lang="es">' in fresh.get("/?lang=es").text
    assert '<html lang="es">' in fresh.get("/", headers={"accept-language": "en"}).text
    assert '<html lang="en">' in fresh.get("/?lang=en").text


@pytest.mark.parametrize("page", PAGES)
def test_no_page_lets_anything_in_from_outside(ask, page):
    answer = ask.get(page)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    sources = re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)
    ours = [s for s in sources if s.startswith(("/", "#", "?"))]
    assert all(s.startswith("https://example.invalid/") for s in sources if s not in ours)
    assert re.findall(r"<[^>]+\sstyle=", answer.text) == [] and "<style" not in answer.text
    assert re.findall(r"<script(?![^>]*\ssrc=)", answer.text) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_a_simulated_market_says_so(ask, page):
    assert "DATOS SIMULADOS" in ask.get(page, headers={"accept-language": "es"}).text


def test_what_an_ad_says_stays_text(ask):
    page = ask.get(f"/listing/ciudad/{NASTY}?lang=en").text
    assert "&lt;script&gt;window.stolen" in page and "<script>window" not in page and "<img src=x" not in page
    assert "javascript:" not in page.replace("<bdi>javascript:", "") and 'href="javascript' not in page


@pytest.mark.parametrize(
    "query", ["where=", "is.barrio=", "wish=", "market=", "lang=", "days=", "min.area_m2=", "page="]
)
def test_what_an_address_says_stays_text(ask, query):
    answer = ask.get(f"/?{query}{quote(HOSTILE)}")
    assert answer.status_code in (200, 400, 404)
    assert "<script>window" not in answer.text


def test_a_filter_that_is_not_understood_is_told_with_what_is_close(ask):
    answer = ask.get("/", params={"where": "bario = 'Coral'", "lang": "en"})
    assert answer.status_code == 400 and "did you mean &#39;barrio&#39;" in answer.text
    assert 'name="where" value="bario = &#39;Coral&#39;"' in answer.text  # what was written stays to be mended


def test_only_the_list_is_sent_where_only_the_list_is_asked_for(ask):
    part = ask.get("/", params={"min.area_m2": "60", "max.area_m2": "", "wish": ""}, headers={"hx-request": "true"})
    assert part.text.lstrip().startswith('<section id="results"') and "<html" not in part.text
    assert part.headers["hx-push-url"] == "/?min.area_m2=60"
    refused = ask.get("/", params={"where": "nothing here"}, headers={"hx-request": "true"})
    assert refused.status_code == 400 and 'id="results"' in refused.text and "<html" not in refused.text


def test_a_form_sent_without_script_leads_to_a_short_address(ask):
    answer = ask.get("/", params={"min.area_m2": "60", "max.area_m2": "", "where": ""}, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/?min.area_m2=60"


def test_filters_keep_only_what_they_say(ask, edition):
    page = ask.get("/", params={"min.area_m2": "60 m2", "is.tipo": "Apartamento", "lang": "en"}).text
    wanted = edition.listings.values["area_m2"].ge(60) & edition.listings.values["tipo"].eq("Apartamento")
    found = [int(r) for r in edition.search(edition.wish(None)) if wanted[int(r)]]
    assert found
    assert f"<strong>{len(found)} bargain" in page
    assert [str(edition.listings.ids[r]) for r in found[:10]] == re.findall(r'<bdi class="whole">([^<]+)</bdi>', page)


def test_a_wish_goes_on_to_the_listing_and_its_proof(ask):
    address = re.search(r'href="(/listing/[^"]+)"', ask.get("/", params={"wish": "price low, area high"}).text)
    assert address and address[1].endswith("?wish=price+low%2C+area+high")
    page = ask.get(address[1], headers={"cookie": "perla_lang=en"}).text
    assert page.count("<em>wished</em>") == 2 and "?wish=price+low%2C+area+high" in page


def test_nothing_found_is_said_with_a_way_back(ask):
    page = ask.get("/", params={"min.area_m2": "599", "lang": "en"}).text
    assert "No bargain passes these filters" in page and 'href="/"' in page


def test_a_listing_shows_its_price_history_and_its_proof(ask):
    address = first_listing(ask)
    page = ask.get(address, params={"lang": "es"}).text
    assert "Lo que ha pedido con el tiempo" in page and "data-plot" in page
    found = re.search(r'href="(/proof/[^"]+)"', page)
    assert found
    proof = ask.get(found[1])
    assert proof.status_code == 200 and proof.content.startswith(b"PK")
    assert re.fullmatch(r'attachment; filename="perla-[\w-]+\.xlsx"', proof.headers["content-disposition"])


def test_an_estimate_is_what_the_service_says_for_the_same_cells(ask, edition):
    from perla.app.web.estimates import estimate_cells
    from perla.reports.facts import estimate

    cells = {"area_m2": "80 m²", "habitaciones": "3", "barrio": str(edition.listings.values["barrio"].iloc[0])}
    made = estimate_cells(edition, [cells], 5)[0].bargain
    assert made is not None
    page = ask.get("/estimate", params={f"c.{k}": v for k, v in cells.items()} | {"lang": "en"}).text
    told = estimate(made.expected_price, "COP").en.replace(" ", "\u00a0")
    assert f'<p class="large"><strong>{told}</strong>' in page and 'class="badge' not in page
    priced = ask.get("/estimate", params={f"c.{k}": v for k, v in cells.items()} | {"c.precio": "1000 millones"}).text
    assert 'class="badge' in priced


def test_a_number_with_a_point_is_shown_as_it_was_read(ask):
    page = ask.get("/estimate", params={"c.area_m2": "80", "c.administracion": "250.000", "lang": "en"}).text
    assert re.search(r'<td class="subject"><bdi>COP\s250,000</bdi>', page)


def test_bad_input_is_told_at_its_field(ask):
    sent = {"c.area_m2": "large", "c.habitaciones": "99", "c.precio": "0", "c.barrio": "Koral", "lang": "en"}
    page = ask.get("/estimate", params=sent).text
    for name in ("area_m2", "habitaciones", "precio", "barrio"):
        assert f'id="e-c.{name}"' in page, name
    assert page.count('aria-invalid="true"') == 4 and "Coral" in page and 'class="large"' not in page


def test_an_unknown_listing_market_or_page_is_a_page_that_says_so(ask):
    for address in ("/listing/ciudad/CP-99999999", "/listing/ciudat/CP-1", "/market/ciudat", "/?market=ciudat"):
        answer = ask.get(address, headers={"cookie": "perla_lang=en"})
        assert answer.status_code == 404 and "<h1>Not here</h1>" in answer.text, address
    assert "Did you mean &#39;ciudad&#39;" in ask.get("/market/ciudat").text


def test_without_a_market_in_service_the_page_says_what_to_run():
    from starlette.testclient import TestClient

    from perla.app.web.app import make_app
    from perla.app.web.desk import Desk

    empty = TestClient(make_app(Desk(Path("nowhere"), 1)), client=("127.0.0.1", 1), base_url="http://127.0.0.1")
    answer = empty.get("/?lang=es")
    assert answer.status_code == 503 and "Todavía no está listo" in answer.text and "perla pipeline run" in answer.text


def test_the_first_page_weighs_less_than_400_kb_with_everything_it_loads(ask):
    page = ask.get("/", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    parts = set(re.findall(r'(?:src|href|data-map)="(/(?:static|places)/[^"]*)"', page.text))
    assert len(parts) >= 6
    weights = [len(gzip.compress(page.content, 5))]
    for part in parts:
        answer = ask.get(part, headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip" or len(answer.content) < 600
        weights.append(int(answer.headers["content-length"]))
    assert sum(weights) <= 400_000


def test_a_static_file_is_kept_for_ever_under_the_address_of_its_content(ask):
    address = re.findall(r'"(/static/[^"]*perla\.css)"', ask.get("/").text)[0]
    answer = ask.get(address)
    assert "immutable" in answer.headers["cache-control"] and answer.headers["content-type"].startswith("text/css")
    again = ask.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304 and not again.content
    other = ask.get("/static/000000000000/perla.css")
    assert other.status_code == 200 and "immutable" not in other.headers["cache-control"]
    for hidden in ("../desk.py", "vendor/README.txt", "vendor/world-atlas/countries-50m.json", "%2e%2e/desk.py"):
        assert ask.get(f"/static/000000000000/{hidden}").status_code == 404


def test_the_map_holds_the_listings_and_the_coasts_near_them(ask, edition):
    from perla.app.web.pages.outlines import lines_within

    places = ask.get("/places/ciudad.json").json()
    assert len(places["dots"]) == int(edition.listings.values[["latitud", "longitud"]].notna().all(axis=1).sum())
    assert places["lines"] == []  # the simulated city lies in the open sea
    coast = lines_within(-76.5, 7.5, -75.0, 9.5)
    assert coast and all(4 < lat < 13 and -80 < lon < -71 for line in coast for lat, lon in line)


def test_everything_from_others_stands_beside_its_licence():
    from importlib.resources import files

    vendor = files("perla.app.web").joinpath("static", "vendor")
    told = vendor.joinpath("README.txt").read_text("utf-8")
    for folder in (f for f in vendor.iterdir() if f.is_dir()):
        assert folder.joinpath("LICENSE.txt").is_file() and f"{folder.name}/" in told
