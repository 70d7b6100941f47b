import pytest
from hypothesis import given
from hypothesis import strategies as st

from perla.reports.untrusted import clean, distinct, guard, one_line, safe_link


@pytest.mark.parametrize("text", ["=1+1", "+57 300", "@SUM(A1)", "-1+cmd", "\tx", "\rx", "\n=x", "＝1+1"])
def test_a_text_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert guard(text) == "'" + text


@pytest.mark.parametrize("value", ["-12.5", "-1.200.000", "-3,5", "-2e3", "a=1", "", -4, -4.5, None])
def test_negative_numbers_and_ordinary_texts_are_left_alone(value):
    assert guard(value) == value


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", " data:text/html,x", "file:///etc/passwd", "//example.org/x",
        "https:///x", "https://example.org/a b", 'https://example.org/"onclick=', "java\nscript:alert(1)",
        "https://example.org/\u202egnp", "http://[broken", "", None, 7, "https://example.org/" + "a" * 3000,
    ],
)  # fmt: skip
def test_only_plain_web_links_are_linked(link):
    assert safe_link(link) == ""


def test_a_web_link_stays_as_it_is():
    assert safe_link("https://example.org/ad?a=1&b=2#c") == "https://example.org/ad?a=1&b=2#c"


@given(st.text())
def test_cleaned_text_holds_no_escape_control_or_direction_mark_and_can_be_written(text):
    told = clean(text)
    assert not set(told) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066\u200f")
    assert told.encode("utf-8") is not None
    assert clean(told) == told


def test_emoji_and_accents_stay():
    assert clean("Ático 🏠 en Itagüí") == "Ático 🏠 en Itagüí"


def test_a_long_text_becomes_one_line_with_an_ellipsis():
    assert one_line("a\nb\t" + "c" * 50, 10) == "a b ccccc…"


def test_a_taken_name_is_changed_until_it_is_free():
    taken = {"a", "a2"}
    assert distinct("A", taken, lambda name, n: f"{name}{n}") == "A3"
