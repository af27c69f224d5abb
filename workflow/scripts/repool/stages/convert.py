"""The second stage as one function: from harmonised tables to the effects of studies and analyses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from repool import files
from repool.effects.convert import EFFECTS, convert
from repool.effects.route_tools import Choices
from repool.effects.select import select
from repool.extraction.harmonise import data_columns
from repool.extraction.specification import columns_of

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ["flip", "priority", "time_months"]


def harmonised_numbers(schema: Mapping[str, Any]) -> list[str]:
    """Return the columns of a harmonised table that hold numbers."""
    return _NUMBERS + [column.name for column in data_columns(columns_of(schema)) if column.is_number]


def effect_tables(harmonised: Mapping[str, pd.DataFrame], studies: pd.DataFrame, *, settings: Any) -> dict[str, str]:
    """Return the files of the second stage: effects of each study, and effects and selection of each analysis.

    Parameters
    ----------
    harmonised : mapping of str to DataFrame
        study_id -> its harmonised table.
    studies : DataFrame
        Table results/checks/studies.csv.
    settings : object
        With the attributes analyses, conversion, ladder, readings and sort_keys.

    Returns
    -------
    dict
        File -> text.
    """
    import pandas as pd

    studies = studies.set_index("study_id", drop=False)
    rows = pd.concat(harmonised.values(), ignore_index=True)
    zero_cells = settings.conversion["zero_cells"]
    effects = convert(
        rows,
        choices=Choices(zero_cells["rule"], zero_cells["add"], settings.conversion["p_without_sides"]),
        route_order=settings.conversion["route_order"],
        ladder=settings.ladder,
        clustered=(~studies["cluster"].isin(["", "no"])).to_dict(),
    )
    tables = {}
    for study_id in harmonised:
        own = effects[effects["study_id"] == study_id]
        tables[f"results/effects/{study_id}.csv"] = files.csv_text(own.to_dict("records"), columns=EFFECTS)
    for name, analysis in sorted(settings.analyses.items()):
        chosen, selection = select(
            effects,
            analysis=analysis,
            studies=studies,
            ladder=settings.ladder,
            readings=settings.readings,
            sort_keys=settings.sort_keys,
        )
        folder = f"results/analyses/{name}"
        tables[f"{folder}/effects.csv"] = files.csv_text(chosen.to_dict("records"), columns=chosen.columns)
        tables[f"{folder}/selection.csv"] = files.csv_text(selection.to_dict("records"), columns=selection.columns)
    return tables
