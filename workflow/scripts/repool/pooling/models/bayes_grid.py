"""Compute the posterior of a random-effects model by quadrature over tau, without random numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

#: What may stand in ``tau_prior``, and how fast each falls for large tau (as a power of 1 / tau).
TAU_PRIORS = {"half_normal": math.inf, "half_cauchy": 2.0, "uniform": 0.0, "jeffreys": 1.0}

#: What may stand in ``mu_prior``.
MU_PRIORS = ("uniform", "normal")

#: Gauss-Legendre points per panel; a panel is halved until ten points and twice ten agree.
POINTS = 10

#: Places and weights of the rule on -1 to 1.
GAUSS = np.polynomial.legendre.leggauss(POINTS)

#: Panels are halved until what they change is below this share of the whole.
PRECISION = 1e-14

#: Halvings of a panel; 40 reach any feature that floating point numbers can show.
HALVINGS = 40

#: Beyond the point where the density has fallen by this many nats nothing is left, not even in
#: the slowest tail whose variance exists.
NATS = 150.0

#: The first panel reaches from 0 to this share of the smallest standard error or prior scale.
FIRST_PANEL = 1e-3


@dataclass(frozen=True)
class Priors:
    """Prior distributions of the between-study standard deviation and of the mean.

    Attributes
    ----------
    tau_prior : {"half_normal", "half_cauchy", "uniform", "jeffreys"}
        "uniform" and "jeffreys" are improper.
    tau_scale : float
        Scale of the half-normal or half-Cauchy prior, on the scale of the effects; nan otherwise.
    mu_prior : {"uniform", "normal"}
        "uniform" is improper, the usual choice.
    mu_mean, mu_sd : float
        Of the normal prior; nan otherwise.
    """

    tau_prior: str
    tau_scale: float
    mu_prior: str
    mu_mean: float
    mu_sd: float

    def __post_init__(self) -> None:
        """Raise when a name is unknown, or a number is missing or has no place."""
        if self.tau_prior not in TAU_PRIORS:
            raise ValueError(f"tau_prior is {self.tau_prior!r}; must be one of {', '.join(TAU_PRIORS)}")
        if self.mu_prior not in MU_PRIORS:
            raise ValueError(f"mu_prior is {self.mu_prior!r}; must be one of {', '.join(MU_PRIORS)}")
        scaled = self.tau_prior in ("half_normal", "half_cauchy")
        if scaled != math.isfinite(self.tau_scale) or (scaled and self.tau_scale <= 0):
            rule = "a number above 0" if scaled else "nan, for this prior has no scale"
            raise ValueError(f"tau_scale is {self.tau_scale!r} for {self.tau_prior}; must be {rule}")
        proper = self.mu_prior == "normal"
        if proper and not (math.isfinite(self.mu_mean) and math.isfinite(self.mu_sd) and self.mu_sd > 0):
            raise ValueError("a normal prior of the mean needs mu_mean and an mu_sd above 0")
        if not proper and not (math.isnan(self.mu_mean) and math.isnan(self.mu_sd)):
            raise ValueError("mu_mean and mu_sd must be nan for a uniform prior of the mean")


@dataclass(frozen=True)
class Posterior:
    """The posterior as a mixture of normal distributions of the mean, one per value of tau.

    Attributes
    ----------
    tau, mass : numpy.ndarray of shape (n,)
        Quadrature points of tau and the posterior probability each stands for.
    mean, sd : numpy.ndarray of shape (n,)
        Of the mean given tau, measured from ``centre``.
    edges : numpy.ndarray of shape (m + 1,)
        Panels of the quadrature.
    tail_power : float
        The posterior density of tau falls as this power of 1 / tau.
    """

    effects: np.ndarray
    vi: np.ndarray
    centre: float
    priors: Priors
    tau: np.ndarray
    mass: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    edges: np.ndarray
    log_total: float
    tail_power: float

    @cached_property
    def cumulative(self) -> np.ndarray:
        """Return the posterior probability of tau below each panel edge."""
        per_panel = self.mass.reshape(-1, POINTS).sum(axis=1)
        return np.concatenate([[0.0], np.cumsum(per_panel)])

    def tau_density(self, tau: float) -> float:
        """Return the marginal posterior density of tau."""
        value = _log_density(np.array([tau]), self.effects, self.vi, self.priors, self.centre)[0]
        return float(np.exp(value - self.log_total)[0])

    def tau_below(self, tau: float) -> float:
        """Return the posterior probability that the between-study standard deviation is below a value."""
        if tau <= 0.0:
            return 0.0
        panel = min(int(np.searchsorted(self.edges, tau, side="right")) - 1, self.edges.size - 2)
        start = self.edges[panel]
        points, weights = _rule(np.array([start]), np.array([min(tau, self.edges[-1])]))
        value = _log_density(points, self.effects, self.vi, self.priors, self.centre)[0]
        part = float(np.sum(weights * np.exp(value - self.log_total)))
        return min(1.0, float(self.cumulative[panel]) + part)

    def tau_quantile(self, probability: float) -> float:
        """Return the value that tau is below with the given posterior probability."""
        from scipy.optimize import brentq

        if probability <= 0.0:
            return 0.0
        panel = int(np.searchsorted(self.cumulative, probability, side="left")) - 1
        panel = min(max(panel, 0), self.edges.size - 2)
        left, right = float(self.edges[panel]), float(self.edges[panel + 1])
        if self.tau_below(right) <= probability:
            return right
        return float(brentq(lambda t: self.tau_below(t) - probability, left, right, xtol=1e-300, rtol=1e-14))


def posterior(yi: ArrayLike, vi: ArrayLike, *, priors: Priors) -> Posterior:
    """Return the posterior of the normal-normal random-effects model.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances; one is enough when the priors carry the rest.
    priors : Priors
        Prior distributions.

    Returns
    -------
    Posterior
        Deterministic: the same bytes for the same input.

    Raises
    ------
    ValueError
        When a value is not finite, a variance is not above 0, or the priors are too vague for so
        few effects to give a proper posterior.

    Notes
    -----
    Roever (2020), J Stat Softw 93(6), sections 2.5-2.7: given tau the mean is normal, so only tau
    has to be integrated out. That is done here by Gauss-Legendre panels in log tau, halved until
    the integrals stand still.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if yi.ndim != 1 or yi.shape != vi.shape or yi.size == 0:
        raise ValueError("yi and vi must be lists of equal length with at least one effect")
    if not (np.isfinite(yi).all() and np.isfinite(vi).all() and (vi > 0).all()):
        raise ValueError("a Bayesian model needs finite effects and sampling variances above 0")
    power = yi.size - (priors.mu_prior == "uniform") + TAU_PRIORS[priors.tau_prior]
    if power <= 1.0:
        words = f"{yi.size} effect(s) with a {priors.tau_prior} prior of tau and a {priors.mu_prior} prior of the mean"
        raise ValueError(f"{words} leave the posterior without a finite total; choose a proper prior of tau")
    centre = float(np.average(yi, weights=1.0 / vi))
    effects = yi - centre

    def log_density(tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _log_density(tau, effects, vi, priors, centre)

    starts, ends, top = _first_panels(log_density, effects, vi, priors)
    starts, ends = _halved(log_density, starts, ends, top)
    tau, weights = _rule(starts, ends)
    log_mass, mean, sd = log_density(tau)
    mass = weights * np.exp(log_mass - top)
    total = math.fsum(mass)
    edges = np.append(starts, ends[-1])
    log_total = top + math.log(total)
    return Posterior(effects, vi, centre, priors, tau, mass / total, mean, sd, edges, log_total, power)


def _log_density(
    tau: np.ndarray, effects: np.ndarray, vi: np.ndarray, priors: Priors, centre: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the log posterior density of tau up to a constant, and mean and sd of the mean given tau."""
    weights = 1.0 / (vi + (tau**2)[:, None])
    precision, weighted = weights.sum(axis=1), weights @ effects
    value = 0.5 * np.sum(np.log(weights), axis=1)
    if priors.mu_prior == "normal":
        shift = priors.mu_mean - centre
        precision = precision + priors.mu_sd**-2
        weighted = weighted + shift / priors.mu_sd**2
        mean = weighted / precision
        value = value - 0.5 * ((mean - shift) / priors.mu_sd) ** 2
    else:
        mean = weighted / precision
    value = value - 0.5 * np.log(precision)
    value = value - 0.5 * np.sum(weights * (effects - mean[:, None]) ** 2, axis=1)
    if priors.tau_prior == "half_normal":
        value = value - 0.5 * (tau / priors.tau_scale) ** 2
    elif priors.tau_prior == "half_cauchy":
        value = value - np.log1p((tau / priors.tau_scale) ** 2)
    elif priors.tau_prior == "jeffreys":
        # Roever (2020), section 2.3: the Fisher information of tau is 2 sum (tau w_i)^2.
        with np.errstate(divide="ignore"):
            value = value + np.log(tau) + 0.5 * np.log(np.sum(weights**2, axis=1))
    return value, mean, precision**-0.5


def _rule(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Gauss-Legendre points and weights of panels; in log tau, but for the one that starts at 0."""
    x, w = GAUSS
    zero = (starts == 0.0)[:, None]
    low = np.where(zero, 0.0, np.log(np.where(zero, 1.0, starts[:, None])))
    high = np.where(zero, ends[:, None], np.log(ends)[:, None])
    half = 0.5 * (high - low)
    places = low + half * (x + 1.0)
    tau = np.where(zero, places, np.exp(np.where(zero, 0.0, places)))
    weights = half * w * np.where(zero, 1.0, tau)
    return tau.ravel(), weights.ravel()


def _first_panels(
    log_density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]],
    effects: np.ndarray,
    vi: np.ndarray,
    priors: Priors,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return panels from 0 to where nothing is left, and the height of the density on the way."""
    smallest, largest = math.sqrt(vi.min()), math.sqrt(vi.max())
    if math.isfinite(priors.tau_scale):
        smallest = min(smallest, priors.tau_scale)
    first = FIRST_PANEL * smallest
    places = math.log(first) + 0.5 * np.arange(1600)
    places = places[places < 340.0]
    heights = log_density(np.exp(places))[0] + places
    # Spikes between the scan points would be at least as wide as one point in 2 sqrt(k / 2).
    top = float(heights.max())
    beyond = max(largest, float(np.max(np.abs(effects))))
    gone = np.flatnonzero((heights < top - NATS) & (np.exp(places) > beyond))
    last = int(gone[0]) if gone.size else places.size - 1
    edges = np.exp(places[: last + 1])
    return np.concatenate([[0.0], edges[:-1]]), edges, float(np.max(heights - places))


def _halved(
    log_density: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]],
    starts: np.ndarray,
    ends: np.ndarray,
    top: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return panels so fine that halving them again changes no integral."""
    unit = float(np.min(log_density(ends)[2]))

    def integrals(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        tau, weights = _rule(left, right)
        value, mean, sd = log_density(tau)
        mass = weights * np.exp(value - top)
        parts = np.stack([mass, mass * np.tanh(mean / unit), mass * unit / sd, mass * unit / (unit + tau)])
        return parts.reshape(4, -1, POINTS).sum(axis=2)

    done: list[tuple[np.ndarray, np.ndarray]] = []
    whole = integrals(starts, ends)
    total = np.abs(whole).sum()
    for _ in range(HALVINGS):
        middle = np.where(starts == 0.0, 0.5 * ends, np.sqrt(np.maximum(starts, 1e-320)) * np.sqrt(ends))
        first, second = integrals(starts, middle), integrals(middle, ends)
        total = max(total, float(np.abs(first + second).sum()))
        rough = np.max(np.abs(first + second - whole), axis=0) > PRECISION * total
        keep = ~rough
        done += [(starts[keep], middle[keep]), (middle[keep], ends[keep])]
        if not rough.any():
            break
        starts, ends = np.concatenate([starts[rough], middle[rough]]), np.concatenate([middle[rough], ends[rough]])
        whole = np.concatenate([first[:, rough], second[:, rough]], axis=1)
    else:
        done.append((starts, ends))
    left = np.concatenate([pair[0] for pair in done])
    order = np.argsort(left)
    return left[order], np.concatenate([pair[1] for pair in done])[order]
