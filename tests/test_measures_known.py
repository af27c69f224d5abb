"""Every effect that R computed for published and constructed data beside the repository, if it is there."""

import csv
import json

import numpy as np
import pytest
import r_escalc
from known_answers import ELSEWHERE

from repool.effects.measures.catalogue import effect_sizes

#: Data sets that have effects.
FILES = sorted(ELSEWHERE.glob("*.json"))
CLOSED_FORM = 1e-10
#: R takes the hypergeometric function of UCOR from GSL, which is good to about 1e-8 away from r = 0.
GSL = 1e-6
#: R minimises the likelihood with optimize(), whose default tolerance is 1.2e-4; it ends up to 4e-5 from the root and
#: the variance, taken there, is off by up to 0.3 %. tests/known/escalc.json holds RTET to the root itself.
OPTIMISER = 1.2e-4
OPTIMISER_VI = 5e-3
#: R's 2F1 (GSL) is wrong by up to 1.5e-3 near r = 0, where the unbiased variance then loses 5 % by cancellation;
#: tests/test_measures.py has the series itself.
GSL_SMALL_R = 0.1


def data_of(path):
    """Return the rows of the data set as numbers per column."""
    with (path.parents[1] / "datasets" / f"{path.stem}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return lambda column: [float(row[column]) if row[column] not in ("", "NA") else np.nan for row in rows]


def effects_of(path):
    """Yield key, R's answer and ours, for every effect that is computed and not just handed over."""
    column = data_of(path)
    for key, answer in json.loads(path.read_text(encoding="utf-8"))["effects"].items():
        # GEN: yi and vi are given, so that there is nothing to compute.
        if answer["measure"] != "GEN":
            given = {argument: column(name) for argument, name in answer["from"].items()}
            code, inputs, vtype, rule = r_escalc.call_of(answer["measure"], given, answer["args"])
            yield key, answer, inputs, effect_sizes(code, inputs, vtype=vtype, zero_cells=rule)


def compare(key, answer, inputs, effects):
    """Compare one effect with R; rows that R cannot know are left out, each kind for its reason."""
    yi, vi = r_escalc.pairs(answer["yi"], answer["vi"])
    usable = np.ones(yi.shape, dtype=bool)
    tolerance = GSL if answer["measure"] == "UCOR" else CLOSED_FORM
    tolerance_vi, slack = tolerance, 1e-13
    if answer["measure"] == "RTET":
        slack, tolerance_vi = OPTIMISER, OPTIMISER_VI
        cells = np.stack([inputs[name] for name in ("events_arm1", "n_arm1", "events_arm2", "n_arm2")])
        empty = (cells[[0, 2]] == 0).any(axis=0) | (cells[0] == cells[1]) | (cells[2] == cells[3])
        # R stops at the edge, -1 or 1, with a variance of 1e4 to 1e15 that is rounding error.
        assert np.isnan(effects.yi[empty]).all(), key
        usable = ~empty
    if answer["measure"] == "UCOR":
        usable = ~(np.abs(inputs["r"]) < GSL_SMALL_R) | (inputs["r"] == 0)
    if key == "ROM:vtype=AV" and np.isnan(yi).all():
        # One mean of 0 makes R's average coefficient of variation infinite, and all effects NA; here that row is out.
        ratio = np.log(inputs["mean_arm1"][inputs["mean_arm2"] > 0] / inputs["mean_arm2"][inputs["mean_arm2"] > 0])
        np.testing.assert_allclose(effects.yi[inputs["mean_arm2"] > 0], ratio, rtol=CLOSED_FORM, atol=slack)
        return
    np.testing.assert_allclose(effects.yi[usable], yi[usable], rtol=tolerance, atol=slack, err_msg=key)
    np.testing.assert_allclose(effects.vi[usable], vi[usable], rtol=tolerance_vi, atol=1e-300, err_msg=key)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_effects_are_those_that_r_computed(path):
    for key, answer, inputs, effects in effects_of(path):
        if answer["status"] == "ok":
            compare(key, answer, inputs, effects)
        else:
            # R stops because one row is impossible; here that row has no effect, and the others have theirs.
            assert np.isnan(effects.yi).sum() == np.isnan(effects.vi).sum() == 1, key


@pytest.mark.skipif(not FILES, reason="R's answers are not beside the repository")
def test_all_of_r_s_effects_are_walked():
    answers = [answer for path in FILES for answer in json.loads(path.read_text(encoding="utf-8"))["effects"].values()]
    compared = [answer["status"] for path in FILES for _, answer, _, _ in effects_of(path)]
    # 586 in all, 33 of them handed over (GEN), 7 impossible.
    assert (len(answers), len(compared), compared.count("error")) == (586, 553, 7)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_where_metafor_5_differs_its_numbers_come_with_vtype_ls5(path):
    column = data_of(path)
    for key, answer in json.loads(path.read_text(encoding="utf-8"))["effects"].items():
        newer = answer.get("metafor_5")
        if newer is None or answer["args"]:
            continue
        given = {argument: column(name) for argument, name in answer["from"].items()}
        code, inputs, _, rule = r_escalc.call_of(answer["measure"], given, {})
        effects = effect_sizes(code, inputs, vtype="LS5", zero_cells=rule)
        yi, vi = r_escalc.pairs(newer.get("yi", answer["yi"]), newer.get("vi", answer["vi"]))
        np.testing.assert_allclose(effects.yi, yi, rtol=CLOSED_FORM, atol=1e-13, err_msg=key)
        np.testing.assert_allclose(effects.vi, vi, rtol=CLOSED_FORM, err_msg=key)
