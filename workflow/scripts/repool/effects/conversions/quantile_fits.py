"""Means and standard deviations from medians by fitting five distributions to what is printed.

Arguments as in `medians`. The distribution whose quantiles come closest to the printed numbers is chosen.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, gamma, gammaincinv, ndtri

from repool.effects.conversions.guards import Array, floats, where
from repool.effects.conversions.medians import scenario
from repool.effects.conversions.search import minimise

#: In this order, which also breaks ties.
FAMILIES = ("normal", "log-normal", "gamma", "weibull", "beta")
#: Where shapes are looked for: McGrath et al.'s own implementation has the same bounds. Scales are free.
LOG_SIGMA = (np.log(1e-3), np.log(10.0))
LOG_SHAPE = (np.log(1e-3), np.log(1e2))
LOG_BETA = (np.log(1e-3), np.log(40.0))
#: Steps of the fit of the beta distribution; it settles within about 20.
BETA_STEPS = 80


@np.errstate(all="ignore")
def fit_quantiles(
    minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array
) -> tuple[Array, Array, Array, Array]:
    """Return mean and standard deviation of the distribution that fits a median with range or quartiles best.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : array, shape (k,)
        In the unit of the outcome, NaN where not printed.
    n : array, shape (k,)
        People, at least 5.

    Returns
    -------
    mean, sd : array, shape (k,)
    family : array of str, shape (k,)
        Name of the chosen distribution, blank where there is none.
    sums_of_squares : array, shape (k, 5)
        Distance of each distribution, in the order of `FAMILIES`, infinite where it was not fitted: only
        the normal with a negative number, the beta only when all numbers lie between 0 and 1.

    Notes
    -----
    McGrath et al. (2020), Stat Methods Med Res 29:2520-2537, "QE": least squares between printed and
    theoretical quantiles of 1/n, 1/4, 1/2, 3/4 and 1 - 1/n. Only through the beta does the unit matter.
    """
    minimum, q1, median, q3, maximum, n = floats(minimum, q1, median, q3, maximum, n)
    which = scenario(minimum, q1, median, q3, maximum, n, median_needed=True)
    x, p, used = _targets(which, minimum, q1, median, q3, maximum, n)
    fits = [_normal(x, p, used, which)]
    positive = (which > 0) & (np.where(used, x, np.inf).min(axis=-1) >= 0)
    fits += [_scaled(x, used, positive, *family) for family in _scaled_families(p)]
    fits.append(_beta(x, p, used, positive & (np.where(used, x, -np.inf).max(axis=-1) < 1), fits[0][:2]))
    means, sds, distances = (np.stack(parts, axis=-1) for parts in zip(*fits, strict=True))
    distances = np.where(np.isfinite(distances) & np.isfinite(means) & np.isfinite(sds), distances, np.inf)
    best = distances.argmin(axis=-1)[..., None]
    mean, sd = (np.take_along_axis(parts, best, axis=-1)[..., 0] for parts in (means, sds))
    mean, sd = where((which > 0) & (sd > 0), mean, sd)
    return mean, sd, np.where(np.isfinite(mean), np.array(FAMILIES)[best[..., 0]], ""), distances


def _targets(
    which: Array, minimum: Array, q1: Array, median: Array, q3: Array, maximum: Array, n: Array
) -> tuple[Array, ...]:
    """Return printed quantiles, their probabilities, and which of them count, each of shape (k, 5)."""
    range_counts, quartiles_count = (which == 1) | (which == 3), which >= 2
    used = np.stack([range_counts, quartiles_count, which > 0, quartiles_count, range_counts], axis=-1)
    x = np.where(used, np.stack([minimum, q1, median, q3, maximum], axis=-1), 0.0)
    half = np.full(np.shape(n), 0.5)
    p = np.where(used, np.stack([1 / n, half / 2, half, 1.5 * half, 1 - 1 / n], axis=-1), 0.5)
    return x, p, used


def _normal(x: Array, p: Array, used: Array, which: Array) -> tuple[Array, Array, Array]:
    """Fit the normal distribution, whose quantiles are linear in its mean and standard deviation."""
    z = ndtri(p)
    mean = x.sum(axis=-1) / used.sum(axis=-1)
    # With all five the paper keeps the mean between the quartiles.
    mean = np.where(which == 3, np.clip(mean, x[..., 1], x[..., 3]), mean)
    sd = (z * x).sum(axis=-1) / (z**2).sum(axis=-1)
    residual = np.where(used, x - mean[..., None] - sd[..., None] * z, 0.0)
    return mean, sd, (residual**2).sum(axis=-1)


def _scaled_families(p: Array) -> list[tuple]:
    """Return for log-normal, gamma and Weibull: unit quantiles, mean and SD of a shape, and its bounds."""
    z, exponential = ndtri(p), -np.log1p(-p)
    return [
        (
            lambda s: np.exp(s[..., None] * z),
            lambda s: np.exp(s**2 / 2),
            lambda s: np.exp(s**2 / 2) * np.sqrt(np.expm1(s**2)),
            LOG_SIGMA,
        ),
        (lambda a: gammaincinv(a[..., None], p), lambda a: a, np.sqrt, LOG_SHAPE),
        (
            lambda c: exponential ** (1 / c[..., None]),
            lambda c: gamma(1 + 1 / c),
            lambda c: np.sqrt(gamma(1 + 2 / c) - gamma(1 + 1 / c) ** 2),
            LOG_SHAPE,
        ),
    ]


def _scaled(x: Array, used: Array, wanted: Array, quantiles, mean, sd, bounds) -> tuple[Array, Array, Array]:
    """Fit a family with a shape and a scale: for each shape the best scale is known, so one unknown is left."""

    def solved(shape: Array) -> tuple[Array, Array]:
        unit = np.where(used, quantiles(shape), 0.0)
        scale = (x * unit).sum(axis=-1) / (unit**2).sum(axis=-1)
        distance = ((x - scale[..., None] * unit) ** 2).sum(axis=-1)
        return scale, np.where(wanted, distance, np.inf)

    shape = np.exp(minimise(lambda log_shape: solved(np.exp(log_shape))[1], *bounds, np.shape(wanted)))
    scale, distance = solved(shape)
    return scale * mean(shape), scale * sd(shape), distance


def _beta(x: Array, p: Array, used: Array, wanted: Array, start: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    """Fit the beta distribution by damped least squares (Marquardt 1963) on the logarithms of its shapes."""
    mean, sd = start
    if not wanted.any():
        return (*start, np.full(np.shape(wanted), np.inf))
    size = np.maximum(mean * (1 - mean) / sd**2 - 1, 0.1)
    theta = np.clip(np.log(np.stack([mean * size, (1 - mean) * size], axis=-1)), *LOG_BETA)
    theta = np.where(wanted[..., None], theta, 0.0)

    def residuals(theta: Array) -> Array:
        shapes = np.exp(theta)
        return np.where(used, betaincinv(shapes[..., :1], shapes[..., 1:], p) - x, 0.0)

    damping, distance = np.full(np.shape(wanted), 1e-2), (residuals(theta) ** 2).sum(axis=-1)
    for _ in range(BETA_STEPS):
        trial = np.clip(theta + _marquardt_step(residuals, theta, damping), *LOG_BETA)
        tried = (residuals(trial) ** 2).sum(axis=-1)
        better = tried < distance
        theta, distance = np.where(better[..., None], trial, theta), np.where(better, tried, distance)
        damping = np.where(better, damping / 5, np.minimum(damping * 4, 1e12))
    first, second = np.exp(theta[..., 0]), np.exp(theta[..., 1])
    total = first + second
    spread = np.sqrt(first * second / (total**2 * (total + 1)))
    return first / total, spread, np.where(wanted, distance, np.inf)


def _marquardt_step(residuals, theta: Array, damping: Array) -> Array:
    """Return the damped step in two unknowns, zero where it cannot be computed."""
    here, step = residuals(theta), 1e-6
    slope0 = (residuals(theta + [step, 0.0]) - here) / step
    slope1 = (residuals(theta + [0.0, step]) - here) / step
    a00, a11 = (slope0**2).sum(axis=-1) * (1 + damping), (slope1**2).sum(axis=-1) * (1 + damping)
    a01 = (slope0 * slope1).sum(axis=-1)
    b0, b1 = (slope0 * here).sum(axis=-1), (slope1 * here).sum(axis=-1)
    determinant = a00 * a11 - a01**2
    moves = np.stack([a01 * b1 - a11 * b0, a01 * b0 - a00 * b1], axis=-1) / determinant[..., None]
    # A shape that would leave its bounds stays there, and the other one moves alone.
    blocked = ((theta >= LOG_BETA[1]) & (moves > 0)) | ((theta <= LOG_BETA[0]) & (moves < 0))
    alone = np.stack([-b0 / a00, -b1 / a11], axis=-1)
    moves = np.where(blocked, 0.0, np.where(blocked[..., ::-1], alone, moves))
    return np.where(np.isfinite(moves), np.clip(moves, -1, 1), 0.0)
