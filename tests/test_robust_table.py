"""Checks that the table of robust means carries R's numbers, its settings, and its warnings."""

import math

import numpy as np
import pandas as pd
import pytest
from known_answers import kept

from repool.pooling.dependence.robust_table import ROBUST_COLUMNS, WORKING_MODELS, robust_rows

KNOWN = kept("robust.json")
EFFECTS = pd.DataFrame({"yi": KNOWN["yi"], "vi": KNOWN["vi"], "cohort_id": [f"t{n}" for n in KNOWN["trial"]]})
SETTINGS = {
    **{"cluster": "cohort_id", "working_models": WORKING_MODELS, "method_tau2": "DL", "rhos": [0.6]},
    **{"kind": "CR2", "df_method": "satterthwaite", "ci_method": "knapp_hartung", "level": 0.95},
}


def test_rows_are_those_of_r_for_five_trials():
    rows = {row["working_model"]: row for row in robust_rows(EFFECTS, **SETTINGS)}
    for name, expected in R_MEANS.items():
        for column, value in expected.items():
            # Closed forms at a DerSimonian-Laird tau2.
            assert rows[name][column] == pytest.approx(value, rel=1e-8), (name, column)
    assert all(set(row) == set(ROBUST_COLUMNS) for row in rows.values())


def test_few_degrees_of_freedom_are_marked():
    row = robust_rows(EFFECTS, **SETTINGS | {"working_models": ["independent"]})[0]
    assert row["df"] < 4
    assert row["is_trusted"] == "no"
    assert "not to be trusted" in row["note"]


def test_each_assumed_correlation_gets_its_row():
    rows = robust_rows(EFFECTS, **SETTINGS | {"rhos": [0.2, 0.8]})
    assert [(row["working_model"], row["rho"]) for row in rows if row["rho"] == row["rho"]] == [
        *[("correlated", 0.2), ("correlated", 0.8), ("aggregated", 0.2), ("aggregated", 0.8)]
    ]


def test_one_cluster_is_not_run_and_says_why():
    rows = robust_rows(EFFECTS.assign(cohort_id="t1"), **SETTINGS)
    assert all(math.isnan(row["estimate"]) and "not run: 1 cluster" in row["note"] for row in rows)


def test_no_dependence_is_said_to_be_none():
    rows = robust_rows(EFFECTS.assign(cohort_id=np.arange(10)), **SETTINGS)
    assert all("no cluster holds two effects" in row["note"] for row in rows)


@pytest.mark.parametrize("wrong", [{"working_models": ["some"]}, {"kind": "CR9"}, {"cluster": "team"}])
def test_unknown_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="must be|no column"):
        robust_rows(EFFECTS, **SETTINGS | wrong)


#: R 4.2.2 (metafor 3.8-1, clubSandwich 0.5-8, robumeta 2.0) on dat.berkey1998: coef_test(rma(yi, vi, method = "DL"),
#: vcov = "CR2", cluster = trial); robu(yi ~ 1, modelweights, rho = 0.6, small = TRUE); rma(aggregate(struct = "CS",
#: rho = 0.6), method = "DL", test = "knha").
R_MEANS = {
    "independent": {
        "estimate": 0.01553070414222,
        "se": 0.062966784924929,
        "df": 3.992479449731,
        "pval": 0.81734258242597,
        "tau2": 0.17647629261669,
    },
    "correlated": {
        "estimate": 0.013369755246774,
        "se": 0.061149277611649,
        "df": 3.9910255249845,
        "pval": 0.83765481457856,
        "ci_lb": -0.15655852689667,
        "ci_ub": 0.18329803739022,
        "tau2": 0.16252541900461,
    },
    "hierarchical": {
        "estimate": 0.015483228003841,
        "se": 0.062122946072653,
        "df": 3.9961003705711,
        "pval": 0.81546522010626,
        "ci_lb": -0.15706412271506,
        "ci_ub": 0.18803057872274,
        "tau2": 0,
    },
    "aggregated": {
        "estimate": -0.083481309801014,
        "se": 0.19079674722416,
        "df": 4,
        "pval": 0.68430701621523,
        "ci_lb": -0.61321800471919,
        "ci_ub": 0.44625538511716,
        "tau2": 0.16704879382658,
    },
}
