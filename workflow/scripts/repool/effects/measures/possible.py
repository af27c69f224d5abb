"""Which inputs cannot be: they give no effect, and never an error."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

Array = np.ndarray

#: The smallest and largest value an input may have; what is not here may have any.
LIMITS: dict[str, tuple[float, float]] = {
    "events": (0, np.inf),
    "events_arm1": (0, np.inf),
    "events_arm2": (0, np.inf),
    "pairs_yes_yes": (0, np.inf),
    "pairs_yes_no": (0, np.inf),
    "pairs_no_yes": (0, np.inf),
    "pairs_no_no": (0, np.inf),
    "sd": (0, np.inf),
    "sd_arm1": (0, np.inf),
    "sd_arm2": (0, np.inf),
    "sd_first": (0, np.inf),
    "sd_second": (0, np.inf),
    "n": (1, np.inf),
    "n_items": (2, np.inf),
    "n_covariates": (0, np.inf),
    "r": (-1, 1),
    "r2": (0, 1),
    "alpha": (-np.inf, 1),
}
#: Inputs that must be above zero.
POSITIVE = ("person_time", "person_time_arm1", "person_time_arm2")
#: Events, and the people they happened to.
PARTS = (("events", "n"), ("events_arm1", "n_arm1"), ("events_arm2", "n_arm2"))
#: Families of tables: an arm may be empty there, because a correction can still fill it.
TABLES = ("two_by_two", "marginal_pairs")


def blanked(family: str, values: SimpleNamespace) -> SimpleNamespace:
    """Return the inputs with NaN in every row that holds something impossible.

    Parameters
    ----------
    family : str
        The kind of data, because an empty arm is possible in a two-by-two table only.
    values : namespace of array, shape (k,)
        The inputs.

    Returns
    -------
    namespace of array, shape (k,)
        The inputs; rows with a missing, infinite or impossible number are NaN throughout.

    Notes
    -----
    An arm of one person is let through, as R does: a measure that needs more degrees of freedom gives NaN itself.
    """
    inputs = vars(values)
    impossible = ~np.isfinite(np.stack(list(inputs.values()))).all(axis=0)
    limits = LIMITS | dict.fromkeys(("n_arm1", "n_arm2"), (0 if family in TABLES else 1, np.inf))
    for name in inputs.keys() & limits.keys():
        lowest, highest = limits[name]
        impossible |= (inputs[name] < lowest) | (inputs[name] > highest)
    for name in inputs.keys() & set(POSITIVE):
        impossible |= inputs[name] <= 0
    for part, whole in PARTS:
        if part in inputs and whole in inputs:
            impossible |= inputs[part] > inputs[whole]
    return SimpleNamespace(**{name: np.where(impossible, np.nan, array) for name, array in inputs.items()})
