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
    # ASSUME clustering_ignored
    "clustering_ignored": (
        "people are treated as independent although they are clustered; no intracluster correlation is printed"
    ),
    # ASSUME equal_arms
    "equal_arms": "the printed total is shared equally by the arms",
    # ASSUME all_randomised_counted
    "all_randomised_counted": "everybody randomised or enrolled is counted; those analysed are not printed",
    # ASSUME equal_follow_up
    "equal_follow_up": "the printed follow-up percent holds in each arm",
    # ASSUME two_group_test
    "two_group_test": "the test statistic is that of a plain comparison of two groups",
    # ASSUME se_from_p
    "se_from_p": "the standard error is the one that gives the printed p-value or statistic for this effect",
    # ASSUME p_at_its_bound
    "p_at_its_bound": "a p-value printed as below a bound is read as that bound, which gives the widest interval",
    # ASSUME sign_from_words
    "sign_from_words": "the direction is taken from the words of the source",
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
