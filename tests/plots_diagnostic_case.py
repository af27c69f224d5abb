"""Invented tables for plots, small enough to check by eye, and a crowded one for what must not overlap."""

import math

import pandas as pd

from repool.figures.plots.canvas import PlotWords

STYLE = {
    "width_cm": 12,
    "font_size": 8,
    "colour_square": "#1f4e79",
    "colour_diamond": "#1f4e79",
    "colour_prediction": "#b36a00",
}
LONG_NAME = "Ünal-Østergård, Жуков & Ζεύς: a study group with a name that needs more than one line 2019"


def style(width_cm=12, font_size=8):
    """Return a style of another width and size."""
    return STYLE | {"width_cm": width_cm, "font_size": font_size}


def words(measure="OR", **others):
    """Return the words of an analysis."""
    label = {"OR": "Odds ratio", "RR": "Risk ratio", "RD": "Risk difference", "SMD": "Standardised mean difference"}
    usual = {
        "title": "Death within 30 days",
        "measure": measure,
        "measure_label": label.get(measure, measure),
        "is_ratio": measure in {"OR", "RR"},
        "favours_low": "Favours drug",
        "favours_high": "Favours placebo",
        "level": 0.95,
    }
    return PlotWords(**(usual | others))


def pooled(estimate=-0.5, se=0.1, *, df=math.nan, prediction=(-1.0, 0.0)):
    """Return a primary and a common-effect row; 1.96 is the usual rounding of the normal quantile."""
    rows = [
        {"is_primary": primary, "verdict": "pooled", "method_tau2": method, "estimate": at, "se": se, "df": df}
        | {"ci_lb": at - 1.96 * se, "ci_ub": at + 1.96 * se, "pi_lb": low, "pi_ub": high}
        for primary, method, at, (low, high) in (
            ("yes", "REML", estimate, prediction),
            ("no", "none", estimate / 2, (math.nan, math.nan)),
        )
    ]
    return pd.DataFrame(rows)


def effects(k=3):
    """Return k effects with events; their places are set by arithmetic, so that every run sees the same."""
    rows = []
    for i in range(k):
        turn = (i * 0.6180339887) % 1  # the golden ratio's multiples spread evenly over 0 to 1
        n = 50 + 10 * i
        rows.append(
            {"study_id": f"s{i}", "label": LONG_NAME if i == 1 else f"Study {i}", "yi": 2 * turn - 1.5}
            | {"sei": 0.1 + 0.02 * (i * 7 % k) + 0.3 * turn, "flip": 1, "n_arm1": n, "n_arm2": n}
            | {"events_arm1": round(n * 0.3 * turn), "events_arm2": round(n * 0.4 * (1 - turn))}
            | {"condition_arm1": "drug", "condition_arm2": "placebo"}
        )
    return pd.DataFrame(rows)


def funnel(k=3, *, filled=1):
    """Return funnel.csv of `effects` with contours around no effect at the usual normal quantiles."""
    studies = effects(k)
    deepest = studies["sei"].max()
    rows = [
        {"element": "effect", "study_id": row.study_id, "label": row.label, "yi": row.yi, "se": row.sei}
        for row in studies.itertuples()
    ]
    rows += [
        {"element": "contour", "contour_level": level, "se": se, "lb": -z * se, "ub": z * se, "centre": "null"}
        | {"centre_value": 0.0, "note": f"2 of {k} effects on or outside; a second part"}
        for level, z in ((0.1, 1.644854), (0.05, 1.959964))
        for se in (0.0, deepest / 2, deepest)
    ]
    rows += [
        {"element": "filled", "study_id": "s0", "label": "Study 0", "yi": 1.0 + i, "se": 0.2} for i in range(filled)
    ]
    return pd.DataFrame(rows)


def influence(k=3):
    """Return influence.csv; the last study is influential."""
    names = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat", "baujat_heterogeneity", "baujat_pull")
    rows = [
        {
            "study_id": f"s{i}",
            "label": LONG_NAME if i == 1 else f"Study {i}",
            "is_influential": "yes" if i == k - 1 else "no",
        }
        | {name: (1 + (i * (place + 3)) % k) / 10 for place, name in enumerate(names)}
        for i in range(k)
    ]
    return pd.DataFrame(rows)


def bubble(k=3):
    """Return bubble.csv of one moderator with a straight line and limits."""
    studies = effects(k)
    rows = [
        {"moderator": "mean_age", "row": "effect", "label": row.label, "x": 30 + row.Index, "yi": row.yi}
        | {"weight_percent": 10.0 * (1 + row.Index % 4)}
        for row in studies.itertuples()
    ]
    rows += [
        {"moderator": "mean_age", "row": "line", "x": x, "estimate": at, "ci_lb": at - 0.2, "ci_ub": at + 0.2}
        | {"pi_lb": at - 0.6, "pi_ub": at + 0.6}
        for x, at in ((30.0, -0.2), (30.0 + k, -0.8))
    ]
    return pd.DataFrame(rows)


def gosh(k=3):
    """Return gosh.csv: quantiles of pooled results with and without each study."""
    shared = {"quantity": "estimate", "subsets": 2000, "note": "a random sample of all subsets"}
    rows = [shared | {"part": "all"} | _quantiles(-0.5)]
    for i in range(k):
        name = {"study_id": f"s{i}", "label": LONG_NAME if i == 1 else f"Study {i}"}
        rows.append(shared | name | {"part": "with"} | _quantiles(-0.5 + 0.01 * i))
        rows.append(shared | name | {"part": "without"} | _quantiles(-0.5 - 0.01 * i))
    return pd.DataFrame(rows)


def gosh_cloud():
    """Return gosh_cloud.csv of 2000 subsets in four cells, with the sums of columns and rows."""
    shared = {"study_id": "s1", "label": LONG_NAME, "note": "a random sample of all subsets"}
    rows = [
        shared
        | {"part": "cell", "estimate_lb": low, "estimate_ub": low + 0.5, "i2_lb": i2, "i2_ub": i2 + 2.5}
        | {"subsets": inside + outside, "subsets_with": inside, "subsets_without": outside}
        for low, i2, inside, outside in ((-1.0, 0, 2, 0), (-0.5, 0, 0, 40), (-0.5, 90, 998, 460), (0.5, 50, 0, 500))
    ]
    rows += [
        shared
        | {"part": "estimate", "estimate_lb": low, "estimate_ub": low + 0.5}
        | {"subsets": inside + outside, "subsets_with": inside, "subsets_without": outside}
        for low, inside, outside in ((-1.0, 2, 0), (-0.5, 998, 500), (0.5, 0, 500))
    ]
    rows += [
        shared
        | {"part": "i2", "i2_lb": low, "i2_ub": low + 2.5}
        | {"subsets": inside + outside, "subsets_with": inside, "subsets_without": outside}
        for low, inside, outside in ((0, 2, 40), (50, 0, 500), (90, 998, 460))
    ]
    return pd.DataFrame(rows)


def _quantiles(median):
    """Return five quantiles around a median."""
    return {"q05": median - 0.3, "q25": median - 0.1, "median": median, "q75": median + 0.1, "q95": median + 0.3}
