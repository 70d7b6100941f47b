"""Whether a written sentence stands on the quotes it cites; judged by program, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from perla.knowledge.glossary import shipped_everyday, shipped_glossary
from perla.knowledge.passages import Quote, clock
from perla.knowledge.words import stem, telling, words_of
from perla.words import Lang

CITED = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]")
QUOTED = re.compile(r"“([^”]*)”|«([^»]*)»|\"([^\"]*)\"")
MARK = re.compile(r"[\"“”«»]")
ENDED = re.compile(r"[.!?…]+[\"”»)]*(?:\s*\[[\d\s,;]+\])*(?=\s|$)")
LISTED = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)]|#{1,6})\s+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"\w+(?:[-_.]\w+)*")
LEAST_SHARED = 0.4  # of a sentence's telling words, that what it cites or the question must hold
SHORT_FORMS = ("p.", "ej.", "etc.", "vs.", "e.g.", "i.e.", "dr.", "sr.", "sra.", "fig.", "aprox.")
COUNTED = {
    "dos two": 2, "tres three": 3, "cuatro four": 4, "cinco five": 5, "seis six": 6, "siete seven": 7,
    "ocho eight": 8, "nueve nine": 9, "diez ten": 10, "once eleven": 11, "doce twelve": 12, "trece thirteen": 13,
    "catorce fourteen": 14, "quince fifteen": 15, "veinte twenty": 20, "treinta thirty": 30, "cuarenta forty": 40,
    "cincuenta fifty": 50, "sesenta sixty": 60, "setenta seventy": 70, "ochenta eighty": 80, "noventa ninety": 90,
    "cien hundred": 100, "mil thousand": 1000, "millon millones million millions": 1_000_000,
}  # fmt: skip
NUMBER_WORDS = {word: str(value) for words, value in COUNTED.items() for word in words.split()}
ENGLISH_MARKS = frozenset(words_of("the of and is are was that this with for which from were said it they"))
SPANISH_MARKS = frozenset(words_of("el la los las de que y es son en con para por se una del como dijo lo al"))
FRAMING = frozenset(
    words_of(
        "sesion grabacion grabaciones dijo dijeron explico explica menciono segun session recording said explained"
    )
)  # words that a writer adds to tell whose words they are


@dataclass(frozen=True)
class Evidence:
    """What a sentence may say: the words of the quotes it cites and of the question, and where the quotes stand."""

    words: frozenset[str]
    stems: frozenset[str]
    numbers: frozenset[str]
    run: str
    quotes: tuple[Quote, ...]

    @classmethod
    def of(cls, question: str, quotes: Sequence[Quote]) -> Evidence:
        """From a question and the cited quotes, in both their readings."""
        places = [f"{q.source.title} {q.source.session} {q.source.day} {clock(q.start_s)} {q.heading}" for q in quotes]
        texts = [question, *(q.text for q in quotes), *(q.repaired for q in quotes), *places]
        words = [word for text in texts for word in words_of(text)]
        numbers = frozenset(n for text in texts for n in numbers_of(text))
        return cls(frozenset(words), frozenset(map(stem, words)), numbers, "".join(words), tuple(quotes))


def sentences_of(text: str) -> list[str]:
    """The sentences of a written answer, each with its citations; list marks are taken off.

    >>> sentences_of("- Se usa Adam [1]. Luego 0.5 de tasa. [2]")
    ['Se usa Adam [1].', 'Luego 0.5 de tasa. [2]']
    """
    found = []
    for line in text.splitlines():
        line = LISTED.sub("", line).strip().replace("**", "")
        inside = [match.span() for match in QUOTED.finditer(line)]
        first = 0
        for end in ENDED.finditer(line):
            at_end = end.end() == len(line)
            within = any(a < end.start() and end.end() < b for a, b in inside)
            short = line[first : end.end()].lower().endswith(SHORT_FORMS) and not at_end
            if not within and not short:
                found.append(line[first : end.end()].strip())
                first = end.end()
        found.append(line[first:].strip())
    return [sentence for sentence in found if re.search(r"\w", CITED.sub("", sentence))]


def cited(sentence: str) -> tuple[int, ...]:
    """The numbers it cites, from 1, each once.

    >>> cited("Se usa Adam [1][3, 1].")
    (1, 3)
    """
    return tuple(dict.fromkeys(int(n) for found in CITED.findall(sentence) for n in re.findall(r"\d+", found)))


def supported(sentence: str, question: str, quotes: Sequence[Quote]) -> str:
    """The sentence with its "..." passages as they stand in the source, letter by letter; empty without support.

    It must cite, and only quotes that there are; what it puts in quotation marks, its numbers and its names must stand
    in what it cites (names and numbers also in the question); and where both are of one language, two in
    five of its telling words too.

    >>> from perla.knowledge.passages import Source, SourceKind
    >>> talk = Source("s1", SourceKind.RECORDING, "Redes", "s1.csv", "")
    >>> quotes = [Quote("Se usa el optimizador Adam con tasa 0.01", "", talk, 1.0)]
    >>> supported('Se dijo que "se usa el optimizador adam" [1].', "¿qué optimizador?", quotes)
    'Se dijo que "Se usa el optimizador Adam" [1].'
    >>> supported("Se usa el optimizador Adam con tasa 0.05 [1].", "¿qué optimizador?", quotes)
    ''
    """
    numbers = cited(sentence)
    if not numbers or not all(1 <= n <= len(quotes) for n in numbers):
        return ""
    evidence = Evidence.of(question, [quotes[n - 1] for n in numbers])
    exact = _with_exact_quotes(sentence, evidence.quotes)
    own = CITED.sub(" ", exact)
    if not exact or not _numbers_stand(own, evidence) or not _names_stand(own, evidence):
        return ""
    return exact if _shares_enough(own, evidence) else ""


def verbatim(passage: str, source: str) -> str:
    """A passage as it stands in a source, found whatever its capitals, accents and stops; empty where it does not.

    >>> verbatim("la red neuronal", "Pues la Red, neuronal aprende")
    'la Red, neuronal'
    """
    wanted = words_of(passage)
    pieces = [(word, piece) for piece, text in enumerate(source.split()) for word in words_of(text)]
    held = [word for word, _ in pieces]
    for first in range(len(held) - len(wanted) + 1):
        if wanted and held[first : first + len(wanted)] == wanted:
            begin, end = pieces[first][1], pieces[first + len(wanted) - 1][1]
            return " ".join(source.split()[begin : end + 1]).strip(" ,.;:")
    return ""


def numbers_of(text: str) -> set[str]:
    """The numbers of a text as digits, also those written as words.

    >>> sorted(numbers_of("tres capas de 1,000 con 0,5"))
    ['0.5', '1000', '3']
    """
    found = {NUMBER_WORDS[word] for word in words_of(text) if word in NUMBER_WORDS}
    return found | {_plain(number) for number in NUMBER.findall(text)}


def _plain(number: str) -> str:
    """Without separators of thousands, with a point."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        number = re.sub(r"[.,]", "", number)
    whole, point, rest = number.replace(",", ".").partition(".")
    return (whole.lstrip("0") or "0") + point + rest


def _with_exact_quotes(sentence: str, quotes: Sequence[Quote]) -> str:
    """Each quoted passage replaced by the source's own letters; empty where one does not stand there."""
    parts, last = [], 0
    for match in QUOTED.finditer(sentence):
        said = next(group for group in match.groups() if group is not None)
        exact = next((found for quote in quotes if (found := verbatim(said, quote.text))), "")
        if not exact or MARK.search(exact):
            return ""
        opened, closed = match.group()[0], match.group()[-1]
        parts += [sentence[last : match.start()], opened, exact, closed]
        last = match.end()
    rest = sentence[last:]
    return "" if MARK.search(rest) else "".join([*parts, rest])


def _numbers_stand(sentence: str, evidence: Evidence) -> bool:
    return numbers_of(sentence) <= evidence.numbers


def _names_stand(sentence: str, evidence: Evidence) -> bool:
    return all(_stands(name, evidence) for name in names_of(sentence))


def _stands(name: str, evidence: Evidence) -> bool:
    words = words_of(name)
    spelled = "".join(words)
    return all(w in evidence.words or stem(w) in evidence.stems for w in words) or (
        len(spelled) > 3 and spelled in evidence.run
    )


def names_of(sentence: str) -> list[str]:
    """Words that look like names: a capital inside a sentence, or capitals and digits within a word.

    The first word counts where no dictionary knows it, or where another name follows it.

    >>> names_of("Se entrena con PyTorch y la capa L1 que vio Andrea")
    ['PyTorch', 'L1', 'Andrea']
    """
    words = list(NAME.finditer(sentence))
    found = []
    for place, match in enumerate(words):
        word, before = match.group(), sentence[: match.start()].rstrip()
        starts = place == 0 or before.endswith((".", "!", "?", ":", '"', "“", "«", "¿", "¡", "("))
        odd = any(c.isupper() for c in word[1:]) or (any(c.isdigit() for c in word) and not word.isdigit())
        follows = place + 1 < len(words) and words[place + 1].group()[:1].isupper() and len(word) > 3
        if odd or (word[0].isupper() and (not starts or follows or not _in_dictionary(word))):
            found.append(word)
    return found


@cache
def _in_dictionary(word: str) -> bool:
    import simplemma

    return len(word) < 4 or any(simplemma.is_known(word.lower(), lang=lang) for lang in ("es", "en"))


def _shares_enough(sentence: str, evidence: Evidence) -> bool:
    """Whether it speaks of what it cites; of another language, whether a single thing of it is meant there."""
    said = {stem(word) for word in telling(words_of(sentence)) if word not in FRAMING}
    if english(sentence) == english(" ".join(q.text for q in evidence.quotes)):
        return not said or len(said & evidence.stems) >= LEAST_SHARED * len(said)
    return any(_meant(root, evidence) for root in said) or _named(sentence, evidence)


def _meant(root: str, evidence: Evidence) -> bool:
    """Whether a word, or an everyday word of the other language that says the same, is in the evidence."""
    ways = shipped_everyday().of(root)
    return root in evidence.stems or any(set(way) <= evidence.stems for way in ways)


def _named(sentence: str, evidence: Evidence) -> bool:
    """Whether a term of the sentence is in the evidence by any of its names."""
    terms = [term for mention in shipped_glossary().mentions(words_of(sentence)) for term in mention.terms]
    names = [{stem(word) for word in words_of(name)} for term in terms for name in term.names]
    return any(name <= evidence.stems for name in names if name)


def english(text: str) -> bool:
    """Whether a text reads as English rather than Spanish.

    >>> english("the model is trained with the data"), english("el modelo se entrena con los datos")
    (True, False)
    """
    return language_of(text) == "en"


def language_of(text: str) -> Lang | None:
    """The language of a text's small words; None where they do not tell. What it quotes does not count.

    >>> language_of("The model «con los datos que hay en la red» is shown"), language_of("Adam [1].")
    ('en', None)
    """
    words = words_of(QUOTED.sub(" ", text))
    more = sum(w in ENGLISH_MARKS for w in words) - sum(w in SPANISH_MARKS for w in words)
    return "en" if more > 0 else "es" if more < 0 else None
