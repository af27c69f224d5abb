"""One section of the report per analysis: figure, ladder, other models, results used and not used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repool.extraction.settings import words_of
from repool.report import terms, verdicts
from repool.report import words as say
from repool.report.answers import Answer, answer
from repool.report.directions import directions_block
from repool.report.explorer import Explorer, explorer
from repool.report.ladder import (
    changed_steps,
    ladder_table,
    left_out_table,
    models_table,
    regression_table,
)
from repool.report.missing_evidence import missing_evidence_block
from repool.report.other_choices import other_choices_block
from repool.report.pictures import drawn_figures, forest_figure, tables_beside
from repool.report.single_studies import single_studies_block
from repool.report.sources import not_used_table, used_table
from repool.report.spread import spread_block
from repool.report.why_different import dependence_block, why_different_block

if TYPE_CHECKING:
    from repool.report.view import Block, Figure, Table

Row = Mapping[str, Any]
#: Tables of the examination that the report tells; workflow/rules/report.smk lists the same names.
EXAMINED = (
    *("verdict", "same_result", "intervals", "influence", "cumulative", "gosh", "missing_evidence", "subgroups"),
    *("dependence", "robust", "without_pooling"),
)
#: Files of an analysis that a reader may want, with what they hold.
FILES = (
    ("pooled.csv", "every model at every step"),
    ("pooled.json", "the same for other programs"),
    ("effects.csv", "the effects that are pooled"),
    ("forest.csv", "the effects with intervals and weights"),
    ("selection.csv", "results used and not used"),
    ("verdict.csv", "the verdict, its rules, and what would change it"),
    ("same_result.csv", "the same result under other choices"),
    ("intervals.csv", "further intervals of the mean, of the differences between studies, and of a new study"),
    ("rare_events.csv", "models of the counts themselves"),
    ("leave_one_out.csv", "one study left out at a time"),
    ("influence.csv", "how much each study moves the result"),
    ("cumulative.csv", "studies added one by one"),
    ("gosh.csv", "all subsets of studies, or a sample of them"),
    ("gosh_cloud.csv", "the same as a cloud of estimate by heterogeneity"),
    ("missing_evidence.csv", "methods for missing evidence"),
    ("funnel.csv", "funnel plot as numbers"),
    ("subgroups.csv", "subgroups"),
    ("regression.csv", "meta-regression"),
    ("bubble.csv", "bubble plot as numbers"),
    ("dependence.csv", "models of dependent effects"),
    ("robust.csv", "means with robust intervals"),
    ("without_pooling.csv", "directions and combined p-values"),
    ("effect_direction.csv", "effect direction plot as numbers"),
    ("albatross.csv", "albatross plot as numbers"),
    ("reproduce.R", "the same in R, which stops if a number differs"),
    ("forest.svg", "figure for the web"),
    ("forest.pdf", "figure for print"),
    ("forest.png", "figure as a picture"),
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """Everything the template shows of one analysis."""

    answer: Answer
    role: str
    rationale: str
    facts: tuple[tuple[str, str], ...]
    verdict: Block | None
    forest: Figure
    explorer: Explorer | None
    examined: tuple[Block, ...]
    ladder: Table | None
    models: Table | None
    left_out: Table | None
    used: Table | None
    not_used: Table | None
    files: tuple[tuple[str, str, str], ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows of one analysis: of the ladder, models, results used and not used, and its own files by name.

    `pictures` maps the files that have room on the page to their texts.
    """

    ladder: Sequence[Row]
    models: Sequence[Row]
    used: Sequence[Row]
    not_used: Sequence[Row]
    left_out: Sequence[Row]
    regression: Sequence[Row]
    examined: Mapping[str, Sequence[Row]]
    figures: Sequence[Row]
    effects: Sequence[Row]
    risk_of_bias: Sequence[Row]
    pictures: Mapping[str, str]


def section(plan: Row, parts: Parts, *, settings: Row) -> Section:
    """Return the section of one analysis.

    Parameters
    ----------
    plan : mapping
        Its row of config/analyses.csv.
    parts : Parts
        Its rows.
    settings : mapping
        config/review.yaml.

    Returns
    -------
    Section
        With finished text only.
    """
    name = plan["analysis"]
    judged = parts.examined["verdict"]
    said = (verdicts.lead(judged), verdicts.reasons(judged, settings))
    own = answer(parts.ladder, plan=plan, settings=settings, judged=said)
    labels = {row["study_id"]: row["label"] for row in (*parts.not_used, *parts.used)}
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    shown = changed_steps(parts.ladder)
    return Section(
        answer=own,
        role=plan["role"],
        rationale=say.sentence(plan["rationale"]),
        facts=tuple(_facts(plan, settings)),
        verdict=verdicts.verdict_block(plan, judged, labels=labels, settings=settings),
        forest=_forest(plan, own, parts),
        explorer=_explorer(plan, parts, settings),
        examined=tuple(_examined(plan, parts, settings)),
        ladder=ladder_table(name, parts.ladder, titles),
        models=models_table(name, parts.models, titles, shown),
        left_out=left_out_table(plan, parts.left_out, titles, shown, settings["pooling"]),
        used=used_table(name, parts.used, titles, settings["ladder"]),
        not_used=not_used_table(name, parts.not_used),
        files=tuple((f"analyses/{name}/{file}", file, what) for file, what in FILES),
        figures=tuple(_figures(name, parts, settings["figures"]["formats"])),
    )


def _forest(plan: Row, own: Answer, parts: Parts) -> Figure:
    note = "Preferred reading, primary model."
    if plan["measure"] == "PLO":
        note = f"{note} The figure shows log odds; the text shows percents."
    alternative = _alternative(own, parts.used)
    return forest_figure(plan["analysis"], parts.pictures, title=own.title, alternative=alternative, note=note)


def _figures(name: str, parts: Parts, formats: Sequence[str]) -> Iterator[Figure]:
    """Yield the other figures of an analysis that were drawn."""
    folder = f"analyses/{name}"
    return drawn_figures(
        f"{folder}/figures", parts.figures, parts.pictures, formats=formats, tables=tables_beside(folder)
    )


def _explorer(plan: Row, parts: Parts, settings: Row) -> Explorer | None:
    """Return the explorer below the forest plot."""
    return explorer(
        plan, ladder=parts.ladder, forest=parts.effects, used=parts.used, risk_of_bias=parts.risk_of_bias,
        settings=settings,
    )  # fmt: skip


def _examined(plan: Row, parts: Parts, settings: Row) -> list[Block]:
    """Return what the examination of a pooled result found; parts without content are left out."""
    found = parts.examined
    titles = {step["step"]: step["title"] for step in settings["ladder"]}
    slopes = regression_table(plan, parts.regression, titles, changed_steps(parts.ladder), settings["pooling"])
    is_pooled = any(row["basis"] == "pooled" for row in parts.ladder)
    blocks = [
        other_choices_block(plan, found["same_result"], settings=settings),
        spread_block(plan, found["intervals"], settings=settings),
        single_studies_block(plan, found),
        missing_evidence_block(plan, found["missing_evidence"], settings=settings),
        why_different_block(plan, found["subgroups"], slopes),
        dependence_block(plan, found["dependence"], found["robust"]),
        directions_block(plan, found["without_pooling"], is_pooled=is_pooled, settings=settings),
    ]
    return [block for block in blocks if block]


def _facts(plan: Row, settings: Row) -> list[tuple[str, str]]:
    outcome = settings["outcomes"][plan["outcome"]]
    better = "more is better" if outcome["higher_is_better"] else "less is better"
    window = f"{say.figure(plan['time_min_months'])} to {say.months(plan['time_max_months'])}"
    unstated = {"leave_out": "left out", "allow": "let in"}[plan["time_not_stated"]]
    facts = [
        ("Outcome", f"{outcome['title']} ({better})"),
        ("Measure", f"{terms.words(plan['measure'], terms.MEASURES)} ({plan['measure']})"),
        ("Designs", listed(plan["designs"], terms.DESIGNS)),
        ("Compared with", listed(plan["comparators"], terms.COMPARATORS)),
        ("Interventions left out", listed(plan["interventions_excluded"], {}) or "none"),
        (
            "Time",
            f"{window}, nearest to {say.months(plan['time_target_months'])}; "
            f"results without a stated time are {unstated}",
        ),
    ]
    if plan["moderators"]:
        formula = plan["moderators"].strip()
        facts.append(("Moderators", formula if formula.startswith("~") else listed(formula, {})))
    if plan["subgroups"]:
        facts.append(("Subgroups", listed(plan["subgroups"], {})))
    return facts


def listed(cell: str | None, table_of_words: Mapping[str, str]) -> str:
    """Return a semicolon-separated cell in words."""
    return ", ".join(terms.words(word, table_of_words) for word in words_of(cell))


def _alternative(own: Answer, used: Sequence[Row]) -> str:
    """Say what the figure shows, for readers who do not see it."""
    preferred = [row for row in used if "preferred" in row["readings"]]
    effects = "; ".join(f"{row['label']} {say.effect(row, name='yi')}" for row in preferred)
    return f"Forest plot: {own.title}. {effects or 'No effect'}. {own.sentence} The tables below hold the same numbers."
