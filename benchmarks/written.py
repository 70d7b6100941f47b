"""How many sentences the checks of written answers keep: true to the quote they cite, or spoilt in one way.

python benchmarks/written.py FOLDER_OF_TRANSCRIPTS
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from perla.knowledge import Library, Opened
from perla.knowledge.keypoints import key_points
from perla.knowledge.passages import Quote
from perla.knowledge.sentences import stands_in
from perla.knowledge.support import numbers_of, supported
from perla.knowledge.words import telling, words_of

Spoil = Callable[[str, int, random.Random], str]
NAMES = ("Kubernetes", "Oracle", "Tableau", "Bayesia", "Cassandra", "GPT-9")
WHAT = "¿De qué se habló?"


def true(text: str, number: int, chance: random.Random) -> str:
    """The quote's telling words in a new sentence."""
    return f"En la sesión se dijo que {' '.join(telling(words_of(text))[:12])} [{number}]."


def quoted(text: str, number: int, chance: random.Random) -> str:
    words = text.replace('"', "").split()
    return f'Se dijo "{" ".join(words[2:12]).lower()}" [{number}].'


def another_quote(text: str, number: int, chance: random.Random) -> str:
    return true(text, number % 5 + 1, chance)


def no_such_quote(text: str, number: int, chance: random.Random) -> str:
    return true(text, 77, chance)


def a_number(text: str, number: int, chance: random.Random) -> str:
    made = next(n for n in iter(lambda: str(chance.randint(200, 9999)), "") if n not in numbers_of(text))
    return true(text, number, chance).replace("se dijo que", f"se dijo que {made}")


def a_name(text: str, number: int, chance: random.Random) -> str:
    return true(text, number, chance).replace("se dijo que", f"se dijo que {chance.choice(NAMES)}")


def a_word_in_the_quotation(text: str, number: int, chance: random.Random) -> str:
    words = quoted(text, number, chance).split()
    words[5] = "zapato"
    return " ".join(words)


def turned_round(text: str, number: int, chance: random.Random) -> str:
    return true(text, number, chance).replace("se dijo que", "se dijo que nunca")


SPOILT: tuple[Spoil, ...] = (
    true, quoted, another_quote, no_such_quote, a_number, a_name, a_word_in_the_quotation, turned_round,
)  # fmt: skip


def main(folder: Path) -> None:
    """Learn the transcripts, make key points of each, and judge sentences made from them."""
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        library.learn([folder])
        opened = Opened.of(library)
    kept: dict[str, list[bool]] = {spoil.__name__: [] for spoil in SPOILT}
    verbatim: list[bool] = []
    for source in opened.index.sources:
        told = key_points(opened.index, opened.texts, source)
        verbatim += [stands_in(q.text, opened.texts.script(source.name)) for q in _quotes(told)]
        points = told.points[:5]
        for number, point in enumerate(points, 1):
            for spoil in SPOILT:
                kept[spoil.__name__].append(bool(supported(spoil(point.text, number, chance), WHAT, points)))
    print(f"quotes of key points that are verbatim: {sum(verbatim)} of {len(verbatim)}")
    for name, judged in kept.items():
        print(f"| {name.replace('_', ' ')} | {sum(judged)} of {len(judged)} |")


def _quotes(told: object) -> list[Quote]:
    from perla.knowledge.keypoints import KeyPoints

    assert isinstance(told, KeyPoints)
    listed = [*told.points, *told.works, *told.questions, *told.tasks]
    return [*listed, *(one.quote for one in told.parts), *(one.quote for one in told.terms)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
