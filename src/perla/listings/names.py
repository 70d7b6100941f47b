"""Column names as people write them, taken apart into plain words: ``precio_m2``, ``HASLIFT``, ``engineSize``."""

from __future__ import annotations

import re
from functools import lru_cache

from perla.listings.units import plain_word


def word_set(words: str) -> frozenset[str]:
    """The words of a text: for lists of words.

    >>> sorted(word_set("price precio"))
    ['precio', 'price']
    """
    return frozenset(words.split())


# Words that stand glued together in names such as HASPARKINGSPACE; longer ones are preferred.
_GLUED = word_set("""
    active actualizacion administracion administration age air airconditioning amenity anio antiguedad area
    asking asset autonomy balcon balcony banos bath bathroom bathrooms baths bed bedroom bedrooms beds blasco
    body box boxroom brand building built cad cadastral cell center centro city clean code codigo color
    conditioning condition construction constructed consumption count created currency date dealer descripcion
    description diagonal direccion discount distance doorman doors drive duplex dwelling east elevator engine
    estrato exterior fecha fee flat floor floors fuel furnished garage garages garajes garden gear habitaciones
    has heating hectareas id image included in interior is kilometraje last lat latitude latitud lift link list
    listing living location lon longitud longitude lot make max metro mileage min model month name new north
    number old orientation owners parking parqueaderos period pool power precio previous price property
    publicacion published quality region registration renovated room rooms seats seller size sold south space
    spaces sqft sqm state status storage stratum street studio superficie swimming tax terrace terraza tipo
    title to top total transmission type unit updated url venta version view vin wardrobe west year zip zipcode
""")
_SQUARES = frozenset({"m2", "km2", "ft2", "mt2", "mts2"})
_SHORTEST_GLUED = 6


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The plain words of a column name: lower case, no accents, glued words taken apart.

    >>> words_of("Área_m2"), words_of("engineSize"), words_of("HASPARKINGSPACE")
    (('area', 'm2'), ('engine', 'size'), ('has', 'parking', 'space'))
    """
    text = plain_word(re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[._\-/]+", " ", name.replace("²", "2")))
    words: list[str] = []
    for token in re.findall(r"[^\W_]+|[€£$%]", text):
        words += [token] if token in _SQUARES else _split_token(token)
    return tuple(words)


def _split_token(token: str) -> list[str]:
    parts = re.findall(r"\d+|[^\d]+", token)
    found: list[str] = []
    for place, part in enumerate(parts):
        if part + "2" in _SQUARES and parts[place + 1 : place + 2] == ["2"]:
            found.append(part + "2")
        elif not (part == "2" and found and found[-1] in _SQUARES):
            found += _unglue(part) if len(part) >= _SHORTEST_GLUED else [part]
    return found


def _unglue(word: str) -> list[str]:
    """The fewest known words a glued word consists of; itself where it does not."""
    if word in _GLUED:
        return [word]
    best: list[list[str] | None] = [[], *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for start in range(end):
            before = best[start]
            if before is not None and word[start:end] in _GLUED:
                longer, now = [*before, word[start:end]], best[end]
                best[end] = longer if now is None or len(longer) < len(now) else now
    return best[-1] or [word]


def fold_name(name: str) -> str:
    """A name for comparing: ``Área m2``, ``area_m2`` and ``AREA-M2`` are one.

    >>> fold_name("Área (m²)") == fold_name("area_m2")
    True
    """
    return " ".join(words_of(name)) or plain_word(name)
