"""The data of the explorer in the report, and the script that reads it; the invented review is that of report_case."""

import json

import pytest
import report_case as case
from report_page import Page

from repool.report import analysis
from repool.report import page as report
from repool.report.explorer import explorer, json_markup
from repool.report.inline_script import inline_script


def data_of(rows, name="visits_rct", **pooling):
    """The data of one analysis' explorer, as the page's script reads it; None where there is none."""
    settings = case.SETTINGS | {"pooling": case.SETTINGS["pooling"] | pooling}
    made = report.report_files(rows, case.pictures(), settings=settings, plan=case.PLAN, versions={})
    scripts = Page(made["results/report.html"]).scripts
    found = {attrs["id"]: text for attrs, text in scripts if attrs.get("type") == "application/json"}
    text = found.get(f"explorer-{name}-data")
    return text and json.loads(text)


@pytest.fixture(scope="module")
def data():
    return data_of(case.rows())


def risk(study_id, judgement, level, domain="Overall", tool="rob2"):
    cells = {"study_id": study_id, "label": study_id, "tool": tool, "domain_order": "1", "domain": domain}
    return cells | {"domain_title": domain, "judgement": judgement, "risk_level": level, "weight": "", "comment": ""}


def test_every_step_and_reading_has_its_effects_once(data):
    # The first step's two readings agree; at the second, the cautious one reads Birch by another route.
    assert [part["title"] for part in data["sets"]] == [
        "As printed: all readings",
        "Plus equal arms: preferred reading",
        "Plus equal arms: cautious reading",
    ]
    labels = [[data["effects"][i]["label"] for i in part["members"]] for part in data["sets"]]
    assert labels == [["Ash 2001", case.NASTY], *[["Ash 2001", case.NASTY, "Cedar 2003"]] * 2]
    assert len(data["effects"]) == 4


def test_numbers_of_an_effect_keep_every_digit(data):
    row = case.rows()["results/analyses/visits_rct/forest.csv"][0]
    assert [data["effects"][0][name] for name in ("yi", "vi", "ci_lb")] == [
        float(row[name]) for name in ("yi", "vi", "ci_lb")
    ]


def test_what_stands_behind_an_effect_is_told(data):
    told = dict(data["effects"][0]["behind"])
    assert told["Result"] == "kept <all> visits (ash2001-01)"
    assert told["What the source prints"] == "20/40 v 12/40"
    assert told["Arms"] == "20/40 v 12/40"
    assert told["Read by"] == "events and people of both arms"
    assert told["Rests on"] == "none"
    assert told["Source"] == "a paper"
    assert dict(data["effects"][1]["behind"])["Rests on"] == "the p-value is two-sided; the source does not say"


def test_rules_are_those_of_the_primary_model_and_the_review(data):
    assert data["sets"][0]["rules"] == {
        "method_tau2": "REML", "ci_method": "knapp_hartung_floored", "prediction_method": "",
        "i2_definition": "from_tau2", "level": 0.95, "minimum_k": 2, "minimum_k_prediction": 3,
        "refuse_above_i2": "none",
    }  # fmt: skip


def test_result_of_the_review_stands_beside(data):
    row = case.rows()["results/analyses/visits_rct/pooled.csv"][0]
    found = data["sets"][0]["review"]
    assert (found["k"], found["people"], found["reason"]) == (2, 200, "")
    assert [found[name] for name in ("estimate", "ci_lb", "tau2")] == [
        float(row[name]) for name in ("estimate", "ci_lb", "tau2")
    ]


def test_an_analysis_with_nothing_to_choose_from_has_no_explorer():
    # One study at every step.
    assert data_of(case.rows(), "relapse_rct") is None


def test_a_model_of_dependent_effects_is_not_recomputed():
    rows = case.rows()
    for row in rows["results/analyses/visits_rct/pooled.csv"]:
        row["structure"] = "three_level"
    (part, *_) = data_of(rows)["sets"]
    assert part["rules"] is None
    assert part["note"].startswith("this model (three-level model, REML, ")
    assert part["note"].endswith(") is not recomputed in the page")


def test_risk_of_bias_is_shown_where_it_is_known(monkeypatch):
    asked = {}
    monkeypatch.setattr(analysis, "explorer", lambda plan, **parts: asked.update({plan["analysis"]: (plan, parts)}))
    data_of(case.rows())
    plan, parts = asked["visits_rct"]

    def effects(ratings):
        made = explorer(plan, **parts | {"risk_of_bias": ratings})
        return {effect["label"]: effect for effect in json.loads(made.data)["effects"]}

    assert {effect["risk"] for effect in effects([]).values()} == {""}
    own = [risk("ash2001", "Some concerns", "moderate"), risk("birch2002", "Low", "low")]
    found = effects([*own, risk("ash2001", "High", "high", domain="D1")])
    assert [found[name]["risk"] for name in ("Ash 2001", case.NASTY, "Cedar 2003")] == ["Some concerns", "Low", ""]
    order = [found[name]["risk_order"] for name in (case.NASTY, "Ash 2001", "Cedar 2003")]
    assert order == sorted(order)


def test_of_two_tools_the_explorer_shows_the_one_declared_first_that_judges_the_whole(monkeypatch):
    asked = {}
    monkeypatch.setattr(analysis, "explorer", lambda plan, **parts: asked.update({plan["analysis"]: (plan, parts)}))
    data_of(case.rows())
    plan, parts = asked["visits_rct"]
    # The order of the rows is that of the tools in the settings; a blank judgement is none.
    rows = [risk("ash2001", "Low", "low"), risk("ash2001", "Serious", "high", tool="robins_i")]
    rows += [risk("birch2002", "", "not_applicable"), risk("birch2002", "Critical", "critical", tool="robins_i")]
    made = explorer(plan, **parts | {"risk_of_bias": rows})
    found = {effect["label"]: effect["risk"] for effect in json.loads(made.data)["effects"]}
    assert (found["Ash 2001"], found[case.NASTY]) == ("Low", "Critical")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "a & b", "\u2028\u2029", "]]>"])
def test_no_text_of_data_ends_its_element(text):
    made = str(json_markup({"name": text}))
    assert not set(made) & set("<>&\u2028\u2029")
    assert json.loads(made) == {"name": text}


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_markup([float("nan")])


@pytest.mark.parametrize("text", ["let a = '</SCRIPT>';", "// <!-- a comment", "let a;\r\n"])
def test_script_that_html_would_read_otherwise_is_refused(text):
    with pytest.raises(ValueError, match="HTML would read otherwise"):
        inline_script([text])


def test_hash_of_the_script_is_that_of_a_known_text():
    # printf '\n(() => {\n"use strict";\nlet a;\n})();\n' | openssl dgst -sha256 -binary | base64
    found = inline_script(["let a;\n"])
    assert found.hash == "sha256-Mwz+5BPWWCL+4E+zu0YvJn3xexb8Q/ot6KJUgzJj+pQ="


@pytest.mark.parametrize("name", report.SCRIPTS)
def test_script_puts_no_text_in_as_markup_and_asks_no_server(name):
    text = report.scripts()[name].replace("http://www.w3.org/2000/svg", "")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch(", "import(", "://"):
        assert word not in text
    lines = text.splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 120
