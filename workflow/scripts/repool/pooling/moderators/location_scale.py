"""Let the between-study variance itself depend on moderators: the location-scale model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs, tau2, weighted_fit
from repool.pooling.models.heterogeneity import typical_variance
from repool.pooling.models.intervals import Interval, quantile, two_sided_pval
from repool.pooling.moderators.wald_tests import JointTest, joint_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Steps of the search; a well-behaved likelihood needs about ten, and one without a top never ends.
MAXIMUM_STEPS = 100

#: The search ends when a full step would gain less log-likelihood than this.
SMALLEST_GAIN = 1e-14

#: A likelihood that bends this much less in one direction than in another has no top there: it
#: flattens out as the tau2 of some effects goes to 0.
FLAT = 1e-9

#: Where searches start: shares of the pooled tau2, and slopes of the scale in units of one
#: standard deviation; several, because a search can stop on a lower peak.
STARTS = ((1.0, 0.0), (0.1, 0.0), (1.0, 1.0), (1.0, -1.0), (0.1, 2.0), (0.1, -2.0))


@dataclass(frozen=True)
class LocationScale:
    """A meta-regression whose tau2 is ``exp(scale design @ scale coefficients)``.

    Attributes
    ----------
    location, scale : repool.pooling.models.intervals.Interval
        Coefficients of the effects, and of log(tau2).
    qm, qs : repool.pooling.moderators.wald_tests.JointTest
        Joint tests of the moderators of either part (of the intercept where there is nothing else).
    tau2 : numpy.ndarray of shape (k,)
        Between-study variance at each effect's moderators.
    log_likelihood : float
        At the top, constants included; restricted for REML.
    steps : int
        Steps of the search that reached the top.
    note : str
        In words, when the coefficients of the scale part are not to be trusted; "" otherwise.
    """

    location: Interval
    scale: Interval
    qm: JointTest
    qs: JointTest
    tau2: np.ndarray
    log_likelihood: float
    steps: int
    note: str


@dataclass(frozen=True)
class _Data:
    """Effects, variances and both designs, with columns of the scale part made orthonormal."""

    yi: np.ndarray
    vi: np.ndarray
    design: np.ndarray
    basis: np.ndarray
    restricted: bool


@dataclass(frozen=True)
class _Place:
    """The likelihood at one place: height, slope and curvature over the scale coefficients."""

    height: float
    slope: np.ndarray
    curvature: np.ndarray


def location_scale(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    design: ArrayLike | None,
    scale_design: ArrayLike,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> LocationScale:
    """Fit a location-scale model with a log link.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    design : array_like of shape (k, p) or None
        Design of the effects; None for one mean.
    scale_design : array_like of shape (k, q)
        Design of log(tau2).
    method_tau2 : {"ML", "REML"}
        Likelihood to maximise.
    ci_method : {"wald", "t"}
        Normal distribution, or t on k - p (location) and k - q (scale) degrees of freedom.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    LocationScale
        The highest peak found from several starts.

    Raises
    ------
    ValueError
        When a method is unknown, or there are too few effects for either part.

    Notes
    -----
    Viechtbauer & Lopez-Lopez (2022), Res Synth Methods 13, 697-715. Newton's method on the profile
    likelihood, with its exact first and second derivatives; standard errors of the scale part are
    from the curvature at the top.
    """
    if method_tau2 not in ("ML", "REML"):
        raise ValueError(f"method_tau2 is {method_tau2!r}; a location-scale model needs ML or REML")
    if ci_method not in ("wald", "t"):
        raise ValueError(f"ci_method is {ci_method!r}; a location-scale model has wald or t")
    yi, vi, design = check_inputs(yi, vi, design)
    _, _, scale_design = check_inputs(yi, vi, scale_design)
    basis, triangle = np.linalg.qr(scale_design)
    data = _Data(yi, vi, design, basis, method_tau2 == "REML")
    top, place, steps = _search(data)
    variances = _exp(basis @ top)
    degrees = [math.nan if ci_method == "wald" else float(yi.size - n) for n in (design.shape[1], basis.shape[1])]
    fit = _fit(data, variances)
    location = _tested(fit[0], fit[1], df=degrees[0], level=level)
    cov, note = _scale_covariance(place, triangle)
    scale = _tested(np.linalg.solve(triangle, top), cov, df=degrees[1], level=level)
    constant = yi.size - (design.shape[1] if data.restricted else 0)
    height = place.height - 0.5 * constant * math.log(2.0 * math.pi)
    if data.restricted:
        # metafor's restricted likelihood carries + log|X'X| / 2, so that it does not depend on units.
        height += 0.5 * float(np.linalg.slogdet(design.T @ design)[1])
    qm, qs = _joint(location, design), _joint(scale, scale_design)
    return LocationScale(location, scale, qm, qs, variances, height, steps, note)


def _joint(coefficients: Interval, design: np.ndarray) -> JointTest:
    """Return the joint test of all coefficients but an intercept that is not alone."""
    p = design.shape[1]
    return joint_test(coefficients, columns=range(1 if p > 1 and np.all(design[:, 0] == 1.0) else 0, p))


def _exp(values: np.ndarray) -> np.ndarray:
    """Return exponentials, cut off long before they overflow."""
    return np.exp(np.clip(values, -600.0, 600.0))


def _fit(data: _Data, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients and their covariance at known between-study variances."""
    fit = weighted_fit(data.yi, data.vi + variances, tau2=0.0, design=data.design)
    return fit.beta, fit.cov


def _likelihood(data: _Data, coefficients: np.ndarray) -> _Place:
    """Return the profile log-likelihood over the scale coefficients with its derivatives.

    With w = 1 / (vi + tau2) and P = W - W X (X'WX)^-1 X'W, the slope over tau2_i is
    ((Py)_i^2 - P_ii) / 2 (REML; w_i in place of P_ii for ML), and its own slope over tau2_j is
    P_ij^2 / 2 - (Py)_i P_ij (Py)_j (w_i^2 / 2 on the diagonal in place of the first term for ML).
    """
    variances = _exp(data.basis @ coefficients)
    weights = 1.0 / (data.vi + variances)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * data.design)
    p_matrix = root[:, None] * (np.eye(root.size) - q @ q.T) * root
    pulled = p_matrix @ (data.yi - np.median(data.yi) * _ones(data))
    height = 0.5 * float(np.sum(np.log(weights)) - np.sum(pulled**2 / weights))
    if data.restricted:
        height -= float(np.sum(np.log(np.abs(np.diagonal(r)))))
    slope = 0.5 * (pulled**2 - (np.diagonal(p_matrix) if data.restricted else weights))
    second = 0.5 * (p_matrix**2 if data.restricted else np.diag(weights**2))
    second = second - np.outer(pulled, pulled) * p_matrix
    chain = data.basis * variances[:, None]
    curvature = chain.T @ second @ chain + data.basis.T @ (data.basis * (slope * variances)[:, None])
    return _Place(height, chain.T @ slope, curvature)


def _ones(data: _Data) -> float:
    """Return 1 when the effects have an intercept, whose offset can then be taken out; else 0."""
    return 1.0 if np.all(data.design[:, 0] == 1.0) else 0.0


def _search(data: _Data) -> tuple[np.ndarray, _Place, int]:
    """Return the highest of the peaks reached from all starts."""
    method = "REML" if data.restricted else "ML"
    pooled = tau2(data.yi, data.vi, method=method, design=data.design).tau2
    middle = max(pooled, 0.01 * typical_variance(data.vi, design=data.design))
    length = math.sqrt(data.yi.size)
    found = []
    for share, slope in STARTS:
        level = np.full(data.yi.size, math.log(share * middle))
        for column in data.basis.T[1:] if slope else [np.zeros(data.yi.size)]:
            found.append(_climb(data, data.basis.T @ (level + slope * length * column)))
    return max(found, key=lambda one: one[1].height)


def _climb(data: _Data, place: np.ndarray) -> tuple[np.ndarray, _Place, int]:
    """Return the peak that Newton's method, with steps made safe, reaches from a place."""
    here = _likelihood(data, place)
    for steps in range(1, MAXIMUM_STEPS + 1):
        values, vectors = np.linalg.eigh(-here.curvature)
        # Where the likelihood bends upwards, or hardly bends, the step follows the slope.
        bend = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
        step = vectors @ (vectors.T @ here.slope / bend)
        step *= min(
            1.0, 3.0 * math.sqrt(place.size) / max(float(np.linalg.norm(step)) / math.sqrt(data.yi.size), 1e-300)
        )
        gain = float(step @ here.slope)
        if gain <= SMALLEST_GAIN * (1.0 + abs(here.height)):
            return place, here, steps
        there = _likelihood(data, place + step)
        while there.height < here.height + 1e-4 * gain and gain > SMALLEST_GAIN:
            step, gain = step / 2.0, gain / 2.0
            there = _likelihood(data, place + step)
        if there.height <= here.height:
            return place, here, steps
        place, here = place + step, there
    return place, here, MAXIMUM_STEPS


def _scale_covariance(place: _Place, triangle: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the covariance of the scale coefficients, or nan and why there is none."""
    inverse = np.linalg.inv(triangle)
    values, vectors = np.linalg.eigh(-place.curvature)
    if values.min() <= FLAT * max(1.0, values.max()):
        note = "the likelihood has no top: it keeps rising as tau2 of some effects goes to 0; no standard errors"
        return np.full_like(inverse, math.nan), note
    half = inverse @ (vectors / np.sqrt(values))
    return half @ half.T, ""


def _tested(estimate: np.ndarray, cov: np.ndarray, *, df: float, level: float) -> Interval:
    """Return coefficients with tests and limits from a covariance; nan stays nan."""
    se = np.sqrt(np.diagonal(cov))
    statistic = np.divide(estimate, se, out=np.full_like(se, math.nan), where=se > 0)
    half_width = quantile(level, df=df) * se
    parts = {"pval": two_sided_pval(statistic, df=df), "cov": cov, "df": df, "variance_factor": 1.0}
    limits = {"ci_lb": estimate - half_width, "ci_ub": estimate + half_width}
    return Interval(estimate=estimate, se=se, statistic=statistic, **limits, **parts)
