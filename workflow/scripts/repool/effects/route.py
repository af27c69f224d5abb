"""What a route from a printed result to an effect is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What a formula was held to, where it is said often.
PAPER = "algebra on paper"
ESCALC = "metafor::escalc"


@dataclass(frozen=True, kw_only=True)
class Route:
    """What a route needs and gives.

    Parameters
    ----------
    inputs : str
        What the source must print, in words.
    needs : tuple of str
        Columns of the extraction that must be filled; a star stands for both arms.
    when : mapping of str to tuple of str
        Columns of words -> the words that the route is for.
    gives : str
        Family of measures that comes out (`measures.catalogue`), or the measures themselves.
    source : str
        Where the formula stands.
    checked : str
        What it was held to.
    """

    inputs: str
    needs: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gives: str
    source: str
    checked: str

    @property
    def columns(self) -> list[str]:
        """The columns that must be filled, those of both arms written out."""
        return [name.replace("*", arm) for name in self.needs for arm in (("arm1", "arm2") if "*" in name else ("",))]
