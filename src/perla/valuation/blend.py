"""A non-negative blend: how much to trust each price model, learned from estimates that never saw the listing.

Stacked regression (Breiman, 1996): weights >= 0 that sum to one and minimise the absolute error of the blended log
price, found by squares weighted anew (Schlossmacher, 1973), so that a few strange listings do not choose the blend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 30
LEAST_ERROR = 0.02  # errors of log price below this count as this
SUM_TO_ONE = 1e4  # how firmly


def blend_weights(estimates: Floats, log_price: Floats) -> Floats:
    """Weights of shape (models,) from out-of-fold log estimates (n, models).

    >>> blend_weights(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), np.array([1.0, 2.0, 3.0])).round(2).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import nnls

    models = estimates.shape[1]
    weights = np.full(models, 1.0 / models)
    for _ in range(ROUNDS):
        # One row says that the weights sum to one: SUM_TO_ONE times as firmly as all listings together say anything.
        firm = SUM_TO_ONE * np.sqrt(len(log_price))
        say = 1 / np.sqrt(np.maximum(np.abs(estimates @ weights - log_price), LEAST_ERROR))
        design = np.vstack([(estimates - log_price[:, None]) * say[:, None], np.full((1, models), firm)])
        wanted = np.append(np.zeros(len(log_price)), firm)
        # The same problem in as many rows as columns.
        small: Floats = np.asarray(np.linalg.qr(np.column_stack([design, wanted]), mode="r"))
        weights, _ = nnls(small[:, :-1], small[:, -1])
    return np.asarray(weights / weights.sum())
