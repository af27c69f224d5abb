"""The review in examples/magnesium: small trials against a large one, with metafor's numbers.

Expected numbers: R 4.2.2, metafor 3.8-1, on the sixteen trials of Egger et al. 2001, table 18.2 (dat.egger2001 of
metadat 1.2-0): escalc(measure = "OR", add = 1/2, to = "only0") and the call beside each number, with
control = list(threshold = 1e-12) where rma() iterates.
"""

import pytest
from example_runs import EXAMPLES, rounded_like, row_of, rows_of, run_example, told_numbers

from repool import door

#: Iterative estimators stop near the top of a likelihood: six digits are sure, as for reproduction.
ITERATIVE = 1e-6
#: Closed forms: the same arithmetic in two programs.
CLOSED = 1e-10

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of the analysis after a run of the review in a folder of its own."""
    return run_example("magnesium", tmp_path_factory.mktemp("magnesium")) / "analyses" / "magnesium_or"


def test_trials_add_up_to_the_copied_table():
    review = door.open_review(EXAMPLES / "magnesium")
    rows = [row for rows in review.extraction.values() for row in rows]
    assert review.problems == []
    # colSums(dat.egger2001[c("ai", "n1i", "ci", "n2i")]); ISIS-4 alone has 58 050 people.
    names = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
    assert [sum(row[name] for row in rows) for name in names] == [2353, 31301, 2343, 31306]


POOLED = {
    # rma(yi, vi, method = "REML", test = "adhoc"): Knapp and Hartung's variance, never below the plain one.
    ("reml_knapp_hartung", ITERATIVE): {
        **{"estimate": -0.76658987988095, "se": 0.211801120233957, "ci_lb": -1.21803328135267},
        **{"ci_ub": -0.31514647840923, "pval": 0.0025233387327269, "tau2": 0.292637832225441},
        **{"tau2_lb": 0.0309299009538087, "tau2_ub": 0.875790820444711, "i2_percent": 73.6401919103746},
        **{"h2": 3.79365432631346},
    },
    # rma(yi, vi, method = "REML")
    ("reml_wald", ITERATIVE): {"ci_lb": -1.18171244742474, "ci_ub": -0.351467312337156},
    # rma(yi, vi, method = "DL")
    ("dl_wald", CLOSED): {
        **{"estimate": -0.727582913709523, "se": 0.196315723211652, "tau2": 0.2238830562488},
        **{"ci_lb": -1.11235466080329, "ci_ub": -0.342811166615751, "q": 47.0593477569866},
    },
    # rma(yi, vi, method = "EE")
    ("common", CLOSED): {
        **{"estimate": 0.0147544547701817, "se": 0.0305129031382417, "ci_lb": -0.0450497364445313},
        **{"ci_ub": 0.0745586459848946, "i2_percent": 68.1253550783159},
    },
}


@pytest.mark.parametrize(("model", "tolerance"), POOLED)
def test_pooled_odds_ratio_is_metafors(folder, model, tolerance):
    row = row_of(folder / "pooled.csv", model=model)
    assert (row["k"], row["n_participants"]) == ("16", "62607")
    for name, expected in POOLED[model, tolerance].items():
        assert float(row[name]) == pytest.approx(expected, rel=tolerance), name


EVIDENCE = {
    # regtest(rma(yi, vi), model = "lm", predictor = "sei"); the limit is what ?regtest calls the limit estimate.
    ("egger", "slope on study size", CLOSED): {"statistic": -5.78462135512127, "pval": 4.72866354338115e-05},
    ("egger", "effect of an infinitely large study", CLOSED): {
        **{"estimate": 0.0996171438181353, "ci_lb": 0.0272528481773815, "ci_ub": 0.171981439458889},
    },
    # The same regression: PET keeps it, because no effect in favour of magnesium is left in it.
    ("pet_peese", "effect of an infinitely large study", CLOSED): {
        **{"estimate": 0.0996171438181353, "ci_lb": 0.0272528481773815, "ci_ub": 0.171981439458889},
    },
    # ranktest(yi, vi, exact = TRUE)
    ("begg", "rank correlation", CLOSED): {"estimate": 0.15, "pval": 0.450284886272046},
    # trimfill(estimator = "L0") fills 7 on the right; it carries the rounding of rma()'s usual threshold in the mirror
    # images, so here they are made by hand: the mean of the other 9 doubled, minus each of the 7, then rma().
    ("trim_and_fill", "effect with mirror images", ITERATIVE): {
        **{"estimate": -0.391533369765639, "se": 0.215388320776568, "ci_lb": -0.813686721178273},
        **{"ci_ub": 0.0306199816469955, "tau2": 0.482905392822939, "k_filled": 23},
    },
    # lm(Z / V ~ I(1 / sqrt(V)), weights = V), with the score Z and its variance V of each table (Harbord 2006).
    ("harbord", "slope on study size", CLOSED): {"estimate": -1.75253803037208, "pval": 5.53550758322251e-05},
    # lm(yi ~ I(1 / n), weights = 1 / (1 / events + 1 / (n - events))), both arms together (Peters 2006).
    ("peters", "slope on study size", CLOSED): {"estimate": -115.305732237351, "pval": 0.00139391624030908},
}


@pytest.mark.parametrize(("method", "quantity", "tolerance"), EVIDENCE)
def test_missing_evidence_is_what_r_finds(folder, method, quantity, tolerance):
    row = row_of(folder / "missing_evidence.csv", id=method, quantity=quantity)
    for name, expected in EVIDENCE[method, quantity, tolerance].items():
        assert float(row[name]) == pytest.approx(expected, rel=tolerance), name


def test_selection_model_finds_the_higher_of_two_peaks(folder):
    """Each peak is metafor's, the lower from its own starting values and the higher from others.

    selmodel(rma(yi, vi, method = "ML"), type = "stepfun", steps = .025, alternative = "less") stops at -0.3828, where
    the log-likelihood is -18.8440; with control = list(beta.init = .0377, tau2.init = 1e-8, delta.init = c(1, .0332),
    optimizer = "optim", optmethod = "BFGS") it stops at 0.0377, where it is -17.3012.
    """
    effect, test = (
        row_of(folder / "missing_evidence.csv", id="three_psm", quantity=quantity)
        for quantity in ("effect corrected for selection", "test of no selection")
    )
    # metafor holds tau2 at 1e-8 there and the pipeline at 0: a thousandth of a standard error, 3e-5, is sure.
    assert float(effect["estimate"]) == pytest.approx(0.0376734298625039, abs=3e-5)
    assert float(effect["se"]) == pytest.approx(0.0275703847059482, abs=3e-5)
    assert float(effect["tau2"]) == pytest.approx(0, abs=1e-8)
    assert float(test["statistic"]) == pytest.approx(4.7667557012573, abs=1e-4)
    assert float(test["pval"]) == pytest.approx(0.0290144524672685, abs=1e-5)
    # -0.382804343779561, and -17.3012 + 18.8440 = 1.5428.
    assert "a second peak at an effect of -0.383 is lower by 1.5 log-likelihood units" in effect["note"]


def test_without_the_large_trial_the_benefit_grows(folder):
    # rma(yi, vi, subset = -16, method = "REML", test = "adhoc")
    row = row_of(folder / "leave_one_out.csv", cohort_id="isis41995")
    expected = {"estimate": -0.874547531299707, "se": 0.207983143768769, "tau2": 0.1910618219616}
    expected |= {"ci_lb": -1.32062700936626, "ci_ub": -0.428468053233157}
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=ITERATIVE)


def test_no_single_trial_carries_the_result(folder):
    # leave1out(rma(yi, vi, method = "REML"))$estimate, in the order of the table.
    expected = {
        **{"morton1984": -0.770736112233419, "rasmussen1986": -0.749098151854247, "smith1986": -0.743998646821434},
        **{"abraham1987": -0.787961976012604, "feldstedt1988": -0.858496852958284, "shechter1989": -0.697936914795458},
        **{
            "ceremuzynski1989": -0.755272791743161,
            "bertschat1989": -0.762281791066779,
            "singh1990": -0.793324734003059,
        },
        **{"pereira1990": -0.712013740231553, "shechter1991": -0.675386538351007, "golf1991": -0.776201146666413},
        **{"thogersen1991": -0.781113063377125, "limit21992": -0.861348925486839, "shechter1995": -0.684980318752014},
        **{"isis41995": -0.874547531299707},
    }
    rows = rows_of(folder / "leave_one_out.csv")
    assert {row["cohort_id"]: float(row["estimate"]) for row in rows} == pytest.approx(expected, rel=ITERATIVE)
    assert all(float(row["ci_ub"]) < 0 for row in rows)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        # rma.mh(ai, n1i = n1i, ci = ci, n2i = n2i, measure = "OR")
        ("mantel_haenszel_or", (0.00608230324633955, 0.0303522434706572, -0.0534070008061395, 0.0655716072988186)),
        # rma.peto(ai, n1i = n1i, ci = ci, n2i = n2i)
        ("peto", (0.00608834576048998, 0.0303671981418131, -0.0534302689088553, 0.0656069604298353)),
    ],
)
def test_models_of_counts_follow_the_large_trial(folder, model, expected):
    row = row_of(folder / "rare_events.csv", method_id=model)
    found = tuple(float(row[name]) for name in ("estimate", "se", "ci_lb", "ci_ub"))
    assert found == pytest.approx(expected, rel=CLOSED)


def test_verdict_warns_of_what_the_mean_hides(folder):
    rows = rows_of(folder / "verdict.csv")
    assert rows[0]["says"] == "pooled_with_warning"
    warns = {row["name"] for row in rows if row["kind"] == "rule" and row["says"] == "yes"}
    assert warns == {"prediction_across", "hangs_on_choices", "small_study_effects"}


def test_numbers_of_the_tutorial_are_those_of_the_run(folder):
    """Every number in the tutorial's table is a rounded cell of the row that it names."""
    evidence, means = folder / "missing_evidence.csv", ["estimate", "ci_lb", "ci_ub"]
    reml, common = (row_of(folder / "pooled.csv", model=model) for model in ("reml_knapp_hartung", "common"))
    cells = [
        (reml, [f"{name}_exp" for name in means]),
        (common, [f"{name}_exp" for name in means]),
        (reml, ["tau2", "tau2_lb", "tau2_ub"]),
        (reml, ["pi_lb", "pi_ub"]),
        (row_of(folder / "leave_one_out.csv", left_out="ISIS-4 1995"), means),
        (row_of(folder / "rare_events.csv", method_id="peto"), means),
        (row_of(evidence, id="trim_and_fill"), means),
        (row_of(evidence, id="pet_peese"), means),
        (row_of(evidence, id="three_psm", quantity="effect corrected for selection"), means),
    ]
    told = told_numbers("magnesium")
    assert len(told) == len(cells)
    for words, (row, names) in zip(told, cells, strict=True):
        assert words == rounded_like(words, row, names), names
