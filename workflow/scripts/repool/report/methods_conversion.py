"""The methods of the report on conversion and choice: every setting in words, with its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repool.report import terms
from repool.report import words as say

Row = Mapping[str, Any]
ZERO_CELLS = {
    "only0": "{add} is added to each of the four cells of a table that holds a zero",
    "all": "{add} is added to each of the four cells of every table",
    "zero_cells_only": "{add} is added to the zero cells alone",
    "treatment_arm": "tables that hold a zero get {add} times two in both arms together, each arm in proportion to its "
    "size (Sweeting 2004)",
    "none": "a table that holds a zero gives no effect",
}
MEDIANS = {
    "luo_wan_shi": "By Luo 2018 (mean), Wan 2014 and Shi 2020 (standard deviation).",
    "quantile_estimation": "By quantile estimation (McGrath 2020).",
    "box_cox": "By Box-Cox transformation (McGrath 2020).",
}
SIDES = {"two": "two-sided", "one": "one-sided"}
READINGS = {
    "preferred": "preferred: the first route, in the order below, that the row supports",
    "cautious": "cautious: among all routes that the step admits, the one with the largest variance",
    "best_case": "best case: as preferred, with what the print leaves open (rounded percents, bounds of p-values, "
    "declared shares and correlations) at that end which is best for the first arm",
    "worst_case": "worst case: as preferred, with what the print leaves open at the other end",
}
SORT_KEYS = {
    "ladder_step": "the earliest step of the ladder",
    "doubted": "a row whose numbers nobody doubts",
    "priority": "the reported term that the vocabulary prefers",
    "distance_to_target": "the time nearest to the target of the analysis",
    "latest_time": "the latest time",
    "source_order": "the source of the outcome that the review prefers",
    "largest": "the most people",
    "route_rank": "the preferred route",
    "result_id": "the name of the result, so that there is never a tie",
}
MULTI_ARM = {
    "choose": "An arm that several contrasts of a trial share: one contrast is chosen, as above.",
    "split": "An arm that several contrasts of a trial share: its people and events are divided among them.",
    "combine": "An arm that several contrasts of a trial share: the other arms are combined into one group.",
    "covariance": "An arm that several contrasts of a trial share: all contrasts are kept and aggregated with the "
    "covariance that the shared arm gives them.",
}
OVERLAP = {
    "one_effect": "Several effects of the same people: one is chosen, as above.",
    "aggregate": "Several effects of the same people: aggregated with a declared correlation of {rho}.",
    "keep_all": "Several effects of the same people: all are kept, and only a multilevel model may pool them.",
}


def _declared(range_: Row | str) -> str:
    """Return a declared value with its ends, or that there is none."""
    if range_ == "none":
        return "None is assumed."
    value, low, high = (say.figure(range_[name]) for name in ("value", "lowest", "highest"))
    return f"{value}; the best and the worst case use {low} to {high}."


def _double_zeros(measures: Sequence[str]) -> str:
    """Return to which measures a table says nothing in which nobody, or everybody, has the outcome."""
    return f"Left out of {', '.join(sorted(measures))}." if measures else "Kept, corrected as above."


def _measure(name: str, vtype: str) -> str:
    return f"{name} {terms.MEASURES[name]} ({'as printed' if vtype == 'given' else f'variance {vtype}'})"


def conversion_settings(settings: Row) -> list[tuple[str, str]]:
    """Return the choices of conversion and selection: pairs of what each is about and what it says.

    Parameters
    ----------
    settings : mapping
        config/review.yaml.
    """
    arms = settings["arms"]
    return [
        (
            "Arms",
            f"Arm 1 is {arms['arm1']}, arm 2 is {arms['arm2']}. A positive effect means more of the outcome in arm 1; "
            "the list of outcomes says whether that is good.",
        ),
        *_of_counts_and_p(settings["conversion"]),
        *_of_what_is_not_printed(settings["conversion"]),
        ("Readings", say.sentence("; ".join(READINGS[name] for name in settings["readings"]))),
        *_of_people(settings["selection"]),
    ]


def _of_counts_and_p(conversion: Row) -> list[tuple[str, str]]:
    zero = conversion["zero_cells"]
    return [
        ("Zero cells", say.sentence(ZERO_CELLS[zero["rule"]].format(add=say.figure(zero["add"])))),
        ("Tables without any event", _double_zeros(zero["double_zeros_dropped"])),
        ("Measures", say.sentence("; ".join(_measure(*pair) for pair in sorted(conversion["measures"].items())))),
        ("p-values without stated sides", f"Read as {SIDES[conversion['p_without_sides']]}."),
        (
            "p-values printed as bounds",
            f"Used at the bound. Conventional bounds are {', '.join(map(say.figure, conversion['p_thresholds']))}; the "
            "next lower one is the best case. What is printed as ns has p above "
            f"{say.figure(conversion['not_significant'])}.",
        ),
    ]


def _of_what_is_not_printed(conversion: Row) -> list[tuple[str, str]]:
    limits = conversion["disagreement"]
    return [
        ("Share of the first arm where only a total is printed", _declared(conversion["allocation"])),
        ("Correlation of two measurements where none is printed", _declared(conversion["r_pre_post"])),
        ("Intracluster correlation where none is printed", _declared(conversion["icc"])),
        ("Means from medians", MEDIANS[conversion["medians"]]),
        (
            "Routes that disagree",
            f"Listed where effects lie more than {say.figure(limits['difference_in_se'])} standard errors apart, or "
            f"standard errors by more than a factor of {say.figure(limits['se_ratio'])}.",
        ),
    ]


def _of_people(selection: Row) -> list[tuple[str, str]]:
    keys = ", then ".join(SORT_KEYS[key] for key in selection["one_effect_per_cohort"])
    return [
        (
            "One effect per cohort",
            f"Of several effects of the same people, the first by this order enters: {keys}. "
            "So no arm is counted twice.",
        ),
        ("Trials with several arms", MULTI_ARM[selection["multi_arm"]]),
        (
            "Dependent effects",
            OVERLAP[selection["overlap"]["rule"]].format(rho=say.figure(selection["overlap"]["rho"])),
        ),
    ]
