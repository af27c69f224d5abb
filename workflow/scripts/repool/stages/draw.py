"""The fourth stage as one function: from the tables of one analysis to its forest plot; nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from repool import files
from repool.assumptions import ASSUMPTIONS
from repool.effects.measure_words import CHANGE_MEASURES, MEASURE_WORDS, RATIO_MEASURES
from repool.figures.forest.content import ForestNames, ForestTables
from repool.figures.forest.plot import LOOK, ForestPicture, draw_forest
from repool.figures.forest.presets import choices_of
from repool.figures.plots.canvas import Plot, PlotWords
from repool.figures.rendering import figure_bytes, pages_bytes

if TYPE_CHECKING:
    import pandas as pd

#: Columns of forest.csv and effects.csv that hold numbers.
FOREST_NUMBERS = [
    "step_order", "yi", "vi", "sei", "flip", "time_months", "n_arm1", "n_arm2", "n_total", "events_arm1",
    "events_arm2", "mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2", "ci_lb", "ci_ub", "weight_percent",
]  # fmt: skip
POOLED_NUMBERS = [
    "step_order", "k", "n_studies", "n_participants", "level", "estimate", "se", "statistic", "df", "pval",
    "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "tau", "tau2_lb", "tau2_ub", "q", "q_df", "q_pval",
    "i2_percent", "h2", "estimate_exp", "ci_lb_exp", "ci_ub_exp", "pi_lb_exp", "pi_ub_exp",
]  # fmt: skip
#: Columns of subgroups.csv and risk_of_bias.csv that hold numbers.
SUBGROUP_NUMBERS = [
    "k", "n_studies", "estimate", "se", "ci_lb", "ci_ub", "statistic", "df1", "df", "pval", "tau2", "q", "q_df",
    "q_pval", "i2_from_q_percent", "level", "minimum_k",
]  # fmt: skip
NUMBERS = {
    "forest": FOREST_NUMBERS,
    "pooled": POOLED_NUMBERS,
    "effects": FOREST_NUMBERS,
    "subgroups": SUBGROUP_NUMBERS,
    "risk_of_bias": ["domain_order", "weight"],
}


def read_tables(folder: str, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return tables of one analysis by name, with the numbers of `NUMBERS` as numbers."""
    return {name: files.read_frame(f"{folder}/{name}.csv", numbers=NUMBERS[name]) for name in names}


def forest_files(
    tables: Mapping[str, pd.DataFrame],
    *,
    labels: Mapping[str, Any],
    arms: Mapping[str, str],
    ladder: Sequence[Mapping[str, Any]],
    level: float,
    style: Mapping[str, Any],
    choices: Mapping[str, Any],
    formats: Sequence[str],
) -> dict[str, bytes]:
    """Return the forest plot of one analysis in every format.

    Parameters
    ----------
    tables : mapping
        Name of a table -> its rows, from `read_tables`: forest, pooled and effects; subgroups and risk_of_bias where
        the choices need them.
    labels : mapping
        "title", "measure" and "higher_is_better" of the analysis.
    arms : mapping
        What arm 1 and arm 2 are called.
    ladder : sequence of mapping
        Steps with "step" and "title".
    level : float
        Level of the intervals, 0 to 1.
    style, choices : mapping
        The key `figures` of config/review.yaml: its look, and its choices for forest plots.
    formats : sequence of str
        Of `repool.figures.rendering.FILE_FORMATS`.

    Returns
    -------
    dict
        Format -> bytes of the file. SVG and PNG are one picture; PDF and TIFF have the pages that the review asks for.
    """
    words = plot_words(labels, arms, level=level)
    picture = forest_picture(tables, words=words, arms=arms, ladder=ladder, style=style, choices=choices)
    return {name: picture_bytes(picture, file_format=name, dpi=style["png_dpi"]) for name in formats}


def forest_picture(
    tables: Mapping[str, pd.DataFrame],
    *,
    words: PlotWords,
    arms: Mapping[str, str],
    ladder: Sequence[Mapping[str, Any]],
    style: Mapping[str, Any],
    choices: Mapping[str, Any],
    preset: str | None = None,
) -> ForestPicture:
    """Return the forest plot of one analysis, drawn.

    Parameters
    ----------
    tables, arms, ladder, style, choices
        As in `forest_files`.
    words : PlotWords
        From `plot_words`.
    preset : str or None
        The look, where it is not the one of the choices.
    """
    chosen = choices_of(choices)
    return draw_forest(
        ForestTables(
            forest=tables["forest"],
            pooled=tables["pooled"],
            studies=tables["effects"],
            subgroups=tables.get("subgroups"),
            risk_of_bias=tables.get("risk_of_bias"),
        ),
        words=words,
        names=ForestNames(
            steps=step_titles(ladder),
            assumptions=ASSUMPTIONS,
            arms=tuple(arms[arm][:1].upper() + arms[arm][1:] for arm in ("arm1", "arm2")),
        ),
        style={key: style[key] for key in LOOK},
        choices=replace(chosen, preset=preset) if preset else chosen,
    )


def picture_bytes(picture: ForestPicture | Plot, *, file_format: str, dpi: int) -> bytes:
    """Return a figure as a file: an SVG with its description, a PDF or TIFF with its pages."""
    if file_format in ("pdf", "tiff") and isinstance(picture, ForestPicture):
        return pages_bytes(picture.pages, file_format=file_format, dpi=dpi)
    return figure_bytes(picture.figure, file_format=file_format, dpi=dpi, description=picture.alternative)


def step_titles(ladder: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what each step of the assumption ladder is called."""
    return {step["step"]: step["title"] for step in ladder}


def plot_words(labels: Mapping[str, Any], arms: Mapping[str, str], *, level: float) -> PlotWords:
    """Return what plots say about an analysis, and which side favours which arm.

    Parameters
    ----------
    labels, arms, level
        As in `forest_files`.
    """
    favours = [f"Favours {arms['arm2']}", f"Favours {arms['arm1']}"]
    if labels["measure"] in CHANGE_MEASURES:
        favours = ["Worse than before", "Better than before"]
    if not labels["higher_is_better"]:
        favours.reverse()
    measure = MEASURE_WORDS[labels["measure"]]
    if not measure.has_null:
        favours = ["", ""]
    return PlotWords(
        title=labels["title"], measure=labels["measure"], measure_label=measure.title[:1].upper() + measure.title[1:],
        is_ratio=labels["measure"] in RATIO_MEASURES, favours_low=favours[0], favours_high=favours[1], level=level,
    )  # fmt: skip
