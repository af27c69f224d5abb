import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from known_answers import CI_METHOD, METHOD_TAU2, effects_table, kept

import repool
from repool.pooling.effect_sets import sets_of
from repool.pooling.pool import POOLED_COLUMNS, pool_analysis, pool_set

BCG = kept("bcg.json")
SMALL = kept("small_sets.json")["sets"]
MODELS = [
    {"id": "reml_kh", "method_tau2": "REML", "ci_method": "knapp_hartung_floored"},
    {"id": "dl_wald", "method_tau2": "DL", "ci_method": "wald"},
    {"id": "common", "method_tau2": "none", "ci_method": "wald"},
]
RULES = {
    "minimum_k": 2,
    "minimum_k_prediction": 3,
    "level": 0.95,
    "i2_definition": "from_tau2",
    "prediction_method": "t_k_minus_1",
    "tau2_interval": "q_profile",
    "refuse_above_i2": "none",
}
KNOWN = [
    pytest.param(s, m, id=f"{s['id']}-{m['method']}-{m['test']}")
    for s in [{"id": "bcg", **BCG}, *SMALL]
    for m in s["models"]
]


def pooled(effects, **changes):
    return pool_analysis(effects, **{"models": MODELS, "primary_model": "reml_kh", **RULES, **changes})


def one(effects, model=MODELS[1], **changes):
    return pool_set(effects, model=model, **{**RULES, **changes})


@pytest.mark.parametrize(("data", "expected"), KNOWN)
def test_a_pooled_row_holds_the_numbers_of_r(data, expected):
    model = {
        "id": "model",
        "method_tau2": METHOD_TAU2[expected["method"]],
        "ci_method": CI_METHOD[expected["test"]],
    }
    method = "normal" if expected["test"] == "z" else "t_k_minus_1"
    row = one(effects_table(data["yi"], data["vi"], measure="MD"), model, prediction_method=method)
    unit = float(expected["se"])
    # 1e-9 of a standard error, as in the tests of each part.
    for name, theirs in (("estimate", "beta"), ("ci_lb", "ci_lb"), ("ci_ub", "ci_ub")):
        assert row[name] == pytest.approx(expected[theirs], rel=1e-12, abs=1e-9 * unit)
    assert row["tau2"] == pytest.approx(expected["tau2"], rel=1e-9, abs=1e-12 * np.var(data["yi"]))
    assert row["i2_percent"] == pytest.approx(expected["I2"], abs=1e-6)
    assert row["q"] == pytest.approx(expected["QE"], rel=1e-9, abs=1e-15)
    assert row["second_engine"] == "statsmodels"
    if "pi_lb" in expected and row["k"] > 2:
        assert row["pi_lb"] == pytest.approx(expected["pi_lb"], rel=1e-12, abs=1e-8 * unit)
        assert row["pi_ub"] == pytest.approx(expected["pi_ub"], rel=1e-12, abs=1e-8 * unit)


def test_two_effects_on_attendance_give_the_odds_ratio_worked_out_elsewhere():
    # R 4.2.2, metafor 3.8-1, rma(yi, sei = sei, method = "DL"): OR 1.97 (0.79 to 4.88), tau2 .313.
    se = np.array([0.1636, 0.5153])
    row = one(effects_table([0.3221, 1.2809], se**2))
    # rel=1e-12: closed form.
    assert row["estimate_exp"] == pytest.approx(1.967936309246579, rel=1e-12)
    assert row["ci_lb_exp"] == pytest.approx(0.794235554493831, rel=1e-12)
    assert row["ci_ub_exp"] == pytest.approx(4.876101674545633, rel=1e-12)
    assert row["tau2"] == pytest.approx(0.313499195, rel=1e-9)


def test_columns_and_rows_stand_in_the_order_of_the_contract():
    sets = [
        effects_table([0.1, 0.3], [0.1, 0.1], ladder_step=step, step_order=order, reading=reading)
        for step, order, reading in [
            ("late", 10, "cautious"),
            ("late", 10, "preferred"),
            ("early", 2, "cautious"),
            ("early", 2, "preferred"),
        ]
    ]
    found = pooled(pd.concat(sets))
    assert tuple(found.columns) == POOLED_COLUMNS
    keys = found[["ladder_step", "reading", "model"]].to_numpy().tolist()
    ids = [model["id"] for model in MODELS]
    assert keys == [
        [step, reading, model] for step in ("early", "late") for reading in ("preferred", "cautious") for model in ids
    ]
    assert found["is_primary"].tolist() == ["yes", "no", "no"] * 4


def test_the_order_of_rows_moves_no_digit():
    effects = effects_table(BCG["yi"], BCG["vi"])
    shuffled = effects.sample(frac=1, random_state=3)
    assert pooled(shuffled).equals(pooled(effects))


@pytest.mark.parametrize(
    ("k", "minimum_k", "reason"),
    [
        (0, 2, "no effect"),
        (1, 2, "1 effect; the review asks for at least 2 before it pools"),
        (1, 1, "1 effect; there is nothing to pool it with"),
        (3, 4, "3 effects; the review asks for at least 4 before it pools"),
    ],
)
def test_too_few_effects_are_not_pooled_and_the_reason_stands_there(k, minimum_k, reason):
    effects = effects_table([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], assumptions="a;b").iloc[:k]
    row = one(effects, minimum_k=minimum_k)
    assert row["verdict"] == "not_pooled"
    assert row["reason"] == reason
    assert (row["k"], row["n_studies"], row["n_participants"]) == (k, k, 100.0 * k)
    assert row["assumptions"] == ("a;b" if k else "")
    assert math.isnan(row["estimate"])
    assert "nothing was pooled" in row["note"]


def test_an_expected_set_without_effects_gets_its_rows():
    effects = effects_table([0.1, 0.3], [0.1, 0.1], ladder_step="second", step_order=2)
    found = pooled(effects, expected_sets=[("invented", "first", 1, "preferred")])
    assert found["ladder_step"].tolist() == ["first"] * 3 + ["second"] * 3
    assert found["reason"].tolist() == ["no effect"] * 3 + [""] * 3
    nothing = pooled(effects.iloc[:0], expected_sets=[("invented", "first", 1, "preferred")])
    assert nothing["verdict"].tolist() == ["not_pooled"] * 3
    assert len(pooled(effects.iloc[:0])) == 0


def test_counts_and_assumptions_are_those_of_the_set():
    effects = effects_table(
        [0.1, 0.3, 0.2],
        [0.1, 0.1, 0.1],
        study_id=["a", "a", "b"],
        assumptions=["p_two_sided;equal_arms", "", "equal_arms"],
        n_total=[50.0, 61.0, 102.0],
    )
    row = one(effects)
    assert (row["k"], row["n_studies"], row["n_participants"]) == (3, 2, 213)
    assert row["assumptions"] == "equal_arms;p_two_sided"


def test_an_unknown_number_of_participants_is_blank_and_named():
    row = one(effects_table([0.1, 0.3], [0.1, 0.1], n_total=[50.0, np.nan]))
    assert math.isnan(row["n_participants"])
    assert "n_participants: not known for study0001" in row["note"]


@pytest.mark.parametrize("measure", ["OR", "RR", "HR", "IRR", "ROM", "PETO"])
def test_ratios_are_transformed_back(measure):
    row = one(effects_table([0.1, 0.3, 0.4], [0.1, 0.1, 0.2], measure=measure))
    for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        assert row[f"{name}_exp"] == math.exp(row[name])


def test_differences_are_not_transformed_back_and_the_note_says_so():
    row = one(effects_table([0.1, 0.3, 0.4], [0.1, 0.1, 0.2], measure="SMD"))
    assert math.isnan(row["estimate_exp"])
    assert "SMD is not a ratio" in row["note"]


def test_a_common_effect_model_claims_no_tau2_and_no_prediction():
    row = one(effects_table(BCG["yi"], BCG["vi"]), MODELS[2])
    assert row["tau2"] == 0.0
    assert row["at_boundary"] == "no"
    assert row["i2_definition"] == "from_q"
    assert row["prediction_method"] == "none"
    assert all(math.isnan(row[name]) for name in ("tau2_lb", "tau2_ub", "pi_lb", "pi_ub"))
    assert "tau2: 0 by assumption" in row["note"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["id"])
@pytest.mark.parametrize("measure", ["OR", "MD"])
@pytest.mark.parametrize("k", [0, 1, 2, 3, 13])
def test_every_blank_number_is_explained(model, measure, k):
    row = one(effects_table(BCG["yi"], BCG["vi"], measure=measure).iloc[:k], model)
    blank = [name for name, value in row.items() if isinstance(value, float) and math.isnan(value)]
    note = row["note"]
    if "numbers: nothing was pooled" in note:
        return
    for name in blank:
        assert name in note or (name.endswith("_exp") and ("_exp:" in note or name[:-4] in note))


def test_at_boundary_and_iterations_tell_how_the_search_ended():
    row = one(effects_table([0.2, 0.21, 0.19], [0.1, 0.2, 0.3]), MODELS[0])
    assert (row["at_boundary"], row["converged"], row["iterations"]) == ("yes", "yes", 0)
    row = one(effects_table(BCG["yi"], BCG["vi"]), MODELS[0])
    assert (row["at_boundary"], row["converged"]) == ("no", "yes")
    assert row["iterations"] > 0


def test_different_measures_in_one_set_are_refused():
    effects = effects_table([0.1, 0.3], [0.1, 0.1], measure=["OR", "RR"])
    with pytest.raises(ValueError, match="different measures cannot be pooled: OR, RR"):
        one(effects)


def test_effects_of_one_cohort_are_not_pooled_as_if_they_were_of_different_people():
    effects = effects_table([0.1, 0.3, 0.2], [0.1, 0.1, 0.1], cohort_id=["x", "y", "x"])
    row = one(effects)
    assert row["verdict"] == "not_pooled" and "only a model with a structure" in row["reason"]
    assert math.isnan(row["estimate"])


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [(np.nan, 0.1, "yi of study0001"), (0.1, 0.0, "vi of study0001"), (0.1, np.inf, "vi of study")],
)
def test_an_effect_that_cannot_be_used_is_named(yi, vi, words):
    with pytest.raises(ValueError, match=words):
        one(effects_table([0.1, yi], [0.1, vi]))


def test_a_primary_model_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="primary_model"):
        pooled(effects_table([0.1, 0.3], [0.1, 0.1]), primary_model="reml")


def test_a_limit_beyond_the_largest_number_is_infinite_not_an_error():
    model = {"id": "m", "method_tau2": "REML", "ci_method": "knapp_hartung"}
    row = one(effects_table([0.0, 200.0], [1.0, 1.0]), model)
    # On paper: 100 + 12.7 * 100 is beyond log of the largest double, 709.8.
    assert row["ci_ub_exp"] == math.inf
    assert row["ci_lb_exp"] == 0.0


def test_sets_know_their_number_even_as_decimals_or_beyond_nine():
    effects = pd.concat([effects_table([0.1], [0.1], ladder_step=f"s{n}", step_order=float(n)) for n in (10, 9, 1)])
    assert [key[2] for key, _ in sets_of(effects)] == [1, 9, 10]


def test_a_set_that_is_not_pooled_loads_no_engine():
    """The engines take seconds to start; an analysis with one effect must not pay for them."""
    scripts = Path(repool.__file__).resolve().parents[1]
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from known_answers import effects_table\n"
        "from repool.pooling.pool import pool_analysis\n"
        "model = {'id': 'm', 'method_tau2': 'REML', 'ci_method': 'wald'}\n"
        "table = pool_analysis(effects_table([0.1], [0.1]), models=[model], minimum_k=2,\n"
        "    minimum_k_prediction=3, level=0.95, i2_definition='from_q',\n"
        "    prediction_method='normal', tau2_interval='q_profile', refuse_above_i2='none', primary_model='m')\n"
        "assert table['verdict'].tolist() == ['not_pooled']\n"
        "print(sorted({'pymare', 'statsmodels', 'scipy', 'matplotlib'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code, str(scripts), str(Path(__file__).resolve().parent)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_effects_that_differ_too_much_are_not_pooled_where_the_review_says_so():
    effects = effects_table(BCG["yi"], BCG["vi"])
    # confint(rma(yi, vi)) of metafor 3.8-1: I2 = 92.22 %.
    refused = one(effects, MODELS[0], refuse_above_i2=92.0)
    assert refused["verdict"] == "not_pooled" and "I2 is 92.2 %" in refused["reason"]
    assert math.isnan(refused["estimate"]) and math.isnan(refused["tau2"]) and refused["k"] == 13
    assert one(effects, MODELS[0], refuse_above_i2=92.3)["verdict"] == "pooled"
