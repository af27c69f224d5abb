"""The review in examples/school_calendar: schools within districts, with the numbers of R's multilevel packages.

Expected numbers: R 4.2.2, metafor 3.8-1, clubSandwich 0.5.8 and robumeta 2.0 on dat.konstantopoulos2011 of metadat
1.2-0, with the call beside each number; rma.mv() with control = list(rel.tol = 1e-12), or 1e-9 where it stops short.
"""

import shutil

import pytest
from example_runs import EXAMPLES, rounded_like, row_of, rows_of, run_example, told_numbers

from repool import door
from repool.problems import ReviewError

SCHOOLS = EXAMPLES / "school_calendar"

#: A likelihood is flat at its top: rma.mv() and the pipeline stop within 1e-7 of a variance of 0.03 to 0.1.
LIKELIHOOD = 1e-5
#: The mean and its errors hardly feel that.
ITERATIVE = 1e-6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the analysis after a run of the review in a folder of its own."""
    return run_example("school_calendar", tmp_path_factory.mktemp("schools")) / "analyses" / "calendar_smd"


def agree(row, expected, tolerance):
    for name, value in expected.items():
        assert float(row[name]) == pytest.approx(value, rel=tolerance), name


def test_schools_are_those_of_the_copied_table():
    review = door.open_review(SCHOOLS)
    rows = [row for rows in review.extraction.values() for row in rows]
    assert {p.rule for p in review.problems if p.status != "acknowledged"} == set()
    # colSums(dat.konstantopoulos2011[c("yi", "vi")]); variances have three decimals, and their root is typed.
    assert (len(review.extraction), len(rows)) == (11, 56)
    assert sum(row["estimate"] for row in rows) == pytest.approx(6.720, abs=1e-12)
    assert sum(row["se"] ** 2 for row in rows) == pytest.approx(1.458, abs=1e-12)


def test_model_that_takes_schools_as_independent_is_refused(tmp_path):
    for part in ("config", "data"):
        shutil.copytree(SCHOOLS / part, tmp_path / part)
    settings = tmp_path / "config" / "review.yaml"
    text = settings.read_text(encoding="utf-8")
    plain = "  models:\n    - {id: plain, method_tau2: REML, ci_method: wald}\n"
    settings.write_text(text.replace("  models:\n", plain, 1), encoding="utf-8")
    assert {p.status for p in door.open_review(tmp_path).problems} == {"acknowledged"}
    analyses = tmp_path / "config" / "analyses.csv"
    text = analyses.read_text(encoding="utf-8")
    analyses.write_text(text.replace("keep_all,three_level", "keep_all,plain"), encoding="utf-8")
    with pytest.raises(ReviewError) as refusal:
        door.open_review(tmp_path)
    (problem,) = [p for p in refusal.value.problems if p.severity == "error"]
    assert (problem.rule, problem.column, problem.found) == ("R21", "primary_model", "plain")
    assert "three_level" in problem.to_fix


@pytest.mark.slow
def test_mean_of_three_levels_is_metafors(folder):
    # rma.mv(yi, vi, random = ~ 1 | district/school, test = "t", dfs = "contain"); predict().
    row = row_of(folder / "pooled.csv", model="three_level", ladder_step="variances_as_printed")
    expected = {"estimate": 0.184713163672882, "se": 0.0845559187420597, "df": 10, "q": 578.864017958223}
    expected |= {"ci_ub": 0.373115491387459, "pval": 0.0538335411820413}
    expected |= {"pi_lb": -0.53710810673068, "pi_ub": 0.906534434076443}
    agree(row, expected, ITERATIVE)
    # A limit near 0 is a difference of two numbers of 0.2.
    assert float(row["ci_lb"]) == pytest.approx(-0.003689164041696, abs=2e-8)
    agree(row, {"tau2": 0.0650619442753117 + 0.0327365170279351, "tau2_within": 0.0327365170279351}, LIKELIHOOD)


@pytest.mark.slow
def test_mean_of_three_levels_is_the_published_one(folder):
    # Konstantopoulos (2011), pages 70 and 71, restricted likelihood, with three places: mean 0.184 (0.1847, so it may
    # be cut and not rounded: a whole last place), standard error 0.085, variances 0.065 and 0.033.
    pooled = row_of(folder / "pooled.csv", model="three_level", ladder_step="variances_as_printed")
    levels = row_of(folder / "dependence.csv", model="three_level")
    assert float(pooled["estimate"]) == pytest.approx(0.184, abs=1e-3)
    assert float(pooled["se"]) == pytest.approx(0.085, abs=5e-4)
    assert float(levels["sigma2_between"]) == pytest.approx(0.065, abs=5e-4)
    assert float(levels["sigma2_within"]) == pytest.approx(0.033, abs=5e-4)


@pytest.mark.slow
def test_cluster_robust_interval_is_club_sandwichs(folder):
    # conf_int(model above, vcov = "CR2", cluster = district); coef_test().
    row = row_of(folder / "pooled.csv", model="three_level_robust", ladder_step="variances_as_printed")
    expected = {"se": 0.0844579954347626, "df": 9.86315623331838}
    agree(row, expected | {"ci_ub": 0.37325181086253, "pval": 0.0539667424706465}, ITERATIVE)
    assert float(row["ci_lb"]) == pytest.approx(-0.00382548351676679, abs=2e-8)


#: rma.mv(yi, vcalc(vi, cluster = district, obs = school, rho = rho), random = ~ 1 | district/school), then
#: conf_int(vcov = "CR2", cluster = district): mean, standard error, df, upper limit, variances, log-likelihood.
CORRELATED = {
    "0": (
        *(0.184713163676749, 0.0844579954361547, 9.86315623351815, 0.373251810868979),
        *(0.0650619443385308, 0.0327365170179054, -7.95872403371094),
    ),
    "0.2": (
        *(0.187782211629657, 0.0851585713798717, 9.7480413043846, 0.37819421787285),
        *(0.0620034393858073, 0.0375357546422721, -8.39276290682691),
    ),
    "0.4": (
        *(0.189825260095619, 0.0858130529562759, 9.62472844689257, 0.382044017605566),
        *(0.0591433200373388, 0.0426090933044915, -8.83346621132351),
    ),
    "0.6": (
        *(0.1910110108958, 0.0863947669813165, 9.49946128141881, 0.384894321783944),
        *(0.0563300863000107, 0.0480738830643383, -9.29260575430265),
    ),
    "0.8": (
        *(0.191384813002493, 0.0868867257833079, 9.37370114548152, 0.386748230316842),
        *(0.0534290211589325, 0.0541759266212954, -9.79609241151531),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("rho", CORRELATED)
def test_mean_with_correlated_errors_is_rs(folder, rho):
    names = ("estimate", "se", "df", "ci_ub", "sigma2_between", "sigma2_within", "log_likelihood")
    expected = dict(zip(names, CORRELATED[rho], strict=True))
    row = row_of(folder / "dependence.csv", rho=rho)
    agree(row, expected, LIKELIHOOD)
    agree(row, {name: expected[name] for name in ("estimate", "se", "df", "ci_ub")}, ITERATIVE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # robu(yi ~ 1, studynum = district, var.eff.size = vi, rho = rho, small = TRUE, modelweights = "CORR")$reg_table
        (
            {"working_model": "correlated", "rho": "0.2"},
            (0.197566459253098, 0.0876039436925073, 9.62712764696285, 0.00134307452530538, 0.0487326939726351),
        ),
        (
            {"working_model": "correlated", "rho": "0.8"},
            (0.197535309924069, 0.0875881715404753, 9.62911055569808, 0.00135296534988885, 0.048723161730805),
        ),
        # The same with modelweights = "HIER".
        (
            {"working_model": "hierarchical"},
            (0.129170205890644, 0.0796397806568409, 7.11897753060788, -0.058511808927955, 0.148132593412446),
        ),
    ],
)
def test_working_models_are_robumetas(folder, cells, expected):
    row = row_of(folder / "robust.csv", **cells)
    found = tuple(float(row[name]) for name in ("estimate", "se", "df", "ci_lb", "pval"))
    # Moments, no search; the lower limit is a difference of numbers a hundred times as large.
    assert found == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("district", "expected"),
    [
        # The three-level model with subset = district != 71, and != 58.
        ("district071", (0.121521120100355, 0.0611517512135277, -0.0168137519249808, 0.25985599212569)),
        ("district058", (0.211645348403006, 0.0880004778547011, 0.012574437094329, 0.410716259711683)),
    ],
)
def test_district_is_left_out_as_a_whole(folder, district, expected):
    row = row_of(folder / "leave_one_out.csv", cohort_id=district)
    found = tuple(float(row[name]) for name in ("estimate", "se", "ci_lb", "ci_ub"))
    # rma.mv() stops at a relative change of 1e-9 of the log-likelihood: variances to 1e-5, errors to half of that.
    assert found == pytest.approx(expected, rel=LIKELIHOOD)


@pytest.mark.slow
def test_nothing_is_pooled_before_the_assumption_is_made(folder):
    rows = rows_of(folder / "pooled.csv")
    first = [row for row in rows if row["ladder_step"] == "as_reported"]
    assert {(row["verdict"], row["k"]) for row in first} == {("not_pooled", "0")}
    assert {row["assumptions"] for row in rows if row not in first} == {"clustering_ignored"}
    warns = {row["name"] for row in rows_of(folder / "verdict.csv") if row["says"] == "yes"}
    assert {"heterogeneity", "hangs_on_one_study", "rests_on_assumptions"} <= warns


@pytest.mark.slow
def test_numbers_of_the_tutorial_are_those_of_the_run(folder):
    """Every number in the tutorial's table is a rounded cell of the row that it names."""
    means, dependence = ["estimate", "ci_lb", "ci_ub"], folder / "dependence.csv"
    step = {"ladder_step": "variances_as_printed"}
    pooled, robust = (row_of(folder / "pooled.csv", model=m, **step) for m in ("three_level", "three_level_robust"))
    cells = [
        (pooled, means),
        (pooled, ["pi_lb", "pi_ub"]),
        (robust, means),
        (row_of(dependence, model="three_level"), ["sigma2_between", "sigma2_within"]),
        (row_of(dependence, rho="0.2"), means),
        (row_of(dependence, rho="0.8"), means),
        (row_of(folder / "robust.csv", working_model="correlated", rho="0.8"), means),
        (row_of(folder / "robust.csv", working_model="hierarchical"), means),
        (row_of(folder / "leave_one_out.csv", cohort_id="district071"), means),
    ]
    told = told_numbers("school_calendar")
    assert len(told) == len(cells)
    for words, (row, names) in zip(told, cells, strict=True):
        assert words == rounded_like(words, row, names), names
