"""Real recordings of a study group, where they are at hand: what is quoted was said, what was never said is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

from perla.knowledge import Library, Opened
from perla.knowledge.sentences import stands_in

TALKS = Path(__file__).resolve().parents[2] / "../shared/data/recordings-mlmed/csv"
pytestmark = pytest.mark.skipif(not TALKS.is_dir(), reason="the recordings are not at hand")
SPOKEN_OF = (
    "¿para qué sirve la función de activación?", "¿qué es un autoencoder?", "¿cómo se despliega el modelo?",
    "what is a random forest?", "¿qué es overfitting?", "how is a graph embedded?", "¿por qué se normalizan los datos?",
)  # fmt: skip
NEVER_SPOKEN_OF = (
    "¿Cuál es la receta del ajiaco santafereño?", "¿Con qué puntaje ROUGE evaluaron los resúmenes?",
    "¿Qué ventaja le vieron a Yeo-Johnson para normalizar?", "Which Kafka topic receives the anomaly events?",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    library = Library(tmp_path_factory.mktemp("home"))
    library.learn([TALKS])
    return Opened.of(library)


def test_every_quote_is_in_its_recording_letter_by_letter_within_its_minutes(opened: Opened) -> None:
    for question in (*SPOKEN_OF, *NEVER_SPOKEN_OF):
        told = opened.ask(question)
        for quote in (*told.quotes, *told.nearest):
            assert stands_in(quote.text, opened.texts.script(quote.source.name))
            assert 0 <= quote.start_s < quote.end_s < quote.start_s + 120


def test_most_of_what_was_spoken_of_is_answered_and_most_of_the_rest_refused(opened: Opened) -> None:
    answered = [not opened.ask(question).refused for question in SPOKEN_OF]
    refused = [opened.ask(question).refused for question in NEVER_SPOKEN_OF]
    assert sum(answered) >= len(SPOKEN_OF) - 1
    assert sum(refused) >= len(NEVER_SPOKEN_OF) - 1


def test_a_named_session_is_kept_to(opened: Opened) -> None:
    told = opened.ask("en la sesión 18, ¿para qué sirve el autoencoder?")
    assert {quote.source.session for quote in (*told.quotes, *told.nearest)} == {"18"}
