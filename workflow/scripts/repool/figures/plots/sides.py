"""Words for the two sides of a plot of directions: which one favours arm 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.figures.words import inner, plain_text

if TYPE_CHECKING:
    from repool.figures.plots.canvas import PlotWords

#: Up to so many studies each gets a number and a line in the key.
MOST_NUMBERED = 40
UNCLEAR = "No clear direction"


def sides_of(words: PlotWords, *, higher_is_better: bool) -> tuple[str, str]:
    """Return whom a direction for arm 1 and one for arm 2 favours, as in "Favours peer support".

    Parameters
    ----------
    words : PlotWords
        Says whom low and high values favour.
    higher_is_better : bool
        Whether high values favour arm 1.
    """
    low, high = (plain_text(whom) for whom in (words.favours_low, words.favours_high))
    first, second = (high, low) if higher_is_better else (low, high)
    return first or "Favours arm 1", second or "Favours arm 2"


def in_sentence(side: str) -> str:
    """Return a side for use inside a sentence: "Favours peer support" as "favours peer support"."""
    return inner(side)


def done_by(count: float, side: str) -> str:
    """Return a side as what so many studies do: of 1, "favours peer support", else "favour peer support"."""
    said = in_sentence(side)
    if count == 1:
        return said
    return f"favour {said.removeprefix('favours ')}" if said.startswith("favours ") else said
