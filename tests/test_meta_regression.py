import math

import numpy as np
import pytest
from known_answers import CI_METHOD, ELSEWHERE, METHOD_TAU2, effects_table, elsewhere, kept, number

from repool.pooling.models.estimators import tau2
from repool.pooling.moderators.meta_regression import REGRESSION_COLUMNS, design_matrix, regress, regress_analysis

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
    return regress_analysis(effects, moderators=moderators, models=[model], minimum_k=minimum_k, level=0.95)


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
    design, terms, references = design_matrix(as_text, moderators=["ablat"])
    assert terms == ["intercept", "ablat"]
    assert design[:, 1].tolist() == BCG["ablat"]
    assert references == []


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
        (TABLE.assign(south=-TABLE["ablat"]), ["ablat", "south"], 2, "same information"),
    ],
)
def test_a_set_that_cannot_be_regressed_says_why(effects, moderators, minimum_k, words):
    found = analysed(effects, moderators, minimum_k=minimum_k)
    assert len(found) == 1
    assert found["term"].tolist() == [""]
    assert np.isnan(found["estimate"].iloc[0])
    assert words in found["note"].iloc[0]


def test_a_common_effect_model_has_no_r2_and_says_so():
    model = {"id": "common", "method_tau2": "none", "ci_method": "wald"}
    found = analysed(TABLE, ["ablat"], model)
    assert found["r2_percent"].isna().all()
    assert found["note"].str.contains("r2_percent").all()
    # metafor 3.8, rma(yi, vi, mods = ~ ablat, method = "EE"): QM and QE.
    assert found["qm"].iloc[0] == pytest.approx(121.499918071624, rel=1e-9)
    assert found["qe"].iloc[0] == pytest.approx(30.7330900107493, rel=1e-9)


def test_nothing_to_explain_gives_an_r2_of_zero_as_in_metafor():
    design = np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 5.0]])
    found = regress(
        [0.2, 0.21, 0.19, 0.2],
        [0.1, 0.2, 0.3, 0.1],
        design=design,
        method_tau2="REML",
        ci_method="wald",
        level=0.95,
    )
    assert found.tau2 == 0.0
    assert found.r2_percent == 0.0


@pytest.mark.slow
def test_every_known_regression_with_an_intercept():
    seen, wrong = 0, []
    allowed = {"mods", "method", "test", "control"}
    designs = {}
    for case, yi, vi, contents in elsewhere("rma.reg", methods=METHOD_TAU2, allowed_args=allowed):
        args, value = case["args"], case["value"]
        designs |= _designs(contents)
        name = (contents["dataset"], case["effect"], args["mods"])
        if args["test"] not in CI_METHOD or name not in designs:
            continue
        rows, design = designs[name]
        effect = contents["effects"][case["effect"]]
        yi = np.array([float(effect["yi"][i]) for i in rows])
        vi = np.array([float(effect["vi"][i]) for i in rows])
        seen += 1
        if not _right(yi, vi, design, args, value):
            wrong.append(case["id"])
    assert not wrong
    assert seen > 200 or not ELSEWHERE.is_dir()


def _designs(contents):
    """R's design matrices with an intercept and at least one moderator, by data set and model."""
    found = {}
    for case in contents["cases"]:
        value = case.get("value")
        if case["kind"] != "rma.reg" or not isinstance(value, dict) or "X" not in value:
            continue
        design = np.array(value["X"], dtype=float)
        if np.all(design[:, 0] == 1) and design.shape[1] > 1:
            rows = [row - 1 for row in value["rows_used"]]
            name = (contents["dataset"], case["effect"], case["args"]["mods"])
            found[name] = (rows, design)
    return found


def _right(yi, vi, design, args, value):
    """Whether coefficients, tests and R2 are R's."""
    method = METHOD_TAU2[args["method"]]
    found = regress(yi, vi, design=design, method_tau2=method, ci_method=CI_METHOD[args["test"]], level=0.95)
    se = np.array([number(x) for x in value["se"]])
    ours = found.coefficients
    pairs = [(ours.estimate, "beta"), (ours.se, "se"), (ours.ci_lb, "ci_lb"), (ours.ci_ub, "ci_ub")]
    # 1e-7 of a standard error: uncentred moderators cost R digits.
    near = all(np.all(np.abs(a - np.array([number(x) for x in value[b]])) <= 1e-7 * se) for a, b in pairs)
    joint = found.qm == pytest.approx(value["QM"], rel=1e-7, abs=1e-9)
    joint = joint and found.qm_pval == pytest.approx(value["QMp"], rel=1e-6, abs=1e-300)
    # Where tau2 without moderators is 0, R divides two roundings of 0 by each other.
    if method == "none" or tau2(yi, vi, method=method).tau2 == 0.0:
        return near and joint and (method != "none" or math.isnan(found.r2_percent))
    # 1e-4 percent points: a ratio of two tau2, one of which may be small.
    return near and joint and found.r2_percent == pytest.approx(value["R2"], abs=1e-4)
