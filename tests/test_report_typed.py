"""Tables that people typed, and the answer: text wherever they stand, and said where nobody typed any."""

import pytest
import report_case as case
from report_page import Page

from repool.report import page as report
from repool.report.findings import FINDINGS


def html_of(rows):
    texts = report.report_files(rows, case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    return texts["results/report.html"]


@pytest.fixture(scope="module")
def page():
    return Page(html_of(case.rows()))


def test_typed_texts_are_text_wherever_they_stand():
    formula = '=cmd("x")<script>2</script>'
    bias = {"study_id": "ash2001", "label": formula, "tool": "checklist", "domain_order": "1", "domain": "D1"}
    bias |= {"domain_title": formula, "judgement": formula, "risk_level": "low", "weight": "", "comment": formula}
    flow = dict.fromkeys(("data", "node", "box", "description", "boxtext", "tooltips", "url", "n"), formula)
    flow["data"] = "records_screened"
    deviation = dict.fromkeys(("deviation_id", "part", "planned", "done", "why", "when"), formula)
    finding = dict.fromkeys(FINDINGS[-9:], formula) | {"analysis": "visits_rct", "certainty": "low"}
    finding |= {"upgrade": "1", "baseline_risk_per_1000": "100", "baseline_source": formula}
    figure = {"figure": "prisma", "is_drawn": "yes", "tables": formula, "alternative": formula, "note": formula}
    typed = {"results/checks/risk_of_bias.csv": [bias], "data/prisma.csv": [flow], "data/deviations.csv": [deviation]}
    typed |= {"data/summary_of_findings.csv": [finding], "results/figures/figures.csv": [figure]}
    html = html_of(case.rows() | typed)
    page = Page(html)
    assert formula in page.text
    assert "<script>2" not in html
    for table in ("prisma-table", "risk-of-bias-1", "deviations-table", "findings-primary"):
        assert any(formula in cell for row in page.tables[table] for cell in row), table


def test_review_without_typed_tables_says_so(page):
    assert "Risk of bias was not rated (data/risk_of_bias.csv)." in page.text
    assert "The numbers of records searched and sifted are not recorded ( data/prisma.csv )." in page.text
    assert "No deviation from the plan is recorded ( data/deviations.csv )." in page.text
    assert (
        "Nobody has rated the certainty of these results (data/summary_of_findings.csv), so none is shown." in page.text
    )


def test_answer_can_be_copied_where_a_script_shows_the_button(page):
    buttons = [attrs for tag, attrs in page.tags if tag == "button"]
    assert all("hidden" in attrs and attrs["type"] == "button" for attrs in buttons)
    # At the top each primary analysis, and below every analysis.
    assert [attrs["data-copy-target"] for attrs in buttons] == [
        *("answer-visits_rct", "answer-relapse_rct", "sentence-visits_rct", "sentence-relapse_rct"),
        "sentence-reach_single",
    ]
    assert {attrs["data-copy-target"] for attrs in buttons} <= set(page.ids)


def test_findings_stand_in_one_table_per_role_and_are_tables_on_a_phone_too(page):
    (row,) = [row for row in page.tables["findings-primary"] if row[0].startswith("Visits kept")]
    assert row[1:3] == ["2 trials 200 people", "2.00 (1.25 to 3.20) OR"]
    # 12 of 40 in the one trial with counts: odds of 3/7 doubled are 6/7, a risk of 6/13.
    assert row[3:5] == ["300 per 1000 as in the one group with counts", "462 per 1000 349 to 578"]
    assert row[5] == "162 more 49 to 278 more"
    assert "findings-stratum" in page.tables
    roles = {attrs.get("role") for tag, attrs in page.tags if tag in ("td", "th", "tr", "thead", "tbody", "table")}
    assert {"table", "rowgroup", "row", "cell", "rowheader", "columnheader"} <= roles


def test_forest_plot_stands_with_its_files_and_numbers(page):
    links = page.values("href")
    for name in ("forest.svg", "forest.pdf", "forest.png", "forest.csv", "pooled.csv"):
        assert f"analyses/visits_rct/{name}" in links
