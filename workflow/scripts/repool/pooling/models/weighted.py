"""Fit the weighted mean or regression at a given between-study variance, and check what goes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.stacks import EPSILON, ROUNDING_UNITS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class WeightedFit:
    """Weighted least squares with known weights, ``1 / (vi + tau2)`` unless others were given.

    Attributes
    ----------
    beta, cov : numpy.ndarray of shape (p,) and (p, p)
        Coefficients and their model-based covariance.
    weights, residuals : numpy.ndarray of shape (k,)
        The weights, and ``yi`` minus its fitted value.
    rss : float
        Weighted sum of squared residuals of the fit with weights ``1 / (vi + tau2)``; divided by
        df it is the Knapp-Hartung factor.
    leverage : numpy.ndarray of shape (k,)
        Diagonal of the weighted hat matrix.
    """

    beta: np.ndarray
    cov: np.ndarray
    weights: np.ndarray
    residuals: np.ndarray
    rss: float
    leverage: np.ndarray

    @property
    def df(self) -> int:
        """Residual degrees of freedom, k - p."""
        return self.residuals.size - self.beta.size


def check_inputs(
    yi: ArrayLike, vi: ArrayLike, design: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return effects, variances and design as float arrays, or say in words what is wrong.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Raises
    ------
    ValueError
        When a value is not finite, a variance is not above 0, sizes differ, there are not more
        effects than coefficients, or two columns of the design carry the same information.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    if np.isinf(vi).any():
        raise ValueError("vi holds a value that is missing or infinite")
    if (vi == 0).any():
        raise ValueError("vi must be above 0; the smallest here is 0")
    k, p = design.shape
    if k < p + 1:
        raise ValueError(f"{k} effect(s) cannot carry {p} coefficient(s); at least {p + 1} needed")
    return yi, vi, design


def check_lenient(
    yi: ArrayLike, vi: ArrayLike, design: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the inputs of a model that also knows variances of 0 and infinity, and k = p.

    Parameters
    ----------
    yi, vi, design
        As in `check_inputs`; a variance of infinity gives its effect no weight.

    Raises
    ------
    ValueError
        As in `check_inputs`, but only when a variance is below 0 or missing, or there are fewer
        effects than coefficients.
    """
    yi = np.asarray(yi, dtype=float)
    vi = np.asarray(vi, dtype=float)
    mean_alone = design is None
    design = np.ones((yi.size, 1)) if design is None else np.asarray(design, dtype=float)
    if yi.ndim != 1 or yi.shape != vi.shape or design.ndim != 2 or len(design) != yi.size:
        raise ValueError("yi and vi must be lists of equal length, with one design row per effect")
    for name, fine in (("yi", np.isfinite(yi)), ("vi", vi == vi), ("moderators", mean_alone or np.isfinite(design))):
        if not np.all(fine):
            raise ValueError(f"{name} holds a value that is missing or infinite")
    if vi.min(initial=0.0) < 0:
        raise ValueError(f"vi must be above 0; the smallest here is {vi.min():g}")
    k, p = design.shape
    if k < max(p, 1):
        raise ValueError(f"{k} effect(s) cannot carry {p} coefficient(s); at least {p + 1} needed")
    if p > 1 and np.linalg.matrix_rank(design / np.abs(design).max(axis=0, initial=1e-300)) < p:
        raise ValueError("two columns of the design carry the same information")
    if p == 1 and not (mean_alone or design.any()):
        raise ValueError("the only column of the design is 0 throughout")
    return yi, vi, design


def check_weights(weights: ArrayLike, yi: np.ndarray) -> np.ndarray:
    """Return weights of one's own as an array, or say in words what is wrong.

    Parameters
    ----------
    weights : array_like of shape (k,)
        Weights of any common scale, not below 0 and not all 0.
    yi : numpy.ndarray of shape (k,)
        Effects.

    Raises
    ------
    ValueError
        When a weight is missing, infinite or negative, all are 0, or their number differs.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != yi.shape:
        raise ValueError(f"weights must hold one number per effect: {yi.size}, not {weights.size}")
    if not np.isfinite(weights).all():
        raise ValueError("weights holds a value that is missing or infinite")
    if (weights < 0).any() or not weights.any():
        raise ValueError("weights must not be below 0, and not all 0")
    return weights


def weighted_fit(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    tau2: float,
    design: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> WeightedFit:
    """Fit the weighted mean, or the weighted regression, at a given between-study variance.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    tau2 : float
        Between-study variance; 0 gives the common-effect model.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.
    weights : array_like of shape (k,) or None
        Weights of one's own, such as equal ones for an unweighted mean; None stands for
        ``1 / (vi + tau2)``.

    Raises
    ------
    ValueError
        When the data cannot be fitted, or a weight would be infinite.

    Notes
    -----
    Solved around the unweighted solution, a regression by QR, so that neither a large common offset of the
    effects nor an uncentred moderator (a calendar year) costs digits. With weights A of one's own
    the covariance is (X'AX)^-1 X'A M A X (X'AX)^-1, M = diag(vi + tau2): Henmi & Copas (2010),
    Stat Med 29, 2969-2983.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    if not tau2 >= 0:
        raise ValueError(f"tau2 is {tau2!r}; must be 0 or above")
    variances = vi + tau2
    if (variances == 0).any():
        raise ValueError("a variance of 0 at tau2 = 0 gives its effect infinite weight; no mean can be fitted")
    model = _fit(yi, 1.0 / variances, design)
    if weights is None:
        return model[0]
    fit, root = _fit(yi, check_weights(weights, yi), design)
    # A weight of 0 takes an infinite variance out of the covariance.
    scaled = np.where(fit.weights > 0, np.sqrt(fit.weights) * np.sqrt(np.where(np.isinf(variances), 0, variances)), 0)
    if (np.isinf(variances) & (fit.weights > 0)).any():
        raise ValueError("vi holds a value that is infinite, with a weight above 0")
    half = root * scaled
    return WeightedFit(fit.beta, half @ half.T, fit.weights, fit.residuals, model[0].rss, fit.leverage)


def _fit(yi: np.ndarray, weights: np.ndarray, design: np.ndarray) -> tuple[WeightedFit, np.ndarray]:
    """Return the fit at given weights and (X'AX)^-1 X'A^1/2, of shape (p, k)."""
    lone_mean = design.shape[1] == 1 and (design == 1.0).all()
    start, residuals = _plain_mean(yi) if lone_mean else unweighted_residuals(yi, design)
    step, cov, root, leverage = _mean(residuals, weights) if lone_mean else _regression(residuals, weights, design)
    residuals = without_rounding(residuals - (step[0] if lone_mean else design @ step), yi)
    rss = float(np.sum(weights * residuals**2))
    return WeightedFit(start + step, cov, weights, residuals, rss, leverage), root


def _mean(residuals: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the weighted mean, its variance, its root as in `_fit`, and the leverages."""
    total = weights.sum()
    if total == 0:
        raise ValueError("effects of weight above 0 cannot carry all coefficients")
    step = (weights * residuals).sum() / total
    return np.array([step]), np.array([[1.0 / total]]), np.sqrt(weights)[None] / total, weights / total


def _regression(
    residuals: np.ndarray, weights: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return weighted coefficients, their covariance, its root as in `_fit`, and the leverages."""
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * design)
    if design.shape[0] < design.shape[1] or (np.abs(np.diagonal(r)) == 0).any():
        raise ValueError("effects of weight above 0 cannot carry all coefficients")
    inverse = np.linalg.inv(r)
    step = np.linalg.solve(r, q.T @ (root * residuals))
    return step, inverse @ inverse.T, inverse @ q.T, np.sum(q**2, axis=1)


def _plain_mean(yi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the plain mean and what is left of the effects around it."""
    mean = yi.mean()
    return np.array([mean]), yi - mean


def unweighted_residuals(yi: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ordinary least squares coefficients and residuals."""
    beta = np.linalg.lstsq(design, yi, rcond=None)[0]
    return beta, yi - design @ beta


def without_rounding(residuals: np.ndarray, yi: np.ndarray) -> np.ndarray:
    """Return zeros when all residuals are within the rounding of the effects themselves."""
    rounding = ROUNDING_UNITS * EPSILON * np.abs(yi).max()
    return np.zeros_like(residuals) if np.abs(residuals).max() <= rounding else residuals
