"""The review in examples/caffeine: Cochrane's invented trials with their risk of bias, and metafor's numbers.

Expected numbers: R 4.2.2, metafor 3.8-1, on the counts of data set caffeine of the R package meta 8.4-0 without the
trial of 0 people: escalc(measure = "RR") and the call beside each number.
"""

import pytest
from example_runs import EXAMPLES, rounded_like, row_of, rows_of, run_example, told_numbers

from repool import door

#: Closed forms, DerSimonian-Laird among them: the same arithmetic in two programs.
CLOSED = 1e-10
#: The Q-profile interval is a root: both programs stop near it.
ITERATIVE = 1e-6


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the results of a run of the review in a folder of its own."""
    return run_example("caffeine", tmp_path_factory.mktemp("caffeine"))


@pytest.fixture(scope="module")
def folder(results):
    """Return the folder of the analysis."""
    return results / "analyses" / "headache_rr"


def test_trials_add_up_to_the_published_plot():
    review = door.open_review(EXAMPLES / "caffeine")
    rows = [row for rows in review.extraction.values() for row in rows]
    assert review.problems == []
    # The totals of the plot in Review Manager: 58 of 277 people, and 46 of 290.
    names = ("events_arm1", "n_arm1", "events_arm2", "n_arm2")
    assert [sum(row[name] for row in rows) for name in names] == [58, 277, 46, 290]


#: Signs of the page plots:forest_plot_revman of metafor-project.org, domains A to F of each trial.
SIGNS = {
    "amorecoffea2000": "????-+",
    "deliciozza2004": "+???-+",
    "kahveparadiso2002": "--?+++",
    "mamakaffa1999": "--?--+",
    "morrocona1998": "+??+++",
    "norscafe1998": "??+?--",
    "oohlahlazza1998": "++++++",
    "piazzaallerta2003": "???+++",
}
WORDS = {"Low": "+", "Unclear": "?", "High": "-"}


def test_judgements_are_those_of_the_published_plot():
    rows = rows_of(EXAMPLES / "caffeine/data/risk_of_bias.csv")
    found = {row["Study"]: "".join(WORDS[row[f"D{number}"]] for number in range(1, 7)) for row in rows}
    assert found == SIGNS


def test_judgement_on_the_whole_follows_the_handbook():
    # Cochrane Handbook 5.1, table 8.7.a: high with one high domain, else unclear with one unclear, else low.
    rows = rows_of(EXAMPLES / "caffeine/data/risk_of_bias.csv")
    found = {row["Study"]: WORDS[row["Overall"]] for row in rows}
    assert found == {name: next(sign for sign in "-?+" if sign in signs) for name, signs in SIGNS.items()}


POOLED = {
    # rma(yi, vi, method = "DL")
    "dl_wald": {
        **{"estimate": 0.295412452358944, "se": 0.23728733636694, "ci_lb": -0.1696621809077},
        **{"ci_ub": 0.760487085625588, "pval": 0.213147677697081, "tau2": 0.113282668986591},
        **{"i2_percent": 30.0568500679867, "h2": 1.42973257706012, "q": 8.57839546236074},
        # c(b) + c(-1, 1) * qt(.975, 6) * sqrt(tau2 + se^2)
        **{"pi_lb": -0.712251721970227, "pi_ub": 1.30307662668811},
    },
    # rma(yi, vi, method = "DL", test = "knha")
    "dl_knapp_hartung": {"se": 0.25208119512342, "ci_lb": -0.32140801143934, "ci_ub": 0.912232916157228},
    # rma(yi, vi, method = "EE")
    "common": {"estimate": 0.325196554081445, "ci_lb": -0.0429327863275941, "ci_ub": 0.69332589449049},
}


@pytest.mark.slow
@pytest.mark.parametrize("model", POOLED)
def test_pooled_risk_ratio_is_metafors(folder, model):
    row = row_of(folder / "pooled.csv", model=model)
    assert (row["k"], row["n_participants"]) == ("7", "567")
    found = {name: float(row[name]) for name in POOLED[model]}
    assert found == pytest.approx(POOLED[model], rel=CLOSED)


@pytest.mark.slow
def test_interval_of_tau2_is_metafors(folder):
    row = row_of(folder / "pooled.csv", model="dl_wald")
    # confint(rma(yi, vi, method = "DL"), control = list(tol = 1e-12))
    assert float(row["tau2_lb"]) == 0
    assert float(row["tau2_ub"]) == pytest.approx(3.04966745801, rel=ITERATIVE)


@pytest.mark.slow
def test_trials_not_at_high_risk_are_pooled_by_themselves(folder):
    row = row_of(folder / "same_result.csv", option="without high risk of bias")
    # rma(yi, vi, subset = rob != "high", method = "DL")
    expected = {"estimate": 0.545111636842962, "ci_lb": -0.223408632881976, "ci_ub": 1.3136319065679}
    assert row["k"] == "3"
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=CLOSED)


OTHER_MEASURES = {
    # escalc(measure = "OR") or "RD", then rma(yi, vi, method = "DL")
    "OR": {"estimate": 0.346615004112544, "ci_lb": -0.245750017166756, "ci_ub": 0.938980025391844},
    "RD": {"estimate": 0.0418987262291630, "ci_lb": -0.0464745356646955, "ci_ub": 0.130271988123021},
}


@pytest.mark.slow
@pytest.mark.parametrize("measure", OTHER_MEASURES)
def test_result_in_another_measure_is_metafors(folder, measure):
    row = row_of(folder / "same_result.csv", choice="other measure", option=measure)
    found = {name: float(row[name]) for name in OTHER_MEASURES[measure]}
    assert found == pytest.approx(OTHER_MEASURES[measure], rel=CLOSED)


@pytest.mark.slow
def test_without_one_trial_at_high_risk_the_interval_leaves_no_effect(folder):
    # leave1out(rma(yi, vi, method = "DL")), first of seven
    row = row_of(folder / "leave_one_out.csv", cohort_id="amorecoffea2000")
    expected = {"estimate": 0.454390719203, "ci_lb": 0.073571985331, "ci_ub": 0.835209453075}
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=CLOSED)
    above = [other["cohort_id"] for other in rows_of(folder / "leave_one_out.csv") if float(other["ci_lb"]) > 0]
    assert above == ["amorecoffea2000"]


@pytest.mark.slow
def test_trial_without_a_result_is_judged_and_not_pooled(results, folder):
    judged = {row["study_id"] for row in rows_of(results / "checks/risk_of_bias.csv")}
    assert judged - {row["study_id"] for row in rows_of(folder / "effects.csv")} == {"kahveparadiso2002"}


@pytest.mark.slow
def test_numbers_of_the_tutorial_are_those_of_the_run(folder):
    """Every number in the tutorial's table is a rounded cell of the row that it names."""
    means, ratios = ["estimate", "ci_lb", "ci_ub"], ["estimate_exp", "ci_lb_exp", "ci_ub_exp"]
    models = {row["model"]: row for row in rows_of(folder / "pooled.csv")}
    cells = [
        (models["dl_wald"], ratios),
        (models["dl_knapp_hartung"], ratios),
        (models["common"], ratios),
        (models["dl_wald"], ["tau2", "tau2_lb", "tau2_ub"]),
        (models["dl_wald"], ["pi_lb", "pi_ub"]),
        (row_of(folder / "same_result.csv", option="without high risk of bias"), means),
        (row_of(folder / "leave_one_out.csv", left_out="Amore-Coffea 2000"), means),
        (row_of(folder / "rare_events.csv", method_id="mantel_haenszel_rr"), means),
    ]
    told = told_numbers("caffeine")
    assert len(told) == len(cells)
    for words, (row, names) in zip(told, cells, strict=True):
        assert words == rounded_like(words, row, names), names
