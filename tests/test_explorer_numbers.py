"""The numbers of the page's script, run in QuickJS: held to R, to scipy, and to repool's own pooling and wording.

The script solves the same equations as R and repool to 1e-13 of tau2; what is left is the rounding of sums and of
R's 15 printed digits. So all agree to 1e-9, relative, of what is compared, or of the effects' own size near 0.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import quickjs
from scipy import special

from repool.pooling.models.estimators import METHODS_TAU2
from repool.pooling.models.intervals import CI_METHODS, PREDICTION_METHODS, prediction_interval
from repool.pooling.models.pooled_model import fit_pool
from repool.pooling.pool import pool_set
from repool.report import explorer, page
from repool.report import words as say

KNOWN = json.loads((Path(__file__).parent / "known" / "explorer.json").read_text(encoding="utf-8"))
NUMBERS = ("distributions", "pooling", "words")
#: R's names of tests.
TESTS = {"wald": "z", "t": "t", "knapp_hartung": "knha", "knapp_hartung_floored": "adhoc"}
RULES = {"level": 0.95, "i2_definition": "from_tau2", "prediction_method": "t_k_minus_1"}
RULES |= {"refuse_above_i2": "none", "minimum_k": 2, "minimum_k_prediction": 3}


@pytest.fixture(scope="module")
def script():
    context = quickjs.Context()
    for name in NUMBERS:
        context.eval(page.scripts()[f"explorer/{name}.js"])
    return context


@pytest.fixture(scope="module")
def pooled(script):
    pool = script.eval("(effects, rules) => JSON.stringify(pool(JSON.parse(effects), JSON.parse(rules)))")

    def run(yi, vi, cohorts=None, **rules):
        cohorts = cohorts or [str(i) for i in range(len(yi))]
        effects = [{"yi": y, "vi": v, "cohort": c} for y, v, c in zip(yi, vi, cohorts, strict=True)]
        return json.loads(pool(json.dumps(effects), json.dumps(RULES | rules)))

    return run


def near(expected, *, scale=1e-3):
    """Within 1e-9 of the number, or of a thousandth of what effects are measured in where it is near 0."""
    return pytest.approx(expected, rel=1e-9, abs=1e-9 * scale)


def picked(fit):
    data = KNOWN["data"][fit["data"]]
    return [data["yi"][i] for i in fit["rows"]], [data["vi"][i] for i in fit["rows"]]


@pytest.mark.parametrize("method", sorted({fit["method"] for fit in KNOWN["fits"]}))
def test_every_estimator_and_interval_is_that_of_r(pooled, method):
    fits = [fit for fit in KNOWN["fits"] if fit["method"] == method]
    assert len(fits) == 14
    for fit in fits:
        yi, vi = picked(fit)
        for ci_method, test in TESTS.items():
            # With a z test metafor predicts from the normal distribution, otherwise from t on k - 1.
            prediction = "normal" if test == "z" else "t_k_minus_1"
            own = {"method_tau2": "none" if method == "EE" else method, "ci_method": ci_method}
            found = pooled(yi, vi, **own, prediction_method=prediction)
            riley = pooled(yi, vi, **own, prediction_method="t_k_minus_2")
            names = ("tau2", "estimate", "q", "q_pval", "i2_percent")
            assert [found[name] for name in names] == [near(fit[name]) for name in names], (fit["rows"], test)
            limits = [found[name] for name in ("se", "ci_lb", "ci_ub", "pi_lb", "pi_ub")]
            limits += [riley["pi_lb"], riley["pi_ub"]]
            assert limits == [None if v is None else near(v) for v in fit[test]], (fit["rows"], test)


def invented(seed):
    """Effects of which some differ much more than chance, some less, some hardly at all, and some in two heaps."""
    rng = np.random.default_rng(seed)
    k = int(rng.choice([2, 3, 5, 13, 40]))
    vi = rng.gamma(rng.choice([0.3, 1, 5]), 0.1, k) + 1e-3
    yi = rng.normal(rng.choice([0, 0.5, -300]), rng.choice([0.0, 0.05, 0.3, 1]), k)
    if seed % 5 == 0:
        yi, vi = np.repeat([0.0, 3.0], [k // 2, k - k // 2]) + rng.normal(0, 1e-3, k), rng.choice([1e-3, 3.0], k)
    return yi, vi


@pytest.mark.parametrize("method", explorer.RECOMPUTED_TAU2)
def test_every_model_is_that_of_the_pipeline(pooled, method):
    compared = 0
    for seed in range(40):
        yi, vi = invented(seed)
        size = max(1e-3, float(np.ptp(yi)))
        ci_method, prediction = CI_METHODS[seed % 4], PREDICTION_METHODS[seed // 4 % 4]
        rules = {"method_tau2": method, "ci_method": ci_method, "i2_definition": ("from_q", "from_tau2")[seed % 2]}
        level = (0.8, 0.95, 0.99)[seed % 3]
        found = pooled(yi, vi, **rules, level=level, prediction_method=prediction)
        own = fit_pool(yi, vi, **rules, level=level)
        limits = prediction_interval(
            estimate=own.interval.estimate[0], se=own.interval.se[0], tau2=own.tau2.tau2, k=len(yi),
            method=prediction, level=level, minimum_k=3,
        )  # fmt: skip
        expected = {"q": own.q.q, "q_pval": own.q.pval, "i2_percent": own.i2_percent, "tau2": own.tau2.tau2}
        expected |= {name: getattr(own.interval, name)[0] for name in ("estimate", "se", "ci_lb", "ci_ub")}
        if method != "none" and limits.reason == "":
            expected |= {"pi_lb": limits.pi_lb, "pi_ub": limits.pi_ub}
        else:
            assert found["pi_lb"] is None and found["pi_ub"] is None
        for name, value in expected.items():
            assert found[name] == near(value, scale=size), (seed, name)
        weights = 1 / (vi + own.tau2.tau2)
        assert found["weights"] == [near(value) for value in 100 * weights / weights.sum()]
        compared += len(expected)
    assert compared > 300


def test_the_page_knows_every_model_that_a_review_can_ask_for(script):
    named = json.loads(script.eval("JSON.stringify([ESTIMATORS, INTERVALS])"))
    assert [set(names) for names in named] == [explorer.RECOMPUTED_TAU2, explorer.RECOMPUTED_CI]
    # GENQ and GENQM need weights of one's own, which no model of a review has.
    assert set(METHODS_TAU2) - {"GENQ", "GENQM"} == explorer.RECOMPUTED_TAU2
    assert set(CI_METHODS) == explorer.RECOMPUTED_CI


def restricted_log_likelihood(yi, vi, tau2):
    """Viechtbauer (2005), without constants; tau2 of shape (n,)."""
    weights = 1 / (vi + tau2[:, None])
    total = weights.sum(axis=1)
    mean = (weights * yi).sum(axis=1) / total
    rss = (weights * (yi - mean[:, None]) ** 2).sum(axis=1)
    return 0.5 * np.log(weights).sum(axis=1) - 0.5 * np.log(total) - 0.5 * rss


def test_of_two_peaks_of_a_likelihood_the_higher_is_taken(pooled):
    # Five exact effects agree, three rough ones do not: a peak at 0 and one above 4. Which is higher depends
    # on how exact the five are.
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 20_001)])
    taken = []
    for exact in (1e-3, 0.05, 0.2, 0.3, 0.5):
        yi, vi = np.array([0.0] * 5 + [6, 6.5, -6]), np.array([exact] * 5 + [4.0, 5, 4])
        best = grid[restricted_log_likelihood(yi, vi, grid).argmax()]
        found = pooled(yi.tolist(), vi.tolist(), method_tau2="REML", ci_method="wald")["tau2"]
        # Neighbours on the grid lie 0.1 percent apart.
        assert found == pytest.approx(best, rel=2e-3, abs=1e-9)
        taken.append(found > 4)
    assert set(taken) == {True, False}


@pytest.mark.parametrize("df", [None, 1, 2, 3, 7, 12, 30, 100, 299])
def test_quantiles_of_normal_and_t_are_those_of_scipy(script, df):
    for level in (0.6, 0.8, 0.9, 0.95, 0.99, 0.999, 0.999999):
        tail = (1 - level) / 2
        expected = -special.ndtri(tail) if df is None else -special.stdtrit(df, tail)
        found = script.eval(f"twoSidedQuantile({level!r}, {'null' if df is None else df})")
        assert found == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("df", [1, 2, 3, 7, 12, 30, 100, 299])
def test_chi_squared_tail_and_median_are_those_of_scipy(script, df):
    for x in (0.0, 1e-3, 0.5, 1, 3, 12, 30, 60, 150, 300, 500):
        assert script.eval(f"chiSquaredTail({x}, {df})") == pytest.approx(special.chdtrc(df, x), rel=1e-11, abs=1e-300)
    assert script.eval(f"chiSquaredMedian({df})") == pytest.approx(2 * special.gammaincinv(df / 2, 0.5), rel=1e-11)


RULES_OF_POOL = {"minimum_k_prediction": 3, "level": 0.95, "i2_definition": "from_tau2", "prediction_method": "normal"}


@pytest.mark.parametrize(
    ("yi", "cohorts", "minimum_k", "limit"),
    [
        ([], [], 2, "none"),
        ([0.1], ["a"], 2, "none"),
        ([0.1], ["a"], 1, "none"),
        ([0.1, 0.2], ["a", "b"], 5, "none"),
        ([0.1, 0.2, 0.3], ["a", "b", "a"], 2, "none"),
        ([0.0, 1.0, 5.0], ["a", "b", "c"], 2, 75),
    ],
)
def test_what_is_not_pooled_is_refused_in_the_words_of_the_pipeline(pooled, yi, cohorts, minimum_k, limit):
    import pandas as pd

    effects = pd.DataFrame({"cohort_id": cohorts, "study_id": cohorts, "label": cohorts, "yi": yi, "vi": 0.1})
    effects = effects.assign(measure="MD", n_total=10.0, assumptions="", result_id=range(len(yi)))
    model = {"id": "m", "method_tau2": "REML", "ci_method": "wald"}
    choices = {"minimum_k": minimum_k, "refuse_above_i2": limit, "tau2_interval": "q_profile"}
    row = pool_set(effects, model=model, **choices, **RULES_OF_POOL)
    assert row["verdict"] == "not_pooled"
    rules = {"method_tau2": "REML", "ci_method": "wald", "minimum_k": minimum_k, "refuse_above_i2": limit}
    found = pooled(yi, [0.1] * len(yi), cohorts, **rules)
    assert found == {"k": len(yi), "reason": row["reason"]}


#: Rounding has no ties here: the two languages break them differently, and no result of a search ends on one.
VALUES = [0.0, 1e-9, -1e-9, 0.0049, 0.00999, 0.0101, 0.051, 0.9991, 1.0001, -0.0041, -0.31, 2.51, 4.61, 11.0, 12.0]
VALUES += [99.41, 99.91, 123.4, 99999.0, 1e5, 1e22, -689.0, 691.0, -691.0, *np.random.default_rng(2).normal(0, 2, 200)]


def test_numbers_read_as_elsewhere_in_the_report(script):
    for value in map(float, VALUES):
        for scale, measure in (("ratio", "OR"), ("plain", "MD"), ("percent", "PLO")):
            assert script.eval(f'shownValue({value!r}, "{scale}")') == say.value(value, measure), (value, measure)
        assert script.eval(f"plainText({value!r})") == say.plain_number(value)
    for p in (0.0, 0.0009, 0.001, 0.0499, 0.51, 1.0):
        assert script.eval(f"pText({p})") == say.p_value(p)
    for n in (0, 7, 999, 1000, 357347, 93.3):
        assert script.eval(f"countText({n})") == say.whole(n)
    assert script.eval('spanText(-1, 1, "percent")') == say.span(-1, 1, "PLO") == "26.9 to 73.1 %"


@pytest.mark.parametrize(
    ("low", "high", "scale", "names"),
    [
        (-2, 2, "ratio", ["0.2", "0.5", "1", "2", "5"]),
        (-4.7, 4.7, "ratio", ["0.01", "0.1", "1", "10", "100"]),
        (-0.3, 0.3, "ratio", ["0.8", "1", "1.2"]),
        (-1, 1, "plain", ["−1", "−0.5", "0", "0.5", "1"]),
        (-3, 2, "percent", ["10 %", "25 %", "50 %", "75 %"]),
        (0.1, 0.2, "percent", ["52.5 %", "53 %", "53.5 %", "54 %", "54.5 %"]),
    ],
)
def test_axis_names_round_values_where_they_stand(script, low, high, scale, names):
    ticks = json.loads(script.eval(f'JSON.stringify(axisTicks({low}, {high}, "{scale}"))'))
    assert [name for _, name in ticks] == names
    for at, name in ticks:
        value = float(name.replace("−", "-").removesuffix(" %"))
        shown = {"ratio": np.exp(at), "plain": at, "percent": 100 / (1 + np.exp(-at))}[scale]
        assert shown == pytest.approx(value, rel=1e-12)
