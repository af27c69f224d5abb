"""The other figures of one analysis as one function: what the review asks for, drawn from tables as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool import files
from repool.figures.forest.plot import LOOK
from repool.figures.plots.albatross import draw_albatross
from repool.figures.plots.baujat import draw_baujat
from repool.figures.plots.bubble import draw_bubble
from repool.figures.plots.canvas import Plot
from repool.figures.plots.cumulative import draw_cumulative
from repool.figures.plots.drapery import draw_drapery
from repool.figures.plots.effect_direction import draw_effect_direction
from repool.figures.plots.funnel import draw_funnel
from repool.figures.plots.gosh import draw_gosh
from repool.figures.plots.harvest import draw_harvest
from repool.figures.plots.influence import draw_influence
from repool.figures.plots.kinds import FORESTS, TABLES, tables_of, tables_of_one
from repool.figures.plots.labbe import draw_labbe
from repool.figures.plots.ladder import draw_ladder
from repool.figures.plots.leave_one_out import draw_leave_one_out
from repool.figures.plots.orchard import draw_orchard
from repool.figures.plots.radial import draw_radial
from repool.figures.plots.same_result import draw_same_result
from repool.figures.plots.specification import draw_specification
from repool.figures.plots.subgroups import draw_subgroups
from repool.stages.draw import NUMBERS, forest_picture, picture_bytes, plot_words, step_titles

if TYPE_CHECKING:
    import pandas as pd

    from repool.figures.forest.plot import ForestPicture

#: Columns of figures.csv: one row per figure that the review asks for.
PLOT_COLUMNS = ("figure", "is_drawn", "tables", "alternative", "note")

#: Columns that hold words; all others of the tables hold numbers.
WORDS = frozenset(
    {"analysis", "ladder_step", "reading", "study_id", "cohort_id", "label", "result_id", "measure", "vtype", "route"}
    | {"assumptions", "added_at", "design", "comparator", "condition_arm1", "condition_arm2", "made_from", "model"}
    | {"is_primary", "verdict", "reason", "method_tau2", "ci_method", "structure", "prediction_method", "i2_definition"}
    | {"tau2_interval", "converged", "at_boundary", "second_engine", "note", "choice", "option", "side", "same_side"}
    | {"left_out", "order_column", "is_influential", "element", "centre", "part", "quantity", "every_subset"}
    | {"moderator", "row", "subgroup", "tau2_common", "also_in_model", "kind", "by", "stratum", "unit", "symbol"}
    | {"n_counts", "size_class", "risk_of_bias", "source", "is_bound", "question", "not_answered", "zero_rule"}
    | {"interval_method", "method", "bounds", "without_p"}
)


#: Figure -> what draws it.
DRAW: dict[str, Callable[..., Plot | str]] = {
    "same_result": draw_same_result,
    "specification": draw_specification,
    "ladder": draw_ladder,
    "leave_one_out": draw_leave_one_out,
    "cumulative": draw_cumulative,
    "subgroups": draw_subgroups,
    "orchard": draw_orchard,
    "funnel": draw_funnel,
    "radial": draw_radial,
    "baujat": draw_baujat,
    "influence": draw_influence,
    "gosh": draw_gosh,
    "labbe": draw_labbe,
    "drapery": draw_drapery,
    "bubble": draw_bubble,
    "effect_direction": draw_effect_direction,
    "harvest": draw_harvest,
    "albatross": draw_albatross,
}

NO_SUBGROUPS = "The analysis names no subgroups, or none of them was pooled."

#: Figures that show which side favours arm 1.
_DIRECTED = frozenset({"effect_direction", "harvest", "albatross"})

#: Figures of one set of effects: the tables hold every step and reading, and the headline's is drawn.
_OF_ONE_SET = frozenset({"orchard", "funnel", "radial", "labbe", "drapery"})


def read_tables(folder: str, names: Sequence[str], *, risk_of_bias: bool) -> dict[str, pd.DataFrame]:
    """Return the tables of one analysis that some figures need, numbers as numbers.

    Parameters
    ----------
    folder : str
        Folder of the analysis.
    names : sequence of str
        Keys of `DRAW` or of `FORESTS`.
    risk_of_bias : bool
        Whether forest plots show judgements.
    """
    found = {}
    for table in tables_of(names, risk_of_bias=risk_of_bias):
        path = f"{folder}/{table}.csv"
        header = files.read_frame(path, numbers=[]).columns
        # The effects carry columns of the review's own, which may hold words, and judgements are words.
        is_known = table in ("effects", "forest", "risk_of_bias")
        numbers = NUMBERS[table] if is_known else [name for name in header if name not in WORDS]
        found[table] = files.read_frame(path, numbers=numbers)
    return found


def plot_files(
    tables: Mapping[str, pd.DataFrame],
    *,
    names: Sequence[str],
    formats: Sequence[str],
    labels: Mapping[str, Any],
    arms: Mapping[str, str],
    ladder: Sequence[Mapping[str, Any]],
    level: float,
    style: Mapping[str, Any],
    choices: Mapping[str, Any],
) -> dict[str, bytes]:
    """Return the figures of one analysis in every format, and the table that lists them.

    Parameters
    ----------
    tables : mapping
        Name of a table -> its rows, from `read_tables`.
    names : sequence of str
        Keys of `DRAW` and of `FORESTS`, the figures that the review asks for.
    formats : sequence of str
        Of `repool.figures.rendering.FILE_FORMATS`.
    labels : mapping
        "title", "measure" and "higher_is_better" of the analysis.
    arms : mapping
        What arm 1 and arm 2 are called.
    ladder : sequence of mapping
        Steps of the assumption ladder with "step" and "title".
    level : float
        Level of the intervals.
    style : mapping
        The look of the figures: width_cm, font_size, three colours, png_dpi.
    choices : mapping
        The choices for forest plots; may be empty where no other forest plot is asked for.

    Returns
    -------
    dict
        Name of the file -> content; `figures.csv` says of each figure whether it is drawn, from which tables, and
        in words what it shows or why there is nothing to draw.
    """
    words = plot_words(labels, arms, level=level)
    review = {"words": words, "arms": arms, "ladder": ladder, "style": style, "choices": choices}
    found: dict[str, bytes] = {}
    rows = []
    for name in names:
        if name in FORESTS:
            plot = _forest(tables, name, review)
        else:
            plot = _plot(tables, name, review, higher_is_better=labels["higher_is_better"])
        used = tables_of_one(name, risk_of_bias=choices.get("risk_of_bias", False))
        row = {"figure": name, "tables": "; ".join(f"{table}.csv" for table in used)}
        if isinstance(plot, str):
            rows.append(row | {"is_drawn": "no", "alternative": "", "note": plot})
            continue
        rows.append(row | {"is_drawn": "yes", "alternative": plot.alternative, "note": plot.note})
        found |= {f"{name}.{e}": picture_bytes(plot, file_format=e, dpi=style["png_dpi"]) for e in formats}
    return found | {"figures.csv": files.csv_text(rows, columns=PLOT_COLUMNS).encode()}


def _forest(tables: Mapping[str, pd.DataFrame], name: str, review: Mapping[str, Any]) -> ForestPicture | str:
    """Return a forest plot in another look than the review's own, or why there is none."""
    picture = forest_picture(tables, preset=FORESTS[name], **review)
    return NO_SUBGROUPS if name == "forest_subgroup" and not picture.moderator else picture


def _plot(
    tables: Mapping[str, pd.DataFrame], name: str, review: Mapping[str, Any], *, higher_is_better: bool
) -> Plot | str:
    """Return one of the other figures, or why there is nothing to draw."""
    parts = _of_one_set(tables, name) if name in _OF_ONE_SET else [tables[table] for table in TABLES[name]]
    parts = _of_one_moderator(parts) if name == "bubble" else parts
    more = {"higher_is_better": higher_is_better} if name in _DIRECTED else {}
    more |= {"step_titles": step_titles(review["ladder"])} if name == "ladder" else {}
    look = {key: review["style"][key] for key in LOOK}
    return DRAW[name](*parts, words=review["words"], style=look, **more)


def _of_one_set(tables: Mapping[str, pd.DataFrame], figure: str) -> list[pd.DataFrame]:
    """Return the rows of the first step that is pooled, preferred reading; of the last step where none is."""
    pooled = tables["pooled"]
    own = pooled[pooled["is_primary"].eq("yes") & pooled["reading"].eq("preferred")]
    headline = own[own["verdict"].eq("pooled")]
    step = (headline if len(headline) else own.iloc[-1:])["ladder_step"].iloc[0]
    parts = []
    for name in TABLES[figure]:
        table = tables[name]
        if "ladder_step" in table.columns:
            table = table[table["ladder_step"].eq(step) & table["reading"].eq("preferred")]
        parts.append(table.reset_index(drop=True))
    return parts


def _of_one_moderator(parts: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the rows of the first moderator: a bubble plot shows one."""
    (table,) = parts
    return [table[table["moderator"].eq(table["moderator"].iloc[0])] if len(table) else table]
