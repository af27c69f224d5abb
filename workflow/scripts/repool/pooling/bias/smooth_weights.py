"""Smooth curves for the chance of being published, averaged over possible results by quadrature."""

from __future__ import annotations

import numpy as np

from repool.pooling.bias.selection_weights import SMOOTH, Terms

#: P-values nearer to 0 or 1 are held here, where a power of them would grow without end; the value
#: is metafor's for these two curves.
SMALLEST_P = {"beta": 1e-5, "power": 1e-5}

#: Integration reaches this many standard deviations; what is left out is below 1e-19.
REACH = 9.0

#: Panels end at every 1.5 standard deviations of the result and at every z step of the p-value;
#: ten Gauss-Legendre points in each leave an error near rounding.
PANELS, Z_PANELS, POINTS = 13, np.linspace(-6.0, 6.0, 17), 10

NEAR_ZERO = 10.0 ** np.arange(-4.5, 0.0, 0.5)


class SmoothWeights:
    """Weights beta, halfnorm, negexp, logistic or power of the p-value.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and sampling variances, turned so that selection favours large effects.
    kind : {"beta", "halfnorm", "negexp", "logistic", "power"}
        p^(d1-1) (1-p)^(d2-1) (Citkowicz & Vevea 2017); exp(-d p^2), exp(-d p), 2 / (1 + exp(d p))
        and (1 - p)^d (Preston, Ashby & Smyth 2004).
    two_sided : bool
        Whether the p-values are two-sided.
    """

    def __init__(self, yi: np.ndarray, vi: np.ndarray, *, kind: str, two_sided: bool) -> None:
        if kind not in SMOOTH:
            raise ValueError(f"weight is {kind!r}; must be one of {', '.join(SMOOTH)}")
        self.kind, self.two_sided = kind, two_sided
        self.n_delta = 2 if kind == "beta" else 1
        self.neutral = np.ones(2) if kind == "beta" else np.zeros(1)
        self.lowest = 1e-5 if kind == "beta" else 0.0
        self.sei, self.vi = np.sqrt(vi), vi
        self.smallest_p = SMALLEST_P.get(kind, 0.0)
        self.pvals = self._pvals(yi / self.sei)
        self.counts = np.array([yi.size])
        self._features = self._of(self.pvals, yi / self.sei)

    def terms(self, mu: float, tau2: float, delta: np.ndarray) -> Terms:
        """Return log weights and normalisers with derivatives."""
        log_weight, slopes, curves = self._log_weight(self._features, delta)
        k, q = self.vi.size, 2 + self.n_delta
        log_1, log_2 = np.zeros((k, q)), np.zeros((k, q, q))
        log_1[:, 2:], log_2[:, 2:, 2:] = np.moveaxis(slopes, 0, -1), np.moveaxis(curves, (0, 1), (-2, -1))
        places, mass = self._grid(mu, tau2)
        z = places / self.sei[:, None]
        log_w, slope, curve = self._log_weight(self._of(self._pvals(z), z), delta)
        variance = (self.vi + tau2)[:, None]
        error = places - mu
        density = mass * np.exp(log_w - 0.5 * error**2 / variance) / np.sqrt(2.0 * np.pi * variance)
        # Logarithmic derivatives of weight times density; the second adds their product.
        first = np.stack([error / variance, 0.5 * (error**2 / variance - 1.0) / variance, *slope], axis=0)
        second = first[:, None] * first[None, :]
        second[0, 0] -= 1.0 / variance
        second[0, 1] -= error / variance**2
        second[1, 0] -= error / variance**2
        second[1, 1] -= error**2 / variance**3 - 0.5 / variance**2
        second[2:, 2:] += curve
        value_1, value_2 = np.einsum("pkn,kn->kp", first, density), np.einsum("prkn,kn->kpr", second, density)
        return Terms(log_weight, log_1, log_2, np.sum(density, axis=1), value_1, value_2)

    def _pvals(self, z: np.ndarray) -> np.ndarray:
        """Return p-values held away from 0 and 1."""
        from scipy.special import ndtr

        pvals = 2.0 * ndtr(-np.abs(z)) if self.two_sided else ndtr(-z)
        return np.clip(pvals, self.smallest_p, 1.0 - self.smallest_p) if self.smallest_p else pvals

    def _of(self, pvals: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return what the log weight is made of, one row per weight parameter."""
        if self.kind == "beta":
            return np.stack([np.log(pvals), np.log1p(-pvals)])
        if self.kind == "power":
            return np.log1p(-pvals)[None]
        return (pvals**2 if self.kind == "halfnorm" else pvals)[None]

    def _log_weight(self, features: np.ndarray, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the log weight and its first and second derivatives by the weight parameters."""
        flat = np.zeros((self.n_delta, self.n_delta, *features.shape[1:]))
        if self.kind == "beta":
            return np.tensordot(delta - 1.0, features, axes=1), features, flat
        if self.kind == "power":
            return delta[0] * features[0], features, flat
        if self.kind in ("halfnorm", "negexp"):
            return -delta[0] * features[0], -features, flat
        from scipy.special import expit

        place = delta[0] * features[0]
        share = expit(place)
        value = np.log(2.0) - np.logaddexp(0.0, place)
        return value, -features * share, (-(features[0] ** 2) * share * (1.0 - share))[None, None]

    def _grid(self, mu: float, tau2: float) -> tuple[np.ndarray, np.ndarray]:
        """Return places on the effect's scale and their quadrature weights, both of shape (k, n)."""
        from scipy.special import ndtri

        sd, sei = np.sqrt(self.vi + tau2)[:, None], self.sei[:, None]
        kinks = Z_PANELS
        if self.smallest_p:
            tail = self.smallest_p / 2.0 if self.two_sided else self.smallest_p
            ends = [ndtri(tail), -ndtri(tail)]
            if self.two_sided:
                # Powers of 1 - p are steep where the two-sided p nears 1: panels shrink towards z = 0.
                near = np.concatenate([NEAR_ZERO, [ndtri(0.5 + tail)]])
                ends += [*near, *-near]
            kinks = np.concatenate([Z_PANELS, ends])
        # A strong weight can outweigh a small density: beyond the p-values that differ, the tails too.
        beyond = sd * np.linspace(0.0, REACH, PANELS // 2 + 1)[1:]
        ends = np.concatenate(
            [
                mu + sd * np.linspace(-REACH, REACH, PANELS),
                sei * kinks,
                sei * Z_PANELS[-1] + beyond,
                sei * Z_PANELS[0] - beyond,
            ],
            axis=1,
        )
        ends.sort(axis=1)
        points, weights = np.polynomial.legendre.leggauss(POINTS)
        half = 0.5 * np.diff(ends, axis=1)[:, :, None]
        middle = 0.5 * (ends[:, :-1] + ends[:, 1:])[:, :, None]
        return (middle + half * points).reshape(sd.size, -1), (half * weights).reshape(sd.size, -1)
