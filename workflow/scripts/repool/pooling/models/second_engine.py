"""Hold every pooled model against a second engine, statsmodels or PyMARE, and stop when the two part.

Estimators of tau2 that neither has are computed once more by another route, from their definition.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from repool.pooling.models import direct_opinion, pymare_opinion
from repool.pooling.models.estimators import check_inputs
from repool.pooling.models.statsmodels_opinion import (
    SecondInterval,
    SecondTau2,
    centred,
    log_likelihood,
    second_interval,
    second_tau2,
    standardised,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from repool.pooling.models.intervals import Interval

#: Largest difference allowed in estimate, limits (per standard error), se and Q (relative), p.
#: Both sides are closed forms at the same tau2: 1e-7 leaves room for badly scaled moderators.
TOLERANCE = 1e-7

#: Largest difference allowed in tau2, relative to tau2 plus the typical variance. Closed forms
#: and roots of Q: 1e-8. A search on likelihood values finds a top only to the root of machine
#: precision, 1e-8 for a well-curved top, so 1e-6 leaves room for flatter ones. The second route
#: to GENQM integrates an oscillating function.
TOLERANCE_TAU2 = {
    "none": 0.0,
    **dict.fromkeys(("DL", "HE", "HS", "HSk", "SJ", "GENQ", "EB", "PM", "PMM"), 1e-8),
    "ML": 1e-6,
    "REML": 1e-6,
    "GENQM": 1e-5,
}

#: The same for PyMARE, whose closed forms are exact and whose search stops at a step of 1e-6:
#: 7e-6 was the most on 5,660 answers of R, 3e-5 with moderators.
TOLERANCE_PYMARE = {"DL": 1e-8, "HE": 1e-8, "ML": 1e-4, "REML": 1e-4}

#: Where the likelihood is so flat that tau2 cannot be placed that well, the two values must be
#: equally likely to within this share of 1 + |log-likelihood|, a thousand times its rounding; a
#: tau2 that is wrong by 1e-5 of its own standard error costs 5e-11 and is still seen.
TOLERANCE_LOG_LIKELIHOOD = 1e-12

#: Units in the last place of a number that rounding may cost when the effects have an offset.
ROUNDING_UNITS = 8.0


class EnginesDisagree(ValueError):
    """The two engines give different answers to the same question."""


def agree(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method_tau2: str,
    ci_method: str,
    level: float,
    tau2: float,
    q: float,
    interval: Interval,
    design: ArrayLike | None = None,
) -> float:
    """Return the largest difference between the two engines, or stop when it is too large.

    Parameters
    ----------
    yi, vi, design
        Effects, sampling variances and design matrix, as in `repool.pooling.models.estimators.tau2`.
    method_tau2, ci_method, level
        How the model was fitted.
    tau2, q, interval
        The first engine's answers: between-study variance, Q and coefficients.

    Returns
    -------
    float
        The largest of: the differences of estimate and limits divided by the standard error; of
        se and Q divided by themselves (Q by at least 1); of p; and of tau2 divided by tau2 plus
        the typical within-study variance. Beyond its tolerance one raises `EnginesDisagree`.
    """
    yi, vi, design = check_inputs(yi, vi, design)
    second = _second_tau2(yi, vi, method_tau2=method_tau2, tau2=tau2, design=design)
    differences = [
        _tau2_difference(tau2, second, method_tau2=method_tau2),
        _difference("Q", q, second.q, unit=max(1.0, second.q)),
    ]
    if method_tau2 in pymare_opinion.METHODS:
        _agree_with_pymare(yi, vi, method_tau2=method_tau2, tau2=tau2, typical=second.typical, design=design)
    other = second_interval(yi, vi, ci_method=ci_method, level=level, tau2=tau2, design=design)
    return max(differences + _interval_differences(interval, other))


def _second_tau2(yi: np.ndarray, vi: np.ndarray, *, method_tau2: str, tau2: float, design: np.ndarray) -> SecondTau2:
    """Return statsmodels' opinion, with tau2 at its definition where statsmodels has no such estimator."""
    if method_tau2 not in direct_opinion.METHODS:
        return second_tau2(yi, vi, method_tau2=method_tau2, tau2=tau2, design=design)
    plain = second_tau2(yi, vi, method_tau2="none", tau2=tau2, design=design)
    own = direct_opinion.direct_tau2(
        centred(yi, design)[0], vi, method_tau2=method_tau2, design=standardised(design), near=tau2
    )
    return SecondTau2(own, math.nan, math.nan, plain.q, plain.typical)


def _agree_with_pymare(
    yi: np.ndarray, vi: np.ndarray, *, method_tau2: str, tau2: float, typical: float, design: np.ndarray
) -> None:
    """Raise when PyMARE's tau2 is another one, unless its search stopped where the likelihood is lower."""
    yi, design = centred(yi, design)[0], standardised(design)
    other = pymare_opinion.pymare_tau2(yi, vi, method_tau2=method_tau2, design=design)
    if abs(tau2 - other) <= TOLERANCE_PYMARE[method_tau2] * (other + typical):
        return
    if method_tau2 in ("ML", "REML"):
        ours, theirs = (
            log_likelihood(value, yi, vi, design, restricted=method_tau2 == "REML") for value in (tau2, other)
        )
        if ours >= theirs:
            return
    _stop(f"tau2 ({method_tau2})", tau2, other, engine="PyMARE")


def _interval_differences(first: Interval, second: SecondInterval) -> list[float]:
    """Return the differences of all coefficients, or raise at the first that is too large."""
    differences = []
    for i, se in enumerate(second.se):
        unit = float(se) if se > 0 else 1.0
        for name in ("estimate", "se", "ci_lb", "ci_ub"):
            pair = float(getattr(first, name)[i]), float(getattr(second, name)[i])
            differences.append(_difference(name, *pair, unit=unit))
        if not (math.isnan(first.pval[i]) and math.isnan(second.pval[i])):
            pair = float(first.pval[i]), float(second.pval[i])
            differences.append(_difference("the p-value", *pair, unit=1.0))
    return differences


def _difference(name: str, first: float, second: float, *, unit: float) -> float:
    """Return the difference in units, or raise when it is more than tolerance and rounding."""
    allowed = TOLERANCE * unit + ROUNDING_UNITS * np.finfo(float).eps * abs(second)
    if not abs(first - second) <= allowed:
        _stop(name, first, second)
    return abs(first - second) / unit


def _tau2_difference(first: float, second: SecondTau2, *, method_tau2: str) -> float:
    """Return the difference in tau2, or raise when neither its size nor likelihood excuse it."""
    difference = abs(first - second.tau2) / (second.tau2 + second.typical)
    allowed = TOLERANCE_LOG_LIKELIHOOD * (1.0 + abs(second.log_likelihood))
    equally_likely = abs(second.likelihood_lost) <= allowed
    if not (difference <= TOLERANCE_TAU2[method_tau2] or equally_likely):
        engine = "its definition" if method_tau2 in direct_opinion.METHODS else "statsmodels"
        _stop(f"tau2 ({method_tau2})", first, second.tau2, engine=engine)
    return difference


def _stop(name: str, first: float, second: float, *, engine: str = "statsmodels") -> NoReturn:
    """Raise with both numbers."""
    raise EnginesDisagree(
        f"the two engines disagree on {name}: this package says {first:.12g}, {engine} says {second:.12g}"
    )
