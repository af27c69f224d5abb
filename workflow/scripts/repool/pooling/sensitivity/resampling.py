"""Bootstrap the mean and the between-study variance: from the model, or by drawing studies anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import check_inputs, tau2, weighted_fit
from repool.pooling.models.many import METHODS_MANY, tau2_many
from repool.pooling.sensitivity.subsets import CHUNK

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: "parametric" draws effects from the fitted model, "cases" draws studies with replacement.
KINDS = ("parametric", "cases")


@dataclass(frozen=True)
class Bootstrap:
    """Percentile intervals of the mean and of tau2, and what they come from.

    Attributes
    ----------
    estimate, ci_lb, ci_ub : float
        The mean of the data, and its limits.
    tau2, tau2_lb, tau2_ub : float
        The between-study variance of the data, and its limits.
    estimates, tau2s : numpy.ndarray of shape (b,)
        What each replicate gave.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    tau2: float
    tau2_lb: float
    tau2_ub: float
    estimates: np.ndarray
    tau2s: np.ndarray


def bootstrap(
    yi: ArrayLike, vi: ArrayLike, *, kind: str, method: str, replicates: int, level: float, seed: int
) -> Bootstrap:
    """Return bootstrap percentile intervals of the mean and of tau2.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    kind : {"parametric", "cases"}
        Parametric: new effects from a normal distribution around the estimate with variances vi + tau2. Cases:
        studies are drawn with replacement.
    method : str
        Estimator of tau2, one of `repool.pooling.models.many.METHODS_MANY`.
    replicates : int
        Number of replicates.
    level : float
        Confidence level between 0 and 1.
    seed : int
        Seed of the PCG64 generator: the same seed gives the same numbers everywhere.

    Returns
    -------
    Bootstrap
        Percentile limits and all replicates.

    Raises
    ------
    ValueError
        When a setting is out of range or the data cannot be pooled.

    Notes
    -----
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13 (percentile interval, equation 13.5);
    Van den Noortgate & Onghena (2005), Behav Res Methods 37, 11-22, for meta-analysis.
    """
    yi, vi, _ = check_inputs(yi, vi)
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; must be one of {', '.join(KINDS)}")
    if method not in METHODS_MANY:
        raise ValueError(f"method is {method!r}; for a bootstrap it must be one of {', '.join(METHODS_MANY)}")
    if replicates < 2 or seed < 0 or not 0.0 < level < 1.0:
        raise ValueError("replicates must be at least 2, seed not negative, and level between 0 and 1")
    between = tau2(yi, vi, method=method).tau2
    mean = float(weighted_fit(yi, vi, tau2=between).beta[0])
    draw = np.random.Generator(np.random.PCG64(seed))
    estimates, tau2s = np.empty(replicates), np.empty(replicates)
    step = max(1, CHUNK // yi.size)
    for first in range(0, replicates, step):
        shape = (min(step, replicates - first), yi.size)
        if kind == "cases":
            # Sorting what was drawn changes no result, but makes ties fall the same way everywhere.
            drawn = np.sort(draw.integers(0, yi.size, size=shape), axis=1)
            many = tau2_many(yi[drawn], vi[drawn], method=method)
        else:
            many = tau2_many(mean + np.sqrt(vi + between) * draw.standard_normal(shape), vi, method=method)
        estimates[first : first + step], tau2s[first : first + step] = many.beta[:, 0], many.tau2
    tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    lower, upper = np.quantile(estimates, tails)
    tau2_lower, tau2_upper = np.quantile(tau2s, tails)
    limits = float(lower), float(upper), between, float(tau2_lower), float(tau2_upper)
    return Bootstrap(mean, *limits, estimates, tau2s)
