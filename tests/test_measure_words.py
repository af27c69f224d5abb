"""The measures in words are those that have formulas, with the same variances and scales."""

import pytest

from repool.effects.measure_words import MEASURE_WORDS
from repool.effects.measures.catalogue import MEASURES

#: Measures without a formula: they are only taken as printed.
GIVEN = {"HR"}


def test_words_and_formulas_name_the_same_measures():
    assert set(MEASURE_WORDS) - GIVEN == {measure.name for measure in MEASURES.values()}
    assert {name for name, words in MEASURE_WORDS.items() if words.vtypes == ("given",)} == GIVEN


@pytest.mark.parametrize("name", sorted(set(MEASURE_WORDS) - GIVEN))
def test_words_offer_the_variances_that_the_formulas_have(name):
    offered = [vtype for measure in MEASURES.values() if measure.name == name for vtype in measure.vtypes]
    assert MEASURE_WORDS[name].vtypes == tuple(dict.fromkeys(offered))


@pytest.mark.parametrize("name", sorted(set(MEASURE_WORDS) - GIVEN))
def test_a_ratio_is_a_comparison_on_the_log_scale(name):
    scales = {measure.scale for measure in MEASURES.values() if measure.name == name}
    # Logs of single groups (a rate, a mean) are shown as they are: they have no value that means "no effect".
    assert MEASURE_WORDS[name].is_log == (scales == {"log"} and MEASURE_WORDS[name].has_null)
