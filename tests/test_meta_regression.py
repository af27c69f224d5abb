import numpy as np
import pytest
from known_answers import CI_METHOD, METHOD_TAU2, effects_table, kept

from repool.pooling.moderators.meta_regression import REGRESSION_COLUMNS, formula_of, regress_analysis

BCG = kept("bcg.json")
TABLE = effects_table(
    BCG["yi"],
    BCG["vi"],
    ablat=BCG["ablat"],
    year=BCG["year"],
    alloc=BCG["alloc"],
    label=BCG["label"],
)
KNOWN = [pytest.param(r, id=f"{'+'.join(r['moderators'])}-{r['method']}-{r['test']}") for r in BCG["regressions"]]
REML_WALD = {"id": "reml_wald", "method_tau2": "REML", "ci_method": "wald"}


def analysed(effects, moderators, model=REML_WALD, minimum_k=2):
    rules = {"models": [model], "minimum_k": minimum_k, "level": 0.95, "permutation": None}
    return regress_analysis(effects, moderators=moderators, **rules)


@pytest.mark.parametrize("expected", KNOWN)
def test_regressions_of_bcg_are_those_of_r(expected):
    model = {
        "id": "model",
        "method_tau2": METHOD_TAU2[expected["method"]],
        "ci_method": CI_METHOD[expected["test"]],
    }
    # The rows of BCG are in the order of R's, which has no bearing on the answer.
    found = analysed(TABLE, expected["moderators"], model)
    se = np.array(expected["se"])
    # 1e-8 of a standard error: year as a moderator, uncentred, costs R a few digits.
    for name, theirs in (("estimate", "beta"), ("ci_lb", "ci_lb"), ("ci_ub", "ci_ub")):
        assert np.abs(found[name] - expected[theirs]).max() < 1e-8 * se.max()
        assert np.all(np.abs(found[name] - expected[theirs]) < 1e-8 * se)
    assert found["se"].tolist() == pytest.approx(se.tolist(), rel=1e-8)
    assert found["pval"].tolist() == pytest.approx(expected["pval"], rel=1e-6)
    first = found.iloc[0]
    assert first["tau2"] == pytest.approx(expected["tau2"], rel=1e-8)
    assert first["qe"] == pytest.approx(expected["QE"], rel=1e-9)
    assert first["qe_df"] == expected["QEdf"]
    assert first["qe_pval"] == pytest.approx(expected["QEp"], rel=1e-8)
    assert first["qm"] == pytest.approx(expected["QM"], rel=1e-8)
    assert first["qm_df"] == expected["QMdf"][0]
    assert first["qm_pval"] == pytest.approx(expected["QMp"], rel=1e-6)
    # 1e-6 percent points: a ratio of two tau2.
    assert first["r2_percent"] == pytest.approx(expected["R2"], abs=1e-6)
    assert first["k"] == 13


def test_regression_on_latitude_and_year_as_printed():
    # Viechtbauer (2010), J Stat Softw 36(3): tau2 0.1108, R2 64.63 %, QM(df = 2) = 12.2043.
    first = analysed(TABLE, ["ablat", "year"]).iloc[0]
    assert first["tau2"] == pytest.approx(0.1108, abs=5e-5)
    assert first["r2_percent"] == pytest.approx(64.63, abs=5e-3)
    # abs=5e-4: the printed search stopped at a change of 1e-5 in tau2, which moves QM by 2e-4.
    assert first["qm"] == pytest.approx(12.2043, abs=5e-4)


def test_columns_and_terms_stand_in_the_order_of_the_contract():
    found = analysed(TABLE, ["ablat", "alloc"])
    assert tuple(found.columns) == REGRESSION_COLUMNS
    assert found["term"].tolist() == ["intercept", "ablat", "alloc: random", "alloc: systematic"]
    assert "alloc: compared with alternate" in found["note"].iloc[0]


def test_numbers_written_as_text_are_numbers():
    as_text = TABLE.assign(ablat=[str(value) for value in BCG["ablat"]])
    assert analysed(as_text, ["ablat"]).equals(analysed(TABLE, ["ablat"]))


def test_moderators_may_be_terms_of_a_formula():
    assert formula_of(["ablat", "I(year - 1948)", "risk of bias"], columns=["ablat", "risk of bias"]) == (
        "~ ablat + I(year - 1948) + `risk of bias`"
    )
    found = analysed(TABLE, ["I(ablat - 33.5)", "alloc"])
    assert found["term"].tolist() == ["intercept", "I(ablat - 33.5)", "alloc: random", "alloc: systematic"]
    # Centring moves the intercept, not the slope.
    assert found["estimate"][1] == pytest.approx(analysed(TABLE, ["ablat", "alloc"])["estimate"][1], rel=1e-10)


def test_a_formula_that_cannot_be_read_stops_the_review():
    with pytest.raises(ValueError, match="did you mean 'ablat'"):
        analysed(TABLE, ["ablatt"])


def test_a_moderator_that_repeats_another_is_left_out_and_named():
    found = analysed(TABLE.assign(south=-TABLE["ablat"]), ["ablat", "south"])
    assert found["term"].tolist() == ["intercept", "ablat"]
    assert found["note"].str.contains("left out, same information as the terms before: south").all()


def test_permutation_p_values_stand_beside_the_number_and_the_seed():
    rules = {"moderators": ["ablat"], "models": [REML_WALD], "minimum_k": 2, "level": 0.95}
    found = regress_analysis(TABLE, **rules, permutation={"number": 2000, "seed": 4})
    # metafor 3.8, permutest(rma(yi, vi, mods = ~ ablat), iter = 4000, seed = 1): 0.68675 and 0.0045.
    # Five standard errors of the difference of two shares: 5 sqrt(p (1 - p) (1/2000 + 1/4000)).
    assert found["permutation_pval"].tolist() == pytest.approx([0.68675, 0.0045], abs=0.064)
    assert abs(found["permutation_pval"].iloc[1] - 0.0045) < 0.0092
    assert found["permutation_qm_pval"].iloc[0] == found["permutation_pval"].iloc[1]
    assert found["permutations"].tolist() == [2000, 2000]
    assert found["permutation_seed"].tolist() == [4, 4]
    assert found["note"].str.contains("random arrangements").all()
    small = regress_analysis(TABLE.iloc[:5], **rules, permutation={"number": 2000, "seed": 4})
    # 5! = 120 orders are all tried; a seed has no meaning there.
    assert small["permutations"].tolist() == [120, 120]
    assert small["permutation_seed"].isna().all()
    assert analysed(TABLE, ["ablat"])["permutation_pval"].isna().all()


def test_the_order_of_rows_moves_no_digit():
    shuffled = TABLE.sample(frac=1, random_state=5)
    assert analysed(shuffled, ["ablat"]).equals(analysed(TABLE, ["ablat"]))


def test_effects_without_a_moderator_are_left_out_and_named():
    holes = TABLE.assign(ablat=["", *[str(value) for value in BCG["ablat"][1:]]])
    found = analysed(holes, ["ablat"])
    assert found["k"].tolist() == [12, 12]
    assert found["note"].str.contains("left out, no value: Aronson 1948").all()
    without = analysed(TABLE.iloc[1:], ["ablat"])
    assert found["estimate"].tolist() == without["estimate"].tolist()


@pytest.mark.parametrize(
    ("effects", "moderators", "minimum_k", "words"),
    [
        (TABLE.iloc[:2], ["ablat"], 2, "needs 3 effects with all moderators, there are 2"),
        (TABLE, ["ablat"], 20, "needs 20 effects with all moderators, there are 13"),
        (TABLE.assign(ablat=""), ["ablat"], 2, "there are 0"),
        (TABLE.assign(ablat=7.0), ["ablat"], 2, "same value in every effect"),
        (TABLE.assign(alloc="random"), ["alloc"], 2, "same value in every effect"),
    ],
)
def test_a_set_that_cannot_be_regressed_says_why(effects, moderators, minimum_k, words):
    found = analysed(effects, moderators, minimum_k=minimum_k)
    assert len(found) == 1
    assert found["term"].tolist() == [""]
    assert np.isnan(found["estimate"].iloc[0])
    assert words in found["note"].iloc[0]


def test_a_common_effect_model_has_the_adjusted_r2_of_metafor():
    model = {"id": "common", "method_tau2": "none", "ci_method": "wald"}
    found = analysed(TABLE, ["ablat"], model)
    # metafor 3.8, rma(yi, vi, mods = ~ ablat, method = "EE"): R2, QM and QE.
    assert found["r2_percent"].iloc[0] == pytest.approx(77.9765192143401, abs=1e-8)
    assert found["qm"].iloc[0] == pytest.approx(121.499918071624, rel=1e-9)
    assert found["qe"].iloc[0] == pytest.approx(30.7330900107493, rel=1e-9)
