"""Sentences of an answer that depend on what kind of measure is pooled."""

import pytest
from report_plan import SETTINGS, plan_row

from repool.report.answers import better_side, sentences_of


def row(measure, **cells):
    found = {"basis": "one_study", "measure": measure, "studies": "Ash 2001", "n_participants": "80", "is_wide": "no"}
    found |= {"people_not_stated": "", "k": "1", "estimate": "-0.6", "ci_lb": "-0.9", "ci_ub": "-0.3", "level": "0.95"}
    found |= {"n_studies": "1"}
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


@pytest.mark.parametrize(
    ("measure", "wide", "words"),
    [
        ("OR", {"ratio": 2, "standardised": 0.5}, "it holds a halving as well as a doubling"),
        ("HR", {"ratio": 1.25, "standardised": 0.5}, "it holds a ratio of 0.80 as well as one of 1.25"),
        ("SMD", {"ratio": 2, "standardised": 0.5}, "it holds half a standard deviation either way"),
        ("SMD", {"ratio": 2, "standardised": 0.8}, "it holds 0.8 standard deviations either way"),
    ],
)
def test_words_on_a_wide_interval_come_from_the_declared_width(measure, wide, words):
    settings = SETTINGS | {"examine": SETTINGS["examine"] | {"verdict": {"wide_interval": wide}}}
    said = sentences_of(row(measure, is_wide="yes"), plan=planned(measure), settings=settings)
    assert said[-1] == f"That interval is too wide to say anything: {words}."


def test_people_of_many_effects_are_counted_and_not_listed():
    names = "; ".join(f"School {number}" for number in range(1, 8))
    cells = {"basis": "pooled", "k": "9", "n_studies": "3", "df": "2", "converged": "yes", "people_not_stated": names}
    (said,) = sentences_of(row("SMD", **cells), plan=planned("SMD"), settings=SETTINGS)
    assert said.startswith("9 effects of 3 trials (number of people not stated for 7 of them): SMD")
