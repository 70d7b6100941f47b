"""Which language an answer is in."""

import pytest

from perla.app.web.languages import preferred_language


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("es", "es"),
        ("es-419,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,en;q=0.9,es;q=0.1", "en"),
        ("de,fr", "en"),
        ("es;q=nonsense,en;q=0.1", "en"),
        ("es;q=9,en", "en"),
        ("," * 10_000, "en"),
    ],
)
def test_the_language_a_browser_prefers(header, lang):
    assert preferred_language(header) == lang
