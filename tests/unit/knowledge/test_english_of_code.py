"""Questions in Spanish, and in other English words, over code and documents in English."""

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from perla.knowledge.glossary import shipped_everyday, shipped_glossary
from perla.knowledge.index import build_index
from perla.knowledge.passages import Passage, Source, SourceKind
from perla.knowledge.search import coverage, search
from perla.knowledge.units import units_of

CODE = {
    "box/a.py": ['def pack(x):\n    """Compress the answer."""', 'def hide(x):\n    """Mask a password."""'],
    "box/b.py": ['def fetch(x):\n    """Download a folder."""', 'def keep(x):\n    """Write to the store."""'],
}
SPEECH = ["hoy vamos a hablar de la carpeta azul", "la semana entrante vemos otra cosa", "la carpeta verde la vemos ya"]


def index_of(code=CODE, speech=()):
    sources = [Source("s1.csv", SourceKind.RECORDING, "", "s1.csv", "")] if speech else []
    passages = [Passage("s1.csv", SourceKind.RECORDING, text, 9 * n, 9 * n + 9) for n, text in enumerate(speech)]
    for name, texts in code.items():
        sources.append(Source(name, SourceKind.CODE, name, name, ""))
        passages += [Passage(name, SourceKind.CODE, text, 9 * n, 9 * n + 9) for n, text in enumerate(texts)]
    return build_index(sources, passages, [], shipped_glossary())


@pytest.mark.parametrize(("question", "name"), [
    ("¿dónde se comprime la respuesta?", "pack"), ("¿dónde se tapa la contraseña?", "hide"),
    ("¿qué descarga una carpeta?", "fetch"), ("what squeezes and zips the replies?", "pack"),
    ("where is a directory fetched?", "fetch"),
])  # fmt: skip
def test_code_is_found_in_spanish_and_in_other_english_words(question, name):
    assert f"def {name}" in search(index_of(), question)[0].passage.text


def test_a_definition_does_not_answer_for_the_one_beside_it():
    index = index_of({"box/a.py": ["def a(): paint()", "def b(): ...", "def c(): ..."]})
    assert coverage(index, units_of(index, ["paint"], shipped_everyday(), "en")).tolist() == [1.0, 0.0, 0.0]


def test_what_is_common_in_code_stays_rare_in_speech():
    many = {f"box/{n}.py": [f"def f{n}(): return folder"] for n in range(120)}
    alone, mixed = index_of({}, SPEECH * 50), index_of(many, SPEECH * 50)
    (one,), (other,) = (units_of(index, ["carpeta"], shipped_everyday()) for index in (alone, mixed))
    assert other.rarity == pytest.approx(one.rarity)
    assert other.said[:150] == pytest.approx(one.said, abs=0.25)
    assert other.said[150:].max() < other.said[0] / 2
