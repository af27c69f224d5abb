"""The figures of a review are drawn from its tables, listed with what they show, or with why they are not."""

import csv
import io

import pytest
import review_figures_case as case

from commands.reproduce import results_in
from repool import door
from repool.figures.review.kinds import TWINS, read_for
from repool.schemas import schema
from repool.stages.review_plots import prisma_of, read_risk_of_bias, review_plot_files

STYLE = case.style() | {"png_dpi": 72}
CSV = b'data,box,n\nNA,prevstud,0\ndatabase_results,box2,120\ndbr_excluded,box9,"Wrong population, 10; Too old, 3"\n'


def files_of(names, judgements, counts=None, formats=("svg",)):
    tools = {"rob2": "RoB 2"}
    return review_plot_files(
        judgements, counts, names=names, formats=formats, title="Invented", tools=tools, style=STYLE
    )


def rows_of(found, name="figures.csv"):
    return list(csv.DictReader(io.StringIO(found[name].decode())))


def test_every_figure_of_the_schema_has_its_table():
    allowed = schema("review")["properties"]["figures"]["properties"]["draw_review"]["items"]["enum"]
    assert allowed == list(TWINS)


def test_a_figure_is_made_from_what_the_review_typed_and_the_first_stage_read():
    assert read_for(["risk_of_bias_summary", "prisma", "risk_of_bias"]) == [
        "data/prisma.csv", "results/checks/risk_of_bias.csv"
    ]  # fmt: skip
    assert read_for([]) == []


def test_figures_are_listed_with_their_tables_and_the_shares_stand_beside():
    names = list(TWINS)
    found = files_of(names, case.judgements(4), prisma_of([CSV]))
    assert set(found) == {f"{name}.svg" for name in names} | {"figures.csv", "risk_of_bias_summary.csv"}
    listed = rows_of(found)
    assert [(row["figure"], row["is_drawn"], row["tables"]) for row in listed] == [
        ("prisma", "yes", "prisma.csv"),
        ("risk_of_bias", "yes", "risk_of_bias.csv"),
        ("risk_of_bias_summary", "yes", "risk_of_bias_summary.csv"),
    ]
    assert all(row["alternative"] for row in listed)
    shares = rows_of(found, "risk_of_bias_summary.csv")
    # Four studies, four levels: a quarter each, in three domains and overall.
    assert [row["share_percent"] for row in shares] == ["25"] * 16


def test_what_is_not_asked_for_is_not_made():
    assert set(files_of(["risk_of_bias"], case.judgements(1), formats=("png", "pdf"))) == {
        "risk_of_bias.png", "risk_of_bias.pdf", "figures.csv"
    }  # fmt: skip


def test_figure_without_a_table_says_why_and_is_no_file():
    found = files_of(list(TWINS), read_risk_of_bias([]), prisma_of([]))
    assert set(found) == {"figures.csv", "risk_of_bias_summary.csv"}
    assert {(row["is_drawn"], bool(row["note"])) for row in rows_of(found)} == {("no", True)}
    assert rows_of(found, "risk_of_bias_summary.csv") == []


def test_numbers_of_the_flow_are_read_from_the_template():
    counts = prisma_of([CSV])
    assert counts["database_results"].n == 120
    assert (counts["dbr_excluded"].n, counts["dbr_excluded"].parts) == (13, (("Wrong population", 10), ("Too old", 3)))
    assert counts["records_screened"].n is None


@pytest.mark.parametrize("name", ["prisma.svg", "risk_of_bias_summary.csv", "prisma.tiff"])
def test_files_beside_the_time_stamp_are_results(tmp_path, name):
    folder = tmp_path / "results" / "figures"
    folder.mkdir(parents=True)
    for file in (name, ".snakemake_timestamp"):
        (folder / file).write_text("", encoding="utf-8")
    assert list(door.result_hashes(tmp_path)) == list(results_in(tmp_path)) == [f"results/figures/{name}"]
