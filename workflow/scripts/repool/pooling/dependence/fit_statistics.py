"""Tests, information criteria and shares of variance of a fitted multilevel model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repool.pooling.dependence.component_search import Peak
    from repool.pooling.dependence.mixed_likelihood import Evaluation, MixedModel
    from repool.pooling.dependence.random_terms import CodedTerm
    from repool.pooling.dependence.working_scale import Component


@dataclass(frozen=True)
class ModelTest:
    """A chi-square test, or an F test where ``df2`` is a number; nan where it cannot be computed."""

    statistic: float
    df: int
    df2: float
    pval: float


@dataclass(frozen=True)
class FitStatistics:
    """Log-likelihood and what follows from it.

    Attributes
    ----------
    log_likelihood : float
        Restricted for REML, with log det X'X as in metafor.
    deviance : float
        For ML against the saturated model, for REML minus twice the log-likelihood.
    aic, bic, aicc : float
        Information criteria; for REML with k - p in place of k.
    n_parameters : int
        Coefficients plus variances and correlations estimated.
    """

    log_likelihood: float
    deviance: float
    aic: float
    bic: float
    aicc: float
    n_parameters: int


def containment_df(design: np.ndarray, terms: Sequence[CodedTerm]) -> np.ndarray:
    """Return containment degrees of freedom of each coefficient.

    Parameters
    ----------
    design : numpy.ndarray of shape (k, p)
        Design matrix.
    terms : sequence of CodedTerm
        Random terms.

    Returns
    -------
    numpy.ndarray of shape (p,)
        Levels of the smallest random factor within which the column does not change (k where
        there is none), minus p, and at least 1.

    Notes
    -----
    The inner-outer method of Pinheiro & Bates (2000), Mixed-effects models in S and S-PLUS, p. 91,
    in the form of metafor's ``dfs="contain"``.
    """
    k, p = design.shape
    factors = [term.outer for term in terms]
    factors += [term.outer * term.n_inner + term.inner for term in terms if term.structure != "intercept"]
    df = np.full(p, float(k))
    for column in range(p):
        values = np.unique(design[:, column], return_inverse=True)[1]
        for factor in factors:
            n_levels = np.unique(factor).size
            # As many pairs as levels: each level goes with one value only.
            if np.unique(np.stack([factor, values]), axis=1).shape[1] == n_levels:
                df[column] = min(df[column], n_levels)
    return np.maximum(df - p, 1.0)


def heterogeneity_test(q: float, df: int) -> ModelTest:
    """Return Cochran's test of residual heterogeneity against the sampling covariance alone.

    Parameters
    ----------
    q : float
        Generalised residual sum of squares with all variance components 0.
    df : int
        k - p.

    Returns
    -------
    ModelTest
        The test; p is 1 without degrees of freedom.
    """
    from scipy.special import chdtrc

    pval = float(chdtrc(df, q)) if df > 0 else (math.nan if math.isnan(q) else 1.0)
    return ModelTest(q, df, math.nan, pval)


def moderator_test(beta: np.ndarray, cov: np.ndarray, design: np.ndarray, df: np.ndarray) -> ModelTest:
    """Return the Wald test of all coefficients but the intercept, or of all where that leaves none.

    Parameters
    ----------
    beta, cov : numpy.ndarray of shape (p,) and (p, p)
        Coefficients and covariance.
    design : numpy.ndarray of shape (k, p)
        Design; a column of ones is the intercept.
    df : numpy.ndarray of shape (p,)
        Degrees of freedom of the coefficients, nan for chi-square.

    Returns
    -------
    ModelTest
        Chi-square, or F with the smallest df of the coefficients tested.
    """
    from scipy.special import chdtrc, fdtrc

    tested = np.flatnonzero(~(design == 1.0).all(axis=0))
    tested = np.arange(beta.size) if tested.size == 0 else tested
    m = tested.size
    statistic = float(beta[tested] @ np.linalg.solve(cov[np.ix_(tested, tested)], beta[tested]))
    if np.isnan(df).any():
        return ModelTest(statistic, m, math.nan, float(chdtrc(m, statistic)))
    df2 = float(df[tested].min())
    return ModelTest(statistic / m, m, df2, float(fdtrc(m, df2, statistic / m)))


def fit_statistics(model: MixedModel, peak: Peak, without: Evaluation, unit: float) -> FitStatistics:
    """Return log-likelihood, deviance and information criteria on the scale of the effects.

    Parameters
    ----------
    model : MixedModel
        The model on its working scale.
    peak : Peak
        The fit.
    without : Evaluation
        The model with all variance components 0.
    unit : float
        Working unit of the effects.

    Returns
    -------
    FitStatistics
        The statistics.
    """
    k, p = model.design.shape
    n = k - p if model.restricted else k
    height = peak.at.value - n * math.log(unit)
    parameters = p + sum(term.n_estimated for term in model.terms)
    deviance = -2.0 * height
    if not model.restricted and math.isfinite(without.log_det):
        saturated = -0.5 * (k * math.log(2.0 * math.pi) + without.log_det) - k * math.log(unit)
        deviance = -2.0 * (height - saturated)
    size = max(n, parameters + 2)
    return FitStatistics(
        log_likelihood=height,
        deviance=deviance,
        aic=-2.0 * height + 2.0 * parameters,
        bic=-2.0 * height + parameters * math.log(n) if n > 0 else -math.inf,
        aicc=-2.0 * height + 2.0 * parameters * size / (size - parameters - 1),
        n_parameters=parameters,
    )


def shares_of_variance(
    model: MixedModel, parts: Sequence[Component], without: Evaluation, unit: float
) -> tuple[float, np.ndarray, np.ndarray, float]:
    """Return I2 in all and by random intercept, shares of the true variance, and typical variance.

    Parameters
    ----------
    model : MixedModel
        The model on its working scale.
    parts : sequence of Component
        Estimates.
    without : Evaluation
        The model with all variance components 0.
    unit : float
        Working unit of the effects.

    Returns
    -------
    tuple
        I2 in percent, I2 per term in percent, share of each term in the true variance (for nested
        terms the intraclass correlations), and the typical sampling variance; nan where a term is
        no plain random intercept, the sampling covariance is not positive definite, or all true
        variances are 0 (shares).

    Notes
    -----
    Typical variance (k - p) / tr(P), P the projection of the model without random terms, a
    generalisation of Higgins & Thompson (2002), Stat Med 21, 1539-1558, eq. 9, as in Jackson et
    al. (2012), Stat Med 31, 3805-3820, and metafor's documentation of I2 for multilevel models;
    I2 by level: Cheung (2014), Psychol Methods 19, 211-229.
    """
    k, p = model.design.shape
    blank = np.full(len(parts), math.nan)
    typical = math.nan
    if without.trace_projection > 0:
        typical = (k - p) / without.trace_projection * unit**2
    if any(t.structure != "intercept" or t.outer_correlation is not None for t in model.terms):
        return math.nan, blank, blank, typical
    variances = np.array([part.variances[0] for part in parts])
    total = float(variances.sum())
    icc = variances / total if total > 0 else blank
    return 100.0 * total / (total + typical), 100.0 * variances / (total + typical), icc, typical
