"""Diamonds of several models, and sums of people and weights, say what the tables hold."""

import math

import pandas as pd
import pytest
from forest_case import POOLED, draw, ladder, study, tables, two_studies
from forest_picture import ROUNDING, artists, depth, text_of


def several(**other):
    """Return two studies pooled by a main model and by a common effect."""
    effects, pooled = two_studies()
    rival = pooled.assign(model="common", is_primary="no", method_tau2="none", ci_method="wald", **other)
    return effects, pd.concat([pooled, rival], ignore_index=True)


def test_every_model_has_a_diamond_that_is_named():
    frames = several(estimate=math.log(1.4), ci_lb=math.log(1.1), ci_ub=math.log(1.8))
    figure = draw(frames, models="all")
    found = artists(figure)
    assert text_of(figure, "pooled-as_reported").endswith("(k = 2): REML, Knapp-Hartung (floored)")
    assert text_of(figure, "model-as_reported-model-1") == "common effect, Wald"
    assert text_of(figure, "model-effect-as_reported-model-1") == "1.40 [1.10 to 1.80]"
    across = sorted({float(x) for x, _ in found["model-diamond-as_reported-model-1"].get_xy()})
    assert across == pytest.approx([math.log(1.1), math.log(1.4), math.log(1.8)], abs=ROUNDING)
    assert depth(figure, "model-as_reported-model-1") > depth(figure, "pooled-as_reported")
    assert "Flat diamond" in text_of(figure, "note-key")


def test_one_model_alone_is_drawn_where_the_review_asks_for_the_primary_one():
    assert not [gid for gid in artists(draw(several())) if gid.startswith("model-")]


def test_a_model_that_could_not_be_fitted_says_why():
    figure = draw(several(verdict="not_pooled", reason="the search did not settle"), models="all")
    words = text_of(figure, "not-pooled-as_reported-model-1")
    assert words == "common effect, Wald, not pooled: the search did not settle."


def test_totals_are_the_sums_of_what_is_pooled():
    figure = draw(two_studies(), preset="bmj")
    # Both studies print 13 of 40 and 8 of 41; their weights are 75 % and 25 %.
    assert text_of(figure, "pooled-arm1-as_reported") == "26/80"
    assert text_of(figure, "pooled-arm2-as_reported") == "16/82"
    assert text_of(figure, "pooled-weight-as_reported") == "100.0"


def test_revman_has_a_row_of_events():
    figure = draw(two_studies(), preset="revman5")
    assert text_of(figure, "events-as_reported") == "Total events"
    assert text_of(figure, "events-events1-as_reported") == "26"
    assert text_of(figure, "pooled-n2-as_reported") == "82"
    assert "pooled-events1-as_reported" not in artists(figure)


def test_a_total_with_a_missing_count_is_blank_and_one_with_a_share_is_about():
    studies = [study("A", 2, 1, 4, counts=(None, 40.5, 3, 41)), study("B", 2, 1, 4)]
    figure = draw(tables(studies, {"as_reported": POOLED}), preset="bmj")
    assert text_of(figure, "pooled-arm1-as_reported") == "≈80"
    assert text_of(figure, "pooled-arm2-as_reported") == "11/82"


def test_later_totals_hold_the_people_of_earlier_steps():
    figure = draw(ladder(), preset="bmj")
    assert text_of(figure, "pooled-arm1-equal_arms") == "26/80"
    assert text_of(figure, "pooled-arm1-derived") == "39/120"


def test_no_prediction_interval_where_the_review_wants_none():
    found = artists(draw(ladder(), prediction="none"))
    assert not [gid for gid in found if gid.startswith("prediction")]
