"""Closed-form (moment) estimators of tau2 for many data sets at once, not cut off at 0."""

from __future__ import annotations

import numpy as np

from repool.pooling.models.stacks import Plain, Stack, project


def closed_form(stack: Stack, plain: Plain, *, method: str) -> np.ndarray:
    """Return the untruncated moment estimate of every set.

    Parameters
    ----------
    stack : Stack
        Data sets, more effects than coefficients in each.
    plain : Plain
        What equal weights say about them.
    method : {"DL", "HE", "HS", "HSk", "SJ"}
        Estimator.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Between-study variance; negative when effects lie closer together than chance.

    Notes
    -----
    With P = W - W X (X'WX)^-1 X'W, RSS = y'Py and df = k - p:
    DL, DerSimonian & Laird (1986), Control Clin Trials 7, 177-188: (RSS - df) / tr P, W = 1 / vi.
    HE, Hedges (1983), Psychol Bull 93, 388-395: (RSS - tr PV) / df, W = I.
    HS, Hunter & Schmidt (1990): (RSS - k) / sum w; HSk, Brannick et al. (2019), Res Synth
    Methods 10, 355-372: (k RSS / df - k) / sum w.
    SJ, Sidik & Jonkman (2005), J R Stat Soc C 54, 367-384: t RSS / df with W = 1 / (vi + t), where
    t is the variance of the effects with divisor k.
    """
    if method == "HE":
        raw = (stack.spread - plain.trace_v) / stack.df
        # One infinite variance explains any spread of the effects.
        return np.where(np.isnan(raw), -np.inf, raw)
    if method == "SJ":
        start = plain.total / stack.k
        return start * project(stack, start).rss() / stack.df
    fit = project(stack, np.zeros(1))
    rss = fit.rss()
    if method == "DL":
        return (rss - stack.df) / fit.trace_p()
    factor = stack.k / stack.df if method == "HSk" else 1.0
    return (factor * rss - stack.k) / fit.weights.sum(axis=0)
