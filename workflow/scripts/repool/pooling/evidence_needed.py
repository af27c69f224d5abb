"""How many further studies would change what a pooled interval says."""

from __future__ import annotations

import math

import numpy as np

from repool.pooling.models.intervals import quantile


def confirming_studies(*, estimate: float, vi: np.ndarray, tau2: float, level: float) -> float:
    """Return how many more studies with the same effect would make the interval exclude no effect.

    Parameters
    ----------
    estimate : float
        Pooled effect on the analysis scale, where 0 means no effect.
    vi : numpy.ndarray of shape (k,)
        Sampling variances of the effects at hand.
    tau2 : float
        Between-study variance.
    level : float
        Level of the interval, such as 0.95.

    Returns
    -------
    float
        A whole number of studies as precise as the median one here; 0 where none is needed, infinity where the
        estimate is 0.

    Notes
    -----
    With weights w = 1 / (vi + tau2), W their sum and w_m the median study's, m such studies give a standard error of
    1 / sqrt(W + m w_m); |estimate| is the quantile z times that at m = ((z / estimate)^2 - W) / w_m. The between-study
    variance is taken as it stands, and the interval is normal.
    """
    total, median = _weights(vi, tau2)
    if estimate == 0:
        return math.inf
    needed = ((quantile(level, df=math.nan) / estimate) ** 2 - total) / median
    return float(max(0.0, math.ceil(needed)))


def contradicting_studies(*, estimate: float, vi: np.ndarray, tau2: float, level: float) -> float:
    """Return how many more studies without any effect would make the interval include no effect.

    Parameters
    ----------
    estimate, vi, tau2, level
        As in `confirming_studies`.

    Returns
    -------
    float
        A whole number of studies as precise as the median one here; 0 where none is needed.

    Notes
    -----
    With W, w_m and z as in `confirming_studies`: the estimate becomes estimate x W / (W + m w_m), and includes 0 when
    W + m w_m reaches (estimate x W / z)^2.
    """
    total, median = _weights(vi, tau2)
    reach = (estimate * total / quantile(level, df=math.nan)) ** 2
    return float(max(0.0, math.ceil((reach - total) / median)))


def _weights(vi: np.ndarray, tau2: float) -> tuple[float, float]:
    """Return the sum of the weights and the weight of a study of median variance."""
    vi = np.asarray(vi, dtype=float)
    return float(np.sum(1.0 / (vi + tau2))), float(1.0 / (np.median(vi) + tau2))
