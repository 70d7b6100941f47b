"""What a question asks for: its language, the kind of answer, and the names it gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from perla.errors import InputError
from perla.knowledge.sound import fold
from perla.knowledge.words import stem, telling, words_of
from perla.words import Lang

MOST_WORDS, MOST_LETTERS = 200, 4000
NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


ASKED_WORD = re.compile(r"[^\W_]+(?:[-+./][^\W_]+)*")
SPANISH = _words(
    "el la los las un una de del que qué cómo como cuál cuáles para por porque y en con se es son fue lo al su sus "
    "dónde donde cuándo quién cuánto cuántos cuánta cuántas según dijo dijeron hay sobre usaron usa sirve esta este "
    "hacer hace nos me si sin más muy ser"
)
ENGLISH = _words(
    "the a an of to in is are was were what which who whom why how when where does did do for and with on from it its "
    "that this about should can could between they we you i there be has have used use say said than not if"
)


class Wanted(StrEnum):
    """The kind of answer."""

    NUMBER = "number"
    REASON = "reason"
    DEFINITION = "definition"
    NAME = "name"
    CODE = "code"
    ANYTHING = "anything"


_COUNTED = "valor|porcentaje|numero|precio|tamano|cantidad|edad|proporcion|tasa|rango|version"
_MEASURED = "percentage|number|value|price|size|share|proportion|rate|range|amount|version"
_NAMED = "libreria|biblioteca|herramienta|persona|empresa|lenguaje|algoritmo|modelo|pagina|plataforma|paquete|programa"
_CALLED = "library|tool|person|company|language|algorithm|model|page|site|platform|package|program|book|paper"
ASKS = (
    (Wanted.CODE, r"parte del codigo|donde .*codigo|en el codigo|que (funcion|clase|metodo|archivo|script)\b|"
                  r"donde se (define|calcula|implementa|programa)|where in the code|part of the code|in the code|"
                  r"(which|what) (function|class|method|file|script)\b|where is .*(defined|computed|implemented)"),
    (Wanted.NUMBER, rf"\bcuant[oa]s?\b|\b(que|cual) (es el |era el |fue el )?({_COUNTED})\b|"
                    r"\bhow (many|much|long|old|often|big|large|far|high)\b|"
                    rf"\b(what|which) (is the |was the )?({_MEASURED})\b"),
    (Wanted.REASON, r"\bpor que\b|\bpara que\b|\b(razon|motivo|causa)\b|\bwhy\b|\bwhat for\b|\breason\b"),
    (Wanted.NAME, rf"\bquien(es)?\b|\b(que|cual) ({_NAMED})s?\b|como se llama|\bwho\b|\b(which|what) ({_CALLED})s?\b|"
                  r"name of"),
    (Wanted.DEFINITION, r"\bque (es|son|significa|quiere decir|se entiende)\b|\bwhat (is|are)\b|\bmeans?\b|defin"),
)  # fmt: skip
_NUMBERS = (
    "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieci\\w+ veint\\w+ treinta "
    "cuarenta cincuenta sesenta setenta ochenta noventa cien ciento \\w*cientos mil millon millones mitad doble triple "
    "tercio cuarto porcentaje two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty "
    "hundred thousand million half double third percent"
)
IS_NUMBER = re.compile(rf"\w*\d\w*|un|una|one|{'|'.join(_NUMBERS.split())}")
SHOWS = {
    Wanted.NUMBER: re.compile(rf"\d|\b({'|'.join(_NUMBERS.split())})\b"),
    Wanted.REASON: re.compile(
        r"\bporque\b|\bya que\b|\bdebido\b|\bpor eso\b|\bpara que\b|\bpara\b|\brazon\b|\bpuesto que\b|\basi que\b|"
        r"\bpor lo tanto\b|\bsirve\b|\bpermite\b|\bentonces\b|\bpues\b|\bbecause\b|\bsince\b|\bso that\b|\btherefore\b"
    ),
    Wanted.DEFINITION: re.compile(
        r"\b(es|son) (un|una|el|la|lo|los|las|como|basicamente|simplemente)\b|\bsignifica\b|\bquiere decir\b|"
        r"\bconsiste\b|\bse llama\b|\bse refiere\b|\bo sea\b|\bes decir\b|\b(is|are) (a|an|the)\b|\bmeans\b"
    ),
}


_DAYS = (
    "lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre monday tuesday wednesday thursday friday saturday sunday january february march april "
    "june july august september october november december hoy ayer manana today yesterday tomorrow fecha date "
    "semanas? mes meses anos? horas? weeks? months? years? \\d{4}"
)
_TIMES = (
    "segundos? minutos? horas? dias? semanas? mes meses anos? rato demora demoro tarda tardo seconds? minutes? hours? "
    "days? weeks? months? years? takes took"
)
_MONEY = (
    "pesos dolar dolares euros usd plata gratis millones vale cuesta barato caro cobran? paga pagar dollars cost free"
)
EXACTLY = tuple(
    (re.compile(asks), re.compile(rf"\b({'|'.join(words.split())})\b"))
    for asks, words in (
        (r"^\W*(desde |para )?cuando\b|\bque (dia|fecha|hora|ano|mes)\b|^\W*when\b|"
         r"\b(what|which) (time|year|date|day|month)\b", _DAYS),
        (r"\bcuesta|\bcuanto (vale|costo)\b|\bpag(a|o|an|aron)\b|\bcobr(a|o|an|aron)\b|"
         r"\bdinero\b|\bplata\b|\bsalario\b|\bsalary\b|\b(pay|paid)\b|\bhow much\b.*\bcosts?\b", _MONEY),
        (r"\bcuanto (se )?(demor|tard|tiempo|dur)|\bcuant[oa]s (horas|minutos|segundos|dias)\b|\bhow long\b|"
         r"\bhow many (hours|minutes|seconds|days)\b", _TIMES),
    )
)  # fmt: skip
COUNTED = re.compile(r"\b(?:cuant[oa]s|how many)\s+(\w+)(?:\s+(\w+))?")
BEFORE_IT = 3  # words between which a number counts a thing

_WHICH = "(?:qu[eé]|cu[aá]l|which|what)"
_IN_CODE = r"(?:del|de el|en el|en nuestro|of the|in the|in our) (?:c[oó]digo|code)"
_THING = "(?:funci[oó]n|clase|m[eé]todo|archivo|script|function|class|method|file)"
CODE_FRAME = re.compile(
    rf"\b(?:en |in )?(?:{_WHICH}|d[oó]nde|where)?\s*(?:parte |part )?{_IN_CODE}\b|"
    rf"\b(?:en |in )?{_WHICH} (?:es la |is the )?{_THING}\b",
    re.IGNORECASE,
)  # words that say that code is asked for, and nothing of what


@dataclass(frozen=True)
class Asked:
    """A question, read. text : without signs that are no text. named : folded words that name a thing: capitals inside
    the question, acronyms, words with a digit. topic : the text without the words that only say it is about code."""

    text: str
    lang: Lang
    wanted: Wanted
    named: frozenset[str]
    topic: str


def read_question(question: str, lang: Lang | None = None) -> Asked:
    """What a question asks for. Raises InputError for one that holds no words, or more than anybody asks.

    lang : the language of the answer; otherwise the question's.

    >>> asked = read_question("¿Cuántas épocas usaron en PyTorch?")
    >>> asked.lang, asked.wanted.value, sorted(asked.named)
    ('es', 'number', ['pytorch'])
    """
    text = " ".join(NOT_TEXT.sub(" ", question).split())
    if sum(sign.isalnum() for sign in text) < 2:
        raise InputError(
            f'A question must hold at least one word; got {text!r}. For instance: perla ask "what is overfitting?"',
            f"Una pregunta debe tener al menos una palabra; se dio {text!r}. Pregunte, por ejemplo: perla ask «¿qué es "
            "el sobreajuste?»",
        )
    count = len(text.split())
    if count > MOST_WORDS or len(text) > MOST_LETTERS:
        raise InputError(
            f"A question must have at most {MOST_WORDS} words; got {count:,}. Ask one thing at a time.",
            f"Una pregunta debe tener máximo {MOST_WORDS} palabras; se dieron {count}. Pregunte una cosa a la vez.",
        )
    wanted = wanted_in(text)
    return Asked(text, lang or language_of(text), wanted, named_in(text), topic_of(text, wanted))


def language_of(text: str) -> Lang:
    """Spanish or English, by the small words and signs of a text; Spanish where nothing tells.

    >>> language_of("what is the loss?"), language_of("¿qué es overfitting?"), language_of("k-means")
    ('en', 'es', 'es')
    """
    words = re.findall(r"\w+", text.lower())
    spanish = sum(word in SPANISH for word in words) + 2 * bool(re.search("[¿¡ñáéíóú]", text.lower()))
    return "en" if sum(word in ENGLISH for word in words) > spanish else "es"


def wanted_in(text: str) -> Wanted:
    """The kind of answer a question wants.

    >>> [wanted_in(q).value for q in ("¿Por qué falla?", "How many rows?", "¿En qué parte del código se calcula?")]
    ['reason', 'number', 'code']
    """
    folded = fold(text)
    return next((wanted for wanted, pattern in ASKS if re.search(pattern, folded)), Wanted.ANYTHING)


def topic_of(text: str, wanted: Wanted) -> str:
    """What a question is about.

    >>> topic_of("¿En qué parte del código se abre la puerta?", Wanted.CODE)
    '¿ se abre la puerta?'
    """
    rest = " ".join(CODE_FRAME.sub(" ", text).split()) if wanted is Wanted.CODE else text
    return rest if telling(words_of(rest)) else text


def named_in(text: str) -> frozenset[str]:
    """Folded words of a question that name a thing."""
    found: set[str] = set()
    for place, match in enumerate(ASKED_WORD.finditer(text)):
        word = match.group()
        begins = place == 0 or text[: match.start()].rstrip(' "«').endswith((".", "?", "!", "¿", "¡", ":"))
        acronym = word.isupper() and len(word) > 1
        inside = any(sign.isupper() for sign in word[1:])
        digits = any(sign.isdigit() for sign in word) and any(sign.isalpha() for sign in word)
        if acronym or inside or digits or (word[0].isupper() and not begins):
            found.update(words_of(word))
    return frozenset(found)


def shows(wanted: Wanted, text: str) -> bool:
    """Whether a text may hold an answer of this kind.

    >>> shows(Wanted.NUMBER, "se apartan dos carros"), shows(Wanted.REASON, "es un árbol")
    (True, False)
    """
    pattern = SHOWS.get(wanted)
    return pattern is None or bool(pattern.search(fold(text)))


def shows_exactly(asked: Asked, text: str) -> bool:
    """Whether a text may hold just what is asked for: a number beside what is counted, a day, an amount, how long.

    Where it is none of these, its kind of answer (:func:`shows`).

    >>> asked = read_question("¿Cuántas abejas hay?")
    >>> shows_exactly(asked, "son cuarenta mil abejas"), shows_exactly(asked, "las abejas de tres colmenas")
    (True, False)
    """
    words, counted = _exact(asked)
    if words is not None:
        return bool(words.search(fold(text)))
    return _counts(stem(counted), words_of(text)) if counted else shows(asked.wanted, text)


def asks_exactly(asked: Asked) -> bool:
    """Whether a question asks how many of a thing, what day, what it costs or how long it takes."""
    words, counted = _exact(asked)
    return words is not None or bool(counted)


def _exact(asked: Asked) -> tuple[re.Pattern[str] | None, str]:
    """The words that a day, an amount or a time is told with, if one is asked for; else the thing that is counted."""
    question = fold(asked.text)
    for asks, words in EXACTLY:
        if asks.search(question):
            return words, ""
    thing = COUNTED.search(question)
    return None, next(iter(telling(word for word in thing.groups() if word)), "") if thing else ""


def _counts(root: str, words: Sequence[str]) -> bool:
    """Whether a number stands just before a thing."""
    places = [place for place, word in enumerate(words) if stem(word) == root]
    return any(IS_NUMBER.fullmatch(w) for place in places for w in words[max(0, place - BEFORE_IT) : place])
