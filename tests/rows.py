"""Harmonised rows for tests of routes: blank but for what a test fills in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from repool.effects.evaluate import effects_by
from repool.effects.measure_words import MEASURE_WORDS
from repool.effects.measures.zero_cells import ZeroCells
from repool.effects.routes.tools import Choices, Range
from repool.extraction.harmonise import FRONT, data_columns
from repool.extraction.specification import columns_of
from repool.schemas import schema

COLUMNS = data_columns(columns_of(schema("extraction")))
CHOICES = Choices(
    measures=dict.fromkeys(("OR", "RR", "RD", "IRR", "SMD", "MD", "PLO", "SMCR", "ZCOR"), "LS") | {"HR": "given"},
    zero_cells=ZeroCells("only0", 0.5, drop_double_zero=False),
    double_zeros_dropped=("OR", "RR"),
    p_without_sides="two",
    p_thresholds=(0.1, 0.05, 0.01, 0.001),
    not_significant=0.05,
    allocation=Range(0.5, 0.4, 0.6),
    r_pre_post=Range(0.5, 0.3, 0.7),
    icc=None,
    medians="luo_wan_shi",
)
#: The same arithmetic as the expected value, written in another order: rounding only.
CLOSED = 1e-12
#: R prints 15 digits, and its log gamma and quantiles may differ in the last few.
R_DIGITS = 1e-9
#: The normal quantile of a two-sided 95 % interval, from a printed table.
Z975 = 1.959963984540054
#: A total that two arms share.
SHARED = {"n_total": 200.0, "n_total_arms": 2.0, "n_total_basis": "analysed"}
#: An exact p-value of the contrast.
EXACT_P = {"p_op": "=", "p_scope": "contrast"}


def rows(*cells):
    """Return a frame of harmonised rows; each argument is a dict of the filled cells of one row."""
    blank = {column.name: np.nan if column.is_number else "" for column in COLUMNS}
    front = dict.fromkeys(FRONT, "") | {
        "flip": 1.0,
        "priority": 1.0,
        "time_months": 6.0,
        "term_higher_is_better": "yes",
        "clustered": False,
    }
    front |= {"comparator": "usual_care", "condition_arm1": "peer", "condition_arm2": "usual", "outcome": "abstinence"}
    table = []
    for number, filled in enumerate(cells, start=1):
        unknown = set(filled) - set(blank) - set(front)
        assert not unknown, f"no such columns: {unknown}"
        names = {"result_id": f"s-{number:02d}", "study_id": "s", "cohort_id": "s"}
        table.append(blank | front | names | filled)
    return pd.DataFrame(table)


def choosing(*measures, **changed):
    """Return the choices with these measures, each with its usual variance."""
    return replace(CHOICES, measures={name: MEASURE_WORDS[name].vtypes[0] for name in measures}, **changed)


def effect_of(route, measure, cells, **changed):
    """Return the single effect of one row by one route in one measure."""
    table = effects_by(route, rows(cells), choosing(measure, **changed))
    assert len(table) == 1, f"{route} gives {len(table)} effects as {measure}"
    return table.iloc[0]


def gives_nothing(route, cells, *measures, **changed):
    """Return whether a route leads from a row to no effect in any of the measures, or in any at all."""
    return effects_by(route, rows(cells), choosing(*(measures or MEASURE_WORDS), **changed)).empty


def holds(case):
    """Check a route against what is expected: (route, measure, cells, yi, vi, assumptions)."""
    route, measure, cells, yi, vi, assumptions = case
    effect = effect_of(route, measure, cells)
    assert effect["yi"] == pytest.approx(yi, rel=R_DIGITS, abs=CLOSED)
    assert effect["vi"] == pytest.approx(vi, rel=R_DIGITS)
    assert effect["assumptions"] == assumptions


def ids(cases):
    """Return a name for each case."""
    return [f"{case[0]}-{case[1]}" for case in cases]


#: Scales on which the effect of arm 2 against arm 1 is one over, or minus, the effect of arm 1 against arm 2.
INVERTED = ("OR", "RR", "HR", "IRR", "ROM")
NEGATED = ("RD", "IRD", "MD", "d", "g", "r", "r_point_biserial", "phi", "b", "fisher_z")


def swapped(cells):
    """Return the cells of the same result with its arms exchanged."""
    other = {"arm1": "arm2", "arm2": "arm1"}
    turned = {}
    for name, value in cells.items():
        stem, _, arm = name.rpartition("_")
        turned[f"{stem}_{other[arm]}" if arm in other else name] = value
    if "events_total" in cells and "events_arm1" in cells:
        turned["events_arm1"] = cells["events_total"] - cells["events_arm1"]
        turned.pop("events_arm2")
    if "pairs_yes_no" in cells:
        turned |= {"pairs_yes_no": cells["pairs_no_yes"], "pairs_no_yes": cells["pairs_yes_no"]}
    turned["favours"] = other.get(cells.get("favours"), "")
    if cells.get("statistic") in ("t", "z") and "statistic_value" in cells:
        turned["statistic_value"] = -cells["statistic_value"]
    if "o_minus_e" in cells:
        turned["o_minus_e"] = -cells["o_minus_e"]
    turn = {**dict.fromkeys(INVERTED, lambda x: 1 / x), **dict.fromkeys(NEGATED, lambda x: -x)}
    if cells.get("estimate_scale") in turn:
        change = turn[cells["estimate_scale"]]
        turned["estimate"] = change(cells["estimate"])
        if "ci_lb" in cells:
            turned |= {"ci_lb": change(cells["ci_ub"]), "ci_ub": change(cells["ci_lb"])}
    return turned
