"""Settings and planned analyses of the invented review of `report_case`."""

from __future__ import annotations

SETTINGS = {
    "title": "Walking groups & sleep",
    "question": "Do walking groups improve sleep?",
    "arms": {"arm1": "walking group", "arm2": "usual care"},
    "outcomes": {
        "visits": {"title": "Visits kept", "higher_is_better": True},
        "relapse": {"title": "Relapse", "higher_is_better": False},
        "reach": {"title": "Reach", "higher_is_better": True},
    },
    "conversion": {
        "measures": {"OR": "LS", "HR": "given", "SMD": "LS"},
        "zero_cells": {"rule": "only0", "add": 0.5, "double_zeros_dropped": ["OR"]},
        "p_thresholds": [0.05, 0.01],
        "not_significant": 0.05,
        "allocation": {"value": 0.5, "lowest": 0.4, "highest": 0.6},
        "r_pre_post": {"value": 0.5, "lowest": 0.3, "highest": 0.7},
        "icc": "none",
        "medians": "luo_wan_shi",
        "disagreement": {"difference_in_se": 0.5, "se_ratio": 1.25},
        "p_without_sides": "two",
        "route_order": ["counts", "ratio_and_p", "percents_and_total", "single_count"],
    },
    "ladder": [
        {"step": "printed", "title": "As printed", "assumptions": ["p_two_sided"]},
        {"step": "equal", "title": "Plus equal arms", "assumptions": ["declared_allocation"]},
    ],
    "readings": ["preferred", "cautious"],
    "selection": {
        "one_effect_per_cohort": ["ladder_step", "result_id"],
        "multi_arm": "choose",
        "overlap": {"rule": "one_effect", "rho": 0.5},
    },
    "pooling": {
        "minimum_k": 2,
        "primary_model": "reml_kh",
        "models": [
            {"id": "reml_kh", "method_tau2": "REML", "ci_method": "knapp_hartung_floored"},
            {"id": "common", "method_tau2": "none", "ci_method": "wald"},
        ],
        "level": 0.95,
        "i2_definition": "from_tau2",
        "prediction_method": "t_k_minus_1",
        "minimum_k_prediction": 3,
        "minimum_k_leave_one_out": 3,
    },
    "moderators": [],
    "accounts": [
        {"name": "Oak 2010", "column": "cited_by", "words": ["Oak 2010"]},
        {"name": "Pine 2011", "column": "cited_by", "words": ["Pine 2011"]},
    ],
    "figures": {"width_cm": 18, "font_size": 8, "png_dpi": 300}
    | dict.fromkeys(("colour_square", "colour_diamond", "colour_prediction"), "#111111"),
}


def plan_row(name: str, *, outcome: str, measure: str = "OR", role: str = "primary", designs: str = "rct") -> dict:
    return {
        "analysis": name,
        "title": f"{SETTINGS['outcomes'][outcome]['title']}, trials",
        "role": role,
        "outcome": outcome,
        "measure": measure,
        "designs": designs,
        "comparators": "usual_care; minimal_no_peer",
        "interventions_excluded": None,
        "time_target_months": 6.0,
        "time_min_months": 0.0,
        "time_max_months": 12.0,
        "time_not_stated": "leave_out",
        "primary_model": None,
        "moderators": None,
        "rationale": "Asked by patients",
    }


PLAN = {
    "visits_rct": plan_row("visits_rct", outcome="visits"),
    "relapse_rct": plan_row("relapse_rct", outcome="relapse"),
    "reach_single": plan_row(
        "reach_single", outcome="reach", measure="PLO", role="stratum", designs="single_arm_prepost"
    ),
}
