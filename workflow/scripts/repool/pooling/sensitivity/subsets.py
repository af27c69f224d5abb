"""Fit one mean to many subsets of the same effects, with the test, the interval and the heterogeneity of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.heterogeneity import i2_and_h2
from repool.pooling.models.intervals import quantile, two_sided_pval
from repool.pooling.models.many import METHODS_MANY, TauMany, tau2_many
from repool.pooling.sensitivity.zero_variances import fit_one

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What may stand in ``ci_method`` here.
CI_METHODS = ("wald", "t", "knapp_hartung", "knapp_hartung_floored")

#: Numbers held at a time when weights are written out subset by subset.
CHUNK = 2**18


@dataclass(frozen=True)
class MeanFits:
    """Fits of one mean, each field of shape (b,): one entry per fit.

    Attributes
    ----------
    k : numpy.ndarray of int
        Effects in the fit.
    estimate, se, statistic, pval, ci_lb, ci_ub : numpy.ndarray
        The mean with its test and interval, on the scale of the effects.
    tau2, q, q_pval, i2_percent, h2 : numpy.ndarray
        Heterogeneity; a single effect has tau2 = 0, Q = 0, I2 = 0 and H2 = 1.
    """

    k: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    tau2: np.ndarray
    q: np.ndarray
    q_pval: np.ndarray
    i2_percent: np.ndarray
    h2: np.ndarray


def subset_fits(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    included: np.ndarray,
    method: str,
    ci_method: str,
    level: float,
    i2_definition: str,
) -> MeanFits:
    """Fit one mean to each subset of effects.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    included : numpy.ndarray of bool, shape (b, k)
        Which effects each subset has.
    method : str
        Estimator of tau2, one of `repool.pooling.models.many.METHODS_MANY`.
    ci_method : {"wald", "t", "knapp_hartung", "knapp_hartung_floored"}
        How uncertainty is measured.
    level : float
        Confidence level between 0 and 1.
    i2_definition : {"from_q", "from_tau2"}
        See `repool.pooling.models.heterogeneity.i2_and_h2`; a common-effect model always has "from_q".

    Returns
    -------
    MeanFits
        One entry per subset; nan for a subset without effects.

    Raises
    ------
    ValueError
        When a method is unknown or an effect or variance cannot be used.
    """
    if method not in METHODS_MANY:
        raise ValueError(f"method is {method!r}; for many subsets it must be one of {', '.join(METHODS_MANY)}")
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if (vi == 0.0).any() and np.isfinite(vi).all():
        fits, typical = _one_by_one(yi, vi, included, method=method)
    else:
        fits, typical = tau2_many(yi, vi, method=method, included=included), typical_variances(vi, included=included)
    return mean_fits(
        fits,
        typical=typical,
        ci_method=ci_method,
        level=level,
        i2_definition="from_q" if method == "none" else i2_definition,
    )


def _one_by_one(yi: np.ndarray, vi: np.ndarray, included: np.ndarray, *, method: str) -> tuple[TauMany, np.ndarray]:
    """Return fits and typical variances of subsets that may hold a sampling variance of 0."""
    ones = np.ones((yi.size, 1))
    fits = [fit_one(yi[row], vi[row], method=method, design=ones[row]) for row in included]
    many = fits_of_means(
        tau2=np.array([one.tau2 for one in fits]),
        estimate=np.array([one.fit.beta[0] if one.fit else math.nan for one in fits]),
        se=np.array([math.sqrt(one.fit.cov[0, 0]) if one.fit else math.nan for one in fits]),
        q=np.array([one.q for one in fits]),
        rss=np.array([one.fit.rss if one.fit else math.nan for one in fits]),
        k=included.sum(axis=1),
    )
    return many, np.array([one.typical for one in fits])


def fits_of_means(
    *, tau2: np.ndarray, estimate: np.ndarray, se: np.ndarray, q: np.ndarray, rss: np.ndarray, k: np.ndarray
) -> TauMany:
    """Return fits of one mean that were not made by `tau2_many` in its form; each argument is of shape (b,)."""
    fitted = np.isfinite(estimate)
    steps = np.zeros(k.size, dtype=int)
    return TauMany(
        **{"tau2": tau2, "raw": tau2, "beta": estimate[:, None], "se": se[:, None], "q": q, "rss": rss, "k": k},
        **{"df": k - 1, "fitted": fitted, "converged": fitted, "at_boundary": tau2 == 0.0, "iterations": steps},
    )


def mean_fits(fits: TauMany, *, typical: np.ndarray, ci_method: str, level: float, i2_definition: str) -> MeanFits:
    """Return tests, intervals, I2 and H2 of fits that are already made.

    Parameters
    ----------
    fits : repool.pooling.models.many.TauMany
        Fits with one coefficient.
    typical : numpy.ndarray of shape (b,)
        Typical within-study variance of each fit; nan for a single effect.
    ci_method, level, i2_definition
        As in `subset_fits`.

    Returns
    -------
    MeanFits
        One entry per fit.
    """
    from scipy.special import chdtrc

    estimate = fits.beta[:, 0]
    se, quantiles, dfs = scaled_errors(fits.se[:, 0], rss=fits.rss, df=fits.df, ci_method=ci_method, level=level)
    statistic = np.divide(estimate, se, out=np.full_like(se, math.nan), where=se > 0)
    spare = fits.df > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        q_pval = np.where(spare, chdtrc(np.maximum(fits.df, 1), fits.q), 1.0)
        i2, h2 = _i2_and_h2(fits, typical, definition=i2_definition)
    # A subset without effects has nothing of all this; a sampling variance of 0 leaves no Q and no I2.
    blank = np.where(fits.fitted & np.isfinite(fits.q), 0.0, math.nan)
    return MeanFits(
        k=fits.k,
        estimate=estimate,
        se=se,
        statistic=statistic,
        pval=pvals_of(statistic, dfs),
        ci_lb=estimate - quantiles * se,
        ci_ub=estimate + quantiles * se,
        tau2=fits.tau2,
        q=np.where(spare, fits.q, 0.0) + blank,
        q_pval=q_pval + blank,
        i2_percent=np.where(spare, i2, 0.0) + blank,
        h2=np.where(spare, h2, 1.0) + blank,
    )


def _i2_and_h2(fits: TauMany, typical: np.ndarray, *, definition: str) -> tuple[np.ndarray, np.ndarray]:
    """Return I2 and H2 of each fit, by the formulas of `repool.pooling.models.heterogeneity.i2_and_h2`."""
    if definition == "from_tau2":
        return 100.0 * fits.tau2 / (fits.tau2 + typical), 1.0 + fits.tau2 / typical
    i2_and_h2(definition=definition, q=1.0, q_df=1, tau2=0.0, typical=1.0)  # refuses an unknown definition
    return np.where(fits.q > fits.df, 100.0 * (fits.q - fits.df) / fits.q, 0.0), fits.q / fits.df


def scaled_errors(
    se: np.ndarray, *, rss: np.ndarray, df: np.ndarray, ci_method: str, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return standard errors, quantiles and degrees of freedom of an interval method.

    Parameters
    ----------
    se : numpy.ndarray of shape (b,) or (b, p)
        Model-based standard errors.
    rss, df : numpy.ndarray of shape (b,)
        Weighted residual sum of squares and residual degrees of freedom.
    ci_method, level
        As in `subset_fits`.

    Returns
    -------
    tuple of numpy.ndarray
        Standard errors like ``se``; quantiles and degrees of freedom of shape (b,), nan for the normal distribution.

    Raises
    ------
    ValueError
        When the method is unknown.

    Notes
    -----
    Knapp & Hartung (2003), Stat Med 22, 2693-2710. With no residual degree of freedom there is no spread to scale
    by and no t distribution: the Wald interval stands there, as in R's metafor.
    """
    if ci_method not in CI_METHODS:
        raise ValueError(f"ci_method is {ci_method!r}; must be one of {', '.join(CI_METHODS)}")
    spare = df > 0
    factor = variance_factor(rss, df, ci_method=ci_method)
    dfs = np.where(spare & (ci_method != "wald"), df, math.nan)
    known = {value: quantile(level, df=float(value)) for value in np.unique(dfs)}
    normal = quantile(level, df=math.nan)
    quantiles = np.array([normal if math.isnan(value) else known[value] for value in dfs])
    root = np.sqrt(factor)
    return se * (root if se.ndim == 1 else root[:, None]), quantiles, dfs


def variance_factor(rss: np.ndarray, df: np.ndarray, *, ci_method: str) -> np.ndarray:
    """Return what model-based variances are multiplied by; 1 where no degree of freedom is left."""
    if ci_method not in CI_METHODS:
        raise ValueError(f"ci_method is {ci_method!r}; must be one of {', '.join(CI_METHODS)}")
    ones = np.ones_like(rss)
    if ci_method in ("wald", "t"):
        return ones
    factor = np.divide(rss, df, out=ones.copy(), where=np.broadcast_to(df, rss.shape) > 0)
    return np.maximum(factor, 1.0) if ci_method == "knapp_hartung_floored" else factor


def pvals_of(statistic: np.ndarray, dfs: np.ndarray) -> np.ndarray:
    """Return two-sided p-values, each with its own degrees of freedom (nan: normal distribution)."""
    result = two_sided_pval(statistic, df=math.nan)
    for value in np.unique(dfs[~np.isnan(dfs)]):
        which = dfs == value
        result[which] = two_sided_pval(statistic[which], df=float(value))
    return result


def typical_variances(vi: np.ndarray, *, included: np.ndarray) -> np.ndarray:
    """Return the typical within-study variance of each subset; nan for fewer than two effects.

    Parameters
    ----------
    vi : numpy.ndarray of shape (k,)
        Sampling variances.
    included : numpy.ndarray of bool, shape (b, k)
        Which effects each subset has.

    Notes
    -----
    Higgins & Thompson (2002), Stat Med 21, 1539-1558, equation 9. With S and S2 the sums of weights and their
    squares, S^2 - S2 is written as 2 w R + R^2 - R2, w the largest weight and R, R2 the sums of the others: a study
    with nearly all of the weight then costs no digits.
    """
    result = np.empty(len(included))
    step = max(1, CHUNK // max(vi.size, 1))
    for first in range(0, len(included), step):
        weights = np.where(included[first : first + step], 1.0 / vi, 0.0)
        place = weights.argmax(axis=1)[:, None]
        largest = np.take_along_axis(weights, place, axis=1)[:, 0]
        np.put_along_axis(weights, place, 0.0, axis=1)
        others, squares = weights.sum(axis=1), np.einsum("bk,bk->b", weights, weights)
        number = included[first : first + step].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            trace = (2.0 * largest * others + others**2 - squares) / (largest + others)
            result[first : first + step] = np.where(number > 1, (number - 1) / trace, math.nan)
    return result
