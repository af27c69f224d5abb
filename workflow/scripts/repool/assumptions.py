"""Every assumption that can stand behind an effect, in the words of the report."""

from __future__ import annotations

#: id -> what is assumed. The ladder of config/review.yaml says from which step on each is admitted.
ASSUMPTIONS = {
    # ASSUME p_two_sided
    "p_two_sided": "the p-value is two-sided; the source does not say",
    # ASSUME p_one_sided
    "p_one_sided": "the p-value is one-sided; the source does not say",
    # ASSUME counts_from_percent
    "counts_from_percent": "counts are the printed percent of the arm, rounded to whole people",
    # ASSUME table_rebuilt
    "table_rebuilt": "counts are those whose table gives the printed statistic with the printed margins",
    # ASSUME clustering_ignored
    "clustering_ignored": (
        "people are treated as independent although they are clustered; no intracluster correlation is printed"
    ),
    # ASSUME icc_declared
    "icc_declared": "the intracluster correlation is the declared one; none is printed",
    # ASSUME pairing_ignored
    "pairing_ignored": "people measured under both conditions, or matched, are treated as two independent groups",
    # ASSUME declared_allocation
    "declared_allocation": "the printed total is shared by the arms as declared (equally, unless said otherwise)",
    # ASSUME all_randomised_counted
    "all_randomised_counted": "everybody randomised or enrolled is counted; those analysed are not printed",
    # ASSUME equal_follow_up
    "equal_follow_up": "the printed follow-up percent holds in each arm",
    # ASSUME two_group_test
    "two_group_test": "the test statistic is that of a plain comparison of two groups",
    # ASSUME coefficient_is_difference
    "coefficient_is_difference": "the regression coefficient of the arm is a difference of means",
    # ASSUME medians_to_means
    "medians_to_means": "mean and standard deviation are estimated from median, quartiles or extremes",
    # ASSUME change_sd_standardises
    "change_sd_standardises": (
        "the difference is standardised by the standard deviation of the change, not of the score"
    ),
    # ASSUME baseline_sd_standardises
    "baseline_sd_standardises": "the change is standardised by the standard deviation before",
    # ASSUME r_declared
    "r_declared": "the correlation of the two measurements is the declared one; none is printed",
    # ASSUME beta_is_correlation
    "beta_is_correlation": "a standardised regression coefficient is read as a correlation",
    # ASSUME baseline_risk_known
    "baseline_risk_known": "the printed percent of arm 2 is taken as its risk, without error",
    # ASSUME logistic_outcome
    "logistic_outcome": "behind the two groups lies one scale with a logistic distribution",
    # ASSUME normal_outcome
    "normal_outcome": "behind the two groups lies one scale with a normal distribution",
    # ASSUME groups_cut_a_scale
    "groups_cut_a_scale": "the two groups are read as a scale cut in two, or the other way round",
    # ASSUME se_from_p
    "se_from_p": "the standard error is the one that gives the printed p-value or statistic for this effect",
    # ASSUME p_at_its_bound
    "p_at_its_bound": "a p-value printed as below a bound is read as that bound, which gives the widest interval",
    # ASSUME sign_from_words
    "sign_from_words": "the direction is taken from the words of the source",
    # ASSUME rho_declared
    "rho_declared": "effects of the same people are correlated as declared",
    # ASSUME only_bounds
    "only_bounds": (
        "a result printed as ns lies anywhere between the bound of its p-value for one arm and for the other"
    ),
}


def step_of(assumptions: list[str], *, ladder: list[dict]) -> int | None:
    """Return the first step of the ladder that admits all assumptions of an effect.

    Parameters
    ----------
    assumptions : list of str
        Ids of the effect's assumptions.
    ladder : list of dict
        Steps as in config/review.yaml, each with "assumptions".

    Returns
    -------
    int or None
        Number of the step, from 1; None if no step admits them all.
    """
    admitted: list[str] = []
    for number, step in enumerate(ladder, start=1):
        admitted += step["assumptions"]
        if all(assumption in admitted for assumption in assumptions):
            return number
    return None
