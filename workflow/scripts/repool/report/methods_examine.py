"""The methods of the report on examining a pooled result: every setting in words, with its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repool.report import method_terms, terms
from repool.report import words as say

Row = Mapping[str, Any]
RATIO, STANDARDISED = "OR", "SMD"
TO = {
    "all": "to all tables",
    "only0": "to tables that hold a zero",
    "if0all": "to all tables if one holds a zero",
}
#: Setting of a method for missing evidence -> in words; others are told by their name.
SETTINGS = {
    "ci_method": "interval by",
    "method_tau2": "\u03c4\u00b2 by",
    "alpha": "p below",
    "alpha_one_sided": "one-sided p below",
    "steps": "p cut at",
    "direction": "expected",
}
VALUES = {
    "favours_arm1": "in favour of arm 1",
    "sei": "standard error",
    "t": "t distribution",
    "wald": "normal distribution",
    "stepfun": "step function",
    "two.sided": "two-sided",
}
AGREEMENT = "One {unit} counts once; it points one way when at least {share} of its results do."
ZEROS = {
    "leave_out": "those that point neither way are left out",
    "count_against": "those that point neither way count against",
    "share": "those that point neither way count half for each side",
}
UNITS = {"study_id": "study", "cohort_id": "cohort"}
BOUNDS = {
    "leave_out": "p-values printed as a bound are left out",
    "as_value": "a bound of a p-value is taken as its value",
}
WITHOUT_P = {
    "leave_out": "results without a p-value are left out",
    "as_no_evidence": "results without a p-value count as no evidence",
}


def examine_settings(settings: Row) -> list[tuple[str, str]]:
    """Return the choices of the examination: pairs of what each is about and what it says.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    """
    examine = settings["examine"]
    return [
        ("What is examined", "The first step of the ladder at which an analysis can be pooled, preferred reading."),
        *_of_intervals(examine["intervals"], examine["bayes"]),
        ("Models of the counts", _counts(examine["rare_events"])),
        *_of_dependence(examine["dependence"]),
        ("Subgroups", _subgroups(examine["subgroups"])),
        *_of_missing_evidence(examine["missing_evidence"]),
        *_of_sensitivity(examine["sensitivity"]),
        *_of_directions(examine["without_pooling"]),
        *_of_verdict(examine["verdict"]),
    ]


def _listed(names: Iterable[object], table: Mapping[str, str]) -> str:
    return "; ".join(terms.words(name, table) for name in names) or "none"


def _figures(values: Sequence[object]) -> str:
    return ", ".join(say.figure(value) for value in values) or "none"


def _of_intervals(wanted: Row, bayes: Sequence[Row]) -> list[tuple[str, str]]:
    return [
        ("Further intervals of the mean", say.sentence(_listed(wanted["mean"], method_terms.MEAN_INTERVALS))),
        ("Further intervals of \u03c4\u00b2", say.sentence(_listed(wanted["tau2"], method_terms.TAU2_INTERVALS))),
        ("Further prediction intervals", say.sentence(_listed(wanted["prediction"], method_terms.PREDICTIONS))),
        (
            "Thresholds",
            f"Of a new study, the chance to lie beyond {_figures(wanted['thresholds'])} (on the analysis scale).",
        ),
        ("Bayesian models", say.sentence("; ".join(_bayes(model) for model in bayes) or "none")),
    ]


def _bayes(model: Row) -> str:
    mean = "uniform prior of the mean"
    if model["mu_prior"] == "normal":
        place, spread = say.figure(model["mu_mean"]), say.figure(model["mu_sd"])
        mean = f"normal prior of the mean ({place}, standard deviation {spread})"
    return f"{method_terms.prior_words(model)}; {mean}; {model['interval_type']} credible interval"


def _counts(methods: Sequence[Row]) -> str:
    return say.sentence("; ".join(_count_model(method) for method in methods) or "none")


def _count_model(method: Row) -> str:
    """Return one declared model of counts with what is added to its cells."""
    parts = [f"{method_terms.rare_event_name(method)} for {method['measure']}"]
    if "method_tau2" in method:
        parts.append(
            "common effect" if method["method_tau2"] == "none" else f"random effects by {method['method_tau2']}"
        )
    if "nodes" in method:
        parts.append(f"{say.plural(method['nodes'], 'node')} of quadrature")
    both = isinstance(method["add"], list)
    added, places, dropped = (method[name] if both else [method[name]] for name in ("add", "to", "drop00"))
    for whose, add, place in zip(
        ("single effects", "the pooled one") if both else ("cells",), added, places, strict=True
    ):
        is_idle = add == 0 or place == "none"
        parts.append(f"{whose}: {'nothing is added' if is_idle else f'{say.figure(add)} is added {TO[place]}'}")
    parts.append(
        "tables without any event are " + " and ".join(dict.fromkeys("dropped" if d else "kept" for d in dropped))
    )
    if "correct" in method:
        parts.append(f"{'with' if method['correct'] else 'without'} continuity correction of the test")
    return ", ".join(parts)


def _of_dependence(wanted: Row) -> list[tuple[str, str]]:
    if not (wanted["models"] or wanted["working_models"]):
        return [("Dependent effects", "No further model is fitted.")]
    reference = {"z": "normal distribution", "t": "t distribution"}[wanted["test"]]
    degrees = {"residual": "effects minus coefficients", "contain": "cohorts minus coefficients"}[wanted["dfs"]]
    robust = "intervals from the model"
    if wanted["small_sample"] != "none":
        robust = f"cluster-robust intervals ({wanted['small_sample']}, Satterthwaite degrees of freedom)"
    return [
        (
            "Dependent effects",
            "Where an analysis keeps several effects of a cohort, "
            f"from {say.plural(wanted['minimum_clusters'], 'cohort')} on: "
            f"{_listed(wanted['models'], method_terms.DEPENDENCE)}, by {wanted['method_tau2']}, with \u03c1 of "
            f"{_figures(wanted['rho'])}; {robust}, else by the {reference} with {degrees} degrees of freedom. "
            f"Working models: {_listed(wanted['working_models'], method_terms.WORKING_MODELS)}.",
        )
    ]


def _subgroups(wanted: Row) -> str:
    tau2 = (
        "one between-study variance for all"
        if wanted["tau2"] == "common"
        else "each with its own between-study variance"
    )
    fewest = say.plural(wanted["minimum_k"], "effect")
    return f"{say.capital(tau2)}; a subgroup is pooled from {fewest} on."


def _of_missing_evidence(wanted: Row) -> list[tuple[str, str]]:
    methods = "; ".join(_missing_method(method) for method in wanted["methods"]) or "none"
    around = {"no_effect": "no effect", "estimate": "the pooled effect"}[wanted["contour_centre"]]
    return [
        ("Missing evidence", f"From {say.plural(wanted['minimum_k'], 'effect')} on: {methods}."),
        ("Contours of funnel plots", f"Around {around}, at p of {_figures(wanted['contour_levels'])}."),
    ]


def _missing_method(method: Row) -> str:
    """Return one declared method with its settings, each by its name."""
    told = {key: value for key, value in method.items() if key not in ("id", "method")}
    settings = [f"{terms.words(key, SETTINGS)} {_setting(value)}" for key, value in told.items()]
    name = terms.words(method["method"], method_terms.MISSING_EVIDENCE)
    return f"{name} ({', '.join(settings)})" if settings else name


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " and ".join(say.figure(part) for part in value)
    return say.figure(value) if isinstance(value, int | float) else terms.words(value, VALUES)


def _of_sensitivity(wanted: Row) -> list[tuple[str, str]]:
    samples = [
        f"{method_terms.BOOTSTRAP[s['kind']]}, {say.whole(s['replicates'])} samples" for s in wanted["bootstrap"]
    ]
    subsets = [f"{s['title']} ({terms.words(s['column'], {})}: {', '.join(s['keep'])})" for s in wanted["subsets"]]
    others = [f"{name} also as {', '.join(measures)}" for name, measures in wanted["other_measures"].items()]
    gosh, order = wanted["gosh_subsets"], wanted["cumulative_by"]
    said = [
        f"influence of each study, from {say.plural(wanted['minimum_k'], 'effect')} on",
        "no cumulative pooling" if order == "none" else f"studies added by {order}",
        "no pooling of subsets" if gosh == "none" else f"at most {say.whole(gosh)} subsets of studies",
        "outliers stay" if wanted["outliers"] == "none" else "pooled also without studies whose interval lies apart",
        *samples,
    ]
    return [
        ("Sensitivity to single studies", f"{say.sentence('; '.join(said))} Seed {say.figure(wanted['seed'])}."),
        ("Parts of the evidence", say.sentence("; ".join(subsets) or "none is pooled by itself")),
        ("Other measures", say.sentence("; ".join(others) or "none")),
    ]


def _of_directions(wanted: Row) -> list[tuple[str, str]]:
    share = say.chance(wanted["agreement"])
    interval = method_terms.PROPORTION_INTERVALS[wanted["interval"]]
    apart = "each design apart" if wanted["by"] else "all designs together"
    return [
        (
            "Directions",
            f"{AGREEMENT.format(unit=UNITS[wanted['unit']], share=share)} {say.capital(ZEROS[wanted['zero_rule']])}; "
            f"{apart}; sign test and {interval} interval.",
        ),
        (
            "Combined p-values",
            say.sentence(
                f"{_listed(wanted['combined_p'], method_terms.COMBINED_P)}; {BOUNDS[wanted['bounds']]}; "
                f"{WITHOUT_P[wanted['without_p']]}"
            ),
        ),
    ]


def _of_verdict(rules: Row) -> list[tuple[str, str]]:
    told = []
    for name, (title, words) in method_terms.RULES.items():
        if rules[name] == "none":
            continue
        limit = wide_limit(rules[name]) if name == "wide_interval" else ""
        told.append(f"{say.title_in_sentence(title)}: {words.format(limit=limit or say_limit(rules[name]))}")
    ignored = [
        say.title_in_sentence(method_terms.RULES[name][0]) for name in method_terms.RULES if rules[name] == "none"
    ]
    said = say.sentence("; ".join(told) or "none")
    return [
        ("Verdict", "A pooled result is pooled with a warning when at least one declared rule speaks against it."),
        ("Rules of the verdict", said + (f" Not looked at: {', '.join(ignored)}." if ignored else "")),
    ]


def say_limit(limit: object) -> str:
    """Return the limit of a rule as typed; blank for a rule that is only on or off."""
    return "" if isinstance(limit, bool | Mapping) else say.figure(limit)


def wide_limit(wide: Mapping[str, float]) -> str:
    """Return what an interval holds that is too wide, for ratios and for standardised mean differences."""
    standardised = say.wide_words(STANDARDISED, wide).removeprefix("it holds ")
    return f"{say.wide_words(RATIO, wide)} (ratios), or {standardised} (standardised mean differences)"
