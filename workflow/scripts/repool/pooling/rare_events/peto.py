"""Peto's one-step odds ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repool.pooling.rare_events.counts import checked_arms, kept_tables, pair, study_effects, with_zero_rule
from repool.pooling.rare_events.normal_test import normal_test, spread_around

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Peto:
    """Peto's pooled log odds ratio and the spread of the studies around it.

    Attributes
    ----------
    estimate, se, statistic, pval, ci_lb, ci_ub : float
        Log odds ratio.
    k, k_effects, k_informative : int
        Studies used; those with an effect of their own; those with both an event and a non-event.
    q, q_df, q_pval, i2_percent, h2 : float
        Heterogeneity of observed minus expected events.
    note : str
        What to know; empty otherwise.
    """

    estimate: float
    se: float
    statistic: float
    pval: float
    ci_lb: float
    ci_ub: float
    k: int
    k_effects: int
    k_informative: int
    q: float
    q_df: int
    q_pval: float
    i2_percent: float
    h2: float
    note: str


def peto(
    events_arm1: ArrayLike,
    n_arm1: ArrayLike,
    events_arm2: ArrayLike,
    n_arm2: ArrayLike,
    *,
    add: object,
    to: object,
    drop00: object,
    level: float,
) -> Peto:
    """Pool log odds ratios by Peto's method.

    Parameters
    ----------
    events_arm1, n_arm1, events_arm2, n_arm2 : array_like of shape (k,)
        Events and people; arm 1 is the intervention; nan where unknown.
    add, to, drop00 : value or pair of values
        What is added to zero cells, where, and whether studies without any event (or non-event) are left out; the
        first of a pair counts the studies with an effect, the second shapes the pooled estimate; one value is for the
        studies, and the pooled estimate uses the counts as they are.
    level : float
        Confidence level between 0 and 1, such as 0.95.

    Returns
    -------
    Peto
        Estimate, test and heterogeneity.

    Raises
    ------
    ValueError
        For impossible counts, or when no study has both an event and a non-event.

    Notes
    -----
    Yusuf et al. (1985), Prog Cardiovasc Dis 27, 335-371: estimate = sum(O - E) / sum(V), variance 1 / sum(V), with V
    the hypergeometric variance of arm 1's events. As in R, the degrees of freedom of Q count the studies that have
    an effect after the rule for zero cells of the studies.
    """
    arms = checked_arms(events_arm1, n_arm1, events_arm2, n_arm2, measure="PETO")
    adds, tos, drops = pair(add, name="add"), pair(to, name="to"), pair(drop00, name="drop00")
    used = kept_tables(arms, drop00=drops[1])
    a, b, c, d = with_zero_rule(used, add=adds[1], to=tos[1])
    k_effects = study_effects(arms, measure="PETO", add=adds[0], to=tos[0], drop00=drops[0])[0].size
    n1, n2, yes, no = a + b, c + d, a + c, b + d
    n = n1 + n2
    with np.errstate(all="ignore"):
        variances = np.where(n > 1, yes * no * (n1 / n) * (n2 / n) / (n - 1), 0.0)
    total = float(variances.sum())
    if total == 0:
        raise ValueError("Peto's method needs one study with an event and a non-event and people in both arms; none is")
    differences = a - yes * n1 / n
    estimate, se = float(differences.sum()) / total, math.sqrt(1 / total)
    some = variances > 0
    q = float((differences[some] ** 2 / variances[some]).sum()) - float(differences.sum()) ** 2 / total
    spread = spread_around(max(0.0, q), k_effects - 1 if some.sum() > 1 else 0)
    test = normal_test(estimate, se, level=level)
    note = "" if some.sum() > 1 else "one informative study: nothing to compare it with"
    return Peto(estimate, se, *test, used.k, k_effects, int(some.sum()), *spread, note=note)
