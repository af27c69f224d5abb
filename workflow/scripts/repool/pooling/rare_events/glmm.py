"""Generalised linear mixed models of the counts themselves: no zero cell needs a correction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.rare_events import glmm_fit
from repool.pooling.rare_events.counts import Arms, checked_arms, kept_tables, study_effects
from repool.pooling.rare_events.glmm_spread import typical_variance
from repool.pooling.rare_events.normal_test import chi2_pval, normal_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Models of two arms, and the measures they are for.
GLMM_MODELS = {"UM.FS": ("OR", "IRR"), "UM.RS": ("OR", "IRR"), "CM.EL": ("OR", "IRR"), "CM.AL": ("OR",)}

#: Measures of one group.
ONE_GROUP_MEASURES = ("PLO", "IRLN")

#: "none" is one common effect (metafor's EE); "ML" lets effects differ.
METHODS_TAU2 = ("none", "ML")

#: A variance beyond this (odds that differ by factors of e^30 between studies) is a likelihood that rises for ever:
#: so it is when every study has a zero cell, some in arm 1 and some in arm 2.
ENDLESS_TAU2 = 1000.0


@dataclass(frozen=True)
class Glmm:
    """A fitted generalised linear mixed model.

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : float
        Log odds ratio, log rate ratio, log odds or log rate.
    tau2, sigma2 : float
        Variance of the effects between studies, and of the studies' levels (UM.RS; nan otherwise).
    i2_percent, h2 : float
        From tau2 and the typical sampling variance of the studies' own effects; nan with fewer than two of those.
    q_wald, q_wald_pval, q_lrt, q_lrt_pval, q_df : float
        Tests that all effects are equal; nan for one study.
    log_likelihood, aic, bic : float
        Random effects integrated out.
    log_likelihood_metafor : float
        What metafor 3.8 prints: for UM.FS, CM.AL, one-group and conditional rate models the likelihood given the most
        likely random effects, for UM.RS with several nodes relative to the saturated model. Not comparable between
        models; kept so that results can be held against R's.
    parameters, n_observations : int
        Number of estimated parameters and of counts that AIC and BIC use.
    k, k_effects, k_informative : int
        Studies used; those with an effect of their own; those with both an event and a non-event.
    nodes : int
        Quadrature points used.
    converged, iterations, at_boundary
        How the search ended; at_boundary is True when tau2 was estimated and came out as 0.
    note : str
        What to know in words; empty otherwise.
    """

    estimate: float
    se: float
    statistic: float
    pval: float
    ci_lb: float
    ci_ub: float
    tau2: float
    sigma2: float
    i2_percent: float
    h2: float
    q_wald: float
    q_wald_pval: float
    q_lrt: float
    q_lrt_pval: float
    q_df: float
    log_likelihood: float
    aic: float
    bic: float
    log_likelihood_metafor: float
    parameters: int
    n_observations: int
    k: int
    k_effects: int
    k_informative: int
    nodes: int
    converged: bool
    iterations: int
    at_boundary: bool
    note: str


def glmm(
    events_arm1: ArrayLike,
    size_arm1: ArrayLike,
    events_arm2: ArrayLike,
    size_arm2: ArrayLike,
    *,
    measure: str,
    glmm_model: str,
    method_tau2: str,
    nodes: int,
    add: float,
    to: str,
    drop00: bool,
    level: float,
) -> Glmm:
    """Fit a generalised linear mixed model to the counts of two arms.

    Parameters
    ----------
    events_arm1, size_arm1, events_arm2, size_arm2 : array_like of shape (k,)
        Events, and people (OR) or person-time (IRR); arm 1 is the intervention; nan where unknown.
    measure : {"OR", "IRR"}
        What is pooled, on the log scale.
    glmm_model : {"UM.FS", "UM.RS", "CM.EL", "CM.AL"}
        Unconditional with fixed or random study levels; conditional with the exact likelihood, or (OR) with its
        binomial approximation.
    method_tau2 : {"none", "ML"}
        One common effect, or effects that differ.
    nodes : int
        Points of the adaptive Gauss-Hermite rule per random effect; 1 is Laplace's approximation. CM.EL of odds
        ratios always uses 60. (R's lme4 cannot do more than 1 for UM.RS with ML.)
    add, to : float, str
        The rule for zero cells of the studies' own effects, which only I2 uses.
    drop00 : bool
        Whether studies without any event (or non-event) are left out.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Glmm
        Estimate, variances, tests and the way the search ended.

    Raises
    ------
    ValueError
        For impossible counts or settings, too few studies, or counts of which no finite ratio can be estimated.

    Notes
    -----
    Stijnen, Hamza & Ozdemir (2010), Stat Med 29, 3046-3067 (CM.EL, CM.AL); Jackson et al. (2018), Stat Med 37,
    1059-1085 (UM.FS and UM.RS, their models 4 and 5 with treatment coded +1/2, -1/2). Maximised to 1e-8 standard
    errors, from several starts.
    """
    _check(measure, glmm_model, method_tau2, nodes)
    arms = checked_arms(events_arm1, size_arm1, events_arm2, size_arm2, measure=measure)
    used = kept_tables(arms, drop00=drop00)
    _check_k(used.k, method_tau2)
    if glmm_model == "UM.RS" and used.k < 2:
        raise ValueError("one study cannot show how levels differ between studies; use UM.FS")
    _check_finite(used, glmm_model)
    vi = study_effects(arms, measure=measure, add=add, to=to, drop00=drop00)[1]
    fit = glmm_fit.two_arms(used, glmm_model=glmm_model, random=method_tau2 == "ML", nodes=nodes)
    return _result(fit, k=used.k, k_informative=used.informative(), vi=vi, method_tau2=method_tau2, level=level)


def glmm_one_group(
    events: ArrayLike,
    size: ArrayLike,
    *,
    measure: str,
    method_tau2: str,
    nodes: int,
    add: float,
    to: str,
    level: float,
) -> Glmm:
    """Fit a logistic or Poisson model with random study effects to one group per study.

    Parameters
    ----------
    events, size : array_like of shape (k,)
        Events, and people (PLO) or person-time (IRLN); nan where unknown.
    measure : {"PLO", "IRLN"}
        Log odds of a proportion, or log rate.
    method_tau2, nodes, add, to, level
        As in `glmm`.

    Returns
    -------
    Glmm
        Estimate, variance, tests and the way the search ended.

    Raises
    ------
    ValueError
        For impossible counts or settings, too few studies, or when nobody or everybody has the event.

    Notes
    -----
    Stijnen, Hamza & Ozdemir (2010), Stat Med 29, 3046-3067, section 2.
    """
    if measure not in ONE_GROUP_MEASURES:
        raise ValueError(f"measure is {measure!r}; one-group models are for {', '.join(ONE_GROUP_MEASURES)}")
    _check(None, None, method_tau2, nodes)
    poisson = measure == "IRLN"
    events, size = np.asarray(events, dtype=float), np.asarray(size, dtype=float)
    # The checks of two arms, with the group in both.
    twice = checked_arms(events, size, events, size, measure="IRR" if poisson else "OR")
    used = kept_tables(twice, drop00=False)
    _check_k(used.k, method_tau2)
    total, people = float(used.events_arm1.sum()), float(used.size_arm1.sum())
    if total == 0 or (total == people and not poisson):
        raise ValueError(
            f"{total:g} events in all groups of {people:g} together: the log of 0 or infinity is no estimate"
        )
    vi = glmm_fit.one_group_variances(events, size, measure=measure, add=add, to=to)
    fit = glmm_fit.one_group(used.events_arm1, used.size_arm1, poisson=poisson, random=method_tau2 == "ML", nodes=nodes)
    inside = (used.events_arm1 > 0) & (poisson | (used.events_arm1 < used.size_arm1))
    return _result(fit, k=used.k, k_informative=int(inside.sum()), vi=vi, method_tau2=method_tau2, level=level)


def _check(measure: str | None, glmm_model: str | None, method_tau2: str, nodes: int) -> None:
    """Refuse settings that do not exist."""
    if glmm_model is not None:
        if glmm_model not in GLMM_MODELS:
            raise ValueError(f"glmm_model is {glmm_model!r}; must be one of {', '.join(GLMM_MODELS)}")
        if measure not in GLMM_MODELS[glmm_model]:
            raise ValueError(f"measure is {measure!r}; {glmm_model} is for {', '.join(GLMM_MODELS[glmm_model])}")
    if method_tau2 not in METHODS_TAU2:
        raise ValueError(f"method_tau2 is {method_tau2!r}; a model of counts has {', '.join(METHODS_TAU2)}")
    if isinstance(nodes, bool) or int(nodes) != nodes or not 1 <= nodes <= 100:
        raise ValueError(f"nodes is {nodes!r}; must be a whole number from 1 to 100")


def _check_k(k: int, method_tau2: str) -> None:
    """Refuse to estimate the spread of a single study."""
    if method_tau2 == "ML" and k < 2:
        raise ValueError("one study cannot show how effects differ between studies; use method_tau2 none")


def _check_finite(arms: Arms, glmm_model: str) -> None:
    """Refuse counts whose likelihood rises for ever towards a ratio of 0 or infinity."""
    x1, n1, x2, n2 = arms.events_arm1, arms.size_arm1, arms.events_arm2, arms.size_arm2
    yes = x1 + x2
    binomial = not arms.rates and glmm_model != "CM.AL"
    lowest = np.maximum(0.0, yes - n2) if binomial else np.zeros_like(yes)
    highest = np.minimum(n1, yes) if binomial else yes
    if glmm_model == "CM.AL" and ((n1 == 0) | (n2 == 0)).any():
        raise ValueError("CM.AL needs people in both arms of every study")
    if glmm_model == "UM.RS":
        lowest, highest = np.zeros_like(yes), yes if arms.rates else n1
        other_edge = x2.sum() == 0 or (not arms.rates and x2.sum() == n2.sum())
    else:
        other_edge = False
    if other_edge or np.all(x1 == lowest) or np.all(x1 == highest):
        raise ValueError(
            "the ratio is estimated as 0 or infinite: in no study could arm 1 have had fewer events, or in none more."
            " Mantel-Haenszel with a constant added, or Peto, can answer"
        )


def _result(
    fit: glmm_fit.GlmmFit, *, k: int, k_informative: int, vi: np.ndarray, method_tau2: str, level: float
) -> Glmm:
    """Return the fit with its tests."""
    test = normal_test(fit.estimate, fit.se, level=level)
    typical = typical_variance(vi)
    df = k - 1 if k > 1 else math.nan
    notes = [fit.note] if fit.note else []
    if k == 1:
        notes.append("one study: nothing to compare it with")
    converged = fit.converged and fit.tau2 < ENDLESS_TAU2
    if not converged:
        notes.append("the search did not end at a peak (the studies point to ratios of 0 and of infinity); do not use")
    minus_two = -2 * fit.log_likelihood
    return Glmm(
        fit.estimate,
        fit.se,
        *test,
        tau2=fit.tau2,
        sigma2=fit.sigma2,
        i2_percent=100 * fit.tau2 / (typical + fit.tau2),
        h2=fit.tau2 / typical + 1,
        q_wald=fit.q_wald if k > 1 else math.nan,
        q_wald_pval=chi2_pval(fit.q_wald, k - 1),
        q_lrt=fit.q_lrt if k > 1 else math.nan,
        q_lrt_pval=chi2_pval(fit.q_lrt, k - 1),
        q_df=df,
        log_likelihood=fit.log_likelihood,
        aic=minus_two + 2 * fit.parameters,
        bic=minus_two + fit.parameters * math.log(fit.n_observations),
        log_likelihood_metafor=fit.log_likelihood_metafor,
        parameters=fit.parameters,
        n_observations=fit.n_observations,
        k=k,
        k_effects=vi.size,
        k_informative=k_informative,
        nodes=fit.nodes,
        converged=converged,
        iterations=fit.iterations,
        at_boundary=method_tau2 == "ML" and fit.tau2 == 0.0,
        note="; ".join(notes),
    )
