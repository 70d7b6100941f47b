"""Words of speech that tell what a sentence is: chatter, an explanation, a question, homework, a name called out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from perla.knowledge.sound import fold
from perla.knowledge.words import stop_words, words_of

CHATTER = re.compile(
    r"me (escuchan|oyen|ven|escuchas|oyes)|se (escucha|oye|alcanza a ver|ve (la|mi) pantalla|ve bien|me fue)|"
    r"(ven|viendo|ver|comparto|compartir|compartiendo|comparta) (la|mi) pantalla|micr[oó]fono|"
    r"(buenas|buenos) (noches|tardes|d[ií]as)|muchas gracias|hasta (luego|la pr[oó]xima|ma[ñn]ana)|un segundo|"
    r"d[eé]jame|d[eé]jenme|ya (casi|voy)|perd[oó]n|disculpen?|qu[eé] pena|c[oó]mo (est[aá]s|est[aá]n|les fue)|"
    r"(alguna|tienen|una) duda|ac[aá] (abajo|arriba)|aqu[ií] (abajo|arriba)|voy a (abrir|cerrar|borrar|copiar|parar)|"
    r"can you (hear|see)|share my screen|good (evening|morning)|thank you|one second|ta ta|la la la|chao|saludos"
)
META = re.compile(
    r"vamos a ver|ya vamos|voy a|vas a ver|les (comentaba|mostraba|voy)|sesi[oó]n(es)? anterior(es)?|vez pasada|"
    r"recuerd[ae]n|"
    r"no s[eé] si|a ver si|ahorita|si se dan cuenta|como les dec[ií]a|me parec(e|i[oó])|quer[ií]a mostrar|"
    r"we will see|last (time|session)|as i said"
)
POINTING = frozenset(
    words_of("aca aqui ahi alla esto este esta estos estas eso miren mira vean ven listo vale here look")
)
EXPLAINS = re.compile(
    r"\b(consiste en|significa|se llama|sirven? para|se (usa|utiliza)n? para|b[aá]sicamente es|b[aá]sicamente son|"
    r"se trata de|se define como|quiere decir|lo que hacen? es|la idea es|el objetivo es|se encarga de|"
    r"es (un|una|el|la|como)|son (los|las|unos|unas|como)|means|"
    r"is (a|an|the)|are (the|a)|is used (to|for)|consists of)\b"
)
EXPLAINED_AFTER = re.compile(
    r"^[\s,.?]*(que )?(b[aá]sicamente )?(es (un|una|el|la|los|las|como|que|cuando|para|b[aá]sicamente)|"
    r"son (los|las|unos|unas|como)|consiste|significa|sirven? para|se (usa|utiliza|encarga|trata|refiere)|"
    r"quiere decir|lo que hacen? es|means|is (a|an|the|when|used)|are (the|a)|consists)\b"
)
EXPLAINED_BEFORE = re.compile(
    r"(qu[eé] (es|son|significa)|se llaman?|conocid[oa] como|what (is|are)|called)\s+"
    r"(un|una|el|la|los|las|a|an|the)?\s*$"
)
ASKED = re.compile(
    r"(?:^|(?<=[\s.?!,¿]))((?:[yo]\s+)?(?:por qué|para qué|cómo|qué|cuál(?:es)?|cuánt[oa]s?|dónde|quién|sería posible|"
    r"se puede|what|how|why|which|can (?:we|you|i))\b[^?.]{12,120}\?)",
    re.IGNORECASE,
)
TAG = re.compile(r"\b(eh|vale|cierto|s[ií]|no|ok|okay|listo|correcto|verdad|cachas|right)\s*,?\?$", re.IGNORECASE)
QUESTION_AHEAD = re.compile(
    r"\b(una pregunta|mi pregunta|tengo una duda|una duda (que|es)|la pregunta es|la duda es|a question|my question)\b"
)
RHETORIC = re.compile(
    r"^(y |o )?(qu[eé] (pasa|tal|m[aá]s|es esto)|c[oó]mo (vamos|est[aá]n?|les|te fue)|qu[eé] hacemos)\b"
)
HOMEWORK = re.compile(
    r"\b((de|la|una|como) tarea( es| ser[ií]a| para| de la)|tareas? para|"
    r"para la pr[oó]xima (sesi[oó]n|semana|clase|vez)|"
    r"(les|los) (recomiendo|invito a|dejo)|la pr[oó]xima (sesi[oó]n|semana|clase) (vamos|vemos|ser[ií]a|intent)|"
    r"(practiquen|revisen|exploren|l[eé]anse|intenten|descarguen|instalen)|pueden ir (practicando|revisando|mirando)|"
    r"homework|for next (week|session|time)|i recommend)\b"
)
NAMED_WORKS = re.compile(r"\b(papers?|art[ií]culos?|libros?|arxiv|curso de|canal(es)? de youtube|books?|article)\b")
CALLED = re.compile(
    r"\b(?:[Gg]racias|[Hh]ola|[Bb]ienvenid[oa]|[Dd]ale|[Aa]delante|[Cc]u[eé]ntanos|[Cc]hao|[Ss]aludos|[Ll]isto|[Vv]ale|"
    r"[Bb]uenas|[Ss]eñora?|[Pp]regunta|dice|dijo|dec[ií]a|comenta|preguntaba)\s+([A-ZÁÉÍÓÚ][a-záéíóúñ]{2,})\b|"
    r"\b([A-ZÁÉÍÓÚ][a-záéíóúñ]{2,}),? (?:dispara|adelante|cu[eé]ntanos|dinos|qu[eé] opinas|preg[uú]ntale|"
    r"ten[ií]a una (?:pregunta|duda)|preguntaba|preguntó|comentaba|decía|nos (?:va|cuenta|dec[ií]a))\b"
)


def is_chatter(text: str) -> bool:
    """Whether a sentence is about the call, the screen or manners, not about the matter.

    >>> is_chatter("listo, ¿me escuchan? ¿se ve la pantalla?"), is_chatter("la red aprende los pesos")
    (True, False)
    """
    return bool(CHATTER.search(text.lower()))


def announces(text: str) -> bool:
    """Whether a sentence tells what will be or was shown instead of telling it."""
    return bool(META.search(text.lower()))


def pointing(words: Sequence[str]) -> float:
    """The share of words that point at a screen nobody sees later.

    >>> pointing(["mira", "esto", "de", "aca"])
    0.75
    """
    return sum(word in POINTING for word in words) / max(len(words), 1)


def explains(text: str) -> bool:
    """Whether a sentence says what something is or is for."""
    return bool(EXPLAINS.search(text.lower()))


def questions_in(text: str) -> list[str]:
    """Questions asked within a stretch of speech, verbatim; "¿eh?", "¿vale?" and manners are none.

    >>> questions_in("Eso es, eh? ¿Por qué la pérdida no baja con más épocas? vale?")
    ['Por qué la pérdida no baja con más épocas?']
    """
    found = [match.strip(" ¿") for match in ASKED.findall(text)]
    said = [q for q in found if not (is_chatter(q) or TAG.search(q) or RHETORIC.match(fold(q)))]
    return [q for q in said if _telling(q) >= 3]


def _telling(text: str) -> int:
    return sum(word not in stop_words() and len(word) > 3 for word in words_of(text))


def asks_ahead(text: str) -> bool:
    """Whether somebody announces a question ("tengo una duda")."""
    return bool(QUESTION_AHEAD.search(text.lower()))


def gives_homework(text: str) -> bool:
    """Whether a sentence says what to do until the next time.

    >>> gives_homework("De tarea para la próxima sesión revisen el capítulo dos")
    True
    """
    return bool(HOMEWORK.search(text.lower()))


def names_works(text: str) -> bool:
    """Whether a sentence speaks of a paper, a book or a course."""
    return bool(NAMED_WORKS.search(text.lower()))


def names_called(text: str) -> list[str]:
    """What may be names of people, called or cited; who knows the whole text leaves out what it also writes small.

    >>> names_called("Hola Xiomara, cómo vas. Listo Entonces seguimos")
    ['Xiomara']
    """
    found = [first or second for first, second in CALLED.findall(text)]
    return [name for name in found if words_of(name)[0] not in stop_words()]
