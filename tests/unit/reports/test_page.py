import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from perla.reports import page
from perla.reports.page import charts
from perla.reports.page.drawing import short_money


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.void = [], [], {"meta", "image", "use", "path", "rect", "br", "link"}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag


def parse(html: str) -> list:
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.tags


@pytest.fixture(scope="module")
def html(findings):
    return page.render(findings, "en", True, "2026-01-31").decode().replace("\u00a0", " ")


def test_the_page_has_no_script_and_asks_for_nothing_from_the_network(html):
    tags = parse(html)
    assert not [t for t, _ in tags if t in ("script", "iframe", "object", "embed", "form", "link", "base")]
    assert not [a for _, attrs in tags for a in attrs if a.startswith("on")]
    sources = [attrs.get("src") or attrs.get("xlink:href", "") for t, attrs in tags if t in ("img", "image")]
    assert sources
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "url(http" not in html
    assert "@import" not in html


def test_the_content_policy_allows_styles_and_embedded_images_only(html):
    policy = next(a["content"] for t, a in parse(html) if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_markup_in_an_ad_is_shown_as_text(html):
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html


def test_a_link_is_made_only_of_web_addresses_and_opens_safely(html):
    links = [a for t, a in parse(html) if t == "a" and not a["href"].startswith("#")]
    assert links
    for attrs in links:
        assert attrs["href"].startswith("https://example.org/")
        assert attrs["rel"] == "noopener noreferrer nofollow"
        assert attrs["target"] == "_blank"
    assert "javascript:" not in html


def test_the_page_says_its_language_and_describes_its_drawings(findings):
    html = page.render(findings, "es").decode()
    assert '<html lang="es">' in html
    drawings = re.findall(r"<svg[^>]*>\s*<title>[^<]+</title>", html)
    assert len(drawings) == html.count("<svg") == 3


def test_text_that_turns_the_reading_direction_is_removed_and_isolated(html):
    assert "\u202e" not in html
    assert re.search(r"<bdi>[^<]*txet desrever", html)


def test_a_search_that_found_nothing_says_so(simulation):
    html = page.render(simulation.make_findings(shown=0), "en").decode()
    assert "No bargain found" in html


def test_the_page_shows_what_was_set_aside_and_how_good_the_model_is(html):
    for words in ("the price is missing", "a missing zero?", "20000000", "8.3 %", "12.1 %", "90.3 %", "price_m2"):
        assert words in html


def test_the_honest_limits_and_the_simulation_are_told(html, findings, simulation):
    assert "asking prices, not sales" in html
    assert "SIMULATED DATA: these listings were made up" in html
    assert "SIMULATED" not in page.render(simulation.without_simulation(findings), "en").decode()


def test_drawings_take_the_page_s_colours(html):
    assert "var(--accent)" in html
    assert "#01020" not in html


def test_a_cloud_is_thinned_to_the_same_five_thousand_rows_every_time():
    rows = pd.DataFrame({"x": np.arange(94_000)})
    assert len(charts.sample(rows)) == 5_000
    assert charts.sample(rows).equals(charts.sample(rows))
    assert len(charts.sample(rows.head(10))) == 10


def test_without_coordinates_there_is_no_map_and_a_category_can_be_the_main_driver(findings):
    values = findings.listings.values.assign(latitude=np.nan)
    card = replace(findings.card, drivers=(("neighbourhood", 0.5),))
    changed = replace(findings, listings=replace(findings.listings, values=values), card=card)
    drawn = charts.market_charts(changed, "en")
    assert [c.title for c in drawn] == ["Asking price against expected price", "Asking price by Neighbourhood"]
    assert "El Poblado" in drawn[1].drawing


def test_a_dollar_sign_and_markup_in_a_category_are_drawn_as_they_are(findings):
    values = findings.listings.values.copy()
    values["neighbourhood"] = values["neighbourhood"].replace("Laureles", "<b>$x^2$</b>")
    card = replace(findings.card, drivers=(("neighbourhood", 0.5),))
    drawn = charts.market_charts(replace(findings, listings=replace(findings.listings, values=values), card=card), "en")
    assert "&lt;b&gt;$x^2$&lt;/b&gt;" in drawn[1].drawing


@pytest.mark.parametrize("prices", [[5e8] * 60, [1.0, 1e12] * 30])
def test_equal_or_wildly_spread_prices_still_draw(findings, prices):
    table = findings.table.assign(asking_price=prices, expected_price=prices, low=prices, high=prices)
    values = findings.listings.values.assign(asking=prices)
    changed = replace(findings, table=table, listings=replace(findings.listings, values=values))
    assert len(charts.market_charts(changed, "en")) == 3


def test_three_listings_and_no_estimate_at_all_still_make_a_page(findings, simulation):
    table = findings.table.assign(expected_price=np.nan, low=np.nan, high=np.nan, verdict="not rated")
    assert b"<html" in page.render(replace(findings, table=table, bargains=()), "es")


@pytest.mark.parametrize(
    ("amount", "currency", "lang", "told"),
    [
        (1.2e9, "COP", "en", "COP 1.2B"), (1.2e9, "COP", "es", "$ 1.200 M"), (15_500, "EUR", "es", "15,5 mil €"),
        (900, "USD", "en", "$900"),
    ],
)  # fmt: skip
def test_an_axis_writes_money_short(amount, currency, lang, told):
    assert short_money(amount, currency, lang) == told
