"""The line of a bubble plot, held to R's predict, and its table."""

import math

import numpy as np
import pytest
from known_answers import effects_table
from test_regression import KNOWN, TABLE, VI, YI

from repool.pooling.moderators.bubble import fitted_line
from repool.pooling.moderators.table import BUBBLE_COLUMNS, bubble_rows

EFFECTS = effects_table(YI, VI, **TABLE)
SETTINGS = {"method_tau2": "REML", "ci_method": "knapp_hartung", "level": 0.95}


def rows(effects=EFFECTS, moderator="ablat", also=(), minimum_k=2, grid_points=3):
    return bubble_rows(
        effects, moderator=moderator, also_in_model=list(also), minimum_k=minimum_k, grid_points=grid_points, **SETTINGS
    )


def test_line_and_limits_are_those_of_predict():
    known, year = KNOWN["line"], np.array(TABLE["year"], dtype=float)
    design = np.column_stack([np.ones(13), TABLE["ablat"], year])
    places = np.column_stack([np.ones(3), [13, 34, 55], np.full(3, year.mean())])
    found = fitted_line(YI, VI, design=design, places=places, **SETTINGS)
    for ours, theirs in (("estimate", "pred"), ("se", "se"), ("ci_lb", "ci_lb"), ("pi_ub", "pi_ub")):
        # 1e-6: year enters uncentred, which costs R digits.
        assert getattr(found, ours).tolist() == pytest.approx(known[theirs], rel=1e-6)
    assert found.weights.sum() == pytest.approx(100.0, rel=1e-12)


def test_table_holds_the_other_moderators_at_their_mean():
    found = rows(also=["year"])
    assert all(tuple(row) == BUBBLE_COLUMNS for row in found)
    line = [row for row in found if row["row"] == "line"]
    # Latitudes of the trials reach from 13 to 55 degrees.
    assert [row["x"] for row in line] == [13, 34, 55]
    assert [row["estimate"] for row in line] == pytest.approx(KNOWN["line"]["pred"], rel=1e-6)
    assert [row["pi_ub"] for row in line] == pytest.approx(KNOWN["line"]["pi_ub"], rel=1e-6)
    bubbles = [row for row in found if row["row"] == "effect"]
    assert [row["yi"] for row in bubbles] == YI.tolist()
    assert {row["also_in_model"] for row in found} == {"year"}


@pytest.mark.parametrize(
    ("effects", "moderator", "minimum_k", "words"),
    [
        (EFFECTS, "alloc", 2, "not a column of numbers"),
        (EFFECTS, "ablat", 14, "needs 14 effects with all moderators, there are 13"),
        (EFFECTS.assign(ablat=7), "ablat", 2, "same value in every effect"),
        (EFFECTS.assign(ablat=""), "ablat", 2, "no effect has a value"),
    ],
)
def test_a_line_that_cannot_be_fitted_says_why(effects, moderator, minimum_k, words):
    (found,) = rows(effects, moderator, minimum_k=minimum_k)
    assert words in found["note"]
    assert math.isnan(found["estimate"])


def test_a_line_of_one_place_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        rows(grid_points=1)
