"""The noncentral hypergeometric likelihood of two-by-two tables, given all their margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from repool.pooling.rare_events.maximise import Problem, Slopes

Array = np.ndarray

#: Points of the adaptive Gauss-Hermite rule over the true log odds ratios. 60 reach 3e-8 in the log-likelihood of
#: studies with all events in one arm and tau = 4.6 (40 reach 3e-6); R integrates each study to a relative 1e-4.
POINTS = 60

#: Newton steps for a study's own log odds ratio or its most likely value; 8 are usual.
STEPS = 200

#: With more possible tables than this only those near the most likely are summed.
WIDE = 4000

#: How near: this many standard deviations and tables; what is left out is below e^-60.
NEAR = (12.0, 60)


@dataclass(frozen=True)
class Table:
    """One table given its margins.

    Attributes
    ----------
    distance : numpy.ndarray
        Possible events of arm 1 minus those observed.
    log_weight : numpy.ndarray
        Log of the number of ways to each, minus that of the observed.
    """

    distance: Array
    log_weight: Array

    def terms(self, theta: Array) -> tuple[Array, Array, Array]:
        """Return log probability of the observed, its slope and curvature at log odds ratios of shape (q,)."""
        distance, log_weight = (self.distance, self.log_weight) if self.distance.size <= WIDE else self._near(theta)
        exponent = log_weight + theta[:, None] * distance
        top = np.max(exponent, axis=1, keepdims=True)
        shares = np.exp(exponent - top)
        total = np.sum(shares, axis=1, keepdims=True)
        shares = shares / total
        mean = np.sum(shares * distance, axis=1)
        variance = np.sum(shares * (distance - mean[:, None]) ** 2, axis=1)
        return -(top + np.log(total))[:, 0], -mean, -variance

    def _near(self, theta: Array) -> tuple[Array, Array]:
        """Return distances and log weights around the most likely table of each log odds ratio, shape (q, window)."""
        # Log weights fall ever faster: the most likely table is where the fall passes the log odds ratio.
        fall = -np.diff(self.log_weight)
        peak = np.searchsorted(fall, theta)
        bend = np.diff(fall)[np.clip(peak - 1, 0, fall.size - 2)]
        half = int(NEAR[0] / np.sqrt(np.min(bend)) + NEAR[1])
        index = peak[:, None] + np.arange(-half, half + 1)
        inside = np.clip(index, 0, self.distance.size - 1)
        return self.distance[inside], np.where(inside == index, self.log_weight[inside], -np.inf)

    @property
    def at_edge(self) -> bool:
        """Whether no fewer, or no more, events were possible, so that the odds ratio is 0 or infinite."""
        return bool(self.distance[0] == 0 or self.distance[-1] == 0)


def tables_of(events_arm1: Array, n_arm1: Array, events_arm2: Array, n_arm2: Array) -> list[Table]:
    """Return the tables of studies from whole-numbered counts.

    Raises
    ------
    ValueError
        When a count is not a whole number.
    """
    from scipy.special import gammaln

    counts = np.stack([events_arm1, n_arm1, events_arm2, n_arm2])
    if (counts != np.round(counts)).any():
        raise ValueError("the exact conditional model counts ways to a table and needs whole numbers of people")
    tables = []
    for a, n1, c, n2 in counts.T:
        yes = a + c
        x = np.arange(max(0.0, yes - n2), min(n1, yes) + 1)
        ways = -(gammaln(x + 1) + gammaln(n1 - x + 1) + gammaln(yes - x + 1) + gammaln(n2 - yes + x + 1))
        tables.append(Table(x - a, ways - ways[int(a - x[0])]))
    return tables


def saturated(tables: list[Table]) -> tuple[Array, Array, float]:
    """Return each study's own log odds ratio, its information, and the log-likelihood of all; 0 information at edges.

    Notes
    -----
    At an edge the odds ratio is 0 or infinite and the observed table certain: its log-likelihood is 0.
    """
    theta, information, height = np.zeros(len(tables)), np.zeros(len(tables)), []
    for i, table in enumerate(tables):
        if table.at_edge:
            continue
        for _ in range(STEPS):
            value, slope, curvature = (part[0] for part in table.terms(theta[i : i + 1]))
            step = float(np.clip(-slope / min(curvature, -1e-300), -1.0, 1.0))
            theta[i] += step
            if abs(step) < 1e-13 * (1 + abs(theta[i])):
                break
        value, _, curvature = (part[0] for part in table.terms(theta[i : i + 1]))
        information[i] = -curvature
        height.append(value)
    return theta, information, float(np.sum(height))


def conditional_problem(tables: list[Table]) -> Problem:
    """Return the sum of log-likelihoods in the shared parameters (mean log odds ratio, tau).

    Notes
    -----
    Stijnen, Hamza & Ozdemir (2010), Stat Med 29, 3046-3067, section 3.2. Slopes follow from differentiating under the
    integral over the standardised random effects.
    """

    def value(local: Array, shared: Array) -> Array:
        return _slopes(tables, float(shared[0]), float(shared[1])).value

    def slopes(local: Array, shared: Array, steps: object) -> Slopes:
        return _slopes(tables, float(shared[0]), float(shared[1]))

    return Problem(value, slopes, np.zeros(len(tables), dtype=bool))


def _slopes(tables: list[Table], mean: float, tau: float) -> Slopes:
    """Return value, gradient and Hessian of each study's log-likelihood in (own, mean, tau); nothing is own."""
    k = len(tables)
    value, gradient, hessian = np.zeros(k), np.zeros((k, 3)), np.zeros((k, 3, 3))
    points, weights = np.polynomial.hermite_e.hermegauss(POINTS if tau else 1)
    for i, table in enumerate(tables):
        if table.distance.size == 1:
            continue
        mode, precision = _mode(table, mean, tau)
        effects = mode + points / np.sqrt(precision)
        g, g1, g2 = table.terms(mean + tau * effects)
        logs = g - 0.5 * effects**2 + 0.5 * points**2 + np.log(weights / np.sqrt(2 * np.pi))
        top = np.max(logs)
        shares = np.exp(logs - top)
        value[i] = top + np.log(np.sum(shares)) - 0.5 * np.log(precision)
        shares = shares / np.sum(shares)
        directions = np.stack([np.ones_like(effects), effects])
        first = directions @ (shares * g1)
        second = (directions * (shares * (g2 + g1**2))) @ directions.T
        gradient[i, 1:] = first
        hessian[i, 1:, 1:] = second - np.outer(first, first)
    return Slopes(value, gradient, hessian)


def _mode(table: Table, mean: float, tau: float) -> tuple[float, float]:
    """Return the most likely standardised random effect and the precision there."""
    effect, precision = 0.0, 1.0
    if tau == 0.0:
        return effect, precision
    for _ in range(STEPS):
        _, slope, curvature = (part[0] for part in table.terms(np.array([mean + tau * effect])))
        precision = 1.0 - tau**2 * float(curvature)
        step = (tau * float(slope) - effect) / precision
        effect += float(np.clip(step, -1.0 / abs(tau), 1.0 / abs(tau)))
        # Only the centre of the rule: a rough one costs nothing.
        if abs(step) < 1e-7:
            break
    return effect, precision
