"""Every figure that a review may ask for beside the forest plot, and the tables that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable

#: Figure -> tables of the analysis, in the order in which they are handed on.
TABLES: dict[str, tuple[str, ...]] = {
    "same_result": ("same_result",),
    "specification": ("same_result",),
    "ladder": ("pooled",),
    "leave_one_out": ("leave_one_out", "pooled"),
    "cumulative": ("cumulative",),
    "subgroups": ("subgroups",),
    "orchard": ("effects", "pooled"),
    "funnel": ("funnel", "pooled"),
    "radial": ("effects", "pooled"),
    "baujat": ("influence",),
    "influence": ("influence",),
    "gosh": ("gosh",),
    "labbe": ("effects", "pooled"),
    "drapery": ("effects", "pooled"),
    "bubble": ("bubble",),
    "effect_direction": ("effect_direction",),
    "harvest": ("effect_direction", "without_pooling"),
    "albatross": ("albatross",),
}


def tables_of(names: Iterable[str]) -> list[str]:
    """Return the tables from which some figures are drawn, in order, each once."""
    return sorted({table for name in names for table in TABLES[name]})
