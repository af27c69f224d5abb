"""Profile-likelihood intervals of variances and correlations, and tests of whole random terms."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.dependence.component_search import highest_peak
from repool.pooling.dependence.random_terms import HETEROGENEOUS, lower_triangle
from repool.pooling.dependence.structures import matrix_and_slopes

if TYPE_CHECKING:
    from repool.pooling.dependence.mixed_likelihood import MixedModel
    from repool.pooling.dependence.multilevel import MultilevelFit

#: Beyond this many squared working units a variance counts as unbounded.
LARGEST = 1e8

#: Drops of the log-likelihood are cut here, so that a root search never meets infinity.
LARGEST_DROP = 1e3

#: Relative precision of a bound.
PRECISION = 1e-8

#: A profile higher than the peak by more than this share of 1 + |log-likelihood| is reported.
ROUNDING = 1e-9


@dataclass(frozen=True)
class ProfileInterval:
    """A profile-likelihood interval.

    Attributes
    ----------
    estimate, ci_lb, ci_ub : float
        Variance or correlation with its limits; inf where the likelihood never falls enough.
    note : str
        What a reader must know; empty when all went well.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    note: str


@dataclass(frozen=True)
class TermTest:
    """Likelihood ratio test of a random term against the model without it.

    Attributes
    ----------
    statistic : float
        Twice the difference of the log-likelihoods.
    pval : float
        From chi-square with as many degrees of freedom as the term has parameters.
    pval_boundary : float
        Half of that for a single variance, because 0 is the edge of what a variance can be
        (Self & Liang 1987, J Am Stat Assoc 82, 605-610); nan for terms with more parameters.
    df : int
        Number of parameters of the term.
    """

    statistic: float
    pval: float
    pval_boundary: float
    df: int


def profile_interval(fit: MultilevelFit, *, term: int, parameter: str, index: int, level: float) -> ProfileInterval:
    """Return the profile-likelihood interval of one variance or correlation.

    Parameters
    ----------
    fit : MultilevelFit
        A fitted model.
    term : int
        Number of the random term, from 0.
    parameter : {"variance", "rho"}
        Which kind of parameter.
    index : int
        Number of the variance or correlation within the term, from 0.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    ProfileInterval
        Values at which the profile log-likelihood lies half a chi-square quantile (1 df) below
        its peak, or the limit of the parameter where it does not fall that far.

    Raises
    ------
    ValueError
        When there is no such parameter or it was fixed.

    Notes
    -----
    Hardy & Thompson (1996), Stat Med 15, 619-629, applied to each component in turn, all others
    estimated anew at each value; restricted likelihood for a REML fit.
    """
    from scipy.special import chdtri

    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level!r}; must lie between 0 and 1, such as 0.95")
    model, theta, position, squared = _locate(fit, term, parameter, index)
    unit = fit.prepared.unit if parameter == "variance" else 1.0
    target = float(chdtri(1, 1.0 - level))
    best = fit.peak.at.value
    lowest, highest = (value[position] for value in model.limits)
    seen = {"theta": theta, "gain": 0.0}

    def excess(value: float) -> float:
        try:
            peak = _held(model, fit, position, value, seen["theta"])
        except ValueError:
            return LARGEST_DROP
        seen["theta"] = peak.theta
        seen["gain"] = max(seen["gain"], peak.at.value - best)
        return min(2.0 * (best - peak.at.value) - target, LARGEST_DROP)

    estimate = float(theta[position])
    lower = _lower_bound(excess, estimate, float(lowest))
    seen["theta"] = theta
    upper = _upper_bound(excess, estimate, float(highest), squared=squared)
    note = ""
    if seen["gain"] > ROUNDING * (1.0 + abs(best)):
        note = "the profile rises above the fitted model: the search had missed the highest peak"
    elif math.isinf(upper):
        note = "the likelihood never falls far enough: the data give no upper limit"
    values = [math.copysign(v**2, v) if squared else v for v in (estimate, lower, upper)]
    return ProfileInterval(*(unit**2 * v if parameter == "variance" else v for v in values), note)


def _locate(fit: MultilevelFit, term: int, parameter: str, index: int) -> tuple[MixedModel, np.ndarray, int, bool]:
    """Return model, parameters, the position of the one asked for, and whether it is a square root."""
    model = fit.prepared.model
    if parameter not in ("variance", "rho"):
        raise ValueError(f"parameter is {parameter!r}; must be 'variance' or 'rho'")
    if not 0 <= term < len(model.terms):
        raise ValueError(f"term is {term}; the model has terms 0 to {len(model.terms) - 1}")
    theta = fit.peak.theta.copy()
    if model.terms[term].structure == "UN":
        model, theta = _as_pairs(model, theta, term)
    coded, part = model.terms[term], model.parts[term]
    n_spread = coded.n_inner if coded.structure in (*HETEROGENEOUS, "UN_pairs") else 1
    n_rho = coded.lower.size - n_spread
    if not 0 <= index < (n_spread if parameter == "variance" else n_rho):
        raise ValueError(f"the term has {n_spread} variance(s) and {n_rho} correlation(s); index {index} is not there")
    position = part.start + index + (n_spread if parameter == "rho" else 0)
    if model.limits[0][position] == model.limits[1][position]:
        raise ValueError("this parameter was fixed, not estimated; it has no interval")
    return model, theta, position, parameter == "variance" and coded.structure in ("HCS", "HAR", "UN_pairs")


def _as_pairs(model: MixedModel, theta: np.ndarray, term: int) -> tuple[MixedModel, np.ndarray]:
    """Return the model with an unstructured term in standard deviations and correlations."""
    coded, part = model.terms[term], model.parts[term]
    matrix = matrix_and_slopes(coded, theta[part])[0]
    sd = np.sqrt(np.diagonal(matrix))
    rows, columns = lower_triangle(coded.n_inner)
    product = sd[rows] * sd[columns]
    rho = np.divide(matrix[rows, columns], product, out=np.zeros(rows.size), where=product > 0)
    values = np.append(sd, np.clip(rho, -1.0, 1.0))
    lower = np.append(np.zeros(sd.size), np.full(rho.size, -1.0))
    upper = np.append(np.full(sd.size, np.inf), np.ones(rho.size))
    pairs = replace(coded, structure="UN_pairs", lower=lower, upper=upper)
    terms = (*model.terms[:term], pairs, *model.terms[term + 1 :])
    return replace(model, terms=terms), np.concatenate([theta[: part.start], values, theta[part.stop :]])


def _held(model: MixedModel, fit: MultilevelFit, position: int, value: float, near: np.ndarray):
    """Return the peak with one parameter held at a value."""
    lower, upper = (limit.copy() for limit in model.limits)
    lower[position] = upper[position] = value
    return highest_peak(model, total=fit.prepared.total, limits=(lower, upper), near=near)


def _lower_bound(excess, estimate: float, lowest: float) -> float:
    """Return where the profile crosses below the estimate, or the lowest value allowed."""
    if estimate <= lowest or excess(lowest) <= 0.0:
        return lowest
    return _root(excess, lowest, estimate)


def _upper_bound(excess, estimate: float, highest: float, *, squared: bool) -> float:
    """Return where the profile crosses above the estimate, the highest value allowed, or inf."""
    if math.isfinite(highest):
        return highest if estimate >= highest or excess(highest) <= 0.0 else _root(excess, estimate, highest)
    largest = math.sqrt(LARGEST) if squared else LARGEST
    inside, outside = estimate, max(2.0 * estimate, 0.1)
    while excess(outside) <= 0.0:
        inside, outside = outside, 3.0 * outside
        if outside > largest:
            return math.inf
    return _root(excess, inside, outside)


def _root(excess, left: float, right: float) -> float:
    """Return where the excess changes its sign."""
    from scipy.optimize import brentq

    return float(brentq(excess, left, right, xtol=1e-12, rtol=PRECISION, maxiter=200))


def term_test(fit: MultilevelFit, *, term: int) -> TermTest:
    """Return the likelihood ratio test of a random term against the model without it.

    Parameters
    ----------
    fit : MultilevelFit
        A fitted model.
    term : int
        Number of the term to drop, from 0.

    Returns
    -------
    TermTest
        Statistic and p-values.

    Raises
    ------
    ValueError
        When there is no such term.

    Notes
    -----
    Both models share their design, so restricted likelihoods may be compared.
    """
    from scipy.special import chdtrc

    model = fit.prepared.model
    if not 0 <= term < len(model.terms):
        raise ValueError(f"term is {term}; the model has terms 0 to {len(model.terms) - 1}")
    reduced = replace(
        model,
        terms=(*model.terms[:term], *model.terms[term + 1 :]),
        stacks=[replace(s, links=[*s.links[:term], *s.links[term + 1 :]]) for s in model.stacks],
    )
    peak = highest_peak(reduced, total=fit.prepared.total, limits=reduced.limits, near=None)
    df = model.terms[term].n_estimated
    statistic = max(0.0, 2.0 * (fit.peak.at.value - peak.at.value))
    pval = float(chdtrc(df, statistic)) if df else 1.0
    boundary = (0.5 * pval if statistic > 0 else 1.0) if df == 1 else math.nan
    return TermTest(statistic, pval, boundary, df)
