"""Means and standard deviations that whole numbers can and cannot have: worked examples, and every small sample."""

import itertools
import math
import statistics

import pytest

from repool.extraction.granularity import grim, grimmer


@pytest.mark.parametrize(
    ("mean", "decimals", "n", "items", "possible"),
    [
        # Brown & Heathers (2017): 5.19 of 28 people; 145/28 = 5.179 and 146/28 = 5.214.
        (5.19, 2, 28, 1, False),
        (5.18, 2, 28, 1, True),
        (5.21, 2, 28, 1, True),
        # Allard (2018), introduction: 3.45 of 10 people would need a sum of 34.5.
        (3.45, 2, 10, 1, False),
        # Vignette of R's scrutiny: 5.27 of 43; 226/43 = 5.256 and 227/43 = 5.279.
        (5.27, 2, 43, 1, False),
        # 104/20 = 5.2, printed as 5.20; means of two items: 5.23 of 20 is a sum of 209.2 halves, 5.225 rounds to 5.23.
        (5.20, 2, 20, 1, True),
        (5.23, 2, 20, 1, False),
        (5.23, 2, 20, 2, True),
        # Below 0: changes. -1.33 of 3 is a sum of -4.
        (-1.33, 2, 3, 1, True),
        (-1.35, 2, 3, 1, False),
        # Half up, half down and half to even are all taken as rounding: 0.125 is 0.12 or 0.13.
        (0.12, 2, 8, 1, True),
        (0.13, 2, 8, 1, True),
    ],
)
def test_grim_agrees_with_worked_examples(mean, decimals, n, items, possible):
    assert grim(mean=mean, decimals=decimals, n=n, items=items) == possible


@pytest.mark.parametrize(
    ("mean", "sd", "n", "possible"),
    [
        # Vignette of R's scrutiny (grimmer): 7.3 with 2.51 of 12 is impossible. By hand: the sum is 87 or 88; 87 wants
        # squares of 699.8 to 700.3, so 700, which is even and cannot belong to an odd sum; 88 wants 714.4 to 714.9.
        ((7.3, 1), (2.51, 2), 12, False),
        # By hand, as Allard (2018): sum 62, squares of 316.9 to 317.7, so 317, odd with an even sum.
        ((3.44, 2), (2.47, 2), 18, False),
        # 1, 2, 3, 4, 5: mean 3, variance 10/4.
        ((3.0, 2), (1.58, 2), 5, True),
        # Variance 2.528 wants squares of 55.11 (1.59) at a sum of 15: no whole number between 55.07 and 55.18.
        ((3.0, 2), (1.59, 2), 5, False),
        # All alike.
        ((2.0, 2), (0.0, 2), 6, True),
    ],
)
def test_grimmer_agrees_with_worked_examples(mean, sd, n, possible):
    known = {"mean": mean[0], "mean_decimals": mean[1], "sd": sd[0], "sd_decimals": sd[1]}
    assert grimmer(**known, n=n, items=1) == possible


@pytest.mark.parametrize(("n", "items", "decimals"), [(4, 1, 2), (5, 1, 1), (5, 1, 2), (3, 3, 2)])
def test_no_real_sample_is_called_impossible(n, items, decimals):
    """Every sample of n people with sums from 0 to 6; mean and standard deviation by Python's statistics."""
    for sums in itertools.combinations_with_replacement(range(7), n):
        scores = [value / items for value in sums]
        mean, sd = round(math.fsum(scores) / n, decimals), round(statistics.stdev(scores), decimals)
        assert grim(mean=mean, decimals=decimals, n=n, items=items)
        assert grimmer(mean=mean, mean_decimals=decimals, sd=sd, sd_decimals=decimals, n=n, items=items)


def test_grimmer_finds_most_standard_deviations_that_no_sample_has():
    """Of 5 people with scores from 0 to 6, at a mean of 3: the possible ones are enumerated."""
    samples = itertools.combinations_with_replacement(range(7), 5)
    possible = {round(statistics.stdev(sample), 2) for sample in samples if sum(sample) == 15}
    highest = int(100 * max(possible))
    tried = [number / 100 for number in range(highest + 1)]
    known = {"mean": 3.0, "mean_decimals": 2, "sd_decimals": 2, "n": 5, "items": 1}
    called_possible = {sd for sd in tried if grimmer(sd=sd, **known)}
    assert possible <= called_possible | {max(possible)}
    # What it lets pass has a whole sum of squares of the right parity: 19 of 336, of which 3 no sample reaches.
    assert len(called_possible) < 0.1 * len(tried)
