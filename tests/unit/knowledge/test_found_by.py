"""The words that passages are found by: of speech what was said, of documents and code what names them too."""

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from perla.knowledge.cutting import found_by
from perla.knowledge.passages import Passage, SourceKind

CODE = '''from torch.nn import (
    Linear,
)
import numpy as np

def reconLoss(x):
    """How far the garden stands from the house.

    >>> reconLoss(zebra)
    """
    return x'''


def found(text, kind=SourceKind.CODE, heading="", source="lab/models/net.py"):
    return found_by(Passage(source, kind, text, 0, 9, heading=heading))


def test_names_of_code_are_taken_apart_at_capitals_and_underscores():
    words = found("x = HTTPServer(rowsPerPage, first_row)")
    assert {"http", "server", "rows", "page", "first"} <= set(words)


def test_code_is_found_by_its_class_its_folder_and_its_module():
    words = found("def step(self): ...", heading="KingNet.step")
    assert words.count("king") == 2
    assert {"models", "net"} <= set(words)
    assert "lab" not in words


def test_what_a_docstring_says_counts_threefold_its_examples_once():
    words = found(CODE)
    assert (words.count("garden"), words.count("zebra")) == (3, 1)


def test_what_code_imports_is_not_what_it_is_about():
    assert {"torch", "linear", "numpy"}.isdisjoint(found(CODE))


def test_a_document_is_found_by_its_headings_and_its_name():
    words = found("Nothing else.", SourceKind.DOCUMENT, "Bees › Winter", "notes/hives-of-ours.md")
    assert (words.count("winter"), words.count("hives")) == (2, 2)


def test_english_is_found_in_its_base_form_too_and_spanish_as_it_stands():
    assert {"kept", "keep"} <= set(found("The rows were kept in the table.", SourceKind.DOCUMENT))
    spanish = found("Las filas se guardaron en la tabla.", SourceKind.DOCUMENT, source="notas/t.md")
    assert spanish == ["las", "filas", "se", "guardaron", "en", "la", "tabla", "t", "t"]


def test_speech_is_found_by_what_was_said_alone():
    assert found("dijo kept", SourceKind.RECORDING, "Título", "s1.csv") == ["dijo", "kept"]
