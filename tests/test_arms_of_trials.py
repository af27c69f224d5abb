"""Trials with three arms: which arms are shared, and what splitting and merging make of their numbers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.extraction.arm_numbers import ARM_COLUMNS, combined_arm, combined_mean, part_of_arm
from repool.extraction.arms_of_trials import OF_THE_CONTRAST, shared_arms, variants_of
from repool.extraction.harmonise import FRONT, data_columns
from repool.extraction.specification import columns_of
from repool.schemas import schema

COLUMNS = [*FRONT, *(column.name for column in data_columns(columns_of(schema("extraction"))))]
COUNTS = {"n_arm1": 100.0, "events_arm1": 30.0, "n_arm2": 110.0, "events_arm2": 40.0}


def row(result_id, arm1="A", arm2="C", **cells):
    blank = dict.fromkeys(COLUMNS) | {"term": "abstinent", "time_months": 6.0, "outcome_source": "self_report"}
    names = {"result_id": result_id, "study_id": "s", "condition_arm1": arm1, "condition_arm2": arm2}
    return blank | {"comparator": "usual_care"} | names | cells


def marked(*rows):
    shared = shared_arms(rows)
    marks = {name: dict(zip(("multi_arm_group", "shared_arm"), found, strict=True)) for name, found in shared.items()}
    return [one | marks.get(one["result_id"], {}) for one in rows]


def three_arms(**cells):
    """A (30 of 100) and B (24 of 90) against the same C (40 of 110)."""
    second = COUNTS | {"n_arm1": 90.0, "events_arm1": 24.0}
    return marked(row("x-01", **COUNTS, **cells), row("x-02", "B", **second, **cells))


# Which arms are shared.


def test_arm_of_two_contrasts_is_shared():
    assert shared_arms(three_arms()) == {"x-01": ("x-01", "arm2"), "x-02": ("x-01", "arm2")}


def test_intervention_against_two_comparators_of_one_role_is_shared():
    found = shared_arms([row("x-01", "A", "C"), row("x-02", "A", "D")])
    assert found == {"x-01": ("x-01", "arm1"), "x-02": ("x-01", "arm1")}


def test_all_contrasts_of_three_arms_share_both_arms():
    found = shared_arms([row("x-01", "A", "C"), row("x-02", "B", "C"), row("x-03", "A", "B")])
    assert found == dict.fromkeys(("x-01", "x-02", "x-03"), ("x-01", "arm1;arm2"))


@pytest.mark.parametrize(
    "cells",
    [
        {"term": "still in treatment"},
        {"time_months": 12.0},
        {"outcome_source": "bioassay"},
        {"comparator": "active_professional"},
        {"condition_arm1": "A"},  # the same contrast twice shares nothing with another
        {"condition_arm2": "D"},  # two trials in one: no arm in common
    ],
)
def test_contrasts_that_are_not_alike_share_no_arm(cells):
    assert shared_arms([row("x-01"), row("x-02", "B") | cells]) == {}


@pytest.mark.parametrize("comparator", ["none", "pre"])
def test_one_group_shares_no_arm(comparator):
    cells = {"comparator": comparator}
    assert shared_arms([row("x-01", "A", None, **cells), row("x-02", "B", None, **cells)]) == {}


def test_two_sets_of_arms_are_two_groups():
    rows = [row("x-01", "A", "C"), row("x-02", "B", "C"), row("x-03", "D", "F"), row("x-04", "E", "F")]
    groups = {name: group for name, (group, _) in shared_arms(rows).items()}
    assert groups == {"x-01": "x-01", "x-02": "x-01", "x-03": "x-03", "x-04": "x-03"}


# Splitting.


def test_split_divides_people_and_events_of_the_shared_arm_alone():
    made, refused = variants_of(three_arms(), variant="split")
    assert refused == {}
    # 110 and 40 in two parts; A and B keep theirs.
    cells = ("n_arm1", "events_arm1", "n_arm2", "events_arm2")
    numbers = {one["result_id"]: tuple(one[cell] for cell in cells) for one in made}
    assert numbers == {"x-01+split": (100, 30, 55, 20), "x-02+split": (90, 24, 55, 20)}
    assert [one["made_from"] for one in made] == ["x-01", "x-02"]


def test_split_keeps_mean_and_sd_and_widens_the_standard_error():
    # SE = SD / root n: 4.5 / root 60; a third of the people has root 3 times that, and the same SD.
    arm = dict.fromkeys(ARM_COLUMNS) | {"n": 60.0, "mean": 13.0, "sd": 4.5, "se": 4.5 / math.sqrt(60), "percent": 20.0}
    part = part_of_arm(arm, 3)
    assert (part["n"], part["mean"], part["sd"], part["percent"]) == (20.0, 13.0, 4.5, 20.0)
    assert part["se"] * math.sqrt(part["n"]) == pytest.approx(4.5, rel=1e-14)  # two roots and a product


def test_split_takes_nothing_over_that_was_computed_from_the_whole_contrast():
    printed = {"estimate": 0.7, "estimate_scale": "OR", "ci_lb": 0.4, "ci_ub": 1.2, "ci_level": 95.0, "p": 0.2,
               "p_op": "=", "n_total": 300.0, "n_total_arms": 3.0, "t_change_arm2": -2.0}  # fmt: skip
    made, _ = variants_of(three_arms(**printed), variant="split")
    for one in made:
        assert not [name for name in (*OF_THE_CONTRAST, "t_change_arm2") if one[name] is not None]


def test_split_of_all_contrasts_divides_every_arm():
    rows = marked(
        row("x-01", "A", "C", n_arm1=100.0, n_arm2=110.0),
        row("x-02", "B", "C", n_arm1=90.0, n_arm2=110.0),
        row("x-03", "A", "B", n_arm1=100.0, n_arm2=90.0),
    )
    made, _ = variants_of(rows, variant="split")
    assert [(one["n_arm1"], one["n_arm2"]) for one in made] == [(50, 55), (45, 55), (50, 45)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("x-01"), row("x-02", "B")], 'no people, events or person-time of "C", which is shared'),
        ([row("x-01", n_arm2=110.0), row("x-02", "B", n_arm2=108.0)], "rows print 110 and 108 as n of the same arm"),
        ([row("x-01", n_arm2=110.0, paired="yes"), row("x-02", "B", n_arm2=110.0)], "same or matched people"),
    ],
)
def test_split_that_cannot_be_says_why(rows, words):
    made, refused = variants_of(marked(*rows), variant="split")
    assert made == [] and sorted(refused) == ["x-01", "x-02"]
    assert words in refused["x-01"]


# Merging.


def test_merged_arms_sum_their_people_and_events():
    (merged,), refused = variants_of(three_arms(), variant="combined")
    assert refused == {}
    # A and B: 30 + 24 of 100 + 90; C once.
    assert [merged[name] for name in COUNTS] == [190, 54, 110, 40]
    assert (merged["result_id"], merged["made_from"]) == ("x-01+combined", "x-01;x-02")
    assert (merged["condition_arm1"], merged["condition_arm2"]) == ("A + B", "C")


def test_merged_comparators_stand_on_the_other_side():
    rows = marked(
        row("x-01", "A", "C", **COUNTS), row("x-02", "A", "D", **(COUNTS | {"n_arm2": 10.0, "events_arm2": 5.0}))
    )
    (merged,), _ = variants_of(rows, variant="combined")
    assert [merged[name] for name in COUNTS] == [100, 30, 120, 45]
    assert (merged["condition_arm1"], merged["condition_arm2"]) == ("A", "C + D")


def test_a_doubted_row_makes_the_merged_row_doubted():
    first, second = three_arms()
    (merged,), _ = variants_of([first, second | {"doubted": "yes"}], variant="combined")
    assert merged["doubted"] == "yes"


# R 4.2: x <- rnorm(13, 2, 3); z <- rnorm(7, 5, 1); w <- rnorm(5, -1, 2) after set.seed(1); mean and sd of each and
# of c(x, z) and c(x, z, w), printed with 15 digits. So rtol 1e-12: sums of 25 squares of numbers with 15 digits.
RAW = [(13, 2.60055653168004, 2.44351803158602), (7, 5.17258084083605, 1.14616077344861),
       (5, -0.837538916905675, 2.40219246988683)]  # fmt: skip


@pytest.mark.parametrize(
    ("groups", "mean", "sd"), [(2, 3.50076503988464, 2.40209478452644), (3, 2.63310424852658, 2.94389741144475)]
)
def test_groups_as_one_have_the_mean_and_sd_of_all_their_people(groups, mean, sd):
    n, means, sds = zip(*RAW[:groups], strict=True)
    assert combined_mean(n, means, sds) == pytest.approx((sum(n), mean, sd), rel=1e-12)


def test_two_groups_as_one_follow_the_handbook():
    # Cochrane Handbook, table 6.5.a, by hand with N = 10, 20; M = 3, 6; SD = 1, 2: mean (30 + 120) / 30 = 5, and
    # SD^2 = (9 x 1 + 19 x 4 + 10 x 20 / 30 x (9 + 36 - 36)) / 29 = 145 / 29 = 5.
    assert combined_mean([10, 20], [3, 6], [1, 2]) == pytest.approx((30, 5, math.sqrt(5)), rel=1e-14)


def test_merged_arm_takes_its_sd_from_standard_errors_where_only_these_are_printed():
    with_sd = [dict(zip(("n", "mean", "sd"), group, strict=True)) for group in RAW[:2]]
    with_se = [{"n": n, "mean": mean, "se": sd / math.sqrt(n)} for n, mean, sd in RAW[:2]]
    printed, derived = combined_arm(with_sd), combined_arm(with_se)
    assert (printed["mean"], printed["sd"]) == pytest.approx((3.50076503988464, 2.40209478452644), rel=1e-12)
    assert derived["sd"] == pytest.approx(2.40209478452644, rel=1e-12)


def test_merged_percent_is_weighted_by_people():
    # 20 % of 50 and 40 % of 150 are 10 + 60 = 70 of 200, 35 %.
    group = combined_arm([{"n": 50.0, "percent": 20.0}, {"n": 150.0, "percent": 40.0}])
    assert (group["n"], group["percent"]) == (200.0, pytest.approx(35.0, rel=1e-14))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        # Only ratios are printed; a size is missing; two separate pairs linked in a chain.
        ([row("x-01", estimate=0.7), row("x-02", "B", estimate=0.8)], "not every arm prints its size"),
        ([row("x-01", **COUNTS), row("x-02", "B", **(COUNTS | {"n_arm1": None}))], "not every arm prints its size"),
        ([row("x-01", "A", "B", **COUNTS), row("x-02", "B", "C", n_arm1=110.0, events_arm1=40.0)],
         "no arm stands on the same side"),
        ([row("x-01", **COUNTS), row("x-02", "B", **(COUNTS | {"events_arm2": 41.0}))],
         "rows print 40 and 41 as events of the same arm"),
    ],
)  # fmt: skip
def test_merging_that_cannot_be_says_why(rows, words):
    made, refused = variants_of(marked(*rows), variant="combined")
    assert made == [] and words in refused["x-01"] and words in refused["x-02"]


numbers = st.floats(allow_nan=True, allow_infinity=True)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(numbers, numbers, numbers), max_size=4))
def test_no_numbers_however_wrong_give_an_error_or_half_an_answer(groups):
    n, mean, sd = ([group[place] for group in groups] for place in range(3))
    found = combined_mean(n, mean, sd)
    assert all(map(math.isfinite, found)) or all(map(math.isnan, found))


@settings(derandomize=True, deadline=None)
@given(st.integers(2, 6), st.floats(20, 500), st.floats(-50, 50), st.floats(0.1, 30))
def test_parts_of_an_arm_taken_as_one_are_the_arm(parts, n, mean, sd):
    arm = dict.fromkeys(ARM_COLUMNS) | {"n": n, "mean": mean, "sd": sd, "events": n / 3}
    whole = combined_arm([part_of_arm(arm, parts)] * parts)
    # Each part keeps the SD and so loses one degree of freedom: (n - parts) of (n - 1) are left in the sum of squares.
    assert whole["n"] == pytest.approx(n, rel=1e-12) and whole["events"] == pytest.approx(n / 3, rel=1e-12)
    assert whole["mean"] == pytest.approx(mean, rel=1e-12, abs=1e-12)
    assert whole["sd"] == pytest.approx(sd * math.sqrt((n - parts) / (n - 1)), rel=1e-9)
