"""The user's own terms, from their code and documents."""

from __future__ import annotations

import pytest

pytest.importorskip("simplemma", reason="the extra 'knowledge' is not installed")

from perla.knowledge.glossary import own_terms
from perla.knowledge.passages import Reading, Source, SourceKind, Span


def reading(text: str, kind: SourceKind) -> Reading:
    return Reading(Source("one", kind, "one", "one", ""), (Span(text),))


def names(text: str, kind: SourceKind = SourceKind.CODE) -> list[str]:
    return [term.name for term in own_terms([reading(text, kind)])]


def test_identifiers_imports_and_definitions_are_terms() -> None:
    code = (
        "import habiclean\nfrom zorblib.core import x\nclass PriceOracle:\n    def mean_gap_km(self): return snakeCase"
    )
    assert set(names(code)) == {"habiclean", "zorblib", "PriceOracle", "mean_gap_km", "snakeCase"}


def test_a_term_knows_how_it_is_said_and_where_it_is_from() -> None:
    [term] = own_terms([reading("def mean_gap_km(): ...", SourceKind.CODE)])
    assert term.english == ("mean_gap_km", "mean gap km")
    assert (term.theme, term.origin) == ("yours", "yours")


def test_plain_words_tests_and_terms_that_ship_are_none() -> None:
    assert names("def run(): ...\ndef model(): ...\ndef test_the_oracle(): ...\nrandom_forest = RandomForest()") == []


def test_words_of_documents_that_no_dictionary_knows_are_terms_when_said_often() -> None:
    text = "El zorblax mide casas. Un zorblax nuevo. Otro zorblax y un quibnar."
    assert names(text, SourceKind.DOCUMENT) == ["zorblax"]


def test_recordings_have_no_terms_of_their_own() -> None:
    assert names("zorblax zorblax zorblax mean_gap_km", SourceKind.RECORDING) == []


@pytest.mark.parametrize("text", ["", "\x00\x1b", "a" * 100_000, "_" * 5_000, "def " * 3_000, "(.*)+" * 100])
def test_hostile_code_is_read_to_its_end(text: str) -> None:
    assert all(len(name) <= 60 for name in names(text))


def test_there_are_never_more_terms_than_can_be_listened_for() -> None:
    code = "\n".join(
        f"def zorb_quib_{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}x{n}(): ..." for n in range(3000)
    )
    assert len(names(code)) == 800
