"""The routes of results that compare two groups, in words."""

from __future__ import annotations

from repool.effects.route import ESCALC, PAPER, Route

_HANDBOOK = "Cochrane Handbook, chapter 6"
_HEDGES = "Hedges 1981, 1982"
_RATIO = ("OR", "RR", "HR", "IRR")

TABLES = {
    "counts": Route(
        inputs="events and people of both arms", needs=("events_*", "n_*"), gives="two_by_two",
        source="Woolf 1955; Katz 1978", checked=ESCALC),
    "counts_and_margin": Route(
        inputs="events of arm 1 and of both arms together, and people", needs=("events_arm1", "events_total", "n_*"),
        gives="two_by_two", source="subtraction", checked=PAPER),
    "percents_and_arm_sizes": Route(
        inputs="percent and people of both arms", needs=("percent_*", "n_*"), gives="two_by_two",
        source="whole people whose percent rounds to the printed one", checked=PAPER),
    "percents_and_total": Route(
        inputs="percents of both arms and a total", needs=("percent_*", "n_total"), gives="two_by_two",
        source="as counts, unrounded", checked=PAPER),
    "chi2_and_margins": Route(
        inputs="chi-squared of 1 df, people of both arms, and all events",
        needs=("statistic_value", "events_total", "n_*"), when={"statistic": ("chi2",)}, gives="two_by_two",
        source="Pearson 1900, solved for the table", checked="metafor::conv.2x2"),
    "phi_and_margins": Route(
        inputs="phi, people of both arms, and all events", needs=("estimate", "events_total", "n_*"),
        when={"estimate_scale": ("phi",)}, gives="two_by_two", source="Pearson 1900, solved for the table",
        checked="metafor::conv.2x2"),
    "or_and_margins": Route(
        inputs="a bare odds ratio, people of both arms, and all events", needs=("estimate", "events_total", "n_*"),
        when={"estimate_scale": ("OR",)}, gives="two_by_two", source="the table that has this odds ratio",
        checked="metafor::conv.2x2"),
    "pairs": Route(
        inputs="pairs in which one, the other, both or none have the outcome",
        needs=("pairs_yes_no", "pairs_no_yes"), gives="pairs", source="McNemar 1947", checked=ESCALC),
    "events_and_person_time": Route(
        inputs="events and person-time of both arms", needs=("events_*", "person_time_*"), gives="person_time",
        source="Rothman 2008", checked=ESCALC),
}  # fmt: skip

RATIOS = {
    "ratio_and_interval": Route(
        inputs="a ratio and its interval at any level", needs=("estimate", "ci_lb", "ci_ub", "ci_level"),
        when={"estimate_scale": (*_RATIO, "ROM")}, gives="OR, RR, HR, IRR, ROM", source=_HANDBOOK,
        checked=PAPER),
    "ratio_and_se": Route(
        inputs="a ratio and the standard error of its logarithm", needs=("estimate", "se"),
        when={"estimate_scale": (*_RATIO, "ROM")}, gives="OR, RR, HR, IRR, ROM", source=_HANDBOOK, checked=PAPER),
    "ratio_and_z": Route(
        inputs="a ratio and its z, or its chi-squared of 1 df", needs=("estimate", "statistic_value"),
        when={"estimate_scale": _RATIO, "statistic": ("z", "chi2")}, gives="OR, RR, HR, IRR", source=_HANDBOOK,
        checked=PAPER),
    "ratio_and_p": Route(
        inputs="a ratio and an exact p-value", needs=("estimate", "p"), when={"estimate_scale": _RATIO, "p_op": ("=",)},
        gives="OR, RR, HR, IRR", source=_HANDBOOK, checked=PAPER),
    "ratio_and_one_sided_p": Route(
        inputs="a ratio and an exact p-value, its sides read the other way", needs=("estimate", "p"),
        when={"estimate_scale": _RATIO, "p_op": ("=",)}, gives="OR, RR, HR, IRR", source=_HANDBOOK, checked=PAPER),
    "ratio_and_p_bound": Route(
        inputs="a ratio and a p-value below a bound", needs=("estimate", "p"),
        when={"estimate_scale": _RATIO, "p_op": ("<",)}, gives="OR, RR, HR, IRR", source=_HANDBOOK + ", at the bound",
        checked=PAPER),
    "difference_and_interval": Route(
        inputs="a mean, risk or rate difference, or a regression coefficient of the arm, and its interval",
        needs=("estimate", "ci_lb", "ci_ub", "ci_level"), when={"estimate_scale": ("MD", "RD", "IRD", "b")},
        gives="MD, RD, IRD", source=_HANDBOOK, checked=PAPER),
    "difference_and_se": Route(
        inputs="a difference or coefficient and its standard error", needs=("estimate", "se"),
        when={"estimate_scale": ("MD", "RD", "IRD", "b")}, gives="MD, RD, IRD", source=_HANDBOOK, checked=PAPER),
    "difference_and_p": Route(
        inputs="a difference or coefficient and its t, z or exact p-value", needs=("estimate",),
        when={"estimate_scale": ("MD", "RD", "IRD", "b")}, gives="MD, RD, IRD", source=_HANDBOOK,
        checked=PAPER),
    "difference_to_d": Route(
        inputs="a mean difference with its interval, standard error, t or exact p-value, and sizes",
        needs=("estimate",), when={"estimate_scale": ("MD", "b")}, gives="cohens_d", source=_HANDBOOK + " (6.5.2.3)",
        checked=ESCALC),
    "rates_and_p": Route(
        inputs="two rates and an exact p-value", needs=("rate_*", "p"), when={"p_op": ("=",)}, gives="IRR",
        source=_HANDBOOK, checked=PAPER),
    "percents_and_p": Route(
        inputs="two percents and an exact p-value or chi-squared of 1 df", needs=("percent_*",), gives="OR",
        source="Miettinen 1976 (test-based)", checked=PAPER),
    "percents_and_p_bound": Route(
        inputs="two percents and a p-value below a bound", needs=("percent_*", "p"), when={"p_op": ("<",)}, gives="OR",
        source="Miettinen 1976 (test-based), at the bound", checked=PAPER),
    "o_minus_e": Route(
        inputs="log-rank observed minus expected events and its variance", needs=("o_minus_e", "v_log_rank"),
        gives="HR", source="Peto 1977; Yusuf 1985", checked=PAPER),
    "log_rank_test": Route(
        inputs="log-rank chi-squared or exact p-value, all events, and which arm did better", needs=("events_total",),
        when={"statistic": ("log_rank",)}, gives="HR", source="Parmar 1998; Tierney 2007",
        checked=PAPER),
}  # fmt: skip

MEANS = {
    "means_and_sds": Route(
        inputs="means and standard deviations, and sizes", needs=("mean_*", "sd_*"), gives="means", source=_HEDGES,
        checked=ESCALC),
    "means_and_pooled_sd": Route(
        inputs="means and one pooled standard deviation, and sizes", needs=("mean_*", "sd_pooled"),
        gives="MD, SMD, D2ORL, D2ORN, RPB, RBIS",
        source=_HEDGES, checked=ESCALC),
    "means_and_ses": Route(
        inputs="means and their standard errors, and sizes", needs=("mean_*", "se_*"), gives="means",
        source=_HANDBOOK + " (6.5.2.2)", checked=ESCALC),
    "means_and_intervals": Route(
        inputs="means and their intervals, and sizes", needs=("mean_*", "ci_lb_*", "ci_ub_*", "ci_level"),
        gives="means", source=_HANDBOOK + " (6.5.2.2)", checked=ESCALC),
    "means_and_test": Route(
        inputs="means, the t or exact p-value of their difference, and sizes", needs=("mean_*",),
        gives="MD, SMD, D2ORL, D2ORN, RPB, RBIS", source=_HANDBOOK + " (6.5.2.3)", checked=ESCALC),
    "medians": Route(
        inputs="medians with quartiles, or smallest and largest value, or both, and sizes", needs=("median_*",),
        gives="means", source="Wan 2014, Luo 2018, Shi 2020; McGrath 2020 (QE, BC)", checked="metafor::conv.fivenum"),
    "changes_and_sds": Route(
        inputs="mean changes and their standard deviations, and sizes", needs=("mean_change_*", "sd_change_*"),
        gives="MD, SMD", source=_HANDBOOK + " (6.5.2.8)", checked=ESCALC),
    "changes_and_ses": Route(
        inputs="mean changes and their standard errors or intervals, and sizes", needs=("mean_change_*",),
        gives="MD, SMD", source=_HANDBOOK + " (6.5.2.2)", checked=ESCALC),
    "changes_and_tests": Route(
        inputs="mean changes with the paired t or exact p-value of each arm, and sizes", needs=("mean_change_*",),
        gives="MD, SMD", source=_HANDBOOK + " (6.5.2.3)", checked=ESCALC),
    "changes_and_intervals": Route(
        inputs="mean changes and their intervals", needs=("mean_change_*", "ci_lb_*", "ci_ub_*", "ci_level"),
        gives="MD", source=_HANDBOOK, checked=PAPER),
    "pre_post_by_arm": Route(
        inputs="means and standard deviations before and after in both arms, and sizes",
        needs=("pre_mean_*", "pre_sd_*", "mean_*"), gives="MD, SMD", source="Morris 2008; Becker 1988",
        checked="metafor::escalc SMCR, subtracted"),
    "paired_means": Route(
        inputs="means and standard deviations of the same or matched people", needs=("mean_*", "sd_*"),
        when={"paired": ("yes",)}, gives="MD, SMD", source="Elbourne 2002", checked=PAPER),
    "ancova_means": Route(
        inputs="adjusted means, standard deviations, and the correlation with the covariate",
        needs=("mean_*", "sd_*", "r_covariate"), when={"adjusted": ("yes",)}, gives="SMD",
        source="Borenstein 2009 (in Cooper, Hedges & Valentine)", checked=PAPER),
}  # fmt: skip

STANDARDISED = {
    "d_and_sizes": Route(
        inputs="Cohen's d and sizes", needs=("estimate",), when={"estimate_scale": ("d",)}, gives="cohens_d",
        source=_HEDGES, checked=ESCALC),
    "g_and_sizes": Route(
        inputs="Hedges' g and sizes", needs=("estimate",), when={"estimate_scale": ("g",)}, gives="cohens_d",
        source=_HEDGES + ", correction undone", checked=ESCALC),
    "glass_and_sizes": Route(
        inputs="Glass' delta (SD of arm 2) and sizes", needs=("estimate",), when={"estimate_scale": ("glass",)},
        gives="SMD1", source="Glass 1976; Hedges 1981", checked=ESCALC),
    "d_and_interval": Route(
        inputs="d, g or Glass' delta and its interval", needs=("estimate", "ci_lb", "ci_ub", "ci_level"),
        when={"estimate_scale": ("d", "g", "glass")}, gives="SMD, SMD1", source=_HANDBOOK,
        checked=PAPER),
    "d_and_se": Route(
        inputs="d, g or Glass' delta and its standard error", needs=("estimate", "se"),
        when={"estimate_scale": ("d", "g", "glass")}, gives="SMD, SMD1", source=_HANDBOOK, checked=PAPER),
    "d_and_p": Route(
        inputs="d, g or Glass' delta and its exact p-value", needs=("estimate", "p"),
        when={"estimate_scale": ("d", "g", "glass"), "p_op": ("=",)}, gives="SMD, SMD1", source=_HANDBOOK,
        checked=PAPER),
    "t_and_sizes": Route(
        inputs="t of two independent groups, and sizes", needs=("statistic_value",), when={"statistic": ("t",)},
        gives="cohens_d", source="Rosenthal 1994", checked=ESCALC),
    "f_and_sizes": Route(
        inputs="F of two groups (1 df), which arm did better, and sizes", needs=("statistic_value",),
        when={"statistic": ("F",)}, gives="cohens_d", source="Rosenthal 1994", checked=ESCALC),
    "ancova_test": Route(
        inputs="t or F of an adjusted comparison, the correlation with the covariate, and sizes",
        needs=("statistic_value", "r_covariate"), when={"statistic": ("t", "F"), "adjusted": ("yes",)}, gives="SMD",
        source="Borenstein 2009 (in Cooper, Hedges & Valentine)", checked=PAPER),
    "eta2_and_sizes": Route(
        inputs="eta squared or partial eta squared of two groups, which arm did better, and sizes",
        needs=("estimate",), when={"estimate_scale": ("eta2", "eta2_partial")}, gives="cohens_d", source="Cohen 1988",
        checked=ESCALC),
    "r_and_sizes": Route(
        inputs="point-biserial correlation of arm and outcome, and sizes", needs=("estimate",),
        when={"estimate_scale": ("r_point_biserial",)}, gives="cohens_d", source="Lipsey & Wilson 2001",
        checked=ESCALC),
    "p_and_sizes": Route(
        inputs="a bare exact p-value, which arm did better, and sizes", needs=("p",), when={"p_op": ("=",)},
        gives="cohens_d", source="Rosenthal 1994", checked=ESCALC),
    "p_bound_and_sizes": Route(
        inputs="a bare p-value below a bound, which arm did better, and sizes", needs=("p",), when={"p_op": ("<",)},
        gives="cohens_d", source="Rosenthal 1994, at the bound", checked=ESCALC),
    "not_significant_and_sizes": Route(
        inputs="ns, or a p-value above a bound, and sizes: a best and a worst case only",
        needs=("p_op",), when={"p_op": ("ns", ">")}, gives="cohens_d", source="Rosenthal 1994, at both bounds",
        checked=ESCALC),
}  # fmt: skip
