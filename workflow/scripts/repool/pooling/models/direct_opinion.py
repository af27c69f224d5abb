"""Compute tau2 by another route than the engine's, where no other package has the estimator.

Each estimator is taken at its definition: matrices written out, statsmodels' weighted least
squares for the sums of squares, scipy for roots and integrals.
"""

from __future__ import annotations

import math

import numpy as np

#: Estimators that are checked at their definition.
METHODS = ("HE", "HS", "HSk", "SJ", "EB", "PM", "PMM", "GENQ", "GENQM")

#: Half the width of the bracket in which GENQM is looked for first, relative to tau2: over it the
#: probability changes by far more than the integral is wrong.
BRACKET = 1e-3


def direct_tau2(yi: np.ndarray, vi: np.ndarray, *, method_tau2: str, design: np.ndarray, near: float) -> float:
    """Return the between-study variance of an estimator at its definition, cut off at 0.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects without a common offset, and their sampling variances.
    method_tau2 : str
        One of `METHODS`; GENQ and GENQM with weights 1 / vi.
    design : numpy.ndarray of shape (k, p)
        Design matrix, moderators centred and scaled.
    near : float
        Where GENQM, whose probabilities are dear, is looked for first.
    """
    k, p = design.shape
    if method_tau2 in ("EB", "PM", "PMM"):
        return _where_q_is(_target(method_tau2, k - p), yi, vi, design)
    if method_tau2 == "GENQM":
        return _where_q_is_median(yi, vi, design, near=near)
    if method_tau2 == "SJ":
        first = math.fsum((y - math.fsum(yi) / k) ** 2 for y in yi) / k
        return first * _ssr(yi, design, 1.0 / (vi + first)) / (k - p) if first > 0 else 0.0
    if method_tau2 in ("HS", "HSk"):
        factor = k / (k - p) if method_tau2 == "HSk" else 1.0
        return max(0.0, (factor * _ssr(yi, design, 1.0 / vi) - k) / math.fsum(1.0 / vi))
    p_matrix = _p_matrix(np.ones(k) if method_tau2 == "HE" else 1.0 / vi, design)
    moment = float(yi @ p_matrix @ yi - np.trace(p_matrix @ np.diag(vi)))
    return max(0.0, moment / float(np.trace(p_matrix)))


def _ssr(yi: np.ndarray, design: np.ndarray, weights: np.ndarray) -> float:
    """Return statsmodels' weighted residual sum of squares."""
    from statsmodels.regression.linear_model import WLS

    return float(WLS(yi, design, weights=weights).fit().ssr)


def _p_matrix(weights: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return A - A X (X'AX)^-1 X'A, written out."""
    a = np.diag(weights)
    return a - a @ design @ np.linalg.inv(design.T @ a @ design) @ design.T @ a


def _target(method_tau2: str, df: int) -> float:
    """Return what Q should be: its mean, or for PMM its median."""
    from scipy.stats import chi2

    return float(chi2.median(df)) if method_tau2 == "PMM" else float(df)


def _where_q_is(target: float, yi: np.ndarray, vi: np.ndarray, design: np.ndarray) -> float:
    """Return the tau2 at which Q has a value, 0 when it starts below."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return _ssr(yi, design, 1.0 / (vi + tau2)) - target

    if excess(0.0) <= 0.0:
        return 0.0
    # Q is at most the unweighted sum of squares over tau2.
    top = 1.01 * _ssr(yi, design, np.ones_like(vi)) / target
    return float(brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-12, maxiter=500))


def _where_q_is_median(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, near: float) -> float:
    """Return the tau2 at which Q under weights 1 / vi is the median of its distribution."""
    from scipy.optimize import brentq

    p_matrix = _p_matrix(1.0 / vi, design)
    q = float(yi @ p_matrix @ yi)
    df = design.shape[0] - design.shape[1]

    def excess(tau2: float) -> float:
        product = p_matrix @ np.diag(vi + tau2)
        return _imhof(q, np.sort(np.linalg.eigvals(product).real)[-df:]) - 0.5

    if q <= 0.0 or excess(0.0) >= 0.0:
        return 0.0
    low, high = near * (1.0 - BRACKET), near * (1.0 + BRACKET)
    below, above = excess(low), excess(high)
    if below <= 0.0 <= above and above > below:
        return low + (high - low) * -below / (above - below)
    top = float(np.var(yi)) + q / float(np.trace(p_matrix))
    while excess(top) < 0.0:
        top *= 4.0
    return float(brentq(excess, 0.0, top, xtol=1e-300, rtol=1e-7, maxiter=200))


def _imhof(q: float, eigenvalues: np.ndarray) -> float:
    """Return P(sum of eigenvalue times chi-squared > q): Imhof (1961), Biometrika 48, 419-426."""
    from scipy.integrate import quad
    from scipy.stats import chi2

    unit = float(eigenvalues.max())
    scaled, q = eigenvalues / unit, q / unit
    if scaled.size == 1:
        return float(chi2.sf(q, 1))
    if scaled.size == 2:
        # On paper: given the direction of two normal numbers their length is exponential.
        angle = np.pi * (np.arange(4096) + 0.5) / 4096
        return float(np.mean(np.exp(-0.5 * q / (scaled[0] * np.cos(angle) ** 2 + scaled[1] * np.sin(angle) ** 2))))

    def integrand(root: float) -> float:
        # u = root^2 / (1 - root) reaches infinity at 1.
        u = root**2 / (1.0 - root)
        slope = (2.0 * root * (1.0 - root) + root**2) / (1.0 - root) ** 2
        angle = 0.5 * (np.arctan(scaled * u).sum() - q * u)
        return math.sin(angle) / u * math.exp(-0.25 * np.log1p((scaled * u) ** 2).sum()) * slope

    # full_output: with three eigenvalues the last digits may not come; the tolerance has room.
    value, *_ = quad(integrand, 0.0, 1.0, limit=400, epsabs=1e-9, epsrel=0.0, full_output=True)
    return 0.5 + value / math.pi
