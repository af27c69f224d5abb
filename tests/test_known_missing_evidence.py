"""Hold every test of missing evidence against all of R's answers, where they are there."""

import numpy as np
import pytest
from known_answers import CI_METHOD, ELSEWHERE, METHOD_TAU2, cases, number, pairs, rows_used, scale

from repool.pooling.bias.asymmetry import egger
from repool.pooling.bias.excess_significance import excess_significance
from repool.pooling.bias.fail_safe import orwin, rosenberg, rosenthal
from repool.pooling.bias.rank_correlation import rank_test
from repool.pooling.bias.selection_models import selection_model
from repool.pooling.bias.trim_and_fill import trim_and_fill
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.heterogeneity import q_test
from repool.pooling.models.intervals import interval

pytestmark = pytest.mark.skipif(not ELSEWHERE.is_dir(), reason="R's answers are not beside the repository")


def inputs(case, contents):
    """Return effects, variances and sample sizes as R used them."""
    effect = contents["effects"][case["effect"]]
    yi, vi = pairs(effect)
    sizes = effect.get("ni")
    if sizes is not None:
        sizes = np.array([number(n) for n in sizes])[rows_used(effect)]
    return yi, vi, sizes


def differ(case, name, ours, *, rtol, atol=0.0):
    """Return a line when our number is not R's; fields that R left out agree."""
    if name not in case["value"]:
        return []
    expected = case["value"][name]
    expected = np.array([number(x) for x in (expected if isinstance(expected, list) else [expected])])
    ours = np.atleast_1d(np.asarray(ours, dtype=float))
    if ours.shape == expected.shape and np.allclose(ours, expected, rtol=rtol, atol=atol, equal_nan=True):
        return []
    return [f"{case['id']} {case['args']} {name}: {ours} but R {expected}"]


def regtest(case, contents):
    """Return our test in the settings of a case."""
    yi, vi, sizes = inputs(case, contents)
    args = case["args"]
    return egger(
        yi,
        vi,
        predictor=args["predictor"],
        n_total=sizes,
        model={"lm": "weighted_regression", "rma": "meta_regression"}[args["model"]],
        method_tau2=METHOD_TAU2[args.get("method", "EE")],
        ci_method=CI_METHOD[args.get("test", "z")],
        level=0.95,
    )


def test_regression_tests_agree_with_r():
    found, count = [], 0
    for _, case, contents in cases("regtest"):
        yi, vi, _ = inputs(case, contents)
        # On identical effects R tests its own rounding, and warns of an "essentially perfect fit".
        if any("perfect fit" in warning for warning in case.get("warnings", [])):
            continue
        ours = regtest(case, contents)
        count += 1
        # Effects carry 16 digits; with an offset of 1e8 that leaves so much of a standard error.
        offset = 8 * np.finfo(float).eps * np.max(np.abs(yi)) / np.sqrt(np.min(vi[vi > 0]))
        for name, value in {"zval": ours.statistic, "pval": ours.pval, "df": ours.df}.items():
            found += differ(case, name, value, rtol=1e-7, atol=1e-12 + offset)
        for name, value in {"est": ours.estimate, "ci_lb": ours.ci_lb, "ci_ub": ours.ci_ub}.items():
            found += differ(case, name, value, rtol=1e-7)
        for name, value in {"slope": ours.slope, "intercept": ours.intercept}.items():
            found += differ(case, name, value, rtol=1e-7)
        found += differ(case, "tau2", ours.tau2, rtol=1e-6, atol=1e-7 * scale(yi, vi))
    assert count
    assert found == []


def test_rank_tests_agree_with_r():
    found, count = [], 0
    for _, case, contents in cases("ranktest"):
        yi, vi, _ = inputs(case, contents)
        ours = rank_test(yi, vi, exact=case["args"]["exact"])
        count += 1
        found += differ(case, "tau", ours.tau, rtol=1e-7, atol=1e-15)
        found += differ(case, "pval", ours.pval, rtol=1e-7)
    assert count
    assert found == []


def test_trim_and_fill_agrees_with_r():
    found, count = [], 0
    for _, case, contents in cases("trimfill"):
        yi, vi, _ = inputs(case, contents)
        args = case["args"]
        method = METHOD_TAU2[args["method"]]
        ours = trim_and_fill(yi, vi, method_tau2=method, estimator=args["estimator"], side=args["side"])
        count += 1
        estimated = tau2(ours.yi, ours.vi, method=method)
        fit = interval(weighted_fit(ours.yi, ours.vi, tau2=estimated.tau2), ci_method="wald", level=0.95)
        # Identical effects have no side; R takes that of its rounding.
        if case["value"]["side"] != ours.side and np.ptp(yi) > 0:
            found.append(f"{case['id']} side {ours.side}")
        found += differ(case, "k0", ours.k0, rtol=0)
        found += differ(case, "se_k0", ours.k0_se, rtol=1e-7)
        found += differ(case, "p_k0", ours.k0_pval, rtol=1e-7)
        found += differ(case, "tau2", estimated.tau2, rtol=1e-6, atol=1e-7 * scale(yi, vi))
        for name, value in {"beta": fit.estimate, "ci_lb": fit.ci_lb, "ci_ub": fit.ci_ub}.items():
            found += differ(case, name, value, rtol=1e-9, atol=1e-7 * fit.se[0])
        found += differ(case, "se", fit.se, rtol=1e-6)
        found += differ(case, "pval", fit.pval, rtol=1e-6)
        if (ours.vi > 0).all():
            found += differ(case, "QE", q_test(ours.yi, ours.vi).q, rtol=1e-7)
        found += differ(case, "filled_yi", ours.yi[yi.size :], rtol=1e-7, atol=1e-7 * fit.se[0])
        found += differ(case, "filled_vi", ours.vi[yi.size :], rtol=1e-7)
    assert count
    assert found == []


def test_fail_safe_counts_agree_with_r():
    found, count = [], 0
    for _, case, contents in cases("fsn"):
        yi, vi, _ = inputs(case, contents)
        args = case["args"]
        if args["type"] == "Rosenthal":
            ours = rosenthal(yi, vi, alpha=args["alpha"])
        elif args["type"] == "Rosenberg":
            ours = rosenberg(yi, vi, alpha=args["alpha"])
        else:
            ours = orwin(yi, vi if args["weighted"] else None, target=args.get("target"))
        count += 1
        # Beyond 2^53 whole numbers are rounded themselves.
        found += differ(case, "fsnum", ours.n_hidden, rtol=0 if ours.n_hidden < 2**53 else 1e-12)
        for name, value in {"pval": ours.pval, "meanes": ours.mean, "target": ours.target}.items():
            found += differ(case, name, value, rtol=1e-7)
    assert count
    assert found == []


def test_excess_significance_agrees_with_r():
    found, count = [], 0
    for _, case, contents in cases("tes"):
        yi, vi, _ = inputs(case, contents)
        between = tau2(yi, vi, method=METHOD_TAU2[case["args"]["method"]]).tau2
        ours = excess_significance(
            yi,
            vi,
            theta=float(weighted_fit(yi, vi, tau2=between).beta[0]),
            tau2=between,
            alternative=case["args"]["alternative"],
            alpha=0.05,
            test=case["value"]["test"],
            test_alternative="greater",
        )
        count += 1
        found += differ(case, "O", ours.observed, rtol=0)
        # R averages power over 5 tau each way only and so leaves out up to 5.7e-7 of it per study;
        # the closed form has all of it. What follows from the sum moves accordingly.
        short = 1e-6 if ours.tau2 == 0 else 6e-7 * yi.size
        found += differ(case, "power", ours.power, rtol=0, atol=1e-6)
        found += differ(case, "E", ours.expected, rtol=1e-9, atol=short)
        # Where no study can be significant on the side that is asked for, nothing is expected and there is no ratio.
        spread = np.sqrt(ours.expected * (1 - ours.expected / yi.size))
        if spread > 0:
            found += differ(case, "OEratio", ours.ratio, rtol=1e-9, atol=short * ours.ratio / ours.expected)
        found += differ(case, "theta", ours.theta, rtol=1e-6)
        root = 0.0 if np.isnan(ours.statistic) else np.sqrt(ours.statistic)
        slack = short / spread if spread > 0 else 0.0
        found += differ(case, "X2", ours.statistic, rtol=1e-6, atol=4 * slack * (1 + root))
        found += differ(case, "pval", ours.pval, rtol=1e-6, atol=2 * slack)
    assert count
    assert found == []


def selection(case, contents):
    """Return our selection model in the settings of a case."""
    yi, vi, _ = inputs(case, contents)
    args = case["args"]
    return selection_model(
        yi,
        vi,
        weight=args["type"],
        steps=np.atleast_1d(args["steps"]) if "steps" in args else None,
        delta=args.get("delta"),
        alternative=args["alternative"],
        method_tau2={"ML": "ML", "EE": "none"}[args["method"]],
        level=0.95,
    )


def test_selection_models_agree_with_r_or_stand_on_a_higher_peak():
    found, higher, count = [], [], 0
    for _, case, contents in cases("selmodel"):
        ours = selection(case, contents)
        count += 1
        assert ours.converged
        # A likelihood of this model can have two peaks. Where ours is higher, R stopped on the
        # other one (or, with effects of 1e6, before any): proof enough that ours is the estimate.
        if ours.log_likelihood > number(case["value"].get("ll")) + 1e-4:
            higher.append(case["id"])
        else:
            found += selection_differences(case, ours, scale(*inputs(case, contents)[:2]))
    assert count
    assert len(higher) <= 0.05 * count
    assert found == []


def selection_differences(case, ours, yardstick):
    """Return where our selection model is not R's."""
    rtol = max(1e-3, 10 * number(case["value"].get("xcheck", 0.0)))
    small = rtol * ours.se
    lines = differ(case, "beta", ours.estimate, rtol=rtol, atol=small)
    lines += differ(case, "se", ours.se, rtol=rtol)
    lines += differ(case, "zval", ours.statistic, rtol=rtol)
    # A p-value moves by z^2 times the relative change of z.
    lines += differ(case, "pval", ours.pval, rtol=rtol * (1 + ours.statistic**2))
    for name in ("ci_lb", "ci_ub"):
        lines += differ(case, name, getattr(ours, name), rtol=rtol, atol=2 * small)
    lines += differ(case, "tau2", ours.tau2, rtol=rtol, atol=1e-5 * yardstick)
    # With tau2 = 0 R takes differences across the edge, where its likelihood stands still: the
    # "standard error" then is that of its step (1e-4), not of tau2. Ours is blank, with a note.
    if "tau2" not in ours.at_boundary:
        lines += differ(case, "se_tau2", ours.tau2_se, rtol=1e-2)
    lines += differ(case, "delta", ours.delta, rtol=rtol)
    lines += differ(case, "se_delta", ours.delta_se, rtol=max(1e-2, rtol))
    lines += differ(case, "zval_delta", ours.delta_statistic, rtol=max(1e-2, rtol), atol=1e-2)
    largest = np.nanmax(np.append(ours.delta_statistic**2, 0.0))
    lines += differ(case, "pval_delta", ours.delta_pval, rtol=max(1e-2, rtol) * (1 + largest))
    for name in ("ci_lb", "ci_ub"):
        lines += differ(case, name + "_delta", getattr(ours, "delta_" + name), rtol=max(1e-2, rtol), atol=1e-2)
    lines += differ(case, "ll", ours.log_likelihood, rtol=1e-6)
    # R's fit without selection can be on a lower peak too; then its ratio is too large.
    without = number(case["value"].get("ll")) - number(case["value"].get("LRT")) / 2
    if not ours.log_likelihood_unselected > without + 1e-4:
        lines += differ(case, "LRT", ours.lrt, rtol=rtol, atol=1e-5)
        lines += differ(case, "LRTp", ours.lrt_pval, rtol=rtol, atol=1e-5)
    lines += differ(case, "LRTdf", ours.lrt_df, rtol=0)
    return lines + differ(case, "counts", ours.counts, rtol=0)


CALLS = {
    "regtest": regtest,
    "ranktest": lambda case, contents: rank_test(*inputs(case, contents)[:2], exact=case["args"]["exact"]),
    "trimfill": lambda case, contents: trim_and_fill(
        *inputs(case, contents)[:2],
        method_tau2=METHOD_TAU2[case["args"]["method"]],
        estimator=case["args"]["estimator"],
        side=case["args"]["side"],
    ),
    "selmodel": selection,
}


#: Stops that say nothing about the data: a crash of R's optimiser, and a rank test that takes the
#: small numbers 1 / n for zeros. There we answer.
R_STUMBLES = ("$ operator is invalid", "Model matrix not of full rank. Cannot fit")


@pytest.mark.parametrize("kind", CALLS)
def test_what_r_refuses_is_refused_in_words(kind):
    answered = []
    for _, case, contents in cases(kind, statuses=("error",)):
        if case["error"].startswith(R_STUMBLES):
            ours = CALLS[kind](case, contents)
            assert getattr(ours, "k", len(inputs(case, contents)[0])) > 2
            continue
        try:
            ours = CALLS[kind](case, contents)
        except ValueError as refusal:
            assert len(str(refusal)) > 20
        else:
            answered.append(f"{case['id']} {case['args']} {case['error'][:60]} -> {ours}"[:300])
    assert answered == []
