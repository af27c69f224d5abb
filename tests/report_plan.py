"""Settings and planned analyses of the invented review of `report_case`."""

from __future__ import annotations

#: The key `examine` of the settings; each part with another value than the shipped review has.
EXAMINE = {
    "intervals": {"tau2": ["q_profile"], "mean": ["wald", "henmi_copas"], "prediction": ["normal"], "thresholds": [0]},
    "bayes": [
        {"tau_prior": "half_cauchy", "tau_scale": 0.4, "mu_prior": "normal", "mu_mean": 0, "mu_sd": 2}
        | {"interval_type": "central"}
    ],
    "rare_events": [
        {"id": "our_mh", "method": "mantel_haenszel", "measure": "OR", "add": [0.5, 0], "to": ["only0", "none"]}
        | {"drop00": [True, True], "correct": False},
        {"id": "mixed", "method": "glmm", "measure": "OR", "glmm_model": "CM.EL", "method_tau2": "ML", "nodes": 9}
        | {"add": 0.5, "to": "only0", "drop00": True},
    ],
    "dependence": {"models": ["three_level", "che"], "working_models": ["correlated"], "rho": [0.3, 0.7]}
    | {"method_tau2": "REML", "test": "t", "dfs": "contain", "small_sample": "CR2", "minimum_clusters": 4},
    "subgroups": {"tau2": "common", "minimum_k": 3, "bubble_points": 50},
    "missing_evidence": {
        "minimum_k": 11,
        "methods": [
            {"id": "line", "method": "egger", "predictor": "sei", "model": "weighted_regression", "ci_method": "t"},
            {"id": "mirror", "method": "trim_and_fill", "estimator": "L0", "side": "auto", "ci_method": "wald"},
            {"id": "excess", "method": "excess_significance", "alternative": "two.sided", "alpha": 0.05}
            | {"test": "exact", "test_alternative": "greater"},
            {"id": "harbord", "method": "harbord"},
        ],
        "contour_levels": [0.1, 0.01],
        "contour_centre": "no_effect",
        "contour_points": 20,
    },
    "sensitivity": {"minimum_k": 4, "cumulative_by": "year", "gosh_subsets": 1234, "seed": 77, "subsets": []}
    | {"bootstrap": [{"kind": "parametric", "replicates": 4321}], "outliers": "interval_apart"}
    | {"other_measures": {"OR": ["RR"]}},
    "without_pooling": {"by": ["design"], "unit": "cohort_id", "agreement": 0.8, "zero_rule": "leave_out"}
    | {"interval": "clopper_pearson", "combined_p": ["fisher"], "bounds": "as_value", "without_p": "as_no_evidence"},
    "verdict": {"few_effects": 6, "few_participants": 444, "one_study_dominates": 55, "heterogeneity": 66}
    | {"prediction_across": True, "wide_interval": {"ratio": 2, "standardised": 0.5}, "hangs_on_one_study": True}
    | {"hangs_on_choices": 22, "rests_on_assumptions": True, "search_unsettled": True, "small_study_effects": 0.12}
    | {"few_clusters": "none"},
}
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
        "tau2_interval": "q_profile",
        "refuse_above_i2": "none",
        "permutations": {"number": 1000, "seed": 7},
        "prediction_method": "t_k_minus_1",
        "minimum_k_prediction": 3,
        "minimum_k_leave_one_out": 3,
    },
    "examine": EXAMINE,
    "moderators": {},
    "accounts": [
        {"name": "Oak 2010", "column": "cited_by", "words": ["Oak 2010"]},
        {"name": "Pine 2011", "column": "cited_by", "words": ["Pine 2011"]},
    ],
    "risk_of_bias": {
        "tools": {
            "rob2": {"title": "RoB 2", "domains": [], "judgements": {}, "overall": "not_below_worst"},
            "checklist": {
                "title": "Our checklist",
                "domains": ["Drawing of lots", "People lost"],
                "judgements": {"Fine": "low", "Doubtful": "moderate"},
                "overall": "not_below_worst",
            },
        }
    },
    "summary_of_findings": {"baseline_risk": "median_of_arm2"},
    "report": {"word": False},
    "figures": {"draw": [], "formats": ["svg"], "width_cm": 18, "font_size": 8, "png_dpi": 300}
    | {"preset": "repool", "order": "study", "prediction": "bar", "models": "primary"}
    | {"rows_per_page": "none", "risk_of_bias": False}
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
        "subgroups": None,
        "rationale": "Asked by patients",
    }


PLAN = {
    "visits_rct": plan_row("visits_rct", outcome="visits"),
    "relapse_rct": plan_row("relapse_rct", outcome="relapse"),
    "reach_single": plan_row(
        "reach_single", outcome="reach", measure="PLO", role="stratum", designs="single_arm_prepost"
    ),
}
