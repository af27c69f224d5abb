"""The page of the report, read back from its HTML; numbers come from the invented review of report_case.py."""

import base64
import csv
import hashlib
import io
import re
from math import exp
from pathlib import Path

import pytest
import report_case as case
from report_page import Page

from repool.report import page as report
from repool.report import svg as report_svg

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = {"numpy": "9.9.9"}


def build(rows=None, **changes):
    settings, plan = case.SETTINGS | changes, case.PLAN
    return report.report_files(
        case.rows() if rows is None else rows, case.pictures(), settings=settings, plan=plan, versions=VERSIONS
    )


@pytest.fixture(scope="module")
def files():
    return build()


@pytest.fixture(scope="module")
def html(files):
    return files["results/report.html"]


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def cell(page, table, row_start, column):
    """The text of a cell, by the start of its row and the head of its column."""
    rows = page.tables[table]
    place = next(i for i, head in enumerate(rows[0]) if head.startswith(column))
    return next(row[place] for row in rows if row[0].startswith(row_start) and len(row) > 1)


def test_every_number_of_the_summary_is_the_rounded_one_of_the_table(files, page):
    titles = {step["step"]: step["title"] for step in case.SETTINGS["ladder"]}
    checked = 0
    for row in csv.DictReader(io.StringIO(files["results/tables/summary.csv"])):
        shown = cell(page, "summary-table", row["title"], titles[row["ladder_step"]])
        if shown == "no change":
            continue
        numbers = [float(row[name]) for name in ("estimate", "ci_lb", "ci_ub")]
        if row["measure"] == "PLO":
            estimate, low, high = (100 / (1 + exp(-number)) for number in numbers)
            assert shown.startswith(f"{estimate:.1f} % ({low:.1f} to {high:.1f} %)")
        else:
            assert shown.startswith("{:.2f} ({:.2f} to {:.2f})".format(*map(exp, numbers)))
        assert f"k = {row['k']}," in shown
        checked += 1
    # Both steps of the first analysis, one of each other: their second step repeats the first.
    assert checked == 4


def test_summary_shows_people_and_marks_of_assumptions(page):
    first = cell(page, "summary-table", "Visits kept", "As printed")
    assert first == "2.00 (1.25 to 3.20) k = 2, 200 people rests on a"
    second = cell(page, "summary-table", "Visits kept", "Plus equal arms")
    assert second == "1.50 (0.40 to 5.60) k = 3, people not all stated rests on a , b"
    assert cell(page, "summary-table", "Relapse", "Plus equal arms") == "no change"


def test_answer_tells_the_pooled_result_in_words(page):
    assert (
        "As printed. 2 trials (200 people): OR 2.00 (95 % CI 1.25 to 3.20), in favour of walking group. "
        "With 2 trials, an interval by Knapp-Hartung (floored) rests on 1 degree of freedom." in page.text
    )
    assert "Rests on: the p-value is two-sided; the source does not say." in page.text


def test_answer_tells_a_wide_interval_and_the_cautious_reading(page):
    assert (
        "3 trials (number of people not stated for Cedar 2003): OR 1.50 (95 % CI 0.40 to 5.60). That interval is too "
        "wide to say anything: it holds a halving as well as a doubling. Read cautiously: OR 1.40 (95 % CI 0.40 to "
        "5.60)." in page.text
    )
    assert (
        "Rests on the same, and on: the printed total is shared by the arms as declared "
        "(equally, unless said otherwise). "
        "The cautious reading rests on the same assumptions." in page.text
    )


def test_refusal_to_pool_is_shown_with_the_one_trial(page):
    assert (
        "Only 1 trial gives an effect (80 people); the review asks for at least 2, so nothing is pooled. That trial, "
        "Ash 2001: OR 0.25 (95 % CI 0.10 to 0.60), in favour of walking group. Rests on no assumption." in page.text
    )
    assert "Relapse: less is better, so an OR below 1 favours walking group." in page.text


def test_overview_counts_the_primary_analyses(page):
    assert (
        "2 primary analyses were planned: 1 can be pooled from what the sources report, 1 cannot be pooled."
        in page.text
    )


def test_nothing_generated_is_called_significant(html):
    assert "significan" not in html.lower()


def test_ladder_says_why_there_is_no_prediction_interval(page):
    first = next(row for row in page.tables["visits_rct-ladder"] if row[0].startswith("As printed"))
    assert first[1:3] == ["2.00 (1.25 to 3.20) 95 % CI", "2 200 people"]
    assert first[4] == "– needs 3 effects, there are 2"
    assert first[5:8] == ["0.25", "40.0 % from τ²", "1.5 df 1, p –"]


def test_other_models_stand_beside_the_primary_one(page):
    rows = page.tables["visits_rct-models"]
    assert [row[:2] for row in rows[2:4]] == [
        ["REML, Knapp-Hartung (floored) primary model", "2.00 (1.25 to 3.20)"],
        ["common effect, Wald", "1.90 (1.30 to 2.80)"],
    ]


def test_results_used_show_what_the_source_prints(page):
    row = next(row for row in page.tables["visits_rct-used"] if row[0] == "Ash 2001")
    assert row[1] == "kept <all> visits 6 months; 20/40 v 12/40"
    assert row[2:5] == [
        "20/40 v 12/40",
        "2.40 (1.20 to 4.80)",
        "events and people of both arms preferred reading and cautious reading",
    ]


def test_results_not_used_say_why_in_words(page):
    rows = page.tables["visits_rct-not-used"]
    assert ["Dill 2005", "a term", "time not stated", "design is single arm"] in rows


def test_votes_are_told_from_the_counts(page):
    assert "Randomised: 1 of 4 results (2 cohorts) favours walking group." in page.text
    assert "Single arm: 1 of 1 result (1 cohort) better than before." in page.text
    assert "Listed but not counted, since their studies ask another question: 1 result (Fir 2007)." in page.text


def test_earlier_review_without_a_study_says_so(page):
    assert "Pine 2011 No candidate study is recorded as cited there." in page.text
    assert "3 candidate studies are recorded as listed there (3 included)" in page.text


def test_studies_left_out_stand_with_their_reason(page):
    reasons = {row[0].split(" ")[0]: row[2] for row in page.tables["left-out-table"] if len(row) > 2}
    assert (reasons["Elm"], reasons["Fir"]) == ("no walking", "another disease")


def test_open_warnings_stand_first_and_acknowledged_ones_with_their_reason(page):
    _, open_head, clusters, known_head, percent = page.tables["warnings-table"]
    assert open_head == ["Open: nobody has said yet why it stands"]
    assert clusters == ["Ash 2001", "–", "clusters left aside cluster: groups; R17", "–", ""]
    assert known_head == ["Looked at, and left to stand"]
    assert percent[1:] == [
        "kept <all> visits birch2002-04; the source prints: 20/40 v 12/40",
        "percent and count disagree percent_arm1: 51.4; C19",
        "printed <so> XY",
        "dropped",
    ]
    assert "The check raised 2 warnings; 1 is open." in page.text


def test_review_without_a_warning_says_so():
    made = build(case.rows() | {"results/checks/problems.csv": []})
    page = Page(made["results/report.html"])
    assert "warnings-table" not in page.tables
    assert "The check of the extracted data raised no warning." in page.text
    assert made["results/tables/warnings.csv"].count("\n") == 1


def test_methods_hold_the_values_of_the_settings(page):
    for words in (
        "0.5 is added to each of the four cells of a table that holds a zero.",
        "From 2 effects on; with fewer, nothing is pooled and the report says so.",
        "From 3 effects on, by the t distribution, k − 1 degrees of freedom",
        "All intervals are 95 % intervals.",
        "numpy 9.9.9",
    ):
        assert words in page.text


def test_names_are_text_and_never_markup(html, page):
    assert "<script>alert" not in html
    assert case.NASTY in page.text
    assert "Walking groups & sleep" in page.text


def test_tags_are_nested_and_closed(page):
    # Page itself refuses a closing tag that does not fit.
    assert page.open == []


def test_ids_are_unique_and_every_inner_link_has_its_target(page):
    ids = page.ids
    assert len(ids) == len(set(ids))
    for link in page.values("href"):
        if link.startswith("#"):
            assert link[1:] in ids, link
    for names in page.values("aria-labelledby"):
        assert set(names.split()) <= set(ids)


def test_inline_pictures_do_not_share_names(html):
    assert html.count("<svg") == len(case.PLAN)
    assert html.count('clip-path="url(#forest-visits_rct-clip)"') == 1
    assert html.count('href="#forest-relapse_rct-mark"') == 1


def test_nothing_is_loaded_from_anywhere(html, page):
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"link", "iframe", "img", "object", "embed", "base", "image"}
    assert page.values("src", "srcset", "xlink:href", "data") == []
    assert "@import" not in page.style
    assert "url(" not in page.style
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")]
    policy = next(attrs["content"] for tag, attrs in page.tags if tag == "meta" and "http-equiv" in attrs)
    # The page's own script, by its hash, and no other; the rest of <script> is data that nothing runs.
    (script,) = [text for attrs, text in page.scripts if attrs.get("type") != "application/json"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rest = "base-uri 'none'; form-action 'none'"
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; {rest}"


def test_links_outside_are_escaped_addresses_of_papers(page):
    outside = [link for link in page.values("href") if "//" in link]
    assert outside == ["https://doi.org/10.1000/ash%3C1%3E", "https://pubmed.ncbi.nlm.nih.gov/11/"]


def test_page_can_be_read_without_seeing_it(page):
    assert ("html", {"lang": "en"}) in page.tags
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert ("a", {"class": "skip", "href": "#main"}) in page.tags
    heads = [attrs.get("scope") for tag, attrs in page.tags if tag == "th"]
    assert set(heads) <= {"col", "row", "rowgroup"}
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert tables == sum(tag == "caption" for tag, _ in page.tags) > 0
    labels = [attrs["aria-label"] for tag, attrs in page.tags if tag == "svg"]
    assert labels[0].startswith("Forest plot: Visits kept, trials. Ash 2001 2.40 (1.20 to 4.80); ")


def test_headings_leave_no_level_out(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_report_is_the_same_on_every_run_and_for_every_order_of_files(files):
    backwards = dict(reversed(case.rows().items()))
    assert build() == files
    assert build(backwards) == files


def test_review_without_votes_and_accounts_has_a_report(files):
    rows = case.rows()
    del rows["data/votes.csv"]
    made = build(rows, accounts=[])
    page = Page(made["results/report.html"])
    assert "votes" not in page.ids
    assert "accounts" not in page.ids
    assert made["results/tables/accounts.csv"].count("\n") == 1


def test_rule_lists_the_tables_and_templates_of_the_package(files):
    rule = (ROOT / "workflow" / "rules" / "report.smk").read_text(encoding="utf-8")
    lists = {
        name: re.findall(r'"([^"]+)"', text) for name, text in re.findall(r"^(\w+) = \[(.*?)\]", rule, re.M | re.S)
    }
    assert lists["TABLES"] == list(report.COLUMNS)
    assert sorted(lists["TEMPLATES"]) == sorted(report.TEMPLATES)
    assert [f"explorer/{name}.js" for name in lists["SCRIPTS"]] == list(report.SCRIPTS)
    assert set(files) == {"results/report.html", *(f"results/tables/{name}.csv" for name in report.COLUMNS)}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("<script>1</script>", "<script>"),
        ('<g onload="x()"/>', "onload"),
        ('<use href="https://example.org/x.svg#a"/>', "outside itself"),
        ("<foreignObject/>", "foreignObject"),
    ],
)
def test_picture_that_could_run_or_load_is_refused(part, words):
    picture = f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>'
    with pytest.raises(ValueError, match=re.escape(words)):
        report_svg.inline_svg(picture, prefix="p-", label="a plot")
