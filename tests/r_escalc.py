"""Translates a call of R's escalc into the names of this package, for the tests of the effect measures."""

import numpy as np

from repool.effects.measures.catalogue import MEASURES, usual_zero_cells
from repool.effects.measures.zero_cells import ZeroCells

#: Per family, our name of an input and R's argument.
ARGUMENTS = {
    "two_by_two": {"events_arm1": "ai", "n_arm1": "n1i", "events_arm2": "ci", "n_arm2": "n2i"},
    "marginal_pairs": {"events_arm1": "ai", "n_arm1": "n1i", "events_arm2": "ci", "n_arm2": "n2i", "r": "ri"},
    "person_time": {"events_arm1": "x1i", "person_time_arm1": "t1i", "events_arm2": "x2i", "person_time_arm2": "t2i"},
    "means": {
        "mean_arm1": "m1i",
        "sd_arm1": "sd1i",
        "n_arm1": "n1i",
        "mean_arm2": "m2i",
        "sd_arm2": "sd2i",
        "n_arm2": "n2i",
    },
    "cohens_d": {"d": "di", "n_arm1": "n1i", "n_arm2": "n2i"},
    "change": {
        "mean_first": "m1i",
        "sd_first": "sd1i",
        "mean_second": "m2i",
        "sd_second": "sd2i",
        "n": "ni",
        "r": "ri",
    },
    "pairs": {"pairs_yes_yes": "ai", "pairs_yes_no": "bi", "pairs_no_yes": "ci", "pairs_no_no": "di"},
    "correlation": {"r": "ri", "n": "ni"},
    "partial": {"t": "ti", "n": "ni", "n_covariates": "mi", "r2": "r2i"},
    "partial_r": {"r": "ri", "n": "ni", "n_covariates": "mi"},
    "proportion": {"events": "xi", "n": "ni"},
    "rate": {"events": "xi", "person_time": "ti"},
    "mean": {"mean": "mi", "sd": "sdi", "n": "ni"},
    "alpha": {"alpha": "ai", "n_items": "mi", "n": "ni"},
}


def key_of(measure, given):
    """Return our key of R's measure, which depends on what it is computed from."""
    if "di" in given and "m1i" not in given and "ai" not in given:
        return f"{measure}:cohens_d"
    return f"{measure}:partial_r" if measure in ("PCOR", "ZPCOR") and "ri" in given else measure


def call_of(measure, given, args):
    """Return key, inputs, vtype and zero-cell rule of a call of escalc; `given` has R's arguments as arrays."""
    given = {name: np.asarray(values, dtype=float) for name, values in given.items()}
    key = key_of(measure, given)
    family = MEASURES[key].family
    if family in ("two_by_two", "marginal_pairs") and "n1i" not in given:
        given |= {"n1i": given["ai"] + given["bi"], "n2i": given["ci"] + given["di"]}
    if family == "proportion" and "ni" not in given:
        given["ni"] = given["xi"] + given["mi"]
    if family.startswith("partial"):
        # R counts all predictors, this package those held constant.
        given["mi"] = given["mi"] - 1
    inputs = {ours: given[theirs] for ours, theirs in ARGUMENTS[family].items() if theirs in given}
    rule = usual_zero_cells(key)
    if rule is not None:
        rule = ZeroCells(
            args.get("to", rule.rule), args.get("add", rule.add), args.get("drop00", rule.drop_double_zero)
        )
    return key, inputs, args.get("vtype", "LS"), rule


def numbers(values):
    """Return R's numbers as floats; what it could not compute, or only half, is nan."""
    return np.array([np.nan if value is None else float(value) for value in values])


def pairs(yi, vi):
    """Return R's yi and vi, both nan where one of them is not finite."""
    yi, vi = numbers(yi), numbers(vi)
    whole = np.isfinite(yi) & np.isfinite(vi)
    return np.where(whole, yi, np.nan), np.where(whole, vi, np.nan)
