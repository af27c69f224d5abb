"""The speed table of the models: what it measures against comes to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from known_answers import kept

from commands.bench_pooling import Row, report
from commands.bench_pooling_floor import closed_form_dl, fisher_scoring

BCG = kept("sensitivity.json")
YI, VI = np.array(BCG["yi"])[None], np.array(BCG["vi"])[None]


def test_plain_fisher_scoring_finds_the_tau2_of_r_without_each_bcg_trial():
    expected = BCG["influence"]["value"]["tau2.del"]
    others = ~np.eye(13, dtype=bool)
    # rel=1e-6: the plain search stops at a step of 1e-10.
    assert fisher_scoring(YI, VI, included=others) == pytest.approx(expected, rel=1e-6)


def test_plain_moment_formula_gives_the_mean_of_all_bcg_trials():
    # rma(yi, vi, data = d, method = "DL") in metafor 3.8-1: -0.7141; printed with 4 digits.
    assert closed_form_dl(YI, VI, included=np.ones((1, 13), dtype=bool)) == pytest.approx([-0.7141], abs=5e-5)


def test_table_shows_milliseconds_and_ratios_and_leaves_blank_what_was_not_run():
    seconds = {"ours": 0.002, "floor": 0.001, "PyMARE": 0.008, "metafor": None}
    lines = report({"one fit": Row(seconds, "metafor: not here")}).splitlines()
    # 2 ms; 2 / 1 = 2; 2 / 8 = 0.25; no fourth number.
    assert lines[-1].split() == ["one", "fit", "2.00", "2", "0.25", "metafor:", "not", "here"]
