"""The second stage as one function: from harmonised tables to the effects of studies and analyses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repool import files
from repool.effects.conservation import PARTICIPANTS, participants
from repool.effects.convert import EFFECTS, convert
from repool.effects.disagreements import DISAGREEMENTS, disagreements
from repool.effects.measures.zero_cells import ZeroCells
from repool.effects.routes.tools import Choices, Range
from repool.effects.select import choose_effects
from repool.extraction.harmonise import data_columns
from repool.extraction.risk_of_bias import COLUMNS as RATING_COLUMNS
from repool.extraction.risk_of_bias import MODERATOR, overall_levels
from repool.extraction.selection_plan import rules_of
from repool.extraction.specification import columns_of

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ["flip", "priority", "time_months"]


#: Where routes of one result lead to different effects.
DISAGREEMENTS_FILE = "results/checks/disagreements.csv"


def choices_of(conversion: Mapping[str, Any]) -> Choices:
    """Return the choices of `conversion` in config/review.yaml as the routes take them."""
    zero_cells, icc = conversion["zero_cells"], conversion["icc"]
    return Choices(
        measures=dict(sorted(conversion["measures"].items())),
        zero_cells=ZeroCells(zero_cells["rule"], zero_cells["add"], drop_double_zero=False),
        double_zeros_dropped=tuple(zero_cells["double_zeros_dropped"]),
        p_without_sides=conversion["p_without_sides"],
        p_thresholds=tuple(conversion["p_thresholds"]),
        not_significant=conversion["not_significant"],
        allocation=Range(**conversion["allocation"]),
        r_pre_post=Range(**conversion["r_pre_post"]),
        icc=None if icc == "none" else Range(**icc),
        medians=conversion["medians"],
    )


def _disagreements(effects: pd.DataFrame, limits: Mapping[str, float]) -> str:
    found = disagreements(effects, difference_in_se=limits["difference_in_se"], se_ratio=limits["se_ratio"])
    return files.csv_text(found.to_dict("records"), columns=DISAGREEMENTS)


def harmonised_numbers(schema: Mapping[str, Any]) -> list[str]:
    """Return the columns of a harmonised table that hold numbers."""
    return _NUMBERS + [column.name for column in data_columns(columns_of(schema)) if column.is_number]


def effect_tables(
    harmonised: Mapping[str, pd.DataFrame],
    studies: pd.DataFrame,
    *,
    ratings: Sequence[Mapping[str, str]],
    settings: Any,
) -> dict[str, str]:
    """Return the files of the second stage: effects of each study, and effects and selection of each analysis.

    Parameters
    ----------
    harmonised : mapping of str to DataFrame
        study_id -> its harmonised table.
    studies : DataFrame
        Table results/checks/studies.csv.
    ratings : sequence of mapping
        Rows of results/checks/risk_of_bias.csv.
    settings : object
        With the attributes analyses, conversion, ladder, readings and selection; carried, columns of `studies`,
        or "risk_of_bias", that enter effects.csv; and other_measures, measure -> measures in which its analyses are
        read as well.

    Returns
    -------
    dict
        File -> text.
    """
    import pandas as pd

    levels = overall_levels(ratings)
    studies = studies.assign(**{MODERATOR: [levels.get(study_id, "") for study_id in studies["study_id"]]})
    studies = studies.set_index("study_id", drop=False)
    rows = pd.concat(harmonised.values(), ignore_index=True)
    effects = convert(
        rows,
        choices=choices_of(settings.conversion),
        route_order=settings.conversion["route_order"],
        ladder=settings.ladder,
        clustered=(~studies["cluster"].isin(["", "no"])).to_dict(),
    )
    tables = {DISAGREEMENTS_FILE: _disagreements(effects, settings.conversion["disagreement"])}
    for study_id in harmonised:
        own = effects[effects["study_id"] == study_id]
        tables[f"results/effects/{study_id}.csv"] = files.csv_text(own.to_dict("records"), columns=EFFECTS)
    for name, analysis in sorted(settings.analyses.items()):
        rules = rules_of(settings.selection, analysis)
        chosen, selection = choose_effects(
            effects,
            analysis=analysis,
            studies=studies,
            ladder=settings.ladder,
            readings=settings.readings,
            rules=rules,
            carried=settings.carried,
        )
        others = [
            choose_effects(
                effects, analysis=analysis | {"measure": measure}, studies=studies, ladder=settings.ladder,
                readings=["preferred"], rules=rules, carried=settings.carried,
            )[0]
            for measure in settings.other_measures.get(analysis["measure"], [])
        ]  # fmt: skip
        folder = f"results/analyses/{name}"
        tables[f"{folder}/effects.csv"] = files.csv_text(chosen.to_dict("records"), columns=chosen.columns)
        own_ratings = [row for row in ratings if row["study_id"] in set(chosen["study_id"])]
        tables[f"{folder}/risk_of_bias.csv"] = files.csv_text(own_ratings, columns=RATING_COLUMNS)
        other_rows = [row for other in others for row in other.to_dict("records")]
        tables[f"{folder}/other_measures.csv"] = files.csv_text(other_rows, columns=chosen.columns)
        tables[f"{folder}/selection.csv"] = files.csv_text(selection.to_dict("records"), columns=selection.columns)
        of_outcome = effects[effects["outcome"] == analysis["outcome"]]
        people = participants(chosen, selection, of_outcome, all_kept=rules.overlap == "keep_all")
        tables[f"{folder}/participants.csv"] = files.csv_text(people.to_dict("records"), columns=PARTICIPANTS)
    return tables
