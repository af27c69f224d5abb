"""What PyMARE says about the between-study variance."""

from __future__ import annotations

import numpy as np

#: Estimators that PyMARE knows too.
METHODS = ("DL", "HE", "ML", "REML")


def pymare_tau2(yi: np.ndarray, vi: np.ndarray, *, method_tau2: str, design: np.ndarray) -> float:
    """Return PyMARE's between-study variance, every option named because its defaults have changed before.

    Parameters
    ----------
    yi, vi : numpy.ndarray of shape (k,)
        Effects and their sampling variances.
    method_tau2 : {"DL", "HE", "ML", "REML"}
        Estimator.
    design : numpy.ndarray of shape (k, p)
        Design matrix.

    Returns
    -------
    float
        On the squared scale of ``yi``. Its search for ML and REML stops within about 1e-5 of
        the top, and can stop on a lower peak.
    """
    from pymare.estimators import DerSimonianLaird, Hedges, VarianceBasedLikelihoodEstimator

    # Only the span of the design matters: PyMARE does best on orthonormal columns, and on effects
    # of about unit size without their unweighted fit.
    basis, _ = np.linalg.qr(design)
    rest = yi - basis @ (basis.T @ yi)
    rest = rest - basis @ (basis.T @ rest)
    unit = float(np.mean(vi))
    options = {"weight_scheme": "individual", "rho": None, "small_sample_correction": "wald"}
    if method_tau2 in ("DL", "HE"):
        engine = (DerSimonianLaird if method_tau2 == "DL" else Hedges)(**options)
    else:
        search = {"xtol": 1e-6, "ftol": 1e-12, "maxiter": 50}
        engine = VarianceBasedLikelihoodEstimator(method=method_tau2.lower(), **options, **search)
    engine.fit(y=(rest / np.sqrt(unit))[:, None], v=(vi / unit)[:, None], X=basis, g=None)
    return unit * float(np.ravel(engine.params_["tau2"])[0])
