import numpy as np
import pandas as pd
import pytest
from known_answers import CI_METHOD, ELSEWHERE, METHOD_TAU2, effects_table, elsewhere, kept, scale

from repool.pooling.sensitivity.leave_one_out import LEAVE_ONE_OUT_COLUMNS, leave_one_out

BCG = kept("bcg.json")
TABLE = effects_table(BCG["yi"], BCG["vi"], label=BCG["label"])
KNOWN = [pytest.param(r, id=f"{r['method']}-{r['test']}") for r in BCG["leave_one_out"]]
REML_WALD = {"id": "reml_wald", "method_tau2": "REML", "ci_method": "wald"}


def left_out(effects, model=REML_WALD, minimum_k=2, minimum_k_leave_one_out=3):
    return leave_one_out(
        effects,
        model=model,
        minimum_k=minimum_k,
        minimum_k_leave_one_out=minimum_k_leave_one_out,
        level=0.95,
        i2_definition="from_tau2",
        unit="effect",
    )


@pytest.mark.parametrize("expected", KNOWN)
def test_leaving_each_bcg_trial_out_gives_the_answers_of_r(expected):
    model = {
        "id": "model",
        "method_tau2": METHOD_TAU2[expected["method"]],
        "ci_method": CI_METHOD[expected["test"]],
    }
    found = left_out(TABLE, model)
    assert found["left_out"].tolist() == BCG["label"]
    assert (found["k"] == 12).all()
    # rel=1e-9: R's numbers are written with 12 digits here.
    names = {"estimate": "estimate", "se": "se", "ci_lb": "ci_lb", "ci_ub": "ci_ub"}
    names |= {"pval": "pval", "q": "Q", "i2_percent": "I2"}
    for ours, theirs in names.items():
        assert found[ours].tolist() == pytest.approx(expected[theirs], rel=1e-9)
    tau2 = expected.get("tau2", [0.0] * 13)
    assert found["tau2"].tolist() == pytest.approx(tau2, rel=1e-9)


def test_columns_stand_in_the_order_of_the_contract():
    assert tuple(left_out(TABLE).columns) == LEAVE_ONE_OUT_COLUMNS
    assert left_out(TABLE)["model"].unique().tolist() == ["reml_wald"]


@pytest.mark.parametrize(
    ("k", "minimum_k", "minimum_k_leave_one_out", "rows"),
    [(2, 2, 2, 0), (3, 2, 3, 3), (4, 5, 3, 0), (4, 2, 5, 0)],
)
def test_only_pooled_sets_of_enough_effects_are_refitted(k, minimum_k, minimum_k_leave_one_out, rows):
    found = left_out(TABLE.iloc[:k], minimum_k=minimum_k, minimum_k_leave_one_out=minimum_k_leave_one_out)
    assert len(found) == rows
    assert tuple(found.columns) == LEAVE_ONE_OUT_COLUMNS


def test_sets_are_kept_apart_and_in_order():
    sets = [
        TABLE.iloc[:4].assign(ladder_step="late", step_order=10, reading="preferred"),
        TABLE.iloc[:3].assign(ladder_step="early", step_order=2, reading="cautious"),
        TABLE.iloc[:3].assign(ladder_step="early", step_order=2, reading="preferred"),
    ]
    found = left_out(pd.concat(sets))
    order = found[["ladder_step", "reading"]].drop_duplicates().to_numpy().tolist()
    assert order == [["early", "preferred"], ["early", "cautious"], ["late", "preferred"]]


def test_every_known_leave_one_out():
    seen, wrong = 0, []
    for case, yi, vi, _ in elsewhere("leave1out", methods=METHOD_TAU2, allowed_args={"method", "test"}):
        if len(yi) < 3:
            continue
        args, value = case["args"], case["value"]
        model = {"id": "m", "method_tau2": METHOD_TAU2[args["method"]]}
        found = left_out(effects_table(yi, vi), {**model, "ci_method": CI_METHOD[args["test"]]})
        seen += 1
        se = np.array(value["se"], dtype=float)
        tau2 = np.array(value["tau2"] or np.zeros(len(yi)), dtype=float)
        # 1e-7 of a standard error, and 1e-11 of the number, which R gives with 12 digits here.
        near = all(
            np.all(np.abs(found[name] - np.array(value[name], dtype=float)) <= 1e-7 * se + 1e-11 * np.abs(found[name]))
            for name in ("estimate", "se", "ci_lb", "ci_ub")
        )
        if not near or np.any(np.abs(found["tau2"] - tau2) > 1e-9 * scale(yi, vi)):
            wrong.append(case["id"])
    assert not wrong
    assert seen > 50 or not ELSEWHERE.is_dir()
