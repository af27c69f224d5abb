"""The stage between pooling and drawing as one function: how far a pooled result can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool import files
from repool.pooling import examination, other_choices
from repool.pooling.bias.table import COLUMNS as MISSING_EVIDENCE_COLUMNS
from repool.pooling.bias.table import FUNNEL_COLUMNS
from repool.pooling.dependence.robust_table import ROBUST_COLUMNS
from repool.pooling.dependence.table import COLUMNS as DEPENDENCE_COLUMNS
from repool.pooling.examination import Case, case_of
from repool.pooling.models.intervals_table import COLUMNS as INTERVAL_COLUMNS
from repool.pooling.moderators.table import BUBBLE_COLUMNS, SUBGROUP_COLUMNS
from repool.pooling.rare_events.table import COLUMNS as RARE_EVENT_COLUMNS
from repool.pooling.sensitivity.gosh_table import GOSH_CLOUD_COLUMNS, GOSH_COLUMNS
from repool.pooling.sensitivity.leave_one_out import LEAVE_ONE_OUT_COLUMNS, leave_one_out
from repool.pooling.sensitivity.same_result import SAME_RESULT_COLUMNS, same_result_rows
from repool.pooling.sensitivity.table import CUMULATIVE_COLUMNS, INFLUENCE_COLUMNS
from repool.pooling.verdict import VERDICT_COLUMNS, verdict_rows
from repool.pooling.without_pooling.plot_tables import ALBATROSS_COLUMNS, EFFECT_DIRECTION_COLUMNS
from repool.pooling.without_pooling.table import COMBINED_P_COLUMNS, DIRECTION_COLUMNS
from repool.stages.pool import EFFECT_NUMBERS

if TYPE_CHECKING:
    import pandas as pd

#: Directions and combined p-values stand in one table, told apart by the column "kind".
WITHOUT_POOLING_COLUMNS = ("kind", *dict.fromkeys([*DIRECTION_COLUMNS, *COMBINED_P_COLUMNS]))
#: Columns of pooled.csv that hold words; all others hold numbers.
POOLED_WORDS = frozenset(
    {"analysis", "ladder_step", "reading", "model", "is_primary", "verdict", "reason", "measure", "method_tau2"}
    | {
        "ci_method",
        "structure",
        "prediction_method",
        "i2_definition",
        "tau2_interval",
        "assumptions",
        "converged",
        "at_boundary",
    }
    | {"second_engine", "note"}
)
#: Tables that the tables are read from, by the names under which the rule hands them on.
INPUTS = ("effects", "other_measures", "selection", "pooled")


def read_tables(paths: Any, *, numbers: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of one analysis that the examination reads.

    Parameters
    ----------
    paths : object
        With an attribute per name of `INPUTS`: a path, or a list with one.
    numbers : iterable of str
        Moderators that hold numbers.
    """
    found = {name: str(getattr(paths, name)) for name in INPUTS}
    columns = {"effects": [*EFFECT_NUMBERS, *numbers], "other_measures": [*EFFECT_NUMBERS, *numbers]}
    tables = {name: files.read_frame(path, numbers=columns.get(name, [])) for name, path in found.items()}
    pooled = tables["pooled"]
    words = [name for name in pooled.columns if name not in POOLED_WORDS]
    return tables | {"pooled": files.read_frame(found["pooled"], numbers=words)}


def examine_tables(
    effects: pd.DataFrame, other_measures: pd.DataFrame, selection: pd.DataFrame, pooled: pd.DataFrame, *, settings: Any
) -> dict[str, str]:
    """Return every file that the examination makes of one analysis.

    Parameters
    ----------
    effects, other_measures, selection, pooled : DataFrame
        Tables of the analysis.
    settings : object
        With the attributes pooling (settings of the analysis), examine (the key of config/review.yaml), votes (on its
        outcome), plan ("subgroups" and "higher_is_better") and risk_of_bias (study -> judgement on the whole).

    Returns
    -------
    dict
        Name of the file -> text.
    """
    pooling, examine = settings.pooling, settings.examine
    case = case_of(effects, pooled, pooling=pooling)
    left_out = _leave_one_out(effects, case, pooling=pooling)
    found = _of_the_pool(case, pooling, examine, settings.plan) if case.is_pooled else _Nothing()
    alone = examination.directions(
        case, settings.votes, examine, higher_is_better=settings.plan["higher_is_better"],
        risk_of_bias=settings.risk_of_bias,
    )  # fmt: skip
    same = []
    if case.is_pooled:
        options = other_choices.options(
            case, pooled=pooled, other_measures=other_measures, left_out=left_out, found=found,
            subsets=examine["sensitivity"]["subsets"], minimum_k=pooling["minimum_k"],
        )  # fmt: skip
        same = same_result_rows(case.headline, options)
    facts = other_choices.facts_of(case, left_out=left_out, same=same, found=found) if case.is_pooled else None
    verdict = verdict_rows(
        case.headline, facts, rules=examine["verdict"], minimum_k=pooling["minimum_k"],
        left_out=_left_out_words(selection),
    )  # fmt: skip
    tables = {
        "intervals": (found["intervals"], INTERVAL_COLUMNS),
        "rare_events": (found["rare_events"], RARE_EVENT_COLUMNS),
        "dependence": (found["dependence"], DEPENDENCE_COLUMNS),
        "robust": (found["robust"], ROBUST_COLUMNS),
        "subgroups": (found["subgroups"], SUBGROUP_COLUMNS),
        "bubble": (found["bubble"], BUBBLE_COLUMNS),
        "missing_evidence": (found["missing_evidence"], MISSING_EVIDENCE_COLUMNS),
        "funnel": (found["funnel"], FUNNEL_COLUMNS),
        "leave_one_out": (left_out, LEAVE_ONE_OUT_COLUMNS),
        "influence": (found["influence"], INFLUENCE_COLUMNS),
        "cumulative": (found["cumulative"], CUMULATIVE_COLUMNS),
        "gosh": (found["gosh"], GOSH_COLUMNS),
        "gosh_cloud": (found["gosh_cloud"], GOSH_CLOUD_COLUMNS),
        "same_result": (same, SAME_RESULT_COLUMNS),
        "without_pooling": (
            _kinds(direction=alone["directions"], combined_p=alone["combined_p"]),
            WITHOUT_POOLING_COLUMNS,
        ),
        "effect_direction": (alone["effect_direction"], EFFECT_DIRECTION_COLUMNS),
        "albatross": (alone["albatross"], ALBATROSS_COLUMNS),
        "verdict": (verdict, VERDICT_COLUMNS),
    }
    return {f"{name}.csv": files.csv_text(rows, columns=columns) for name, (rows, columns) in tables.items()}


class _Nothing(dict):
    """The tables of an analysis of which nothing is pooled: all without rows."""

    def __missing__(self, name: str) -> list:
        return []


def _of_the_pool(case: Case, pooling: Mapping[str, Any], examine: Mapping[str, Any], plan: Mapping[str, Any]) -> dict:
    """Return what is asked of a pooled result, name -> rows."""
    numbers = [name for name in pooling["moderators"] if name in pooling["numbers"]]
    tests, funnel = examination.missing(case, examine, higher_is_better=plan["higher_is_better"])
    return {
        "intervals": examination.intervals(case, examine),
        "rare_events": examination.rare(case, examine),
        "dependence": examination.dependent(case, examine),
        "robust": examination.robust(case, examine),
        "subgroups": examination.subgroups(case, examine, columns=plan["subgroups"]),
        "bubble": examination.bubbles(case, examine, columns=numbers, minimum_k=pooling["minimum_k"]),
        "missing_evidence": tests,
        "funnel": funnel,
        **examination.single_studies(case, examine),
    }


def _leave_one_out(effects: pd.DataFrame, case: Case, *, pooling: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results without one study, at every step and reading."""
    shared = {name: pooling[name] for name in ("minimum_k", "minimum_k_leave_one_out", "level")}
    if case.model.get("structure"):
        return other_choices.without_one_cohort(case, **shared)
    if effects.duplicated(["ladder_step", "reading", "cohort_id"]).any():
        return []
    table = leave_one_out(effects, model=case.model, i2_definition=pooling["i2_definition"], unit="effect", **shared)
    return table.to_dict("records")


def _kinds(**tables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of several tables as one, each with its kind, blank where it lacks a column."""
    blank = dict.fromkeys(WITHOUT_POOLING_COLUMNS, "")
    return [blank | {"kind": kind} | dict(row) for kind, rows in tables.items() for row in rows]


def _left_out_words(selection: pd.DataFrame) -> list[str]:
    """Return in words which results of the outcome stayed out, grouped by reason."""
    dropped = selection[selection["fate"].eq("dropped")]
    return [
        f"{reason}: {', '.join(sorted(set(rows['study_id'])))}" for reason, rows in dropped.groupby("reason", sort=True)
    ]
