"""A recording taken apart: its sentences, the terms each names, and how much each matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perla.knowledge import cues
from perla.knowledge.cutting import Script
from perla.knowledge.evidence import Texts
from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.index import Index
from perla.knowledge.passages import Quote, Source
from perla.knowledge.repair import repaired
from perla.knowledge.salience import Floats, rank, vectors
from perla.knowledge.sentences import Sentence, between
from perla.knowledge.words import stem, telling, words_of

MOST_WORDS_TOLD, ENDED = 60, (".", "?", "!")
TERM_WEIGHT = 1.6  # a term beside a plain stem
TOO_SHORT = 6  # telling words of a sentence worth telling
FEW_SOURCES = 5
TERM = "\x1f"  # before a term's name, which no stem holds


@dataclass(frozen=True)
class Talk:
    """A recording taken apart. terms : of each sentence, by name, from which word to which. scores : (sentences,)."""

    source: Source
    script: Script
    sentences: tuple[Sentence, ...]
    terms: tuple[Mapping[str, tuple[int, int]], ...]
    rows: Floats
    scores: Floats
    rarity: Mapping[str, float]
    texts: Texts

    def rarity_of(self, name: str) -> float:
        """How telling a term is, by its name."""
        return self.rarity.get(TERM + name, 0.0)

    def quote(self, place: int) -> Quote:
        """A sentence as a quote."""
        return self.quote_of(self.sentences[place], float(self.scores[place]))

    def told(self, place: int) -> Quote:
        """A sentence with the next one where it is short, so that it can be understood alone."""
        said, after = self.sentences[place], self.sentences[min(place + 1, len(self.sentences) - 1)]
        ends = said.text.endswith(ENDED) or cues.is_chatter(after.text) or after.last - said.first > MOST_WORDS_TOLD
        whole = said if ends else between(self.script, said.first, after.last)
        return self.quote_of(whole, float(self.scores[place]))

    def quote_of(self, said: Sentence, score: float = 0.0) -> Quote:
        """Words of the recording as a quote, with how mangled terms were probably meant."""
        meant = repaired(said.text, self.texts.heard(said))
        return Quote(said.text, meant, self.source, round(score, 4), said.start_s, said.end_s,
                     said.first_line, said.last_line)  # fmt: skip


def take_apart(index: Index, texts: Texts, source: Source) -> Talk:
    """A recording taken apart; the index says how usual its words are."""
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
    return Talk(source, script, sentences, terms, rows, scores, rarity, texts)


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
