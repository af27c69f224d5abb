"""One mean of dependent effects: the school calendar data, as metafor and clubSandwich pool them.

Data: Konstantopoulos (2011), Res Synth Methods 2, 61-76, read from examples/school_calendar. Expected: R 4.2.2, metafor
3.8-1, rma.mv(yi, vi, random = ~ 1 | district/school), test = "z" or test = "t", dfs = "contain"; with rho the V of
vcalc(vi, cluster = district, obs = school, rho = 0.6); clubSandwich 0.5-8, conf_int(vcov = "CR2").
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from repool.pooling import clustered_pool
from repool.pooling.clustered_pool import clustered_weights, fit_clustered_pool
from repool.pooling.models.second_engine import EnginesDisagree

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "school_calendar" / "data" / "extraction"
#: Two searches stop where the likelihood is flat to 1e-8: 1e-5 of the mean, 1e-4 of variances.
MEAN, VARIANCE = 1e-5, 1e-4


@pytest.fixture(scope="module")
def schools():
    rows = []
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            rows += [row | {"cohort_id": path.stem} for row in csv.DictReader(handle)]
    frame = pd.DataFrame(rows)
    return frame.assign(yi=frame["estimate"].astype(float), vi=frame["se"].astype(float) ** 2)


def fitted(schools, **model):
    return fit_clustered_pool(schools, model={"method_tau2": "REML", "rho": 0.0} | model, level=0.95)


def test_there_are_fifty_six_schools_in_eleven_districts(schools):
    assert (len(schools), schools["cohort_id"].nunique()) == (56, 11)


@pytest.mark.parametrize(
    ("ci_method", "ci_lb", "ci_ub", "df"),
    [
        ("wald", 0.0189866082587, 0.3504397190870, np.nan),
        ("t", -0.0036891640417, 0.3731154913875, 10.0),
        ("cluster_robust", -0.003825483517, 0.3732518109, 9.863156233),
    ],
)
def test_three_level_mean_and_intervals_are_those_of_r(schools, ci_method, ci_lb, ci_ub, df):
    found = fitted(schools, ci_method=ci_method)
    assert found.estimate == pytest.approx(0.1847131636729, rel=MEAN)
    assert (found.ci_lb, found.ci_ub) == pytest.approx((ci_lb, ci_ub), abs=MEAN * 0.0846)
    assert found.df == pytest.approx(df, rel=MEAN, nan_ok=True)
    assert found.model.sigma2_between == pytest.approx(0.0650619442753, rel=VARIANCE)
    assert found.model.sigma2_within == pytest.approx(0.0327365170279, rel=VARIANCE)


def test_declared_correlation_of_sampling_errors_is_that_of_vcalc(schools):
    found = fitted(schools, ci_method="wald", rho=0.6)
    assert (found.estimate, found.se) == pytest.approx((0.1910110108958, 0.0864001007845), rel=MEAN)
    assert found.model.sigma2_between == pytest.approx(0.0563300863000, rel=VARIANCE)
    assert found.model.sigma2_within == pytest.approx(0.0480738830643, rel=VARIANCE)


def test_weights_of_one_effect_per_cohort_are_inverse_variances():
    effects = pd.DataFrame({"vi": [0.1, 0.3], "cohort_id": ["a", "b"]})
    weights, variance = clustered_weights(effects, tau2_between=0.1, tau2_within=0.0, rho=0.5)
    # On paper: 1 / 0.2 and 1 / 0.4 are 5 and 2.5.
    assert list(weights) == pytest.approx([2 / 3, 1 / 3], rel=1e-12)
    assert variance == pytest.approx(1 / 7.5, rel=1e-12)


def test_two_effects_that_are_nearly_one_weigh_as_one():
    # Correlated by nearly 1, the pair has a variance of nearly 0.1, as the single effect has; a matrix that is nearly
    # singular costs digits, hence 1e-6.
    effects = pd.DataFrame({"vi": [0.1, 0.1, 0.1], "cohort_id": ["a", "a", "b"]})
    weights, _ = clustered_weights(effects, tau2_between=0.0, tau2_within=0.0, rho=1 - 1e-9)
    assert list(weights) == pytest.approx([0.25, 0.25, 0.5], rel=1e-6)


def test_setting_that_a_multilevel_model_does_not_know_is_refused(schools):
    with pytest.raises(ValueError, match="takes method_tau2 REML or ML"):
        fitted(schools, method_tau2="DL", ci_method="wald")


def test_mean_that_plain_algebra_does_not_give_stops_the_run(schools, monkeypatch):
    honest = clustered_pool.clustered_weights

    def wrong(effects, **settings):
        weights, variance = honest(effects, **settings)
        return weights[::-1], variance

    monkeypatch.setattr(clustered_pool, "clustered_weights", wrong)
    with pytest.raises(EnginesDisagree, match="disagree on the mean"):
        fitted(schools, ci_method="wald")
