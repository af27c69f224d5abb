"""Risks from relative effects: worked examples of the Cochrane Handbook, numbers of R, and algebra on paper."""

from math import inf, log

import pytest

from repool.pooling.absolute_effects import is_beyond, median_risk, risk_with

#: Closed forms in the same arithmetic: nothing but the last digits may differ.
EXACT = {"rel": 1e-12, "abs": 1e-15}


@pytest.mark.parametrize(
    ("measure", "ratio", "fewer"),
    [
        # Cochrane Handbook 5.1, 12.5.4.2: RR 0.92 at 300 per 1000 is 24 fewer per 1000.
        ("RR", 0.92, 24),
        # Cochrane Handbook 5.1, 12.5.4.3: OR 0.73 at 300 per 1000 is 62 fewer per 1000, in whole people.
        ("OR", 0.73, 62),
    ],
)
def test_worked_examples_of_the_handbook(measure, ratio, fewer):
    assert round(1000 * (0.3 - risk_with(log(ratio), 0.3, measure=measure))) == fewer


@pytest.mark.parametrize(
    ("measure", "effect", "baseline", "risk"),
    [
        # R 4: plogis(qlogis(.2) + log(.5)); plogis(qlogis(.068) + log(1.7))
        ("OR", log(0.5), 0.2, 0.111111111111111),
        ("PETO", log(1.7), 0.068, 0.110347460862925),
        # R 4: 1 - exp(log(1 - .2) * .5); 1 - (1 - .35)^1.8
        ("HR", log(0.5), 0.2, 0.105572809000084),
        ("HR", log(1.8), 0.35, 0.539484722972074),
        # On paper: 0.25 x 0.4, and 0.25 - 0.1.
        ("RR", log(0.4), 0.25, 0.1),
        ("RD", -0.1, 0.25, 0.15),
    ],
)
def test_risk_is_that_of_the_formula(measure, effect, baseline, risk):
    # R prints 15 digits.
    assert risk_with(effect, baseline, measure=measure) == pytest.approx(risk, rel=1e-14)


@pytest.mark.parametrize("measure", ["OR", "PETO", "RR", "RD", "HR"])
@pytest.mark.parametrize("baseline", [0.0, 0.001, 0.5, 0.999, 1.0])
def test_no_effect_leaves_the_risk_where_it_is(measure, baseline):
    assert risk_with(0.0, baseline, measure=measure) == pytest.approx(baseline, **EXACT)


def test_turning_arms_and_event_round_gives_the_other_risk():
    # On paper: 1 / OR of the opposite event at 1 - p0 gives 1 - p1.
    assert risk_with(log(3), 0.2, measure="OR") == pytest.approx(1 - risk_with(-log(3), 0.8, measure="OR"), **EXACT)


@pytest.mark.parametrize(
    ("measure", "effect", "bound"), [("RR", log(3), 1.0), ("RD", 0.7, 1.0), ("RD", -0.5, 0.0), ("RR", 800.0, 1.0)]
)
def test_a_risk_beyond_what_is_possible_is_cut_and_told(measure, effect, bound):
    assert risk_with(effect, 0.4, measure=measure) == bound
    assert is_beyond(effect, 0.4, measure=measure)


@pytest.mark.parametrize("measure", ["OR", "HR"])
def test_no_odds_or_hazard_ratio_leads_beyond_a_risk(measure):
    for effect, bound in ((-inf, 0.0), (-800.0, 0.0), (800.0, 1.0), (inf, 1.0)):
        assert risk_with(effect, 0.4, measure=measure) == pytest.approx(bound, abs=1e-300)
        assert not is_beyond(effect, 0.4, measure=measure)


def test_what_is_no_risk_is_refused():
    with pytest.raises(ValueError, match="from 0 to 1, not at 68"):
        risk_with(0.0, 68, measure="OR")
    with pytest.raises(ValueError, match="IRR gives no risk"):
        risk_with(0.0, 0.1, measure="IRR")


def test_median_risk_of_the_bcg_trials_is_that_of_r():
    # metadat 1.4 in R: d <- dat.bcg; median(d$cpos / (d$cpos + d$cneg))
    controls = [(11, 139), (29, 303), (11, 220), (248, 12867), (47, 5808), (372, 1451), (10, 629), (499, 88391)]
    controls += [(45, 7277), (65, 1665), (141, 27338), (3, 2341), (29, 17854)]
    assert median_risk(controls) == pytest.approx(0.0158982511923688, rel=1e-14)


def test_median_of_an_even_number_lies_between_the_middle_two():
    # On paper: 0.1, 0.2, 0.4 and 0.5.
    assert median_risk([(1, 10), (2, 10), (4, 10), (5, 10), (0, 0)]) == pytest.approx(0.3, **EXACT)
    assert median_risk([(0, 0)]) is None
