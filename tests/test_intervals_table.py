import math

import numpy as np
import pytest
from known_answers import effects_table, kept

from repool.pooling.models.bayes_rows import SHRINKAGE_COLUMNS, shrinkage_rows
from repool.pooling.models.intervals_table import (
    COLUMNS,
    MEAN_INTERVAL_METHODS,
    PREDICTION_METHODS,
    TAU2_TABLE_METHODS,
    interval_rows,
)

BCG = kept("bcg.json")
R = kept("intervals.json")
BAYES = {
    "tau_prior": "half_normal",
    "tau_scale": 0.5,
    "mu_prior": "uniform",
    "mu_mean": math.nan,
    "mu_sd": math.nan,
    "interval_type": "central",
}


def table(effects, **changes):
    settings = {
        "method_tau2": "REML",
        "level": 0.95,
        "tau2_interval_methods": TAU2_TABLE_METHODS,
        "mean_interval_methods": MEAN_INTERVAL_METHODS,
        "prediction_methods": PREDICTION_METHODS,
        "thresholds": [0.0],
        "bayes": [BAYES],
    }
    return interval_rows(effects, **{**settings, **changes})


def one(rows, quantity, method):
    found = [row for row in rows if (row["quantity"], row["method"]) == (quantity, method)]
    assert len(found) == 1
    return found[0]


def test_every_row_has_every_column_in_order_and_says_why_a_limit_is_blank():
    for k in (1, 2, 13):
        for row in table(effects_table(BCG["yi"][:k], BCG["vi"][:k])):
            assert tuple(row) == COLUMNS
            assert row["level"] == 0.95
            if math.isnan(row["lb"]):
                assert row["note"]


def test_bcg_rows_carry_the_numbers_of_r():
    rows = table(effects_table(BCG["yi"], BCG["vi"]))
    # rel=1e-7: see the tests of the functions themselves.
    profile = one(rows, "tau2", "profile_likelihood_reml")
    assert [profile["estimate"], profile["lb"], profile["ub"]] == pytest.approx(
        R["limits"][0]["value"]["tau2"], rel=1e-7
    )
    i2 = one(rows, "i2", "profile_likelihood_reml")
    assert [i2["estimate"], i2["lb"], i2["ub"]] == pytest.approx(R["limits"][0]["value"]["i2_percent"], rel=1e-7)
    hc = one(rows, "mean", "henmi_copas")
    assert [hc["lb"], hc["ub"]] == pytest.approx([R["hc"]["ci_lb"], R["hc"]["ci_ub"]], rel=1e-6)
    model = next(m for m in BCG["models"] if (m["method"], m["test"]) == ("REML", "knha"))
    new = one(rows, "prediction", "t_k_minus_p_knapp_hartung")
    assert [new["lb"], new["ub"]] == pytest.approx([model["pi_lb"], model["pi_ub"]], rel=1e-7)


def test_a_common_effect_model_gets_no_heterogeneity_and_no_prediction_but_the_reason():
    rows = table(effects_table(BCG["yi"], BCG["vi"]), method_tau2="none", bayes=[])
    for quantity, method in (
        ("tau2", "q_profile"),
        ("prediction", "normal"),
        ("probability_beyond", "proportion_delta"),
    ):
        row = one(rows, quantity, method)
        assert math.isnan(row["estimate"])
        assert "common-effect" in row["note"]


def test_two_effects_get_no_prediction_interval_but_the_reason():
    row = one(table(effects_table([0.1, 0.4], [0.1, 0.2]), bayes=[]), "prediction", "t_k_minus_1")
    assert math.isnan(row["lb"])
    assert "3 are needed" in row["note"]


def test_bayesian_rows_name_their_priors_and_a_posterior_that_does_not_exist():
    effects = effects_table([0.1, 0.4], [0.1, 0.2])
    rows = table(effects, bayes=[BAYES, {**BAYES, "tau_prior": "uniform", "tau_scale": math.nan}])
    good, bad = [row for row in rows if row["quantity"] == "tau" and row["method"] == "bayes_central"]
    assert (good["tau_prior"], good["tau_scale"]) == ("half_normal", 0.5)
    assert good["lb"] < good["estimate"] < good["ub"]
    assert math.isnan(bad["estimate"])
    assert "proper prior" in bad["note"]


def test_shrinkage_rows_lie_between_the_study_and_the_mean():
    effects = effects_table(BCG["yi"], BCG["vi"])
    rows = shrinkage_rows(effects, model=BAYES, level=0.95)
    assert all(tuple(row) == SHRINKAGE_COLUMNS for row in rows)
    # The mean of the posterior lies near -0.7 in every model of these trials.
    assert all(abs(row["estimate"] + 0.7) < abs(row["yi"] + 0.7) + 0.1 for row in rows)
    assert np.all([row["lb"] < row["estimate"] < row["ub"] for row in rows])


def test_unknown_methods_are_refused():
    effects = effects_table(BCG["yi"], BCG["vi"])
    with pytest.raises(ValueError, match="prediction_methods holds 'hts'"):
        table(effects, prediction_methods=["hts"])
