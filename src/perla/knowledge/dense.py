"""A dense leg of the search, from a multilingual embedding server that the user named; off unless asked for.

Each passage's vector is kept beside the index, as half-precision numbers, with the name of the model. A question's
nearness to every passage (cosine, brought to 0..1) is added to the other signals; how much it counts is chosen on
questions made by program from the user's own passages, by cross-validation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perla.errors import EndpointError, InputError, NotReadyError
from perla.knowledge.endpoints import BATCH, Endpoint, embed, model_of
from perla.knowledge.index import Index
from perla.knowledge.search import Found, best, judge
from perla.knowledge.words import telling, words_of
from perla.storage import read_folder, write_folder
from perla.words import Text

Floats = NDArray[np.float32]
KIND = "knowledge-dense"
LONGEST_TEXT = 6_000  # letters of a passage that are embedded
WEIGHTS = (0.0, 0.15, 0.3, 0.6, 1.0)
QUESTIONS, FOLDS, WORDS_ASKED, KEPT = 60, 5, 14, 0.5
LOOKED_AT = 10
EMBEDDING = Text("embedding the passages", "calculando los vectores")
Progress = Callable[[Text, float], None]


@dataclass(frozen=True)
class Dense:
    """The vectors of an index's passages.

    model : who made them. vectors : (passages, width), half precision. keys : (passages,), of which texts. weight :
    what the leg counts, 0 where it brought nothing. gain : of the leg, in mean reciprocal rank, on held-out questions
    made by program.
    """

    model: str
    vectors: NDArray[np.float16]
    keys: NDArray[np.uint64]
    weight: float = 0.0
    gain: float = 0.0

    def fits(self, index: Index) -> bool:
        """Whether the vectors are of just these passages."""
        return len(self.keys) == len(index) and bool((self.keys == keys_of(index)).all())


class Leg:
    """Joins a question's nearness to what the other signals say.

    problem : why it could not, after a question that was answered without it.
    """

    def __init__(self, dense: Dense, endpoint: Endpoint) -> None:
        self.dense, self.endpoint = dense, replace(endpoint, model=dense.model)
        self.problem: Text | None = None

    def __call__(self, question: str, found: Found) -> Found:
        """What was found, judged by nearness too; as it was where the server does not answer."""
        self.problem = None
        if not self.dense.weight:
            return found
        try:
            asked = embed(self.endpoint, [question])[0]
            return joined(found, nearness(self.dense, asked), self.dense.weight)
        except EndpointError as problem:
            self.problem = problem.message + Text(
                " So this was answered without embeddings.", " Por eso se respondió sin los vectores."
            )
            return found


def embed_index(
    index: Index, endpoint: Endpoint, old: Dense | None = None, seed: int = 0, tell: Progress | None = None
) -> Dense:
    """The vectors of all passages and the weight of the leg; texts that have one from ``old`` are not sent again.

    Raises EndpointError; InputError where nothing was learned.
    """
    if not len(index):
        raise InputError(
            "Nothing was learned, so there is nothing to embed. Learn some first.",
            "No se ha aprendido nada, así que no hay de qué calcular vectores. Primero aprenda algo.",
        )
    named = replace(endpoint, model=model_of(endpoint))
    keys = keys_of(index)
    rows = dict(zip(old.keys.tolist(), old.vectors, strict=True)) if old and old.model == named.model else {}
    fresh = [row for row, key in enumerate(keys.tolist()) if key not in rows]
    for first in range(0, len(fresh), BATCH):
        if tell is not None:
            tell(EMBEDDING, first / len(fresh))
        part = fresh[first : first + BATCH]
        made = embed(named, [index.passages[row].text[:LONGEST_TEXT] for row in part]).astype(np.float16)
        rows |= dict(zip(keys[part].tolist(), made, strict=True))
    if len({len(row) for row in rows.values()}) > 1:
        raise _another_width(named)
    dense = Dense(named.model, np.stack([rows[key] for key in keys.tolist()]), keys)
    return weighed(index, dense, named, seed)


def keys_of(index: Index) -> NDArray[np.uint64]:
    """One number for the text of each passage."""
    digests = [hashlib.sha256(p.text.encode("utf-8", "replace")).digest()[:8] for p in index.passages]
    return np.frombuffer(b"".join(digests), np.uint64)


def nearness(dense: Dense, asked: NDArray[np.float32]) -> Floats:
    """The cosine of a question with every passage, the farthest 0 and the nearest 1, (passages,). Raises EndpointError.

    >>> there = Dense("m", np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float16), np.zeros(3, np.uint64))
    >>> nearness(there, np.array([1.0, 0.0], np.float32)).round(1).tolist()
    [1.0, 0.0, 0.6000000238418579]
    """
    if dense.vectors.shape[1] != len(asked):
        raise EndpointError(
            f"The model {dense.model} now gives vectors of another length. Learn again with --embeddings.",
            f"El modelo {dense.model} ahora da vectores de otro largo. Aprenda de nuevo con --embeddings.",
        )
    cosine = dense.vectors.astype(np.float32) @ asked
    low, high = float(cosine.min()), float(cosine.max())
    return np.asarray((cosine - low) / (high - low) if high > low else np.zeros_like(cosine), np.float32)


def joined(found: Found, near: Floats, weight: float) -> Found:
    """What was found, with nearness as one more signal."""
    scores = np.asarray((found.scores + weight * near) / (1 + weight), np.float32)
    return replace(found, scores=scores, parts={**found.parts, "dense": near})


def weighed(index: Index, dense: Dense, endpoint: Endpoint, seed: int) -> Dense:
    """With the weight that found most questions made from the passages; 0 where held-out ones gain nothing."""
    asked = make_questions(index, seed)
    if len(asked) < FOLDS:
        return dense
    vectors = embed(endpoint, [question for question, _ in asked])
    ranks = np.zeros((len(asked), len(WEIGHTS)))
    for place, (question, row) in enumerate(asked):
        found, near = judge(index, question), nearness(dense, vectors[place])
        ranks[place] = [_reciprocal_rank(index, joined(found, near, weight), row) for weight in WEIGHTS]
    folds = np.arange(len(asked)) % FOLDS
    choices = [int(ranks[folds != fold].mean(axis=0).argmax()) for fold in range(FOLDS)]
    held_out = np.array([ranks[place, choices[fold]] for place, fold in enumerate(folds)])
    gain = float((held_out - ranks[:, 0]).mean())
    chosen = WEIGHTS[sorted(choices)[FOLDS // 2]] if gain > 0 else 0.0
    return replace(dense, weight=chosen, gain=round(gain, 4))


def make_questions(index: Index, seed: int, count: int = QUESTIONS) -> list[tuple[str, int]]:
    """Questions whose passage is known: a run of its words, half of the telling ones left out, and its row."""
    chance = np.random.default_rng(seed)
    found = []
    for row in chance.permutation(len(index)).tolist():
        words = words_of(index.passages[row].text)
        first = int(chance.integers(0, max(1, len(words) - WORDS_ASKED)))
        run = words[first : first + WORDS_ASKED]
        says = set(telling(run))
        kept = [word for word in run if word not in says or chance.random() < KEPT]
        if len(telling(kept)) >= 2:
            found.append((" ".join(kept), row))
        if len(found) == count:
            break
    return found


def _reciprocal_rank(index: Index, found: Found, row: int) -> float:
    hits = best(index, found, LOOKED_AT)
    wanted = index.passages[row]
    return next((1 / place for place, hit in enumerate(hits, 1) if hit.passage.overlaps(wanted)), 0.0)


def keep(dense: Dense, home: Path) -> None:
    """Keep the vectors beside the index."""
    state = {"model": dense.model, "vectors": dense.vectors, "keys": dense.keys, "weight": dense.weight,
             "gain": dense.gain}  # fmt: skip
    write_folder(
        _folder(home), KIND, state, {"model": dense.model, "passages": len(dense.keys), "weight": dense.weight}
    )


def read_kept(home: Path) -> Dense | None:
    """The vectors that are kept, or None. Raises ShelfError for damaged ones."""
    if not _folder(home).is_dir():
        return None
    state, _ = read_folder(_folder(home), KIND)
    numbers = float(state["weight"]), float(state["gain"])
    return Dense(str(state["model"]), state["vectors"], state["keys"], *numbers)


def open_leg(home: Path, index: Index, endpoint: Endpoint) -> Leg:
    """The leg for questions. Raises NotReadyError without vectors of these passages, InputError of another model."""
    dense = read_kept(home)
    if dense is None or not dense.fits(index):
        raise NotReadyError(
            "There are no vectors of what is learned now. Make them with: perla learn PATH --embeddings URL",
            "No hay vectores de lo que está aprendido ahora. Cálculelos con: perla learn RUTA --embeddings URL",
        )
    if endpoint.model and endpoint.model != dense.model:
        raise InputError(
            f"The vectors kept are of the model {dense.model!r}, not {endpoint.model!r}. Learn again with it.",
            f"Los vectores guardados son del modelo {dense.model!r}, no {endpoint.model!r}. Aprenda de nuevo con él.",
        )
    return Leg(dense, endpoint)


def _folder(home: Path) -> Path:
    return home / "knowledge" / "dense"


def _another_width(endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"The model {endpoint.model} gives vectors of another length than before. Learn again with --anew.",
        f"El modelo {endpoint.model} da vectores de otro largo que antes. Aprenda de nuevo con --anew.",
    )


def told(dense: Dense) -> Sequence[Text]:
    """What the leg came to, for a person."""
    if dense.weight:
        return (Text(
            f"Embeddings of {dense.model}: {len(dense.keys)} passages, weight {dense.weight:g} (on questions made from "
            f"them, mean reciprocal rank {dense.gain:+.3f}).",
            f"Vectores de {dense.model}: {len(dense.keys)} pasajes, peso {dense.weight:g} (en preguntas hechas con "
            f"ellos, rango recíproco medio {dense.gain:+.3f}).",
        ),)  # fmt: skip
    return (Text(
        f"Embeddings of {dense.model}: {len(dense.keys)} passages; on questions made from them they brought nothing, "
        "so they do not count.",
        f"Vectores de {dense.model}: {len(dense.keys)} pasajes; en preguntas hechas con ellos no aportaron nada, así "
        "que no cuentan.",
    ),)  # fmt: skip
