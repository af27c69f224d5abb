"""Rows of the edit battery: edits of the plan, of what is examined, and of the code."""

from __future__ import annotations

from rerun_rows import (
    ANALYSES,
    CONVERT,
    ESTIMATOR,
    PLAN_TABLE,
    RANK_TEST,
    REPORTED,
    SETTINGS,
    SMD_VARIANCE,
    STATISTICS,
    Row,
    add_analysis,
    drawn,
    examined,
    keep_all_effects,
    pooled,
)


def ask_for_no_figures(house):
    """Take back that figures are asked for."""
    house.replace(SETTINGS, "  draw: [same_result, ladder]", "  draw: []")
    house.replace(SETTINGS, "  draw_review: [risk_of_bias]", "  draw_review: []")


PLAN = [
    Row(
        "the model of one analysis changed",
        lambda house: house.set_cell(PLAN_TABLE, "retention_rr", "primary_model", "dl_wald"),
        pooled("retention_rr"),
        "the model is a parameter of pooling that one analysis",
    ),
    Row(
        "the tau2 estimator changed for all",
        lambda house: house.replace(*ESTIMATOR),
        pooled(*ANALYSES),
        "every analysis is pooled by every model",
    ),
    Row(
        "the figure style changed",
        lambda house: house.replace(SETTINGS, "#b36a00", "#b36a01"),
        drawn(*ANALYSES),
        "a colour pools nothing",
    ),
    Row(
        "the title of one analysis changed",
        lambda house: house.set_cell(PLAN_TABLE, "retention_rr", "title", "Retention"),
        drawn("retention_rr"),
        "the title stands in its plot and in the report",
    ),
    Row(
        "the question reworded",
        lambda house: house.replace(SETTINGS, "Does the invented", "How well does the invented"),
        REPORTED,
        "only the report prints the question",
    ),
    Row(
        "an analysis added",
        add_analysis,
        {CONVERT} | pooled("abstinence_rr"),
        "effects are chosen for it, it is pooled and drawn; the others stay as they are",
    ),
    Row(
        "the analysis removed",
        lambda house: house.delete_rows(PLAN_TABLE, "abstinence_rr"),
        {CONVERT} | REPORTED,
        "its folder goes, and its place in the report",
        as_after="the question reworded",
    ),
]
WORD = [
    Row(
        "a Word file asked for",
        lambda house: house.replace(SETTINGS, "  word: false", "  word: true"),
        {"write_word"} | REPORTED,
        "it is written from tables and plots that stand",
        as_from_nothing=True,
    ),
    Row(
        "the Word file no longer asked for",
        lambda house: house.replace(SETTINGS, "  word: true", "  word: false"),
        REPORTED,
        "it goes, or it would pass for one of these results",
        as_after="start",
    ),
]
EXAMINED = [
    Row(
        "a limit of the verdict changed",
        lambda house: house.replace(SETTINGS, "few_effects: 5", "few_effects: 4"),
        examined(*ANALYSES),
        "every result is judged by it; no number is pooled anew",
    ),
    Row(
        "a test for missing evidence changed",
        lambda house: house.replace(SETTINGS, "exact: true", "exact: false"),
        examined(*ANALYSES),
        "the test is run in the examination alone",
    ),
    Row(
        "a vote changed",
        lambda house: house.set_cell("data/votes.csv", "v2", "result", "favours_peer"),
        examined("retention_rr"),
        "one analysis is of the outcome of the vote",
    ),
    Row(
        "a vote of a study that is not included changed",
        lambda house: house.set_cell("data/votes.csv", "v3", "result", "no_difference"),
        REPORTED,
        "only the report lists it",
    ),
    Row(
        "one analysis split into subgroups",
        lambda house: house.set_cell(PLAN_TABLE, "abstinence_or", "subgroups", "setting"),
        {CONVERT} | pooled("abstinence_or"),
        "its effects carry the column by which they are split",
    ),
    Row(
        "a multilevel model and an analysis that keeps all effects added",
        keep_all_effects,
        {CONVERT} | pooled(*ANALYSES, "abstinence_all"),
        "effects are kept for the new one; every analysis is pooled by every model",
    ),
    Row(
        "another baseline risk for the summary of findings",
        lambda house: house.replace(SETTINGS, "baseline_risk: median_of_arm2", "baseline_risk: none"),
        REPORTED,
        "only the report tells people per 1000",
    ),
    Row(
        "figures asked for",
        lambda house: house.replace(SETTINGS, "  draw: []", "  draw: [same_result, ladder]"),
        {f"draw_figures {analysis}" for analysis in (*ANALYSES, "abstinence_all")} | REPORTED,
        "they are drawn from tables that stand",
        as_from_nothing=True,
    ),
    Row(
        "figures of the whole review asked for",
        lambda house: house.replace(SETTINGS, "  draw_review: []", "  draw_review: [risk_of_bias]"),
        {"draw_review"} | REPORTED,
        "they are drawn from a table that stands",
        as_from_nothing=True,
    ),
    Row(
        "no figures asked for any longer",
        ask_for_no_figures,
        REPORTED,
        "they go, or they would pass for some of these results",
        as_after="another baseline risk for the summary of findings",
    ),
]
CODE = [
    Row(
        "figure code changed",
        lambda house: house.replace(
            "workflow/scripts/repool/stages/draw.py",
            "measure_label=measure.title[:1].upper() + measure.title[1:]",
            "measure_label=measure.title",
        ),
        drawn(*ANALYSES),
        "what draws is not what pools",
    ),
    Row(
        "statistics code changed",
        lambda house: house.replace(*STATISTICS),
        pooled(*ANALYSES),
        "all analyses are pooled by this module, and nothing else uses it",
    ),
    Row(
        "code of a test for missing evidence changed",
        lambda house: house.replace(RANK_TEST, "ROUNDING_UNITS = 16.0", "ROUNDING_UNITS = 17.0"),
        examined(*ANALYSES),
        "the examination alone uses it",
    ),
    Row(
        "the conversion formula of one measure changed",
        lambda house: house.replace(*SMD_VARIANCE),
        {CONVERT} | pooled("days_of_use_smd"),
        "all effects are computed again, and those of one analysis come out different",
    ),
]
