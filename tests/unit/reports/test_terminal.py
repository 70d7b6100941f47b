import io
from dataclasses import replace

import pytest
from rich.console import Console

from perla.reports.terminal import show_findings, show_listing
from perla.words import Text, same


def shown(show, *things, lang="en", width=80, colours=False):
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colours, color_system="standard" if colours else None
    )
    show(*things, console, lang)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 110, 140, 200])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_line_is_wider_than_the_terminal_and_every_amount_is_whole(findings, width, lang):
    told = shown(show_findings, findings, lang=lang, width=width) + shown(
        show_listing, findings.bargains[0], findings, lang=lang, width=width
    )
    assert max(len(line) for line in told.splitlines()) <= width
    assert ("106,000,000" if lang == "en" else "106.000.000") in told
    assert ("172,000,000" if lang == "en" else "172.000.000") in told


def test_every_bargain_is_listed_with_counts_and_the_model_s_error(findings):
    told = shown(show_findings, findings, width=140)
    assert all(b.listing_id in told for b in findings.bargains)
    for words in (
        "SIMULATED DATA",
        "7 bargains",
        "1 suspicious",
        "Rows that could not be used: 2",
        "8.3 %",
        "90.3 %",
        "PyTorch",
    ):
        assert words in told


def test_markup_and_escapes_in_a_listing_are_only_text(findings):
    hostile = replace(
        findings.bargains[0],
        listing_id="[red]x[/red]\x1b[31m",
        reasons=(same("[bold]a[/bold] \x1b]0;title\x07 \u202eb"),),
    )
    changed = replace(findings, bargains=(hostile,))
    for told in (shown(show_findings, changed, colours=True), shown(show_listing, hostile, changed, colours=True)):
        assert "[red]x[/red]" in told
        assert "[bold]a[/bold]" in told
        assert "\x1b]0" not in told
        assert "\u202e" not in told


def test_nothing_found_is_said(simulation):
    assert "No bargain found" in shown(show_findings, simulation.make_findings(shown=0))
    assert "No hay perlas" in shown(show_findings, simulation.make_findings(shown=0), lang="es")


def test_check_shows_the_proof_and_whether_it_is_shown(findings):
    told = shown(show_listing, findings.bargains[0], findings)
    for words in ("Shown as a bargain", "90 % interval", "-3.1", "Comparables", "COP 337,000,000"):
        assert words in told


def test_check_of_a_listing_left_out_says_why(findings, simulation):
    values = findings.listings.values.assign(expected=findings.table["expected_price"])
    bargain = simulation.make_bargain(values, findings.listings.original, findings.table, 7, 0)
    told = shown(show_listing, bargain, findings)
    assert "Why it is not shown as a bargain" in told
    assert "a missing zero?" in told


def test_a_good_listing_after_the_last_place_says_that_others_are_better(findings):
    fewer = replace(findings, bargains=findings.bargains[:3])
    told = shown(show_listing, findings.bargains[4], fewer)
    assert "place 5 of 58" in told
    assert "only the best 3 are shown" in told


def test_check_without_a_list_of_bargains_does_not_call_a_good_listing_left_out(findings):
    told = shown(show_listing, findings.bargains[4], replace(findings, bargains=()), lang="es")
    assert "Es una perla" in told
    assert "puesto 5 de 58" in told
    assert "Por qué no se muestra" not in told


def test_a_listing_without_an_estimate_can_be_explained(findings):
    nan = float("nan")
    bare = replace(
        findings.bargains[0], expected_price=nan, low=nan, high=nan, discount=nan, gap=nan, chance=nan, surprises=(),
        comparables=(), drivers=(), reasons=(Text("too few comparables", "muy pocos comparables"),), original={},
    )  # fmt: skip
    told = shown(show_listing, bare, replace(findings, bargains=()))
    assert "too few comparables" in told
    assert "nan" not in told
