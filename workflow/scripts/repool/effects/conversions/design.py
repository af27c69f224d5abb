"""What clusters do to the variance of an effect."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where


@np.errstate(all="ignore")
def design_effect(icc: Array, cluster_size: Array) -> Array:
    """Return by how much clustering multiplies the variance of an effect.

    Parameters
    ----------
    icc : array, shape (k,)
        Intracluster correlation, from 0 to 1.
    cluster_size : array, shape (k,)
        Mean number of people per cluster, at least 1.

    Returns
    -------
    array, shape (k,)
        At least 1.

    Notes
    -----
    Kish (1965); Cochrane Handbook, section 23.1.4: 1 + (m - 1) ICC.
    """
    icc, size = floats(icc, cluster_size)
    return one_where((icc >= 0) & (icc <= 1) & (size >= 1), 1 + (size - 1) * icc)
