"""Whatever numbers arrive: no exception, no warning, no half-filled row, and inputs left as they were."""

import importlib
import inspect
import pkgutil
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from repool.effects import conversions

#: Modules without conversions of their own.
TOOLS = {"guards", "search"}
#: Words and settings; all other parameters are numbers.
CHOICES = {
    "formula": st.sampled_from(["exact", "large_sample"]),
    "measure": st.sampled_from(["OR", "RR", "RD"]),
    "from_measure": st.sampled_from(["OR", "RR", "RD"]),
    "to_measure": st.sampled_from(["OR", "RR", "RD"]),
    "median_needed": st.booleans(),
    "yates": st.booleans(),
    "thresholds": st.just((0.001, 0.01, 0.05)),
    "alpha": st.floats(0, 1),
    "p_op": st.lists(st.sampled_from(["=", "<", "<=", ">", ">=", "ns", "", "?"]), min_size=4, max_size=4),
}
#: Ranges and tests, whose parts may be infinite or missing one by one.
NOT_PAIRED = {"p_range", "fit_quantiles"}
AWKWARD = [0.0, -0.0, 1.0, 2.0, -1.0, 0.5, 5.0, 95.0, 100.0, 1e-300, 1e300, -1e300, np.inf, -np.inf, np.nan]
NUMBERS = arrays(float, 4, elements=st.sampled_from(AWKWARD) | st.floats() | st.floats(0, 1) | st.floats(1, 500))


def public_functions():
    for module in pkgutil.iter_modules(conversions.__path__):
        if module.name not in TOOLS:
            loaded = importlib.import_module(f"{conversions.__name__}.{module.name}")
            for name, function in inspect.getmembers(loaded, inspect.isfunction):
                if function.__module__ == loaded.__name__ and not name.startswith("_"):
                    yield pytest.param(function, id=f"{module.name}.{name}")


@pytest.mark.parametrize("function", list(public_functions()))
@settings(derandomize=True, deadline=None, max_examples=25)
@given(data=st.data())
def test_any_numbers_give_an_answer_or_nan_and_never_half_a_row(function, data):
    names = inspect.signature(function).parameters
    keywords = {name: data.draw(CHOICES.get(name, NUMBERS), label=name) for name in names}
    before = {name: np.array(value) for name, value in keywords.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(**keywords)
    results = found if isinstance(found, tuple) else (found,)
    assert all(len(result) == 4 for result in results)
    for name, value in before.items():
        np.testing.assert_array_equal(keywords[name], value)
    if function.__name__ not in NOT_PAIRED:
        finite = np.array([np.isfinite(result) for result in results])
        missing = np.array([np.isnan(result) for result in results if result.dtype == float])
        assert (finite.all(axis=0) | missing.all(axis=0)).all() if missing.size else finite.all()


@pytest.mark.parametrize("function", list(public_functions()))
def test_no_choice_is_made_by_default(function):
    assert all(part.default is inspect.Parameter.empty for part in inspect.signature(function).parameters.values())


def test_a_hundred_thousand_rows_do_not_take_long():
    from time import perf_counter

    from repool.effects.conversions.medians import mean_from_quantiles

    middle = np.linspace(1, 2, 100_000)
    started = perf_counter()
    mean_from_quantiles(middle - 1, middle - 0.5, middle, middle + 1, middle + 3, np.full(100_000, 40.0))
    assert perf_counter() - started < 1  # a loop over rows would take several seconds
