"""Correlations: their variance, Fisher's z, and what ranks and regression coefficients say about them."""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where, where


@np.errstate(all="ignore")
def r_from_z(yi: Array, vi: Array) -> tuple[Array, Array]:
    """Return the correlation that belongs to a Fisher's z, and its variance.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Fisher's z and its variance.

    Returns
    -------
    r, vi : array, shape (k,)

    Notes
    -----
    r = tanh(z); the delta method gives (1 - r^2)^2 vi. Limits of an interval go through tanh themselves.
    """
    yi, vi = floats(yi, vi)
    return where(vi > 0, np.tanh(yi), vi / np.cosh(yi) ** 4)


@np.errstate(all="ignore")
def r_from_beta(beta: Array) -> Array:
    """Return the correlation imputed from a standardised regression coefficient.

    Parameters
    ----------
    beta : array, shape (k,)
        Standardised coefficient, from -0.5 to 0.5.

    Returns
    -------
    array, shape (k,)
        NaN beyond 0.5, where the rule was not studied.

    Notes
    -----
    Peterson & Brown (2005), J Appl Psychol 90:175-181: r = beta + 0.05 where beta is not negative, else
    r = beta. A rule of thumb from 1,700 pairs, biased where other predictors overlap strongly (Roth et al.
    2018, J Appl Psychol 103:644-658).
    """
    (beta,) = floats(beta)
    return one_where(np.abs(beta) <= 0.5, beta + 0.05 * (beta >= 0))
