"""An invented analysis as the pipeline's own tables, for the tests of the forest plot."""

import math

import pandas as pd

from repool.figures.forest.content import ForestNames, ForestTables
from repool.figures.forest.plot import ForestPicture, draw_forest
from repool.figures.forest.presets import ForestChoices
from repool.figures.plots.canvas import PlotWords

STYLE = {
    "width_cm": 18.0,
    "font_size": 8,
    "colour_square": "#2f5d8a",
    "colour_diamond": "#1a1a1a",
    "colour_prediction": "#b5651d",
}
STEPS = {
    "as_reported": "As reported",
    "equal_arms": "Equal arm sizes assumed",
    "derived": "Standard error derived",
}
ASSUMPTIONS = {
    "equal_arms": "equal arm sizes assumed",
    "se_from_p": "the standard error is the one that gives the printed p-value",
}
WORDS = {
    "title": "Abstinence at six months",
    "measure": "OR",
    "measure_label": "Odds ratio",
    "is_ratio": True,
    "favours_low": "Favours usual care",
    "favours_high": "Favours peer support",
    "level": 0.95,
}
NAMES = {"steps": STEPS, "assumptions": ASSUMPTIONS, "arms": ("Arm 1", "Arm 2")}
CHOICES = {
    "preset": "repool",
    "order": "study",
    "prediction": "bar",
    "models": "primary",
    "rows_per_page": None,
    "risk_of_bias": False,
}
EFFECT_COLUMNS = [
    "ladder_step",
    "step_order",
    "reading",
    "study_id",
    "cohort_id",
    "label",
    "result_id",
    "measure",
    "yi",
    "ci_lb",
    "ci_ub",
    "assumptions",
    "added_at",
    "weight_percent",
    "condition_arm1",
    "condition_arm2",
    "events_arm1",
    "n_arm1",
    "events_arm2",
    "n_arm2",
    "mean_arm1",
    "sd_arm1",
    "mean_arm2",
    "sd_arm2",
]
POOLED_COLUMNS = [
    "ladder_step",
    "step_order",
    "reading",
    "model",
    "is_primary",
    "verdict",
    "reason",
    "measure",
    "k",
    "method_tau2",
    "ci_method",
    "level",
    "prediction_method",
    "i2_definition",
    "structure",
    "estimate",
    "statistic",
    "df",
    "pval",
    "ci_lb",
    "ci_ub",
    "pi_lb",
    "pi_ub",
    "tau2",
    "tau2_lb",
    "tau2_ub",
    "q",
    "q_df",
    "q_pval",
    "i2_percent",
    "assumptions",
    "converged",
]


def study(label, effect, low, high, *, step="as_reported", weights=None, **cells):
    """Return one invented study; effect and interval as printed, weights by step."""
    return {"label": label, "effect": effect, "low": low, "high": high, "step": step} | {
        "weights": weights or {},
        **cells,
    }


def tables(studies, results, *, measure="OR"):
    """Return effects and pooled frames as the pipeline hands them over."""
    scale = math.log if measure in {"OR", "RR", "HR", "IRR", "ROM"} else float
    order = {step: place for place, step in enumerate(STEPS, start=1)}
    rows = []
    for step, place in order.items():
        for index, one in enumerate(studies):
            if order[one["step"]] > place or step not in results:
                continue
            row = {
                "ladder_step": step,
                "step_order": place,
                "reading": "preferred",
                "study_id": f"s{index}",
                "cohort_id": f"c{index}",
                "label": one["label"],
                "result_id": f"r{index}",
                "measure": measure,
                "yi": scale(one["effect"]),
                "ci_lb": scale(one["low"]),
                "ci_ub": scale(one["high"]),
                "assumptions": one.get("assumptions", ""),
                "added_at": one["step"],
                "weight_percent": one["weights"].get(step),
                "condition_arm1": one.get("arm1", "Peer support"),
                "condition_arm2": one.get("arm2", "Usual care"),
            }
            counts = one.get("counts", (13, 40, 8, 41))
            names = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
            means = dict(zip(EFFECT_COLUMNS[-4:], one.get("means", (None,) * 4), strict=True))
            rows.append(row | means | dict(zip(names, counts, strict=True)))
    pooled = [pooled_row(step, order[step], measure, scale, values) for step, values in results.items()]
    return pd.DataFrame(rows, columns=EFFECT_COLUMNS), pd.DataFrame(pooled, columns=POOLED_COLUMNS)


def pooled_row(step, place, measure, scale, values):
    """Return a pooled row from its reason (a text) or its numbers (a mapping)."""
    row = {
        "ladder_step": step,
        "step_order": place,
        "reading": "preferred",
        "model": "reml_hk",
        "is_primary": "yes",
        "measure": measure,
        "level": 0.95,
        "method_tau2": "REML",
        "ci_method": "knapp_hartung_floored",
        "prediction_method": "t_k_minus_2",
        "i2_definition": "from_tau2",
        "converged": "yes",
        "assumptions": "",
        "structure": "",
    }
    if isinstance(values, str):
        return row | {"verdict": "not_pooled", "reason": values, "k": 1}
    scaled = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    numbers = {n: scale(v) if n in scaled else v for n, v in values.items()}
    return row | {"verdict": "pooled", "reason": ""} | numbers


POOLED = {
    "k": 2,
    "estimate": 1.5,
    "ci_lb": 0.8,
    "ci_ub": 3.2,
    "q": 3.214,
    "q_df": 1,
    "q_pval": 0.0731,
    "i2_percent": 68.87,
    "tau2": 0.021349,
}


def two_studies(**changes):
    """Return two studies pooled as reported."""
    studies = [
        study("Study A", 2.0, 0.9, 4.0, weights={"as_reported": 75.0}),
        study("Study B", 1.25, 0.5, 3.0, weights={"as_reported": 25.0}),
    ]
    return tables(studies, {"as_reported": POOLED | changes})


def ladder():
    """Return three steps: one study not pooled, then two pools, the last with prediction."""
    studies = [
        study("Study A", 2.0, 0.9, 4.0, weights={"equal_arms": 60.0, "derived": 50.0}),
        study(
            "Study B",
            1.25,
            0.5,
            3.0,
            step="equal_arms",
            assumptions="equal_arms",
            weights={"equal_arms": 40.0, "derived": 30.0},
        ),
        study(
            "Study C",
            0.8,
            0.4,
            1.6,
            step="derived",
            assumptions="se_from_p;equal_arms",
            weights={"derived": 20.0},
        ),
    ]
    results = {
        "as_reported": "one effect; two are needed",
        "equal_arms": POOLED | {"assumptions": "equal_arms"},
        "derived": POOLED | {"k": 3, "estimate": 1.4, "pi_lb": 0.6, "pi_ub": 3.5},
    }
    return tables(studies, results)


def many(count, *, label="Study {}", measure="OR"):
    """Return `count` studies over three steps, the widest interval at k = 2."""
    steps = list(STEPS)
    studies = []
    for index in range(count):
        step = steps[index * len(steps) // count]
        effect = 0.7 + 0.13 * (index % 9)
        studies.append(
            study(
                label.format(index + 1),
                effect,
                effect / (1.4 + 0.2 * (index % 7)),
                effect * (1.4 + 0.2 * (index % 7)),
                step=step,
                assumptions=["", "equal_arms", "equal_arms;se_from_p"][steps.index(step)],
                weights=dict.fromkeys(steps, 1.0 + index % 5),
                counts=(100 + index, 1200 + index, 98 + index, 1204 + index),
            )
        )
    results = {step: POOLED | {"k": 1 + steps.index(step)} for step in steps}
    results["as_reported"] = POOLED | {"ci_lb": 1e-5, "ci_ub": 1e6}
    results["derived"] = POOLED | {"k": count, "estimate": 1.2, "pi_lb": 0.5, "pi_ub": 2.5}
    return tables(studies, results, measure=measure)


def draw(frames, **changes):
    """Draw frames with the usual words; keys of the style, words, names and choices may change."""
    return picture(frames, **changes).figure


def picture(frames, *, style=STYLE, subgroups=None, studies=None, judgements=None, **changes) -> ForestPicture:
    """Draw frames and what else the plot shows with the usual words, and with changes by name."""
    unknown = set(changes) - {*WORDS, *NAMES, *CHOICES}
    assert not unknown, unknown
    words, names, choices = (
        usual | {name: changes[name] for name in usual if name in changes} for usual in (WORDS, NAMES, CHOICES)
    )
    choices["risk_of_bias"] = judgements is not None
    tables = ForestTables(
        forest=frames[0], pooled=frames[1], studies=studies, subgroups=subgroups, risk_of_bias=judgements
    )
    return draw_forest(
        tables, words=PlotWords(**words), names=ForestNames(**names), style=style, choices=ForestChoices(**choices)
    )


SUBGROUP_COLUMNS = [
    *("moderator", "row", "subgroup", "k", "n_studies", "estimate", "se", "ci_lb", "ci_ub", "statistic", "df1", "df"),
    *("pval", "tau2", "q", "q_df", "q_pval", "i2_from_q_percent", "tau2_common", "method_tau2", "ci_method", "level"),
    *("minimum_k", "note"),
]


def by_setting(*, count=4, preset="subgroup", **changes):
    """Return a picture of studies in two settings: clinics pooled, the last one alone in prison and not pooled."""
    studies = [study(f"Study {i}", 1.2 + 0.1 * i, 0.8, 2.5, weights={"as_reported": 100 / count}) for i in range(count)]
    frames = tables(studies, {"as_reported": POOLED | {"k": count, "statistic": 1.5, "df": 3, "pval": 0.2}})
    settings = ["clinic"] * (count - 1) + ["prison"]
    places = pd.DataFrame(
        {
            "study_id": [f"s{i}" for i in range(count)],
            "setting": settings,
            "year": [str(2000 - i) for i in range(count)],
        }
    )
    shared = {"moderator": "setting", "tau2_common": "no", "method_tau2": "REML", "ci_method": "knapp_hartung"}
    pooled = {"estimate": math.log(1.3), "ci_lb": math.log(0.9), "ci_ub": math.log(1.9), "tau2": 0.04, "q": 2.5}
    pooled |= {"q_df": 2, "q_pval": 0.29, "i2_from_q_percent": 20.4, "statistic": 2.1, "df": 2, "pval": 0.17}
    rows = [
        shared | pooled | {"row": "subgroup", "subgroup": "clinic", "k": count - 1},
        shared | {"row": "subgroup", "subgroup": "prison", "k": 1, "note": "not pooled: 1 effects"},
        shared | {"row": "between", "statistic": 4.321, "df1": 1, "pval": 0.0376, "k": count},
    ]
    subgroups = pd.DataFrame(rows, columns=SUBGROUP_COLUMNS)
    return picture(frames, preset=preset, subgroups=subgroups, studies=places, **changes)


def judged(count, *, domains=5, levels=("low", "moderate", "high", "no_information"), tool="rob2"):
    """Return risk_of_bias.csv of the studies of `many`: levels by turns, the overall judgement high."""
    words = {"low": "Low", "moderate": "Some concerns", "high": "High", "critical": "Critical"}
    words |= {"no_information": "No information", "not_applicable": "NA"}
    rows = []
    for index in range(count):
        for place in range(1, domains + 2):
            is_overall = place > domains
            level = "high" if is_overall else levels[(index + place) % len(levels)]
            rows.append(
                {"study_id": f"s{index}", "label": f"Study {index + 1}", "tool": tool, "domain_order": place}
                | {"domain": "Overall" if is_overall else f"D{place}", "judgement": words[level], "risk_level": level}
                | {"domain_title": "Overall" if is_overall else f"bias of the kind {place}", "weight": 1, "comment": ""}
            )
    return pd.DataFrame(rows)
