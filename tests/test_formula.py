"""Formulas: the design matrix and the names R makes of them, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_answers import kept

from repool.pooling.moderators.formula import design_from_formula

#: Invented; the column names below are those of R's model.matrix for the same frame.
TABLE = {
    "m0": [1.0, 2.0, 4.0, 5.0, 7.0],
    "m1": ["b", "a", "c", "a", "b"],
    "z": [3, 1, 2, 2, 9],
    "ibs.crit": ["x", "y", "x", "y", "x"],
    "two words": ["1", "2", "", "4", "6"],
}
LEVELS = {"m1": ["b", "a", "c"]}


def design(formula, table=TABLE, usable=None, levels=LEVELS):
    return design_from_formula(table, formula, levels=levels, usable=usable)


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        # R 4.2.2, colnames(model.matrix(formula, frame)), (Intercept) being metafor's intrcpt.
        ("~ m0 + m1", "intrcpt m0 m1a m1c"),
        ("~ m1 - 1", "m1b m1a m1c"),
        ("~ 0 + m0 + m1", "m0 m1b m1a m1c"),
        ("~ m0:m1", "intrcpt m0:m1b m0:m1a m0:m1c"),
        ("~ m1:m0 - 1", "m1b:m0 m1a:m0 m1c:m0"),
        ("~ m1*m0 - m1", "intrcpt m0 m1a:m0 m1c:m0"),
        ("~ m0*z - 1", "m0 z m0:z"),
        ("~ -1 + m0:z + m1", "m1b m1a m1c m0:z"),
        ("~ (m0 + z)^2", "intrcpt m0 z m0:z"),
        ("~ I(m0^2) + log(m0)", "intrcpt I(m0^2) log(m0)"),
        ("~ ibs.crit", "intrcpt ibs.crity"),
        ("~ 1", "intrcpt"),
    ],
)
def test_columns_have_the_names_and_order_of_r(formula, names):
    assert " ".join(design(formula).r_names) == names


def test_names_with_blanks_inside_are_written_as_in_r():
    # R 4.2.2: colnames(model.matrix(~ I((m0-2)/3*1e-3) + factor(z) + poly(m0,2), frame)).
    found = design("~ I((m0-2)/3*1e-3) + factor(z)").r_names
    assert found == ("intrcpt", "I((m0 - 2)/3 * 0.001)", "factor(z)2", "factor(z)3", "factor(z)9")
    assert design("~ poly(m0,2)").r_names[1:] == ("poly(m0, 2)1", "poly(m0, 2)2")
    assert design("~ relevel(m1,ref='a')").r_names[1:] == ('relevel(m1, ref = "a")b', 'relevel(m1, ref = "a")c')


def test_names_in_plain_words_say_level_and_interaction():
    assert design("~ m0*ibs.crit").names == ("intercept", "m0", "ibs.crit: y", "m0 x ibs.crit: y")
    assert design("~ m1").references == ("m1: compared with b",)
    assert design("~ m1 - 1").references == ("m1: one coefficient for each level",)


def test_values_are_those_on_paper():
    found = design("~ I(m0 - mean(m0)) + I(-z^2) + log(m0, base = 2)").matrix
    # The mean of 1, 2, 4, 5, 7 is 3.8; powers bind before signs; log2 of 4 is 2.
    assert found[:, 1].tolist() == pytest.approx([-2.8, -1.8, 0.2, 1.2, 3.2], abs=1e-15)
    assert found[:, 2].tolist() == [-9, -1, -4, -4, -81]
    assert found[2, 3] == pytest.approx(2.0, abs=1e-15)


def test_orthogonal_polynomials_are_those_of_r():
    # R 4.2.2: poly(c(1, 2, 4, 5, 7), 2); signs and lengths are fixed by the definition.
    found = design("~ poly(m0, 2)").matrix[:, 1:]
    assert found.T @ found == pytest.approx(np.eye(2), abs=1e-14)
    assert found.sum(axis=0) == pytest.approx([0, 0], abs=1e-14)
    # Linear: (x - 3.8) / sqrt(22.8), the sum of squares being 7.84+3.24+.04+1.44+10.24.
    assert found[0, 0] == pytest.approx(-2.8 / np.sqrt(22.8), abs=1e-14)
    assert found[0, 1] > 0 and found[4, 1] > 0


def test_columns_that_repeat_others_are_left_out_and_named():
    found = design("~ m0 + I(2 * m0 - 1) + z")
    assert found.r_names == ("intrcpt", "m0", "z")
    assert found.redundant == ("I(2 * m0 - 1)",)
    constant = design("~ one", {"one": [7, 7, 7]})
    assert constant.r_names == ("intrcpt",) and constant.redundant == ("one",)


def test_a_column_of_ones_becomes_the_intercept():
    found = design("~ 0 + x + one", {"x": [1, 2, 4], "one": [1, 1, 1]})
    assert found.r_names == ("intrcpt", "x") and found.intercept


def test_rows_without_a_moderator_are_left_out_and_listed():
    found = design("~ `two words`", usable=[True, True, True, True, False])
    assert found.matrix[:, 1].tolist() == [1, 2, 4]
    assert found.missing == {2: ("two words",)}
    assert found.kept.tolist() == [True, True, False, True, False]


def test_blanks_of_every_kind_are_blank():
    table = {"x": [1.0, None, float("nan"), "", pd.NA, 3.0]}
    assert design("~ x", table).kept.tolist() == [True, False, False, False, False, True]


def test_levels_come_in_the_order_of_a_categorical_column():
    frame = pd.DataFrame({"g": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"])})
    assert design("~ g", frame, levels={}).r_names == ("intrcpt", "ghi")
    assert design("~ flag", {"flag": [True, False, True]}).r_names == ("intrcpt", "flagTRUE")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("m0", "must begin with ~"),
        ("~ ibs_crit", "there is no column 'ibs_crit'; did you mean 'ibs.crit'?"),
        ("~ __import__('os')", "the function '__import__' is not allowed"),
        ("~ I(m0.real)", "there is no column 'm0.real'"),
        ("~ m0; z", "';' is not allowed"),
        ("~ I([m0])", "'[m0])' is not allowed"),
        ("~ {m0}", "is not allowed"),
        ("~ m0 ** 2", "write a power as ^"),
        ("~ m0 ~ z", "'~' is not allowed there"),
        ("~ 3", "numbers stand inside I()"),
        ("~ (m0 + z)^99", "a power must be 1 to 5"),
        ("~ (m0", "a bracket is not closed"),
        ("~ m0)", "closed that was not opened"),
        ("~ m0 +", "cannot be read"),
        ("~ I(m0 +)", "cannot be read"),
        ("~ I(m1)", "holds words"),
        ("~ I(factor(m1))", "cannot stand inside I()"),
        ("~ log(I(m0 - 1))", "no finite value in row 1"),
        ("~ I(`two words` - mean(`two words`))", "no finite value in row 1"),
        ("~ poly(m0, 5)", "a whole number from 1 to 4"),
        ("~ relevel(m1, ref = 'q')", "has no level 'q'; it has b, a, c"),
        ("~ factor(m0, z)", "factor() takes one column"),
        ("~ 0", "nothing is left of it"),
        ("~ m0 +" + " z +" * 2000, "longer than"),
    ],
)
def test_what_is_not_a_formula_of_columns_is_refused(formula, words):
    with pytest.raises(ValueError, match="formula") as refusal:
        design(formula)
    assert words in str(refusal.value)


def test_a_table_without_any_complete_row_is_refused():
    with pytest.raises(ValueError, match="no row has a value"):
        design("~ x", {"x": ["", None]})


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet="m01z~+-*:^()I, .'`=/logfactory", max_size=25))
def test_any_text_is_a_design_or_an_explained_refusal(text):
    try:
        found = design("~" + text)
    except ValueError as refusal:
        assert str(refusal)
        return
    assert np.isfinite(found.matrix).all()
    assert np.linalg.matrix_rank(found.matrix) == found.matrix.shape[1]


def test_designs_of_bcg_have_the_names_of_r():
    bcg, known = kept("bcg.json"), kept("moderators.json")
    table = {"ablat": bcg["ablat"], "alloc": bcg["alloc"], "year": known["year"], "half": known["half"]}
    for expected in known["regressions"]:
        assert list(design(expected["formula"], table, levels={}).r_names) == expected["names"]
