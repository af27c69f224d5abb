"""Units: the numbers of a row brought from the unit that its source prints to the unit of its term."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

_ARMS = ("_arm1", "_arm2")
#: Numbers that say where people stand: they take the factor and the offset.
PLACES = tuple(f"{name}{arm}" for name in ("mean", "median", "q1", "q3", "min", "max", "pre_mean") for arm in _ARMS)
#: Numbers that say how far things lie apart: they take the factor alone.
DISTANCES = (
    *(f"{name}{arm}" for name in ("sd", "se", "mean_change", "sd_change", "pre_sd") for arm in _ARMS),
    "sd_pooled",
)
#: Scales of a printed estimate that are in the unit of the outcome; ratios, d, r, t and p have no unit.
SCALES_WITH_UNIT = ("MD", "b")
#: Numbers of a printed estimate; differences, so the offset falls out.
_ESTIMATE = ("estimate", "se", "ci_lb", "ci_ub")


@dataclass(frozen=True)
class Conversion:
    """How a number comes from one unit to another: times `factor`, plus `offset`.

    Parameters
    ----------
    name : str
        Name of the row of config/units.csv.
    factor, offset : float
        Numbers of the conversion, in units of the target.
    plausible_min, plausible_max : float or None
        Range of a mean in the target unit; None where none is declared.
    """

    name: str
    factor: float
    offset: float
    plausible_min: float | None
    plausible_max: float | None

    def place(self, value: float) -> float:
        """Return a mean or another place on the scale in the target unit."""
        return value * self.factor + self.offset


def same_unit(one: str | None, other: str | None) -> bool:
    """Return whether two spellings name one unit: capitals, spaces and the micro sign do not matter."""
    return _plain(one) == _plain(other)


def find_conversion(units: Iterable[Row], *, unit: str, to_unit: str, term: str) -> Conversion | None:
    """Return the conversion from one unit to another for a term, or None if none is declared.

    Parameters
    ----------
    units : iterable of mapping
        Rows of config/units.csv.
    unit, to_unit : str
        Unit of the row and unit of its term.
    term : str
        The term; conversions that name words serve only terms with these words, and come before others.

    Notes
    -----
    A declared conversion y = factor x + offset also serves the other way round, x = (y - offset) / factor.
    """
    found = []
    for row in units:
        if row["term"] and not _has_words(term, row["term"]):
            continue
        for turned in (False, True):
            ends = (row["to_unit"], row["unit"]) if turned else (row["unit"], row["to_unit"])
            if same_unit(unit, ends[0]) and same_unit(to_unit, ends[1]):
                # More words, more specific; a conversion as declared comes before one turned round.
                found.append((-len(row["term"] or ""), turned, row["conversion"], row))
    if not found:
        return None
    _, turned, _, row = min(found, key=lambda entry: entry[:3])
    return _conversion(row, turned=turned)


def converted(row: Row, conversion: Conversion) -> dict[str, Any]:
    """Return a row with its numbers in the target unit; cells without a unit stay as they are.

    Parameters
    ----------
    row : mapping
        Cells of the extraction, numbers as floats, blanks as None.
    conversion : Conversion
        What to multiply by and to add.

    Notes
    -----
    Means, medians, quartiles and extremes take factor and offset. Standard deviations, standard errors, changes,
    mean differences and their limits take the factor alone. Ratios, standardised differences, correlations, test
    statistics and p-values have no unit.
    """
    new = dict(row)
    # An arm's own interval belongs to its mean; where only a mean change is printed, to the change.
    limits_of_means = [f"{limit}{arm}" for arm in _ARMS for limit in ("ci_lb", "ci_ub") if _is_of_mean(row, arm)]
    limits_of_changes = [f"{limit}{arm}" for arm in _ARMS for limit in ("ci_lb", "ci_ub") if not _is_of_mean(row, arm)]
    estimate = _ESTIMATE if row.get("estimate_scale") in SCALES_WITH_UNIT else ()
    for name in (*PLACES, *limits_of_means):
        if row.get(name) is not None:
            new[name] = conversion.place(row[name])
    for name in (*DISTANCES, *limits_of_changes, *estimate):
        if row.get(name) is not None:
            new[name] = row[name] * conversion.factor
    return new


def to_unit_of_term(row: Row, term: Row, units: Iterable[Row]) -> tuple[dict[str, Any], str]:
    """Return a row in the unit of its term, and in words what was done; no words where nothing was.

    Parameters
    ----------
    row, term : mapping
        A row of the extraction and the row of config/vocabulary.csv for its term.
    units : iterable of mapping
        Rows of config/units.csv.

    Raises
    ------
    ValueError
        When no conversion is known; the door refuses such a review with a problem that names the row.
    """
    unit, to_unit = row.get("unit"), term.get("unit")
    if not unit or not to_unit or same_unit(unit, to_unit):
        return dict(row), ""
    conversion = find_conversion(units, unit=unit, to_unit=to_unit, term=term["term"])
    if conversion is None:
        raise ValueError(f'{row["result_id"]}: config/units.csv has no conversion from "{unit}" to "{to_unit}"')
    offset = f" {'+' if conversion.offset > 0 else '-'} {abs(conversion.offset):g}" if conversion.offset else ""
    return converted(row, conversion), f"from {unit} to {to_unit}: x {conversion.factor:g}{offset}"


def _conversion(row: Row, *, turned: bool) -> Conversion:
    factor, offset = row["factor"], row.get("offset") or 0.0
    low, high = row.get("plausible_min"), row.get("plausible_max")
    if turned:
        low, high = (None if limit is None else (limit - offset) / factor for limit in (low, high))
        factor, offset = 1 / factor, -offset / factor
    return Conversion(row["conversion"], factor, offset, low, high)


def _is_of_mean(row: Row, arm: str) -> bool:
    return row.get(f"mean{arm}") is not None or row.get(f"mean_change{arm}") is None


def _plain(unit: str | None) -> str:
    text = re.sub(r"\s+", " ", (unit or "").strip().casefold())
    # Both micro signs become the Greek letter mu when capitals are folded.
    return text.replace("\u03bc", "u").replace("\u00b5", "u")


def _has_words(term: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words.casefold())}(?!\w)", term.casefold()) is not None
