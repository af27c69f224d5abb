"""Closed-form (moment) estimators of tau2 for many data sets at once, not cut off at 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repool.pooling.models.stacks import EPSILON, ROUNDING_UNITS, Plain, Stack, project

#: Where a difference of sums is no more than this share of them, it has lost three digits of 16.
SMALLEST_REST = 1e-3


def closed_form(stack: Stack, plain: Plain, *, method: str) -> np.ndarray:
    """Return the untruncated moment estimate of every set.

    Parameters
    ----------
    stack : Stack
        Data sets, more effects than coefficients in each.
    plain : Plain
        What equal weights say about them.
    method : {"DL", "HE", "HS", "HSk", "SJ"}
        Estimator.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Between-study variance; negative when effects lie closer together than chance.

    Notes
    -----
    With P = W - W X (X'WX)^-1 X'W, RSS = y'Py and df = k - p:
    DL, DerSimonian & Laird (1986), Control Clin Trials 7, 177-188: (RSS - df) / tr P, W = 1 / vi.
    HE, Hedges (1983), Psychol Bull 93, 388-395: (RSS - tr PV) / df, W = I.
    HS, Hunter & Schmidt (1990): (RSS - k) / sum w; HSk, Brannick et al. (2019), Res Synth
    Methods 10, 355-372: (k RSS / df - k) / sum w.
    SJ, Sidik & Jonkman (2005), J R Stat Soc C 54, 367-384: t RSS / df with W = 1 / (vi + t), where
    t is the variance of the effects with divisor k.
    """
    if method == "HE":
        raw = (stack.spread - plain.trace_v) / stack.df
        # One infinite variance explains any spread of the effects.
        return np.where(np.isnan(raw), -np.inf, raw)
    if method == "SJ":
        start = plain.total / stack.k
        return start * project(stack, start).rss() / stack.df
    fit = project(stack, np.zeros(1))
    rss = fit.rss()
    if method == "DL":
        return (rss - stack.df) / fit.trace_p()
    factor = stack.k / stack.df if method == "HSk" else 1.0
    return (factor * rss - stack.k) / fit.weights.sum(axis=0)


@dataclass(frozen=True)
class Subsets:
    """Fits of one mean to subsets of the same effects; every field of shape (b,).

    Attributes
    ----------
    tau2, raw : numpy.ndarray
        Between-study variance, and what the formula gave before it was cut off at 0.
    estimate, se : numpy.ndarray
        The weighted mean and its Wald standard error at tau2.
    q, rss : numpy.ndarray
        Weighted sums of squares at tau2 = 0 and at tau2.
    k : numpy.ndarray of int
        Effects of each subset.
    lost : numpy.ndarray of bool
        Where a difference of sums has too few digits; such a subset has to be fitted from its effects.
    """

    tau2: np.ndarray
    raw: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    q: np.ndarray
    rss: np.ndarray
    k: np.ndarray
    lost: np.ndarray


def subset_moments(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, *, method: str) -> Subsets:
    """Return moment estimates and weighted means of subsets of the same effects.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and variances; those in no subset may be anything.
    included : numpy.ndarray of bool, shape (b, k)
        Which effects each subset has.
    method : {"none", "DL", "HE", "HS", "HSk", "SJ"}
        Estimator, as in `closed_form`.

    Notes
    -----
    Sums over subsets are products of the matrix of 0 and 1 with columns of weights, weights times effects and
    weights times squares, the effects taken around their common mean: no subset is written out.
    """
    used = included.any(axis=0)
    yi, vi = np.where(used, yi, 0.0), np.where(used, vi, 1.0)
    centre = float(yi.sum()) / max(1, np.count_nonzero(used))
    y, one, w = np.where(used, yi - centre, 0.0), included.astype(float), (1.0 / vi)[:, None]
    rounding, powers = ROUNDING_UNITS * EPSILON * float(np.abs(yi).max()), np.column_stack([np.ones(y.size), y, y * y])
    sums = one @ np.hstack([w * powers, w * w, powers, np.column_stack([vi, yi])])
    k, several = sums[:, 4], sums[:, 4] > 1
    q, _, lost = _squares(sums[:, :3], rounding)
    if method in ("HE", "SJ"):
        spread, _, too = _squares(sums[:, 4:7], rounding)
        raw, lost = (spread - sums[:, 7] * (k - 1.0) / k) / (k - 1.0), lost | too
    else:
        raw, too = _of_q(q, k, sums[:, 0], sums[:, 3], method=method)
        lost |= too
    if method == "SJ":
        start = spread / k
        rss, _, too = _squares((one / (vi + start[:, None])) @ powers, rounding)
        raw, lost = start * rss / (k - 1.0), lost | too
    raw = np.where(several, raw, 0.0)
    tau2 = np.maximum(raw, 0.0)
    final = (one / (vi + tau2[:, None])) @ powers
    rss, mean, too = _squares(final, rounding)
    q, rss, lost = np.where(several, q, 0.0), np.where(several, rss, 0.0), (lost | too) & several
    estimate = np.where(several, centre + mean, sums[:, 8])
    return Subsets(tau2, raw, estimate, 1.0 / np.sqrt(final[:, 0]), q, rss, k.astype(int), lost)


def _of_q(
    q: np.ndarray, k: np.ndarray, total: np.ndarray, squares: np.ndarray, *, method: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the untruncated estimate from Q and sums of weights and their squares, and where digits are lost."""
    if method == "DL":
        rest = total - squares / total
        return (q - (k - 1.0)) / rest, rest <= SMALLEST_REST * total
    factor = k / (k - 1.0) if method == "HSk" else 1.0
    raw = np.zeros_like(q) if method == "none" else (factor * q - k) / total
    return raw, np.zeros(q.shape, dtype=bool)


def _squares(sums: np.ndarray, rounding: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sum of squares around the weighted mean, that mean, and where the difference has too few digits.

    Parameters
    ----------
    sums : numpy.ndarray of shape (b, 3)
        Sums of weights, of weights times effects, and of weights times squared effects.
    rounding : float
        Residuals up to this are rounding of the effects.
    """
    total, first, second = sums.T
    mean = first / total
    rest = second - first * mean
    return rest, mean, (rest <= SMALLEST_REST * second) | (rest <= total * rounding**2)
