"""What is wrong with what reviewers judge and count beside the results: risk of bias, flow of studies, certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repool.extraction.certainty_checks import check_certainty
from repool.extraction.prisma_checks import check_prisma
from repool.extraction.risk_of_bias_checks import check_named, check_risk_of_bias
from repool.problems import Problem

if TYPE_CHECKING:
    from repool.extraction.review import Review


def check_evidence(review: Review) -> list[Problem]:
    """Return the faults and doubts of the optional tables of a review.

    Parameters
    ----------
    review : Review
        With its tables read; where its settings have a fault they are empty, and what needs them is not checked.
    """
    problems = [
        *check_prisma(review.prisma, studies=review.studies),
        *check_certainty(review.summary_of_findings, analyses=review.analyses),
    ]
    if review.settings:
        tools = review.settings["risk_of_bias"]["tools"]
        subsets = review.settings["examine"]["sensitivity"]["subsets"]
        problems += check_risk_of_bias(review.risk_of_bias, studies=review.studies, tools=tools)
        problems += check_named(review.analyses, subsets, rows=review.risk_of_bias)
    return problems
