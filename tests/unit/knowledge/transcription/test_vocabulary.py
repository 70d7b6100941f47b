"""Which terms are known at PERLA_HOME, and how often the user's recordings and documents name them."""

import pytest

from perla.errors import MissingExtraError
from perla.knowledge import library
from perla.knowledge.glossary import shipped_glossary
from perla.knowledge.ledger import Ledger
from perla.knowledge.library import Library
from perla.knowledge.transcription.vocabulary import vocabulary_at


def test_where_nothing_was_learned_the_shipped_terms_stand_alone(tmp_path):
    terms, uses = vocabulary_at(tmp_path)
    assert terms == shipped_glossary().terms
    assert not uses


def test_what_documents_and_recordings_say_is_counted_and_code_is_not(tmp_path):
    (tmp_path / "talk.csv").write_text("Start time,End time,Transcript\n0,5,hoy vemos el autoencoder otra vez\n")
    (tmp_path / "notes.md").write_text("# Notas\n\nEl autoencoder comprime.\n")
    (tmp_path / "net.py").write_text('def autoencoder():\n    """An autoencoder, an autoencoder."""\n')
    Library(tmp_path / "home").learn([tmp_path / name for name in ("talk.csv", "notes.md", "net.py")])
    assert vocabulary_at(tmp_path / "home")[1]["autoencoder"] == 2


def test_a_term_added_by_hand_stands_first_and_once(tmp_path):
    Ledger(tmp_path).add_term("Autoencoder", ["Autoencoder"], [], "someone")
    terms, _ = vocabulary_at(tmp_path)
    assert (terms[0].name, terms[0].origin) == ("Autoencoder", "added")
    assert [term.name.casefold() for term in terms].count("autoencoder") == 1


@pytest.mark.parametrize("broken", ["damaged", "no extra"])
def test_an_index_that_cannot_be_read_keeps_nobody_from_transcribing(tmp_path, monkeypatch, broken):
    def missing():
        raise MissingExtraError("x", "x")

    (tmp_path / "notes.md").write_text("# Notas\n\nEl autoencoder comprime.\n")
    home = tmp_path / "home"
    Library(home).learn([tmp_path / "notes.md"])
    if broken == "no extra":
        monkeypatch.setattr(library, "check_extra", missing)
    else:
        for path in (home / "knowledge" / "index").glob("*.json"):
            path.write_text("{")
    assert vocabulary_at(home)[0] == shipped_glossary().terms
