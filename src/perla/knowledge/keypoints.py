"""The key points of a session, each with its minute, in the words that were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from perla.errors import EndpointError, InputError, UnknownNameError, closest
from perla.knowledge import cues
from perla.knowledge.cutting import Script
from perla.knowledge.endpoints import Endpoint
from perla.knowledge.evidence import Texts
from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.index import Index
from perla.knowledge.passages import Quote, Source, SourceKind
from perla.knowledge.repair import repaired
from perla.knowledge.salience import Floats, choose, part, rank, vectors
from perla.knowledge.sentences import Sentence, between
from perla.knowledge.words import stem, telling, words_of
from perla.knowledge.written import summarise
from perla.words import Lang, Text

PARTS, FEWEST_POINTS, MOST_POINTS, WORDS_A_POINT = 5, 5, 12, 800
MOST_WORDS_TOLD, ENDED = 60, (".", "?", "!")
MOST_TERMS, MOST_TOOLS, MOST_WORKS, MOST_QUESTIONS, MOST_TASKS, MOST_NAMES = 10, 20, 6, 8, 6, 12
TERMS_A_PART = 4
TERM_WEIGHT = 1.6  # a term beside a plain stem
TOO_SHORT = 6  # telling words of a sentence worth telling
TOOLS = ("Python and its libraries", "software, services and clouds")
FEW_SOURCES = 5
SMALL_LETTERS = 5  # a name is written with a capital at least so many times as often as without
TERM = "\x1f"  # before a term's name, which no stem holds


@dataclass(frozen=True)
class PartTold:
    """A stretch of the session: what it speaks of most, and its most telling words."""

    start_s: float
    end_s: float
    terms: tuple[str, ...]
    quote: Quote


@dataclass(frozen=True)
class Named:
    """Something named in the session, how often, and first when. heard : as it stands there, where that differs."""

    name: str
    count: int
    start_s: float
    heard: str = ""


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


@dataclass(frozen=True)
class _Session:
    """A recording taken apart. terms : of each sentence, by name, from which word to which. scores : (sentences,)."""

    source: Source
    script: Script
    sentences: tuple[Sentence, ...]
    terms: tuple[Mapping[str, tuple[int, int]], ...]
    rows: Floats
    scores: Floats
    rarity: Mapping[str, float]
    texts: Texts

    def quote(self, place: int) -> Quote:
        return self.quote_of(self.sentences[place], float(self.scores[place]))

    def told(self, place: int) -> Quote:
        """A sentence with the next one where it is short, so that it can be understood alone."""
        said, after = self.sentences[place], self.sentences[min(place + 1, len(self.sentences) - 1)]
        ends = said.text.endswith(ENDED) or cues.is_chatter(after.text) or after.last - said.first > MOST_WORDS_TOLD
        whole = said if ends else between(self.script, said.first, after.last)
        return self.quote_of(whole, float(self.scores[place]))

    def quote_of(self, said: Sentence, score: float = 0.0) -> Quote:
        meant = repaired(said.text, self.texts.heard(said))
        return Quote(said.text, meant, self.source, round(score, 4), said.start_s, said.end_s,
                     said.first_line, said.last_line)  # fmt: skip


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
    session = _take_apart(index, texts, source)
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


def _take_apart(index: Index, texts: Texts, source: Source) -> _Session:
    script, sentences = texts.script(source.name), texts.sentences(source.name)
    terms = tuple(_terms_in(said, script, texts, index.glossary) for said in sentences)
    tokens = []
    for said, named in zip(sentences, terms, strict=True):
        words = [word.text for word in script.words[said.first : said.last]]
        taken = {place for first, last in named.values() for place in range(first - said.first, last - said.first)}
        rest = [word for place, word in enumerate(words) if place not in taken]
        tokens.append([*(TERM + name for name in named), *(stem(w) for w in telling(rest) if len(w) > 2)])
    rarity = _rarity(index, tokens, _ways(script, terms))
    rows = vectors(tokens, rarity)
    scores = rank(rows) * _worth(script, sentences, tokens, terms) if sentences else np.zeros(0)
    return _Session(source, script, sentences, terms, rows, scores, rarity, texts)


def _terms_in(said: Sentence, script: Script, texts: Texts, glossary: Glossary) -> dict[str, tuple[int, int]]:
    """The terms of a sentence, spelled right or told as repairs, by their names; words of a like stem are none."""
    words = [word.text for word in script.words[said.first : said.last]]
    found = {
        term.name: (said.first + m.first, said.first + m.last)
        for m in glossary.mentions(words)
        if (term := _spelled(m.terms, words[m.first : m.last])) is not None
    }
    meant = words_of(repaired(said.text, texts.heard(said)))
    for mention in glossary.mentions(meant) if meant != words else ():
        spelled = _spelled(mention.terms, meant[mention.first : mention.last])
        if spelled is not None:
            found.setdefault(spelled.name, (said.first, said.first))
    return found


def _spelled(terms: Sequence[Term], words: Sequence[str]) -> Term | None:
    """The term that has just this name, or its plural."""
    joined = " ".join(words)
    ways = {joined, joined.removesuffix("s"), joined.removesuffix("es")}
    return next((t for t in terms if ways & {" ".join(words_of(name)) for name in t.names}), None)


def _ways(script: Script, terms: Sequence[Mapping[str, tuple[int, int]]]) -> dict[str, set[str]]:
    """Of each term the words it was said with; its own name where it was only told as a repair."""
    ways: dict[str, set[str]] = {}
    for named in terms:
        for name, (first, last) in named.items():
            said = " ".join(word.text for word in script.words[first:last])
            ways.setdefault(name, set()).add(said or name)
    return ways


def _rarity(index: Index, tokens: Sequence[Sequence[str]], ways: Mapping[str, set[str]]) -> dict[str, float]:
    """How telling each token is, 0 to about 2: said in few of the sources; a term more than a word."""
    found = {}
    for token in {token for row in tokens for token in row}:
        said = ways[token.removeprefix(TERM)] if token.startswith(TERM) else set()
        rare = [max((_spread(index, stem(word)) for word in words_of(way)), default=0.0) for way in said]
        found[token] = TERM_WEIGHT * min(rare, default=0.0) if said else _spread(index, token)
    return found


def _spread(index: Index, root: str) -> float:
    """1 for what one source alone says, near 0 for what all say; where there are few sources, by passages."""
    held = index.stems.weights_of(root) > 0
    if len(index.sources) < FEW_SOURCES:
        return float(index.stems.rarity_of(root) / np.log(2 * len(index) + 2))
    count = np.unique(index.of_source[held]).size
    return float(np.log((len(index.sources) + 1) / (count + 0.5)) / np.log((len(index.sources) + 1) / 1.5)) + 0.05


def _worth(
    script: Script,
    sentences: Sequence[Sentence],
    tokens: Sequence[Sequence[str]],
    terms: Sequence[Mapping[str, object]],
) -> Floats:
    """What a sentence is worth telling beside how central it is: dense, of terms, explaining, no chatter."""
    worth = np.zeros(len(sentences))
    for place, said in enumerate(sentences):
        words = [word.text for word in script.words[said.first : said.last]]
        if len(tokens[place]) < TOO_SHORT or cues.is_chatter(said.text):
            continue
        dense = len(set(tokens[place])) / len(words)
        worth[place] = (0.4 + dense) * (1 + 0.3 * min(len(terms[place]), 3)) * (1 - min(3 * cues.pointing(words), 0.8))
        worth[place] *= (1.6 if cues.explains(said.text) else 1.0) * (0.4 if cues.announces(said.text) else 1.0)
    return worth


def _parts(session: _Session) -> tuple[PartTold, ...]:
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


def _most_said(session: _Session, inside: Sequence[int]) -> tuple[str, ...]:
    """The terms that a stretch says more than the whole session does."""
    here = Counter(name for place in inside for name in session.terms[place])
    everywhere = Counter(name for own in session.terms for name in own)
    share = len(inside) / len(session.terms)
    worth = {
        name: session.rarity.get(TERM + name, 0) * n * n / (everywhere[name] * share + 1)
        for name, n in here.items()
        if n > 1
    }
    return tuple(sorted(worth, key=lambda name: (-worth[name], name))[:TERMS_A_PART])


def _points(session: _Session) -> tuple[Quote, ...]:
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


def _explained(session: _Session) -> tuple[Explained, ...]:
    """For the terms that matter most, the words from their name on that say what they are."""
    best: dict[str, tuple[float, Quote]] = {}
    for place, named in enumerate(session.terms):
        said = session.sentences[place]
        for name, (first, last) in named.items():
            if last <= first or cues.is_chatter(said.text):
                continue
            quote = _explanation(session, place, first, last)
            score = session.rarity.get(TERM + name, 0) * (0.3 + float(session.scores[place]))
            if quote is not None and score > best.get(name, (0.0, None))[0]:
                best[name] = (score, quote)
    counts = Counter(name for own in session.terms for name in own)
    order = sorted(best, key=lambda n: (-session.rarity.get(TERM + n, 0) * np.log1p(counts[n]), n))
    found: list[Explained] = []
    seen: set[str] = set()
    for name in order:
        quote = best[name][1]
        if quote.text not in seen and len(found) < MOST_TERMS:
            seen.add(quote.text)
            found.append(Explained(name, quote))
    return tuple(sorted(found, key=lambda one: one.quote.start_s))


def _explanation(session: _Session, place: int, first: int, last: int) -> Quote | None:
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


def _tools(session: _Session, glossary: Glossary) -> tuple[Named, ...]:
    """Libraries, programs and services, the most named first."""
    kinds = {term.name for term in glossary.terms if term.theme in TOOLS and _has_a_name(term)}
    counts = Counter(name for own in session.terms for name in own if name in kinds)
    firsts: dict[str, float] = {}
    for said, own in zip(session.sentences, session.terms, strict=True):
        for name in own:
            firsts.setdefault(name, said.start_s)
    return tuple(Named(name, count, firsts[name]) for name, count in counts.most_common(MOST_TOOLS))


def _has_a_name(term: Term) -> bool:
    """Keras and pandas do, "function" and "GPU" do not."""
    library = any(name.startswith("librer") for name in term.spanish)
    return library or (any(c.isupper() for c in term.name) and not (term.name.isupper() and len(term.name) < 5))


def _with(session: _Session, is_one: Callable[[str], bool], most: int) -> tuple[Quote, ...]:
    """Sentences of a kind, the most telling ones, in order."""
    places = [place for place, said in enumerate(session.sentences) if is_one(said.text)]
    scores = session.scores + 0.05
    return tuple(session.quote(place) for place in sorted(choose(scores, session.rows, places, most, [])))


def _questions(session: _Session) -> tuple[Quote, ...]:
    """Questions as they were asked, and sentences that announce one."""
    found: list[tuple[float, Quote]] = []
    for place, said in enumerate(session.sentences):
        following = session.sentences[place + 1] if place + 1 < len(session.sentences) else said
        stretch = between(session.script, said.first, following.last)
        for asked in cues.questions_in(stretch.text):
            if stretch.text.find(asked) < len(said.text):
                quote = session.quote_of(said)
                found.append((float(session.rows[place].any()) + _terms_named(asked, session), _only(quote, asked)))
        if cues.asks_ahead(said.text):
            found.append((1.5, session.quote_of(stretch)))
    best = sorted(found, key=lambda one: -one[0])[:MOST_QUESTIONS]
    return tuple(dict.fromkeys(quote for _, quote in sorted(best, key=lambda one: one[1].start_s)))


def _terms_named(asked: str, session: _Session) -> float:
    return sum(session.rarity.get(stem(word), 0.0) for word in set(telling(words_of(asked))))


def _only(quote: Quote, words: str) -> Quote:
    """A quote cut to some of its words."""
    return Quote(words, words, quote.source, quote.score, quote.start_s, quote.end_s)


def _people(session: _Session) -> tuple[Named, ...]:
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
