"""Fit a model once without each study, at a cost that grows with the number of studies and not with its square."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs, tau2, weighted_fit
from repool.pooling.models.many import METHODS_MANY, tau2_many
from repool.pooling.models.weighted import check_lenient
from repool.pooling.sensitivity.interpolated_sums import CHUNK, Products, interpolant, own, products, totals
from repool.pooling.sensitivity.left_out_peaks import peaks_without_each
from repool.pooling.sensitivity.slopes import design_products, fit_of_sums, q_and_trace
from repool.pooling.sensitivity.zero_variances import fit_one

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Where a study's share of a sum is above 1 minus this, taking it away would leave too few digits
#: (16 less 3): that study's fit is computed from the other studies directly.
SMALLEST_REST = 1e-3


@dataclass(frozen=True)
class Deletions:
    """The k fits with one study left out each; row i belongs to the fit without study i.

    Attributes
    ----------
    tau2 : numpy.ndarray of shape (k,)
        Between-study variance.
    beta : numpy.ndarray of shape (k, p)
        Coefficients.
    cov, cov_all : numpy.ndarray of shape (k, p, p)
        Their model-based covariance, and what it would be with all studies at the same tau2.
    rss, q, typical : numpy.ndarray of shape (k,)
        Weighted residual sum of squares at tau2, Q, and the typical variance (nan where k - 1 = p).
    direct : numpy.ndarray of shape (k,)
        True where the fit was computed from the other studies alone.
    df : int
        Residual degrees of freedom, k - 1 - p.
    notes : tuple of str
        Why a fit without this study does not exist; "" where it does.
    """

    tau2: np.ndarray
    beta: np.ndarray
    cov: np.ndarray
    cov_all: np.ndarray
    rss: np.ndarray
    q: np.ndarray
    typical: np.ndarray
    direct: np.ndarray
    df: int
    notes: tuple[str, ...]


def deletions(yi: ArrayLike, vi: ArrayLike, *, method: str, design: ArrayLike | None) -> Deletions:
    """Fit the model once without each study.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    method : str
        Estimator of tau2, as in `repool.pooling.models.estimators.tau2`.
    design : array_like of shape (k, p) or None
        Design matrix; None stands for a single column of ones.

    Returns
    -------
    Deletions
        What is left of the model without each study; nan, with a note, where nothing is.

    Raises
    ------
    ValueError
        When the data cannot be pooled even with all studies.

    Notes
    -----
    For a given tau2 the likelihood needs sums over studies only: the sum over all studies less one term is the sum
    without that study. Interpolated as functions of tau2 these sums serve all k searches. Fits in which one study
    carries nearly all of a sum, or whose likelihood may have more than one peak, are computed directly.
    """
    yi, vi, design = check_lenient(yi, vi, design)
    if len(yi) > design.shape[1] and (vi == 0.0).any() and np.isfinite(vi).all():
        return _one_by_one(yi, vi, design, method=method)
    yi, vi, design = check_inputs(yi, vi, design)
    k, p = design.shape
    problem = _Problem.of(yi, vi, design)
    found, near, direct = _tau2_without_each(problem, method=method, df=k - 1 - p)
    if direct.any():
        found[direct] = _tau2_direct(problem, np.flatnonzero(direct), method=method)
    return _fits(problem, found, near, direct)


def _one_by_one(yi: np.ndarray, vi: np.ndarray, design: np.ndarray, *, method: str) -> Deletions:
    """Return the fits without each study, each computed alone."""
    k, p = design.shape
    fits = [fit_one(*(part[np.arange(k) != i] for part in (yi, vi)), method=method, design=np.delete(design, i, 0))
            for i in range(k)]  # fmt: skip
    blank = np.full((p, p), math.nan)
    with np.errstate(divide="ignore"):
        weights = [1.0 / (vi + one.tau2) for one in fits]
    cov_all = [np.linalg.inv(design.T * w @ design) if np.isfinite(w).all() else blank for w in weights]
    return Deletions(
        tau2=np.array([one.tau2 for one in fits]),
        beta=np.array([one.fit.beta if one.fit else blank[0] for one in fits]),
        cov=np.array([one.fit.cov if one.fit else blank for one in fits]),
        cov_all=np.array(cov_all),
        rss=np.array([one.fit.rss if one.fit else math.nan for one in fits]),
        q=np.array([one.q for one in fits]),
        typical=np.array([one.typical for one in fits]),
        direct=np.ones(k, dtype=bool),
        df=k - 1 - p,
        notes=tuple(one.note for one in fits),
    )


@dataclass(frozen=True)
class _Problem:
    """The data on orthonormal design columns and around their unweighted fit."""

    yi: np.ndarray
    vi: np.ndarray
    design: np.ndarray
    beta: np.ndarray
    back: np.ndarray
    data: Products
    at_0: np.ndarray

    @classmethod
    def of(cls, yi: np.ndarray, vi: np.ndarray, design: np.ndarray) -> _Problem:
        plain = weighted_fit(yi, np.ones_like(vi), tau2=0.0, design=design)
        basis, r = np.linalg.qr(design)
        data = products(basis, plain.residuals, vi)
        # Sums without each study at tau2 = 0: for Q, for the typical variance and for the slope there.
        return cls(yi, vi, design, plain.beta, np.linalg.inv(r), data, totals(data, np.zeros(1), powers=3)[0])

    @property
    def residuals(self) -> np.ndarray:
        return self.yi - self.design @ self.beta


def _tau2_without_each(problem: _Problem, *, method: str, df: int) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Return tau2 without each study, its place on the logarithmic scale, and which are still to be computed."""
    k = problem.vi.size
    rest = problem.at_0 - own(problem.data, np.zeros(k), powers=3)
    direct = _too_little_left(rest, problem.at_0)
    if df < 1:
        return np.zeros(k), np.full(k, math.log(problem.vi.min())), np.ones(k, dtype=bool)
    if method == "none" or not problem.data.values[:, -1].any():
        return np.zeros(k), np.full(k, math.log(problem.vi.min())), direct
    if method == "DL":
        q, trace = q_and_trace(rest)
        # DerSimonian & Laird (1986), Control Clin Trials 7, 177-188, equation 8, with moderators.
        return np.maximum(0.0, (q - df) / trace), None, direct
    if method in ("ML", "REML"):
        return peaks_without_each(problem.data, direct, restricted=method == "REML", df=df)
    return np.zeros(k), None, np.ones(k, dtype=bool)


def _too_little_left(rest: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return, per study, whether what is left of a sum of squares is too small a part of it to keep its digits."""
    m = math.isqrt(rest.shape[-1] - 1)
    squares = [*range(0, m * m, m + 1), m * m]
    too_little = (rest[..., squares] <= SMALLEST_REST * whole[..., squares]).any(axis=(-1, -2))
    if m > 2:
        # The determinant without a study is that with it times 1 - its leverage.
        left, all_of_it = (np.linalg.det(design_products(sums)) for sums in (rest, whole))
        too_little = too_little | ~(left > SMALLEST_REST * all_of_it)
    # A study that stands far from all others pulls their common centre: what counts is the spread around their own.
    q, trace = q_and_trace(rest)
    total = np.broadcast_to(whole, rest.shape)[..., 0, m * m - 1]
    return too_little | (q <= SMALLEST_REST * total) | (trace <= SMALLEST_REST * whole[..., 0, m * m])


def _tau2_direct(problem: _Problem, which: np.ndarray, *, method: str) -> np.ndarray:
    """Return tau2 from the other studies alone; nan where no model is left without the study."""
    (k, p), vi, design = problem.design.shape, problem.vi, problem.design
    found, step = np.full(which.size, math.nan), max(1, CHUNK // k)
    for first in range(0, which.size, step):
        left_out = which[first : first + step]
        included = left_out[:, None] != np.arange(k)
        many = method if method in METHODS_MANY else "none"
        fits = tau2_many(problem.residuals, vi, method=many, included=included, design=design)
        # One study alone has no spread to estimate; with moderators a spread that cannot be estimated is no model.
        usable = _distinct(design, included) & fits.fitted & ((fits.df > 0) | (p == 1) | (method == "none"))
        found[first : first + step] = np.where(usable, fits.tau2, math.nan)
        for row in np.flatnonzero(usable & (fits.df > 0)) if many != method else ():
            others = included[row]
            found[first + row] = tau2(problem.yi[others], vi[others], method=method, design=design[others]).tau2
    return found


def _distinct(design: np.ndarray, included: np.ndarray) -> np.ndarray:
    """Return, per subset, whether the design columns still carry different information."""
    p = design.shape[1]
    if p == 1:
        return np.ones(len(included), dtype=bool)
    scaled = design / np.abs(design).max(axis=0, initial=1e-300)
    return np.array([np.linalg.matrix_rank(scaled[row]) == p for row in included])


def _fits(problem: _Problem, found: np.ndarray, near: np.ndarray | None, direct: np.ndarray) -> Deletions:
    """Return coefficients, Q and the rest at the tau2 found without each study."""
    data, (k, p) = problem.data, problem.design.shape
    safe = np.where(np.isfinite(found), found, 0.0)
    if near is None:
        whole = totals(data, safe, powers=1)
    else:
        places = np.where(direct, np.log(data.vi.min()), near)
        whole = interpolant(data, places, start=math.log(data.vi.min()), powers=1)(np.where(direct, 0.0, safe))
    for i in np.flatnonzero(direct):
        whole[i] = totals(data, safe[i : i + 1], powers=1)[0]
    rest = whole - own(data, safe, powers=1)
    direct = direct | _too_little_left(rest, whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        step, cov, rss = fit_of_sums(rest)
        cov_all = fit_of_sums(whole)[1]
        q, trace = q_and_trace(problem.at_0[:2] - own(data, np.zeros(k), powers=2))
    back, df = problem.back, k - 1 - p
    result = {
        "beta": problem.beta + step @ back.T,
        "cov": back @ cov @ back.T,
        "rss": np.maximum(rss, 0.0),
        "q": np.maximum(q, 0.0),
        "typical": df / trace if df > 0 else np.full(k, math.nan),
    }
    notes = [""] * k
    for i in np.flatnonzero(direct):
        fit = None if math.isnan(found[i]) else _fit_direct(problem, np.arange(k) != i, tau2=found[i])
        for name, values in result.items():
            values[i] = math.nan if fit is None else fit[name]
        if fit is None:
            notes[i] = "without this study the moderators can no longer be told apart"
    if df < 1:
        result |= {"rss": np.where(np.isnan(found), math.nan, 0.0), "q": np.where(np.isnan(found), math.nan, 0.0)}
    cov_all = back @ cov_all @ back.T
    return Deletions(tau2=found, cov_all=cov_all, direct=direct, df=df, notes=tuple(notes), **result)


def _fit_direct(problem: _Problem, others: np.ndarray, *, tau2: float) -> dict[str, np.ndarray | float]:
    """Return the fit of the other studies, computed from them alone."""
    yi, vi, design = problem.residuals[others], problem.vi[others], problem.design[others]
    if len(yi) == design.shape[1]:
        exact = np.linalg.inv(design)
        cov = exact @ np.diag(vi + tau2) @ exact.T
        return {"beta": problem.beta + exact @ yi, "cov": cov, "rss": 0.0, "q": 0.0, "typical": math.nan}
    fit = weighted_fit(yi, vi, tau2=tau2, design=design)
    plain = weighted_fit(yi, vi, tau2=0.0, design=design)
    trace = float(np.sum(plain.weights * (1.0 - plain.leverage)))
    return {
        **{"beta": problem.beta + fit.beta, "cov": fit.cov, "rss": fit.rss},
        **{"q": plain.rss, "typical": plain.df / trace},
    }
