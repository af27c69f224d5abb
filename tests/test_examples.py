"""The tutorial in examples/bcg: the trials run from cells to report and give metafor's numbers.

Expected numbers: R 4.2.2, metafor 3.8-1, escalc(measure = "RR") and rma(method = "REML" or "DL" or "EE",
test = "knha" or "z") with tight control, on the counts of Colditz et al. 1994; confint() for tau2.
"""

import subprocess

import pytest
from example_runs import EXAMPLES, has_metafor, rounded_like, rows_of, run_example, told_numbers

from repool import door

BCG = EXAMPLES / "bcg"

#: Iterative estimators stop near the top of a likelihood: six digits are sure, as for reproduction.
ITERATIVE = 1e-6
#: Closed forms: the same arithmetic in two programs.
CLOSED = 1e-10


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the results of a run of the BCG review in a folder of its own."""
    return run_example("bcg", tmp_path_factory.mktemp("bcg"))


def test_review_passes_the_door_with_one_doubt_that_is_explained():
    review = door.open_review(BCG)
    # Colditz 1994 included 26 studies; the thirteen trials of its table are here.
    assert [(problem.rule, problem.found, problem.status) for problem in review.problems] == [
        ("P04", "26", "acknowledged")
    ]
    assert len(review.extraction) == 13


def test_counts_add_up_to_the_published_total():
    people = sum(row["n_arm1"] + row["n_arm2"] for rows in door.open_review(BCG).extraction.values() for row in rows)
    # Sum of the four cells of the thirteen tables.
    assert people == 357347


@pytest.mark.slow
def test_first_effect_is_the_log_risk_ratio(results):
    (effect,) = [
        row
        for row in rows_of(results / "effects/aronson1948.csv")
        if row["measure"] == "RR" and row["route"] == "counts"
    ]
    # log((4/123) / (11/139)) and 1/4 - 1/123 + 1/11 - 1/139; escalc prints -0.8893 and 0.3256.
    assert float(effect["yi"]) == pytest.approx(-0.889311333920205, rel=CLOSED)
    assert float(effect["vi"]) == pytest.approx(0.325584765003961, rel=CLOSED)


METAFOR = {
    "reml_knapp_hartung": {
        "estimate": (-0.714532342158139, ITERATIVE),
        "se": (0.180791744092848, ITERATIVE),
        "ci_lb": (-1.10844371368555, ITERATIVE),
        "ci_ub": (-0.320620970630728, ITERATIVE),
        "pval": (0.00192001509605729, ITERATIVE),
        "tau2": (0.313243258136481, ITERATIVE),
        "tau2_lb": (0.119718361141261, ITERATIVE),
        "tau2_ub": (1.11147908406093, ITERATIVE),
        "i2_percent": (92.221384521269, ITERATIVE),
        "h2": (12.8557582353092, ITERATIVE),
        "pi_lb": (-1.9960168341962, ITERATIVE),
        "pi_ub": (0.566952149879924, ITERATIVE),
        "q": (152.233008082373, CLOSED),
    },
    "reml_wald": {
        "se": (0.179781516105206, ITERATIVE),
        "ci_lb": (-1.06689763881035, ITERATIVE),
        "ci_ub": (-0.362167045505929, ITERATIVE),
    },
    "dl_wald": {
        "estimate": (-0.714117222073227, CLOSED),
        "tau2": (0.308760262862376, CLOSED),
        "ci_lb": (-1.06444528008405, CLOSED),
        "ci_ub": (-0.363789164062403, CLOSED),
        "i2_percent": (92.1173468545621, CLOSED),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("model", METAFOR)
def test_pooled_risk_ratio_is_metafors(results, model):
    (row,) = [r for r in rows_of(results / "analyses/bcg_rr/pooled.csv") if r["model"] == model]
    assert (row["verdict"], row["k"], row["n_participants"]) == ("pooled", "13", "357347")
    for name, (expected, tolerance) in METAFOR[model].items():
        assert float(row[name]) == pytest.approx(expected, rel=tolerance), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("term", "name", "expected"),
    [
        ("intercept", "estimate", 0.251468210007359),
        ("latitude", "estimate", -0.0291017250116495),
        ("latitude", "se", 0.00820141741103697),
        ("latitude", "ci_lb", -0.0471529230250591),
        ("latitude", "ci_ub", -0.0110505269982399),
        ("latitude", "pval", 0.00456505154154145),
        ("latitude", "tau2", 0.0763479639552227),
        ("latitude", "qe", 30.7330900107493),
        ("latitude", "r2_percent", 75.6266218116153),
    ],
)
def test_regression_on_latitude_is_metafors(results, term, name, expected):
    table = rows_of(results / "analyses/bcg_latitude/regression.csv")
    (row,) = [r for r in table if (r["model"], r["term"]) == ("reml_knapp_hartung", term)]
    assert float(row[name]) == pytest.approx(expected, rel=ITERATIVE)


@pytest.mark.slow
def test_numbers_of_the_tutorial_are_those_of_the_run(results):
    """Every number in the tutorial's table is a rounded cell of the row that it names."""
    pooled = rows_of(results / "analyses/bcg_rr/pooled.csv")[0]
    slope = rows_of(results / "analyses/bcg_latitude/regression.csv")[1]
    assert (pooled["model"], slope["term"]) == ("reml_knapp_hartung", "latitude")
    told = told_numbers("bcg")
    cells = [
        (pooled, ["estimate"]),
        (pooled, ["ci_lb", "ci_ub"]),
        (pooled, ["estimate_exp", "ci_lb_exp", "ci_ub_exp"]),
        (pooled, ["tau2", "tau2_lb", "tau2_ub"]),
        (pooled, ["i2_percent"]),
        (pooled, ["pi_lb", "pi_ub"]),
        (slope, ["estimate", "ci_lb", "ci_ub"]),
        (slope, ["tau2"]),
    ]
    assert len(told) == len(cells)
    for words, (row, names) in zip(told, cells, strict=True):
        assert words == rounded_like(words, row, names), names


@pytest.mark.slow
def test_report_and_figures_are_written(results):
    assert "BCG vaccine against tuberculosis" in (results / "report.html").read_text("utf-8")
    for analysis in ("bcg_rr", "bcg_latitude"):
        found = {path.suffix for path in (results / "analyses" / analysis).glob("forest.*")}
        assert found == {".csv", ".svg", ".pdf", ".png"}


@pytest.mark.slow
@pytest.mark.skipif(not has_metafor(), reason="R with metafor is not installed, and not needed")
@pytest.mark.parametrize("analysis", ["bcg_rr", "bcg_latitude"])
def test_script_for_r_agrees_where_r_is(results, analysis):
    folder = results / "analyses" / analysis
    run = subprocess.run(["Rscript", "reproduce.R"], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
