"""Subgroups, their tests and their table, held to R's answers for the BCG trials."""

import math

import numpy as np
import pytest
from known_answers import effects_table
from test_regression import KNOWN, TABLE, VI, YI

from repool.pooling.moderators.subgroups import subgroups
from repool.pooling.moderators.table import SUBGROUP_COLUMNS, subgroup_rows

EFFECTS = effects_table(YI, VI, alloc=TABLE["alloc"], half=TABLE["half"])
NAMES = ["alternate", "random", "systematic"]


def pooled(*, tau2_common, ci_method="knapp_hartung", groups=TABLE["alloc"], yi=YI, vi=VI, method_tau2="REML"):
    settings = {"method_tau2": method_tau2, "ci_method": ci_method, "level": 0.95}
    return subgroups(yi, vi, groups=groups, order=None, tau2_common=tau2_common, **settings)


def rows(effects=EFFECTS, moderator="alloc", **changed):
    settings = {"tau2_common": False, "method_tau2": "REML", "ci_method": "wald", "level": 0.95, "minimum_k": 1}
    return subgroup_rows(effects, moderator=moderator, **(settings | changed))


def of(found, name):
    return [getattr(group, name) for group in found.groups]


def test_subgroups_with_their_own_tau2_are_those_of_r():
    known, found = KNOWN["separate"], pooled(tau2_common=False)
    assert of(found, "name") == NAMES
    # 1e-7: the search for tau2.
    for name in ("estimate", "se", "ci_lb"):
        assert of(found, name) == pytest.approx(known[name], rel=1e-7)
    assert of(found, "tau2") == pytest.approx(known["tau2"], rel=1e-6)
    assert [group.q.q for group in found.groups] == pytest.approx(known["QE"], rel=1e-9)
    # R: rma(estimates, sei = Wald standard errors, method = "EE")$QE.
    assert found.between.statistic == pytest.approx(known["Q"], rel=1e-6)
    assert found.between.pval == pytest.approx(known["p"], rel=1e-6)


def test_subgroups_with_a_common_tau2_are_the_regression_of_r():
    known, found = KNOWN["common"], pooled(tau2_common=True)
    for name in ("estimate", "se", "ci_ub"):
        assert of(found, name) == pytest.approx(known[name], rel=1e-7)
    assert of(found, "tau2") == pytest.approx([known["tau2"]] * 3, rel=1e-6)
    assert found.between.statistic == pytest.approx(known["F"], rel=1e-7)
    assert found.between.pval == pytest.approx(known["p"], rel=1e-7)
    assert (found.between.df1, found.between.df2) == (2, 10.0)


def test_common_effect_q_splits_into_between_and_within():
    # Algebra: with known variances the total Q is the sum; bcg.json has QE of one mean.
    found = pooled(tau2_common=False, ci_method="wald", method_tau2="none")
    total = float(np.sum((YI - np.sum(YI / VI) / np.sum(1 / VI)) ** 2 / VI))
    assert found.between.statistic + found.within.q == pytest.approx(total, rel=1e-10)
    assert (found.between.df1, found.within.df) == (2, 10)


def test_a_subgroup_of_one_effect_is_that_effect():
    found = pooled(tau2_common=False, groups=["a", *["b"] * 12])
    first = found.groups[0]
    assert (first.estimate, first.tau2, first.k) == (YI[0], 0.0, 1)
    # Its own variance and the normal distribution: 1.959964 standard errors.
    assert first.ci_ub - first.estimate == pytest.approx(1.959963984540054 * math.sqrt(VI[0]), rel=1e-12)


def test_one_subgroup_has_nothing_to_be_compared_with():
    for common in (True, False):
        found = pooled(tau2_common=common, groups=["all"] * 13)
        assert math.isnan(found.between.statistic)


def test_a_subgroup_outside_the_order_is_refused():
    with pytest.raises(ValueError, match="'random' is not in the order"):
        subgroups(
            YI, VI, groups=TABLE["alloc"], order=["alternate", "systematic"], tau2_common=False,
            method_tau2="DL", ci_method="wald", level=0.95,
        )  # fmt: skip


def test_table_has_a_row_for_each_subgroup_and_two_tests():
    found = rows()
    assert all(tuple(row) == SUBGROUP_COLUMNS for row in found)
    assert [row["row"] for row in found] == ["subgroup"] * 3 + ["between", "within"]
    assert [row["k"] for row in found] == [2, 7, 4, 13, 13]
    assert found[3]["statistic"] == pytest.approx(KNOWN["separate"]["Q"], rel=1e-6)
    assert "chi-squared" in found[3]["note"]
    assert rows(tau2_common=True, ci_method="knapp_hartung")[3]["note"] == "statistic: F"


def test_table_names_effects_without_a_subgroup():
    holes = EFFECTS.assign(alloc=["", *TABLE["alloc"][1:]])
    between = rows(holes)[3]
    assert between["k"] == 12
    assert "left out, no value: study0000" in between["note"]


def test_table_leaves_out_subgroups_below_the_minimum():
    found = rows(minimum_k=3)
    assert found[0]["note"] == "not pooled: 2 effects" and math.isnan(found[0]["estimate"])
    assert "left out, fewer than 3 effects: alternate" in found[3]["note"]
    assert (found[3]["k"], found[3]["df1"]) == (11, 1)


def test_table_says_why_nothing_is_compared():
    one = rows(EFFECTS.assign(alloc="random"))
    assert [row["row"] for row in one] == ["subgroup", "between", "within"]
    assert "needs two subgroups" in one[1]["note"]
    none = rows(EFFECTS.assign(alloc=""))
    assert [row["row"] for row in none] == ["between"]
    assert "no effect has a value of alloc" in none[0]["note"]
    singles = rows(EFFECTS.iloc[:3].assign(alloc=["a", "b", "c"]), tau2_common=True)
    assert "nothing is left to estimate a common tau2 from" in singles[-1]["note"]
    with pytest.raises(ValueError, match="no column 'allocation'"):
        rows(moderator="allocation")


def test_table_explains_a_subgroup_of_one_effect():
    first = rows(EFFECTS.assign(alloc=["a", *["b"] * 12]))[0]
    assert "cannot be estimated from one effect, taken as 0" in first["note"]
    assert math.isnan(first["q"])
