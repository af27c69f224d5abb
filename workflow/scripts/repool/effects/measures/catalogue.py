"""Every effect measure by its code, and the one door to them: from inputs to yi and vi."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from repool.effects.measures import change, correlations, means, one_group, pairs, rates, two_by_two
from repool.effects.measures.measure import Array, EffectSizes, Measure
from repool.effects.measures.possible import blanked
from repool.effects.measures.zero_cells import ZeroCells, has_cells, with_cells

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
    values = blanked(chosen.family, _arrays(chosen, measure, inputs))
    # What a zero or a negative number breaks is answered below, by NaN.
    with np.errstate(all="ignore"):
        corrected = np.zeros(getattr(values, chosen.inputs[0]).shape, dtype=bool)
        if has_cells(chosen.family):
            if zero_cells is None:
                raise ValueError(f"{measure} is computed from counts and needs a rule for zero cells")
            values, corrected = with_cells(chosen.family, values, zero_cells)
        yi, vi = np.broadcast_arrays(*chosen.function(values, vtype))
        usable = np.isfinite(yi) & np.isfinite(vi) & (vi >= 0) & _complete(values)
    return EffectSizes(np.where(usable, yi, np.nan), np.where(usable, vi, np.nan), corrected & usable)


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


def _arrays(chosen: Measure, key: str, inputs: Mapping[str, object]) -> SimpleNamespace:
    """Return the measure's inputs as float arrays of one shape (k,)."""
    missing = [name for name in chosen.inputs if name not in inputs]
    if missing:
        close = {name: difflib.get_close_matches(name, list(inputs), n=1, cutoff=0.7) for name in missing}
        hints = [f"{name} (did you mean that by {found[0]}?)" if found else name for name, found in close.items()]
        raise ValueError(f"{key} needs {', '.join(chosen.inputs)}; missing: {', '.join(hints)}")
    arrays = [_floats(name, inputs[name]) for name in chosen.inputs]
    try:
        arrays = np.broadcast_arrays(*arrays)
    except ValueError:
        sizes = ", ".join(f"{name} {array.size}" for name, array in zip(chosen.inputs, arrays, strict=True))
        raise ValueError(f"inputs of {key} have different lengths: {sizes}") from None
    return SimpleNamespace(**dict(zip(chosen.inputs, arrays, strict=True)))


def _floats(name: str, given: object) -> Array:
    """Return numbers as a float array of shape (k,)."""
    try:
        array = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is not a number") from None
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; must be one number per row")
    return array


def _complete(values: SimpleNamespace) -> Array:
    """Return where every input and cell is there: a variance that needs no counts must not outlive them."""
    return np.isfinite(np.stack(list(vars(values).values()))).all(axis=0)
