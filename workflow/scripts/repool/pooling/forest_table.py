"""What a forest plot shows, as a table: effects with their intervals and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool.pooling.clustered_pool import clustered_weights

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def forest_table(effects: pd.DataFrame, pooled: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Return the effects of an analysis with intervals and weights in the primary model.

    Parameters
    ----------
    effects, pooled : DataFrame
        Tables effects.csv and pooled.csv of the analysis.
    level : float
        Level of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        `effects` with `ci_lb`, `ci_ub` (normal interval on the analysis scale) and `weight_percent`
        (share of 1 / (vi + tau2), or of a multilevel model's weight, within its ladder step and reading; blank where
        the step is not pooled).
    """
    import numpy as np
    from scipy.special import ndtri

    margin = ndtri(0.5 + level / 2) * effects["sei"]
    primary = pooled[(pooled["is_primary"] == "yes") & (pooled["verdict"] == "pooled")]
    weight = np.full(len(effects), np.nan)
    for row in primary.to_dict("records"):
        own = (effects["ladder_step"].eq(row["ladder_step"]) & effects["reading"].eq(row["reading"])).to_numpy()
        weight[own] = _weights(effects[own], row)
    return effects.assign(ci_lb=effects["yi"] - margin, ci_ub=effects["yi"] + margin, weight_percent=100 * weight)


def _weights(effects: pd.DataFrame, row: Mapping[str, Any]) -> np.ndarray:
    """Return the shares of effects in the mean of a pooled row."""
    if row["structure"]:
        within, between = row["tau2_within"], row["tau2"] - row["tau2_within"]
        return clustered_weights(effects, tau2_between=between, tau2_within=within, rho=row["rho"])[0]
    weight = 1 / (effects["vi"].to_numpy(float) + row["tau2"])
    return weight / weight.sum()
