"""Routes of results that count people or events in two groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from repool.effects.conversions import tables
from repool.effects.routes.printed_tests import sign_in_words, statistic_is_of_contrast
from repool.effects.routes.tools import (
    ONE_GROUP,
    Array,
    Choices,
    Found,
    both,
    compares_two_groups,
    flag,
    numbers,
    percents_of_people,
    sizes_of_total,
    words,
)

if TYPE_CHECKING:
    import pandas as pd


def _table(usable: Array, e1: Array, n1: Array, e2: Array, n2: Array, **more: object) -> Found:
    inputs = {"events_arm1": e1, "n_arm1": n1, "events_arm2": e2, "n_arm2": n2}
    counted = {"people": (n1, n2), "events": (e1, e2)} | more
    return Found(family="two_by_two", inputs=inputs, usable=usable, **counted)


def counts(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed counts of both arms."""
    e1, e2, n1, n2 = both(rows, "events", "n")
    return _table(compares_two_groups(rows), e1, n1, e2, n2)


def counts_and_margin(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take the events of arm 1 and of both arms; those of arm 2 are the rest."""
    e1, e2, n1, n2 = both(rows, "events", "n")
    (total,) = numbers(rows, "events_total")
    rest = tables.events_arm2_from_total(total, e1, n2)
    return _table(compares_two_groups(rows) & ~np.isfinite(e2), e1, n1, rest, n2)


def percents_and_arm_sizes(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed percents and arm sizes; the counts are whole people, and rounding may leave several open."""
    p1, p2, n1, n2, e1, e2 = both(rows, "percent", "n", "events")
    first, second = _whole_people(p1, n1), _whole_people(p2, n2)
    usable = percents_of_people(rows) & compares_two_groups(rows) & ~np.isfinite(e1 + e2)
    ends = [(first[1], second[2]), (first[2], second[1])]
    several = (first[1] < first[2]) | (second[1] < second[2])
    # ASSUME counts_from_percent
    return _table(
        usable, first[0], n1, second[0], n2,
        assumptions=[flag(rows, "counts_from_percent")],
        others=[{"events_arm1": low, "events_arm2": high} for low, high in ends],
        left_open=flag(rows, "rounded percents", several),
    )  # fmt: skip


def _whole_people(percent: Array, n: Array) -> tuple[Array, Array, Array]:
    """Return the nearest whole count, and the fewest and most people whose percent rounds to the printed one."""
    _, fewest, most = tables.counts_from_percent(percent, n, decimals=tables.decimals_of(percent))
    nearest = np.round(percent / 100 * n)
    possible = np.isfinite(fewest)
    return nearest, np.where(possible, fewest, nearest), np.where(possible, most, nearest)


def percents_and_total(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take printed percents and only a total; counts are left unrounded because the arm size itself is assumed."""
    p1, p2 = both(rows, "percent")
    arms = sizes_of_total(rows, choices)
    first, second = p1 / 100 * arms.n1, p2 / 100 * arms.n2
    hidden1, hidden2 = _hidden_people(p1, arms.n1), _hidden_people(p2, arms.n2)
    others = [
        {
            "events_arm1": np.clip(first + sign * hidden1, 0, arms.n1),
            "events_arm2": np.clip(second - sign * hidden2, 0, arms.n2),
        }
        for sign in (-1, 1)
    ]
    usable = percents_of_people(rows) & compares_two_groups(rows)
    return _table(
        usable, first, arms.n1, second, arms.n2,
        assumptions=arms.assumptions, others=others, left_open=flag(rows, "rounded percents"), events=None,
    )  # fmt: skip


def _hidden_people(percent: Array, n: Array) -> Array:
    """Return how many whole people the rounding of a percent can hide.

    Less than one person is none: otherwise 0 % of a small group would stand for a twentieth of a person, whose
    odds are further from even than those of nobody after correction.
    """
    return np.floor(0.5 * 10.0 ** -tables.decimals_of(percent) / 100 * n)


def chi2_and_margins(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take chi-squared, arm sizes and all events; the direction is taken from the words."""
    value, df = numbers(rows, "statistic_value", "df1")
    n1, n2 = both(rows, "n")
    (total,) = numbers(rows, "events_total")
    e1, e2 = tables.events_from_chi2(value, sign_in_words(rows), n1, n2, total, yates=np.zeros(len(rows), bool))
    return _without_counts(rows, (df == 1) & statistic_is_of_contrast(rows), e1, e2, [flag(rows, "sign_from_words")])


def phi_and_margins(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take phi, arm sizes and all events."""
    phi, total = numbers(rows, "estimate", "events_total")
    e1, e2 = tables.events_from_phi(phi, *both(rows, "n"), total)
    return _without_counts(rows, np.isfinite(phi), e1, e2, [])


def or_and_margins(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take an unadjusted odds ratio, arm sizes and all events."""
    ratio, total = numbers(rows, "estimate", "events_total")
    e1, e2 = tables.events_from_odds_ratio(ratio, *both(rows, "n"), total)
    return _without_counts(rows, words(rows, "adjusted") != "yes", e1, e2, [])


def _without_counts(rows: pd.DataFrame, usable: Array, e1: Array, e2: Array, assumptions: list[Array]) -> Found:
    """Return a rebuilt table, for rows that do not print it."""
    printed1, printed2, n1, n2 = both(rows, "events", "n")
    unknown = ~np.isfinite(printed1) & ~np.isfinite(printed2)
    # ASSUME table_rebuilt
    assumed = [flag(rows, "table_rebuilt"), *assumptions]
    return _table(usable & unknown & compares_two_groups(rows), e1, n1, e2, n2, assumptions=assumed)


def pairs(rows: pd.DataFrame, choices: Choices) -> list[Found]:
    """Take pairs of people, or people measured twice; the discordant pairs alone give the conditional odds ratio."""
    names = ("pairs_yes_yes", "pairs_yes_no", "pairs_no_yes", "pairs_no_no")
    cells = numbers(rows, *names)
    n = cells[0] + cells[1] + cells[2] + cells[3]
    # People measured twice are one group, counted once; matched people are two.
    people = (n, np.where(words(rows, "comparator") == "pre", np.nan, n))
    whole = Found(
        family="pairs", inputs=dict(zip(names, cells, strict=True)), usable=np.isfinite(n),
        people=people, events=(cells[0] + cells[1], cells[0] + cells[2]),
    )  # fmt: skip
    # The conditional odds ratio does not depend on the concordant pairs: any number but 0, which would be corrected.
    ones = np.ones(len(rows))
    inputs = {"pairs_yes_yes": ones, names[1]: cells[1], names[2]: cells[2], "pairs_no_no": ones}
    usable = ~np.isfinite(n) & (cells[1] + cells[2] > 0)
    return [whole, Found(family="pairs", inputs=inputs, usable=usable, only=("MPORC", "MPPETO"))]


def events_and_person_time(rows: pd.DataFrame, choices: Choices) -> Found:
    """Take events and person-time of both arms."""
    names = [f"{name}_{arm}" for name in ("events", "person_time") for arm in ("arm1", "arm2")]
    e1, e2, t1, t2 = numbers(rows, *names)
    usable = ~np.isin(words(rows, "comparator"), ONE_GROUP)
    n1, n2 = both(rows, "n")
    return Found(
        family="person_time", inputs=dict(zip(names, (e1, e2, t1, t2), strict=True)), usable=usable,
        people=(n1, n2), events=(e1, e2),
    )  # fmt: skip
