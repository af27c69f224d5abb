"""Check the tables of missing evidence: what runs, what does not, and that the row says why."""

import math

import numpy as np
import pytest
from known_answers import effects_table, kept

from repool.pooling.bias.table import COLUMNS, FILLED_COLUMNS, FUNNEL_COLUMNS, bias_rows, filled_rows, funnel_rows
from repool.pooling.bias.table_methods import METHODS

R = kept("missing_evidence.json")
BCG = {name: np.array(values) for name, values in R["bcg"].items()}
COUNTS = {name: BCG[name] for name in ("events_arm1", "events_arm2", "n_arm1", "n_arm2")}

#: One declaration of every method.
LINE = {"model": "weighted_regression", "ci_method": "wald"}
EVERY = [
    {"method": "egger", "predictor": "sei", **LINE},
    *({"method": name} for name in ("macaskill", "peters", "harbord", "deeks", "pustejovsky_rodgers", "p_curve")),
    {"method": "begg", "exact": True},
    {"method": "trim_and_fill", "estimator": "L0", "side": "right", "ci_method": "wald"},
    {"method": "pet", **LINE},
    {"method": "peese", **LINE},
    {"method": "pet_peese", **LINE, "alpha_one_sided": 0.05, "direction": "negative"},
    {
        "method": "selection_model",
        "weight": "stepfun",
        "steps": [0.025],
        "delta": None,
        "alternative": "less",
        "method_tau2": "ML",
    },
    {
        "method": "excess_significance",
        "alternative": "two.sided",
        "alpha": 0.05,
        "test": "chi2",
        "test_alternative": "greater",
    },
    *({"method": name, "alpha": 0.05} for name in ("rosenthal", "rosenberg")),
    {"method": "orwin", "weighted": False, "target": 0.1},
]
EVERY = [{"id": method["method"], **method} for method in EVERY]


def bcg(measure):
    """Return the BCG trials as a table of effects."""
    name = {"OR": "log_or", "RR": "log_rr"}[measure]
    total = BCG["n_arm1"] + BCG["n_arm2"]
    return effects_table(BCG[name], BCG[f"{name}_vi"], **COUNTS, n_total=total).assign(measure=measure)


def rows_of(effects, methods, **changed):
    """Return the rows of some declared methods."""
    settings = {"minimum_k": 10, "level": 0.95, "method_tau2": "none"} | changed
    wanted = [method for method in EVERY if method["id"] in methods]
    return bias_rows(effects, methods=wanted, **settings)


def test_every_method_has_a_row_with_all_columns():
    assert {method["method"] for method in EVERY} == set(METHODS)
    rows = rows_of(bcg("OR"), set(METHODS))
    assert {row["id"] for row in rows} == set(METHODS)
    assert all(set(row) == set(COLUMNS) and row["verdict"] == "" for row in rows)


def test_rows_hold_r_s_numbers():
    rows = rows_of(bcg("OR"), {"peters", "harbord", "macaskill", "deeks"})
    for row in rows:
        expected = R[row["id"]]
        if row["quantity"] == "slope on study size":
            # Closed forms.
            assert row["statistic"] == pytest.approx(expected["statistic"], rel=1e-8)
            assert row["pval"] == pytest.approx(expected["pval"], rel=1e-8)
        else:
            assert row["ci_ub"] == pytest.approx(expected["ci_ub"], rel=1e-8)


def test_filled_count_and_hidden_count_have_their_columns():
    (filled,) = rows_of(bcg("RR"), {"trim_and_fill"})
    assert (filled["k"], filled["n_hidden"], filled["k_filled"]) == (13, R["trim"]["L0"]["k0"], 17)
    assert filled["estimate"] == pytest.approx(R["trim"]["L0"]["estimate"], rel=1e-9)
    (hidden,) = rows_of(bcg("RR"), {"rosenthal"})
    assert hidden["n_hidden"] == R["fsn_Rosenthal"]["n_hidden"]


def test_too_few_effects_are_not_tested_and_the_row_says_so():
    rows = rows_of(bcg("OR").head(9), set(METHODS))
    assert len(rows) == len(METHODS)
    assert all(math.isnan(row["pval"]) and "at least 10" in row["note"] for row in rows)


def test_same_standard_errors_are_not_tested():
    effects = bcg("RR").assign(vi=0.04)
    rows = rows_of(effects, {"egger", "begg", "pet", "peese", "pet_peese"})
    assert len(rows) == 5
    assert all("standard errors are the same" in row["note"] and math.isnan(row["pval"]) for row in rows)


def test_tests_of_odds_ratios_do_not_run_on_risk_ratios():
    for row in rows_of(bcg("RR"), {"harbord", "peters", "pustejovsky_rodgers"}):
        assert "the effects are RR" in row["note"] and math.isnan(row["pval"])


def test_missing_counts_are_named():
    (row,) = rows_of(bcg("OR").assign(events_arm1=math.nan), {"harbord"})
    assert "events_arm1 is missing" in row["note"]


def test_egger_on_odds_ratios_and_on_heterogeneous_effects_is_remarked():
    row = rows_of(bcg("OR"), {"egger"})[0]
    # I2 of the BCG odds ratios is 92.6 % (from Q = 163.16 on 12 df, Viechtbauer 2010).
    assert "Harbord" in row["note"] and "I2 = 93 %" in row["note"]


def test_no_significant_result_leaves_the_p_curve_blank():
    (row,) = rows_of(bcg("RR").assign(yi=0.01), {"p_curve"})
    assert "no p-curve" in row["note"]


def test_interval_without_p_values_leaves_the_selection_model_blank():
    (row,) = rows_of(bcg("RR").assign(yi=-5.0), {"selection_model"})
    assert "no observed p-value in the interval" in row["note"]


def test_setting_that_is_missing_or_unknown_is_refused():
    for wrong in ({"method": "begg"}, {"method": "begg", "exact": True, "exactly": 1}, {"method": "begs"}):
        with pytest.raises(ValueError, match=r"begs|settings"):
            bias_rows(bcg("RR"), minimum_k=10, level=0.95, methods=[{"id": "one", **wrong}], method_tau2="REML")


def test_mixed_measures_are_refused():
    effects = bcg("RR")
    effects.loc[0, "measure"] = "OR"
    with pytest.raises(ValueError, match="several measures"):
        rows_of(effects, {"rosenthal"})


def test_funnel_has_a_point_per_effect_and_lines_around_the_centre():
    rows = funnel_rows(bcg("RR"), contour_levels=[0.05], centre="estimate", method_tau2="none", n_points=2)
    assert all(set(row) == set(FUNNEL_COLUMNS) for row in rows)
    points = [row for row in rows if row["element"] == "effect"]
    assert [row["se"] ** 2 for row in points] == pytest.approx(BCG["log_rr_vi"], rel=1e-12)
    top, bottom = (row for row in rows if row["element"] == "contour")
    # The common effect of the BCG risk ratios, and the normal quantile of .975.
    assert (top["lb"], top["ub"]) == pytest.approx([R["tes_exact"]["theta"]] * 2, rel=1e-10)
    assert bottom["ub"] - bottom["lb"] == pytest.approx(2 * 1.959963984540054 * bottom["se"], rel=1e-12)


def test_filled_rows_name_the_study_they_mirror():
    rows = filled_rows(bcg("RR"), minimum_k=10, method_tau2="none", estimator="L0", side="right")
    assert all(set(row) == set(FILLED_COLUMNS) for row in rows)
    assert [row["yi"] for row in rows] == pytest.approx(R["trim"]["L0"]["filled"], rel=1e-9)
    variances = dict(zip(bcg("RR")["study_id"], BCG["log_rr_vi"], strict=True))
    assert [row["vi"] for row in rows] == [variances[row["study_id"]] for row in rows]


def test_filled_rows_without_anything_to_fill_say_so():
    few = filled_rows(bcg("RR").head(5), minimum_k=10, method_tau2="REML", estimator="L0", side="auto")
    none = filled_rows(bcg("RR"), minimum_k=10, method_tau2="none", estimator="L0", side="left")
    assert "at least 10" in few[0]["note"] and "no effect is missing" in none[0]["note"]
