"""What a forest plot shows, as a table: effects with their intervals and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
        (share of 1 / (vi + tau2) within its ladder step and reading; blank where the step is not pooled).
    """
    from scipy.special import ndtri

    margin = ndtri(0.5 + level / 2) * effects["sei"]
    primary = pooled[(pooled["is_primary"] == "yes") & (pooled["verdict"] == "pooled")]
    keys = ["ladder_step", "reading"]
    tau2 = effects[keys].merge(primary[[*keys, "tau2"]], on=keys, how="left")["tau2"].to_numpy()
    weight = 1 / (effects["vi"] + tau2)
    total = weight.groupby([effects[key] for key in keys]).transform("sum")
    return effects.assign(
        ci_lb=effects["yi"] - margin,
        ci_ub=effects["yi"] + margin,
        weight_percent=100 * weight / total,
    )
