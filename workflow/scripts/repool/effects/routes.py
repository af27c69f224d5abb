"""The function behind each route of the catalogue.

A route is a function of all rows at once. It returns one table (columns `route_tools.RESULT`) with the rows
that support it. Rows come harmonised: numbers as float columns with NaN for blank, words as text.
"""

from __future__ import annotations

from repool.effects import routes_binary as binary
from repool.effects import routes_continuous as continuous

#: name -> function (rows, choices) -> table of results.
ROUTES = {
    "counts": binary.counts,
    "percents_and_arm_sizes": binary.percents_and_arm_sizes,
    "percents_and_total": binary.percents_and_total,
    "ratio_and_interval": binary.ratio_and_interval,
    "ratio_and_p": binary.ratio_and_p,
    "ratio_and_one_sided_p": binary.ratio_and_one_sided_p,
    "rates_and_p": binary.rates_and_p,
    "percents_and_p": binary.percents_and_p,
    "percents_and_p_bound": binary.percents_and_p_bound,
    "single_count": binary.single_count,
    "single_percent": binary.single_percent,
    "difference_and_interval": continuous.difference_and_interval,
    "arm_changes_and_intervals": continuous.arm_changes_and_intervals,
    "means_and_sds": continuous.means_and_sds,
    "means_sds_and_total": continuous.means_sds_and_total,
    "d_and_arm_sizes": continuous.d_and_arm_sizes,
    "d_and_total": continuous.d_and_total,
    "t_and_total": continuous.t_and_total,
    "f_and_total": continuous.f_and_total,
    "p_and_total": continuous.p_and_total,
    "p_bound_and_total": continuous.p_bound_and_total,
}
