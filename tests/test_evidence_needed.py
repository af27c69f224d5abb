"""How many further studies would change what an interval says."""

import math

import numpy as np
import pytest

from repool.pooling.evidence_needed import confirming_studies, contradicting_studies

FOUR = np.full(4, 0.25)  # weights of 4 each at tau2 = 0: together 16, a standard error of 0.25
Z = 1.959963984540054


def test_enough_confirming_studies_are_just_enough():
    # On paper: estimate 0.4, z / 0.4 = 4.9, squared 24.01; (24.01 - 16) / 4 = 2.002..., so three.
    assert confirming_studies(estimate=0.4, vi=FOUR, tau2=0.0, level=0.95) == 3
    assert Z / math.sqrt(16 + 3 * 4) < 0.4 < Z / math.sqrt(16 + 2 * 4)


def test_enough_contradicting_studies_are_just_enough():
    # On paper: 0.6 x 16 / z = 4.898, squared 23.99; (23.99 - 16) / 4 = 1.998, so two.
    assert contradicting_studies(estimate=0.6, vi=FOUR, tau2=0.0, level=0.95) == 2
    for m, includes in ((1, False), (2, True)):
        total = 16 + m * 4
        assert (0.6 * 16 / total <= Z / math.sqrt(total)) is includes


def test_between_study_variance_makes_every_study_weigh_less():
    # Weights of 1 / (0.25 + 0.75) = 1: z / 0.4 squared is 24.01, less 4, over 1: 20.01, so twenty-one.
    assert confirming_studies(estimate=0.4, vi=FOUR, tau2=0.75, level=0.95) == 21


@pytest.mark.parametrize("estimate", [0.5, -0.5])
def test_side_of_the_effect_does_not_matter(estimate):
    assert confirming_studies(estimate=estimate, vi=FOUR, tau2=0.0, level=0.95) == 0  # 0.5 is above 1.96 x 0.25
    assert contradicting_studies(estimate=estimate, vi=FOUR, tau2=0.0, level=0.95) == 1  # (4.0816^2 - 16) / 4 = 0.16


def test_no_number_of_studies_confirms_an_effect_of_nothing():
    assert confirming_studies(estimate=0.0, vi=FOUR, tau2=0.0, level=0.95) == math.inf
