"""Harmonised rows for tests of routes: blank but for what a test fills in."""

import numpy as np
import pandas as pd

from repool.effects.route_tools import Choices
from repool.extraction.harmonise import FRONT, data_columns
from repool.extraction.specification import columns_of
from repool.schemas import schema

COLUMNS = data_columns(columns_of(schema("extraction")))
CHOICES = Choices(zero_rule="only0", zero_add=0.5, p_without_sides="two")


def rows(*cells):
    """Return a frame of harmonised rows; each argument is a dict of the filled cells of one row."""
    blank = {column.name: np.nan if column.is_number else "" for column in COLUMNS}
    front = dict.fromkeys(FRONT, "") | {
        "flip": 1.0,
        "priority": 1.0,
        "time_months": 6.0,
        "term_higher_is_better": "yes",
    }
    front |= {"comparator": "usual_care", "condition_arm1": "peer", "condition_arm2": "usual", "outcome": "abstinence"}
    table = []
    for number, filled in enumerate(cells, start=1):
        names = {"result_id": f"s-{number:02d}", "study_id": "s", "cohort_id": "s"}
        table.append(blank | front | names | filled)
    return pd.DataFrame(table)
