"""Sentences of an answer that depend on what kind of measure is pooled."""

import pytest
from report_plan import SETTINGS, plan_row

from repool.report.answers import better_side, sentences_of


def row(measure, **cells):
    found = {"basis": "one_study", "measure": measure, "studies": "Ash 2001", "n_participants": "80", "is_wide": "no"}
    found |= {"people_not_stated": "", "k": "1", "estimate": "-0.6", "ci_lb": "-0.9", "ci_ub": "-0.3", "level": "0.95"}
    return found | {"interval_side": "better"} | cells


def planned(measure):
    return plan_row("relapse_rct", outcome="relapse", measure=measure)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("SMD", "Relapse: less is better, so an SMD below 0 favours walking group."),
        ("SMCR", "Relapse: less is better, so an SMCR below 0 is better than before."),
        ("PLO", ""),
    ],
)
def test_a_change_is_compared_with_before_and_with_no_arm(measure, words):
    assert better_side(planned(measure), SETTINGS) == words


def test_an_interval_on_one_side_favours_an_arm_only_where_arms_are_compared():
    compared = " ".join(sentences_of(row("SMD"), plan=planned("SMD"), settings=SETTINGS))
    changed = " ".join(sentences_of(row("SMCR"), plan=planned("SMCR"), settings=SETTINGS))
    assert "in favour of walking group" in compared
    assert "better than before" in changed and "walking group" not in changed
