"""Summarise a Bayesian random-effects model: mean, heterogeneity, a new study, each study, probabilities."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from collections.abc import Callable

    from repool.pooling.models.bayes_grid import Posterior

#: What may stand in ``interval_type``.
INTERVAL_TYPES = ("shortest", "central")

#: Lower tails tried before the shortest interval is refined.
TAILS_TRIED = 24

#: A quantile is first looked for between this many quantiles of the parts.
BRACKETS = 24

#: Mixture parts with less posterior probability than this change no printed digit.
NEGLIGIBLE = 1e-22


@dataclass(frozen=True)
class PosteriorSummary:
    """Mean, median, standard deviation and credible interval of one quantity, with a remark.

    The mean is nan and the standard deviation infinite where the posterior has none.
    """

    mean: float
    median: float
    sd: float
    lb: float
    ub: float
    note: str


@dataclass(frozen=True)
class Mixture:
    """A mixture of normal distributions.

    Attributes
    ----------
    mass, mean, sd : numpy.ndarray of shape (n,)
        Probability, mean and standard deviation of each part; means measured from ``centre``.
    centre : float
        Zero point of the means.
    moments : int
        How many moments exist: 0, 1 or 2.
    """

    mass: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    centre: float
    moments: int

    def below(self, value: float) -> float:
        """Return the probability of a value below the given one, measured from the centre."""
        from scipy.special import ndtr

        return float(np.sum(self.mass * ndtr((value - self.mean) / self.sd)))

    def density(self, value: float) -> float:
        """Return the density at a value, measured from the centre."""
        score = (value - self.mean) / self.sd
        return float(np.sum(self.mass * np.exp(-0.5 * score**2) / self.sd)) / math.sqrt(2.0 * math.pi)

    def quantile(self, probability: float) -> float:
        """Return the quantile, measured from the centre; it lies between those of the parts."""
        from scipy.optimize import brentq
        from scipy.special import ndtr, ndtri

        quantiles = self.mean + self.sd * float(ndtri(probability))
        tried = np.quantile(quantiles, np.linspace(0.0, 1.0, BRACKETS + 1))
        reached = ndtr((tried[:, None] - self.mean) / self.sd) @ self.mass >= probability
        first = int(np.argmax(reached)) if reached.any() else BRACKETS
        low, high = float(tried[max(first - 1, 0)]), float(tried[first])
        if first == 0 or self.below(high) <= probability:
            return high
        unit = float(self.sd.min())
        return float(
            brentq(lambda x: self.below(x) - probability, low, high, xtol=1e-15 * unit, rtol=1e-15, maxiter=999)
        )


def mean_mixture(posterior: Posterior) -> Mixture:
    """Return the posterior of the mean."""
    moments = 2 if posterior.priors.mu_prior == "normal" else _moments(posterior)
    return _mixture(posterior, posterior.mean, posterior.sd, moments=moments)


def new_study_mixture(posterior: Posterior) -> Mixture:
    """Return the posterior predictive distribution of the true effect of a new study."""
    sd = np.hypot(posterior.sd, posterior.tau)
    return _mixture(posterior, posterior.mean, sd, moments=_moments(posterior))


def study_mixture(posterior: Posterior, index: int) -> Mixture:
    """Return the posterior of the true effect of one of the studies (Bayesian shrinkage).

    Notes
    -----
    Roever (2020), J Stat Softw 93(6), section 2.8: given tau a weighted mean of the study's own
    effect and of the mean.
    """
    vi = float(posterior.vi[index])
    own = posterior.tau**2 / (posterior.tau**2 + vi)
    mean = own * float(posterior.effects[index]) + (1.0 - own) * posterior.mean
    sd = np.sqrt(own * vi + ((1.0 - own) * posterior.sd) ** 2)
    return _mixture(posterior, mean, sd, moments=2)


def summarise_mixture(mixture: Mixture, *, level: float, interval_type: str) -> PosteriorSummary:
    """Return the summary of a mixture.

    Parameters
    ----------
    mixture : Mixture
        Of the mean, of a new study or of one study.
    level : float
        Probability inside the credible interval, such as 0.95.
    interval_type : {"shortest", "central"}
        The shortest interval, or the one with equal tails.

    Returns
    -------
    PosteriorSummary
        On the scale of the effects.
    """
    lb, ub = _credible(mixture.quantile, mixture.density, level=level, interval_type=interval_type, floor=-math.inf)
    centre = math.fsum(mixture.mass * mixture.mean)
    variance = math.fsum(mixture.mass * (mixture.sd**2 + (mixture.mean - centre) ** 2))
    return PosteriorSummary(
        mean=mixture.centre + centre if mixture.moments > 0 else math.nan,
        median=mixture.centre + mixture.quantile(0.5),
        sd=math.sqrt(variance) if mixture.moments > 1 else math.inf,
        lb=mixture.centre + lb,
        ub=mixture.centre + ub,
        note=_moment_note(mixture.moments),
    )


def summarise_tau(posterior: Posterior, *, level: float, interval_type: str) -> PosteriorSummary:
    """Return the summary of the between-study standard deviation.

    Parameters
    ----------
    posterior : repool.pooling.models.bayes_grid.Posterior
        The posterior.
    level : float
        Probability inside the credible interval, such as 0.95.
    interval_type : {"shortest", "central"}
        The shortest interval, or the one with equal tails.

    Returns
    -------
    PosteriorSummary
        On the scale of the effects.
    """
    functions = (posterior.tau_quantile, posterior.tau_density)
    lb, ub = _credible(*functions, level=level, interval_type=interval_type, floor=0.0)
    moments = _moments(posterior)
    mean = math.fsum(posterior.mass * posterior.tau)
    variance = math.fsum(posterior.mass * (posterior.tau - mean) ** 2)
    return PosteriorSummary(
        mean=mean if moments > 0 else math.nan,
        median=posterior.tau_quantile(0.5),
        sd=math.sqrt(variance) if moments > 1 else math.inf,
        lb=lb,
        ub=ub,
        note=_moment_note(moments),
    )


def probability_above(mixture: Mixture, *, threshold: float) -> float:
    """Return the posterior probability of a value above a threshold.

    Parameters
    ----------
    mixture : Mixture
        Of the mean, of a new study or of one study.
    threshold : float
        On the scale of the effects (log scale for ratios).
    """
    from scipy.special import ndtr

    return float(np.sum(mixture.mass * ndtr((mixture.mean - (threshold - mixture.centre)) / mixture.sd)))


def _mixture(posterior: Posterior, mean: np.ndarray, sd: np.ndarray, *, moments: int) -> Mixture:
    """Return a mixture without the parts that carry nothing; all stay where moments need them."""
    keep = posterior.mass > NEGLIGIBLE
    mass = posterior.mass[keep]
    return Mixture(mass / math.fsum(mass), mean[keep], sd[keep], posterior.centre, moments)


def _moments(posterior: Posterior) -> int:
    """Return how many moments a quantity has that spreads in proportion to tau."""
    return int(posterior.tail_power > 2.0) + int(posterior.tail_power > 3.0)


def _moment_note(moments: int) -> str:
    """Return in words which moments do not exist."""
    return (
        "the posterior has no mean and no standard deviation: too few effects for so vague a prior of tau",
        "the posterior has no standard deviation: too few effects for so vague a prior of tau",
        "",
    )[moments]


def _credible(
    quantile_at: Callable[[float], float],
    density: Callable[[float], float],
    *,
    level: float,
    interval_type: str,
    floor: float,
) -> tuple[float, float]:
    """Return the shortest or the central credible interval.

    The shortest has equal density at both ends, or starts at the floor when the density only falls.
    """
    from scipy.optimize import brentq

    quantile(level, df=math.nan)
    if interval_type not in INTERVAL_TYPES:
        raise ValueError(f"interval_type is {interval_type!r}; must be one of {', '.join(INTERVAL_TYPES)}")
    tail = 1.0 - level
    if interval_type == "central":
        return quantile_at(0.5 * tail), quantile_at(1.0 - 0.5 * tail)

    def difference(below: float) -> float:
        return math.log(max(density(quantile_at(below)), 1e-320)) - math.log(
            max(density(quantile_at(below + level)), 1e-320)
        )

    below = tail * np.concatenate([[1e-6], np.linspace(0.0, 1.0, TAILS_TRIED + 1)[1:-1], [1.0 - 1e-6]])
    widths = [quantile_at(p + level) - quantile_at(p) for p in below]
    best = int(np.argmin(widths))
    if math.isfinite(floor) and best == 0 and density(floor) >= density(quantile_at(level)):
        return floor, quantile_at(level)
    left, right = float(below[max(best - 1, 0)]), float(below[min(best + 1, below.size - 1)])
    if math.isfinite(floor) and best == 0:
        left = 0.0
    if difference(left) * difference(right) < 0:
        chosen = brentq(difference, left, right, xtol=1e-15, rtol=1e-14, maxiter=500)
    else:
        chosen = float(below[best])
    return quantile_at(chosen), quantile_at(chosen + level)
