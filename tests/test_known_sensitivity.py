"""Every answer of R about single studies: leave-one-out, influence, residuals, Baujat, cumulative and all subsets."""

import math

import numpy as np
import pytest
from known_answers import CI_METHOD, ELSEWHERE, cases, data_set, pairs, rows_used, scale

from repool.pooling.sensitivity.baujat import baujat
from repool.pooling.sensitivity.cumulative import cumulative
from repool.pooling.sensitivity.gosh import gosh, summary
from repool.pooling.sensitivity.influence import influence
from repool.pooling.sensitivity.leave_one_out import leave_each_out

pytestmark = pytest.mark.skipif(not ELSEWHERE.is_dir(), reason="R's answers are not beside the repository")

FITS = {
    **{"estimate": "estimate", "se": "se", "zval": "statistic", "pval": "pval", "ci_lb": "ci_lb", "ci_ub": "ci_ub"},
    **{"tau2": "tau2", "I2": "i2_percent", "H2": "h2"},
}
LEFT_OUT = FITS | {"Q": "q", "Qp": "q_pval"}
INFLUENCE = {
    **{name: name for name in ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat")},
    **{"QE_del": "qe_del", "weight": "weight_percent"},
}
RESIDUALS = {
    **{"rstandard": "rstandard", "resid": "resid", "se": "resid_se"},
    **{"rstudent": "rstudent", "rstudent_resid": "resid_del", "rstudent_se": "resid_del_se"},
}
SUBSETS = {"estimate": "estimate", "tau2": "tau2", "QE": "q", "I2": "i2_percent", "H2": "h2"}


def numbers(values):
    return np.array([math.nan if value is None else float(value) for value in values])


def name_of(method):
    return "none" if method == "EE" else method


def slack(name, expected, *, yi, vi, se):
    """Return the absolute difference that is allowed.

    1e-7 is the agreed relative tolerance; beside it stands what 1e-7 is relative to: a standard error for effects,
    the variance of the data for tau2. R writes 12 digits, hence 1e-11 of numbers with an offset. I2 is agreed to 1e-4
    points where tau2 is found by search. Squares of moves near 0 are rounding in R too: 1e-10 of one (squared)
    standard error. A p-value of a statistic x moves by x^2 times the relative change of x.
    """
    relative = 1e-7 * np.abs(expected)
    if name in ("estimate", "ci_lb", "ci_ub", "resid", "rstudent_resid"):
        return 1e-7 * se + 1e-11 * np.abs(expected)
    if name in ("tau2", "tau2_del"):
        return relative + 1e-7 * (scale(yi, vi) if len(yi) > 1 else vi[0])
    if name == "I2":
        return relative + 1e-4
    if name in ("pval", "Qp"):
        return 1e-6 * np.abs(expected) + 1e-12
    # Effects with an offset hold fewer digits than their spread: 1e8 + 0.1 is known to 1.5e-8.
    rounding = 64 * np.finfo(float).eps * np.max(np.abs(yi)) / np.sqrt(np.min(vi[vi > 0]))
    return relative + 1e-10 + rounding * (1.0 + np.sqrt(np.abs(expected)))


def differences(case, ours, names, *, yi, vi, se=1.0):
    """Return which fields differ, with the first place and both numbers."""
    wrong = []
    for theirs, mine in names.items():
        expected = numbers(case["value"][theirs])
        if expected.size == 0:
            continue
        found = np.asarray(getattr(ours, mine), dtype=float)
        if theirs in ("zval", "pval") and expected.shape == found.shape:
            # Identical effects have a Knapp-Hartung standard error of 0: R divides by it (z infinite, p = 0), here
            # there is no test.
            certain = numbers(case["value"]["se"]) == 0
            expected = np.where(certain, np.nan, expected)
        same = np.isclose(found, expected, rtol=0.0, atol=0.0, equal_nan=True)
        same |= np.abs(found - expected) <= slack(theirs, expected, yi=yi, vi=vi, se=se)
        if found.shape != expected.shape or not same.all():
            place = int(np.argmin(same))
            wrong.append((case["id"], case["args"], theirs, place, found[place], expected[place]))
    return wrong


def without_blanks(ours, case, main, names):
    """Return our fields, blank where R's search did not converge and it left a blank in its main field."""
    blank = np.isnan(numbers(case["value"][main]))
    fields = {theirs: mine for theirs, mine in names.items() if numbers(case["value"][theirs]).size == blank.size}
    theirs_too = {mine: np.isnan(numbers(case["value"][theirs])) for theirs, mine in fields.items()}
    return _Ordered(
        {mine: np.where(blank & theirs_too[mine], math.nan, getattr(ours, mine)) for mine in fields.values()}
    )


def settings_of(case):
    method = name_of(case["args"]["method"])
    ci_method = CI_METHOD[case["args"].get("test", "z")]
    return {"method": method, "ci_method": ci_method, "level": 0.95, "i2_definition": "from_tau2"}


def test_leave_one_out_gives_the_answers_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("leave1out"):
        yi, vi = pairs(contents["effects"][case["effect"]])
        seen += 1
        se = numbers(case["value"]["se"])
        ours = leave_each_out(yi, vi, **settings_of(case))
        wrong += differences(case, without_blanks(ours, case, "estimate", LEFT_OUT), LEFT_OUT, yi=yi, vi=vi, se=se)
    assert not wrong
    assert seen


def design_of(case, name, contents):
    """Return the design of a case with one moderator, coded as R does: the first level of a word is left out."""
    if "mods" not in case["args"]:
        return None
    table, about = data_set(name)
    used = table[rows_used(contents["effects"][case["effect"]])]
    column = case["args"]["mods"].removeprefix("~").strip()
    facts = about["columns"][column]
    values = used[column]
    if facts["type"] in ("string", "factor", "boolean"):
        levels = [level for level in facts.get("levels") or sorted(set(values)) if level in set(values)]
        dummies = [np.array([value == level for value in values], dtype=float) for level in levels[1:]]
        return np.column_stack([np.ones(len(values)), *dummies])
    return np.column_stack([np.ones(len(values)), values.to_numpy(float)])


def test_influence_gives_the_answers_of_r():
    seen, wrong = 0, []
    for name, case, contents in cases("influence"):
        yi, vi = pairs(contents["effects"][case["effect"]])
        design = design_of(case, name, contents)
        if design is not None:
            keep = np.isfinite(design).all(axis=1)
            yi, vi, design = yi[keep], vi[keep], design[keep]
        seen += 1
        ours = influence(yi, vi, method=name_of(case["args"]["method"]), ci_method="wald", design=design)
        wrong += differences(case, ours, INFLUENCE, yi=yi, vi=vi)
        dfbs = case["value"]["dfbs"]
        table = {"id": case["id"], "args": case["args"], "value": {"dfbs": np.ravel(np.array(dfbs, dtype=float))}}
        wrong += differences(table, _Flat(ours.dfbetas, np.array(dfbs, dtype=float)), {"dfbs": "values"}, yi=yi, vi=vi)
        flags = case["value"].get("is_infl")
        if flags is not None and list(ours.is_influential) != flags:
            wrong.append((case["id"], "is_infl", ours.is_influential, flags))
    assert not wrong
    assert seen


class _Flat:
    """dfbetas in the order in which R's are written: by study, or by coefficient."""

    def __init__(self, ours, theirs):
        self.values = np.ravel(ours.T if theirs.shape != ours.shape and theirs.shape == ours.T.shape else ours)


def test_residuals_give_the_answers_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("residuals"):
        yi, vi = pairs(contents["effects"][case["effect"]])
        seen += 1
        ours = influence(yi, vi, method=name_of(case["args"]["method"]), ci_method="wald", design=None)
        wrong += differences(case, ours, RESIDUALS, yi=yi, vi=vi, se=numbers(case["value"]["se"]))
    assert not wrong
    assert seen


def test_baujat_coordinates_are_those_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("baujat"):
        yi, vi = pairs(contents["effects"][case["effect"]])
        seen += 1
        ours = baujat(yi, vi, method=name_of(case["args"]["method"]), ci_method="wald", design=None)
        fields = {"x": "heterogeneity", "y": "pull"}
        wrong += differences(case, without_blanks(ours, case, "y", fields), fields, yi=yi, vi=vi)
    assert not wrong
    assert seen


def test_cumulative_gives_the_answers_of_r():
    seen, wrong = 0, []
    for name, case, contents in cases("cumul"):
        effect = contents["effects"][case["effect"]]
        yi, vi = pairs(effect)
        seen += 1
        order = None
        if "order" in case["args"]:
            used = rows_used(effect)
            order = data_set(name)[0][case["args"]["order"]][used].to_numpy(float)
            rows = np.flatnonzero(used) + 1
        ours = cumulative(yi, vi, order=order, **settings_of(case))
        if order is not None and "order" in case["value"]:
            theirs = [row for row in case["value"]["order"] if row in set(rows)]
            if theirs != rows[ours.order].tolist():
                wrong.append((case["id"], "order", theirs, rows[ours.order].tolist()))
        assert np.isfinite(ours.fits.estimate).all() or (vi == 0).any()
        fits = without_blanks(ours.fits, case, "estimate", FITS)
        wrong += differences(case, fits, FITS, yi=yi, vi=vi, se=numbers(case["value"]["se"]))
    assert not wrong
    assert seen


def test_all_subsets_give_the_answers_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("gosh"):
        yi, vi = pairs(contents["effects"][case["effect"]])
        seen += 1
        ours = gosh(yi, vi, method=name_of(case["args"]["method"]), maximum_subsets=2**12, seed=0)
        value = case["value"]
        if "subsets" in value:
            found = ["".join("01"[bit] for bit in row) for row in ours.included.astype(int)]
            place = [found.index(bits) for bits in value["subsets"]]
            ordered = _Ordered({name: getattr(ours, name)[place] for name in SUBSETS.values()})
            wrong += differences(case, ordered, SUBSETS, yi=yi, vi=vi, se=np.sqrt(vi.min()))
        mean = summary(ours.estimate)
        facts = {"n": len(ours.estimate), "mean_estimate": mean.mean, "sd_estimate": mean.sd, "na_I2": 0}
        for field, found in facts.items():
            # Identical effects spread by the rounding of their means only.
            if not math.isclose(found, value[field], rel_tol=1e-7, abs_tol=1e-12 * np.max(np.abs(yi))):
                wrong.append((case["id"], field, found, value[field]))
        quantiles = {
            f"q_{name}": summary(getattr(ours, mine)).quantiles for name, mine in SUBSETS.items() if name != "H2"
        }
        for field, found in quantiles.items():
            # 1e-7 of the largest: quantiles of tau2 and I2 are 0 where others are large.
            if not np.allclose(found, value[field], rtol=1e-7, atol=1e-7 * max(map(abs, value[field]))):
                wrong.append((case["id"], field, found, value[field]))
    assert not wrong
    assert seen


RUNS = {
    "leave1out": lambda yi, vi, args: leave_each_out(yi, vi, **args),
    "influence": lambda yi, vi, args: influence(yi, vi, method=args["method"], ci_method="wald", design=None),
    "cumul": lambda yi, vi, args: cumulative(yi, vi, order=None, **args),
}


def test_where_r_stops_we_stop_with_a_reason():
    seen = 0
    for _, case, contents in cases(*RUNS, statuses=("error",)):
        yi, vi = pairs(contents["effects"][case["effect"]])
        seen += 1
        with pytest.raises(ValueError, match="effect|infinite"):
            RUNS[case["kind"]](yi, vi, settings_of(case))
    assert seen


class _Ordered:
    """Fields by name."""

    def __init__(self, fields):
        vars(self).update(fields)
