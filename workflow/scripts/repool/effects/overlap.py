"""Dependent effects as one: the covariance of effects that share people, and generalised least squares."""

from __future__ import annotations

import numpy as np

#: Below this, effects follow from one another (A against C, B against C, A against B) and cannot all be counted.
SMALLEST_EIGENVALUE = 1e-10


def join_effects(yi: np.ndarray, covariance: np.ndarray) -> tuple[float, float]:
    """Return one effect for several dependent ones.

    Parameters
    ----------
    yi : array, shape (k,)
        Effects on the analysis scale.
    covariance : array, shape (k, k)
        Their sampling variances and covariances.

    Returns
    -------
    tuple of float
        yi and vi of the one effect; NaN for both where the covariance is no positive definite matrix.

    Notes
    -----
    Generalised least squares: y = (1'V^-1 y) / (1'V^-1 1), v = 1 / (1'V^-1 1). Gleser and Olkin (2009), in Cooper,
    Hedges and Valentine (eds), The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., pp. 357-376.
    """
    yi, covariance = np.asarray(yi, dtype=float), np.asarray(covariance, dtype=float)
    if not (yi.size and np.isfinite(yi).all() and np.isfinite(covariance).all()):
        return (np.nan, np.nan)
    # Scaled to correlations first, so that positive definite does not depend on the unit.
    variances = np.diag(covariance)
    if not (variances > 0).all():
        return (np.nan, np.nan)
    scale = np.sqrt(variances)
    with np.errstate(all="ignore"):
        correlation = covariance / scale / scale[:, None]
        # A NaN or infinite correlation is refused here too.
        if not np.abs(correlation).max() <= 1 + SMALLEST_EIGENVALUE:
            return (np.nan, np.nan)
        if np.linalg.eigvalsh(correlation).min() <= SMALLEST_EIGENVALUE:
            return (np.nan, np.nan)
        weights = np.linalg.solve(correlation, 1 / scale) / scale
        found = float(weights @ yi / weights.sum()), float(1 / weights.sum())
    return found if np.isfinite(found).all() else (np.nan, np.nan)


def join_correlated(yi: np.ndarray, vi: np.ndarray, *, rho: float) -> tuple[float, float]:
    """Return one effect for several that are all correlated by rho: what `join_effects` gives, in closed form.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Finite effects and their sampling variances above 0.
    rho : float
        Correlation of any two of them: above -1 / (k - 1) and below 1, or the matrix has no inverse.

    Returns
    -------
    tuple of float
        yi and vi of the one effect.

    Notes
    -----
    The inverse of compound symmetry is written out, so that no digit is lost to the rounding of an inverted matrix:
    with p = 1 / root of vi, the weights are p (p - rho sum(p) / (1 + (k - 1) rho)) / (1 - rho). Sherman and Morrison
    (1950), Annals of Mathematical Statistics 21, 124-127.
    """
    precision = 1.0 / np.sqrt(vi)
    shared = rho / (1.0 + (yi.size - 1) * rho) * np.sum(precision)
    weights = precision * (precision - shared) / (1.0 - rho)
    total = float(np.sum(weights))
    # Around the plain mean, so that a large common offset costs no digits.
    centre = float(yi.mean())
    return centre + float(np.sum(weights * (yi - centre))) / total, 1.0 / total


def constant_correlation(vi: np.ndarray, *, rho: float) -> np.ndarray:
    """Return the covariance of effects that are all correlated by rho.

    Parameters
    ----------
    vi : array, shape (k,)
        Sampling variances.
    rho : float
        Correlation of any two of them.

    Returns
    -------
    array, shape (k, k)
        vi on the diagonal, rho x root of (vi vj) beside it (compound symmetry).
    """
    vi = np.asarray(vi, dtype=float)
    with np.errstate(all="ignore"):
        sei = np.sqrt(vi)
        matrix = rho * np.outer(sei, sei)
    np.fill_diagonal(matrix, vi)
    return matrix


def shared_arm_covariance(
    measure: str,
    *,
    yi_one: np.ndarray,
    yi_other: np.ndarray,
    n: np.ndarray,
    events: np.ndarray,
    sd: np.ndarray,
    n_all: np.ndarray,
) -> np.ndarray:
    """Return the covariance of two effects whose contrasts share one arm, on the same side of both.

    Parameters
    ----------
    measure : str
        OR, RR, RD, MD or SMD; for any other the covariance is not known here.
    yi_one, yi_other : array, shape (k,)
        The two effects; read for SMD.
    n, events, sd : array, shape (k,)
        People, people with the outcome and standard deviation of the shared arm.
    n_all : array, shape (k,)
        People in all arms of the trial that enter; read for SMD.

    Returns
    -------
    array, shape (k,)
        Covariances; NaN where a number is missing, or where the shared arm has no or only events, so that its part of
        the variance rests on a correction.

    Notes
    -----
    The part of the variance that the shared arm brings to both: for OR 1/events + 1/(n - events), for RR
    1/events - 1/n, for RD p(1 - p)/n, for MD sd^2/n, for SMD 1/n + y1 y2/(2 N). Gleser and Olkin (2009).
    """
    yi_one, yi_other, n, events, sd, n_all = (
        np.asarray(values, dtype=float) for values in (yi_one, yi_other, n, events, sd, n_all)
    )
    with np.errstate(all="ignore"):
        has_both = (events > 0) & (events < n)
        parts = {
            "OR": np.where(has_both, 1 / events + 1 / (n - events), np.nan),
            "RR": np.where(has_both, 1 / events - 1 / n, np.nan),
            "RD": np.where(has_both, events * (n - events) / n**3, np.nan),
            "MD": np.where(n > 0, sd**2 / n, np.nan),
            "SMD": np.where((n > 0) & (n_all > n), 1 / n + yi_one * yi_other / (2 * n_all), np.nan),
        }
    found = parts.get(measure, np.full(np.broadcast(n, events, sd).shape, np.nan))
    return np.where(np.isfinite(found), found, np.nan)
