"""What the report tells of the examination, read back from its HTML against the rows of report_examined.py."""

import re
from math import exp
from pathlib import Path

import pytest
import report_case as case
import report_examined as typed
from report_page import Page

from repool.report import method_terms
from repool.report import page as report
from repool.report.analysis import EXAMINED, FILES
from repool.report.methods import settings_list
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1] / "workflow" / "rules"


def build(**changes):
    rows = case.rows() | {f"results/analyses/visits_rct/{name}.csv": found for name, found in changes.items()}
    made = report.report_files(rows, case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    return made["results/report.html"]


@pytest.fixture(scope="module")
def html():
    return build()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def line(page, table, start):
    return next(row for row in page.tables[f"visits_rct-{table}"] if row[0].startswith(start) and len(row) > 1)


def shown(row, low="ci_lb", high="ci_ub"):
    """A ratio with its limits, from the logarithms of a table."""
    return "{:.2f} ({:.2f} to {:.2f})".format(*(exp(float(row[name])) for name in ("estimate", low, high)))


def test_verdict_stands_at_the_top_and_under_the_title(page):
    told = (
        "Pooled with a warning: it rests on 2 effects, fewer than 6; it rests on ≈200 people, fewer than 444; "
        "1 of 3 other choices; small ones (Egger's test, p = 0.047)."
    )
    assert page.text.count(told) == 2, "in the answer in short and in the section of the analysis"
    assert page.text.count("Not pooled: 1 effect; the review asks for at least 2.") == 3


def test_verdict_of_the_summary_is_that_of_the_table(page):
    rows = {row[0].split(",")[0]: row[1] for row in page.tables["summary-table"] if len(row) > 1}
    assert rows["Visits kept"].startswith("Pooled with a warning as printed; whole interval on the side of benefit")
    assert rows["Relapse"] == "Not pooled: one trial"


def test_what_would_change_it_is_a_list(page):
    assert "What would change it 4 more studies without any effect would do." in page.text
    assert "What would change it 1 more study would be pooled." in page.text
    assert line(page, "stayed-out", "Design is single arm") == ["Design is single arm.", "Dill 2005"]


def test_every_rule_stands_with_what_was_found_and_its_limit(page):
    rows = {row[0]: row[1:] for row in page.tables["visits_rct-verdict"][1:]}
    assert len(rows) == sum(row["kind"] == "rule" for row in typed.VERDICT)
    assert rows["One study dominates"] == ["52.3 %", "more than 55 % of the weight", "no"]
    assert rows["Few people"][:2] == ["≈200", "fewer than 444"]
    assert rows["A new study could show nothing"][2] == "not known there is no prediction interval"
    assert rows["Interval too wide"][:2] == ["limits 2.56 times apart", "it holds a halving as well as a doubling"]
    assert rows["Hangs on choices"][0] == "33.3 %"
    assert rows["Small studies differ"] == ["p = 0.047", "a test of asymmetry with p below 0.12", "speaks against it"]


def test_other_choices_are_summed_up_before_their_table(page):
    assert (
        "3 of 4 other choices put the interval on the same side as the headline (in favour of walking group). "
        f"On another side, includes no effect: without {typed.NASTY} (lowest of 2). The lowest estimate is OR 1.20 "
        f"(without {typed.NASTY} (lowest of 2)), the highest OR 2.20 (Mantel-Haenszel)." in page.text
    ), "the risk ratio is counted, but it is no lowest odds ratio"
    assert "Not computed (needs 4 usable effects, there are 2): effects drawn from the model." in page.text


def test_every_choice_stands_in_the_table_with_its_numbers(page):
    heads = page.tables["visits_rct-same-result"][0]
    assert heads == ["Choice", "k", "Effect (interval)", "Interval"]
    starts = ("REML", "Common effect", f"Without {typed.NASTY}", "Risk ratio", "Mantel-Haenszel")
    for start, row in zip(starts, typed.SAME_RESULT, strict=False):
        found = line(page, "same-result", start)
        assert found[1] == row["k"]
        assert found[2].startswith(shown(row))
        moved = {"yes": "same side", "no": "another side: includes no effect"}[row["same_side"]]
        assert found[3] == ("in favour of walking group" if row["choice"] == "headline" else moved)


def test_choices_are_unfolded_only_where_one_puts_the_interval_elsewhere(html):
    assert html.count("<details open>") == 1
    agreed = [row for row in typed.SAME_RESULT if row["same_side"] != "no"]
    folded = build(same_result=agreed)
    assert "<details open>" not in folded
    assert "3 of 3 other choices put the interval on the same side" in Page(folded).text


def test_differences_between_studies_are_told_and_tabled(page):
    assert (
        "Of the variation between the results, 41.3 % (3.1 to 87.7 %) is more than chance (I²). In a new, similar "
        "study the true effect would lie at 0.31 to 12.90 (95 % prediction interval); the chance that it lies above "
        "1.00, in favour of walking group, is 87.7 %." in page.text
    )
    rows = page.tables["visits_rct-intervals"]
    assert ["Q-profile", "0.25", "0.01 to 1.75"] in rows
    assert ["t distribution, k − 1 degrees of freedom", "–", "0.31 to 12.90"] in rows
    assert ["t distribution, k − 1 degrees of freedom", "87.7 % above 1.00", "–"] in rows


def test_a_side_without_a_chance_is_not_told():
    rows = [row for row in typed.INTERVALS if row["quantity"] != "probability_beyond"]
    text = Page(build(intervals=rows)).text
    assert "would lie at 0.31 to 12.90 (95 % prediction interval)." in text
    assert "the chance that it lies" not in text


def test_influential_studies_are_named_and_tables_without_numbers_not_linked(page):
    assert f"1 study is influential by the usual limits (of 3 studies): {typed.NASTY}." in page.text
    blocks = page.text.split("Single studies")[1].split("Missing evidence")[0]
    assert "studies added one by one" in blocks
    assert "all subsets of studies" not in blocks, "the table holds only why it was not run"


def test_methods_for_missing_evidence_stand_with_result_and_p(page):
    rows = page.tables["visits_rct-missing-evidence"][1:]
    assert [row[0] for row in rows] == ["Egger's test", "Egger's test", "Trim and fill", "Excess of small p-values"]
    assert rows[0][1:] == ["slope of the effect on study size only here", "−1.23", "0.047"]
    assert rows[1][2:] == [shown(typed.MISSING_EVIDENCE[1]), "–"]
    assert rows[2][1:] == [
        "pooled effect with mirror images added 3 effects added on the left",
        shown(typed.MISSING_EVIDENCE[2]),
        "0.210",
    ]
    assert "Egger's test, Trim and fill: I² misleads." in page.text
    assert "Not run (2 effects, the review asks for at least 11;" in page.text


def test_one_sentence_where_no_method_for_missing_evidence_was_run():
    page = Page(build(missing_evidence=[row for row in typed.MISSING_EVIDENCE if row["note"] == typed.TOO_FEW]))
    assert "visits_rct-missing-evidence" not in page.tables
    assert "No method was run: 2 effects, the review asks for at least 11; with fewer, chance and" in page.text


def test_subgroups_stand_with_the_test_between_them(page):
    assert line(page, "subgroups", "clinic")[1:4] == ["3 2 studies", shown(typed.SUBGROUPS[0]), "0.04"]
    assert line(page, "subgroups", "home")[0] == "home not pooled: 1 effects"
    between = line(page, "subgroups", "Test")
    assert (between[2], between[-1]) == ("statistic 2.35, df 1, 5", "0.187")
    assert line(page, "subgroups", "Left")[2:] == ["Q 4.56, df 2", "–", "–", "0.102"]


def test_dependent_effects_stand_by_correlation(page):
    rows = page.tables["visits_rct-dependence"][1:]
    assert [row[0] for row in rows] == [f"Correlated and hierarchical effects, ρ {rho}" for rho in ("0.3", "0.7")]
    assert rows[0][1:] == ["5 (3)", shown(typed.DEPENDENCE[0]), "2.4", "0.039", "61.2 %", "–"]
    robust = page.tables["visits_rct-robust"][1]
    assert robust[-2:] == ["0.041", "no: too few degrees of freedom"]


def test_directions_stand_with_the_question_they_answer(page, html):
    assert (
        "Randomised: 3 of 4 favour walking group (75.0 %, interval 23.4 to 98.7 %; sign test, p = 0.375)." in page.text
    )
    table = page.tables["relapse_rct-directions"]
    assert table[1] == ["Randomised", "3", "1", "0", "0", "75.0 % (23.4 to 98.7 %)", "0.375"]
    assert page.tables["relapse_rct-combined-p"][1] == ["Randomised", "Fisher", "4", "0.012", "0.988", "0.025"]
    assert "Directions: Is there any effect?" in page.text
    assert "Directions do not say: how large the effect is." in page.text
    folds = html.count("Directions and combined p-values by design</summary>")
    assert folds == 1, "folded where something is pooled, open where nothing is"


def test_one_result_alone_is_no_direction_of_anything(page):
    assert "reach_single-directions" not in page.tables


def test_parts_without_content_do_not_appear():
    page = Page(build(**dict.fromkeys(typed.NOTHING, [])))
    titles = ("The same result under other choices", "How much the studies differ", "Single studies")
    for title in (*titles, "Missing evidence", "Why effects may differ", "Effects that depend on each other"):
        assert f" {title} " not in page.text.split("Behind the numbers")[0]
    assert "Pooled with a warning" not in page.text.split("Methods")[0]


def test_names_from_data_are_text_and_never_markup(html):
    assert "<b onclick" not in html
    assert "&lt;b onclick=&#39;x()&#39;&gt;Birch&lt;/b&gt; &amp; co" in html


def test_methods_name_every_setting_of_the_examination(page):
    for words in (
        "From 11 effects on: Egger's test (predictor standard error, model weighted regression, interval by t",
        "Excess of small p-values (alternative two-sided, p below 0.05, test exact, test alternative greater)",
        "Mantel-Haenszel for OR, single effects: 0.5 is added to tables that hold a zero, the pooled one: nothing",
        "generalised linear mixed model (conditional, exact likelihood) for OR, random effects by ML, 9 nodes of",
        "Prior of τ half-Cauchy, scale 0.4; normal prior of the mean (0, standard deviation 2); central credible",
        "from 4 cohorts on: three-level model; correlated and hierarchical effects, by REML, with ρ of 0.3, 0.7",
        "One between-study variance for all; a subgroup is pooled from 3 effects on.",
        "at most 1,234 subsets of studies",
        "effects drawn from the model, 4,321 samples. Seed 77.",
        "when at least 80.0 % of its results do.",
        "sign test and Clopper-Pearson interval",
        "few people: fewer than 444; one study dominates: more than 55 % of the weight",
        "Not looked at: few cohorts.",
        "no more than 1,000, else that many random ones (seed 7).",
        "Around no effect, at p of 0.1, 0.01.",
    ):
        assert words in page.text, words


def test_a_changed_setting_changes_the_methods():
    settings = case.SETTINGS | {"examine": case.SETTINGS["examine"] | {"bayes": []}}
    assert dict(settings_list(settings))["Bayesian models"] == "None."
    assert dict(settings_list(case.SETTINGS))["Bayesian models"] != "None."


def allowed(*path):
    """Values that the schema of config/review.yaml allows at a place."""
    node = schema("review")["$defs"]
    for step in path:
        node = node[step]
    return node["enum"]


INTERVALS = ("examine", "properties", "intervals", "properties")
DEPENDENT = ("examine", "properties", "dependence", "properties")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ((*INTERVALS, "tau2", "items"), method_terms.TAU2_INTERVALS),
        ((*INTERVALS, "mean", "items"), method_terms.MEAN_INTERVALS),
        ((*INTERVALS, "prediction", "items"), method_terms.PREDICTIONS),
        (("examine", "properties", "bayes", "items", "properties", "tau_prior"), method_terms.PRIORS),
        (("examine", "properties", "rare_events", "items", "properties", "method"), method_terms.RARE_EVENTS),
        (("examine", "properties", "rare_events", "items", "properties", "glmm_model"), method_terms.GLMM_MODELS),
        ((*DEPENDENT, "models", "items"), method_terms.DEPENDENCE),
        ((*DEPENDENT, "working_models", "items"), method_terms.WORKING_MODELS),
        (("missing_evidence_method", "properties", "method"), method_terms.MISSING_EVIDENCE),
        (
            ("examine", "properties", "without_pooling", "properties", "combined_p", "items"),
            method_terms.COMBINED_P,
        ),
        (
            ("examine", "properties", "without_pooling", "properties", "interval"),
            method_terms.PROPORTION_INTERVALS,
        ),
    ],
)
def test_every_method_that_a_review_can_declare_has_a_plain_name(path, names):
    assert set(allowed(*path)) <= set(names)


def test_every_rule_that_a_review_can_declare_has_words():
    rules = schema("review")["$defs"]["examine"]["properties"]["verdict"]["properties"]
    assert set(rules) == set(method_terms.RULES)


def test_rule_hands_over_every_table_that_the_report_tells():
    rule = (ROOT / "report.smk").read_text(encoding="utf-8")
    (names,) = re.findall(r"^OF_EACH = \[(.*?)\]", rule, re.M | re.S)
    handed = {name.removesuffix(".csv") for name in re.findall(r'"([^"]+)"', names)}
    assert set(EXAMINED) <= handed


def test_every_file_that_is_linked_is_made_by_a_rule():
    rules = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*.smk"))
    made = {*re.findall(r'[\w/{}.]*?(\w+\.\w+)"', rules), *(f"forest.{ending}" for ending in ("svg", "pdf", "png"))}
    assert [name for name, _ in FILES if name not in made] == []
