"""The pages in a real browser: nothing breaks, nothing comes from outside, hands and ears can use them too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")

SCHEMES = ("light", "dark")


class Visit:
    """One open page, and everything it complained of or asked for elsewhere."""

    def __init__(self, page: Any, site: Any) -> None:
        self.page, self.site, self.complaints, self.elsewhere = page, site, [], []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on("request", lambda r: self.elsewhere.append(r.url) if not self._is_ours(r.url) else None)

    def _is_ours(self, url: str) -> bool:
        return url.startswith((self.site.address, "data:", "blob:"))

    def open(self, address: str) -> Any:
        self.page.goto(self.site.address + address, wait_until="networkidle")
        return self.page

    def assert_clean(self) -> None:
        assert self.complaints == [] and self.elsewhere == []


@pytest.fixture
def visit(chromium, site) -> Iterator[Any]:
    opened = []

    def start(width: int = 1280, scheme: str = "light", script: bool = True, lang: str = "es-CO") -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script, locale=lang
        )
        opened.append(context)
        return Visit(context.new_page(), site)

    yield start
    for context in opened:
        context.close()


def pages_of(site: Any) -> dict[str, str]:
    return {
        "bargains": "/",
        "nothing found": "/?min.area_m2=599",
        "refused": "/?where=nothing",
        "listing": f"/listing/ciudad/{quote(site.best, safe='')}",
        "hostile listing": f"/listing/ciudad/{quote(site.nasty, safe='')}",
        "estimate": "/estimate?c.area_m2=80&c.habitaciones=3&c.precio=150+millones",
        "bad input": "/estimate?c.area_m2=large&c.barrio=Koral",
        "market": "/market/ciudad",
        "not here": "/market/ciudat",
    }


FAULTY = ("refused", "not here")  # a browser itself notes these statuses in its console


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_opens_clean_and_fits_its_window(visit, site, width):
    for name, address in pages_of(site).items():
        seen = visit(width)
        page = seen.open(address)
        if name not in FAULTY:
            seen.assert_clean()
        assert seen.elsewhere == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("h1").count() == 1, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_serious_fault(visit, site, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    for name in ("bargains", "listing", "estimate", "bad input", "market", "not here"):
        page = visit(1280, scheme).open(pages_of(site)[name])
        violations = axe.Axe().run(page).response["violations"]
        grave = [v for v in violations if v["impact"] in ("serious", "critical")]
        told = [(v["id"], [n["html"][:160] for n in v["nodes"][:4]]) for v in grave]
        assert told == [], name


def test_filters_change_the_list_the_map_and_the_address(visit, site):
    seen = visit(lang="en")
    page = seen.open("/")
    before = page.locator("#results strong").inner_text()
    page.get_by_label("Area from").fill("60")
    page.get_by_label("Area from").press("Tab")
    page.wait_for_url("**/?min.area_m2=60")
    page.wait_for_function("before => document.querySelector('#results strong')?.innerText !== before", arg=before)
    shown = page.locator("#results tr[data-lat]").count()
    page.wait_for_function("n => document.querySelectorAll('.map .pin').length === n", arg=shown)
    page.reload(wait_until="networkidle")
    assert page.get_by_label("Area from").input_value() == "60"
    page.go_back()
    page.wait_for_url(site.address + "/")
    page.wait_for_function("before => document.querySelector('#results strong')?.innerText === before", arg=before)
    assert page.get_by_label("Area from").input_value() == ""
    seen.assert_clean()


def test_a_filter_that_is_wrong_is_told_without_losing_the_page(visit):
    page = visit(lang="en").open("/")
    page.get_by_text("More filters").click()
    page.get_by_label("Free filter").fill("bario = 'Coral'")
    page.get_by_label("Free filter").press("Enter")
    page.get_by_role("alert").wait_for()
    assert "did you mean 'barrio'" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Free filter").input_value() == "bario = 'Coral'"


def test_a_connection_that_is_gone_is_told_and_the_list_stays(visit):
    page = visit(lang="en").open("/")
    rows = page.locator("#results tbody tr").count()
    page.context.set_offline(True)
    page.get_by_label("Area from").fill("60")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("alert").wait_for()
    assert "could not be fetched" in page.get_by_role("alert").inner_text()
    assert page.locator("#results tbody tr").count() == rows


def test_pages_are_turned_in_place(visit):
    seen = visit(lang="en")
    page = seen.open("/")
    if page.get_by_role("link", name="Next").count():
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**/?page=2")
        assert page.locator("#results .number").first.inner_text() == "11"
    seen.assert_clean()


def test_everything_works_without_script(visit, site):
    page = visit(script=False, lang="en").open("/")
    page.get_by_label("Area from").fill("60")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(site.address + "/?min.area_m2=60")
    page.locator("#results tbody a").first.click()
    page.wait_for_url("**/listing/ciudad/*")
    assert page.locator("h1").count() == 1
    page.goto(site.address + "/estimate")
    page.get_by_label("Area").fill("80")
    page.get_by_role("button", name="Estimate").click()
    page.locator(".large strong").wait_for()


def test_a_script_in_an_ad_stays_text(visit, site):
    seen = visit(lang="en")
    page = seen.open(f"/listing/ciudad/{quote(site.nasty, safe='')}")
    assert page.evaluate("window.stolen") is None
    assert "<script>window.stolen = 1</script>" in page.locator("dl.plain").last.inner_text()
    assert page.locator("a[href^='javascript']").count() == 0 and page.locator("main img").count() == 0
    seen.assert_clean()


def test_the_browser_itself_refuses_script_that_is_not_ours(visit):
    page = visit().open("/")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.stolen = 4'; "
        "document.body.append(s) }"
    )
    assert page.evaluate("window.stolen") is None


def test_the_keyboard_reaches_everything(visit):
    page = visit(lang="en").open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#content'")
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        spot = page.evaluate(
            "() => { const e = document.activeElement; "
            "return [e.tagName, e.name || '', e.className, e.getAttribute('href') || '', e.matches(':focus-visible')] }"
        )
        if spot[0] == "BODY":
            break
        assert spot[4], spot
        reached.append(spot)
    names = {spot[1] for spot in reached}
    assert {"min.precio", "max.precio", "wish"} <= names and "SUMMARY" in {spot[0] for spot in reached}
    rows = page.locator("#results tbody a").count()
    assert len([spot for spot in reached if spot[3].startswith("/listing/")]) == rows
    assert len([spot for spot in reached if "pin" in spot[2]]) == page.locator(".map .pin").count()


def test_a_pin_on_the_map_opens_its_listing_with_the_keyboard(visit):
    page = visit(lang="en").open("/")
    pin = page.locator(".map .pin").first
    wanted = re.search(r"^(\d+):", pin.get_attribute("aria-label"))[1]
    address = page.locator(f"#results tr[data-place='{wanted}'] a").get_attribute("href")
    pin.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_the_price_history_and_the_maps_are_drawn(visit, site):
    page = visit().open(f"/listing/ciudad/{quote(site.best, safe='')}")
    assert page.locator(".plot canvas").count() == 1 and page.locator(".map canvas").count() == 1
    assert page.locator(".map .pin").count() >= 2
    market = visit().open("/market/ciudad")
    assert market.locator(".map canvas").count() == 1 and market.locator("figure svg").count() == 3


def test_the_proof_is_downloaded_as_a_workbook(visit, site, tmp_path):
    page = visit(lang="en").open(f"/listing/ciudad/{quote(site.best, safe='')}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the proof").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.suffix == ".xlsx" and file.read_bytes()[:2] == b"PK"


def test_the_language_is_chosen_on_the_page_and_kept(visit, site):
    page = visit(lang="en").open("/?min.area_m2=60")
    page.get_by_role("link", name="Español").click()
    page.wait_for_url("**/?min.area_m2=60&lang=es", wait_until="networkidle")
    assert page.evaluate("document.documentElement.lang") == "es"
    page.goto(site.address + "/", wait_until="networkidle")
    assert page.evaluate("document.documentElement.lang") == "es"
