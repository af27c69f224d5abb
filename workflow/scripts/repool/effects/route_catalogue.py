"""The routes from a printed result to an effect, in words: for checks and documentation, without the formulas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RouteWords:
    """What a route needs and gives.

    Parameters
    ----------
    inputs : str
        What the source must print.
    measures : str
        The measures that come out.
    source : str
        Where the formula stands.
    """

    inputs: str
    measures: str
    source: str


_HANDBOOK = "Cochrane Handbook 6.3"
_EQUAL = "equal allocation; "
#: name -> words; config/review.yaml puts the names in order.
CATALOGUE = {
    "counts": RouteWords("events and people of both arms", "OR, RR, RD", "Woolf 1955; Katz 1978; metafor escalc"),
    "percents_and_arm_sizes": RouteWords(
        "percent and people of both arms", "OR, RR, RD", "as counts, rounded to whole people"
    ),
    "percents_and_total": RouteWords("percents and a total", "OR, RR, RD", _EQUAL + "as counts, unrounded"),
    "ratio_and_interval": RouteWords("a ratio and its interval at any level", "OR, RR, HR, IRR", _HANDBOOK),
    "ratio_and_p": RouteWords("a ratio and an exact p-value", "OR, RR, HR, IRR", _HANDBOOK),
    "ratio_and_one_sided_p": RouteWords(
        "a ratio and an exact p-value, its sides read the other way", "OR, RR, HR, IRR", _HANDBOOK
    ),
    "rates_and_p": RouteWords("two rates and an exact p-value", "IRR", _HANDBOOK),
    "percents_and_p": RouteWords(
        "two percents and an exact p-value or chi-squared of 1 df", "OR", "Miettinen 1976 (test-based)"
    ),
    "percents_and_p_bound": RouteWords(
        "two percents and a p-value below a bound", "OR", "Miettinen 1976 (test-based), at the bound"
    ),
    "single_count": RouteWords("events and people of one group", "PLO", "metafor escalc PLO"),
    "single_percent": RouteWords("percent and size of one group", "PLO", "metafor escalc PLO"),
    "difference_and_interval": RouteWords("a mean or risk difference and its interval", "MD, RD", _HANDBOOK),
    "arm_changes_and_intervals": RouteWords("mean change and interval of both arms", "MD", _HANDBOOK),
    "means_and_sds": RouteWords(
        "mean, SD and people of both arms", "SMD, MD", "Hedges 1981, 1982; metafor escalc SMD (LS), MD"
    ),
    "means_sds_and_total": RouteWords("means, SDs and a total", "SMD, MD", _EQUAL + "Hedges 1981, 1982"),
    "d_and_arm_sizes": RouteWords("Cohen's d and people of both arms", "SMD", "Hedges 1981, 1982"),
    "d_and_total": RouteWords("Cohen's d and a total", "SMD", _EQUAL + "Hedges 1981, 1982"),
    "t_and_total": RouteWords("t statistic and a total", "SMD", _EQUAL + "Rosenthal 1994"),
    "f_and_total": RouteWords("F statistic of two groups and a total", "SMD", _EQUAL + "Rosenthal 1994"),
    "p_and_total": RouteWords("a bare exact p-value and a total", "SMD", _EQUAL + "Rosenthal 1994"),
    "p_bound_and_total": RouteWords(
        "a bare p-value below a bound and a total", "SMD", _EQUAL + "Rosenthal 1994, at the bound"
    ),
}
