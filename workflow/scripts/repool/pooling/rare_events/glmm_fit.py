"""Fit the generalised linear mixed models: starts, searches and what follows from the peak."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from repool.pooling.rare_events import glmm_spread, hypergeometric
from repool.pooling.rare_events.counts import Arms
from repool.pooling.rare_events.glmm_models import LEVEL, MEAN, SIGMA, TAU, at_modes, mixed_problem, predictor_of
from repool.pooling.rare_events.maximise import Peak, highest_peak
from repool.pooling.rare_events.quadrature import Array, Counts


@dataclass(frozen=True)
class GlmmFit:
    """What the search found; the names are those of `repool.pooling.rare_events.glmm.Glmm`."""

    estimate: float
    se: float
    tau2: float
    sigma2: float
    q_wald: float
    q_lrt: float
    log_likelihood: float
    log_likelihood_metafor: float
    parameters: int
    n_observations: int
    nodes: int
    converged: bool
    iterations: int
    note: str


def two_arms(arms: Arms, *, glmm_model: str, random: bool, nodes: int) -> GlmmFit:
    """Fit one of the models of two arms.

    Parameters
    ----------
    arms : Arms
        Complete counts.
    glmm_model : {"UM.FS", "UM.RS", "CM.EL", "CM.AL"}
        The model.
    random : bool
        Whether effects differ between studies.
    nodes : int
        Quadrature points.

    Returns
    -------
    GlmmFit
        The peak and the tests.
    """
    if glmm_model == "UM.FS":
        return _fixed_levels(arms, random=random, nodes=nodes)
    if glmm_model == "UM.RS":
        return _random_levels(arms, random=random, nodes=nodes)
    if glmm_model == "CM.EL" and not arms.rates:
        return _exact(arms, random=random)
    # Given the events of both arms together, those of arm 1 are binomial: exactly for rates, nearly for rare events.
    offset = np.log(arms.size_arm1) - np.log(arms.size_arm2)
    counts = Counts(arms.events_arm1[:, None], (arms.events_arm1 + arms.events_arm2)[:, None], poisson=False)
    return _single(counts, offset, random=random, nodes=nodes)


def one_group(events: Array, size: Array, *, poisson: bool, random: bool, nodes: int) -> GlmmFit:
    """Fit the model of one group per study.

    Parameters
    ----------
    events, size : numpy.ndarray of shape (k,)
        Complete counts.
    poisson : bool
        Rates rather than proportions.
    random, nodes
        As in `two_arms`.
    """
    counts = Counts(events[:, None], size[:, None], poisson=poisson)
    return _single(counts, np.zeros(events.size), random=random, nodes=nodes)


def one_group_variances(events: Array, size: Array, *, measure: str, add: float, to: str) -> Array:
    """Return the sampling variances of log odds (PLO) or log rates (IRLN) that can be computed.

    Parameters
    ----------
    events, size : numpy.ndarray of shape (k,)
        Events; people or person-time.
    measure : {"PLO", "IRLN"}
        The measure.
    add, to
        The rule for zero cells.
    """
    from repool.effects.measures import one_group, rates
    from repool.effects.measures.computed import computed
    from repool.effects.measures.zero_cells import ZeroCells

    inputs = {"events": events, "n": size, "person_time": size}
    (chosen,) = (known for known in (*one_group.MEASURES, *rates.MEASURES) if known.name == measure)
    vi = computed(chosen, inputs, vtype="LS", zero_cells=ZeroCells(to, float(add), False), key=measure).vi
    return vi[np.isfinite(vi)]


def _variance(peak: Peak) -> float:
    """Return the variance of the mean effect, first of the free parameters."""
    try:
        variance = float(np.linalg.inv(peak.information)[0, 0])
    except np.linalg.LinAlgError:
        return math.nan
    return variance if variance > 0 else math.nan


def _fit(peak: Peak, **facts: object) -> GlmmFit:
    """Return the common part of every fit."""
    variance = _variance(peak)
    note = "" if math.isfinite(variance) else "the likelihood is flat or not curved down at its peak: no standard error"
    return GlmmFit(
        estimate=float(peak.shared[MEAN]),
        se=math.sqrt(variance) if math.isfinite(variance) else math.nan,
        tau2=float(peak.shared[TAU] ** 2),
        log_likelihood=peak.height,
        converged=peak.converged,
        iterations=peak.iterations,
        note=note,
        **facts,
    )


def _searched(random: bool) -> dict[str, tuple[int, ...]]:
    """Return the free parameters, and which of them is a standard deviation, of models without random levels."""
    return {"free": (MEAN, TAU), "spreads": (TAU,)} if random else {"free": (MEAN,), "spreads": ()}


def _likelihood_ratio(best: float, common: float) -> float:
    """Return twice the difference of two log-likelihoods, not below 0."""
    return max(0.0, 2 * (best - common))


def _fixed_levels(arms: Arms, *, random: bool, nodes: int) -> GlmmFit:
    """Fit UM.FS: a level of each study's own."""
    events = np.stack([arms.events_arm1, arms.events_arm2], axis=1)
    sizes = np.stack([arms.size_arm1, arms.size_arm2], axis=1)
    total, people = events.sum(axis=1), sizes.sum(axis=1)
    own = (total > 0) & ((total < people) | arms.rates)
    # Nobody, or everybody, in both arms: the level is infinite and the counts certain under any effect.
    events[~own] = sizes[~own] = 0.0
    counts = Counts(events, sizes, poisson=arms.rates)
    start = np.where(own, glmm_spread.own_log_odds(total, people, poisson=arms.rates)[0], 0.0)
    predictor = predictor_of("UM.FS", offset=start, random_effect=random)
    problem = mixed_problem(counts, predictor, nodes=nodes, local=own)
    peak = highest_peak(problem, start, np.zeros(2), **_searched(random))
    common = peak.height
    if random:
        common = highest_peak(problem, start, np.zeros(2), **_searched(False)).height
    return _fit(
        peak,
        sigma2=math.nan,
        q_wald=glmm_spread.two_arm_spread(counts),
        q_lrt=_likelihood_ratio(float(np.sum(counts.best_possible())), common),
        log_likelihood_metafor=at_modes(counts, predictor, peak.local, peak.shared),
        parameters=arms.k + 1 + random,
        n_observations=2 * arms.k,
        nodes=nodes,
    )


def _random_levels(arms: Arms, *, random: bool, nodes: int) -> GlmmFit:
    """Fit UM.RS: normally distributed levels."""
    events = np.stack([arms.events_arm1, arms.events_arm2], axis=1)
    sizes = np.stack([arms.size_arm1, arms.size_arm2], axis=1)
    counts = Counts(events, sizes, poisson=arms.rates)
    logs = glmm_spread.own_log_odds(events.sum(axis=0), sizes.sum(axis=0), poisson=arms.rates)[0]
    start, none = np.array([logs[0] - logs[1], 0.0, logs[1], 0.0]), np.zeros(arms.k)
    nobody = np.zeros(arms.k, dtype=bool)
    plain = mixed_problem(counts, predictor_of("UM.RS", offset=none, random_effect=False), nodes=nodes, local=nobody)
    common = highest_peak(plain, none, start, free=(MEAN, LEVEL, SIGMA), spreads=(SIGMA,))
    q_wald, best = glmm_spread.random_level_spread(
        counts, nodes=nodes, level=float(common.shared[LEVEL]), sigma=float(common.shared[SIGMA])
    )
    peak = common
    if random:
        problem = mixed_problem(
            counts, predictor_of("UM.RS", offset=none, random_effect=True), nodes=nodes, local=nobody
        )
        peak = highest_peak(problem, none, common.shared, free=(MEAN, LEVEL, SIGMA, TAU), spreads=(SIGMA, TAU))
    return _fit(
        peak,
        sigma2=float(peak.shared[SIGMA] ** 2),
        q_wald=q_wald,
        q_lrt=_likelihood_ratio(best, common.height),
        # lme4's likelihood is relative to the saturated one as soon as it uses more than one node.
        log_likelihood_metafor=peak.height - (float(np.sum(counts.best_possible())) if nodes > 1 else 0.0),
        parameters=3 + random,
        n_observations=2 * arms.k,
        nodes=nodes,
    )


def _single(counts: Counts, offset: Array, *, random: bool, nodes: int) -> GlmmFit:
    """Fit a model with one count per study."""
    k = offset.size
    events, sizes = counts.events[:, 0], counts.sizes[:, 0]
    predictor = predictor_of("one", offset=offset, random_effect=random)
    problem = mixed_problem(counts, predictor, nodes=nodes, local=np.zeros(k, dtype=bool))
    pooled = glmm_spread.own_log_odds(events.sum(), sizes.sum(), poisson=counts.poisson)[0]
    start = np.array([float(pooled) - float(np.mean(offset)), 0.0])
    peak = highest_peak(problem, np.zeros(k), start, **_searched(random))
    common = peak.height
    if random:
        common = highest_peak(problem, np.zeros(k), start, **_searched(False)).height
    effects, information = glmm_spread.own_log_odds(events, sizes, poisson=counts.poisson)
    return _fit(
        peak,
        sigma2=math.nan,
        q_wald=glmm_spread.weighted_spread(effects - offset, information),
        q_lrt=_likelihood_ratio(float(np.sum(counts.best_possible())), common),
        log_likelihood_metafor=at_modes(counts, predictor, np.zeros(k), peak.shared),
        parameters=1 + random,
        n_observations=k,
        nodes=nodes,
    )


def _exact(arms: Arms, *, random: bool) -> GlmmFit:
    """Fit CM.EL of odds ratios: arm 1's events given all margins."""
    tables = hypergeometric.tables_of(arms.events_arm1, arms.size_arm1, arms.events_arm2, arms.size_arm2)
    problem = hypergeometric.conditional_problem(tables)
    none = np.zeros(arms.k)
    peak = highest_peak(problem, none, np.zeros(2), **_searched(random))
    common = highest_peak(problem, none, np.zeros(2), **_searched(False)).height if random else peak.height
    theta, information, best = hypergeometric.saturated(tables)
    return _fit(
        peak,
        sigma2=math.nan,
        q_wald=glmm_spread.weighted_spread(theta, information),
        q_lrt=_likelihood_ratio(best, common),
        log_likelihood_metafor=peak.height,
        parameters=1 + random,
        n_observations=arms.k,
        nodes=hypergeometric.POINTS,
    )
