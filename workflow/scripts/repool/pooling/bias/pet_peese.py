"""Extrapolate to a study without sampling error: PET, PEESE and the rule that chooses between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repool.pooling.bias.asymmetry import AsymmetryTest, egger

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Direction in which the review expects the effect.
DIRECTIONS = ("positive", "negative")


@dataclass(frozen=True)
class PetPeese:
    """Both extrapolations, the one-sided p-value of the first, and the one the rule chose."""

    pet: AsymmetryTest
    peese: AsymmetryTest
    pval_one_sided: float
    chosen: str

    @property
    def fit(self) -> AsymmetryTest:
        """The extrapolation that the rule chose."""
        return self.peese if self.chosen == "PEESE" else self.pet


def pet(yi: ArrayLike, vi: ArrayLike, *, model: str, method_tau2: str, ci_method: str, level: float) -> AsymmetryTest:
    """Return the effect at standard error 0 from a line in the standard error.

    Notes
    -----
    Stanley (2008), Oxf Bull Econ Stat 70, 103-127. Settings as in
    `repool.pooling.bias.asymmetry.regression_test`; the papers use the weighted regression.
    """
    settings = {"model": model, "method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    return egger(yi, vi, predictor="sei", n_total=None, **settings)


def peese(yi: ArrayLike, vi: ArrayLike, *, model: str, method_tau2: str, ci_method: str, level: float) -> AsymmetryTest:
    """Return the effect at standard error 0 from a line in the variance.

    Notes
    -----
    Stanley & Doucouliagos (2014), Res Synth Methods 5, 60-78.
    """
    settings = {"model": model, "method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    return egger(yi, vi, predictor="vi", n_total=None, **settings)


def pet_peese(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    model: str,
    method_tau2: str,
    ci_method: str,
    level: float,
    alpha_one_sided: float,
    direction: str,
) -> PetPeese:
    """Take PEESE when PET finds an effect in the expected direction, else PET.

    Parameters
    ----------
    yi, vi : array_like of shape (k,)
        Effects and their sampling variances.
    model, method_tau2, ci_method, level
        As in `repool.pooling.bias.asymmetry.regression_test`.
    alpha_one_sided : float
        Level of the one-sided test of PET's limit; 0.05 is the two-sided 0.10 of the paper.
    direction : {"positive", "negative"}
        Where the effect is expected.

    Raises
    ------
    ValueError
        When a setting is unknown or PET's limit cannot be tested.

    Notes
    -----
    Stanley & Doucouliagos (2014), Res Synth Methods 5, 60-78. The choice itself is not in the
    interval, which is therefore too narrow near the threshold.
    """
    from scipy.special import ndtr, stdtr

    if direction not in DIRECTIONS:
        raise ValueError(f"direction is {direction!r}; must be one of {', '.join(DIRECTIONS)}")
    if not 0.0 < alpha_one_sided < 1.0:
        raise ValueError(f"alpha_one_sided is {alpha_one_sided!r}; must lie between 0 and 1, such as 0.05")
    settings = {"model": model, "method_tau2": method_tau2, "ci_method": ci_method, "level": level}
    line, curve = pet(yi, vi, **settings), peese(yi, vi, **settings)
    if not line.se > 0:
        raise ValueError(f"PET's limit has no test, so the rule cannot choose ({line.note})")
    against = -line.estimate / line.se if direction == "positive" else line.estimate / line.se
    # df is nan (unequal to itself) for a normal test.
    pval = float(stdtr(line.df, against) if line.df == line.df else ndtr(against))
    return PetPeese(line, curve, pval, "PEESE" if pval < alpha_one_sided else "PET")
