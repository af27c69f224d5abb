"""Every Mantel-Haenszel, Peto and GLMM answer of R, where the folder of R's answers is there."""

import math

import known_answers as ka
import numpy as np
import pytest

from repool.pooling.rare_events.glmm import glmm, glmm_one_group
from repool.pooling.rare_events.mantel_haenszel import mantel_haenszel
from repool.pooling.rare_events.peto import peto

pytestmark = pytest.mark.skipif(not ka.ELSEWHERE.is_dir(), reason="R's answers are not beside the repository")

MH_FIELDS = {
    "k": "k",
    "k_yi": "k_effects",
    "beta": "estimate",
    "se": "se",
    "zval": "statistic",
    "pval": "pval",
    "ci_lb": "ci_lb",
    "ci_ub": "ci_ub",
    "QE": "q",
    "QEp": "q_pval",
    "I2": "i2_percent",
    "H2": "h2",
    "MH": "cmh",
    "MHp": "cmh_pval",
    "BD": "breslow_day",
    "BDp": "breslow_day_pval",
    "TA": "tarone",
    "TAp": "tarone_pval",
    "k_pos": "k_tables",
}


def arms(name, source):
    """Return events and sizes of both arms, whichever columns a data set has them in."""
    rows, _ = ka.data_set(name)
    get = {role: rows[column].to_numpy(dtype=float) for role, column in source.items()}
    if "x1i" in get:
        return get["x1i"], get["t1i"], get["x2i"], get["t2i"]
    n1 = get["n1i"] if "n1i" in get else get["ai"] + get["bi"]
    n2 = get["n2i"] if "n2i" in get else get["ci"] + get["di"]
    return get["ai"], n1, get["ci"], n2


def zero_rule(args):
    """Return the settings for zero cells; where a note says so, they hold for the pooled estimate too."""
    twice = "note" in args
    settings = {key: [args[key]] * 2 if twice else args[key] for key in ("add", "to", "drop00")}
    if args.get("measure") in ("IRR", "IRD"):
        # Recorded as dropped from both, computed with drop00 = TRUE, which R takes for the studies alone: R with
        # c(TRUE, TRUE) on edge.rates gives k = 4 and IRD -0.00663873786578169, with c(TRUE, FALSE) what is recorded.
        settings["drop00"] = [True, False]
    return settings


def differences(case, ours, fields, *, rtol, atol):
    """Return the fields that differ from R, in words."""
    found = []
    for theirs, name in fields.items():
        if theirs not in case["value"]:
            continue
        value = case["value"][theirs]
        expected = ka.number(value[0] if isinstance(value, list) else value)
        mine = float(getattr(ours, name))
        if theirs == "k_pos" and math.isnan(expected):
            expected = 0.0
        if not (np.isnan(expected) and np.isnan(mine)) and not np.isclose(mine, expected, rtol=rtol, atol=atol):
            found.append(f"{case['id']} {case['args'].get('measure')} {theirs}: ours {mine!r}, R {expected!r}")
    return found


# Closed forms: R prints 15 digits; sums of differences (Q, Breslow-Day) lose a few to cancellation.
CLOSED = {"rtol": 1e-9, "atol": 1e-12}


def test_mantel_haenszel_is_what_r_says():
    found, cases = [], 0
    for name, case, _ in ka.cases("rma.mh"):
        args = case["args"]
        settings = {key: args[key] for key in ("measure", "correct")} | zero_rule(args)
        ours = mantel_haenszel(*arms(name, args["from"]), **settings, level=0.95)
        fields = dict(MH_FIELDS)
        if name == "edge.tab.emptyarm" and case["value"].get("BD") == "Inf":
            # Nobody in arm 2 of study 2: its 3 expected events of arm 1 are exactly the 3 observed. R computes
            # 3.0000000000000004 and divides the rounding by a variance of 0: Inf, p = 0. The table has one possible
            # outcome and says nothing about equal odds ratios.
            fields = {key: fields[key] for key in fields if key not in ("BD", "BDp", "TA", "TAp", "k_pos")}
        found += differences(case, ours, fields, **CLOSED)
        cases += 1
    assert found == []
    assert cases > 0


def test_peto_is_what_r_says():
    found, cases = [], 0
    fields = {theirs: MH_FIELDS[theirs] for theirs in MH_FIELDS if theirs != "k_pos"} | {"k_pos": "k_informative"}
    for name, case, _ in ka.cases("rma.peto"):
        args = case["args"]
        settings = zero_rule(args)
        ours = peto(*arms(name, args["from"]), **settings, level=0.95)
        found += differences(case, ours, fields, **CLOSED)
        cases += 1
    assert found == []
    assert cases > 0


def test_where_r_stops_the_closed_forms_say_why():
    for name, case, _ in ka.cases("rma.mh", "rma.peto", statuses=("error",)):
        args = case["args"]
        settings = zero_rule(args)
        with pytest.raises(ValueError, match="none of the"):
            if case["kind"] == "rma.peto":
                peto(*arms(name, args["from"]), **settings, level=0.95)
            else:
                more = {"measure": args["measure"], "correct": args["correct"]}
                mantel_haenszel(*arms(name, args["from"]), **settings, **more, level=0.95)


def fitted(name, case):
    """Return our fit of a case of R's."""
    args = case["args"]
    settings = {
        "measure": args["measure"],
        "method_tau2": {"EE": "none", "ML": "ML"}[args["method"]],
        "nodes": args.get("nAGQ", 7),
        # rma.glmm's own defaults, which the cases do not change.
        "add": 0.5,
        "to": "only0",
        "level": 0.95,
    }
    if args["measure"] not in ("PLO", "IRLN"):
        return glmm(*arms(name, args["from"]), glmm_model=args["model"], drop00=True, **settings)
    rows, _ = ka.data_set(name)
    get = {role: rows[column].to_numpy(dtype=float) for role, column in args["from"].items()}
    size = get["ti"] if "ti" in get else get.get("ni", get["xi"] + get.get("mi", 0))
    return glmm_one_group(get["xi"], size, **settings)


def glmm_differences(case, ours):
    """Return the fields of a model of counts that differ from R by more than R's own slack.

    Likelihoods agree to 1e-5 and are never below R's; estimates to 1e-3 (the tolerance of the answers). Looser:

    - Standard errors of UM.RS and of Laplace fits: lme4 differences a likelihood that its inner loop finds to 1e-7
      only. R's UM.RS of dat.hart1999 gives se 0.16167531; with control=glmerControl(tolPwrss=1e-13) R gives 0.16258087
      and the higher likelihood -36.064323 (before: -36.064330). Ours: 0.16258062 and -36.064323.
    - Standard errors and Wald Q of CM.EL: R differences a density computed to 1e-10. dat.cannon2006: se 0.0428487 and
      Wald Q 1.1823; with control=list(dnchgcalc="dnoncenhypergeom") R gives 0.0430080 and 1.14057. Ours, with the
      exact second derivative: 0.0430080 and 1.14052.
    """
    args, value = case["args"], case["value"]
    laplace = args.get("nAGQ") == 1 or args.get("model") == "UM.RS"
    exact = args["measure"] == "OR" and args.get("model") == "CM.EL"
    loose_se = 1e-2 if laplace or exact else 1e-3
    found = differences(case, ours, {"beta": "estimate", "QE_df": "q_df", "k": "k"}, rtol=1e-3, atol=1e-3 * ours.se)
    found += differences(case, ours, {"se": "se"}, rtol=loose_se, atol=0)
    # Limits and z follow from estimate and se.
    found += differences(case, ours, {"ci_lb": "ci_lb", "ci_ub": "ci_ub"}, rtol=1e-3, atol=2 * loose_se * ours.se)
    found += differences(case, ours, {"zval": "statistic"}, rtol=loose_se, atol=1e-3)
    found += differences(case, ours, {"pval": "pval"}, rtol=0.05 if loose_se > 1e-3 else 5e-3, atol=1e-3)
    found += differences(case, ours, {"tau2": "tau2", "sigma2": "sigma2"}, rtol=1e-3, atol=1e-6)
    found += differences(case, ours, {"I2": "i2_percent", "H2": "h2"}, rtol=1e-3, atol=1e-4)
    wald = {"QE_Wld": "q_wald", "QEp_Wld": "q_wald_pval"}
    found += differences(case, ours, wald, rtol=4e-2 if args.get("model") == "UM.RS" or exact else 1e-6, atol=2e-2)
    found += differences(case, ours, {"QE_LRT": "q_lrt", "QEp_LRT": "q_lrt_pval"}, rtol=1e-5, atol=1e-6)
    given_modes = ours.log_likelihood_metafor != ours.log_likelihood and args.get("model") != "UM.RS"
    height = ours.log_likelihood_metafor
    # The likelihood at the modes is no maximum: it follows the estimates, not their square.
    if not abs(height - value["ll"]) < (1e-3 if given_modes else 2e-5) or not (
        given_modes or height > value["ll"] - 1e-7
    ):
        found.append(f"{case['id']} ll: ours {height!r}, R {value['ll']!r}")
    minus_two, n = -2 * value["ll"], ours.n_observations
    if abs(minus_two + 2 * ours.parameters - value["AIC"]) > 1e-8:
        found.append(f"{case['id']} number of parameters: ours {ours.parameters}")
    if abs(minus_two + ours.parameters * math.log(n) - value["BIC"]) > 1e-8:
        found.append(f"{case['id']} number of observations: ours {n}")
    return found


def test_models_of_counts_are_what_r_says():
    found, cases = [], 0
    for name, case, _ in ka.cases("rma.glmm"):
        ours = fitted(name, case)
        assert ours.converged, case["id"]
        found += glmm_differences(case, ours)
        cases += 1
    assert found == []
    assert cases > 0


def test_models_of_counts_end_where_r_did_not_arrive():
    for name, case, _ in ka.cases("rma.glmm", statuses=("nonconv",)):
        ours = fitted(name, case)
        assert ours.converged, case["id"]
        value = case.get("value")
        if value and (case["args"]["model"] == "UM.RS" or case["args"]["measure"] == "OR"):
            # R integrates each study's likelihood to a relative 1e-4 only.
            assert ours.log_likelihood >= value["ll"] - 1e-5, case["id"]
