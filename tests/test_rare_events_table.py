"""The table of methods for rare events: settings in the row, reasons where it is blank."""

import math

import known_answers as ka
import pandas as pd
import pytest

from repool.pooling.rare_events.table import COLUMNS, rare_event_rows

KEPT = ka.kept("rare_events.json")
MH = {"id": "mh", "method": "mantel_haenszel", "measure": "OR", "add": [0.5, 0], "to": ["only0", "none"]}
MH |= {"drop00": [True, True], "correct": True}
PETO = {"id": "peto", "method": "peto", "add": [0.5, 0], "to": ["only0", "none"], "drop00": [True, True]}
GLMM = {"id": "glmm", "method": "glmm", "measure": "OR", "glmm_model": "CM.EL", "method_tau2": "ML", "nodes": 7}
GLMM |= {"add": 0.5, "to": "only0", "drop00": True}


def bcg():
    counts = KEPT["data"]["bcg"]["counts"]
    table = pd.DataFrame({"events_arm1": counts["tpos"], "events_arm2": counts["cpos"]})
    table["n_arm1"] = table["events_arm1"] + counts["tneg"]
    table["n_arm2"] = table["events_arm2"] + counts["cneg"]
    table["label"] = [f"trial {i}" for i in range(len(table))]
    table["cohort_id"] = table["label"]
    return table


def test_each_method_gives_one_row_with_its_settings_and_r_s_estimate():
    rows = rare_event_rows(bcg(), methods=[MH, PETO, GLMM], level=0.95)
    assert [row["method_id"] for row in rows] == ["mh", "peto", "glmm"]
    assert all(tuple(row) == COLUMNS for row in rows)
    # metafor's rma.mh, rma.peto and rma.glmm(model="CM.EL") of dat.bcg, tests/known/rare_events.json.
    answers = {
        (answer["kind"], answer["args"].get("measure"), answer["args"].get("model")): answer["value"]
        for answer in KEPT["answers"]
        if answer["data"] == "bcg"
    }
    expected = [
        answers["rma.mh", "OR", None]["beta"],
        answers["rma.peto", None, None]["beta"],
        answers["rma.glmm", "OR", "CM.EL"]["beta"][0],
    ]
    # The tolerance of models of counts; the closed forms are held tighter elsewhere.
    assert [row["estimate"] for row in rows] == pytest.approx(expected, rel=1e-3)
    assert rows[0]["add"] == "0.5, 0"
    assert rows[2]["glmm_model"] == "CM.EL"
    assert [row["note"] for row in rows] == ["", "", ""]


def test_a_study_without_counts_stops_the_method_and_is_named():
    table = bcg()
    table.loc[3, "events_arm2"] = math.nan
    (row,) = rare_event_rows(table, methods=[MH], level=0.95)
    assert math.isnan(row["estimate"])
    assert row["note"] == "not computed: without events and people per arm: trial 3"


def test_a_set_without_counts_says_so():
    table = bcg().drop(columns=["events_arm1"])
    (row,) = rare_event_rows(table, methods=[PETO], level=0.95)
    assert "no events and people per arm in this set" in row["note"]
    rates = MH | {"measure": "IRR"}
    (row,) = rare_event_rows(bcg(), methods=[rates], level=0.95)
    assert "person_time_arm1" in row["note"]


def test_a_cohort_in_two_rows_is_pointed_out():
    table = bcg()
    table.loc[1, "cohort_id"] = table.loc[0, "cohort_id"]
    (row,) = rare_event_rows(table, methods=[PETO], level=0.95)
    assert row["note"] == "people counted more than once, as if independent: trial 0"


def test_no_setting_has_a_default():
    with pytest.raises(ValueError, match="correct is missing"):
        rare_event_rows(bcg(), methods=[{key: MH[key] for key in MH if key != "correct"}], level=0.95)
    with pytest.raises(ValueError, match="node is unknown"):
        rare_event_rows(bcg(), methods=[GLMM | {"node": 3}], level=0.95)
    with pytest.raises(ValueError, match="must be one of"):
        rare_event_rows(bcg(), methods=[{"id": "x", "method": "inverse_variance"}], level=0.95)


def test_studies_without_events_are_counted_and_mentioned():
    table = bcg()
    table.loc[[0, 1], ["events_arm1", "events_arm2"]] = 0.0
    kept = MH | {"drop00": [False, False], "measure": "RD"}
    (row,) = rare_event_rows(table, methods=[kept], level=0.95)
    assert (row["k"], row["k_informative"]) == (13, 11)
    assert "2 of 13 studies used have no event, or no non-event, at all" in row["note"]
