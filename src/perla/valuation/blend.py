"""A non-negative blend: how much to trust each price model, learned from estimates that never saw the listing.

Stacked regression (Breiman, 1996): weights >= 0 minimising the squared error of the blended log price, scaled to
sum to one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def blend_weights(estimates: Floats, log_price: Floats) -> Floats:
    """Weights of shape (models,) from out-of-fold log estimates (n, models).

    >>> blend_weights(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), np.array([1.0, 2.0, 3.0])).round(2).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import nnls

    centre = log_price.mean()
    weights, _ = nnls(estimates - centre, log_price - centre)
    if weights.sum() <= 0:
        return np.full(estimates.shape[1], 1.0 / estimates.shape[1])
    return np.asarray(weights / weights.sum())
