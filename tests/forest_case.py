"""An invented analysis as the pipeline's own tables, for the tests of the forest plot."""

import math

import pandas as pd

from repool.figures.forest import draw_forest

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
    "measure_label": "Odds ratio",
    "favours_left": "Favours usual care",
    "favours_right": "Favours peer support",
    "level": 0.95,
    "step_titles": STEPS,
    "assumption_titles": ASSUMPTIONS,
    "arm_titles": ("Arm 1", "Arm 2"),
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
    "estimate",
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
            rows.append(row | dict(zip(names, counts, strict=True)))
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
    """Draw frames with the usual words."""
    return draw_forest(*frames, **{**WORDS, "style": STYLE, **changes})
