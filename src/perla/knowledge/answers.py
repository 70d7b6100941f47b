"""Questions -> answers: the sentences that answer, verbatim, with the minute or the line where they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perla.knowledge import refusal, search
from perla.knowledge.asked import Asked, Wanted, asks_exactly, language_of, read_question, shows, shows_exactly
from perla.knowledge.cutting import Script
from perla.knowledge.evidence import Sought, Texts, held_by, roots_of, roots_of_text, share_of, sought_in
from perla.knowledge.index import Index
from perla.knowledge.passages import Answer, Hit, Quote, Source, SourceKind
from perla.knowledge.sentences import Sentence, between, stands_in
from perla.knowledge.sessions import Naming, naming
from perla.words import Lang, Text, fill

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
AROUND = 30  # words beside a passage that are looked at too
USUAL_RUN, LONGER_RUN = (3, 75), (4, 100)  # sentences and words of a quote, and of the first
OF_THE_BEST, LEAST_OF_THE_BEST = 2, 0.2  # quotes of the best passage; how good the second must be, of the first
LONGEST_JOINED, FEWEST_WORDS = 120, 14
TOUCHED = 0.4  # from which on a sentence holds something of a question
SHOWS_KIND, PER_WORD, OUTSIDE, TOO_SHORT = 0.12, 0.0012, 0.05, 0.1
MOST_ANSWERING, LEAST_BESIDE = 2, 0.8  # quotes in the answer itself; how good a second must be, of the first
LINES_OF_CODE, LINES_OF_HEAD = 12, 3
UNASKED_CODE = 0.8  # what code counts where nobody asks for it
DEFINITIONS_WEIGHED, NAMED = 12, 0.5  # of code; what a name that says it counts
MOST_SESSIONS = 5
WEIGHED = 5  # passages and quotes that tell whether to refuse, however many are shown


@dataclass(frozen=True)
class Chosen:
    """The sentences of a hit that answer best. score : 0 to about 1.1. held : share of the question they hold."""

    sentence: Sentence
    hit: Hit
    score: float
    held: float

    def says_again(self, other: Chosen) -> bool:
        """Whether both hold a word of the same source."""
        s, o = self.sentence, other.sentence
        return s.source == o.source and s.first < o.last and o.first < s.last


def answer(
    index: Index,
    question: str,
    texts: Texts,
    count: int = 5,
    kinds: Collection[SourceKind] = (),
    lang: Lang | None = None,
    sources: Collection[str] = (),
    rule: refusal.Rule = refusal.RULE,
    leg: Callable[[str, search.Found], search.Found] | None = None,
) -> Answer:
    """The sentences that answer a question, or a refusal with the nearest moments.

    texts : the words of what the index was made of. count : how many quotes at most. kinds, sources : only from these;
    empty: from all, or from the recordings that the question names ("in session 18"). lang : of the answer; otherwise
    the question's. Every quote was checked against its source. Raises InputError for a question that is empty or too
    long. leg : joins one more signal to what was found (:class:`perla.knowledge.dense.Leg`).
    """
    clock = _Clock()
    asked = read_question(question, lang)
    named = Naming(tuple(sources), asked.topic) if sources else naming(asked.topic, index.sources)
    found = search.judge(index, named.rest)
    found = found if leg is None else leg(named.rest, found)
    keep = search.allowed(index, kinds, named.sources)
    facts = refusal.read_units(index, asked, found.units)
    sought = sought_in(index, found.units, facts.weights.tolist(), language_of(asked.text))
    hits = _hits(index, found, count, keep, asked, sought)
    clock.note("search")
    chosen = [one for one in _choose(hits, texts, sought, asked) if _checked(one.sentence, texts)]
    told, rows = _told(chosen[:WEIGHED], asked), _rows(index, hits[:WEIGHED])
    chosen, hits = chosen[:count], hits[:count]
    quotes = tuple(_quote(one, texts) for one in chosen)
    clock.note("quotes")
    evidence, missing = refusal.weigh(index, found, facts, rows, told)
    facets = _sessions(index, hits)
    clock.note("evidence")
    if not quotes or rule.refuses(evidence, chosen[0].hit.passage.kind):
        why = refusal.tell(missing, asked)
        return Answer(asked.text, asked.lang, why.text(asked.lang), True, (), why, quotes, facets, clock.told())
    text = _write(quotes, chosen, asked.lang)
    return Answer(asked.text, asked.lang, text, False, quotes, None, (), facets, clock.told())


class _Clock:
    """Milliseconds by step."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._first = self._last = time.perf_counter()

    def note(self, step: str) -> None:
        now = time.perf_counter()
        self._told[step], self._last = round((now - self._last) * 1000, 1), now

    def told(self) -> dict[str, float]:
        return {**self._told, "total": round((time.perf_counter() - self._first) * 1000, 1)}


def _hits(
    index: Index, found: search.Found, count: int, keep: Bools, asked: Asked, sought: Sequence[Sought]
) -> list[Hit]:
    """The best passages, all that are weighed; a question about code gets code first, then where it was explained."""
    code = np.array([source.kind is SourceKind.CODE for source in index.sources], bool)[index.of_source]
    if asked.wanted is not Wanted.CODE:
        scores = np.where(code, UNASKED_CODE * found.scores, found.scores)
        return search.best(index, replace(found, scores=scores), max(count, WEIGHED), keep)
    near = search.best(index, found, DEFINITIONS_WEIGHED, keep & code)
    written = sorted(near, key=lambda hit: -hit.score - NAMED * _named_by(hit, sought))[: max(1, count - 2)]
    return [*written, *search.best(index, found, count - len(written), keep & ~code)]


def _named_by(hit: Hit, sought: Sequence[Sought]) -> float:
    """How much of a question the name and the first lines of a definition hold."""
    head = " ".join([hit.passage.heading, *hit.passage.text.splitlines()[:LINES_OF_HEAD]])
    return share_of(sought, held_by(sought, roots_of_text(head), ()))


def _rows(index: Index, hits: Sequence[Hit]) -> list[int]:
    wanted = {(hit.passage.source, hit.passage.first_word) for hit in hits}
    return [row for row, p in enumerate(index.passages) if (p.source, p.first_word) in wanted]


def _choose(hits: Sequence[Hit], texts: Texts, sought: Sequence[Sought], asked: Asked) -> list[Chosen]:
    """What is quoted, in order: of the best passage the run that answers best and a second, of the others one each."""
    chosen: list[Chosen] = []
    for hit in hits:
        if hit.passage.kind is SourceKind.CODE:
            runs = iter([_definition(hit, sought)])
        elif chosen:
            runs = _runs(_look(hit, texts, sought, asked), USUAL_RUN)
        else:
            runs = iter(_of_the_best(_look(hit, texts, sought, asked)))
        chosen += list(islice(_apart(runs, chosen), 1 if chosen else OF_THE_BEST))
    return chosen


def _told(chosen: Sequence[Chosen], asked: Asked) -> refusal.Told:
    """What the best sentences say of a question."""
    texts = [one.sentence.text for one in chosen]
    return refusal.Told(
        max((one.held for one in chosen), default=0.0),
        any(shows(asked.wanted, text) for text in texts[:2]),
        not asks_exactly(asked) or any(shows_exactly(asked, text) for text in texts),
    )


@dataclass(frozen=True)
class _Looked:
    """The sentences in and beside a passage. held : (sentences, units). weights : of the units, together 1.

    answers : (sentences,), which hold something of the question and show what is asked for.
    """

    hit: Hit
    script: Script
    sentences: Sequence[Sentence]
    held: Floats
    weights: Floats
    answers: Bools

    def share(self, run: Sentence) -> float:
        """The share of the question that a run of sentences holds."""
        inside = [run.first <= one.first and one.last <= run.last for one in self.sentences]
        return float(self.weights @ self.held[inside].max(axis=0))


def _look(hit: Hit, texts: Texts, sought: Sequence[Sought], asked: Asked) -> _Looked:
    passage, script = hit.passage, texts.script(hit.passage.source)
    first, last = passage.first_word - AROUND, passage.last_word + AROUND
    here = texts.near(passage.source, first, last)
    parts = [held_by(sought, roots_of(script, s), texts.heard(s)) for s in here]
    held = np.minimum(np.array(parts, float).reshape(len(here), len(sought)), 1.0)
    touched = held.max(axis=1, initial=0.0) >= TOUCHED
    answers = [bool(on) and shows_exactly(asked, s.text) for s, on in zip(here, touched, strict=True)]
    weights = np.array([one.weight for one in sought], float)
    return _Looked(hit, script, here, held, weights / max(weights.sum(), 1e-9), np.array(answers, bool))


def _of_the_best(looked: _Looked) -> list[Chosen]:
    """The best run of the best passage, longer than others may be; of speech a second too, as one where they touch."""
    first = next(_runs(looked, LONGER_RUN), None)
    if first is None:
        return []
    said = looked.hit.passage.kind is SourceKind.RECORDING
    second = next(_apart(_runs(looked, USUAL_RUN), [first]), None) if said else None
    if second is None or second.score < LEAST_OF_THE_BEST * first.score:
        return [first]
    begin, end = sorted((first.sentence, second.sentence), key=lambda sentence: sentence.first)
    if begin.last < end.first or end.last - begin.first > LONGEST_JOINED:
        return [first, second]
    whole = between(looked.script, begin.first, end.last)
    return [replace(first, sentence=whole, held=looked.share(whole))]


def _runs(looked: _Looked, longest: tuple[int, int]) -> Iterator[Chosen]:
    """Runs of sentences in and beside a passage, best first: those that hold most of the question in the fewest words.

    longest : sentences and words of a run.
    """
    ranked = []
    for start, end in _stretches(looked.sentences, longest):
        held = float(looked.weights @ looked.held[start:end].max(axis=0))
        ranked.append(
            (held - _lost(looked, start, end) + SHOWS_KIND * looked.answers[start:end].any(), held, start, end)
        )
    for score, held, start, end in sorted(ranked, key=lambda one: -one[0]):
        run = between(looked.script, looked.sentences[start].first, looked.sentences[end - 1].last)
        yield Chosen(run, looked.hit, float(score), held)


def _stretches(sentences: Sequence[Sentence], longest: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Sentences that follow one another, no more of them and no more words than asked for; one alone may be longer."""
    for start in range(len(sentences)):
        for end in range(start + 1, min(start + longest[0], len(sentences)) + 1):
            if end - start > 1 and sentences[end - 1].last - sentences[start].first > longest[1]:
                break
            yield start, end


def _lost(looked: _Looked, start: int, end: int) -> float:
    """What a run of sentences loses where it is long, very short or beside the passage."""
    passage = looked.hit.passage
    first, last = looked.sentences[start].first, looked.sentences[end - 1].last
    words = last - first
    outside = max(0, passage.first_word - first) + max(0, last - passage.last_word)
    short = words < FEWEST_WORDS and passage.kind is SourceKind.RECORDING
    return PER_WORD * words + OUTSIDE * outside / words + (TOO_SHORT if short else 0.0)


def _definition(hit: Hit, sought: Sequence[Sought]) -> Chosen:
    """A definition of code as it begins: its head, its docstring, its first lines."""
    passage = hit.passage
    text = "\n".join(passage.text.splitlines()[:LINES_OF_CODE]).rstrip()
    held = share_of(sought, held_by(sought, roots_of_text(passage.text), ()))
    sentence = Sentence(
        passage.source, text, passage.first_word, passage.last_word, first_line=passage.first_line,
        last_line=passage.last_line,
    )  # fmt: skip
    return Chosen(sentence, hit, held, held)


def _apart(chosen: Iterable[Chosen], before: Sequence[Chosen]) -> Iterator[Chosen]:
    """Without those that say again what a better one says, or one of those before."""
    kept = list(before)
    for one in chosen:
        if not any(one.says_again(other) for other in kept):
            kept.append(one)
            yield one


def _quote(one: Chosen, texts: Texts) -> Quote:
    s = one.sentence
    source = texts.reading(s.source).source
    repaired = _repaired(s, texts) if source.kind is SourceKind.RECORDING else s.text
    heading = one.hit.passage.heading
    return Quote(
        s.text, repaired, source, round(one.hit.score, 4), s.start_s, s.end_s, s.first_line, s.last_line, heading
    )


def _repaired(sentence: Sentence, texts: Texts) -> str:
    heard = texts.heard(sentence)
    if not heard:
        return sentence.text
    try:
        from perla.knowledge.repair import repaired
    except ImportError:
        return sentence.text
    return repaired(sentence.text, heard)


def _checked(sentence: Sentence, texts: Texts) -> bool:
    """By program: the words stand in the source."""
    return stands_in(sentence.text, texts.script(sentence.source))


def _sessions(index: Index, hits: Sequence[Hit]) -> tuple[Source, ...]:
    """The sources of the hits, best first."""
    sources = {source.name: source for source in index.sources}
    return tuple(sources[name] for name in dict.fromkeys(hit.passage.source for hit in hits))[:MOST_SESSIONS]


def link(quote: Quote) -> str:
    """An address that opens the recording at the second of a quote; empty where its media is not known."""
    if not quote.source.media:
        return ""
    return f"{Path(quote.source.media).absolute().as_uri()}#t={max(0, int(quote.start_s))}"


def _write(quotes: Sequence[Quote], chosen: Sequence[Chosen], lang: Lang) -> str:
    """The answer in a few lines: who said it, and the words."""
    first = chosen[0].score
    best = [q for q, one in zip(quotes, chosen, strict=True) if one.score >= LEAST_BESIDE * first][:MOST_ANSWERING]
    return "\n".join(framed(quote, place > 0).text(lang) for place, quote in enumerate(best or quotes[:1]))


def framed(quote: Quote, more: bool = False) -> Text:
    """A quote as something that was said or written, never as a truth."""
    where = Text(quote.citation("en"), quote.citation("es"))
    also = Text("Also, in", "Además, en") if more else Text("In", "En")
    if quote.source.kind is SourceKind.CODE:
        named = Text(f"`{quote.heading}` ", f"`{quote.heading}` ") if quote.heading else Text("", "")
        return fill("{also} the code: {name}{where}", "{also} el código: {name}{where}",
                    also=also, name=named, where=where)  # fmt: skip
    if quote.source.kind is SourceKind.DOCUMENT:
        return fill("{also} the document it says: «{q}» {where}", "{also} el documento dice: «{q}» {where}",
                    also=also, q=quote.text, where=where)  # fmt: skip
    return fill("{also} the session they said: «{q}» {where}", "{also} la sesión se dijo: «{q}» {where}",
                also=also, q=quote.text, where=where)  # fmt: skip
