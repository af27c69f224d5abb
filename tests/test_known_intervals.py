"""Holds intervals of tau2, Henmi-Copas, predictions and BLUPs to all of R's answers, where they are."""

import numpy as np
import pytest
from known_answers import ELSEWHERE, cases, number, pairs, scale

from repool.pooling.models.blup import shrunken_effects
from repool.pooling.models.estimators import tau2, weighted_fit
from repool.pooling.models.henmi_copas import henmi_copas
from repool.pooling.models.intervals import interval
from repool.pooling.models.prediction import predict, prediction_limits
from repool.pooling.models.tau2_intervals import heterogeneity_limits, tau2_limits

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ELSEWHERE.is_dir(), reason="R's answers are not here")]

CI_METHOD = {"z": "wald", "t": "t", "knha": "knapp_hartung", "adhoc": "knapp_hartung_floored"}

#: R's own Q loses its digits at an offset of 1e8 and it answers [0, 0]; the proof is below.
R_OUT_OF_DIGITS = {"edge.offset.1e8"}


def designs():
    """Return design and rows used per data set, effect and model formula, as R made them."""
    found = {}
    for name, case, _ in cases("rma.reg"):
        if "X" in case["value"]:
            rows = np.array(case["value"]["rows_used"]) - 1
            found[name, case["effect"], case["args"]["mods"]] = np.array(case["value"]["X"], dtype=float), rows
    return found


def inputs(name, case, contents, known_designs):
    """Return yi, vi and the design (None for one mean)."""
    effect = contents["effects"][case["effect"]]
    if "mods" not in case["args"]:
        return *pairs(effect), None
    design, rows = known_designs[name, case["effect"], case["args"]["mods"]]
    chosen = [np.array([effect[key][row] for row in rows], dtype=float) for key in ("yi", "vi")]
    return *chosen, design


def numbers(values):
    return np.array([number(value) for value in values])


def method_of(args):
    if args["type"] == "PL":
        return f"profile_likelihood_{args['method'].lower()}"
    return {"QP": "q_profile", "GENQ": "generalised_q"}[args["type"]]


def test_limits_of_tau2_and_of_what_follows_from_it_are_those_of_r():
    seen, wrong, known_designs = 0, [], designs()
    for name, case, contents in cases("confint.tau2"):
        args, value = case["args"], case["value"]
        # metafor's own default tolerances are loose by design.
        if args.get("control") == "default" or (name in R_OUT_OF_DIGITS and args["type"] == "QP"):
            continue
        assert args.get("weights", "1/vi") == "1/vi"
        seen += 1
        yi, vi, design = inputs(name, case, contents, known_designs)
        limits = tau2_limits(yi, vi, tau2_interval_method=method_of(args), level=args["level"] / 100, design=design)
        found = heterogeneity_limits(tau2=number(value["tau2"][0]), limits=limits, vi=vi, design=design)
        # rel=1e-9: all four methods are root searches to the last digits; abs: a rounding of 0.
        unit = 1e-9 * scale(yi, vi)
        right = np.allclose(found.tau2, numbers(value["tau2"]), rtol=1e-9, atol=unit)
        for key, ours in (("tau", found.tau), ("I2", found.i2_percent), ("H2", found.h2)):
            if key in value:
                absolute = {"tau": np.sqrt(unit), "I2": 1e-6, "H2": 1e-9}[key]
                right &= np.allclose(ours, numbers(value[key]), rtol=1e-8, atol=absolute)
        right &= limits.null == value.get("ci_null", limits.null)
        # Where R's search ends at the largest tau2 it was told to try, its bound is a lower bound of ours.
        if value.get("ub_sign") == ">":
            right = bool(found.tau2[2] >= number(value["tau2"][2])) and np.isclose(
                found.tau2[1], number(value["tau2"][1]), rtol=1e-8, atol=unit
            )
        right &= value.get("ub_sign", "") in ("", ">", "<" if limits.null else "")
        if not right:
            wrong.append((case["id"], found.tau2, value["tau2"]))
    assert not wrong
    assert seen > 200


def test_where_r_runs_out_of_digits_ours_is_the_interval_of_the_same_effects_without_the_offset():
    for name, case, contents in cases("confint.tau2"):
        if name in R_OUT_OF_DIGITS and case["args"]["type"] == "QP":
            yi, vi, _ = inputs(name, case, contents, {})
            level = case["args"]["level"] / 100
            ours = tau2_limits(yi, vi, tau2_interval_method="q_profile", level=level)
            # Subtracting numbers this close is exact, and an offset does not change Q.
            plain = tau2_limits(yi - np.median(yi), vi, tau2_interval_method="q_profile", level=level)
            assert [ours.lb, ours.ub] == pytest.approx([plain.lb, plain.ub], rel=1e-7)


def test_no_limits_where_r_refuses_them():
    for name, case, contents in cases("confint.tau2", "hc", statuses=("error",)):
        yi, vi = pairs(contents["effects"][case["effect"]])
        with pytest.raises(ValueError, match="needed|above 0|missing or infinite|at least 2"):
            if case["kind"] == "hc":
                henmi_copas(yi, vi, level=0.95)
            else:
                tau2_limits(yi, vi, tau2_interval_method=method_of(case["args"]), level=0.95)
            pytest.fail(f"{name} was answered")


def test_henmi_copas_intervals_are_those_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("hc"):
        seen += 1
        yi, vi = pairs(contents["effects"][case["effect"]])
        found, value = henmi_copas(yi, vi, level=0.95), case["value"]
        # 1e-5 of a standard error: metafor integrates to 1e-4 relative and usually gets 1e-7.
        unit = 1e-5 * value["se"]
        for key, ours in (("beta", found.estimate), ("ci_lb", found.ci_lb), ("ci_ub", found.ci_ub)):
            if abs(ours - value[key]) > unit:
                wrong.append((case["id"], key, ours, value[key]))
        unit = 1e-9 * scale(yi, vi[np.isfinite(vi)])
        if not np.allclose([found.se, found.tau2], [value["se"], value["tau2"]], rtol=1e-9, atol=unit):
            wrong.append((case["id"], found))
    assert not wrong
    assert seen > 40


def test_predictions_with_moderators_are_those_of_r():
    seen, wrong, known_designs = 0, [], designs()
    for name, case, contents in cases("predict"):
        seen += 1
        args, value = case["args"], case["value"]
        yi, vi, design = inputs(name, case, contents, known_designs)
        between = tau2(yi, vi, method=args["method"], design=design).tau2
        fitted = weighted_fit(yi, vi, tau2=between, design=design)
        model = interval(fitted, ci_method=CI_METHOD[args["test"]], level=0.95)
        found = predict(model, rows=args["X"], tau2=between, level=0.95)
        for key in ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
            ours = getattr(found, {"pred": "estimate"}.get(key, key))
            # 1e-7 of a standard error, as for the model itself.
            if not np.allclose(ours, numbers(value[key]), rtol=1e-9, atol=1e-7 * found.se.max()):
                wrong.append((case["id"], key))
    assert not wrong
    assert seen > 60


def test_shrunken_effects_are_the_blups_and_random_effects_of_r():
    seen, wrong = 0, []
    for _, case, contents in cases("blup"):
        seen += 1
        args, value = case["args"], case["value"]
        yi, vi = pairs(contents["effects"][case["effect"]])
        between = tau2(yi, vi, method=args["method"]).tau2
        model = interval(weighted_fit(yi, vi, tau2=between), ci_method=CI_METHOD[args["test"]], level=0.95)
        found = shrunken_effects(
            yi, vi, interval=model, tau2=between, level=args["level"] / 100, uncertainty="mean_estimated"
        )
        names = {"pred": "estimate", "ranef": "deviation", "ranef_se": "deviation_se"}
        for key in value:
            ours = getattr(found, names.get(key, key))
            # 1e-7 relative or of a standard error; where tau2 is 0, R leaves 1e-13 of the scale
            # and its square root shows in the standard error of a random effect that is 0.
            left_over = 1e-6 if between == 0 and key == "ranef_se" else 1e-7
            unit = left_over * np.sqrt(scale(yi, vi) if len(yi) > 1 else vi[0])
            if not np.allclose(ours, numbers(value[key]), rtol=1e-7, atol=unit):
                wrong.append((case["id"], key, np.max(np.abs(ours - numbers(value[key])))))
    assert not wrong
    assert seen > 40


def test_prediction_limits_of_every_pooled_model_are_those_of_r():
    seen, wrong = 0, []
    for _, case, _ in cases("rma.uni"):
        value = case["value"]
        if value.get("pi_lb") in (None, "NaN"):
            continue
        seen += 1
        # From R's own estimate, se, tau2 and df (k - p, none for z): a closed form.
        df = number(value.get("ddf")) if case["args"]["test"] != "z" else np.nan
        estimate, se = number(value["beta"][0]), number(value["se"][0])
        between, level = number(value["tau2"]), case["args"].get("level", 95) / 100
        found = prediction_limits(estimate=estimate, se=se, tau2=between, df=df, level=level)
        expected = [number(value["pi_lb"]), number(value["pi_ub"])]
        # rel=1e-11: R's numbers have 15 digits, and a limit near 0 is a difference of larger ones.
        if not np.allclose(found, expected, rtol=1e-11, atol=1e-11 * np.hypot(se, np.sqrt(between))):
            wrong.append((case["id"], found, expected))
    assert not wrong
    assert seen > 1000
