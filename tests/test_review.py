"""A whole review at the door: what one table says of another, and all faults at once."""

import pytest
from tiny_review import FILES, SETTINGS, read, swap, told

ANALYSES, VOCABULARY = "config/analyses.csv", "config/vocabulary.csv"
STUDIES, VOTES = "data/studies.csv", "data/votes.csv"
ADAMS, BROWN = "data/extraction/adams2001.csv", "data/extraction/brown2002.csv"


def test_review_without_fault_is_read_whole():
    review = read()
    assert review.problems == []
    assert [row["study_id"] for row in review.studies] == ["adams2001", "brown2002"]
    assert sorted(review.extraction) == ["adams2001", "brown2002"]
    (row,) = review.extraction["adams2001"]
    assert (row["events_arm1"], row["n_arm2"], row["time"], row["line"]) == (20.0, 42.0, None, 2)


def test_votes_may_be_missing():
    assert read({VOTES: None}).problems == []


@pytest.mark.parametrize("file", ["config/review.yaml", ANALYSES, VOCABULARY, STUDIES])
def test_file_that_is_missing_is_named(file):
    assert told(read({file: None})) == [("R00", file, None, "")]


def test_every_missing_file_is_named_at_once():
    review = read(dict.fromkeys(FILES))
    assert {(rule, file) for rule, file, _, _ in told(review)} == {
        *(("R00", name) for name in ("config/review.yaml", ANALYSES, VOCABULARY, STUDIES)),
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (VOCABULARY, "drank,abstinence", "drank,abstinense", ("R01", VOCABULARY, 3, "outcome")),
        (VOTES, "abstinent,abstinence", "abstinent,abstinense", ("R01", VOTES, 2, "outcome")),
        (ANALYSES, "primary,abstinence", "primary,abstinense", ("R01", ANALYSES, 2, "outcome")),
        (VOTES, "adams2001", "adams2011", ("R02", VOTES, 2, "study_id")),
        (ADAMS, "a1,abstinent", "a1,abstinnent", ("R04", ADAMS, 2, "outcome")),
        (BROWN, "b1,", "a1,", ("R05", BROWN, 2, "result_id")),
        (ANALYSES, "abstinence_or", "Abstinence OR", ("R06", ANALYSES, 2, "analysis")),
        (ANALYSES, "allow,,", "allow,comon,", ("R07", ANALYSES, 2, "primary_model")),
        (ANALYSES, "allow,,", "allow,,latitude", ("R08", ANALYSES, 2, "moderators")),
        (ANALYSES, ",6,0,12,", ",18,0,12,", ("R09", ANALYSES, 2, "time_target_months")),
        (ANALYSES, "OR,rct", "OR,rtc", ("R10", ANALYSES, 2, "designs")),
        (ANALYSES, "usual_care", "usual care", ("R10", ANALYSES, 2, "comparators")),
    ],
)
def test_name_that_stands_nowhere_is_refused(file, old, new, problem):
    assert told(read(swap(file, old, new))) == [problem]


def test_model_and_choice_of_effects_go_together_though_a_mistyped_choice_is_told_alone():
    table = FILES[ANALYSES].replace("primary_model,", "overlap,primary_model,")
    assert told(read({ANALYSES: table.replace("allow,,", "allow,keep_all,,")})) == [
        ("R21", ANALYSES, 2, "primary_model")
    ]
    assert told(read({ANALYSES: table.replace("allow,,", "allow,keepall,,")})) == [("C02", ANALYSES, 2, "overlap")]


def test_near_name_is_offered():
    (problem,) = read(swap(VOTES, "adams2001", "Adams2011")).problems
    assert problem.to_fix == 'Did you mean "adams2001"?'
    assert (problem.found, problem.row_name) == ("Adams2011", "v1")


def test_extraction_file_of_an_unknown_study_is_refused():
    review = read({ADAMS: None, "data/extraction/adams_2001.csv": FILES[ADAMS]})
    (problem,) = review.problems
    assert (problem.rule, problem.file) == ("R02", "data/extraction/adams_2001.csv")
    assert problem.to_fix == 'Did you mean "adams2001"?'


def test_results_of_an_excluded_study_are_refused():
    changes = swap(STUDIES, "brown2002,Brown 2002,rct,included", "brown2002,Brown 2002,rct,excluded")
    assert told(read(changes)) == [("R03", BROWN, None, "")]


def test_mistyped_class_of_interventions_would_let_in_what_the_plan_keeps_out():
    studies = {
        STUDIES: FILES[STUDIES]
        .replace("label,", "label,intervention_class,")
        .replace(",Brown", ",Brown 2002,bundle")
        .replace("bundle 2002", "bundle")
        .replace(",Adams 2001,", ",Adams 2001,peer,")
    }
    analyses = FILES[ANALYSES].replace("measure,", "measure,interventions_excluded,")
    right = read(studies | {ANALYSES: analyses.replace(",OR,", ",OR,bundle,")})
    wrong = read(studies | {ANALYSES: analyses.replace(",OR,", ",OR,bundel,")})
    assert told(right) == []
    assert told(wrong) == [("R13", ANALYSES, 2, "interventions_excluded")]


def test_study_named_like_a_results_file_is_refused():
    changes = {
        BROWN: None,
        "data/extraction/ledger.csv": FILES[BROWN],
        STUDIES: FILES[STUDIES].replace("brown2002", "ledger"),
    }
    assert told(read(changes)) == [("R14", "data/extraction/ledger.csv", None, "")]


def test_file_that_looks_like_a_table_and_is_not_read_is_refused():
    others = ["clark2003.xlsx", "clark2003.CSV", "clark2003.tsv", "notes.docx", "paper.pdf"]
    review = read(unread=[f"data/extraction/{name}" for name in others])
    files = [file.rpartition("/")[2] for rule, file, _, _ in told(review) if rule == "R11"]
    assert files == ["clark2003.xlsx", "clark2003.CSV", "clark2003.tsv"]
    assert len(review.problems) == 3


def test_review_without_a_result_says_so():
    header = FILES[ADAMS].split("\n")[0] + "\n"
    assert told(read({ADAMS: header, BROWN: header})) == [("R12", "data/extraction/", None, "")]
    assert told(read({ADAMS: None, BROWN: None})) == [("R12", "data/extraction/", None, "")]


def test_study_may_be_called_na():
    changes = {
        STUDIES: FILES[STUDIES].replace("adams2001", "NA"),
        VOTES: FILES[VOTES].replace("adams2001", "NA"),
        ADAMS: None,
        "data/extraction/NA.csv": FILES[ADAMS],
    }
    review = read(changes)
    assert review.problems == []
    assert "NA" in review.extraction


def test_moderator_needs_its_column_though_not_in_every_row():
    settings = {"config/review.yaml": SETTINGS.replace("moderators: {}", "moderators: {latitude: number}")}
    assert told(read(settings)) == [("T02", STUDIES, 1, "latitude")]
    header, adams, brown, _ = FILES[STUDIES].split("\n")
    table = f"{header},latitude\n{adams},44.5\n{brown},\n"
    review = read(settings | {STUDIES: table})
    assert review.problems == []
    assert [row["latitude"] for row in review.studies] == [44.5, None]


def test_name_that_stands_twice_in_a_table_is_refused():
    twice = FILES[STUDIES] + "adams2001,adams2001,Adams again,rct,included\n"
    assert told(read({STUDIES: twice})) == [("C12", STUDIES, 4, "study_id")]


def test_study_table_that_cannot_be_read_does_not_make_every_study_unknown():
    assert [rule for rule, *_ in told(read({STUDIES: ""}))] == ["T03"]


def test_faulty_settings_do_not_hide_faults_of_tables():
    changes = {
        "config/review.yaml": SETTINGS.replace("  level: 0.95", "  levels: 0.95"),
        **swap(ADAMS, "20,15", "50,15"),
        **swap(VOTES, ",abstinence,", ",abstinense,"),
    }
    assert sorted(rule for rule, *_ in told(read(changes))) == ["C13", "R01", "S02", "S03"]


def test_unreadable_settings_leave_out_only_what_depends_on_them():
    header, *rows = FILES[STUDIES].split("\n")
    with_latitude = "\n".join([f"{header},latitude", *(row + ",44" for row in rows if row), ""])
    changes = {
        "config/review.yaml": "title: [\n",
        STUDIES: with_latitude,
        **swap(ADAMS, "20,15", "50,15"),
    }
    assert sorted(rule for rule, *_ in told(read(changes))) == ["C13", "S01"]


def test_all_faults_are_told_at_once():
    """Seven faults in five files, each found once and no other."""
    changes = {
        "config/review.yaml": SETTINGS.replace("  font_size: 8", "  font_sice: 8"),
        **swap(ANALYSES, "OR,rct", "OR,rtc"),
        **swap(VOCABULARY, "drank,abstinence,no", "drank,abstinence,maybe"),
        ADAMS: FILES[ADAMS].replace("40,42,20,15", '"1,306",42,5 (10%),15'),
        **swap(BROWN, "30,30,12,9", "30,30,31,9"),
    }
    review = read(changes)
    assert sorted(told(review), key=str) == sorted(
        [
            ("S02", "config/review.yaml", 115, "figures.font_sice"),
            ("S03", "config/review.yaml", 107, "figures.font_size"),
            ("R10", ANALYSES, 2, "designs"),
            ("C02", VOCABULARY, 3, "higher_is_better"),
            ("C08", ADAMS, 2, "n_arm1"),
            ("C09", ADAMS, 2, "events_arm1"),
            ("C13", BROWN, 2, "events_arm1"),
        ],
        key=str,
    )


def test_warnings_alone_do_not_count_as_errors():
    row = "a1,abstinent,self_report,service,none,usual_care,40,42,20,15,invented,table 1"
    header = FILES[ADAMS].split("\n")[0]
    table = f"{header},percent_arm1\n{row},51.4\n"
    review = read({ADAMS: table})
    assert [(p.rule, p.severity) for p in review.problems] == [("C19", "warning")]
