"""Every figure that a review may ask for beside the forest plot, and the tables that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable

from repool.figures.forest.presets import PRESETS

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
    "gosh": ("gosh", "gosh_cloud"),
    "labbe": ("effects", "pooled"),
    "drapery": ("effects", "pooled"),
    "bubble": ("bubble",),
    "effect_direction": ("effect_direction",),
    "harvest": ("effect_direction", "without_pooling"),
    "albatross": ("albatross",),
}
#: Figure -> preset, for the forest plots that a review may ask for beside its own.
FORESTS = {f"forest_{preset}": preset for preset in PRESETS if preset != "repool"}


def forest_tables(preset: str, *, risk_of_bias: bool) -> tuple[str, ...]:
    """Return the tables that a forest plot shows: subgroups and judgements only where it has them.

    Parameters
    ----------
    preset : str
        Key of `repool.figures.forest.presets.PRESETS`.
    risk_of_bias : bool
        Whether judgements stand beside the studies.
    """
    found = ["forest", "pooled", "effects"]
    found += ["subgroups"] if PRESETS[preset].by_subgroup else []
    return tuple(found + (["risk_of_bias"] if risk_of_bias else []))


def tables_of(names: Iterable[str], *, risk_of_bias: bool) -> list[str]:
    """Return the tables from which some figures are drawn, in order, each once.

    Parameters
    ----------
    names : iterable of str
        Keys of `TABLES` or of `FORESTS`.
    risk_of_bias : bool
        Whether forest plots show judgements.
    """
    return sorted({table for name in names for table in tables_of_one(name, risk_of_bias=risk_of_bias)})


def tables_of_one(name: str, *, risk_of_bias: bool) -> tuple[str, ...]:
    """Return the tables of one figure, in the order in which they are handed on."""
    return forest_tables(FORESTS[name], risk_of_bias=risk_of_bias) if name in FORESTS else TABLES[name]
