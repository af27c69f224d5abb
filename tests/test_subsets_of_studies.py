import math

import numpy as np
import pandas as pd
import pytest
from known_answers import effects_table, kept

from repool.pooling.sensitivity import table
from repool.pooling.sensitivity.cumulative import cumulative
from repool.pooling.sensitivity.gosh import every_subset, gosh, random_subsets, summary
from repool.pooling.sensitivity.gosh_table import GOSH_COLUMNS, gosh_tables
from repool.pooling.sensitivity.leave_one_out import leave_groups_out, leave_one_out
from repool.pooling.sensitivity.outliers import outliers
from repool.pooling.sensitivity.resampling import bootstrap

R = kept("sensitivity.json")
YI, VI, YEAR = (np.array(R[name], dtype=float) for name in ("yi", "vi", "year"))
WALD = {"ci_method": "wald", "level": 0.95, "i2_definition": "from_tau2"}
FLAT = {"yi": np.array([0.0, 0.2, 0.4, 0.6]), "vi": np.full(4, 0.04)}


def test_cumulative_results_of_the_bcg_trials_by_year_are_those_of_r():
    expected = R["cumul"]["value"]
    found = cumulative(YI, VI, order=YEAR, method="REML", **WALD)
    assert (found.order + 1).tolist() == R["cumul"]["order"]
    names = {"estimate": "estimate", "se": "se", "pvals": "pval", "ci.lb": "ci_lb", "ci.ub": "ci_ub", "tau2": "tau2"}
    for theirs, ours in (names | {"Q": "q", "I2": "i2_percent", "H2": "h2"}).items():
        # rel=1e-6 for p-values far out in the tail, the rest is nearer; abs=1e-9 where R leaves rounding for 0.
        assert getattr(found.fits, ours) == pytest.approx(expected[theirs], rel=1e-6, abs=1e-9), theirs


def test_order_refuses_a_blank():
    with pytest.raises(ValueError, match="missing value"):
        cumulative(YI[:2], VI[:2], order=[1948.0, math.nan], method="none", **WALD)


def test_all_subsets_of_six_bcg_trials_are_spread_as_r_says():
    expected = R["gosh"]["value"]
    found = gosh(YI[:6], VI[:6], method="REML", maximum_subsets=63, seed=0)
    assert found.every_subset and len(found.estimate) == expected["n"] == 63
    spread = summary(found.estimate)
    assert (spread.mean, spread.sd) == pytest.approx((expected["mean"], expected["sd"]), rel=1e-7)
    for ours, theirs in (("estimate", "estimate"), ("tau2", "tau2"), ("i2_percent", "i2"), ("q", "qe")):
        quantiles = summary(getattr(found, ours)).quantiles
        # abs=1e-6: R's search leaves up to 1e-13 of the spread instead of 0; 1e-7 of I2 = 92.
        assert quantiles == pytest.approx(expected[theirs], rel=1e-7, abs=1e-6), ours


def test_subsets_are_counted_once_each_small_ones_first():
    # 2^4 - 1 = 15 subsets, of sizes 4 x 1, 6 x 2, 4 x 3, 1 x 4 (binomial coefficients).
    found = every_subset(4)
    assert len({tuple(row) for row in found.tolist()}) == 15
    assert found.sum(axis=1).tolist() == [1] * 4 + [2] * 6 + [3] * 4 + [4]


def test_random_subsets_repeat_with_the_seed_and_are_never_empty():
    found = random_subsets(3, number=4000, seed=7)
    assert (found == random_subsets(3, number=4000, seed=7)).all()
    assert (found != random_subsets(3, number=4000, seed=8)).any()
    assert found.any(axis=1).all()
    # Each of 7 subsets has probability 1/7: 571 expected, standard deviation 22; 5 of them are 111.
    counts = np.bincount(found @ [1, 2, 4], minlength=8)[1:]
    assert np.abs(counts - 4000 / 7).max() < 111


def test_without_a_study_of_two_effects_the_pool_of_the_other_two_is_left():
    names, fits = leave_groups_out(**FLAT, groups=["a", "b", "b", "c"], method="none", **WALD)
    assert names == ["a", "b", "c"]
    # Equal variances: plain means of the remaining effects, standard error sqrt(0.04 / k).
    assert fits.estimate == pytest.approx([0.4, 0.3, 0.2], rel=1e-12)
    assert fits.k.tolist() == [3, 2, 3]
    assert fits.se == pytest.approx(np.sqrt(0.04 / fits.k), rel=1e-12)


def test_leaving_out_by_study_names_the_study_and_skips_what_leaves_too_little():
    effects = effects_table(FLAT["yi"], FLAT["vi"], study_id=["a", "b", "b", "b"])
    model = {"id": "m", "method_tau2": "none", "ci_method": "wald"}
    settings = {"minimum_k": 2, "minimum_k_leave_one_out": 3, "level": 0.95, "i2_definition": "from_q"}
    found = leave_one_out(effects, model=model, unit="study", **settings)
    # Without study b one effect would remain; without a the mean of the others is (0.2 + 0.4 + 0.6) / 3.
    assert found["left_out"].tolist() == ["a"]
    assert found["estimate"].tolist() == pytest.approx([0.4], rel=1e-12)
    with pytest.raises(ValueError, match="unit is 'arm'"):
        leave_one_out(effects, model=model, unit="arm", **settings)


def test_an_effect_whose_interval_misses_the_pooled_interval_is_taken_out():
    yi, vi = np.array([0.1, 0.2, 0.3, 0.2, 3.0]), np.full(5, 0.01)
    found = outliers(yi, vi, method="none", **WALD)
    # Pooled 0.76 -+ 1.96 sqrt(0.002) = [0.672, 0.848]; every study's interval is 0.196 to each side of it.
    assert found.outlying.tolist() == [True] * 5
    assert math.isnan(found.fits.estimate[1])
    found = outliers(yi, vi, method="DL", **WALD)
    # Random effects: tau2 = 1.563, interval about [-0.34, 1.86]; only 3.0 - 0.196 lies beyond, 0.2 remains.
    assert found.outlying.tolist() == [False] * 4 + [True]
    assert found.fits.estimate[1] == pytest.approx(0.2, rel=1e-12)


@pytest.mark.parametrize("kind", ["parametric", "cases"])
def test_bootstrap_spread_of_a_common_mean_is_its_standard_error(kind):
    yi, vi = np.array([-0.3, -0.1, 0.1, 0.3] * 5), np.full(20, 0.05)
    found = bootstrap(yi, vi, kind=kind, method="none", replicates=4000, level=0.95, seed=1)
    # Known spreads: sqrt(0.05 / 20) both for the model and, the effects' own variance being 0.05 too, for cases.
    # 4,000 replicates give it to 1.1 percent (1 / sqrt(2 x 4000)); 5 percent is more than 4 such errors.
    assert np.std(found.estimates) == pytest.approx(0.05, rel=0.05)
    assert found.estimate == pytest.approx(0.0, abs=1e-12)
    # +-1.96 x 0.05 = 0.098; a 2.5 percent quantile is known to 0.0021 here, and means of drawn cases move in steps
    # of 0.2 / 20 = 0.01, so they can lie one step away.
    assert (found.ci_lb, found.ci_ub) == pytest.approx((-0.098, 0.098), abs=0.0121)
    again = bootstrap(yi, vi, kind=kind, method="none", replicates=4000, level=0.95, seed=1)
    assert np.array_equal(found.estimates, again.estimates)


def test_bootstrap_refuses_settings_that_mean_nothing():
    with pytest.raises(ValueError, match="kind is 'wild'"):
        bootstrap(YI, VI, kind="wild", method="DL", replicates=10, level=0.95, seed=1)
    with pytest.raises(ValueError, match="replicates"):
        bootstrap(YI, VI, kind="cases", method="DL", replicates=1, level=0.95, seed=1)


FULL = {"method_tau2": "REML", "ci_method": "wald", "minimum_k": 3}
CALLS = {
    "influence": (table.influence_rows, table.INFLUENCE_COLUMNS, FULL),
    "cumulative": (
        *(table.cumulative_rows, table.CUMULATIVE_COLUMNS),
        FULL | {"order_column": "year", "level": 0.95, "i2_definition": "from_tau2"},
    ),
    "gosh": (
        *(lambda effects, **settings: gosh_tables(effects, **settings)["gosh"], GOSH_COLUMNS),
        {"method_tau2": "DL", "maximum_subsets": 50, "seed": 1, "minimum_k": 3},
    ),
    "bootstrap": (
        *(table.bootstrap_rows, table.BOOTSTRAP_COLUMNS),
        {"kind": "cases", "method_tau2": "DL", "replicates": 20, "level": 0.9, "seed": 1, "minimum_k": 3},
    ),
    "outliers": (
        *(table.outlier_rows, table.OUTLIER_COLUMNS),
        FULL | {"level": 0.95, "i2_definition": "from_tau2"},
    ),
}
EFFECTS = effects_table(YI, VI, year=YEAR)


@pytest.mark.parametrize("name", CALLS)
def test_rows_have_the_columns_of_their_table_and_a_reason_when_nothing_is_run(name):
    rows_of, columns, settings = CALLS[name]
    for effects in (EFFECTS, EFFECTS.iloc[:2], EFFECTS.iloc[:0]):
        rows = rows_of(effects, **settings)
        assert all(tuple(row) == columns for row in rows)
        if 0 < len(effects) < 3:
            assert {row["note"] for row in rows} == {"not run: needs 3 usable effects, there are 2"}
    with pytest.raises(ValueError, match="different measures"):
        rows_of(EFFECTS.assign(measure=["OR"] * 12 + ["RR"]), **settings)


def test_an_effect_without_a_variance_stays_in_the_table_with_a_reason():
    broken = EFFECTS.assign(vi=[math.nan, *VI[1:]])
    rows = table.influence_rows(broken, **FULL)
    assert len(rows) == 13 and rows[1]["note"] == "" and rows[1]["k"] == 12
    assert rows[0]["note"] == "no usable effect and variance" and math.isnan(rows[0]["rstudent"])
    steps = table.cumulative_rows(broken, **CALLS["cumulative"][2])
    assert [row["step"] for row in steps[:12]] == list(range(1, 13)) and math.isnan(steps[12]["step"])
    assert pd.DataFrame(steps)["estimate"].iloc[:12].notna().all()
