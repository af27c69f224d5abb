"""The cloud of subsets: its cells hold what R's metafor fits, and their edges are round."""

import numpy as np
import pytest
from known_answers import effects_table, kept

from repool.pooling.sensitivity.gosh import gosh
from repool.pooling.sensitivity.gosh_cloud import cloud, i2_from_q, most_moving
from repool.pooling.sensitivity.gosh_table import GOSH_CLOUD_COLUMNS, gosh_tables

R = kept("sensitivity.json")
YI, VI = (np.array(R[name][:6], dtype=float) for name in ("yi", "vi"))
#: R 4.2.2, metafor 3.8-1, on the first six trials; d as in tests/known/sensitivity.json:
#:   g <- gosh(rma(yi, vi, data = d[1:6, ]));  k <- rowSums(g$incl);  Q <- g$res$QE
#:   i2 <- ifelse(Q > k - 1, 100 * (Q - (k - 1)) / Q, 0)
#:   which.max(sapply(1:6, function(j) abs(diff(tapply(g$res$estimate, g$incl[, j], median)))))   # 5
#:   aggregate(cbind(with = g$incl[, 5] == 1, without = g$incl[, 5] == 0),
#:             by = list(floor(g$res$estimate / 0.05), floor(i2 / 2.5)), FUN = sum)
#: (column, row): (subsets with trial 5, without it)
CELLS_OF_R = {
    (-32, 0): (0, 1), (-31, 0): (0, 1), (-30, 0): (0, 2), (-29, 0): (0, 6), (-27, 0): (0, 3), (-25, 33): (0, 1),
    (-24, 31): (0, 1), (-24, 33): (0, 1), (-24, 35): (0, 1), (-23, 35): (0, 1), (-23, 37): (0, 1), (-22, 0): (0, 1),
    (-22, 19): (0, 1), (-22, 27): (0, 1), (-22, 32): (1, 1), (-22, 34): (1, 1), (-22, 36): (1, 0), (-21, 8): (0, 1),
    (-21, 34): (2, 0), (-20, 14): (0, 1), (-20, 31): (1, 0), (-20, 32): (1, 0), (-20, 34): (1, 0), (-20, 35): (1, 0),
    (-20, 36): (1, 0), (-19, 27): (1, 0), (-19, 34): (1, 0), (-18, 0): (0, 1), (-18, 28): (1, 0), (-18, 33): (1, 0),
    (-18, 35): (1, 0), (-18, 36): (1, 0), (-17, 24): (1, 0), (-17, 30): (1, 0), (-17, 34): (1, 0), (-17, 35): (1, 0),
    (-17, 36): (1, 0), (-17, 38): (1, 0), (-16, 0): (0, 4), (-16, 27): (1, 0), (-16, 31): (1, 0), (-14, 21): (1, 0),
    (-13, 17): (1, 0), (-13, 25): (1, 0), (-13, 27): (1, 0), (-12, 25): (1, 0), (-11, 32): (1, 0), (-7, 6): (1, 0),
    (-5, 0): (1, 0),
}  # fmt: skip


def fits():
    return gosh(YI, VI, method="REML", maximum_subsets=63, seed=0)


def test_cells_of_all_subsets_of_six_bcg_trials_are_those_of_r():
    found = fits()
    assert most_moving(found) == 5 - 1  # R counts from 1
    seen = cloud(found.estimate, i2_from_q(found), inside=found.included[:, 4])
    assert seen.estimate_step == 0.05
    assert seen.cells == CELLS_OF_R


def test_rows_are_the_cells_and_the_sums_of_columns_and_of_rows():
    settings = {"method_tau2": "REML", "maximum_subsets": 63, "seed": 0, "minimum_k": 3}
    rows = gosh_tables(effects_table(YI, VI), **settings)["gosh_cloud"]
    assert all(tuple(row) == GOSH_CLOUD_COLUMNS for row in rows)
    parts = {part: [row for row in rows if row["part"] == part] for part in ("cell", "estimate", "i2")}
    assert sum(map(len, parts.values())) == len(rows)
    for part in parts.values():
        # 2^6 - 1 = 63 subsets, 2^5 = 32 of them with the trial.
        assert [sum(row[name] for row in part) for name in ("subsets", "subsets_with", "subsets_without")] == [
            63,
            32,
            31,
        ]
    (fullest,) = [row for row in parts["cell"] if row["subsets"] == 6]
    edges = [fullest[name] for name in ("estimate_lb", "estimate_ub", "i2_lb", "i2_ub")]
    assert edges == pytest.approx([-1.45, -1.40, 0, 2.5])
    # From R's cells above: the column at 0.05 x -22 holds 1 + 1 + 1 + 2 + 2 + 1 subsets.
    assert [row["subsets"] for row in parts["estimate"] if abs(row["estimate_lb"] + 1.1) < 1e-9] == [8]


@pytest.mark.parametrize(
    ("ends", "step"),
    # 40 cells at the most: 0.4 / 0.01, with one more cell for the upper end; 399 / 10; 1 / 0.025 has 41.
    [((0.0, 0.399), 0.01), ((0.0, 0.4), 0.02), ((0.0, 399.0), 10.0), ((-0.5, 0.5), 0.05), ((3.0, 3.0), 1e-4)],
)
def test_cells_are_as_small_as_round_numbers_and_forty_of_them_allow(ends, step):
    assert cloud(np.array(ends), np.zeros(2), inside=np.array([True, False])).estimate_step == step


def test_result_on_an_edge_stands_in_the_cell_above_whichever_way_it_was_rounded():
    # 0.15 from sums of thirds comes out a hair below or above; both are the same result.
    near = np.array([0.15 - 1e-14, 0.15, 0.15 + 1e-14, 1.0])
    seen = cloud(near, np.array([50.0, 50.0 - 1e-12, 50.0, 100.0]), inside=np.array([True, True, False, False]))
    assert seen.estimate_step == 0.025
    # 0.15 / 0.025 = 6 and 50 / 2.5 = 20; I2 of 100 stands in the last row, from 97.5.
    assert seen.cells == {(6, 20): (2, 1), (40, 39): (0, 1)}


def test_a_result_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        cloud(np.array([np.nan]), np.array([0.0]), inside=np.array([True]))
