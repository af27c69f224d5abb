"""The same pooling in a few lines of R, which stop if R's numbers are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.files import cell_text

if TYPE_CHECKING:
    import pandas as pd

#: All other estimators are called the same.
_R_METHOD = {"none": "EE"}
_R_TEST = {"wald": "z", "t": "t", "knapp_hartung": "knha", "knapp_hartung_floored": "adhoc"}
_R_TEST_CLUSTERED = {"wald": "z", "t": "t", "cluster_robust": "z"}
_HEAD = """\
# Pools {analysis} again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit, tolerance = 1e-6) {{  # iterative estimators: 1e-6
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, if (inherits(fit, "rma.mv")) sum(fit$sigma2) else fit$tau2)
  stopifnot(all(abs(ours - theirs) <= tolerance * pmax(1, abs(theirs))))
}}
"""


def reproduce_r(pooled: pd.DataFrame, regression: pd.DataFrame, *, analysis: str, level: float, formula: str) -> str:
    """Return an R script that repeats every pooled model of an analysis.

    Parameters
    ----------
    pooled, regression : DataFrame
        Tables pooled.csv and regression.csv of the analysis.
    analysis : str
        Its name.
    level : float
        Level of the intervals, 0 to 1.
    formula : str
        Formula of the meta-regression, such as "~ latitude"; blank for none.

    Returns
    -------
    str
        The script; where nothing was pooled it only says so.
    """
    lines = [_HEAD.format(analysis=analysis)]
    rows = pooled[pooled["verdict"] == "pooled"]
    for row in rows.to_dict("records"):
        lines.append(_check(row, [row["estimate"], row["ci_lb"], row["ci_ub"], row["tau2"]], level, ""))
    mods = f", mods = {formula}" if formula else ""
    methods = pooled.drop_duplicates("model").set_index("model")[["method_tau2", "ci_method"]].to_dict("index")
    fitted = regression[regression["term"] != ""]
    for (step, reading, model), terms in fitted.groupby(["ladder_step", "reading", "model"], sort=False):
        numbers = [*terms["estimate"], *terms["ci_lb"], *terms["ci_ub"], terms["tau2"].iloc[0]]
        lines.append(_check({"ladder_step": step, "reading": reading} | methods[model], numbers, level, mods))
    what = f"{len(rows)} pooled results agree with metafor." if len(rows) else "Nothing is pooled in this analysis."
    lines.append(f'cat("{analysis}: {what}\\n")\n')
    return "".join(lines)


def _check(row: dict, ours: list[float], level: float, mods: str) -> str:
    """Return the lines that fit one model in R and hold its numbers against ours."""
    numbers = ", ".join(cell_text(0.0 if number != number else number) for number in ours)
    chosen = f'ladder_step == "{row["ladder_step"]}" & reading == "{row["reading"]}"'
    if row.get("structure"):
        return _check_clustered(row, numbers, chosen, level)
    method = _R_METHOD.get(row["method_tau2"], row["method_tau2"])
    return (
        f"agree(c({numbers}),\n"
        f"  rma(yi, vi, data = subset(effects, {chosen}){mods},\n"
        f'      method = "{method}", test = "{_R_TEST[row["ci_method"]]}", '
        f"level = {cell_text(100 * level)}, control = control))\n"
    )


def _check_clustered(row: dict, numbers: str, chosen: str, level: float) -> str:
    """Return the lines for a model of several effects per cohort; R's search for its variances is looser: 1e-4."""
    sampling = "vi"
    if row["rho"] > 0:
        sampling = f"vcalc(vi, cluster = cohort_id, obs = result_id, data = chosen, rho = {cell_text(row['rho'])})"
    fit = (
        f"rma.mv(yi, {sampling}, random = ~ 1 | cohort_id/result_id, data = chosen,\n"
        f'  method = "{row["method_tau2"]}", test = "{_R_TEST_CLUSTERED[row["ci_method"]]}", dfs = "contain", '
        f"level = {cell_text(100 * level)})"
    )
    if row["ci_method"] == "cluster_robust":
        fit = f"robust({fit},\n  cluster = chosen$cohort_id, clubSandwich = TRUE)"
    return f"chosen <- subset(effects, {chosen})\nagree(c({numbers}), {fit}, 1e-4)\n"
