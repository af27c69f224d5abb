"""What the examination found in the invented review of `report_case`, typed by hand as the pipeline's own tables."""

from __future__ import annotations

from math import log

from repool.files import cell_text
from repool.pooling.bias.table import COLUMNS as MISSING_EVIDENCE_COLUMNS
from repool.pooling.dependence.robust_table import ROBUST_COLUMNS
from repool.pooling.dependence.table import COLUMNS as DEPENDENCE_COLUMNS
from repool.pooling.models.intervals_table import COLUMNS as INTERVAL_COLUMNS
from repool.pooling.moderators.table import SUBGROUP_COLUMNS
from repool.pooling.sensitivity.gosh_table import GOSH_COLUMNS
from repool.pooling.sensitivity.same_result import SAME_RESULT_COLUMNS
from repool.pooling.sensitivity.table import CUMULATIVE_COLUMNS, INFLUENCE_COLUMNS
from repool.pooling.verdict import VERDICT_COLUMNS
from repool.stages.examine import WITHOUT_POOLING_COLUMNS

TOO_FEW = "not run: 2 effect(s), the review asks for at least 11; with fewer, chance and bias look alike"
#: A name that would run if it were not escaped.
NASTY = "<b onclick='x()'>Birch</b> & co"


def filled(columns, **cells):
    return dict.fromkeys(columns, "") | {name: cell_text(value) for name, value in cells.items()}


def ratio(name, value, low, high, *names):
    """Estimate and limits of a ratio as they are stored."""
    return dict(zip((name, *names), map(log, (value, low, high)), strict=True))


def judged(kind, name, **cells):
    place = {"analysis": "visits_rct", "ladder_step": "printed", "reading": "preferred"}
    return filled(VERDICT_COLUMNS, **place, kind=kind, name=name, **cells)


VERDICT = [
    judged("verdict", "verdict", says="pooled_with_warning", words="it rests on 2 effects, fewer than 6; and more"),
    judged("rule", "few_effects", says="yes", found=2, limit=6, words="it rests on 2 effects, fewer than 6"),
    judged("rule", "few_participants", says="yes", found=199.6, limit=444, words="it rests on 199.6 people"),
    judged("rule", "one_study_dominates", says="no", found=52.3, limit=55),
    judged("rule", "heterogeneity", says="no", found=40, limit=66),
    judged("rule", "prediction_across", says="not_known", limit="on", words="there is no prediction interval"),
    judged("rule", "wide_interval", says="no", found=log(2.56), limit="ratio 2; standardised 0.5"),
    judged("rule", "hangs_on_choices", says="yes", found=33.3333, limit=22, words="1 of 3 other choices"),
    judged("rule", "small_study_effects", says="yes", found=0.0471, limit=0.12, words="small ones (line, p = 0.047)"),
    judged("change", "contradicting_studies", found=4, words="4 more studies without any effect would do"),
    judged("change", "left_out", words="design is single_arm_prepost: dill2005"),
]
REFUSED = [
    judged("verdict", "verdict", says="not_pooled", words="1 effect; the review asks for at least 2"),
    judged("change", "more_effects", found=1, words="1 more study would be pooled"),
]


def choice(name, option, effect, side, same, **cells):
    numbers = ratio("estimate", *effect, "ci_lb", "ci_ub") if effect else {}
    plain = {"choice": name, "option": option, "measure": "OR", "k": 2, "level": 0.95, "side": side, "same_side": same}
    return filled(SAME_RESULT_COLUMNS, **plain | numbers | cells)


SAME_RESULT = [
    choice("headline", "reml_kh", (2.0, 1.25, 3.2), "above", "yes"),
    choice("model", "common", (1.9, 1.3, 2.8), "above", "yes"),
    choice("one study left out", f"without {NASTY} (lowest of 2)", (1.2, 0.7, 2.1), "includes_no_effect", "no"),
    choice("other measure", "RR", (1.5, 1.1, 2.0), "above", "yes", measure="RR"),
    choice("model of the counts", "our_mh", (2.2, 1.4, 3.5), "above", "yes"),
    choice("bootstrap", "parametric", None, "", "", note="not run: needs 4 usable effects, there are 2"),
]


def interval(quantity, method, **cells):
    return filled(INTERVAL_COLUMNS, quantity=quantity, method=method, measure="OR", k=2, level=0.95, **cells)


INTERVALS = [
    interval("mean", "wald", **ratio("estimate", 2.0, 1.3, 3.1, "lb", "ub")),
    interval("tau2", "q_profile", estimate=0.25, lb=0.01, ub=1.75),
    interval("i2", "q_profile", estimate=41.26, lb=3.14, ub=87.66),
    interval("h2", "q_profile", estimate=1.7, lb=1.03, ub=8.1),
    interval("prediction", "t_k_minus_1", **ratio("estimate", 2.0, 0.31, 12.9, "lb", "ub")),
    interval("probability_beyond", "t_k_minus_1", threshold=0, tail="above", estimate=0.8766),
    interval("prediction", "normal", note="not run: 2 effects say next to nothing about the spread; 3 are needed"),
]


def study(name, flag):
    return filled(INFLUENCE_COLUMNS, study_id=name, label=name, k=3, hat=0.3, is_influential=flag, measure="OR")


SINGLE = {
    "influence": [study("Ash 2001", "no"), study(NASTY, "yes"), study("Cedar 2003", "no")],
    "cumulative": [filled(CUMULATIVE_COLUMNS, step=1, label="Ash 2001", estimate=0.5)],
    "gosh": [filled(GOSH_COLUMNS, part="all", note="not run: needs 4 usable effects, there are 2")],
}


def tested(name, method, quantity, **cells):
    return filled(MISSING_EVIDENCE_COLUMNS, id=name, method=method, quantity=quantity, k=2, **cells)


MISSING_EVIDENCE = [
    tested("line", "egger", "slope on study size", estimate=-1.234, pval=0.0471, note="I2 misleads; only here"),
    tested(
        "line", "egger", "effect of an infinitely large study", **ratio("estimate", 1.1, 0.6, 2.02, "ci_lb", "ci_ub")
    ),
    tested(
        "mirror", "trim_and_fill", "effect with mirror images", n_hidden=3, pval=0.21,
        note="3 effect(s) added on the left; I2 misleads",
        **ratio("estimate", 1.6, 0.9, 2.84, "ci_lb", "ci_ub"),
    ),
    tested("excess", "excess_significance", "significant studies, observed / expected", estimate=1.17, pval=0.39),
    tested("harbord", "harbord", "", note=TOO_FEW),
]  # fmt: skip


def subgroup(row, name, **cells):
    return filled(SUBGROUP_COLUMNS, moderator="setting", row=row, subgroup=name, level=0.95, **cells)


SUBGROUPS = [
    subgroup("subgroup", "clinic", k=3, n_studies=2, tau2=0.04, **ratio("estimate", 2.5, 1.5, 4.17, "ci_lb", "ci_ub")),
    subgroup("subgroup", "home", k=1, note="not pooled: 1 effects"),
    subgroup("between", "", k=3, statistic=2.345, df1=1, df=5, pval=0.187, note="statistic: F"),
    subgroup("within", "", k=3, q=4.56, q_df=2, q_pval=0.102),
]
SHARED = {"k": 5, "n_clusters": 3, **ratio("estimate", 1.7, 1.1, 2.63, "ci_lb", "ci_ub")}
DEPENDENCE = [
    filled(DEPENDENCE_COLUMNS, model="che", rho=rho, df=2.4, pval=0.039, i2_between_percent=61.2, **SHARED)
    for rho in (0.3, 0.7)
]
ROBUST = [filled(ROBUST_COLUMNS, working_model="correlated", rho=0.3, df=2.4, pval=0.041, is_trusted="no", **SHARED)]


def told(kind, **cells):
    asked = {"question": "Is there any effect?", "not_answered": "How large the effect is."}
    return filled(WITHOUT_POOLING_COLUMNS, kind=kind, stratum="rct", **asked | cells)


def without_pooling(count):
    """Directions and combined p-values of so many results."""
    shares = {"proportion": (count - 1) / count, "ci_lb": 0.234, "ci_ub": 0.987}
    counts = {"n_results": count, "n_favours_arm1": count - 1, "n_favours_arm2": 1, "n_zero": 0, "n_unknown": 0}
    counted = {"n_counted": count, "n_counted_for": count - 1, "pval_two_sided": 0.375}
    ps = {"pval_favours_arm1": 0.0123, "pval_favours_arm2": 0.9876, "pval_two_sided": 0.0246}
    return [
        told("direction", **counts, **counted, **shares),
        told("combined_p", n_results=count, method="fisher", k=count, **ps),
    ]


NOTHING = (
    *("verdict", "same_result", "intervals", "influence", "cumulative", "gosh", "missing_evidence", "subgroups"),
    *("dependence", "robust", "without_pooling"),
)


def examined(analysis):
    """The tables of the examination of one analysis, by name."""
    blank = dict.fromkeys(NOTHING, [])
    if analysis == "relapse_rct":
        return blank | {"verdict": REFUSED, "without_pooling": without_pooling(4)}
    if analysis == "reach_single":
        return blank | {"verdict": REFUSED, "without_pooling": without_pooling(1)}
    return blank | SINGLE | {
        "verdict": VERDICT, "same_result": SAME_RESULT, "intervals": INTERVALS, "missing_evidence": MISSING_EVIDENCE,
        "subgroups": SUBGROUPS, "dependence": DEPENDENCE, "robust": ROBUST, "without_pooling": without_pooling(2),
    }  # fmt: skip
