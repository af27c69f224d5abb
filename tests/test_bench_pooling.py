"""The speed table of the models: what it measures against comes to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from known_answers import kept

from commands import bench_growth
from commands.bench_pooling import Row, report
from commands.bench_pooling_floor import closed_form_dl, fisher_scoring

BCG = kept("sensitivity.json")
YI, VI = np.array(BCG["yi"])[None], np.array(BCG["vi"])[None]
MODELS = {model["call"]: model for model in kept("estimators.json")["models"]}


def test_plain_fisher_scoring_finds_the_tau2_of_r_without_each_bcg_trial():
    expected = BCG["influence"]["value"]["tau2.del"]
    others = ~np.eye(13, dtype=bool)
    # rel=1e-8: the plain search stops at a step of 1e-10.
    assert fisher_scoring(YI, VI, included=others)[0] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("moderator", ["", "mods=~ablat, "])
def test_plain_fisher_scoring_fits_all_bcg_trials_as_r_does(moderator):
    expected = MODELS[f'rma(yi, vi, {moderator}method="REML")']
    x = np.array(kept("bcg.json")["ablat"], dtype=float)[None] if moderator else None
    found = np.array(fisher_scoring(YI, VI, x=x))[:, 0]
    # R gives one coefficient, or the intercept and the moderator's. rel=1e-8: as above.
    wanted = [np.ravel(expected[name])[-1] for name in ("tau2", "beta", "se")]
    assert found == pytest.approx(wanted, rel=1e-8)


def test_plain_moment_formula_gives_the_fit_of_all_bcg_trials():
    expected = MODELS['rma(yi, vi, method="DL")']
    found = np.array(closed_form_dl(YI, VI, included=np.ones((1, 13), dtype=bool)))[:, 0]
    # rel=1e-10: a closed form on both sides.
    assert found == pytest.approx([expected[name] for name in ("tau2", "beta", "se", "QE")], rel=1e-10)


def test_table_shows_milliseconds_and_ratios_and_leaves_blank_what_was_not_run():
    seconds = {"ours": 0.002, "floor": 0.001, "PyMARE": 0.008, "metafor": None}
    lines = report({"one fit": Row(seconds, "metafor: not here")}).splitlines()
    # 2 ms; 2 / 1 = 2; 2 / 8 = 0.25; no fourth number.
    assert lines[-1].split() == ["one", "fit", "2.00", "2", "0.25", "metafor:", "not", "here"]


def test_growth_is_told_per_size_and_as_a_multiple():
    cost = bench_growth.Cost
    text = bench_growth.report(
        {"a fit": {1000: cost(0.001, 10**6), 4000: cost(0.004, 4 * 10**6), 16000: cost(0.02, 0)}}
    )
    assert "1.0 ms, 1.0 MB" in text and "4.0 ms, 4.0 MB" in text
    # 0.02 seconds are 20 times 0.001.
    assert text.splitlines()[-1].split()[-1] == "20.0"


def test_memory_of_leaving_one_out_grows_no_faster_than_the_studies():
    costs = bench_growth.measure(1)["leave-one-out"]
    # A table of every study against every other would grow 256-fold.
    assert costs[16000].peak < 16 * 1.2 * costs[1000].peak
