"""The fourth stage as one function: from the tables of one analysis to its forest plot; nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import CHANGE_MEASURES, MEASURE_WORDS
from repool.figures.forest import draw_forest
from repool.figures.rendering import figure_bytes

if TYPE_CHECKING:
    import pandas as pd

FOREST_NUMBERS = [
    "step_order", "yi", "vi", "sei", "time_months", "n_arm1", "n_arm2", "n_total", "events_arm1",
    "events_arm2", "ci_lb", "ci_ub", "weight_percent",
]  # fmt: skip
#: What the look of a figure needs of the key `figures`.
LOOK = ("width_cm", "font_size", "colour_square", "colour_diamond", "colour_prediction")
POOLED_NUMBERS = [
    "step_order", "k", "n_studies", "n_participants", "level", "estimate", "se", "statistic", "df", "pval",
    "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "tau", "tau2_lb", "tau2_ub", "q", "q_df", "q_pval",
    "i2_percent", "h2", "estimate_exp", "ci_lb_exp", "ci_ub_exp", "pi_lb_exp", "pi_ub_exp",
]  # fmt: skip


def forest_files(
    forest: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    labels: Mapping[str, Any],
    arms: Mapping[str, str],
    ladder: Sequence[Mapping[str, Any]],
    level: float,
    style: Mapping[str, Any],
    formats: Sequence[str],
) -> dict[str, bytes]:
    """Return the forest plot of one analysis in every format.

    Parameters
    ----------
    forest, pooled : DataFrame
        Tables forest.csv and pooled.csv of the analysis.
    labels : mapping
        "title", "measure" and "higher_is_better" of the analysis.
    arms : mapping
        What arm 1 and arm 2 are called.
    ladder : sequence of mapping
        Steps with "step" and "title".
    level : float
        Level of the intervals, 0 to 1.
    style : mapping
        The key `figures` of config/review.yaml.
    formats : sequence of str
        "svg", "pdf", "png".

    Returns
    -------
    dict
        Format -> bytes of the file.
    """
    favours = [f"Favours {arms['arm2']}", f"Favours {arms['arm1']}"]
    if labels["measure"] in CHANGE_MEASURES:
        favours = ["Worse than before", "Better than before"]
    if not labels["higher_is_better"]:
        favours.reverse()
    measure = MEASURE_WORDS[labels["measure"]]
    title = measure.title
    if not measure.has_null:
        favours = ["", ""]
    figure = draw_forest(
        forest,
        pooled,
        title=labels["title"],
        measure_label=title[:1].upper() + title[1:],
        favours_left=favours[0],
        favours_right=favours[1],
        level=level,
        style={key: style[key] for key in LOOK},
        step_titles={step["step"]: step["title"] for step in ladder},
        assumption_titles=ASSUMPTIONS,
        arm_titles=tuple(arms[arm][:1].upper() + arms[arm][1:] for arm in ("arm1", "arm2")),
    )
    return {name: figure_bytes(figure, file_format=name, dpi=style["png_dpi"]) for name in formats}
