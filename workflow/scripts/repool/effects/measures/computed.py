"""From the inputs of one measure to yi and vi, whatever the measure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from repool.effects.measures.measure import Array, EffectSizes, Measure
from repool.effects.measures.possible import blanked
from repool.effects.measures.zero_cells import ZeroCells, has_cells, with_cells


def computed(
    chosen: Measure, inputs: Mapping[str, object], *, vtype: str, zero_cells: ZeroCells | None, key: str
) -> EffectSizes:
    """Return the effects of one measure and their sampling variances.

    Parameters
    ----------
    chosen : Measure
        The measure.
    inputs, vtype, zero_cells
        As in `repool.effects.measures.catalogue.effect_sizes`.
    key : str
        What messages call the measure.

    Raises
    ------
    ValueError
        For a missing input, inputs that are not numbers or do not fit together, or counts without a rule for zero
        cells.
    """
    values = blanked(chosen.family, _arrays(chosen, key, inputs))
    # What a zero or a negative number breaks is answered below, by NaN.
    with np.errstate(all="ignore"):
        corrected = np.zeros(getattr(values, chosen.inputs[0]).shape, dtype=bool)
        if has_cells(chosen.family):
            if zero_cells is None:
                raise ValueError(f"{key} is computed from counts and needs a rule for zero cells")
            values, corrected = with_cells(chosen.family, values, zero_cells)
        yi, vi = np.broadcast_arrays(*chosen.function(values, vtype))
        usable = np.isfinite(yi) & np.isfinite(vi) & (vi >= 0) & _complete(values)
    return EffectSizes(np.where(usable, yi, np.nan), np.where(usable, vi, np.nan), corrected & usable)


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
