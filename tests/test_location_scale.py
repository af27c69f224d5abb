"""Location-scale models, held to R's rma(scale =)."""

import math

import numpy as np
import pytest
from test_regression import KNOWN, TABLE, VI, YI

from repool.pooling.moderators.location_scale import location_scale

LATE = (np.array(TABLE["half"]) == "late").astype(float)
ONES = np.ones(len(YI))
EXACT_SE = [2.2355089057504465, 2.35346913351846]


def fitted(yi=YI, vi=VI, *, design=None, scale_design, method_tau2="REML", ci_method="wald"):
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": 0.95}
    return location_scale(yi, vi, design=design, scale_design=scale_design, **settings)


def test_model_with_both_parts_is_that_of_r():
    known = KNOWN["ls"]
    # In R's model the intercept comes first: late is compared with early.
    found = fitted(design=np.column_stack([ONES, TABLE["year"]]), scale_design=np.column_stack([ONES, LATE]))
    # 1e-5: R's optimiser stops at a relative change of 1e-11 in the likelihood.
    assert found.location.estimate.tolist() == pytest.approx(known["beta"], rel=1e-5)
    assert found.location.se.tolist() == pytest.approx(known["se"], rel=1e-5)
    assert found.scale.estimate.tolist() == pytest.approx(known["alpha"], rel=1e-5)
    # 1e-4, and twice that for a square: R differentiates numerically, with year far from 0. Ours are held to the second
    # derivatives of the restricted likelihood in 50 digits (mpmath 1.3, year centred).
    assert found.scale.se.tolist() == pytest.approx(known["se_alpha"], rel=1e-4)
    assert found.scale.se.tolist() == pytest.approx(EXACT_SE, rel=1e-8)
    assert found.qs.statistic == pytest.approx(known["QS"], rel=2e-4)
    assert found.log_likelihood == pytest.approx(known["ll"], abs=1e-8)
    assert found.note == ""


@pytest.mark.parametrize(("method", "tau2"), [("REML", 0.313243258), ("ML", 0.280028137)])
def test_scale_without_moderators_is_the_ordinary_model(method, tau2):
    # metafor 3.8, rma(yi, vi, method =, control = list(threshold = 1e-12)) for the BCG trials.
    found = fitted(scale_design=ONES[:, None], method_tau2=method)
    # 1e-8: both searches end within the rounding of the nine digits given.
    assert found.tau2 == pytest.approx(np.full(13, tau2), rel=1e-8)
    assert found.scale.estimate[0] == pytest.approx(math.log(tau2), abs=1e-8)


def test_units_of_effects_and_moderators_do_not_matter():
    design = np.column_stack([ONES, TABLE["ablat"]])
    plain = fitted(scale_design=design)
    large = fitted(YI * 1e6, VI * 1e12, scale_design=np.column_stack([ONES, np.array(TABLE["ablat"]) * 1e3 + 1e5]))
    # tau2 scales with the square of the effects; 1e-5: a moderator far from 0 costs digits.
    assert large.tau2 / 1e12 == pytest.approx(plain.tau2, rel=1e-5)
    assert large.scale.estimate[1] * 1e3 == pytest.approx(plain.scale.estimate[1], rel=1e-3, abs=1e-7)


def test_a_group_without_spread_has_no_standard_errors_and_says_so():
    yi = np.where(LATE == 1, 0.3, [-2.0, 1.5, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0])
    found = fitted(yi, np.full(13, 0.04), scale_design=np.column_stack([ONES, LATE]))
    assert np.isnan(found.scale.se).all()
    assert "no top" in found.note
    assert np.isfinite(found.location.se).all()


def test_t_has_the_degrees_of_freedom_of_each_part():
    found = fitted(scale_design=np.column_stack([ONES, LATE]), ci_method="t")
    # metafor 3.8, test = "t": k - p = 12 for the mean, k - q = 11 for the scale.
    assert (found.location.df, found.scale.df) == (12.0, 11.0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"method_tau2": "DL"}, "needs ML or REML"), ({"ci_method": "knapp_hartung"}, "has wald or t")],
)
def test_other_methods_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        fitted(scale_design=ONES[:, None], **settings)
