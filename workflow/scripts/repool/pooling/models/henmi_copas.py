"""Give the Henmi-Copas interval: a mean with common-effect weights whose limits allow for heterogeneity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import EPSILON, check_inputs, weighted_fit
from repool.pooling.models.intervals import quantile

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

#: The normal density beyond this many standard deviations is below 1e-316, so integrals stop here.
FURTHEST = 38.0


@dataclass(frozen=True)
class HenmiCopas:
    """The mean with its limits, and the DerSimonian-Laird tau2 on which they rest."""

    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    tau2: float


@dataclass(frozen=True)
class ConditionalQ:
    """Moments of Q given the standardised error of the mean.

    Attributes
    ----------
    df : int
        Degrees of freedom of Q, k - 1.
    tau2 : float
        Between-study variance.
    sums : tuple of float
        W1 = sum of weights, and W2, W3, W4 = sums of their squares, cubes and fourth powers
        divided by W1.
    """

    df: int
    tau2: float
    sums: tuple[float, float, float, float]

    @property
    def inflation(self) -> float:
        """Variance of sqrt(W1) times the error of the mean: 1 + tau2 W2."""
        return 1.0 + self.tau2 * self.sums[1]

    def mean_and_variance(self, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of Q given r = sqrt(W1) times the error of the mean.

        Notes
        -----
        Henmi & Copas (2010), Stat Med 29, 2969-2983, appendix: given r the effects are normal
        with mean r (1 + tau2 w) / (sqrt(W1) V) and covariance without the part that r explains.
        """
        w1, w2, w3, w4 = self.sums
        t, v = self.tau2, self.inflation
        surprise = r**2 / v**2 - 1.0 / v
        spread2, spread3 = w3 - w2**2, w4 - 2.0 * w2 * w3 + w2**3
        mean = self.df + t * (w1 - w2) + t**2 * surprise * spread2
        variance = (
            2.0 * self.df
            + 4.0 * t * (w1 - w2)
            + 2.0 * t**2 * (w1 * w2 - 2.0 * w3 + w2**2)
            + 4.0 * t**2 * surprise * spread2
            + 4.0 * t**3 * surprise * spread3
            + 2.0 * t**4 * (1.0 / v**2 - 2.0 * r**2 / v**3) * spread2**2
        )
        return mean, variance


def henmi_copas(yi: ArrayLike, vi: ArrayLike, *, level: float) -> HenmiCopas:
    """Return the common-effect mean with limits that allow for heterogeneity and small-study bias.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances; at least two.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    HenmiCopas
        Estimate, standard error and limits on the scale of ``yi``.

    Raises
    ------
    ValueError
        When there are fewer than two effects, or a variance is not above 0.

    Notes
    -----
    Henmi & Copas (2010), Stat Med 29, 2969-2983. Weights 1 / vi are kept because they give small
    studies, which selection distorts most, least say; the gamma approximation to Q is theirs.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    known = ~np.isposinf(vi)
    if yi.shape != vi.shape:
        raise ValueError(f"yi holds {yi.size} values and vi {vi.size}; they must be lists of equal length")
    if known.sum() < 2:
        raise ValueError(f"the Henmi-Copas interval needs at least 2 effects with a variance, there are {known.sum()}")
    yi_known, vi_known, _ = check_inputs(yi[known], vi[known])
    if np.any(vi_known <= 0):
        raise ValueError("the Henmi-Copas interval needs sampling variances above 0; drop or correct the others")
    fit = weighted_fit(yi_known, vi_known, tau2=0.0)
    w1 = math.fsum(fit.weights)
    sums = (w1, *(math.fsum(fit.weights**power) / w1 for power in (2, 3, 4)))
    # An effect of infinite variance has no weight, yet counts among the k effects, as in metafor.
    df = yi.size - 1
    # DerSimonian & Laird (1986); the difference is sum of w_i (1 - w_i / W1), which cannot cancel.
    tau2 = max(0.0, (fit.rss - df) / math.fsum(fit.weights * (1.0 - fit.weights / w1)))
    law = ConditionalQ(df, tau2, sums)
    se = math.sqrt(law.inflation / w1)
    half_width = math.sqrt(law.inflation) * _critical_value(law, level=level) * se
    estimate = float(fit.beta[0])
    return HenmiCopas(estimate, se, estimate - half_width, estimate + half_width, tau2)


def _critical_value(law: ConditionalQ, *, level: float) -> float:
    """Return the multiple of the standard error that the mean errs beyond with chance 1 - level.

    The error is divided by an estimated standard error that is never below the common-effect one,
    so the normal quantile is an upper bound, whatever the level.
    """
    from scipy.optimize import brentq

    tail = (1.0 - level) / 2.0
    upper = quantile(level, df=math.nan)
    excess = _tail(law)
    if excess(upper) >= tail:
        return upper
    return float(brentq(lambda t: excess(t) - tail, 1e-3 * upper, upper, xtol=1e-14, rtol=4 * EPSILON, maxiter=200))


def _tail(law: ConditionalQ) -> Callable[[float], float]:
    """Return the function of t that gives the chance of an error of the mean above t estimated se."""
    from scipy.integrate import quad
    from scipy.special import gammainc

    w1, w2 = law.sums[:2]

    def density(r: float, t: float) -> float:
        # The estimated se is below r / t as long as Q is below this.
        q_limit = (w1 / w2 - 1.0) * ((r / t) ** 2 - 1.0) + law.df
        mean, variance = law.mean_and_variance(math.sqrt(law.inflation) * r)
        below = gammainc(mean**2 / variance, q_limit * mean / variance)
        return float(below) * math.exp(-0.5 * r * r) / math.sqrt(2.0 * math.pi)

    def tail(t: float) -> float:
        # Split where the normal density and the step of the gamma distribution lie.
        edges = [t, 1.5 * t, 2.0 * t, 3.0 * t, 5.0 * t, 9.0 * t, FURTHEST]
        edges = sorted({min(edge, FURTHEST) for edge in edges})
        pairs = zip(edges[:-1], edges[1:], strict=True)
        return math.fsum(quad(density, a, b, args=(t,), epsabs=1e-13, epsrel=1e-12, limit=200)[0] for a, b in pairs)

    return tail
