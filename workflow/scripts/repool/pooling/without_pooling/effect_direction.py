"""Say for each study and outcome which way its results point, as an effect-direction plot shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Study sizes at which the arrow grows: fewer than 50, 50 to 300, more than 300 (Thomson &
#: Thomas 2013, Res Synth Methods 4, 95-101; kept by Boon & Thomson 2021).
SIZE_LIMITS = (50, 300)

SYMBOLS = {1: "up", -1: "down", 0: "sideways"}


@dataclass(frozen=True)
class StudyDirection:
    """One arrow: its direction, how many results it stands for, and why it is sideways."""

    sign: int
    symbol: str
    n_results: int
    share: float
    note: str


def study_direction(signs: ArrayLike, *, agreement: float) -> StudyDirection:
    """Return the direction of a study from all its results of one outcome.

    Parameters
    ----------
    signs : array_like of shape (n,)
        Direction of each result: 1 favours arm 1, -1 favours arm 2, 0 neither.
    agreement : float
        Share of the results that must point the same way, above 0.5 and at most 1; 0.7 in
        Boon & Thomson.

    Raises
    ------
    ValueError
        When there is no result, or the share is not above 0.5 and at most 1.

    Notes
    -----
    Boon & Thomson (2021), Res Synth Methods 12, 29-33: statistical significance plays no part;
    a study whose results do not agree gets the sideways arrow.
    """
    signs = np.asarray(signs, dtype=float)
    if not 0.5 < agreement <= 1.0:
        raise ValueError(f"agreement is {agreement!r}; must be above 0.5 and at most 1, such as 0.7")
    if signs.size == 0 or not np.isin(signs, (-1.0, 0.0, 1.0)).all():
        raise ValueError("directions must be 1, -1 or 0, and there must be at least one")
    shares = {sign: np.count_nonzero(signs == sign) / signs.size for sign in (1, -1, 0)}
    # 7 of 10 must count as 70 percent whatever the rounding of 0.7.
    clear = [sign for sign, share in shares.items() if share >= agreement - 1e-12]
    if clear:
        note = "no direction reported" if clear[0] == 0 else ""
        return StudyDirection(clear[0], SYMBOLS[clear[0]], signs.size, shares[clear[0]], note)
    note = f"its {signs.size} results do not agree: fewer than {100 * agreement:g} percent point the same way"
    return StudyDirection(0, SYMBOLS[0], signs.size, max(shares.values()), note)


def size_class(n: float) -> str:
    """Return "small", "medium" or "large" for the size of a study, "" when it is not known.

    Parameters
    ----------
    n : float
        People in arm 1, or nan.
    """
    if not math.isfinite(n):
        return ""
    return "small" if n < SIZE_LIMITS[0] else "medium" if n <= SIZE_LIMITS[1] else "large"
