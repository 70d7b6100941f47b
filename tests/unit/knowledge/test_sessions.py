import pytest

from perla.knowledge.passages import Source, SourceKind
from perla.knowledge.sessions import named_in, naming

TITLES = {
    "3": ("Análisis de datos y selección de variables", "2024-03-06"),
    "8": ("Preparación para el despliegue", "2024-05-02"),
    "9": ("Despliegue y monitoreo en producción", "2024-05-08"),
    "18": ("Lecciones aprendidas sobre autoencoders", "2024-08-07"),
    "26": ("Community Detection Introduction", "2024-10-09"),
}
TALKS = [
    Source(f"s{number}", SourceKind.RECORDING, title, f"{number}.csv", "", day, number)
    for number, (title, day) in TITLES.items()
]
BOOK = Source("18.md", SourceKind.DOCUMENT, "Sesión 18", "18.md", "", session="18")


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("¿En la sesión 18 para qué sirve la divergencia KL?", {"s18"}),
        ("Session 18: what is the loss?", {"s18"}),
        ("¿Qué se dijo en la sesión dieciocho de los pesos?", {"s18"}),
        ("what did they say in session eight about docker?", {"s8"}),
        ("¿Qué cambió entre las sesiones 3 y 9?", {"s3", "s9"}),
        ("¿Qué se vio en la tercera sesión?", {"s3"}),
        ("¿qué métrica usaron en la de despliegue?", {"s8", "s9"}),
        ("In the session on deployment, what is inference?", {"s8", "s9"}),
        ("en la de selección de variables, ¿qué se borró?", {"s3"}),
        ("En la sesión de detección de comunidades, ¿qué es la inercia?", {"s26"}),
        ("¿Qué se explicó en la del 7 de agosto?", {"s18"}),
        ("What was decided on August 7, 2024?", {"s18"}),
        ("¿Y el 2024-05-08?", {"s9"}),
    ],
)
def test_a_question_names_sessions_by_number_day_order_and_title(question, named):
    assert set(named_in(question, [*TALKS, BOOK])) == named


@pytest.mark.parametrize(
    "question",
    [
        "¿Qué es la divergencia KL?",
        "¿Cuántas sesiones hubo?",
        "¿Qué se vio en la sesión 99?",
        "¿Cuál es el error en la fase de entrenamiento?",
        "¿Qué pasó el 31 de febrero?",
        "",
    ],
)
def test_a_question_that_names_no_session_is_asked_of_all(question):
    found = naming(question, TALKS)
    assert (found.sources, found.rest) == ((), question)


def test_the_words_that_name_a_session_are_no_part_of_what_is_asked():
    assert naming("En la sesión 18, ¿qué es el castigo?", TALKS).rest == "¿qué es el castigo?"
    assert naming("¿Qué se dijo del error en la de despliegue?", TALKS).rest == "¿Qué se dijo del error ?"


def test_a_question_of_nothing_but_a_session_stays_whole():
    found = naming("en la sesión 18", TALKS)
    assert (found.sources, found.rest) == (("s18",), "en la sesión 18")
