"""Holds estimates and intervals of tau2 to numbers printed in papers and manuals, where R's answers are beside them."""

import json
import re

import numpy as np
import pytest
from known_answers import KNOWN

from repool.pooling.models.tau2_intervals import tau2_limits
from repool.pooling.models.whole_model import whole_model

PRINTED = KNOWN / "published.json"

pytestmark = pytest.mark.skipif(not PRINTED.is_file(), reason="the printed numbers are not beside the repository")

#: How a check is worded, with the method in front and what it is about behind.
WORDING = re.compile(r"(HSk|HS|HE|DL|ML|REML|EB|SJ|PMM|PM|common)(?: effect)?[:,]? *(?:log )?(RR|OR|RD)?:? *(.+)")
INTERVALS = {
    "Q-profile CI of tau2, log RR": "q_profile",
    "Q-profile CI": "q_profile",
    "Q-profile CI of residual tau2, one moderator": "q_profile",
    "profile-likelihood CI of tau2, REML": "profile_likelihood_reml",
}


def columns(contents, name):
    """Return the columns of a data set by name."""
    data = contents["datasets"][name]
    return dict(zip(data["columns"], np.array(data["rows"], dtype=object).T, strict=True))


def effects(contents, name, measure):
    """Return effects and variances, of tables by the textbook formulas (no cell is 0)."""
    get = columns(contents, name)
    if "y" in get:
        return get["y"].astype(float), get["v"].astype(float)
    if "es" in get:
        # The standard error is the width of the 95 % interval over twice the normal quantile.
        return get["es"].astype(float), ((get["upper"] - get["lower"]).astype(float) / (2 * 1.959963984540054)) ** 2
    names = ("tpos", "tneg", "cpos", "cneg") if "tpos" in get else ("events1", "n1", "events2", "n2")
    a, b, c, d = (get[column].astype(float) for column in names)
    n1, n2 = (a + b, c + d) if "tpos" in get else (b, d)
    p1, p2 = a / n1, c / n2
    if measure == "RD":
        return p1 - p2, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    if measure == "RR":
        return np.log(p1 / p2), 1 / a - 1 / n1 + 1 / c - 1 / n2
    return np.log(p1 / (1 - p1) / p2 * (1 - p2)), 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c)


def ours(yi, vi, method, what):
    """Return our numbers for a worded quantity, None where this test has no word for it."""
    model = whole_model(yi, vi, method_tau2="none" if method == "common" else method, ci_method="wald", level=0.95)
    mean, spread, between = model.interval, model.heterogeneity, model.tau2.tau2
    words = {
        "tau2": [between],
        "tau2, log RR": [between],
        "tau2, log OR": [between],
        "I2 (tau2-based), H2": [spread.i2_percent, spread.h2],
        "I2 (tau2-based), log RR": [spread.i2_percent],
        "I2 (tau2-based), log OR": [spread.i2_percent],
        "tau, mu, se": [np.sqrt(between), mean.estimate[0], mean.se[0]],
        "estimate, lower, upper": [mean.estimate[0], mean.ci_lb[0], mean.ci_ub[0]],
        "theta, lower, upper": [mean.estimate[0], mean.ci_lb[0], mean.ci_ub[0]],
        "estimate, z": [mean.estimate[0], mean.statistic[0]],
        "estimate, z, Q": [mean.estimate[0], mean.statistic[0], spread.q],
    }
    return words.get(what)


def checks(contents):
    """Yield the checks that the printed digits allow: those that an independent calculation could confirm."""
    skipped = ("normand1999", "hine1989", "miller1978", "morris2008", "yusuf1985_table6")
    for check in contents["checks"]:
        if check["agrees"] and check["dataset"] not in skipped:
            yield check


def test_estimators_give_the_numbers_that_were_printed():
    contents, wrong, count = json.loads(PRINTED.read_text(encoding="utf-8")), [], 0
    for check in checks(contents):
        found = WORDING.fullmatch(check["quantity"])
        if not found:
            continue
        method, measure, what = found.groups()
        measure = measure or ("RR" if "log RR" in what else "OR")
        mine = ours(*effects(contents, check["dataset"], measure), method, what)
        if mine is None:
            continue
        count += 1
        if not np.allclose(mine, check["expected"], rtol=0, atol=check["tolerance_abs"]):
            wrong.append((check["dataset"], check["quantity"], mine, check["expected"]))
    assert wrong == []
    assert count > 40


def test_intervals_of_tau2_are_those_that_were_printed():
    contents, wrong, count = json.loads(PRINTED.read_text(encoding="utf-8")), [], 0
    for check in checks(contents):
        method = INTERVALS.get(check["quantity"])
        if method is None:
            continue
        count += 1
        measure = "RR" if "log RR" in check["quantity"] else "OR"
        yi, vi = effects(contents, check["dataset"], measure)
        x = columns(contents, check["dataset"]).get("x")
        design = None if x is None else np.column_stack([np.ones(yi.size), x.astype(float)])
        limits = tau2_limits(yi, vi, tau2_interval_method=method, level=0.95, design=design)
        if not np.allclose([limits.lb, limits.ub], check["expected"], rtol=0, atol=check["tolerance_abs"]):
            wrong.append((check["dataset"], check["quantity"], limits, check["expected"]))
    assert wrong == []
    assert count == 5
