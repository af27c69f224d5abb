"""The methods of the report, written from the configuration: every setting in words, with its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.assumptions import ASSUMPTIONS
from repool.effects.route_catalogue import CATALOGUE
from repool.report import method_terms, terms
from repool.report import words as say
from repool.report.analysis import listed
from repool.report.answers import assumption_words
from repool.report.methods_conversion import conversion_settings
from repool.report.methods_examine import examine_settings, wide_limit
from repool.report.view import Cell, Table, longs, numbers, table

Row = Mapping[str, Any]


def settings_list(settings: Row) -> list[tuple[str, str]]:
    """Return every choice of the configuration: pairs of what it is about and what it says.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    """
    pooling = settings["pooling"]
    return [
        *conversion_settings(settings),
        *_pooling_settings(pooling),
        *_test_settings(pooling),
        *examine_settings(settings),
        *_wording_settings(settings),
    ]


def _pooling_settings(pooling: Row) -> list[tuple[str, str]]:
    primary = next(model for model in pooling["models"] if model["id"] == pooling["primary_model"])
    others = [say.model(model) for model in pooling["models"] if model is not primary]
    estimator = terms.words(primary["method_tau2"], terms.ESTIMATORS)
    name = terms.words(primary.get("structure", ""), method_terms.DEPENDENCE)
    structure = f"{say.sentence(name)} " if name else ""
    fewest = say.plural(pooling["minimum_k"], "effect")
    return [
        ("When results are pooled", f"From {fewest} on; with fewer, nothing is pooled and the report says so."),
        (
            "Primary model",
            f"{structure}Between-study variance by {estimator}; interval by {say.ci_method(primary['ci_method'])}.",
        ),
        ("Other models", say.sentence("; ".join(others) or "none")),
        ("Level", f"All intervals are {say.level(pooling['level'])} intervals."),
        ("I²", f"Computed {say.i2_definition(pooling['i2_definition'])}; for common-effect models always from Q."),
        ("Prediction intervals", _prediction(pooling)),
        ("One study left out", f"From {say.plural(pooling['minimum_k_leave_one_out'], 'effect')} on."),
    ]


def _test_settings(pooling: Row) -> list[tuple[str, str]]:
    """Return the interval of the between-study variance, the permutation tests and the multilevel models."""
    permutations = pooling["permutations"]
    said = "None."
    if permutations != "none":
        said = (
            f"Of moderators: all arrangements where there are no more than {say.whole(permutations['number'])}, "
            f"else that many random ones (seed {say.figure(permutations['seed'])})."
        )
    multilevel = [model for model in pooling["models"] if model.get("structure")]
    declared = "; ".join(f"{say.model(model)}, \u03c1 {say.figure(model['rho'])}" for model in multilevel)
    found = [
        ("Interval of \u03c4\u00b2", say.sentence(terms.words(pooling["tau2_interval"], method_terms.TAU2_INTERVALS))),
        ("Permutation tests", said),
    ]
    return [*found, ("Multilevel models", say.sentence(declared))] if declared else found


def _wording_settings(settings: Row) -> list[tuple[str, str]]:
    wide = settings["examine"]["verdict"]["wide_interval"]
    return [
        ("Moderators", say.sentence(", ".join(settings["moderators"]) or "none is planned")),
        (
            "Words on intervals",
            f"An interval is called too wide to say anything when {wide_limit(wide)}.",
        ),
        ("People per 1000", _absolute(settings)),
        (
            "Risk of bias",
            f"Judged by people, with {', '.join(tool['title'] for tool in settings['risk_of_bias']['tools'].values())} "
            "where a table of judgements is there.",
        ),
        ("Figures", _figures(settings["figures"])),
    ]


def _absolute(settings: Row) -> str:
    arm2 = settings["arms"]["arm2"]
    typed = f"From the risk with {arm2} that people typed (data/summary_of_findings.csv)"
    if settings["summary_of_findings"]["baseline_risk"] == "none":
        return f"{typed}; without one, none is given."
    return (
        f"{typed}; without one, from the median risk with {arm2} of the pooled studies that print counts, "
        "save for hazard ratios, which need a risk at one time."
    )


def _prediction(pooling: Row) -> str:
    if pooling["prediction_method"] == "none":
        return "None is given."
    method = say.prediction_method(pooling["prediction_method"])
    fewest = say.plural(pooling["minimum_k_prediction"], "effect")
    return f"From {fewest} on, by the {method}; none for common-effect models."


def _figures(figures: Row) -> str:
    return (
        f"Forest plots are {say.figure(figures['width_cm'])} cm wide "
        f"with letters of {say.figure(figures['font_size'])} points; "
        f"pictures have {say.figure(figures['png_dpi'])} dots per inch; squares {figures['colour_square']}, "
        f"diamonds {figures['colour_diamond']}, prediction intervals {figures['colour_prediction']}."
    )


def steps_table(settings: Row) -> Table | None:
    """Return the steps of the ladder with what each admits.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    """
    lines = [
        [step["title"], assumption_words([name for name in ASSUMPTIONS if name in step["assumptions"]]) or "none"]
        for step in settings["ladder"]
    ]
    caption = "Steps of the assumption ladder; each admits its own assumptions and those above it"
    return table("steps-table", caption, ["Step", *longs("Assumptions it admits")], [("", lines)])


def assumptions_table(rows: Sequence[Row], *, marks: Mapping[str, str]) -> Table | None:
    """Return every assumption that the software knows, with how much rests on it.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `report_counts.assumption_rows`.
    marks : mapping
        Assumption -> letter of its footnote.
    """
    heads = ["Mark", *longs("Assumption", "Admitted from"), *numbers("Effects computed", "Effects used", "Analyses")]
    lines = [
        [
            Cell(text=marks.get(row["assumption"], say.BLANK), key=say.anchor("assumption", row["assumption"])),
            Cell(text=row["words"], small=row["assumption"]),
            row["admitted_from"] or "no step: never used",
            *(say.whole(row[name]) for name in ("n_effects", "n_used", "n_analyses")),
        ]
        for row in rows
    ]
    caption = "Assumptions, and how many effects rest on them"
    return table("assumptions-table", caption, heads, [("", lines)], csv="tables/assumptions.csv")


def routes_table(settings: Row, effects: Sequence[Row]) -> Table | None:
    """Return the routes from a printed result to an effect, in order.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    effects : sequence of mapping
        All effects of the review, to count those of each route.
    """
    order = settings["conversion"]["route_order"]
    counts = {name: sum(row["route"] == name and bool(row["yi"]) for row in effects) for name in order}
    lines = [
        [
            say.whole(rank),
            CATALOGUE[name].inputs,
            CATALOGUE[name].gives.replace("_", " "),
            CATALOGUE[name].source,
            say.whole(counts[name]),
        ]
        for rank, name in enumerate(order, start=1)
    ]
    heads = [
        *numbers("Rank"),
        *longs("What the source must print", "Measures", "Formula"),
        *numbers("Effects computed"),
    ]
    return table("routes-table", "Routes from a printed result to an effect, the preferred first", heads, [("", lines)])


def outcomes_table(settings: Row) -> Table | None:
    """Return the outcomes and whether more of each is better.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    """
    lines = [
        [facts["title"], "more" if facts["higher_is_better"] else "less"] for facts in settings["outcomes"].values()
    ]
    return table("outcomes-table", "Outcomes", ["Outcome", "Better is"], [("", lines)])


def plan_table(plan: Mapping[str, Row]) -> Table | None:
    """Return the planned analyses as they were written down.

    Parameters
    ----------
    plan : mapping
        Analysis -> row of config/analyses.csv.
    """
    heads = [
        *longs("Analysis"),
        "Measure",
        *longs("Designs", "Compared with", "Interventions left out"),
        "Months",
        "Own model",
    ]
    lines = [
        [
            Cell(text=row["title"], href=say.link("analysis", name)),
            row["measure"],
            listed(row["designs"], terms.DESIGNS),
            listed(row["comparators"], terms.COMPARATORS),
            listed(row["interventions_excluded"], {}) or "none",
            f"{say.figure(row['time_min_months'])} to {say.figure(row['time_max_months'])}, "
            f"target {say.figure(row['time_target_months'])}",
            row["primary_model"] or "no",
        ]
        for name, row in plan.items()
    ]
    return table("plan-table", "The plan of analyses", heads, [("", lines)])


def versions_list(versions: Mapping[str, str]) -> list[str]:
    """Return names and versions of the packages that compute and draw."""
    return [f"{name} {version}" for name, version in sorted(versions.items())]
