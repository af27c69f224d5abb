"""Holds vote counting and combined p-values to scipy, statsmodels, published numbers and algebra."""

import math

import numpy as np
import pandas as pd
import pytest

from repool.pooling.without_pooling import albatross, combined_p, plot_tables, table, vote_counting
from repool.pooling.without_pooling.effect_direction import size_class, study_direction
from repool.pooling.without_pooling.gather import gather, printed_p

Z = np.array([1.2, -0.3, 2.2, 0.5])
SIZES = np.array([20.0, 50.0, 100.0, 30.0])
R_LIMITS = {
    "clopper_pearson": (0.587220083012, 0.997701027786),
    "wilson": (0.622641563548, 0.983767827114),
    "jeffreys": (0.647024202371, 0.990008539989),
}


@pytest.mark.parametrize("n", [1, 2, 7, 50, 1000])
def test_sign_test_is_the_exact_binomial_test(n):
    from scipy.stats import binomtest

    for n_for in {0, 1, n // 3, n // 2, n - 1, n}:
        ours = vote_counting.sign_test(n_for, n)
        for name, alternative in (("two_sided", "two-sided"), ("favours_arm1", "greater"), ("favours_arm2", "less")):
            theirs = binomtest(n_for, n, 0.5, alternative=alternative).pvalue
            assert getattr(ours, f"pval_{name}") == pytest.approx(theirs, rel=1e-9)


def test_ten_of_eleven_in_one_direction_is_r_s_answer():
    # R 4.2.2: binom.test(10, 11), prop.test(10, 11, correct = FALSE), qbeta(c(.025, .975), 10.5, 1.5).
    # By hand: (1 + 11) * 2 / 2^11 = 0.01171875.
    assert vote_counting.sign_test(10, 11).pval_two_sided == pytest.approx(0.01171875, rel=1e-12)
    for method, limits in R_LIMITS.items():
        share = vote_counting.proportion_interval(10, 11, method=method, level=0.95)
        assert (share.ci_lb, share.ci_ub) == pytest.approx(limits, rel=1e-8)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("clopper_pearson", "beta"), ("wilson", "wilson"), ("jeffreys", "jeffreys")]
)
def test_intervals_are_those_of_statsmodels(ours, theirs):
    from statsmodels.stats.proportion import proportion_confint

    for n_for, n in [(1, 2), (3, 10), (10, 11), (499, 1000)]:
        share = vote_counting.proportion_interval(n_for, n, method=ours, level=0.9)
        expected = proportion_confint(n_for, n, alpha=0.1, method=theirs)
        # Both are quantiles of the same beta or normal distribution.
        assert (share.ci_lb, share.ci_ub) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", vote_counting.INTERVAL_METHODS)
def test_all_results_in_one_direction_reach_the_end_of_the_scale(method):
    assert vote_counting.proportion_interval(0, 4, method=method, level=0.95).ci_lb == 0.0
    assert vote_counting.proportion_interval(4, 4, method=method, level=0.95).ci_ub == 1.0


@pytest.mark.parametrize(("rule", "expected"), [("leave_out", (3, 4)), ("count_against", (3, 7)), ("share", (4, 6))])
def test_results_without_a_direction_follow_the_declared_rule(rule, expected):
    # Three for arm 1, one for arm 2, three neither; of three, one is shared to each side.
    count = vote_counting.count_directions([1, 1, 1, -1, 0, 0, 0], zero_rule=rule)
    assert (count.n_counted_for, count.n_counted) == expected
    assert count.n_zero == 3


@pytest.mark.parametrize(
    ("ours", "theirs", "weights"),
    [
        ("stouffer", "stouffer", None),
        ("stouffer_weighted", "stouffer", np.sqrt(SIZES)),
        ("fisher", "fisher", None),
        ("minimum", "tippett", None),
    ],
)
def test_combined_p_values_are_those_of_scipy(ours, theirs, weights):
    from scipy.stats import combine_pvalues, norm

    found = combined_p.combine(Z, method=ours, n_total=SIZES)
    for name, sign in (("favours_arm1", 1), ("favours_arm2", -1)):
        expected = combine_pvalues(norm.sf(sign * Z), method=theirs, weights=weights)
        assert getattr(found, f"pval_{name}") == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.statistic == pytest.approx(combine_pvalues(norm.sf(Z), method=theirs, weights=weights).statistic)


def test_edgington_is_the_chance_of_a_smaller_sum_of_uniform_numbers():
    from scipy.stats import irwinhall, norm

    for z in (Z, -Z, Z[:1], np.tile(Z, 4)):
        expected = irwinhall.cdf(norm.sf(z).sum(), z.size)
        assert combined_p.combine(z, method="edgington", n_total=None).pval_favours_arm1 == pytest.approx(expected)


def test_two_sided_p_and_direction_give_back_z():
    # Normal table: two-sided 0.05 is 1.959964.
    assert combined_p.z_of_p([0.05, 0.05, 1.0], [1, -1, 1]) == pytest.approx([1.959964, -1.959964, 0.0], abs=1e-6)


@pytest.mark.parametrize(
    ("measure", "effect", "variance"),
    [
        # Textbook variances for 60 + 30 people; risk in arm 2 0.2.
        ("SMD", 0.4, 1 / 60 + 1 / 30 + 0.4**2 / 180),
        ("RR", 1.5, 0.7 / (60 * 0.3) + 0.8 / (30 * 0.2)),
        # Odds ratio 6 on odds of 1/4 is odds of 3/2: risk 0.6.
        ("OR", 6.0, 1 / (60 * 0.6) + 1 / (60 * 0.4) + 1 / (30 * 0.2) + 1 / (30 * 0.8)),
        ("COR", -0.3, 1 / 87),
    ],
)
def test_contours_are_where_the_textbook_variance_gives_that_p(measure, effect, variance):
    from scipy.stats import norm

    distance = math.log(effect) if measure in ("OR", "RR") else math.atanh(effect) if measure == "COR" else effect
    expected = 2 * norm.sf(abs(distance) / math.sqrt(variance))
    options = {"measure": measure, "effect": effect, "arm_ratio": 2.0, "risk_arm2": 0.2}
    assert albatross.contour_p([90.0], **options)[0] == pytest.approx(expected, rel=1e-10)
    assert albatross.contour_n([expected], **options)[0] == pytest.approx(90.0, rel=1e-9)


def test_study_direction_needs_seven_of_ten():
    # Boon & Thomson (2021): 70 percent of results in one direction, else conflicting.
    assert study_direction([1] * 7 + [-1] * 3, agreement=0.7).symbol == "up"
    mixed = study_direction([1] * 6 + [-1] * 4, agreement=0.7)
    assert mixed.symbol == "sideways"
    assert "do not agree" in mixed.note
    assert [size_class(n) for n in (49, 50, 300, 301, math.nan)] == ["small", "medium", "medium", "large", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("p=.048", (0.048, "=")), ("P<0.05", (0.05, "<")), ("p=.013; p=.043", None), ("ns", None), ("p > .05", None)],
)
def test_only_a_single_printed_p_value_is_read(text, expected):
    assert printed_p(text) == expected if expected else math.isnan(printed_p(text)[0])


def effects_and_votes():
    effects = pd.DataFrame(
        {
            "study_id": ["a", "b", "c"],
            "cohort_id": ["a", "b", "c"],
            "design_class": ["randomised", "randomised", "non_randomised"],
            "yi": [0.5, -0.1, 0.3],
            "vi": [0.0625, 0.04, 0.09],
            "n_total": [100, 80, math.nan],
            "n_arm1": [50, 40, math.nan],
        }
    )
    facts = [
        ("v1", "a", "favours_control", "p=.01", "yes"),
        ("v2", "d", "favours_peer", "p=.04", "yes"),
        ("v3", "d", "no_difference", "ns", "yes"),
        ("v4", "e", "differs", "p<.05", "yes"),
        ("v5", "f", "favours_peer", "p<.001", "yes"),
        ("v6", "g", "favours_control", "p=.5", "no"),
    ]
    votes = pd.DataFrame(facts, columns=["vote_id", "study_id", "result", "p_as_reported", "is_counted"])
    return effects, votes.assign(cohort_id=votes["study_id"], design_class="randomised", n_total=60)


SETTINGS = {"by": ("design_class",), "unit": "study_id", "positive_favours_arm1": True}


def test_votes_are_counted_once_per_study_and_only_where_no_number_is_known():
    settings = {"agreement": 0.7, "zero_rule": "leave_out", "interval_method": "wilson", "alpha": 0.05}
    other, randomised = table.direction_rows(*effects_and_votes(), **SETTINGS, **settings)
    # a (number) and f for arm 1, b for arm 2; d's two votes disagree; e states no direction; g is
    # not counted, and a's vote gives way to its number.
    assert (randomised["n_favours_arm1"], randomised["n_favours_arm2"], randomised["n_zero"]) == (2, 1, 1)
    assert (randomised["n_unknown"], randomised["n_units"], randomised["n_votes"]) == (1, 5, 4)
    assert randomised["pval_two_sided"] == 1.0
    assert other["stratum"] == "non_randomised"
    assert set(randomised) == set(table.DIRECTION_COLUMNS)


def test_turning_the_scale_turns_the_numbers_and_leaves_the_votes():
    settings = {"agreement": 0.7, "zero_rule": "leave_out", "interval_method": "wilson", "alpha": 0.05}
    turned = SETTINGS | {"positive_favours_arm1": False}
    row = table.direction_rows(*effects_and_votes(), **turned, **settings)[1]
    assert (row["n_favours_arm1"], row["n_favours_arm2"]) == (2, 1)  # now b and f; a against


def test_combined_p_uses_effects_and_printed_p_values():
    from scipy.stats import norm

    rows = table.combined_p_rows(
        *effects_and_votes(), **SETTINGS, methods=["stouffer"], bounds="leave_out", without_p="leave_out"
    )
    # a: z = 0.5 / 0.25, b: -0.1 / 0.2, d: two-sided .04.
    expected = norm.sf((2.0 - 0.5 + norm.isf(0.02)) / math.sqrt(3))
    assert rows[1]["pval_favours_arm1"] == pytest.approx(expected, rel=1e-9)
    assert (rows[1]["k"], rows[1]["n_left_out"]) == (3, 3)
    assert "too small" in rows[1]["note"]
    bound = table.combined_p_rows(
        *effects_and_votes(), **SETTINGS, methods=["stouffer"], bounds="as_value", without_p="leave_out"
    )
    assert bound[1]["k"] == 4
    assert set(rows[0]) == set(table.COMBINED_P_COLUMNS)


def test_results_without_p_can_count_as_no_evidence_instead_of_leaving():
    from scipy.stats import norm

    settings = {"methods": ["stouffer"], "bounds": "as_value", "without_p": "as_no_evidence"}
    row = table.combined_p_rows(*effects_and_votes(), **SETTINGS, **settings)[1]
    # d: z of its two votes, the second 0, averaged; e states no direction: 0; f: p < .001 as .001.
    total = 2.0 - 0.5 + norm.isf(0.02) / 2 + 0.0 + norm.isf(0.0005)
    assert row["pval_favours_arm1"] == pytest.approx(norm.sf(total / math.sqrt(5)), rel=1e-9)
    assert (row["k"], row["n_left_out"], row["n_as_no_evidence"]) == (5, 0, 2)


def test_weights_by_size_are_not_run_where_a_size_is_missing():
    rows = table.combined_p_rows(
        *effects_and_votes(), **SETTINGS, methods=["stouffer_weighted"], bounds="leave_out", without_p="leave_out"
    )
    assert math.isnan(rows[0]["pval_two_sided"])
    assert "no weight" in rows[0]["note"]
    assert not math.isnan(rows[1]["pval_two_sided"])


def test_albatross_draws_what_has_size_direction_and_p_and_says_why_not():
    contours = {"measure": "OR", "contour_effects": [0.5, 2.0], "arm_ratio": 1.0, "risk_arm2": 0.3}
    rows = plot_tables.albatross_rows(*effects_and_votes(), **SETTINGS, **contours, contour_pvals=[0.05, 0.001])
    points = {(row["study_id"], row["source"]): row for row in rows if row["kind"] == "study"}
    assert points["a", "effect"]["x"] == pytest.approx(-math.log10(0.0455002639), rel=1e-8)  # z = 2
    assert "size not known" in points["c", "effect"]["note"]
    assert "direction not stated" in points["e", "vote"]["note"]
    lines = [row for row in rows if row["kind"] == "contour"]
    assert [row["x"] for row in lines] == pytest.approx([math.log10(0.05), -3.0, -math.log10(0.05), 3.0])
    assert all(set(row) == set(plot_tables.ALBATROSS_COLUMNS) for row in rows)


def test_effect_direction_gives_one_arrow_per_study():
    rows = plot_tables.effect_direction_rows(
        *effects_and_votes(), **SETTINGS, agreement=0.7, risk_of_bias={"a": "low", "d": "high"}
    )
    arrows = {row["study_id"]: row for row in rows}
    assert {name: row["symbol"] for name, row in arrows.items()} == {
        **{"a": "up", "b": "down", "c": "up"},
        **{"d": "sideways", "e": "", "f": "up"},
    }
    assert (arrows["a"]["size_class"], arrows["a"]["risk_of_bias"]) == ("medium", "low")
    # 60 people in all, 30 in an arm.
    assert arrows["f"]["size_class"] == "small"
    assert all(set(row) == set(plot_tables.EFFECT_DIRECTION_COLUMNS) for row in rows)


def test_nothing_to_count_gives_no_rows():
    settings = {"agreement": 0.7, "zero_rule": "leave_out", "interval_method": "wilson", "alpha": 0.05}
    assert table.direction_rows([], [], **SETTINGS, **settings) == []


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("none of 1", lambda: vote_counting.count_directions([1, 2], zero_rule="leave_out")),
        ("zero_rule is 'drop'", lambda: vote_counting.count_directions([1], zero_rule="drop")),
        ("3 of 2 results", lambda: vote_counting.sign_test(3, 2)),
        ("method is 'wald'", lambda: vote_counting.proportion_interval(1, 2, method="wald", level=0.95)),
        ("level is 95", lambda: vote_counting.proportion_interval(1, 2, method="wilson", level=95)),
        ("method is 'sum'", lambda: combined_p.combine(Z, method="sum", n_total=None)),
        ("missing or infinite", lambda: combined_p.combine([math.inf], method="stouffer", n_total=None)),
        ("no size above 0", lambda: combined_p.combine(Z, method="stouffer_weighted", n_total=None)),
        ("write the bound", lambda: combined_p.z_of_p([0.0], [1])),
        ("with a direction", lambda: combined_p.z_of_p([0.5], [0])),
        ("above 0 and not 1", lambda: albatross.contour_n([0.05], effect=1.0, **OPTIONS | {"measure": "OR"})),
        ("risk above 1", lambda: albatross.contour_n([0.05], effect=6.0, **OPTIONS | {"measure": "RR"})),
        ("p-values above 0", lambda: albatross.contour_n([0.0], effect=0.5, **OPTIONS)),
        ("no contour of no effect", lambda: albatross.contour_n([0.05], effect=0.0, **OPTIONS)),
        ("sizes above 0", lambda: albatross.contour_p([3.0], effect=0.5, **OPTIONS | {"measure": "COR"})),
        ("agreement is 0.5", lambda: study_direction([1], agreement=0.5)),
        (
            "unit is 'report'",
            lambda: table.combined_p_rows(
                [], [], **BAD_UNIT, methods=["fisher"], bounds="leave_out", without_p="leave_out"
            ),
        ),
        (
            "bounds is 'half'",
            lambda: table.combined_p_rows([], [], **SETTINGS, methods=["fisher"], bounds="half", without_p="leave_out"),
        ),
        ("'maybe' is none of", lambda: gather([], [{"study_id": "a", "result": "maybe"}], **SETTINGS | {"by": ()})),
        ("design_class is missing", lambda: gather([], [{"study_id": "a", "result": "differs"}], **SETTINGS)),
        ("vi is 0", lambda: gather([{"study_id": "a", "yi": 1.0, "vi": 0.0}], [], **SETTINGS | {"by": ()})),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(words, call):
    with pytest.raises(ValueError, match=words):
        call()


OPTIONS = {"measure": "SMD", "arm_ratio": 1.0, "risk_arm2": 0.2}
BAD_UNIT = SETTINGS | {"unit": "report"}
