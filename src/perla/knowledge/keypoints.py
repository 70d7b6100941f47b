"""The key points of a session, each with its minute, in the words that were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from perla.errors import EndpointError, InputError, UnknownNameError, closest
from perla.knowledge import cues
from perla.knowledge.endpoints import Endpoint
from perla.knowledge.evidence import Texts
from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.index import Index
from perla.knowledge.passages import Quote, Source, SourceKind
from perla.knowledge.salience import choose, part
from perla.knowledge.sentences import between
from perla.knowledge.talk import Talk, take_apart
from perla.knowledge.words import stem, telling, words_of
from perla.knowledge.written import summarise
from perla.words import Lang, Text

PARTS, FEWEST_POINTS, MOST_POINTS, WORDS_A_POINT = 5, 5, 12, 800
MOST_TERMS, MOST_TOOLS, MOST_WORKS, MOST_QUESTIONS, MOST_TASKS, MOST_NAMES = 10, 20, 6, 8, 6, 12
TERMS_A_PART = 4
TOOLS = ("Python and its libraries", "software, services and clouds")
SHORTEST_CAPITALS = 5  # GPU and RAM are parts, not tools
SMALL_LETTERS = 5  # a name is written with a capital at least so many times as often as without


@dataclass(frozen=True)
class PartTold:
    """A stretch of the session: what it speaks of most, and its most telling words."""

    start_s: float
    end_s: float
    terms: tuple[str, ...]
    quote: Quote


@dataclass(frozen=True)
class Named:
    """Something named in the session, how often, and first when."""

    name: str
    count: int
    start_s: float


@dataclass(frozen=True)
class Explained:
    """A term and the words that explain it."""

    name: str
    quote: Quote


@dataclass(frozen=True)
class KeyPoints:
    """What a session came to. Every quote is verbatim; its ``repaired`` is how mangled terms were probably meant.

    parts : five at most, the whole session in order. points : in order. people : names heard, which are inferred.
    written : what a language model wrote from the points, its sentences citing them by number; empty without one.
    """

    source: Source
    parts: tuple[PartTold, ...]
    points: tuple[Quote, ...]
    terms: tuple[Explained, ...]
    tools: tuple[Named, ...]
    works: tuple[Quote, ...]
    questions: tuple[Quote, ...]
    tasks: tuple[Quote, ...]
    people: tuple[Named, ...]
    written: str = ""
    written_by: str = ""
    removed: tuple[str, ...] = ()
    note: Text | None = None


def find_session(sources: Sequence[Source], asked: str) -> Source:
    """The recording of a number, a name, or part of one. Raises UnknownNameError, with the closest name.

    >>> talks = [Source("8. Redes.csv", SourceKind.RECORDING, "Redes neuronales", "8. Redes.csv", "", session="8")]
    >>> find_session(talks, "8").title, find_session(talks, "redes").session
    ('Redes neuronales', '8')
    """
    talks = [source for source in sources if source.kind is SourceKind.RECORDING]
    wanted = " ".join(words_of(asked))
    exact = [s for s in talks if asked.strip() in (s.session, s.name, s.title, s.path, s.day)]
    found = exact or [s for s in talks if wanted and wanted in " ".join(words_of(f"{s.name} {s.title}"))]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(repr(s.session or s.title) for s in found[:6])
        raise UnknownNameError(
            f"{len(found)} recordings are called like {asked!r}: {listed}. Say which.",
            f"Hay {len(found)} grabaciones que se llaman como {asked!r}: {listed}. Diga cuál.",
        )
    near = closest(asked, [s.title for s in talks]) or closest(asked, [w for s in talks for w in words_of(s.title)])
    listed = ", ".join(s.session or s.title for s in talks[:40]) or "-"
    raise UnknownNameError(
        f"No recording {asked!r} was learned. " + (f"Did you mean {near!r}?" if near else f"There are: {listed}."),
        f"No se ha aprendido ninguna grabación {asked!r}. "
        + (f"¿Quiso decir {near!r}?" if near else f"Hay: {listed}."),
    )


def key_points(index: Index, texts: Texts, source: Source) -> KeyPoints:
    """What a recording came to, in its own words. Raises InputError for a recording that says nothing."""
    session = take_apart(index, texts, source)
    if not session.sentences or not session.scores.max() > 0:
        raise InputError(
            f"The recording {source.title!r} holds no words to make key points of.",
            f"La grabación {source.title!r} no tiene palabras de las que sacar puntos clave.",
        )
    return KeyPoints(
        source, _parts(session), _points(session), _explained(session), _tools(session, index.glossary),
        _with(session, cues.names_works, MOST_WORKS), _questions(session),
        _with(session, cues.gives_homework, MOST_TASKS), _people(session),
    )  # fmt: skip


def _parts(session: Talk) -> tuple[PartTold, ...]:
    told = []
    taken: list[int] = []
    for piece in part(session.rows, PARTS):
        inside = range(piece.first, piece.last)
        best = choose(session.scores, session.rows, inside, 1, taken)
        if not best:
            continue
        taken += best
        start, end = session.sentences[piece.first].start_s, session.sentences[piece.last - 1].end_s
        told.append(PartTold(start, end, _most_said(session, inside), session.told(best[0])))
    return tuple(told)


def _most_said(session: Talk, inside: Sequence[int]) -> tuple[str, ...]:
    """The terms that a stretch says more than the whole session does."""
    here = Counter(name for place in inside for name in session.terms[place])
    everywhere = Counter(name for own in session.terms for name in own)
    share = len(inside) / len(session.terms)
    worth = {
        name: session.rarity_of(name) * n * n / (everywhere[name] * share + 1) for name, n in here.items() if n > 1
    }
    return tuple(sorted(worth, key=lambda name: (-worth[name], name))[:TERMS_A_PART])


def _points(session: Talk) -> tuple[Quote, ...]:
    """The best sentences of every part, the more the longer it is."""
    count = int(np.clip(len(session.script.words) // WORDS_A_POINT, FEWEST_POINTS, MOST_POINTS))
    pieces = part(session.rows, count)
    chosen: list[int] = []
    for piece in pieces:
        share = (piece.last - piece.first) / len(session.sentences)
        chosen += choose(
            session.scores, session.rows, range(piece.first, piece.last), max(1, round(count * share)), chosen
        )
    return tuple(session.told(place) for place in sorted(chosen))


def _explained(session: Talk) -> tuple[Explained, ...]:
    """For the terms that matter most, the words from their name on that say what they are."""
    best: dict[str, tuple[float, Quote]] = {}
    for place, named in enumerate(session.terms):
        said = session.sentences[place]
        for name, (first, last) in named.items():
            if last <= first or cues.is_chatter(said.text):
                continue
            quote = _explanation(session, place, first, last)
            score = session.rarity_of(name) * (0.3 + float(session.scores[place]))
            if quote is not None and score > best.get(name, (0.0, None))[0]:
                best[name] = (score, quote)
    counts = Counter(name for own in session.terms for name in own)
    order = sorted(best, key=lambda n: (-session.rarity_of(n) * np.log1p(counts[n]), n))
    found: list[Explained] = []
    seen: set[str] = set()
    for name in order:
        quote = best[name][1]
        if quote.text not in seen and len(found) < MOST_TERMS:
            seen.add(quote.text)
            found.append(Explained(name, quote))
    return tuple(sorted(found, key=lambda one: one.quote.start_s))


def _explanation(session: Talk, place: int, first: int, last: int) -> Quote | None:
    """The words around a term if they say what it is: from its name (or "qué es") to the end of the next sentence."""
    said = session.sentences[place]
    after = " ".join(word.text for word in session.script.words[last : last + 8])
    before = " ".join(word.text for word in session.script.words[max(0, first - 6) : first])
    asked = cues.EXPLAINED_BEFORE.search(before)
    if not cues.EXPLAINED_AFTER.search(after) and not asked:
        return None
    end = said.last
    if end - first < 14 and place + 1 < len(session.sentences):
        end = session.sentences[place + 1].last
    begin = max(said.first, first - (len(asked.group().split()) if asked else 0))
    words = session.script.words
    while begin > 0 and words[begin - 1].piece == words[begin].piece:
        begin -= 1
    return session.quote_of(between(session.script, begin, end))


def _tools(session: Talk, glossary: Glossary) -> tuple[Named, ...]:
    """Libraries, programs and services, the most named first."""
    kinds = {term.name for term in glossary.terms if term.theme in TOOLS and _has_a_name(term)}
    counts = Counter(name for own in session.terms for name in own if name in kinds)
    firsts: dict[str, float] = {}
    for said, own in zip(session.sentences, session.terms, strict=True):
        for name in own:
            firsts.setdefault(name, said.start_s)
    return tuple(Named(name, count, firsts[name]) for name, count in counts.most_common(MOST_TOOLS))


def _has_a_name(term: Term) -> bool:
    """Keras and scikit-learn do, "function" and "GPU" do not."""
    import simplemma

    if any(c.isupper() for c in term.name):
        return not (term.name.isupper() and len(term.name) < SHORTEST_CAPITALS)
    library = any(name.startswith("librer") for name in term.spanish)
    odd = not all(simplemma.is_known(word, lang="en") for word in words_of(term.name))
    return library or (term.theme == TOOLS[0] and odd)


def _with(session: Talk, is_one: Callable[[str], bool], most: int) -> tuple[Quote, ...]:
    """Sentences of a kind, the most telling ones, in order."""
    places = [place for place, said in enumerate(session.sentences) if is_one(said.text)]
    scores = session.scores + 0.05
    return tuple(session.quote(place) for place in sorted(choose(scores, session.rows, places, most, [])))


def _questions(session: Talk) -> tuple[Quote, ...]:
    """Questions as they were asked, and sentences that announce one."""
    found: list[tuple[float, Quote]] = []
    for place, said in enumerate(session.sentences):
        following = session.sentences[place + 1] if place + 1 < len(session.sentences) else said
        stretch = between(session.script, said.first, following.last)
        for asked in cues.questions_in(stretch.text):
            if stretch.text.find(asked) < len(said.text):
                quote = session.quote_of(stretch)
                found.append((float(session.rows[place].any()) + _terms_named(asked, session), _only(quote, asked)))
        if cues.asks_ahead(said.text):
            found.append((1.5, session.quote_of(stretch)))
    best = sorted(found, key=lambda one: -one[0])[:MOST_QUESTIONS]
    return tuple(dict.fromkeys(quote for _, quote in sorted(best, key=lambda one: one[1].start_s)))


def _terms_named(asked: str, session: Talk) -> float:
    return sum(session.rarity.get(stem(word), 0.0) for word in set(telling(words_of(asked))))


def _only(quote: Quote, words: str) -> Quote:
    """A quote cut to some of its words, and what is written together with them."""
    first = quote.text.rfind(" ", 0, quote.text.index(words) + 1) + 1
    last = quote.text.find(" ", quote.text.index(words) + len(words))
    cut = quote.text[first : last if last >= 0 else None]
    return Quote(cut, cut, quote.source, quote.score, quote.start_s, quote.end_s)


def _people(session: Talk) -> tuple[Named, ...]:
    """Names called or cited that are no terms, and that the session hardly ever writes with a small letter."""
    terms = {word for own in session.terms for name in own for word in words_of(name)}
    pieces = Counter(piece.strip(",.;:?!¿¡") for piece in session.script.pieces)
    heard = [
        (name, said.start_s)
        for said in session.sentences
        for name in cues.names_called(said.text)
        if words_of(name)[0] not in terms and pieces[name.lower()] * SMALL_LETTERS <= pieces[name]
    ]
    firsts = dict(reversed(heard))
    return tuple(
        Named(name, pieces[name], firsts[name]) for name, _ in Counter(n for n, _ in heard).most_common(MOST_NAMES)
    )


def with_summary(told: KeyPoints, lang: Lang, endpoint: Endpoint) -> KeyPoints:
    """With a summary that a language model writes from the points, each sentence checked.

    ``note`` says what is amiss. Where the server is absent, slow or answers nonsense, or nothing
    that it wrote stands, the summary is as it was.
    """
    try:
        written = summarise(told.source.title, lang, told.points, endpoint)
    except EndpointError as problem:
        return replace(told, note=problem.message)
    by = written.model if written.text else ""
    return replace(told, written=written.text, written_by=by, removed=written.removed, note=written.note)
