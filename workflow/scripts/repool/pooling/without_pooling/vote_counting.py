"""Count in which direction results point, and test that count; sizes of effects play no part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: What is done with results that point in neither direction: they stay out; or count as not
#: favouring arm 1; or are shared equally between both sides (an odd one stays out).
ZERO_RULES = ("leave_out", "count_against", "share")

#: Intervals of the proportion.
INTERVAL_METHODS = ("clopper_pearson", "wilson", "jeffreys")

QUESTION = "Is there any evidence of an effect, whatever its size?"
NOT_ANSWERED = "How large the effect is; a small study counts as much as a large one."


@dataclass(frozen=True)
class DirectionCount:
    """How many results point where, and how many of them are counted in the test."""

    n_favours_arm1: int
    n_favours_arm2: int
    n_zero: int
    n_counted_for: int
    n_counted: int


@dataclass(frozen=True)
class SignTest:
    """Exact p-values: for any difference, for arm 1, and for arm 2; and a remark."""

    pval_two_sided: float
    pval_favours_arm1: float
    pval_favours_arm2: float
    note: str


@dataclass(frozen=True)
class Proportion:
    """Share of counted results that favour arm 1, with confidence limits; and a remark."""

    estimate: float
    ci_lb: float
    ci_ub: float
    note: str


def count_directions(signs: ArrayLike, *, zero_rule: str) -> DirectionCount:
    """Count directions, results without one being treated by a declared rule.

    Parameters
    ----------
    signs : array_like of shape (n,)
        1 favours arm 1, -1 favours arm 2, 0 neither.
    zero_rule : {"leave_out", "count_against", "share"}
        What is done with zeros.

    Raises
    ------
    ValueError
        When the rule is unknown or a sign is none of -1, 0, 1.
    """
    signs = np.asarray(signs, dtype=float)
    if zero_rule not in ZERO_RULES:
        raise ValueError(f"zero_rule is {zero_rule!r}; must be one of {', '.join(ZERO_RULES)}")
    if not np.isin(signs, (-1.0, 0.0, 1.0)).all():
        raise ValueError("a direction is none of 1 (favours arm 1), -1 (favours arm 2) and 0 (neither)")
    favours, against, zero = (int(np.count_nonzero(signs == sign)) for sign in (1, -1, 0))
    extra_for, extra_against = {"leave_out": (0, 0), "count_against": (0, zero), "share": (zero // 2, zero // 2)}[
        zero_rule
    ]
    counted = favours + extra_for
    return DirectionCount(favours, against, zero, counted, counted + against + extra_against)


def sign_test(n_for: int, n: int) -> SignTest:
    """Test whether both directions are equally likely.

    Parameters
    ----------
    n_for, n : int
        Results counted for arm 1, and all results counted.

    Notes
    -----
    Exact binomial test with probability 1/2; the distribution is symmetric, hence the two-sided
    p-value is twice the smaller tail, at most 1. Cochrane Handbook, section 12.2.1.3.
    """
    from scipy.special import bdtr, bdtrc

    _check_counts(n_for, n)
    if n == 0:
        return SignTest(math.nan, math.nan, math.nan, "no result with a direction is counted")
    at_most = float(bdtr(n_for, n, 0.5))
    at_least = 1.0 if n_for == 0 else float(bdtrc(n_for - 1, n, 0.5))
    two_sided = min(1.0, 2.0 * min(at_most, at_least))
    # 2 / 2^n is the smallest p-value there can be; 5 results in one direction give 0.0625.
    note = (
        f"with {n} result{'s' if n > 1 else ''} the two-sided p-value cannot fall below {2.0 * 0.5**n:.3g}"
        if n < 6
        else ""
    )
    return SignTest(two_sided, at_least, at_most, note)


def proportion_interval(n_for: int, n: int, *, method: str, level: float) -> Proportion:
    """Return the share of results that favour arm 1, and its confidence interval.

    Parameters
    ----------
    n_for, n : int
        Results counted for arm 1, and all results counted.
    method : {"clopper_pearson", "wilson", "jeffreys"}
        Interval.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Raises
    ------
    ValueError
        When the method is unknown or the level not between 0 and 1.

    Notes
    -----
    Brown, Cai & DasGupta (2001), Stat Sci 16, 101-133; their Jeffreys interval starts at 0 when
    no result favours arm 1, and ends at 1 when all do. Clopper & Pearson (1934), Biometrika 26.
    """
    _check_counts(n_for, n)
    if method not in INTERVAL_METHODS:
        raise ValueError(f"interval_method is {method!r}; must be one of {', '.join(INTERVAL_METHODS)}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level!r}; must lie between 0 and 1, such as 0.95")
    if n == 0:
        return Proportion(math.nan, math.nan, math.nan, "no result with a direction is counted")
    lower, upper = (_wilson if method == "wilson" else _beta_limits)(n_for, n, method=method, level=level)
    return Proportion(n_for / n, lower, upper, "")


def _wilson(n_for: int, n: int, *, method: str, level: float) -> tuple[float, float]:
    """Return Wilson's score limits: Wilson (1927), J Am Stat Assoc 22, 209-212."""
    from repool.pooling.models.intervals import quantile

    z2, share = quantile(level, df=math.nan) ** 2, n_for / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # The limits are exactly 0 and 1 at the ends; rounding must not leave -1e-17 there.
    return (0.0 if n_for == 0 else centre - half), (1.0 if n_for == n else centre + half)


def _beta_limits(n_for: int, n: int, *, method: str, level: float) -> tuple[float, float]:
    """Return limits that are quantiles of beta distributions."""
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    low, high = (0.0, 1.0) if method == "clopper_pearson" else (0.5, 0.5)
    lower = 0.0 if n_for == 0 else float(betaincinv(n_for + low, n - n_for + high, tail))
    upper = 1.0 if n_for == n else float(betaincinv(n_for + high, n - n_for + low, 1.0 - tail))
    return lower, upper


def _check_counts(n_for: int, n: int) -> None:
    """Refuse counts that cannot be."""
    if not 0 <= n_for <= n:
        raise ValueError(f"{n_for} of {n} results cannot favour arm 1")
