"""Free text to a few numbers: what the words of an ad say beyond its columns.

Only words count, never digits: sellers repeat the price in the ad, and a model that reads it there would be given
the answer; of the length only the letters count. Latent semantic analysis (Deerwester et al., 1990): TF-IDF weights,
then a truncated singular value decomposition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TOPICS = 12
MOST_WORDS = 3000
SAMPLE = 20_000
WORD = r"(?u)\b[^\W\d_]{2,}\b"
LETTER = r"[^\W\d_]"


@dataclass(frozen=True)
class TextTopics:
    """Fitted word weights; ``words`` in column order, ``weights`` (w,), ``topics`` (k, w)."""

    words: tuple[str, ...]
    weights: NDArray[np.float64]
    topics: NDArray[np.float64]

    def transform(self, cells: pd.Series) -> NDArray[np.float32]:
        """Shape (n, k + 1): the topics, then the logarithm of the number of letters; missing text is all NaN."""
        text = cells.astype(str).where(cells.notna(), "")
        length = np.log1p(text.str.count(LETTER).to_numpy(np.float64))[:, None]
        counts = _vectorizer(list(self.words)).transform(text)
        weighted = counts.multiply(self.weights).tocsr()
        norms = np.sqrt(weighted.multiply(weighted).sum(axis=1)).A1
        projected = (weighted @ self.topics.T) / np.maximum(norms, 1e-12)[:, None]
        out = np.hstack([projected, length]).astype(np.float32)
        out[cells.isna().to_numpy()] = np.nan
        return out


def _vectorizer(words: list[str] | None) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    if words is not None:
        return CountVectorizer(vocabulary=words, token_pattern=WORD, strip_accents="unicode")
    return CountVectorizer(token_pattern=WORD, strip_accents="unicode", min_df=5, max_df=0.6, max_features=MOST_WORDS)


def fit_topics(cells: pd.Series, seed: int) -> TextTopics | None:
    """Learn topics from text cells; None when the column has too few words to say anything."""
    from sklearn.decomposition import TruncatedSVD

    seen = cells.dropna().astype(str)
    if len(seen) > SAMPLE:
        seen = seen.sample(SAMPLE, random_state=seed)
    vectorizer = _vectorizer(None)
    try:
        counts = vectorizer.fit_transform(seen)
    except ValueError:  # no word is frequent enough
        return None
    present = np.asarray((counts > 0).sum(axis=0)).ravel()
    weights = np.log((1 + len(seen)) / (1 + present)) + 1
    size = min(TOPICS, counts.shape[1] - 1, counts.shape[0] - 1)
    if size < 1:
        return None
    svd = TruncatedSVD(size, random_state=seed).fit(counts.multiply(weights).tocsr())
    return TextTopics(tuple(vectorizer.get_feature_names_out().tolist()), weights, svd.components_)
