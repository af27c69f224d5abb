"""The same pooling in a few lines of R, which stop if R's numbers are others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repool.files import cell_text

if TYPE_CHECKING:
    import pandas as pd

_R_METHOD = {"none": "EE", "DL": "DL", "ML": "ML", "REML": "REML"}
_R_TEST = {"wald": "z", "knapp_hartung": "knha", "knapp_hartung_floored": "adhoc"}
_HEAD = """\
# Pools {analysis} again with metafor and stops if a number differs. Run it in this folder: Rscript reproduce.R
suppressPackageStartupMessages(library(metafor))
effects <- read.csv("effects.csv")
control <- list(threshold = 1e-12, maxiter = 10000)  # metafor's default stops at 1e-5 on tau2
agree <- function(ours, fit) {{
  theirs <- c(fit$beta, fit$ci.lb, fit$ci.ub, fit$tau2)
  stopifnot(all(abs(ours - theirs) <= 1e-6 * pmax(1, abs(theirs))))  # iterative estimators: 1e-6
}}
"""


def reproduce_r(
    pooled: pd.DataFrame, regression: pd.DataFrame, *, analysis: str, level: float, moderators: Sequence[str]
) -> str:
    """Return an R script that repeats every pooled model of an analysis.

    Parameters
    ----------
    pooled, regression : DataFrame
        Tables pooled.csv and regression.csv of the analysis.
    analysis : str
        Its name.
    level : float
        Level of the intervals, 0 to 1.
    moderators : sequence of str
        Moderators of the meta-regression; empty for none.

    Returns
    -------
    str
        The script; where nothing was pooled it only says so.
    """
    lines = [_HEAD.format(analysis=analysis)]
    rows = pooled[pooled["verdict"] == "pooled"]
    for row in rows.to_dict("records"):
        lines.append(_check(row, [row["estimate"], row["ci_lb"], row["ci_ub"], row["tau2"]], level, ""))
    mods = f", mods = ~ {' + '.join(moderators)}" if moderators else ""
    methods = pooled.drop_duplicates("model").set_index("model")[["method_tau2", "ci_method"]].to_dict("index")
    fitted = regression[regression["term"] != ""]
    for (step, reading, model), terms in fitted.groupby(["ladder_step", "reading", "model"], sort=False):
        numbers = [*terms["estimate"], *terms["ci_lb"], *terms["ci_ub"], terms["tau2"].iloc[0]]
        lines.append(_check({"ladder_step": step, "reading": reading} | methods[model], numbers, level, mods))
    what = f"{len(rows)} pooled results agree with metafor." if len(rows) else "Nothing is pooled in this analysis."
    lines.append(f'cat("{analysis}: {what}\\n")\n')
    return "".join(lines)


def _check(row: dict, ours: list[float], level: float, mods: str) -> str:
    numbers = ", ".join(cell_text(0.0 if number != number else number) for number in ours)
    chosen = f'ladder_step == "{row["ladder_step"]}" & reading == "{row["reading"]}"'
    return (
        f"agree(c({numbers}),\n"
        f"  rma(yi, vi, data = subset(effects, {chosen}){mods},\n"
        f'      method = "{_R_METHOD[row["method_tau2"]]}", test = "{_R_TEST[row["ci_method"]]}", '
        f"level = {cell_text(100 * level)}, control = control))\n"
    )
