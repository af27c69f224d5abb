"""Plain names of the methods that examine a pooled result, and of the rules of the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repool.report import terms

#: Interval of a mean -> its name; those of the forest plot among them.
MEAN_INTERVALS = {
    "wald": "normal distribution (Wald)",
    "t": "t distribution",
    "knapp_hartung": "Knapp-Hartung",
    "knapp_hartung_floored": "Knapp-Hartung (floored)",
    "profile_likelihood": "profile likelihood",
    "henmi_copas": "Henmi-Copas",
    "cluster_robust": "cluster-robust (CR2, Satterthwaite)",
    "bayes_shortest": "Bayesian, shortest credible interval",
    "bayes_central": "Bayesian, central credible interval",
}
#: Interval of the between-study variance -> its name.
TAU2_INTERVALS = {
    "q_profile": "Q-profile",
    "generalised_q": "generalised Q",
    "profile_likelihood_ml": "profile likelihood (ML)",
    "profile_likelihood_reml": "profile likelihood (REML)",
    "test_based": "test-based",
    "bayes_shortest": "Bayesian, shortest credible interval",
    "bayes_central": "Bayesian, central credible interval",
}
#: Prediction interval, or what a chance rests on -> its name.
PREDICTIONS = {
    "normal": "normal distribution",
    "t_k_minus_1": "t distribution, k \u2212 1 degrees of freedom",
    "t_k_minus_2": "t distribution, k \u2212 2 degrees of freedom",
    "normal_knapp_hartung": "normal distribution, Knapp-Hartung error",
    "t_k_minus_1_knapp_hartung": "t distribution, k \u2212 1, Knapp-Hartung error",
    "t_k_minus_2_knapp_hartung": "t distribution, k \u2212 2, Knapp-Hartung error",
    "proportion_delta": "share of the true effects, delta method",
    "bayes_shortest": "Bayesian, shortest credible interval",
    "bayes_central": "Bayesian, central credible interval",
}
PRIORS = {"half_normal": "half-normal", "half_cauchy": "half-Cauchy", "uniform": "uniform", "jeffreys": "Jeffreys"}
RARE_EVENTS = {
    "mantel_haenszel": "Mantel-Haenszel",
    "peto": "Peto",
    "glmm": "generalised linear mixed model",
}
GLMM_MODELS = {
    "UM.FS": "unconditional, fixed study effects",
    "UM.RS": "unconditional, random study effects",
    "CM.EL": "conditional, exact likelihood",
    "CM.AL": "conditional, approximate likelihood",
}
MISSING_EVIDENCE = {
    "egger": "Egger's test",
    "macaskill": "Macaskill's test",
    "peters": "Peters' test",
    "harbord": "Harbord's test",
    "deeks": "Deeks' test",
    "pustejovsky_rodgers": "Pustejovsky and Rodgers' test",
    "begg": "Begg's rank correlation test",
    "trim_and_fill": "Trim and fill",
    "pet": "PET",
    "peese": "PEESE",
    "pet_peese": "PET-PEESE",
    "selection_model": "Selection model",
    "excess_significance": "Excess of small p-values",
    "rosenthal": "Fail-safe number (Rosenthal)",
    "rosenberg": "Fail-safe number (Rosenberg)",
    "orwin": "Fail-safe number (Orwin)",
    "p_curve": "p-curve",
}
#: What a method for missing evidence gives -> in words that claim no more than it does.
QUANTITIES = {
    "slope on study size": "slope of the effect on study size",
    "rank correlation": "rank correlation of effect and variance",
    "effect with mirror images": "pooled effect with mirror images added",
    "effect of an infinitely large study": "effect that a very large study would show",
    "effect corrected for selection": "pooled effect, corrected for selection",
    "test of no selection": "test that nothing is selected",
    "significant studies, observed / expected": "studies with a small p-value, observed over expected",
    "hidden null results": "hidden studies without effect that would undo it",
    "average power of the significant studies": "average power of the studies with a small p-value",
}
DEPENDENCE = {"three_level": "three-level model", "che": "correlated and hierarchical effects"}
WORKING_MODELS = {
    "independent": "independent effects",
    "correlated": "correlated effects",
    "hierarchical": "hierarchical effects",
    "aggregated": "one combined effect per cohort",
}
BOOTSTRAP = {"parametric": "effects drawn from the model", "cases": "studies drawn with replacement"}
COMBINED_P = {
    "stouffer": "Stouffer",
    "stouffer_weighted": "Stouffer, weighted by people",
    "fisher": "Fisher",
    "minimum": "smallest p (Tippett)",
    "edgington": "Edgington",
}
PROPORTION_INTERVALS = {"wilson": "Wilson", "clopper_pearson": "Clopper-Pearson", "jeffreys": "Jeffreys"}
#: Choice of the table of other choices -> heading of its rows.
CHOICES = {
    "headline": "The headline",
    "model": "Another model",
    "reading": "Another reading of what is printed",
    "step of the ladder": "A further step of the assumption ladder",
    "one study left out": "One study left out: the two extremes",
    "outliers removed": "Outlying studies left out",
    "part of the studies": "A part of the studies",
    "other measure": "Another measure",
    "interval of the mean": "Another interval",
    "bootstrap": "Samples drawn again (bootstrap)",
    "model of the counts": "A model of the counts themselves",
    "dependence": "A model of dependent effects",
    "missing evidence": "Corrected for missing evidence",
}
#: Rule of the verdict -> its title, and when it speaks against a result.
RULES = {
    "few_effects": ("Few effects", "fewer than {limit}"),
    "few_participants": ("Few people", "fewer than {limit}"),
    "one_study_dominates": ("One study dominates", "more than {limit} % of the weight"),
    "heterogeneity": ("Studies differ much", "I\u00b2 above {limit} %"),
    "prediction_across": (
        "A new study could show nothing",
        "the interval excludes no effect, the prediction interval does not",
    ),
    "wide_interval": ("Interval too wide", "{limit}"),
    "hangs_on_one_study": ("Hangs on one study", "without some one study the interval lies on another side"),
    "hangs_on_choices": ("Hangs on choices", "more than {limit} % of other choices put the interval on another side"),
    "rests_on_assumptions": ("Rests on assumptions", "cannot be pooled at the first step of the ladder"),
    "search_unsettled": ("Search not settled", "the search for the between-study variance did not settle"),
    "small_study_effects": ("Small studies differ", "a test of asymmetry with p below {limit}"),
    "few_clusters": ("Few cohorts", "fewer than {limit} degrees of freedom of a cluster-robust interval"),
}
SPEAKS = {"yes": "speaks against it", "no": "no", "not_known": "not known"}
LEADS = {"pooled": "Pooled", "pooled_with_warning": "Pooled with a warning", "not_pooled": "Not pooled"}


def declared_names(examine: Mapping[str, Any]) -> dict[str, str]:
    """Return id -> plain name of the methods that a review declares under names of its own.

    Parameters
    ----------
    examine : mapping
        The key `examine` of config/review.yaml.
    """
    counts = {row["id"]: rare_event_name(row) for row in examine["rare_events"]}
    return counts | {row["id"]: missing_evidence_name(row) for row in examine["missing_evidence"]["methods"]}


def rare_event_name(method: Mapping[str, Any]) -> str:
    """Return the name of a declared model of counts, as "generalised linear mixed model (unconditional, ...)"."""
    name = terms.words(method["method"], RARE_EVENTS)
    return f"{name} ({terms.words(method['glmm_model'], GLMM_MODELS)})" if method.get("glmm_model") else name


def missing_evidence_name(method: Mapping[str, Any]) -> str:
    """Return the name of a declared method for missing evidence; a selection model with its kind of weights."""
    name = terms.words(method["method"], MISSING_EVIDENCE)
    if method["method"] != "selection_model":
        return name
    steps = method["steps"]
    cuts = "" if steps in ("none", None) else f", p cut at {', '.join(f'{step:g}' for step in steps if step < 1)}"
    weight = "step function" if method["weight"] == "stepfun" else terms.words(method["weight"], {})
    return f"{name} ({weight}{cuts})"


def prior_words(row: Mapping[str, Any]) -> str:
    """Return the prior of the between-study standard deviation, as "prior of \u03c4 half-normal, scale 0.5"."""
    scale = str(row["tau_scale"])
    name = terms.words(row["tau_prior"], PRIORS)
    return f"prior of \u03c4 {name}" + (f", scale {float(scale):g}" if scale not in ("", "none", "nan") else "")
