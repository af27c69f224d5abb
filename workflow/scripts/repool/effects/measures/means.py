"""Measures of a quantity in two independent arms: differences and ratios of means, and of spread."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from repool.effects.measures.measure import Array, Measure, weighted_average
from repool.effects.measures.standardised import MEASURES as STANDARDISED

Pair = tuple[Array, Array]


def pooled_variance(x: SimpleNamespace) -> Array:
    """Return the variance within arms, pooled over both, shape (k,)."""
    return ((x.n_arm1 - 1) * x.sd_arm1**2 + (x.n_arm2 - 1) * x.sd_arm2**2) / (x.n_arm1 + x.n_arm2 - 2)


def mean_difference(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the mean difference and its variance.

    Notes
    -----
    Borenstein (2009), equations 12.5 (LS, every arm with its own spread) and 12.3 (HO, one spread for both).
    """
    yi = x.mean_arm1 - x.mean_arm2
    if vtype == "HO":
        return yi, pooled_variance(x) * (1 / x.n_arm1 + 1 / x.n_arm2)
    return yi, x.sd_arm1**2 / x.n_arm1 + x.sd_arm2**2 / x.n_arm2


def log_ratio_of_means(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of means and its variance.

    Notes
    -----
    LS: Hedges, Gurevitch and Curtis (1999), equation 1; HO: the same with one spread for both arms; AV: with the
    coefficient of variation of each arm averaged over the studies; AVHO: averaged over studies and arms (Nakagawa et
    al. 2023). LS5: as LS, and yi has the bias correction of Lajeunesse (2015), equation 8. NaN where the means have
    opposite signs.
    """
    yi = np.log(x.mean_arm1 / x.mean_arm2)
    cv1, cv2 = np.abs(x.sd_arm1 / x.mean_arm1), np.abs(x.sd_arm2 / x.mean_arm2)
    if vtype == "LS5":
        yi = yi + (cv1**2 / x.n_arm1 - cv2**2 / x.n_arm2) / 2
    elif vtype == "HO":
        pooled = np.sqrt(pooled_variance(x))
        cv1, cv2 = pooled / x.mean_arm1, pooled / x.mean_arm2
    elif vtype in ("AV", "AVHO"):
        n1, n2 = (np.where(np.isfinite(yi), sizes, np.nan) for sizes in (x.n_arm1, x.n_arm2))
        if vtype == "AV":
            cv1, cv2 = weighted_average(cv1, n1), weighted_average(cv2, n2)
        else:
            cv1 = cv2 = weighted_average(np.concatenate([cv1, cv2]), np.concatenate([n1, n2]))
    return yi, cv1**2 / x.n_arm1 + cv2**2 / x.n_arm2


def log_variability_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of standard deviations, bias-corrected, and its variance (Nakagawa et al. 2015)."""
    half1, half2 = 1 / (2 * (x.n_arm1 - 1)), 1 / (2 * (x.n_arm2 - 1))
    return np.log(x.sd_arm1 / x.sd_arm2) + half1 - half2, half1 + half2


def log_coefficient_of_variation_ratio(x: SimpleNamespace, vtype: str) -> Pair:
    """Return the log ratio of coefficients of variation, bias-corrected, and its variance.

    Notes
    -----
    Nakagawa et al. (2015), equation 12 without the correlation: mean and spread of normal data are
    independent, so that this is the variability ratio minus the ratio of means, and the variances add. LS5: the ratio
    of means is bias-corrected too (Senior et al. 2020, equation 6).
    """
    spread, spread_vi = log_variability_ratio(x, "LS")
    ratio, ratio_vi = log_ratio_of_means(x, vtype)
    return spread - ratio, spread_vi + ratio_vi


ALL_INPUTS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")


def _means(name: str, title: str, function, *, scale, turned, source, inputs=ALL_INPUTS, vtypes=("LS",)) -> Measure:
    """Return a measure of two arms with means."""
    return Measure(name, title, "means", inputs, vtypes, scale, turned, source, f'escalc("{name}")', function)


_MEANS = (
    _means(
        "MD",
        "mean difference",
        mean_difference,
        scale="plain",
        turned="sign",
        source="Borenstein (2009), 12.5 and 12.3",
        vtypes=("LS", "HO"),
    ),
    _means(
        "ROM",
        "log ratio of means",
        log_ratio_of_means,
        scale="log",
        turned="no",
        source="Hedges et al. (1999), as metafor 3.8; LS5 with the bias correction of Lajeunesse (2015), as metafor 5",
        vtypes=("LS", "HO", "AV", "AVHO", "LS5"),
    ),
    _means(
        "VR",
        "log variability ratio",
        log_variability_ratio,
        scale="log",
        turned="no",
        source="Nakagawa et al. (2015)",
        inputs=("sd_arm1", "n_arm1", "sd_arm2", "n_arm2"),
    ),
    _means(
        "CVR",
        "log coefficient of variation ratio",
        log_coefficient_of_variation_ratio,
        scale="log",
        turned="no",
        source="Nakagawa et al. (2015), as metafor 3.8; LS5 as Senior et al. (2020) and metafor 5",
        vtypes=("LS", "LS5"),
    ),
)

MEASURES = _MEANS + STANDARDISED
