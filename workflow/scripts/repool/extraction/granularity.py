"""Means and standard deviations that no whole-number scores can give: GRIM and GRIMMER."""

from __future__ import annotations

import math


def grim(*, mean: float, decimals: int, n: int, items: int) -> bool:
    """Return whether whole-number scores can have this mean.

    Parameters
    ----------
    mean : float
        Mean as printed.
    decimals : int
        Decimals that are printed.
    n : int
        People.
    items : int
        1 where a person's score is a whole number; the number of items where it is their mean.

    Notes
    -----
    Brown & Heathers (2017), Soc Psychol Personal Sci 8:363-369: n * items * mean must be a whole number,
    up to the rounding of the mean. Rounding half up, half down and half to even are all allowed.
    """
    return bool(_sums(mean, decimals, n, items))


def grimmer(*, mean: float, mean_decimals: int, sd: float, sd_decimals: int, n: int, items: int) -> bool:
    """Return whether whole-number scores can have this mean and this standard deviation (see `grim`).

    Parameters
    ----------
    mean, sd : float
        As printed.
    mean_decimals, sd_decimals : int
        Decimals that are printed.
    n : int
        People, two or more.
    items : int
        As for `grim`.

    Notes
    -----
    Anaya (2016), PeerJ Preprints 4:e2400; the closed form is Allard's (2018, Analytic-GRIMMER). With whole
    numbers X of sum S, the sum of squares is (n - 1) SD^2 + S^2 / n; it must be a whole number, and odd just
    when S is odd, for X^2 and X are odd together. Scores that are means of items are multiplied by their number.
    """
    half = items * 0.5 * 10.0**-sd_decimals
    low, high = max(items * sd - half, 0.0), items * sd + half
    for total in _sums(mean, mean_decimals, n, items):
        base = total * total / n
        first, last = ((n - 1) * limit * limit + base for limit in (low, high))
        # Noise of floating point must not make a possible number impossible.
        noise = 1e-9 * max(last, 1.0)
        squares = math.ceil(first - noise)
        # The next whole number of the parity of the sum.
        squares += (squares - total) % 2
        if squares <= last + noise:
            return True
    return False


def _sums(mean: float, decimals: int, n: int, items: int) -> list[int]:
    """Return the sums of all whole-number scores that round to the printed mean."""
    half = 0.5 * 10.0**-decimals
    noise = 1e-9 * max(abs(mean) * n * items, 1.0)
    first = math.ceil((mean - half) * n * items - noise)
    last = math.floor((mean + half) * n * items + noise)
    return list(range(first, last + 1))
