"""Invented tables of one analysis, as the pipeline writes them, for the tests of the plots beside the forest plot."""

import math
from functools import cache

import pandas as pd

from repool.figures.plots.albatross import draw_albatross
from repool.figures.plots.canvas import PlotWords
from repool.figures.plots.cumulative import draw_cumulative
from repool.figures.plots.effect_direction import draw_effect_direction
from repool.figures.plots.harvest import draw_harvest
from repool.figures.plots.ladder import draw_ladder
from repool.figures.plots.leave_one_out import draw_leave_one_out
from repool.figures.plots.orchard import draw_orchard
from repool.figures.plots.same_result import draw_same_result
from repool.figures.plots.specification import draw_specification
from repool.figures.plots.subgroups import draw_subgroups

NAN = math.nan
WORDS = PlotWords(
    title="Abstinence at six months",
    measure="OR",
    measure_label="Odds ratio",
    is_ratio=True,
    favours_low="Favours usual care",
    favours_high="Favours peer support",
    level=0.95,
)
STEP_TITLES = {"as_reported": "As reported", "equal_allocation": "Equal allocation"}
ONE_GROUP = PlotWords(
    title="Entry into treatment",
    measure="PLO",
    measure_label="Log odds of the proportion",
    is_ratio=False,
    favours_low="",
    favours_high="",
    level=0.95,
)


def style(width_cm=18.0):
    """Return size and colours of a figure."""
    colours = {"colour_square": "#1f4e79", "colour_diamond": "#1f4e79", "colour_prediction": "#b5651d"}
    return {"width_cm": width_cm, "font_size": 8 if width_cm > 9 else 7} | colours


def limits(estimate, low, high):
    """Return the cells of an odds ratio and its interval, as logarithms."""
    return {"estimate": math.log(estimate), "ci_lb": math.log(low), "ci_ub": math.log(high)}


def _pooled_row(step, order, reading, numbers, *, k=3, **cells):
    verdict = "pooled" if numbers else "not_pooled"
    reason = "" if numbers else "1 effect; the review asks for at least 2 before it pools"
    row = {"ladder_step": step, "step_order": order, "reading": reading, "model": "main", "is_primary": "yes"}
    row |= {"verdict": verdict, "reason": reason, "k": k, "method_tau2": "REML", "ci_method": "knapp_hartung"}
    row |= {"prediction_method": "t_k_minus_1", "pi_lb": NAN, "pi_ub": NAN, "note": ""}
    return row | (limits(*numbers) if numbers else {"estimate": NAN, "ci_lb": NAN, "ci_ub": NAN}) | cells


def pooled():
    """Return pooled.csv: nothing at the first step, four readings at the second."""
    predicted = {"pi_lb": math.log(0.6), "pi_ub": math.log(6)}
    second = [("preferred", (2, 1.1, 3.6)), ("cautious", (1.8, 0.9, 3.6)), ("best_case", (2.5, 1.2, 5))]
    rows = [_pooled_row("as_reported", 1, name, None, k=1) for name in ("preferred", "cautious")]
    rows += [_pooled_row("equal_allocation", 2, name, numbers, **predicted) for name, numbers in second]
    other = _pooled_row("equal_allocation", 2, "preferred", (9, 8, 10))
    return pd.DataFrame([*rows, other | {"model": "other", "is_primary": "no"}])


def leave_one_out():
    """Return leave_one_out.csv: three studies at the main result's step and reading, and one elsewhere."""
    cells = {"ladder_step": "equal_allocation", "reading": "preferred", "model": "main", "k": 2}
    left = [("Anders 2001", (2.2, 1.2, 4)), ("Исследование Б 2004", (1.7, 0.8, 3.6)), ("Chen 2010", (2.1, 0.002, 900))]
    rows = [cells | {"left_out": name} | limits(*numbers) for name, numbers in left]
    elsewhere = cells | {"reading": "cautious", "left_out": "Elsewhere 1999"} | limits(1, 0.5, 2)
    return pd.DataFrame([*rows, elsewhere])


def cumulative():
    """Return cumulative.csv of three studies by year."""
    added = [("Anders 2001", (3, 0.5, 18)), ("Berg", (1.5, 0.7, 3.2)), ("Chen 2010", (2, 1.1, 3.6))]
    years = (2001, 2004, 2010)
    shared = {"order_column": "year", "note": ""}
    return pd.DataFrame(
        [
            shared | {"step": place, "label": name, "order_value": year, "k": place} | limits(*numbers)
            for place, ((name, numbers), year) in enumerate(zip(added, years, strict=True), start=1)
        ]
    )


def same_result():
    """Return same_result.csv: the main result and six other choices, one on another scale, one without a number."""

    def row(choice, option, numbers, same, *, measure="OR", note=""):
        cells = limits(*numbers) if numbers else {"estimate": NAN, "ci_lb": NAN, "ci_ub": NAN}
        head = {"choice": choice, "option": option, "measure": measure, "k": 3, "same_side": same, "note": note}
        return head | cells

    difference = row("other measure", "RD", None, "yes", measure="RD")
    return pd.DataFrame(
        [
            row("headline", "reml_knapp_hartung", (2, 1.1, 3.6), "yes"),
            row("model", "reml_wald", (2, 1.2, 3.3), "yes"),
            row("model", "common", (1.6, 1.1, 2.3), "yes"),
            row("one study left out", "without Berg (lowest of 3)", (1.7, 0.8, 3.6), "no"),
            difference | {"estimate": 0.12, "ci_lb": 0.02, "ci_ub": 0.22},
            row("bootstrap", "parametric", (2.1, 1.15, 3.8), "yes"),
            row("model of the counts", "glmm", None, NAN, note="not computed: no study has events"),
        ]
    )


def subgroups():
    """Return subgroups.csv of two moderators: a chi-squared test, and an F test with a group too small to pool."""

    def row(moderator, kind, name, numbers=None, **cells):
        blank = {"k": 3, "estimate": NAN, "ci_lb": NAN, "ci_ub": NAN, "statistic": NAN, "df1": NAN, "df": NAN}
        head = {"moderator": moderator, "row": kind, "subgroup": name, "pval": NAN, "note": ""}
        return head | blank | (limits(*numbers) if numbers else {}) | cells

    test = {"statistic": 1.86, "df1": 2, "pval": 0.394}
    return pd.DataFrame(
        [
            row("delivery_mode", "subgroup", "in person", (2.5, 1.2, 5)),
            row("delivery_mode", "subgroup", "by telephone", (1.4, 0.7, 2.8)),
            row("delivery_mode", "between", NAN, **test),
            row("delivery_mode", "within", NAN),
            row("setting", "subgroup", "hospital", (2, 1, 4)),
            row("setting", "subgroup", "prison", k=1, note="fewer than 2 effects"),
            row("setting", "between", NAN, **(test | {"df": 9.5})),
        ]
    )


def effects(count=12):
    """Return effects.csv: effects at the main result's step and one at another."""
    cells = {"ladder_step": "equal_allocation", "reading": "preferred"}
    rows = [
        cells | {"result_id": f"r{i}", "yi": math.log(2) + 0.15 * ((i * 7) % 12 - 5), "sei": 0.1 + 0.05 * (i % 4)}
        for i in range(count)
    ]
    return pd.DataFrame([*rows, cells | {"reading": "cautious", "result_id": "elsewhere", "yi": 3.0, "sei": 0.1}])


def albatross():
    """Return albatross.csv: five results, one of them a bound, one beyond the axis, one not drawable; a contour."""
    rows = [("Anders", 40, 1.0, "no"), ("Berg", 400, -0.7, "no"), ("Chen", 90, 1.3, "yes"), ("Diaz", 5000, 12.0, "no")]
    shared = {"kind": "study", "note": "", "measure": "", "contour_effect": NAN, "arm_ratio": NAN, "risk_arm2": NAN}
    studies = [
        shared | {"label": name, "stratum": "rct", "n_total": n, "x": x, "is_bound": bound}
        for name, n, x, bound in rows
    ]
    hidden = shared | {"label": "Eze", "stratum": "rct", "n_total": NAN, "x": NAN, "is_bound": "no"}
    contour = {"kind": "contour", "label": "", "stratum": NAN, "is_bound": "", "note": "", "measure": "OR"}
    contour |= {"contour_effect": 2.0, "arm_ratio": 1.0, "risk_arm2": 0.3}
    points = [contour | {"n_total": n, "x": x} for n, x in ((17, 0.3), (99, 1.0), (243, 2.0))]
    return pd.DataFrame([*studies, hidden | {"note": "not drawn: size not known"}, *points])


def effect_direction():
    """Return effect_direction.csv: two strata, every direction and size, and one study without a direction."""
    rows = [
        ("rct", "Anders 2001", "up", 1, 30, "small", 1, 1.0),
        ("rct", "Berg 2004", "down", -1, 120, "medium", 1, 1.0),
        ("rct", "Chen 2010", "up", 1, 900, "large", 3, 1.0),
        ("quasi_experimental", "Diaz 2011", "sideways", 0, NAN, NAN, 4, 0.5),
        ("quasi_experimental", "Eze 2012", NAN, NAN, 60, "medium", 0, NAN),
    ]
    names = ("stratum", "label", "symbol", "sign", "n", "size_class", "n_results", "share")
    shared = {"n_counts": "arm 1", "agreement": 0.7, "risk_of_bias": NAN}
    return pd.DataFrame([shared | dict(zip(names, row, strict=True)) for row in rows])


def without_pooling():
    """Return the rows of without_pooling.csv that count directions."""
    counted = {"kind": "direction", "stratum": "rct", "n_counted_for": 2, "n_counted": 3, "proportion": 2 / 3}
    return pd.DataFrame([counted | {"ci_lb": 0.21, "ci_ub": 0.94, "pval_two_sided": 1.0}])


#: Name of a plot -> how it is drawn from these tables.
DRAWN = {
    "leave_one_out": lambda **look: draw_leave_one_out(leave_one_out(), pooled(), **look),
    "cumulative": lambda **look: draw_cumulative(cumulative(), **look),
    "same_result": lambda **look: draw_same_result(same_result(), **look),
    "subgroups": lambda **look: draw_subgroups(subgroups(), **look),
    "ladder": lambda **look: draw_ladder(pooled(), step_titles=STEP_TITLES, **look),
    "specification": lambda **look: draw_specification(same_result(), **look),
    "orchard": lambda **look: draw_orchard(effects(), pooled(), **look),
    "albatross": lambda **look: draw_albatross(albatross(), higher_is_better=True, **look),
    "effect_direction": lambda **look: draw_effect_direction(effect_direction(), higher_is_better=True, **look),
    "harvest": lambda **look: draw_harvest(effect_direction(), without_pooling(), higher_is_better=True, **look),
}


@cache
def drawn(name, *, width_cm=18.0, words=WORDS):
    """Return one of the plots, drawn once for all tests that only read it."""
    return fresh(name, width_cm=width_cm, words=words)


def fresh(name, *, width_cm=18.0, words=WORDS):
    """Return one of the plots, drawn anew."""
    return DRAWN[name](words=words, style=style(width_cm))
