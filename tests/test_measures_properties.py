"""What must hold for any numbers: symmetry, units, and never half an effect."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repool.effects.measures.catalogue import MEASURES, effect_sizes
from repool.effects.measures.zero_cells import RULES, ZeroCells, has_cells

ROUNDING = 1e-9  # a handful of operations, some of which cancel
KEEP = settings(derandomize=True, deadline=None, max_examples=60)

#: Measures of two arms whose sign flips, and whose variance stays, when the arms change places.
SWAPPED_TABLES = ("OR", "RR", "RD", "PETO", "AS", "PHI", "YUQ", "YUY", "RTET", "OR2D", "OR2DL", "OR2DN", "PBIT")
SWAPPED_RATES = ("IRR", "IRD", "IRSD")
#: Not SMD1, whose standard deviation is that of arm 2.
SWAPPED_MEANS = ("MD", "SMD", "SMDH", "ROM", "VR", "CVR", "RPB", "RBIS", "D2OR", "D2ORL", "D2ORN")

numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-3, 60).map(float),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, -1.0, 1e-300, 1e300, -1e300, np.inf, -np.inf, np.nan, 5e-324]),
)
people = st.integers(2, 400)
spread = st.floats(0.5, 20)
level = st.floats(5, 100)


def tables():
    """Return inputs of two-by-two tables with at least one person per arm."""
    arm = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    return st.tuples(arm, arm).map(
        lambda arms: {
            "events_arm1": arms[0][0],
            "n_arm1": arms[0][1],
            "events_arm2": arms[1][0],
            "n_arm2": arms[1][1],
        }
    )


def rates():
    """Return inputs of two arms with events and person-time."""
    arm = st.tuples(st.integers(0, 90), st.floats(1, 900))
    return st.tuples(arm, arm).map(
        lambda arms: {
            "events_arm1": arms[0][0],
            "person_time_arm1": arms[0][1],
            "events_arm2": arms[1][0],
            "person_time_arm2": arms[1][1],
        }
    )


def means():
    """Return inputs of two arms with means."""
    names = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
    columns = (level, spread, people, level, spread, people)
    return st.tuples(*columns).map(lambda row: dict(zip(names, row, strict=True)))


def swapped(inputs):
    """Return the inputs with the arms exchanged."""
    other = {"1": "2", "2": "1"}
    return {name[:-1] + other[name[-1]]: value for name, value in inputs.items()}


def computed(measure, inputs, *, vtype="LS", rule="only0"):
    """Return the effects of a measure."""
    zero_cells = ZeroCells(rule, 0.5, False) if has_cells(MEASURES[measure].family) else None
    return effect_sizes(measure, inputs, vtype=vtype, zero_cells=zero_cells)


def assert_flipped(measure, inputs, **options):
    before, after = computed(measure, inputs, **options), computed(measure, swapped(inputs), **options)
    np.testing.assert_allclose(after.yi, -before.yi, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(after.vi, before.vi, rtol=ROUNDING)


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("measure", SWAPPED_TABLES)
@settings(derandomize=True, deadline=None, max_examples=15)
@given(inputs=tables())
def test_swapping_the_arms_of_a_table_changes_only_the_sign(measure, rule, inputs):
    assert_flipped(measure, inputs, rule=rule)


@pytest.mark.parametrize("measure", SWAPPED_RATES)
@KEEP
@given(inputs=rates())
def test_swapping_the_arms_of_rates_changes_only_the_sign(measure, inputs):
    assert_flipped(measure, inputs)


@pytest.mark.parametrize("measure", SWAPPED_MEANS)
@KEEP
@given(inputs=means())
def test_swapping_the_arms_of_means_changes_only_the_sign(measure, inputs):
    assert_flipped(measure, inputs)


@pytest.mark.parametrize("measure", [key for key in SWAPPED_TABLES if MEASURES[key].turned == "sign"])
@KEEP
@given(inputs=tables())
def test_counting_the_people_without_the_outcome_changes_only_the_sign(measure, inputs):
    turned = dict(inputs)
    for arm in ("arm1", "arm2"):
        turned[f"events_{arm}"] = inputs[f"n_{arm}"] - inputs[f"events_{arm}"]
    before, after = computed(measure, inputs), computed(measure, turned)
    np.testing.assert_allclose(after.yi, -before.yi, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(after.vi, before.vi, rtol=ROUNDING)


@pytest.mark.parametrize(
    ("measure", "power"),
    [("MD", 1), ("SMD", 0), ("SMDH", 0), ("SMD1", 0), ("SMD1H", 0), ("ROM", 0), ("VR", 0), ("CVR", 0), ("RPB", 0)],
)
@KEEP
@given(inputs=means(), factor=st.floats(0.01, 100))
def test_another_unit_changes_differences_in_proportion_and_nothing_else(measure, power, inputs, factor):
    scaled = {name: value if name.startswith("n_") else value * factor for name, value in inputs.items()}
    before, after = computed(measure, inputs), computed(measure, scaled)
    slack = ROUNDING * factor**power
    np.testing.assert_allclose(after.yi, before.yi * factor**power, rtol=ROUNDING, atol=slack)
    np.testing.assert_allclose(after.vi, before.vi * factor ** (2 * power), rtol=ROUNDING)


@pytest.mark.parametrize("measure", ["MD", "SMD", "SMDH", "SMD1", "VR", "RPB"])
@KEEP
@given(inputs=means(), shift=st.floats(-50, 50))
def test_another_zero_of_the_scale_changes_nothing(measure, inputs, shift):
    shifted = {name: value + shift if name.startswith("mean") else value for name, value in inputs.items()}
    before, after = computed(measure, inputs), computed(measure, shifted)
    np.testing.assert_allclose(after.yi, before.yi, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(after.vi, before.vi, rtol=ROUNDING)


@pytest.mark.parametrize("key", sorted(MEASURES))
@settings(derandomize=True, deadline=None, max_examples=40)
@given(data=st.data())
def test_no_number_however_wrong_gives_an_error_a_warning_or_half_an_effect(key, data):
    measure = MEASURES[key]
    inputs = {name: data.draw(st.lists(numbers, min_size=4, max_size=4)) for name in measure.inputs}
    vtype = data.draw(st.sampled_from(measure.vtypes))
    rules = [rule for rule in sorted(RULES) if rule != "treatment_arm" or measure.family == "two_by_two"]
    zero_cells = ZeroCells(data.draw(st.sampled_from(rules)), 0.5, data.draw(st.booleans()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        effects = effect_sizes(key, inputs, vtype=vtype, zero_cells=zero_cells)
    there = ~np.isnan(effects.yi)
    assert (there == ~np.isnan(effects.vi)).all()
    assert np.isfinite(effects.yi[there]).all()
    assert np.isfinite(effects.vi[there]).all()
    assert (effects.vi[there] >= 0).all()
    assert not effects.corrected[~there].any()


@pytest.mark.parametrize("key", sorted(set(MEASURES) - {"RTET"}))
def test_a_row_s_effect_does_not_depend_on_the_other_rows(key):
    # Averages over studies (AV) and if0all are the two things that do; neither is asked for here.
    measure = MEASURES[key]
    rng = np.random.default_rng(7)
    inputs = {
        name: np.abs(rng.normal(size=30)) * (0.3 if name in ("r", "r2", "alpha") else 5) for name in measure.inputs
    }
    inputs |= {name: np.ceil(values) + 30 for name, values in inputs.items() if name.startswith("n")}
    zero_cells = ZeroCells("only0", 0.5, False)
    together = effect_sizes(key, inputs, vtype="LS", zero_cells=zero_cells)
    assert np.isfinite(together.yi).any()
    for row in (0, 29):
        alone = effect_sizes(key, {n: v[row] for n, v in inputs.items()}, vtype="LS", zero_cells=zero_cells)
        np.testing.assert_array_equal([alone.yi[0], alone.vi[0]], [together.yi[row], together.vi[row]])
