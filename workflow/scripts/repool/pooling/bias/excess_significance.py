"""Test whether more studies are significant than their power lets expect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Tests of the observed against the expected count.
TESTS = ("exact", "chi2", "binomial")
ALTERNATIVES = ("two.sided", "greater", "less")

#: Probabilities that differ by less than this count as equally extreme in a two-sided test.
EQUALLY_LIKELY = 1e-7


@dataclass(frozen=True)
class ExcessSignificance:
    """Observed and expected number of significant studies, and the test between them.

    Attributes
    ----------
    observed, expected, ratio : float
        Number of significant studies, sum of the powers, and their quotient.
    statistic : float
        Chi-square; nan for the other tests.
    pval : float
        P-value of the test.
    power : numpy.ndarray of shape (k,)
        Power of each study at the true effect assumed.
    theta, tau2 : float
        That effect and the between-study variance.
    """

    observed: int
    expected: float
    ratio: float
    statistic: float
    pval: float
    power: np.ndarray
    theta: float
    tau2: float


def excess_significance(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    theta: float,
    tau2: float,
    alternative: str,
    alpha: float,
    test: str,
    test_alternative: str,
) -> ExcessSignificance:
    """Compare how many studies are significant with how many should be.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    theta, tau2 : float
        True mean effect and between-study variance to compute power at; 0 for a common effect.
    alternative : {"two.sided", "greater", "less"}
        How each study tested its effect against 0.
    alpha : float
        Level at which each study tested.
    test : {"exact", "chi2", "binomial"}
        The exact distribution of the count given each study's own power, the chi-square of
        Ioannidis and Trikalinos, or a binomial with the average power.
    test_alternative : {"greater", "two.sided", "less"}
        "greater" asks only about too many significant studies. The chi-square of the paper is
        "two.sided"; with "greater" or "less" its signed root is tested.

    Raises
    ------
    ValueError
        When a setting is unknown or a number is missing.

    Notes
    -----
    Ioannidis & Trikalinos (2007), Clin Trials 4, 245-253. With heterogeneity the power is averaged
    over true effects N(theta, tau2); the average of a normal probability over a normal is again
    one, P(|yi| > crit si) with yi ~ N(theta, vi + tau2), so no integral is needed.
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    _check(yi, vi, theta, tau2, alternative, alpha, test, test_alternative)
    power = _power(np.sqrt(vi), theta=theta, tau2=tau2, alternative=alternative, alpha=alpha)
    z, critical = yi / np.sqrt(vi), _critical(alternative, alpha)
    significant = {"two.sided": np.abs(z) >= critical, "greater": z >= critical, "less": -z >= critical}[alternative]
    observed, expected = int(np.sum(significant)), math.fsum(power)
    statistic, pval = math.nan, math.nan
    if test == "exact":
        pval = _tail(_count_distribution(power), observed, test_alternative)
    elif test == "binomial":
        pval = _binomial(observed, yi.size, expected / yi.size, test_alternative)
    else:
        statistic, pval = _chi_square(observed, expected, yi.size, test_alternative)
    ratio = observed / expected if expected > 0 else math.nan
    return ExcessSignificance(observed, expected, ratio, statistic, pval, power, float(theta), float(tau2))


def _check(
    yi: np.ndarray,
    vi: np.ndarray,
    theta: float,
    tau2: float,
    alternative: str,
    alpha: float,
    test: str,
    test_alternative: str,
) -> None:
    """Raise when a setting is unknown or a number cannot be used."""
    if alternative not in ALTERNATIVES or test_alternative not in ALTERNATIVES:
        raise ValueError(f"alternatives must be among {', '.join(ALTERNATIVES)}")
    if test not in TESTS:
        raise ValueError(f"test is {test!r}; must be one of {', '.join(TESTS)}")
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha is {alpha!r}; must lie between 0 and 1, such as 0.05")
    if yi.ndim != 1 or yi.shape != vi.shape or yi.size == 0:
        raise ValueError("yi and vi must be lists of equal length with at least one effect")
    if not (np.isfinite(yi).all() and np.isfinite(vi).all() and math.isfinite(theta)) or not 0.0 <= tau2 < math.inf:
        raise ValueError("effects, variances, theta and tau2 must be numbers, tau2 not below 0")
    if (vi <= 0).any():
        raise ValueError(f"vi must be above 0; the smallest here is {vi.min():g}")


def _critical(alternative: str, alpha: float) -> float:
    """Return the z value from which a study is significant."""
    from scipy.special import ndtri

    return -float(ndtri(alpha / 2.0 if alternative == "two.sided" else alpha))


def _power(sei: np.ndarray, *, theta: float, tau2: float, alternative: str, alpha: float) -> np.ndarray:
    """Return each study's chance of significance."""
    from scipy.special import ndtr

    line, sd = _critical(alternative, alpha) * sei, np.sqrt(sei**2 + tau2)
    above, below = ndtr((theta - line) / sd), ndtr((-theta - line) / sd)
    return {"two.sided": above + below, "greater": above, "less": below}[alternative]


def _count_distribution(power: np.ndarray) -> np.ndarray:
    """Return the chance of 0, 1, ..., k significant studies, built up one study at a time."""
    chance = np.ones(1)
    for value in power:
        chance = np.convolve(chance, [1.0 - value, value])
    return chance


def _tail(chance: np.ndarray, observed: int, alternative: str) -> float:
    """Return the p-value of the count in its distribution."""
    if alternative == "greater":
        return min(1.0, math.fsum(chance[observed:]))
    if alternative == "less":
        return min(1.0, math.fsum(chance[: observed + 1]))
    # Two-sided: all counts that are not more likely than the one seen.
    return min(1.0, math.fsum(chance[chance <= chance[observed] * (1.0 + EQUALLY_LIKELY)]))


def _binomial(observed: int, k: int, share: float, alternative: str) -> float:
    """Return the p-value of a binomial test with the average power."""
    return _tail(_count_distribution(np.full(k, share)), observed, alternative)


def _chi_square(observed: int, expected: float, k: int, alternative: str) -> tuple[float, float]:
    """Return the chi-square of the paper, (O - E)^2 / E + (O - E)^2 / (k - E), and its p-value."""
    from scipy.special import ndtr

    if not 0.0 < expected < k:
        return math.nan, math.nan
    root = (observed - expected) / math.sqrt(expected * (k - expected) / k)
    pval = {"two.sided": 2.0 * ndtr(-abs(root)), "greater": ndtr(-root), "less": ndtr(root)}[alternative]
    return root**2, float(pval)
