"""Pool subgroups of studies and test whether they differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.heterogeneity import QTest, q_test
from repool.pooling.models.intervals import Interval, interval
from repool.pooling.moderators.wald_tests import JointTest, contrast_test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Subgroup:
    """The pooled effect of one subgroup.

    Attributes
    ----------
    name : str
    k : int
    estimate, se, statistic, df, pval, ci_lb, ci_ub : float
        df is nan for the normal distribution.
    model_se : float
        Standard error from the model alone, without a Knapp-Hartung factor.
    tau2 : float
        Between-study variance used; 0 where one effect leaves nothing to estimate it from.
    q : repool.pooling.models.heterogeneity.QTest
        Heterogeneity within the subgroup.
    """

    name: str
    k: int
    estimate: float
    se: float
    statistic: float
    df: float
    pval: float
    ci_lb: float
    ci_ub: float
    model_se: float
    tau2: float
    q: QTest


@dataclass(frozen=True)
class Subgroups:
    """All subgroups, their differences, and what is left within them.

    Attributes
    ----------
    groups : tuple of Subgroup
    between : repool.pooling.moderators.wald_tests.JointTest
        Whether the pooled effects differ; nan with fewer than two subgroups.
    within : repool.pooling.models.heterogeneity.QTest
        Heterogeneity within all subgroups together.
    """

    groups: tuple[Subgroup, ...]
    between: JointTest
    within: QTest


def subgroups(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    groups: Sequence[str],
    order: Sequence[str] | None,
    tau2_common: bool,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> Subgroups:
    """Pool each subgroup, and test whether their means differ.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    groups : sequence of str, length k
        Subgroup of each effect.
    order : sequence of str or None
        Order of the subgroups; None sorts them.
    tau2_common : bool
        One between-study variance for all (a meta-regression on the subgroup), or one for each.
    method_tau2, ci_method : str
        As in `repool.pooling.models.estimators.tau2` and `repool.pooling.models.intervals.interval`.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Subgroups
        Pooled effects and tests.

    Raises
    ------
    ValueError
        When a subgroup is not in `order`, or a common tau2 has no degree of freedom left.

    Notes
    -----
    Borenstein et al. (2009), Introduction to Meta-Analysis, chapter 19: with separate tau2 the Q
    of the pooled effects, weights 1 / model_se^2; with a common one the joint test of the
    meta-regression (chi-squared, or F with Knapp-Hartung).
    """
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    groups = np.asarray([str(group) for group in groups])
    present = set(groups.tolist())
    names = sorted(present) if order is None else [name for name in order if name in present]
    if present - set(names):
        raise ValueError(f"subgroup {sorted(present - set(names))[0]!r} is not in the order given: {', '.join(names)}")
    members = [groups == name for name in names]
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    if tau2_common:
        found, between = _with_common_tau2(yi, vi, names, members, **settings)
    else:
        found = tuple(
            _alone(yi[inside], vi[inside], name, **settings) for name, inside in zip(names, members, strict=True)
        )
        between = _between(found)
    return Subgroups(found, between, _within(found))


def _alone(yi: np.ndarray, vi: np.ndarray, name: str, *, method_tau2: str, ci_method: str, level: float) -> Subgroup:
    """Return a subgroup with its own between-study variance."""
    single = yi.size == 1
    own = 0.0 if single else tau2(yi, vi, method=method_tau2).tau2
    # One effect has no residual degree of freedom, hence the normal distribution.
    pooled = interval(weighted_fit(yi, vi, tau2=own), ci_method="wald" if single else ci_method, level=level)
    return _subgroup(name, yi, vi, pooled, 0, own)


def _with_common_tau2(
    yi: np.ndarray,
    vi: np.ndarray,
    names: list[str],
    members: list[np.ndarray],
    *,
    method_tau2: str,
    ci_method: str,
    level: float,
) -> tuple[tuple[Subgroup, ...], JointTest]:
    """Return subgroups from one regression with a mean for each, and the test of their differences."""
    design = np.column_stack(members).astype(float)
    shared = tau2(yi, vi, method=method_tau2, design=design).tau2
    pooled = interval(weighted_fit(yi, vi, tau2=shared, design=design), ci_method=ci_method, level=level)
    found = tuple(_subgroup(name, yi[members[i]], vi[members[i]], pooled, i, shared) for i, name in enumerate(names))
    if len(names) < 2:
        return found, JointTest(math.nan, 0, math.nan, math.nan)
    differences = np.column_stack([-np.ones(len(names) - 1), np.eye(len(names) - 1)])
    return found, contrast_test(pooled, contrasts=differences, level=level).joint


def _subgroup(name: str, yi: np.ndarray, vi: np.ndarray, pooled: Interval, place: int, between: float) -> Subgroup:
    """Return one coefficient of a fit as a subgroup."""
    parts = ("estimate", "se", "statistic", "pval", "ci_lb", "ci_ub")
    numbers = {part: float(getattr(pooled, part)[place]) for part in parts}
    model_se = float(np.sum(1.0 / (vi + between))) ** -0.5
    own = QTest(0.0, 0, 1.0) if yi.size == 1 else q_test(yi, vi)
    return Subgroup(name=name, k=yi.size, df=pooled.df, model_se=model_se, tau2=between, q=own, **numbers)


def _between(groups: Sequence[Subgroup]) -> JointTest:
    """Return the Q test of the pooled effects."""
    if len(groups) < 2:
        return JointTest(math.nan, 0, math.nan, math.nan)
    test = q_test([group.estimate for group in groups], [group.model_se**2 for group in groups])
    return JointTest(test.q, test.df, math.nan, test.pval)


def _within(groups: Sequence[Subgroup]) -> QTest:
    """Return the sum of the Q within subgroups."""
    from scipy.special import chdtrc

    q, df = math.fsum(group.q.q for group in groups), int(np.sum([group.q.df for group in groups], dtype=int))
    return QTest(q, df, float(chdtrc(df, q)) if df else 1.0)
