"""The flow of studies: the template of PRISMA2020, its numbers and the sums that figure 1 of the statement implies.

Page et al. 2021, BMJ 372:n71. The complete flow of these tests is made up; every sum in it was done on paper.
"""

import csv
import io

import pytest
from tiny_review import read, told

from repool.extraction.acknowledged import ACKNOWLEDGED
from repool.extraction.prisma import COUNTED, Count, count_in, prisma_counts

FILE = "data/prisma.csv"
#: 100 + 20 - 10 - 4 - 6 = 100; 100 - 60 = 40; 40 - 5 = 35; 8 - 1 = 7; 35 - 33 + 7 - 7 = 2 new reports, the two studies
#: of the tiny review; 3 + 2 = 5.
WHOLE = {
    "previous_reports": 3, "database_results": 100, "database_specific_results": "MEDLINE, 70; Embase, 30",
    "register_results": 20, "website_results": 0, "organisation_results": 1, "citations_results": 8,
    "duplicates": 10, "excluded_automatic": 4, "excluded_other": 6, "records_screened": 100, "records_excluded": 60,
    "dbr_sought_reports": 40, "dbr_notretrieved_reports": 5, "dbr_assessed": 35,
    "dbr_excluded": "Wrong population, 20; No control group, 13", "other_sought_reports": 8,
    "other_notretrieved_reports": 1, "other_assessed": 7, "other_excluded": 7, "new_studies": 2, "new_reports": 2,
    "total_reports": 5,
}  # fmt: skip
ACKNOWLEDGEMENT = "rule,study_id,result_id,column,reason,initials,date\nP03,,records_screened,,printed so,XY,\n"


def table(cells):
    """Return the text of a table with the headings that the template has."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["data", "node", "box", "description", "boxtext", "tooltips", "url", "n"])
    writer.writerow(["NA", "node4", "prevstud", "Previous studies", "Previous studies", "NA", "prevstud.html", "0"])
    for name, n in cells.items():
        writer.writerow([name, "NA", "box1", "words", "words", "NA", "NA", n])
    writer.writerow(["screening", "node2", "screening", "Screening", "Screening", "NA", "screening.html", "0"])
    return buffer.getvalue()


def flow(files=None, /, **changes):
    return read({FILE: table(WHOLE | changes), **(files or {})})


def test_flow_whose_sums_hold_is_accepted_and_headings_are_no_numbers():
    assert flow().problems == []
    counts = prisma_counts(flow().prisma)
    assert list(counts) == list(COUNTED)
    assert counts["dbr_excluded"] == Count(33, (("Wrong population", 20), ("No control group", 13)))
    assert counts["other_excluded"] == Count(7)
    assert counts["website_results"] == Count(0)
    assert counts["previous_studies"] == counts["total_studies"] == Count(None)


@pytest.mark.parametrize("blank", ["", "NA", "NR", "-"])
def test_blank_is_not_recorded_and_never_nought(blank):
    assert count_in("duplicates", blank) == Count(None)
    # 100 + 20 - 4 - 6 = 110 less duplicates that are not recorded: 100 can be.
    assert flow(duplicates=blank).problems == []


def test_sum_with_a_blank_still_gives_a_bound():
    (problem,) = flow(duplicates="", records_screened=111, records_excluded=71).problems
    assert (problem.rule, problem.found, problem.expected) == ("P03", "111", "at most 110")
    (problem,) = flow(previous_reports="", total_reports=1).problems
    assert (problem.rule, problem.found, problem.expected) == ("P03", "1", "at least 2")


@pytest.mark.parametrize(
    ("changes", "row", "expected"),
    [
        ({"duplicates": 11}, "records_screened", "99"),
        ({"records_excluded": 59}, "dbr_sought_reports", "41"),
        ({"dbr_notretrieved_reports": 4}, "dbr_assessed", "36"),
        ({"other_notretrieved_reports": 0}, "other_assessed", "8"),
        ({"dbr_excluded": "Wrong population, 20; No control group, 12"}, "new_reports", "3"),
        ({"previous_reports": 4}, "total_reports", "6"),
        ({"database_specific_results": "MEDLINE, 70; Embase, 31"}, "database_results", "101"),
    ],
)
def test_sum_that_does_not_hold_names_the_rows_and_both_numbers(changes, row, expected):
    review = flow(**changes)
    (problem,) = review.problems
    assert (problem.severity, problem.rule, problem.column, problem.row_name) == ("error", "P03", "n", row)
    assert (problem.found, problem.expected) == (str(prisma_counts(review.prisma)[row].n), expected)
    (changed,) = changes
    assert changed in problem.problem
    assert f"makes {expected}" in problem.problem
    line = next(typed["line"] for typed in review.prisma if typed["data"] == changed)
    assert str(line) in problem.problem.rpartition("(line")[2]


def test_sum_that_a_source_prints_so_can_be_acknowledged_with_a_reason():
    review = flow({ACKNOWLEDGED: ACKNOWLEDGEMENT}, duplicates=11)
    assert [(p.severity, p.rule, p.status, p.reason) for p in review.problems] == [
        ("warning", "P03", "acknowledged", "printed so")
    ]
    # Another sum than the one that is named stays an error.
    other = flow({ACKNOWLEDGED: ACKNOWLEDGEMENT}, records_excluded=59)
    assert {(p.severity, p.rule) for p in other.problems} == {("error", "P03"), ("warning", "R19")}


def test_more_studies_than_reports_cannot_be():
    (problem,) = flow(new_studies=2, new_reports=1, dbr_excluded=34, total_reports=4).problems
    assert (problem.rule, problem.row_name, problem.expected) == ("P03", "new_studies", "at most 1")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("duplicates", "about 10"), ("duplicates", "1,264"), ("duplicates", "-3"), ("duplicates", "2.5"),
        ("duplicates", "Reason1, 10"), ("dbr_excluded", "Reason1, xxx; Reason2, xxx"), ("dbr_excluded", "1,264"),
        ("dbr_excluded", ", 5"), ("duplicates", "²"),
    ],
)  # fmt: skip
def test_what_is_no_count_is_refused(name, cell):
    assert count_in(name, cell) is None
    assert ("P02", FILE, "n") in {(rule, file, column) for rule, file, _, column in told(flow(**{name: cell}))}


def test_reason_without_a_number_leaves_its_total_not_recorded():
    assert count_in("dbr_excluded", "Wrong population; No control group, 3") == Count(
        None, (("Wrong population", None), ("No control group", 3))
    )


def test_comma_within_a_reason_is_kept():
    assert count_in("dbr_excluded", "Children, adolescents, 4").parts == (("Children, adolescents", 4),)


def test_unknown_and_repeated_rows_are_refused():
    (problem,) = flow(record_screened=5).problems
    assert (problem.rule, problem.to_fix) == ("P01", 'Did you mean "records_screened"?')
    twice = table(WHOLE) + "duplicates,NA,box3,words,words,NA,NA,10\n"
    assert ("P01", FILE, "data") in {(rule, file, column) for rule, file, _, column in told(read({FILE: twice}))}


def test_column_of_numbers_must_be_there():
    text = table({"duplicates": 3}).replace(",n\n", ",count\n")
    assert ("T02", FILE, 1, "n") in told(read({FILE: text}))


@pytest.mark.parametrize(
    ("cells", "row"), [({"new_studies": 3}, "new_studies"), ({"new_studies": 2, "total_studies": 5}, "total_studies")]
)
def test_flow_that_ends_with_other_studies_than_the_table_is_a_doubt(cells, row):
    (problem,) = read({FILE: table(cells)}).problems
    assert (problem.severity, problem.rule, problem.row_name) == ("warning", "P04", row)
    assert problem.expected == "2"


def test_studies_of_an_update_are_not_held_to_the_new_ones():
    assert read({FILE: table({"previous_studies": 1, "new_studies": 1})}).problems == []


def test_template_as_it_comes_is_refused_for_its_reasons_alone():
    """The template of PRISMA2020 has 0 everywhere and "Reason1, xxx" under both lists of reasons."""
    cells = dict.fromkeys((name for name in COUNTED if "specific" not in name and not name.endswith("_ma")), 0)
    reasons = "Reason1, xxx; Reason2, xxx; Reason3, xxx"
    found = told(read({FILE: table(cells | {"dbr_excluded": reasons, "other_excluded": reasons})}))
    assert [rule for rule, *_ in found] == ["P02", "P02", "P04"]
