"""Counts of two arms: their checks, the rules for zero cells, and each study's own effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Array = np.ndarray

#: Measures of people with and without the event, and of events per person-time.
PEOPLE_MEASURES = ("OR", "RR", "RD", "PETO")
RATE_MEASURES = ("IRR", "IRD")

#: Rules of `to`: where the constant `add` goes.
RULES = ("only0", "all", "if0all", "none")


@dataclass(frozen=True)
class Arms:
    """Events and sizes of two arms, one entry per study, arm 1 the intervention.

    Attributes
    ----------
    events_arm1, size_arm1, events_arm2, size_arm2 : numpy.ndarray of shape (k,)
        Events, and people (or person-time for rates).
    rates : bool
        Whether the sizes are person-time.
    """

    events_arm1: Array
    size_arm1: Array
    events_arm2: Array
    size_arm2: Array
    rates: bool

    @property
    def k(self) -> int:
        """Number of studies."""
        return self.events_arm1.size

    def double_zero(self) -> Array:
        """Return where nobody (or, with people, everybody) has the event in both arms."""
        nobody = (self.events_arm1 == 0) & (self.events_arm2 == 0)
        if self.rates:
            return nobody
        return nobody | ((self.events_arm1 == self.size_arm1) & (self.events_arm2 == self.size_arm2))

    def where(self, keep: Array) -> Arms:
        """Return the studies marked in `keep`."""
        parts = (self.events_arm1, self.size_arm1, self.events_arm2, self.size_arm2)
        return Arms(*(part[keep] for part in parts), rates=self.rates)

    def informative(self) -> int:
        """Return the number of studies with an event, and with somebody without one, in either arm."""
        return int(np.sum(~self.double_zero()))


def checked_arms(
    events_arm1: ArrayLike, size_arm1: ArrayLike, events_arm2: ArrayLike, size_arm2: ArrayLike, *, measure: str
) -> Arms:
    """Return the counts as arrays, or say which row is impossible.

    Parameters
    ----------
    events_arm1, size_arm1, events_arm2, size_arm2 : array_like of shape (k,)
        Events and people (person-time for IRR and IRD) per arm; nan where unknown.
    measure : {"OR", "RR", "RD", "PETO", "IRR", "IRD"}
        What is to be pooled; rates have no upper limit of events.

    Raises
    ------
    ValueError
        When lengths differ, a value is negative or infinite, or there are more events than people.
    """
    names = ("events_arm1", "size_arm1", "events_arm2", "size_arm2")
    arrays = [np.asarray(part, dtype=float) for part in (events_arm1, size_arm1, events_arm2, size_arm2)]
    if any(part.ndim != 1 or part.size != arrays[0].size for part in arrays):
        raise ValueError("events and sizes of both arms must be lists of equal length")
    for name, part in zip(names, arrays, strict=True):
        wrong = np.flatnonzero((part < 0) | np.isinf(part))
        if wrong.size:
            raise ValueError(f"{name} of study {wrong[0] + 1} is {part[wrong[0]]:g}; must be 0 or more and finite")
    rates = measure in RATE_MEASURES
    for arm, events, size in ((1, arrays[0], arrays[1]), (2, arrays[2], arrays[3])):
        wrong = np.flatnonzero((size <= 0) & np.isfinite(size) if rates else events > size)
        if wrong.size:
            at, what = wrong[0], "person-time must be above 0" if rates else "there cannot be more events than people"
            raise ValueError(f"study {at + 1}, arm {arm}: {events[at]:g} events of {size[at]:g}; {what}")
    return Arms(*arrays, rates=rates)


#: What the pooled estimate gets when a setting is one value: R's `rma.mh` and `rma.peto` leave its counts alone.
UNTOUCHED = {"add": 0.0, "to": "none", "drop00": False}


def pair(value: object, *, name: str) -> tuple:
    """Return a setting for (each study's effect, the pooled estimate).

    Parameters
    ----------
    value : value or sequence of two values
        One value is for the studies' effects alone; the pooled estimate then uses the counts as they are.
    name : {"add", "to", "drop00"}
        Which setting.

    Raises
    ------
    ValueError
        When a list of another length than 2 is given.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != 2:
            raise ValueError(
                f"{name} is {value!r}; must be one value, or two: for the studies, for the pooled estimate"
            )
        return tuple(value)
    return (value, UNTOUCHED[name])


def kept_tables(arms: Arms, *, drop00: bool) -> Arms:
    """Return the studies with complete counts, without those with no event (or no non-event) if asked.

    Raises
    ------
    ValueError
        When none is left.
    """
    known = np.isfinite(arms.events_arm1 + arms.size_arm1 + arms.events_arm2 + arms.size_arm2)
    keep = known & ~arms.double_zero() if drop00 else known
    if not keep.any():
        raise ValueError(
            f"none of the {arms.k} studies is left: in each, counts are missing, or nobody or everybody has the event"
            " in both arms. drop00 = false keeps such studies where the method allows it"
        )
    return arms.where(keep)


def with_zero_rule(arms: Arms, *, add: float, to: str) -> tuple[Array, Array, Array, Array]:
    """Return events and non-events of arm 1, then of arm 2, after adding a constant where the rule says so.

    Parameters
    ----------
    arms : Arms
        Complete counts.
    add : float
        What is added to a cell; for rates only to the events.
    to : {"only0", "all", "if0all", "none"}
        Tables with a zero cell, all, all if one has a zero cell, or nowhere.

    Returns
    -------
    tuple of numpy.ndarray of shape (k,)
        Events arm 1, rest arm 1, events arm 2, rest arm 2; for rates the rests are the person-times.
    """
    if to not in RULES:
        raise ValueError(f"to is {to!r}; must be one of {', '.join(RULES)}")
    rest = (
        (arms.size_arm1, arms.size_arm2)
        if arms.rates
        else (
            arms.size_arm1 - arms.events_arm1,
            arms.size_arm2 - arms.events_arm2,
        )
    )
    zero = (arms.events_arm1 == 0) | (arms.events_arm2 == 0)
    if not arms.rates:
        zero |= (rest[0] == 0) | (rest[1] == 0)
    where = {"all": np.ones_like(zero), "only0": zero, "if0all": np.full_like(zero, zero.any())}
    extra = np.where(where.get(to, np.zeros_like(zero)), add, 0.0)
    more = 0.0 if arms.rates else extra
    return arms.events_arm1 + extra, rest[0] + more, arms.events_arm2 + extra, rest[1] + more


def study_effects(arms: Arms, *, measure: str, add: float, to: str, drop00: bool) -> tuple[Array, Array]:
    """Return the effects and sampling variances of the studies whose effect can be computed.

    Parameters
    ----------
    arms : Arms
        All studies, those with missing counts included.
    measure : {"OR", "RR", "RD", "PETO", "IRR", "IRD"}
        Ratio measures on the log scale.
    add, to, drop00
        The rule for zero cells, as in `with_zero_rule`.

    Returns
    -------
    yi, vi : numpy.ndarray of shape (k_effects,)
        Effects and variances; a variance can be 0 for a difference of two risks of 0.
    """
    # Not the catalogue of all measures: a formula of theirs has nothing to do with counts.
    from repool.effects.measures import rates, two_by_two
    from repool.effects.measures.computed import computed
    from repool.effects.measures.zero_cells import ZeroCells

    size = "person_time" if arms.rates else "n"
    inputs = {
        "events_arm1": arms.events_arm1,
        f"{size}_arm1": arms.size_arm1,
        "events_arm2": arms.events_arm2,
        f"{size}_arm2": arms.size_arm2,
    }
    rule = ZeroCells(to, float(add), bool(drop00))
    (chosen,) = (known for known in (*two_by_two.MEASURES, *rates.MEASURES) if known.name == measure)
    effects = computed(chosen, inputs, vtype="LS", zero_cells=rule, key=measure)
    known = np.isfinite(effects.yi) & np.isfinite(effects.vi)
    return effects.yi[known], effects.vi[known]
