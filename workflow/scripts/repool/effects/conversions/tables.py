"""Two-by-two tables rebuilt from percents, margins and measures of association.

Tables have the arms as rows: `n1` and `n2` people, `events_total` people with the outcome in both.
What comes back are whole counts, the ones nearest to what the printed numbers imply.
"""

from __future__ import annotations

import numpy as np

from repool.effects.conversions.guards import Array, floats, one_where, where

#: Most decimals looked for: beyond, doubles have no further digits.
MOST_DECIMALS = 15


@np.errstate(all="ignore")
def decimals_of(printed: Array) -> Array:
    """Return how many decimals the shortest way to write a number has.

    Parameters
    ----------
    printed : array, shape (k,)
        Numbers as typed, such as percents.

    Returns
    -------
    array, shape (k,)
        Decimals, as a float; zeros at the end are lost in a number, so 12.50 has 1. NaN where the
        number is not finite.
    """
    (printed,) = floats(printed)
    decimals = np.full(printed.shape, np.nan)
    for places in range(MOST_DECIMALS, -1, -1):
        decimals = np.where(np.round(printed, places) == printed, float(places), decimals)
    return one_where(np.isfinite(printed), np.where(np.isnan(decimals), float(MOST_DECIMALS), decimals))


@np.errstate(all="ignore")
def counts_from_percent(percent: Array, n: Array, *, decimals: Array) -> tuple[Array, Array, Array]:
    """Return the count behind a percent, and the lowest and highest that round to the same percent.

    Parameters
    ----------
    percent : array, shape (k,)
        From 0 to 100, as printed.
    n : array, shape (k,)
        People, a whole number.
    decimals : array, shape (k,)
        Decimals of the printed percent.

    Returns
    -------
    count, lowest, highest : array, shape (k,)
        Whole numbers; more than one is possible where `lowest` is below `highest`. NaN where no whole
        count of n gives this percent: then percent or n is wrong.
    """
    percent, n, decimals = floats(percent, n, decimals)
    half_unit = 0.5 * 10.0**-decimals
    # A hair wider, for what decimal halves lose as binary numbers; either way of rounding halves is let pass.
    hair = 1e-9 * np.maximum(n, 1)
    lowest = np.maximum(np.ceil((percent - half_unit) / 100 * n - hair), 0)
    highest = np.minimum(np.floor((percent + half_unit) / 100 * n + hair), n)
    count = np.clip(np.rint(percent / 100 * n), lowest, highest)
    usable = (n >= 1) & (n == np.round(n)) & (percent >= 0) & (percent <= 100) & (decimals >= 0)
    return where(usable & (lowest <= highest), count, lowest, highest)


@np.errstate(all="ignore")
def events_arm2_from_total(events_total: Array, events1: Array, n2: Array) -> Array:
    """Return the events of arm 2 from those of both arms and of arm 1.

    Parameters
    ----------
    events_total, events1 : array, shape (k,)
        People with the outcome in both arms, and in arm 1.
    n2 : array, shape (k,)
        People in arm 2.

    Returns
    -------
    array, shape (k,)
        NaN below 0 or above n2: then the numbers contradict each other.
    """
    events_total, events1, n2 = floats(events_total, events1, n2)
    events2 = events_total - events1
    return one_where((events1 >= 0) & (events2 >= 0) & (events2 <= n2), events2)


def _rounded_events(expected1: Array, n1: Array, n2: Array, events_total: Array) -> tuple[Array, Array]:
    """Return whole events per arm, NaN where a cell would be negative."""
    events1 = np.rint(expected1)
    events2 = events_total - events1
    whole = (n1 == np.round(n1)) & (n2 == np.round(n2)) & (events_total == np.round(events_total))
    return where(whole & (events1 >= 0) & (events1 <= n1) & (events2 >= 0) & (events2 <= n2), events1, events2)


@np.errstate(all="ignore")
def events_from_odds_ratio(odds_ratio: Array, n1: Array, n2: Array, events_total: Array) -> tuple[Array, Array]:
    """Return the events per arm that give an odds ratio within known margins.

    Parameters
    ----------
    odds_ratio : array, shape (k,)
        Crude odds ratio, arm 1 against arm 2, above 0.
    n1, n2, events_total : array, shape (k,)
        Margins, in people.

    Returns
    -------
    events1, events2 : array, shape (k,)

    Notes
    -----
    Algebra: the root of a quadratic in the first cell that keeps all four cells between their bounds.
    """
    odds_ratio, n1, n2, events_total = floats(odds_ratio, n1, n2, events_total)
    total = n1 + n2
    row, column = n1 / total, events_total / total
    b = odds_ratio * (row + column) + 1 - row - column
    root = np.sqrt(b**2 - 4 * row * column * odds_ratio * (odds_ratio - 1))
    # Two ways to write the same root; each loses digits where the other does not.
    share = np.where(b > 0, 2 * odds_ratio * row * column / (b + root), (b - root) / (2 * (odds_ratio - 1)))
    usable = (odds_ratio > 0) & (n1 > 0) & (n2 > 0)
    return _rounded_events(one_where(usable, share * total), n1, n2, events_total)


@np.errstate(all="ignore")
def events_from_phi(phi: Array, n1: Array, n2: Array, events_total: Array) -> tuple[Array, Array]:
    """Return the events per arm that give a phi coefficient within known margins.

    Parameters
    ----------
    phi : array, shape (k,)
        Correlation of arm and outcome, positive where arm 1 has more events.
    n1, n2, events_total : array, shape (k,)
        Margins, in people.

    Returns
    -------
    events1, events2 : array, shape (k,)

    Notes
    -----
    By definition phi = (p11 - p1 q1) / sqrt(p1 (1 - p1) q1 (1 - q1)), with the shares of row and column.
    """
    phi, n1, n2, events_total = floats(phi, n1, n2, events_total)
    total = n1 + n2
    row, column = n1 / total, events_total / total
    share = row * column + phi * np.sqrt(row * (1 - row) * column * (1 - column))
    usable = (np.abs(phi) <= 1) & (n1 > 0) & (n2 > 0)
    return _rounded_events(one_where(usable, share * total), n1, n2, events_total)


@np.errstate(all="ignore")
def events_from_chi2(
    chi2: Array, sign: Array, n1: Array, n2: Array, events_total: Array, *, yates: Array
) -> tuple[Array, Array]:
    """Return the events per arm that give a chi-square statistic within known margins.

    Parameters
    ----------
    chi2 : array, shape (k,)
        Pearson's chi-square with 1 degree of freedom.
    sign : array, shape (k,)
        Positive where arm 1 has the higher risk, negative where the lower one.
    n1, n2, events_total : array, shape (k,)
        Margins, in people.
    yates : array of bool, shape (k,)
        Whether the statistic has Yates' continuity correction.

    Returns
    -------
    events1, events2 : array, shape (k,)

    Notes
    -----
    Without correction phi = sqrt(chi2 / n); with it (Yates 1934) the corrected difference of cells is
    n / 2 smaller, so that much is added back.
    """
    chi2, sign, n1, n2, events_total = floats(chi2, sign, n1, n2, events_total)
    total = n1 + n2
    margins = n1 * n2 * events_total * (total - events_total)
    correction = np.where(np.asarray(yates, dtype=bool) & (chi2 > 0), total / (2 * np.sqrt(margins)), 0.0)
    usable = (chi2 >= 0) & ((sign != 0) | (chi2 == 0))
    phi = one_where(usable, np.sign(sign) * (np.sqrt(chi2 / total) + correction))
    return events_from_phi(phi, n1, n2, events_total)
