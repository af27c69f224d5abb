"""Judgements on the risk of bias: typed in the layout of robvis, refused or carried to each analysis.

The tool of the tiny review has three domains and the words of RoB 2 (Sterne et al. 2019, BMJ 366:l4898, where the
judgement on the whole is at least as bad as that on any domain).
"""

import pandas as pd
import pytest
from tiny_review import FILES, SETTINGS, read, told

from repool.extraction.analysis_plan import risk_of_bias_of
from repool.extraction.risk_of_bias import COLUMNS, overall_levels, ratings
from repool.stages.convert import effect_tables, harmonised_numbers
from repool.stages.harmonise import harmonised_tables

FILE, REVIEW, ANALYSES = "data/risk_of_bias.csv", "config/review.yaml", "config/analyses.csv"
HEADER = "Study,D1,D2,D3,Overall,Tool,Comment\n"
BOTH = "adams2001,Low,High,Low,High,rob2,lost a third\nBrown 2002,low,NA,some  CONCERNS,Some concerns,,\n"
#: A second tool, whose whole may be better than its worst domain.
QUADAS = """\
    quadas2:
      title: QUADAS-2
      domains: [Patient selection, Index test]
      judgements: {Low: low, High: high}
      overall: free
"""


def read_with(rows, *, tools="", header=HEADER, **files):
    return read({FILE: header + rows, REVIEW: SETTINGS + tools, **files})


def rated(review):
    tools = review.settings["risk_of_bias"]["tools"]
    return ratings(review.risk_of_bias, studies=review.studies, tools=tools)


def test_table_may_be_missing_or_hold_its_header_alone():
    assert read().problems == read_with("").problems == []
    assert rated(read_with("")) == []


def test_study_is_named_by_its_id_or_its_label_and_words_are_spelt_as_the_settings_spell_them():
    review = read_with(BOTH)
    assert review.problems == []
    short = [tuple(row[name] for name in ("study_id", "domain", "judgement", "risk_level")) for row in rated(review)]
    assert short == [
        ("adams2001", "D1", "Low", "low"),
        ("adams2001", "D2", "High", "high"),
        ("adams2001", "D3", "Low", "low"),
        ("adams2001", "Overall", "High", "high"),
        ("brown2002", "D1", "Low", "low"),
        ("brown2002", "D2", "", "not_applicable"),
        ("brown2002", "D3", "Some concerns", "moderate"),
        ("brown2002", "Overall", "Some concerns", "moderate"),
    ]
    first = rated(review)[1]
    assert (first["label"], first["tool"], first["domain_order"]) == ("Adams 2001", "rob2", 2)
    assert (first["domain_title"], first["comment"], first["weight"]) == ("Deviations", "lost a third", None)
    assert set(first) == set(COLUMNS)


def test_order_of_rows_does_not_matter():
    assert rated(read_with("".join(reversed(BOTH.splitlines(keepends=True))))) == rated(read_with(BOTH))


@pytest.mark.parametrize(
    ("row", "rule", "column", "to_fix"),
    [
        ("adams2001,Lwo,Low,Low,Low,rob2,\n", "B01", "D1", 'Did you mean "Low"?'),
        ("adams2001,Low,Low,Low,Serious,rob2,\n", "B01", "Overall", "Use one of: High, Low, No information, Some"),
        ("adams2001,Low,Low,Low,Low,rob3,\n", "B02", "Tool", 'Did you mean "rob2"?'),
        ("adams2001,Low,Low,Low,Low,,\nAdams 2001,Low,Low,Low,Low,RoB 2,\n", "B03", "Study", "Keep one row"),
        ("adms2001,Low,Low,Low,Low,rob2,\nadams2001,Low,Low,Low,Low,,\n", "R02", "Study", 'Did you mean "adams2001"?'),
    ],
)
def test_fault_is_told_with_its_place_and_what_to_do(row, rule, column, to_fix):
    review = read_with(f"{row}brown2002,Low,Low,Low,Low,,\n")
    (problem,) = review.problems
    assert (problem.severity, problem.rule, problem.file, problem.column) == ("error", rule, FILE, column)
    assert problem.to_fix.startswith(to_fix)
    assert problem.line in (2, 3)


def test_domain_that_the_tool_does_not_have_is_refused():
    header = HEADER.replace("D3,", "D3,D4,")
    row = "adams2001,Low,Low,Low,High,Low,rob2,\nbrown2002,Low,Low,Low,NA,Low,rob2,\n"
    assert told(read_with(row, header=header)) == [("B06", FILE, 2, "D4")]


def test_tool_must_be_said_where_there_are_several():
    row = "adams2001,Low,Low,,Low,,\nbrown2002,Low,Low,,Low,QUADAS-2,\n"
    assert told(read_with(row, tools=QUADAS)) == [("B02", FILE, 2, "Tool")]


def test_label_that_two_studies_have_names_neither():
    studies = FILES["data/studies.csv"].replace("Brown 2002", "Adams 2001")
    row = "Adams 2001,Low,Low,Low,Low,,\nadams2001,Low,Low,Low,Low,,\nbrown2002,Low,Low,Low,Low,,\n"
    (problem,) = read_with(row, **{"data/studies.csv": studies}).problems
    assert (problem.rule, problem.line, problem.to_fix) == ("B05", 2, "Type the study_id: adams2001 or brown2002.")


def test_whole_that_is_better_than_the_worst_domain_is_a_doubt_unless_the_tool_allows_it():
    better = "adams2001,Low,High,Low,Some concerns,rob2,\nbrown2002,Low,No information,Low,Low,rob2,\n"
    (problem,) = read_with(better).problems
    assert (problem.severity, problem.rule, problem.line, problem.column) == ("warning", "B04", 2, "Overall")
    assert "better than the one on D2 (High)" in problem.problem
    free = "adams2001,Low,High,,Low,quadas2,\nbrown2002,Low,Low,,High,quadas2,\n"
    assert read_with(free, tools=QUADAS).problems == []


def test_included_study_that_nobody_judged_is_a_doubt_once_any_is_judged():
    (problem,) = read_with("adams2001,Low,Low,Low,Low,,\n").problems
    assert (problem.severity, problem.rule, problem.row_name) == ("warning", "B08", "brown2002")


def test_two_tools_may_judge_one_study_and_the_first_declared_gives_its_level():
    rows = "adams2001,High,High,,High,quadas2,\nadams2001,Low,Low,Low,Low,rob2,\nbrown2002,High,Low,,High,quadas2,\n"
    review = read_with(rows, tools=QUADAS)
    assert review.problems == []
    assert overall_levels(rated(review)) == {"adams2001": "low", "brown2002": "high"}


SUBSET = "subsets:\n    - {title: low risk only, column: risk_of_bias, keep: [low]}"


def test_plan_may_name_the_risk_of_bias_without_declaring_it():
    settings = SETTINGS.replace("subsets: []", SUBSET)
    assert settings != SETTINGS
    analyses = FILES[ANALYSES].replace("allow,,,", "allow,,risk_of_bias,")
    assert read_with(BOTH, **{REVIEW: settings, ANALYSES: analyses}).problems == []


def test_plan_that_names_the_risk_of_bias_needs_judgements():
    settings = SETTINGS.replace("subsets: []", SUBSET)
    analyses = FILES[ANALYSES].replace("allow,,,", "allow,,risk_of_bias,")
    found = told(read({REVIEW: settings, ANALYSES: analyses}))
    assert found == [
        ("B07", REVIEW, None, "examine.sensitivity.subsets.0.column"),
        ("B07", ANALYSES, 2, "moderators"),
    ]


def test_risk_of_bias_is_no_column_of_the_studies():
    declared = SETTINGS.replace("moderators: {}", "moderators: {risk_of_bias: text}")
    assert [rule for rule, _, _, column in told(read({REVIEW: declared})) if column == "moderators.risk_of_bias"] == [
        "S06"
    ]


def test_numbers_of_domains_beyond_ten_are_unknown_columns():
    assert ("T05", FILE, 1, "D11") in told(read_with("", header="Study,D1,D11\n"))


class Settings:
    """What the second stage takes from the plan."""

    def __init__(self, review):
        for name in ("conversion", "ladder", "readings", "selection"):
            setattr(self, name, review.settings[name])
        self.analyses = {row["analysis"]: row for row in review.analyses}
        self.carried, self.other_measures = ["risk_of_bias"], {}


def converted(review):
    """Return file -> frame of what the first two stages write."""
    from repool.schemas import schema

    first = harmonised_tables(review, schema("extraction"), inputs=[])
    frames = {name: frame_of(text) for name, text in first.items()}
    numbers = harmonised_numbers(schema("extraction"))
    harmonised = {
        name.rpartition("/")[2].removesuffix(".csv"): frame.apply(
            lambda column: pd.to_numeric(column.replace("", None)) if column.name in numbers else column
        )
        for name, frame in frames.items()
        if name.startswith("results/harmonised/") and not name.endswith("ledger.csv")
    }
    harmonised = {
        name: frame.astype({column: float for column in numbers if column in frame})
        for name, frame in harmonised.items()
    }
    judged = frames["results/checks/risk_of_bias.csv"].to_dict("records")
    studies = frames["results/checks/studies.csv"]
    second = effect_tables(harmonised, studies, ratings=judged, settings=Settings(review))
    return frames | {name: frame_of(text) for name, text in second.items()}


def frame_of(text):
    import io

    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def test_judgements_reach_the_analyses_of_their_studies_alone():
    rows = BOTH.replace("adams2001,Low,High,Low,High,rob2,lost a third\n", "")
    review = read_with(rows, **{"data/extraction/adams2001.csv": FILES["data/extraction/adams2001.csv"]})
    tables = converted(review)
    own = tables["results/analyses/abstinence_or/risk_of_bias.csv"]
    assert list(own.columns) == list(COLUMNS)
    assert own["study_id"].unique().tolist() == ["brown2002"]
    effects = tables["results/analyses/abstinence_or/effects.csv"]
    # Adams 2001 was not judged, so its cell is blank.
    assert dict(zip(effects["study_id"], effects["risk_of_bias"], strict=True)) == {
        "adams2001": "",
        "brown2002": "moderate",
    }


def test_without_judgements_the_tables_keep_their_header_alone():
    tables = converted(read())
    for name in ("results/checks/risk_of_bias.csv", "results/analyses/abstinence_or/risk_of_bias.csv"):
        assert (list(tables[name].columns), len(tables[name])) == (list(COLUMNS), 0)


def test_examination_is_told_the_words_of_studies_of_its_outcome_alone():
    review = read_with(BOTH)
    (row,) = review.analyses
    assert risk_of_bias_of(review, row) == {"adams2001": "High", "brown2002": "Some concerns"}
    assert risk_of_bias_of(review, row | {"outcome": "days_of_use"}) == {}
