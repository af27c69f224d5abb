"""Walks R's answers for models of one mean and for meta-regressions: every estimator, interval and fit statistic."""

import math

import numpy as np
import pytest
from known_answers import CI_METHOD, ELSEWHERE, cases, number, scale

from repool.pooling.models.estimators import CLOSED_FORMS, METHODS_TAU2, tau2
from repool.pooling.models.intervals import quantile
from repool.pooling.models.whole_model import whole_model

pytestmark = pytest.mark.skipif(not ELSEWHERE.is_dir(), reason="the folder of R's answers is not there")

#: R's own numbers where it answered with its loose default search; an artefact of its threshold.
LOOSE = "default"


def values(effect):
    """Effects and variances of the rows that R could use; a variance may be 0 or infinite."""
    both = zip(effect["yi"], effect["vi"], strict=True)
    rows = [(number(y), number(v)) for y, v in both if y is not None and v is not None]
    return np.array([y for y, _ in rows]), np.array([v for _, v in rows])


def method_of(args):
    return "none" if args["method"] in ("EE", "FE", "CE") else args["method"]


def fitted(args, yi, vi, design=None):
    weights = None
    if args.get("weighted") is False:
        weights = np.ones(yi.size)
    elif "weights" in args:
        assert args["weights"] == "1/sqrt(vi)"
        weights = 1 / np.sqrt(vi)
    return whole_model(
        yi,
        vi,
        method_tau2=method_of(args),
        ci_method=CI_METHOD.get(args["test"], args["test"]),
        level=args.get("level", 95) / 100,
        design=design,
        weights=weights,
        tau2_given=float(args["tau2"]) if "tau2" in args else None,
    )


def facts(model, args, k, p):
    """Our numbers under R's names."""
    interval, spread, fits = model.interval, model.heterogeneity, model.fit_statistics
    found = {
        "beta": interval.estimate, "se": interval.se, "zval": interval.statistic, "pval": interval.pval,
        "ci_lb": interval.ci_lb, "ci_ub": interval.ci_ub, "vb": interval.cov,
        "tau2": model.tau2.tau2, "se_tau2": model.tau2_se, "I2": spread.i2_percent, "H2": spread.h2,
        "QE": spread.q, "QEdf": spread.q_df, "QEp": spread.q_pval, "ddf": interval.df,
        "s2w": interval.variance_factor, "vt": spread.typical_variance, "k": k, "p": p,
        "fit_stats": {"which": fits.likelihood, "ll": fits.log_likelihood, "dev": fits.deviance,
                      "AIC": fits.aic, "BIC": fits.bic, "AICc": fits.aicc},
    }  # fmt: skip
    if p == 1:
        half = quantile(args.get("level", 95) / 100, df=interval.df) * math.sqrt(model.tau2.tau2 + interval.se[0] ** 2)
        found |= {"pi_lb": interval.estimate[0] - half, "pi_ub": interval.estimate[0] + half}
    return found


def allowed(name, args, expected, value, yi, vi):
    """How far a number may be from R's, in absolute terms.

    Closed forms: 1e-9, or what R's text of 15 digits and ill-scaled moderators leave. Searches:
    1e-7 (tau2 is right to 1e-9 of the scale on both sides; R leaves 1e-13 of it instead of 0).
    """
    closed = method_of(args) in (*CLOSED_FORMS, "none") or "tau2" in args
    relative = 1e-9 if closed else 1e-7
    size = np.abs(expected)
    if name in ("beta", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        se = np.array([number(s) for s in value["se"]])
        return relative * se + 1e-13 * size
    if name == "vb":
        diagonal = np.sqrt(np.diagonal(expected))
        return relative * np.outer(diagonal, diagonal)
    if name == "I2":
        # README: 1e-4 points; 1e-7 of 100 is a tenth of that.
        return relative * 100
    if name in ("tau2", "se_tau2"):
        known = len(yi) > 1 and np.isfinite(vi).all()
        return relative * size + (1e-10 * scale(yi, vi) if known else 0.0)
    if name in ("pval", "QEp"):
        # A tail of 1e-276 doubles the error of its logarithm by its size.
        return 1e-6 * size
    if name in ("ll", "dev", "AIC", "BIC", "AICc"):
        # R rounds its coefficients before it takes them from effects with a large offset.
        rounding = 4 * np.finfo(float).eps * np.max(np.abs(yi)) / np.sqrt(np.min(vi[vi > 0]))
        return relative * (1 + size) + rounding
    return relative * size + 1e-12


def differences(dataset, case, yi, vi, design=None):
    """Every field of R's answer that is not ours, as text; the second number counts those compared."""
    args, value = case["args"], case["value"]
    found = facts(fitted(args, yi, vi, design), args, yi.size, 1 if design is None else design.shape[1])
    pairs = [(n, found[n], value[n]) for n in found if n in value and n != "fit_stats" and value[n] is not None]
    fits = value.get("fit_stats") or {}
    pairs += [(n, found["fit_stats"][n], fits[n]) for n in fits if n != "which"]
    wrong = [] if fits.get("which", found["fit_stats"]["which"]) == found["fit_stats"]["which"] else ["which"]
    for name, mine, theirs in pairs:
        mine = np.asarray(mine, dtype=float)
        theirs = np.array([number(t) for t in np.ravel(np.array(theirs, dtype=object))]).reshape(mine.shape)
        if name in ("zval", "pval") and (np.asarray(found["se"]) == 0).all():
            # R: infinite z and p = 0 for a standard error of 0; no test can be had from that.
            assert np.isnan(mine).all()
            continue
        with np.errstate(invalid="ignore"):
            same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
            near = np.abs(mine - theirs) <= allowed(name, args, theirs, value, yi, vi)
        if not (same | near).all():
            wrong.append(f"{dataset} {case['id']} {args} {name}: {mine} instead of {theirs}")
    return wrong, len(pairs)


def r_stands_on_a_lower_peak(args, value, yi, vi):
    """Whether the likelihood at our tau2 is higher than at R's, by more than any rounding."""
    if args["method"] not in ("ML", "REML") or "tau2" in args or yi.size < 2 or not (np.isfinite(vi) & (vi > 0)).all():
        return False
    settings = {"method_tau2": args["method"], "ci_method": "wald", "level": 0.95}
    ours = whole_model(yi, vi, **settings).fit_statistics.log_likelihood
    theirs = whole_model(yi, vi, tau2_given=value["tau2"], **settings).fit_statistics.log_likelihood
    return ours - theirs > 1e-6 * (1 + abs(ours))


def test_every_model_of_one_mean_is_that_of_r():
    wrong, compared, models, lower = [], 0, 0, 0
    for dataset, case, contents in cases("rma.uni"):
        args = case["args"]
        if args.get("control") == LOOSE:
            continue
        if number(case["value"]["se"][0]) != number(case["value"]["se"][0]):
            # R answers NaN (0 times infinity) for an infinite variance of weight 0 with GENQ.
            assert dataset == "edge.inf.vi"
            continue
        yi, vi = values(contents["effects"][case["effect"]])
        if r_stands_on_a_lower_peak(args, case["value"], yi, vi):
            lower += 1
            continue
        more, fields = differences(dataset, case, yi, vi)
        wrong, compared, models = wrong + more, compared + fields, models + 1
    assert not wrong
    assert models > 0
    assert compared > 10 * models
    # Of the sets in known/ it is one, variances from a millionth to one, with ML (40 units lower).
    assert lower < 0.01 * models


def holds_constant(design):
    """Whether some combination of the columns is the same for all effects."""
    ones = np.ones(len(design))
    return np.allclose(design @ np.linalg.lstsq(design, ones, rcond=None)[0], ones)


def test_regressions_through_the_origin_are_those_of_r_on_effects_without_their_mean():
    # metafor takes the mean out of the effects before Q and tau2 even where no column can put it
    # back; its coefficients then use the effects themselves. Its QE is therefore not the weighted
    # residual sum of squares of its own coefficients (the second assertion), as ours is;
    # given effects without their mean, ours is R's.
    for _, case, contents in cases("rma.reg"):
        if "X" not in case["value"] or holds_constant(np.array(case["value"]["X"], dtype=float)):
            continue
        value, effect = case["value"], contents["effects"][case["effect"]]
        design, rows = np.array(value["X"], dtype=float), np.array(value["rows_used"]) - 1
        yi, vi = (np.array([number(effect[name][row]) for row in rows]) for name in ("yi", "vi"))
        centred = fitted(case["args"], yi - yi.mean(), vi, design)
        # rel=1e-7: a search on both sides.
        assert centred.tau2.tau2 == pytest.approx(value["tau2"], rel=1e-7, abs=1e-9 * scale(yi, vi))
        assert centred.heterogeneity.q == pytest.approx(value["QE"], rel=1e-9)
        common = whole_model(yi, vi, method_tau2="none", ci_method="wald", level=0.95, design=design)
        own = np.sum((yi - design @ common.interval.estimate) ** 2 / vi)
        assert common.heterogeneity.q == pytest.approx(own, rel=1e-9)
        assert own < 0.99 * value["QE"]


def test_every_meta_regression_is_that_of_r():
    designs = {}
    for dataset, case, _ in cases("rma.reg"):
        if "X" in case["value"]:
            designs[dataset, case["effect"], case["args"]["mods"]] = case["value"]["X"], case["value"]["rows_used"]
    wrong, compared, models = [], 0, 0
    for dataset, case, contents in cases("rma.reg"):
        key = dataset, case["effect"], case["args"]["mods"]
        if key not in designs or not holds_constant(np.array(designs[key][0], dtype=float)):
            continue
        design, rows = np.array(designs[key][0], dtype=float), np.array(designs[key][1]) - 1
        effect = contents["effects"][case["effect"]]
        yi, vi = (np.array([number(effect[name][row]) for row in rows]) for name in ("yi", "vi"))
        more, fields = differences(dataset, case, yi, vi, design)
        wrong, compared, models = wrong + more, compared + fields, models + 1
    assert not wrong
    assert models > 0
    assert compared > 10 * models


def test_no_likelihood_of_r_is_higher_where_it_answered_or_gave_up():
    lower, seen = [], 0
    for _, case, contents in cases("rma.uni", statuses=("ok", "nonconv")):
        args = case["args"]
        yi, vi = values(contents["effects"][case["effect"]])
        if args["method"] not in ("ML", "REML") or yi.size < 2 or not np.isfinite(vi).all() or (vi <= 0).any():
            continue
        if "tau2" in args or "weights" in args or "weighted" in args:
            continue
        seen += 1
        ours = fitted(args, yi, vi)
        assert ours.tau2.converged
        if "value" in case:
            theirs = whole_model(
                yi, vi, method_tau2=args["method"], ci_method="wald", level=0.95, tau2_given=case["value"]["tau2"]
            )
            gain = theirs.fit_statistics.log_likelihood - ours.fit_statistics.log_likelihood
            # 1e-12: the rounding of the sums; R may stand 1e-13 of the scale beside the top.
            if gain > 1e-12 * (1 + abs(ours.fit_statistics.log_likelihood)):
                lower.append(f"{case['id']} {args}: {gain}")
    assert not lower
    assert seen > 0


def test_where_r_stops_so_do_we_in_words_or_we_answer_better():
    answered = []
    for dataset, case, contents in cases("rma.uni", statuses=("error",)):
        args = case["args"]
        yi, vi = values(contents["effects"][case["effect"]])
        try:
            model = fitted(args, yi, vi)
        except ValueError as error:
            assert any(word in str(error) for word in ("vi ", "variance", "effect")), error
        else:
            assert model.tau2.converged
            answered.append((dataset, args["method"]))
    # GENQ and its inverse variance weights need no value of an effect of weight 0.
    assert set(answered) <= {("edge.inf.vi", "GENQ")}


def test_every_estimator_has_been_walked():
    seen = {method_of(case["args"]) for _, case, _ in cases("rma.uni")}
    assert seen == set(METHODS_TAU2)
    assert tau2([0.1, 0.9], [0.1, 0.1], method="REML").tau2 > 0
