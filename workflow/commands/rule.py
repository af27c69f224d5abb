"""What the list of checks says of one rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule.

    Parameters
    ----------
    severity : {"error", "warning", "error or warning"}
        Whether the run stops.
    wrong : str
        What is wrong.
    why : str
        Why it matters, or what is done about it.
    """

    severity: str
    wrong: str
    why: str
