"""Heads, notes and description in words of the forest plot name what the picture shows."""

from forest_case import ASSUMPTIONS, draw, ladder, picture, study, tables, two_studies
from forest_picture import text_of


def test_heads_name_measure_level_and_arms():
    figure = draw(two_studies())
    assert text_of(figure, "head-effect") == "Odds ratio [95 % CI]"
    assert text_of(figure, "head-arm1") == "Peer support events/n"
    assert text_of(figure, "head-arm2") == "Usual care events/n"
    assert text_of(figure, "title") == "Abstinence at six months"


def test_arms_with_different_or_long_names_are_named_below():
    long = "Peer recovery support services plus usual care"
    frames = tables(
        [study("A", 2, 1, 4, arm1=long, arm2="Waitlist"), study("B", 2, 1, 4, arm1=long)],
        {"as_reported": "no"},
    )
    figure = draw(frames)
    assert text_of(figure, "head-arm1").split() == ["Arm", "1", "events/n"]
    assert text_of(figure, "note-arm1-names").split() == f"Arm 1: {long}.".split()
    assert text_of(figure, "note-arm2-names").split() == [
        "Arm",
        "2:",
        "Waitlist;",
        "Usual",
        "care.",
    ]


def test_assumptions_get_letters_in_order_of_appearance():
    figure = draw(ladder())
    assert text_of(figure, "row-r0") == "Study A"
    assert text_of(figure, "row-r1").split() == ["Study", "B", "ᵃ"]
    assert text_of(figure, "row-r2").split() == ["Study", "C", "ᵇ", "ᵃ"]
    assert text_of(figure, "note-assumption-a") == f"a  {ASSUMPTIONS['equal_arms']}"
    assert text_of(figure, "note-assumption-b") == f"b  {ASSUMPTIONS['se_from_p']}"


def test_heterogeneity_names_the_i2_definition_and_the_model():
    assert text_of(draw(two_studies()), "note-heterogeneity-as_reported") == (
        "Heterogeneity, as reported: Q = 3.21, df = 1, p = 0.073; I² (from τ²) = 68.9 %; "
        "τ² = 0.0213; model: REML, Knapp-Hartung (floored)."
    )


def test_a_common_effect_and_a_failed_fit_are_named():
    frames = two_studies(method_tau2="none", ci_method="wald", converged="no", q_pval=0.00012)
    words = text_of(draw(frames), "note-heterogeneity-as_reported")
    assert words.endswith("model: common effect, Wald; the fit did not converge.")
    assert "p < 0.001" in words


def test_alt_text_tells_the_plot_with_the_numbers_it_prints():
    words = picture(ladder()).alternative
    for sentence in (
        "Forest plot: Abstinence at six months.",
        "Left: Favours usual care.",
        "Study A (13/40 v 8/41): 2.00 [0.90 to 4.00], weight 60.0 %.",
        "Not pooled: one effect; two are needed.",
        "Study B (13/40 v 8/41): 1.25 [0.50 to 3.00], weight 40.0 %, assumption: equal arm sizes assumed.",
        "Pooled, equal arm sizes assumed (k = 2): 1.50 [0.80 to 3.20].",
        "95 % prediction interval: [0.60 to 3.50].",
    ):
        assert sentence in words
    assert "ᵃ" not in words


def test_alt_text_without_rows_says_why():
    words = picture(tables([], {"as_reported": "no study"})).alternative
    assert words.endswith("No effect could be computed. As reported: no study.")
