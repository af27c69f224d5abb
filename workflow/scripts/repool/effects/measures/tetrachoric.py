"""The tetrachoric correlation of two-by-two tables, all tables at once."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.special import ndtr, ndtri

Array = np.ndarray

#: Nodes of the quadrature on [0, 1]. The integrand is smooth; 48 nodes agree with 200 to 1e-12 for |r| < 0.999.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
#: Steps of the search. Bisection alone needs 52 for full precision; Newton's steps, taken inside the bracket, about 6.
_STEPS = 60
_CLOSE = 1e-14
#: Tables worked on together, to bound the memory.
_CHUNK = 10_000


def tetrachoric_correlation(t: SimpleNamespace, vtype: str) -> tuple[Array, Array]:
    """Return the tetrachoric correlation and its variance.

    Parameters
    ----------
    t : namespace
        Cells `yes_arm1`, `no_arm1`, `yes_arm2`, `no_arm2`, shape (k,).
    vtype : {"LS"}
        The variance formula.

    Returns
    -------
    yi, vi : array, shape (k,)
        NaN where a cell is zero: the likelihood then grows up to -1 or 1 and has no variance there.

    Notes
    -----
    Pearson (1900): the correlation of a bivariate normal distribution that gives the observed quadrant. With as many
    parameters as free cells it is also the maximum likelihood estimate; the variance is the delta method with
    multinomial cells. The quadrant's probability minus that of independence is the integral of the density over the
    correlation (Plackett 1954), taken over its arcsine.
    """
    cells = np.stack([t.yes_arm1, t.no_arm1, t.yes_arm2, t.no_arm2])
    yi, vi = np.full(cells.shape[1], np.nan), np.full(cells.shape[1], np.nan)
    rows = np.flatnonzero((cells > 0).all(axis=0) & np.isfinite(cells).all(axis=0))
    for start in range(0, rows.size, _CHUNK):
        chunk = rows[start : start + _CHUNK]
        yi[chunk], vi[chunk] = _estimates(cells[:, chunk])
    return yi, vi


def _estimates(cells: Array) -> tuple[Array, Array]:
    """Return estimate and variance of tables without zero cells; cells have shape (4, k)."""
    n = cells.sum(axis=0)
    a, b, c, d = cells / n
    h, k = ndtri(a + b), ndtri(a + c)
    angle = _angle(h, k, a * d - b * c)
    r, root = np.sin(angle), np.cos(angle)
    # How the quadrant's probability reacts to a shift of each threshold, in units of that threshold's own margin.
    reacts_h, reacts_k = ndtr((k - r * h) / root), ndtr((h - r * k) / root)
    scores = np.stack([1 - reacts_h - reacts_k, -reacts_h, -reacts_k, np.zeros_like(r)])
    shares = np.stack([a, b, c, d])
    spread = (shares * scores**2).sum(axis=0) - (shares * scores).sum(axis=0) ** 2
    density = _integrand(h, k, angle) / root
    return r, spread / (n * density**2)


def _angle(h: Array, k: Array, excess: Array) -> Array:
    """Return the arcsine of the correlation that gives the excess of the quadrant over independence."""
    low, high = np.full_like(h, -np.pi / 2), np.full_like(h, np.pi / 2)
    angle = np.zeros_like(h)
    open_rows = np.arange(h.size)
    for _ in range(_STEPS):
        now, h_now, k_now = angle[open_rows], h[open_rows], k[open_rows]
        path = now[:, None] * _NODES
        area = now * (_integrand(h_now[:, None], k_now[:, None], path) @ _WEIGHTS)
        miss = area - excess[open_rows]
        high[open_rows] = np.where(miss > 0, now, high[open_rows])
        low[open_rows] = np.where(miss > 0, low[open_rows], now)
        step = now - miss / _integrand(h_now, k_now, now)
        inside = (step >= low[open_rows]) & (step <= high[open_rows])
        angle[open_rows] = np.where(inside, step, (low[open_rows] + high[open_rows]) / 2)
        open_rows = open_rows[np.abs(angle[open_rows] - now) > _CLOSE]
        if open_rows.size == 0:
            break
    return angle


def _integrand(h: Array, k: Array, angle: Array) -> Array:
    """Return the bivariate normal density at (h, k) times the cosine of the angle, whose sine is the correlation."""
    # h^2 - 2 h k sin + k^2, written so that it does not cancel near a correlation of 1.
    distance = (h - k * np.sin(angle)) ** 2 / np.cos(angle) ** 2 + k**2
    return np.exp(-distance / 2) / (2 * np.pi)
