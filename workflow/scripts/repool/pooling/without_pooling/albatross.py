"""Place studies by size and p-value, with the lines on which studies of one effect size lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Measures for which contours are known; effects of OR and RR are given as ratios.
MEASURES = ("SMD", "OR", "RR", "COR")

QUESTION = "Which effect sizes are the p-values and sizes of the studies roughly compatible with?"
NOT_ANSWERED = "What the effect is: contours rest on an assumed split of arms and risk, and show no interval."


def contour_n(
    pval_two_sided: ArrayLike, *, measure: str, effect: float, arm_ratio: float, risk_arm2: float
) -> np.ndarray:
    """Return how many people a study with this effect and p-value has.

    Parameters
    ----------
    pval_two_sided : array_like
        Two-sided p-values, above 0 and below 1.
    measure : {"SMD", "OR", "RR", "COR"}
        Effect measure.
    effect : float
        Standardised mean difference, odds ratio, risk ratio or correlation; not "no effect".
    arm_ratio : float
        People in arm 1 per person in arm 2; not used by "COR".
    risk_arm2 : float
        Risk in arm 2, used by "OR" and "RR"; nan otherwise.

    Raises
    ------
    ValueError
        When the measure is unknown, or the effect, ratio or risk is impossible.

    Notes
    -----
    Harrison et al. (2017), Res Synth Methods 8, 281-289: n = (z / effect)^2 times the variance
    of one person's worth of data. Variances: SMD (r + 1)^2 / (r n) + d^2 / (2 n); log OR and
    log RR by the delta method from both risks; Fisher's z 1 / (n - 3).
    """
    from scipy.special import ndtri

    pval = np.asarray(pval_two_sided, dtype=float)
    if not ((pval > 0) & (pval < 1)).all():
        raise ValueError("contours need p-values above 0 and below 1")
    unit, distance = _unit_variance(measure, effect=effect, arm_ratio=arm_ratio, risk_arm2=risk_arm2)
    people = (ndtri(pval / 2.0) / distance) ** 2 * unit
    return people + 3.0 if measure == "COR" else people


def contour_p(n_total: ArrayLike, *, measure: str, effect: float, arm_ratio: float, risk_arm2: float) -> np.ndarray:
    """Return the two-sided p-value of a study of this size with this effect.

    Parameters
    ----------
    n_total : array_like
        People in the study; above 3 for "COR".
    measure, effect, arm_ratio, risk_arm2
        See `contour_n`.

    Raises
    ------
    ValueError
        When the measure is unknown, or a size, effect, ratio or risk is impossible.
    """
    from scipy.special import ndtr

    people = np.asarray(n_total, dtype=float) - (3.0 if measure == "COR" else 0.0)
    if not (np.isfinite(people) & (people > 0)).all():
        raise ValueError("contours need study sizes above 0, and above 3 for correlations")
    unit, distance = _unit_variance(measure, effect=effect, arm_ratio=arm_ratio, risk_arm2=risk_arm2)
    return 2.0 * ndtr(-abs(distance) * np.sqrt(people / unit))


def place_on_axis(pval_two_sided: ArrayLike, signs: ArrayLike) -> np.ndarray:
    """Return where studies stand on the horizontal axis: -log10(p), to the right when arm 1 is favoured.

    Parameters
    ----------
    pval_two_sided : array_like of shape (k,)
        Two-sided p-values, above 0 and at most 1.
    signs : array_like of shape (k,)
        1 favours arm 1, -1 favours arm 2, 0 neither (placed at 0).
    """
    pval = np.asarray(pval_two_sided, dtype=float)
    if not ((pval > 0) & (pval <= 1)).all():
        raise ValueError("p-values must be above 0 and at most 1; write the bound instead of 0")
    return -np.asarray(signs, dtype=float) * np.log10(pval) + 0.0


def _unit_variance(measure: str, *, effect: float, arm_ratio: float, risk_arm2: float) -> tuple[float, float]:
    """Return n times the variance of the estimate, and the effect on the scale of that variance."""
    if measure not in MEASURES:
        raise ValueError(f"measure is {measure!r}; contours are known for {', '.join(MEASURES)}")
    if measure != "COR" and not (math.isfinite(arm_ratio) and arm_ratio > 0):
        raise ValueError(f"arm_ratio is {arm_ratio!r}; must be above 0, such as 1 for arms of equal size")
    if measure == "COR":
        if not 0.0 < abs(effect) < 1.0:
            raise ValueError(f"effect is {effect!r}; a correlation on a contour lies between -1 and 1 and is not 0")
        return 1.0, math.atanh(effect)
    if measure == "SMD":
        if not math.isfinite(effect) or effect == 0:
            raise ValueError(f"effect is {effect!r}; there is no contour of no effect")
        return (arm_ratio + 1.0) ** 2 / arm_ratio + effect**2 / 2.0, effect
    return _ratio_variance(measure, effect=effect, arm_ratio=arm_ratio, risk_arm2=risk_arm2)


def _ratio_variance(measure: str, *, effect: float, arm_ratio: float, risk_arm2: float) -> tuple[float, float]:
    """Return n times the variance of a log odds ratio or log risk ratio, and that log ratio."""
    if not (math.isfinite(effect) and effect > 0) or effect == 1:
        raise ValueError(f"effect is {effect!r}; a ratio on a contour is above 0 and not 1")
    if not 0.0 < risk_arm2 < 1.0:
        raise ValueError(f"risk_arm2 is {risk_arm2!r}; must lie between 0 and 1")
    odds = risk_arm2 / (1.0 - risk_arm2) * effect
    risk_arm1 = risk_arm2 * effect if measure == "RR" else odds / (1.0 + odds)
    if not 0.0 < risk_arm1 < 1.0:
        raise ValueError(f"a risk ratio of {effect:g} on a risk of {risk_arm2:g} gives a risk above 1 in arm 1")
    # People of one arm per person of the study, inverted.
    per_arm1, per_arm2 = (arm_ratio + 1.0) / arm_ratio, arm_ratio + 1.0
    if measure == "OR":
        unit = per_arm1 / (risk_arm1 * (1.0 - risk_arm1)) + per_arm2 / (risk_arm2 * (1.0 - risk_arm2))
    else:
        unit = per_arm1 * (1.0 - risk_arm1) / risk_arm1 + per_arm2 * (1.0 - risk_arm2) / risk_arm2
    return unit, math.log(effect)
