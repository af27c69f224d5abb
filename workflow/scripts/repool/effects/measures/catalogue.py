"""Every effect measure by its code, and the one door to them: from inputs to yi and vi."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from repool.effects.measures import change, correlations, means, one_group, pairs, rates, two_by_two
from repool.effects.measures.computed import computed
from repool.effects.measures.measure import EffectSizes, Measure
from repool.effects.measures.zero_cells import ZeroCells, has_cells

_ROOMS = (two_by_two, rates, means, change, pairs, correlations, one_group)
#: Families that compute a measure from something else than its usual data; their keys name the family.
_SECOND_WAYS = ("cohens_d", "partial_r")


def _key(measure: Measure) -> str:
    """Return the code, with the family where the same measure comes from other data."""
    return f"{measure.name}:{measure.family}" if measure.family in _SECOND_WAYS else measure.name


#: All measures: metafor's code, or code:family where a measure is computed from other data than usual.
MEASURES: dict[str, Measure] = {_key(measure): measure for room in _ROOMS for measure in room.MEASURES}


def effect_sizes(
    measure: str, inputs: Mapping[str, object], *, vtype: str, zero_cells: ZeroCells | None
) -> EffectSizes:
    """Return the effects of one measure and their sampling variances.

    Parameters
    ----------
    measure : str
        A key of `MEASURES`, for example `OR`, `SMD` or `SMD:cohens_d`.
    inputs : mapping of str to array-like
        The measure's inputs by name, each a number or of shape (k,). Others are ignored.
    vtype : str
        The variance formula, one of the measure's `vtypes`.
    zero_cells : ZeroCells or None
        The rule for zero cells; None only for measures without counts.

    Returns
    -------
    EffectSizes
        `yi`, `vi` and `corrected`, each of shape (k,). What cannot be computed, or comes from impossible numbers
        (more events than people), is NaN in both yi and vi.

    Raises
    ------
    ValueError
        For an unknown measure or vtype, a missing input, inputs that are not numbers or do not fit together, or
        counts without a rule for zero cells.
    """
    chosen = _chosen(measure, vtype)
    return computed(chosen, inputs, vtype=vtype, zero_cells=zero_cells, key=measure)


def usual_zero_cells(measure: str) -> ZeroCells | None:
    """Return the rule that R uses when nothing is said, or None for measures without counts.

    Parameters
    ----------
    measure : str
        A key of `MEASURES`.

    Returns
    -------
    ZeroCells or None
        Half a person or event in each cell of tables with a zero; nothing for measures that a zero does no harm.

    Raises
    ------
    ValueError
        For an unknown measure.
    """
    chosen = MEASURES[_known("measure", measure, MEASURES)]
    if not has_cells(chosen.family):
        return None
    return ZeroCells("only0", 0.5 if chosen.corrected_by_default else 0.0, False)


def _chosen(measure: str, vtype: str) -> Measure:
    """Return the measure of that name, if it has that variance formula."""
    chosen = MEASURES[_known("measure", measure, MEASURES)]
    _known(f"vtype of {measure}", vtype, chosen.vtypes)
    return chosen


def _known(what: str, name: str, names) -> str:
    """Return the name, or say what was probably meant."""
    if name in names:
        return name
    close = difflib.get_close_matches(str(name), list(names), n=1, cutoff=0.5)
    # Codes are short: a wrong case alone can lie below the cutoff.
    close = close or [other for other in names if other.lower() == str(name).lower()]
    hint = f"; did you mean {close[0]}?" if close else ""
    raise ValueError(f"{name!r} is no {what}{hint} Known: {', '.join(names)}")
