"""Means and standard deviations from medians of skewed positive outcomes, by a Box-Cox transformation.

Arguments as in `medians`.
"""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, where
from repool.effects.conversions.medians import mean_from_quantiles, scenario, sd_from_quantiles_wan
from repool.effects.conversions.search import minimise

#: Powers looked at; below 0 the logarithm is taken, as the moments of such a power need not exist.
POWERS = (-2.0, 3.0)
#: Below this the transformation is the logarithm.
LOGARITHM_BELOW = 1e-8
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


@np.errstate(all="ignore")
def fit_box_cox(
    minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array
) -> tuple[Array, Array, Array]:
    """Return mean and standard deviation of data that a power makes symmetric, and that power.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        In the unit of the outcome, above 0, NaN where not printed.
    n : array, shape (k,)
        People, at least 5.

    Returns
    -------
    mean, sd, power : array, shape (k,)
        Power 1 is no transformation, 0 the logarithm. NaN where a number is not above 0 or where the
        median coincides with a neighbour, as no power then gives symmetry.

    Notes
    -----
    McGrath et al. (2020), Stat Methods Med Res 29:2520-2537, "BC": the power that puts the
    median in the middle; mean and SD of the transformed values by Luo et al. (2018) and Wan et al. (2014);
    back-transformed moments of a normal distribution cut off symmetrically where the transformation
    ends, by Gauss-Legendre quadrature (the paper draws random numbers).
    """
    values = floats(minimum, q1, median, q3, maximum, n)
    n, which = values[5], scenario(*values, median_needed=True)
    x = np.stack(values[:5], axis=-1)
    used = np.isfinite(x) & (which > 0)[..., None]
    # In units of the median, so that the result does not depend on the unit of measurement.
    logs = np.where(used, np.log(x / x[..., 2:3]), np.nan)
    wanted = (which > 0) & ~((x <= 0) & used).any(axis=-1)
    power = minimise(lambda at: np.where(wanted, _asymmetry(_forward(logs, at), which), np.inf), *POWERS, wanted.shape)
    power = np.where(np.maximum(power, 0) < LOGARITHM_BELOW, 0.0, power)
    numbers = np.moveaxis(_forward(logs, power), -1, 0)
    location, scale = mean_from_quantiles(*numbers, n), sd_from_quantiles_wan(*numbers, n)
    mean, sd = _moments(location, scale, power)
    return where(wanted & (sd > 0), mean * x[..., 2], sd * x[..., 2], power)


def _forward(logs: Array, power: Array) -> Array:
    """Return Box-Cox transforms (y^power - 1) / power from the logarithms of y."""
    power = power[..., None]
    small = np.abs(power) < LOGARITHM_BELOW
    return np.where(small, logs, np.expm1(power * logs) / np.where(small, 1.0, power))


def _asymmetry(values: Array, which: Array) -> Array:
    """Return how far the median is from the middle, over range, quartiles, or both."""
    minimum, q1, median, q3, maximum = np.moveaxis(values, -1, 0)
    by_range = ((maximum - median) / (median - minimum) - 1) ** 2
    by_quartiles = ((q3 - median) / (median - q1) - 1) ** 2
    return np.select([which == 1, which == 2], [by_range, by_quartiles], by_range + by_quartiles)


def _moments(location: Array, scale: Array, power: Array) -> tuple[Array, Array]:
    """Return mean and SD of the back-transformed, symmetrically cut normal distribution."""
    logarithm = power == 0
    safe_power = np.where(logarithm, 1.0, power)
    # The cut is where the back-transform reaches 0; far out in the tails nothing is left to count.
    reach = np.minimum((location + 1 / safe_power) / scale, 9 + 2 * scale)
    z = reach[..., None] * _NODES
    density = np.exp(-(z**2) / 2) * _WEIGHTS
    density = density / density.sum(axis=-1, keepdims=True)
    base = 1 + safe_power[..., None] * (location[..., None] + scale[..., None] * z)
    y = np.maximum(base, 0.0) ** (1 / safe_power[..., None])
    mean = (density * y).sum(axis=-1)
    sd = np.sqrt((density * (y - mean[..., None]) ** 2).sum(axis=-1))
    log_mean = np.exp(location + scale**2 / 2)
    return np.where(logarithm, log_mean, mean), np.where(logarithm, log_mean * np.sqrt(np.expm1(scale**2)), sd)
