"""The routes from a printed result to an effect, in words: for checks and documentation, without the formulas."""

from __future__ import annotations

from repool.effects.route import ESCALC, PAPER, Route
from repool.effects.routes_of_two_groups import MEANS, RATIOS, STANDARDISED, TABLES

_ONE_GROUP = {
    "single_count": Route(
        inputs="events and people of one group", needs=("events_arm1", "n_arm1"), when={"comparator": ("none",)},
        gives="proportion", source="Fleiss 2003", checked=ESCALC),
    "single_percent": Route(
        inputs="percent and size of one group", needs=("percent_arm1",), when={"comparator": ("none",)},
        gives="proportion", source="Fleiss 2003", checked=ESCALC),
    "single_rate": Route(
        inputs="events and person-time of one group", needs=("events_arm1", "person_time_arm1"),
        when={"comparator": ("none",)}, gives="rate", source="Rothman 2008", checked=ESCALC),
    "single_mean": Route(
        inputs="mean, standard deviation and size of one group", needs=("mean_arm1", "sd_arm1"),
        when={"comparator": ("none",)}, gives="mean", source="Raudenbush & Bryk 1987", checked=ESCALC),
    "single_pre_post": Route(
        inputs="means and standard deviations of one group before and after",
        needs=("pre_mean_arm1", "pre_sd_arm1", "mean_arm1", "sd_arm1"), when={"comparator": ("pre",)}, gives="change",
        source="Becker 1988; Morris & DeShon 2002", checked=ESCALC),
    "single_change": Route(
        inputs="mean change of one group with its standard deviation, standard error, paired t or exact p-value",
        needs=("mean_change_arm1",), when={"comparator": ("pre",)}, gives="MC, SMCC", source="Gibbons 1993",
        checked=ESCALC),
    "single_d": Route(
        inputs="standardised mean change of one group (baseline SD) and its size", needs=("estimate",),
        when={"comparator": ("pre",), "estimate_scale": ("d_prepost",)}, gives="SMCR", source="Becker 1988",
        checked=ESCALC),
}  # fmt: skip

_CORRELATIONS = {
    "r_and_n": Route(
        inputs="Pearson's r and the people it rests on", needs=("estimate",), when={"estimate_scale": ("r",)},
        gives="correlation", source="Fisher 1921; Hedges 1989", checked=ESCALC),
    "rho_and_n": Route(
        inputs="Spearman's rho and the people it rests on", needs=("estimate",), when={"estimate_scale": ("rho",)},
        gives="ZCOR, ZSPEARMAN", source="Bonett & Wright 2000", checked=PAPER),
    "fisher_z_and_n": Route(
        inputs="Fisher's z and the people it rests on", needs=("estimate",), when={"estimate_scale": ("fisher_z",)},
        gives="correlation", source="Fisher 1921", checked=ESCALC),
    "r_and_interval": Route(
        inputs="r or Fisher's z and its interval", needs=("estimate", "ci_lb", "ci_ub", "ci_level"),
        when={"estimate_scale": ("r", "fisher_z", "r_biserial", "tetrachoric")}, gives="ZCOR", source="Fisher 1921",
        checked=PAPER),
    "partial_r_and_n": Route(
        inputs="partial correlation, variables held constant, and people", needs=("estimate", "n_covariates"),
        when={"estimate_scale": ("r_partial",)}, gives="partial_r", source="Aloe & Thompson 2013", checked=ESCALC),
    "beta_and_n": Route(
        inputs="standardised regression coefficient and people", needs=("estimate",),
        when={"estimate_scale": ("beta",)}, gives="correlation", source="Peterson & Brown 2005", checked=PAPER),
    "alpha_and_n": Route(
        inputs="Cronbach's alpha, items and people", needs=("estimate", "n_items"),
        when={"estimate_scale": ("alpha",)}, gives="alpha", source="Bonett 2002; Hakstian & Whalen 1976",
        checked=ESCALC),
}  # fmt: skip

_ACROSS = {
    "smd_from_or_logistic": Route(
        inputs="an effect as OR", needs=(), gives="SMD", source="Hasselblad & Hedges 1995; Chinn 2000",
        checked="metafor::escalc OR2DL"),
    "smd_from_or_normal": Route(
        inputs="an effect as OR", needs=(), gives="SMD", source="Cox & Snell 1989; Sanchez-Meca 2003",
        checked="metafor::escalc OR2DN"),
    "or_from_smd_logistic": Route(
        inputs="an effect as SMD", needs=(), gives="OR", source="Hasselblad & Hedges 1995",
        checked=PAPER),
    "or_from_smd_normal": Route(
        inputs="an effect as SMD", needs=(), gives="OR", source="Cox & Snell 1989", checked=PAPER),
    "or_from_rr": Route(
        inputs="an effect as RR and the printed percent of arm 2", needs=("percent_arm2",), gives="OR",
        source="Zhang & Yu 1998; Grant 2014", checked=PAPER),
    "rr_from_or": Route(
        inputs="an effect as OR and the printed percent of arm 2", needs=("percent_arm2",), gives="RR",
        source="Zhang & Yu 1998; Grant 2014", checked=PAPER),
    "zcor_from_smd": Route(
        inputs="an effect as SMD with sizes", needs=(), gives="ZCOR", source="Lipsey & Wilson 2001; Borenstein 2009",
        checked=PAPER),
    "smd_from_zcor": Route(
        inputs="an effect as ZCOR", needs=(), gives="SMD", source="Borenstein 2009", checked=PAPER),
}  # fmt: skip

#: name -> route; config/review.yaml puts the names in order.
CATALOGUE = {**TABLES, **RATIOS, **MEANS, **STANDARDISED, **_ONE_GROUP, **_CORRELATIONS, **_ACROSS}
#: Routes that start from another effect of the same result, not from what is printed.
ACROSS = tuple(_ACROSS)
