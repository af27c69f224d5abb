"""Names of the tables in the words of the report."""

from __future__ import annotations

from collections.abc import Mapping

from repool.effects.measure_words import MEASURE_WORDS
from repool.figures.words import plain_text

#: Measure -> its name; the log odds of a proportion are shown as the proportion itself.
MEASURES = {name: measure.title for name, measure in MEASURE_WORDS.items()} | {"PLO": "proportion"}
#: The article of a measure's short name, as it is spoken letter by letter; the others are read as words.
ARTICLES = {"ROM": "a", "PETO": "a", "PHI": "a", "COR": "a", "ZCOR": "a", "UCOR": "a", "VR": "a", "CVR": "a", "PR": "a"}
DESIGNS = {
    "rct": "randomised",
    "quasi_experimental": "quasi-experimental",
    "cohort_comparative": "comparative cohort",
    "single_arm_prepost": "single arm",
    "qualitative": "qualitative",
    "review": "review",
}
DESIGN_CLASSES = {
    "randomised": "Randomised",
    "non_randomised": "Non-randomised comparison",
    "single_arm": "Single arm",
    "other": "Other",
}
COMPARATORS = {
    "minimal_no_peer": "minimal care without a peer",
    "active_professional": "a professional",
    "non_exposed": "people who did not get it",
    "pre": "the same people before",
    "none": "no comparison",
}
STATUSES = {
    "included": "included",
    "included_no_result_reached": "included, but no result could be read",
    "adjacent": "adjacent: another question",
    "excluded": "excluded",
    "awaiting": "awaiting a decision",
}
READABLE = {"numeric": "numbers", "direction_only": "a direction only", "none": "nothing"}
ROLES = {
    "primary": "Primary analyses: they answer the question",
    "stratum": "Strata: other designs, comparators and questions, kept apart",
    "sensitivity": "Sensitivity analyses: another choice, shown beside the first",
}
FATES = {
    "used": "Used in at least one analysis",
    "not_used": "Turned into an effect, but used in no analysis",
    "no_effect": "Kept, but no effect can be computed",
    "dropped": "Dropped",
}
ESTIMATORS = {
    "REML": "restricted maximum likelihood (REML)",
    "ML": "maximum likelihood (ML)",
    "DL": "DerSimonian-Laird (DL)",
    "HE": "Hedges (HE)",
    "HS": "Hunter-Schmidt (HS)",
    "HSk": "Hunter-Schmidt with small-sample correction (HSk)",
    "SJ": "Sidik-Jonkman (SJ)",
    "EB": "empirical Bayes (EB)",
    "PM": "Paule-Mandel (PM)",
    "PMM": "Paule-Mandel, median-unbiased (PMM)",
    "none": "common effect (no between-study variance)",
}
#: Reading -> the end of what is left open that it takes.
CASES = {"best_case": "best", "worst_case": "worst"}
READINGS = {
    "preferred": "preferred reading",
    "cautious": "cautious reading",
    "best_case": "best case",
    "worst_case": "worst case",
}
#: Figures beside the forest plot, and figures of the whole review.
FIGURES = {
    "prisma": "How studies were found (PRISMA 2020)",
    "risk_of_bias": "Risk of bias of each study",
    "risk_of_bias_summary": "Risk of bias in all studies",
    "same_result": "The same result under other choices",
    "specification": "Specification curve",
    "ladder": "The steps of the assumption ladder",
    "leave_one_out": "One study left out at a time",
    "cumulative": "Studies added one by one",
    "subgroups": "Subgroups",
    "orchard": "Orchard plot",
    "funnel": "Funnel plot",
    "radial": "Radial plot",
    "baujat": "Baujat plot",
    "influence": "Influence of single studies",
    "gosh": "All subsets of studies",
    "labbe": "L'Abb\u00e9 plot",
    "drapery": "Drapery plot",
    "bubble": "Bubble plot of the meta-regression",
    "effect_direction": "Direction of each study",
    "harvest": "Harvest plot",
    "albatross": "Albatross plot",
    "forest_revman5": "Forest plot as in RevMan",
    "forest_jama": "Forest plot as in JAMA",
    "forest_bmj": "Forest plot as in BMJ",
    "forest_subgroup": "Forest plot by subgroup",
}
#: How the reason starts that lists names of columns.
NO_ROUTE = "no route leads to an effect from what is printed"


def words(name: object, table: Mapping[str, str]) -> str:
    """Return the words for a name of the tables, or the name itself without underscores."""
    text = plain_text(name)
    return table.get(text, text.replace("_", " "))


def reasons(text: str) -> str:
    """Return reasons of the tables, joined with semicolons, with their names turned into words."""
    return "; ".join(_reason(part) for part in text.split("; "))


def _reason(text: str) -> str:
    if text.startswith(NO_ROUTE):
        return text.replace("_", " ")
    for start, table in (("design is ", DESIGNS), ("comparator is ", COMPARATORS), ("intervention is ", {})):
        if text.startswith(start):
            return f"{start}{words(text.removeprefix(start), table)}"
    return text


def vote_words(result: str, arms: Mapping[str, str]) -> str:
    """Return the words for the direction of a result, with the arms called as the review does."""
    return {
        "favours_peer": f"Favours {arms['arm1']}",
        "trend_favours_peer": f"Trend towards {arms['arm1']}",
        "no_difference": "No difference",
        "non_inferior": "Not inferior",
        "favours_control": f"Favours {arms['arm2']}",
        "differs": "Differs, direction unclear",
        "improved_prepost": "Better than before",
        "no_change_prepost": "No change from before",
    }.get(result, words(result, {}))
