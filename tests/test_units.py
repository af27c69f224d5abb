"""Units: numbers brought to the unit of their term, and doubts about units and directions."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_review import FILES, SCHEMAS, read, told

from repool.door import SCHEMA_NAMES
from repool.extraction.review import TABLES
from repool.extraction.specification import check_cells, columns_of
from repool.extraction.tables import read_table
from repool.extraction.units import Conversion, converted, find_conversion, same_unit, to_unit_of_term

ROOT = Path(__file__).parents[1]
EXTRACTION = [column.name for column in columns_of(SCHEMAS["extraction"])]


def shipped():
    columns = columns_of(SCHEMAS["units"])
    content = (ROOT / "config" / "units.csv").read_bytes()
    names = [column.name for column in columns]
    table, problems = read_table(content, file="config/units.csv", known=names, required=names[:4])
    rows, more = check_cells(table, columns, row_name="conversion")
    assert not [*problems, *more]
    return rows


def unit_row(unit, to_unit, factor, **cells):
    blank = {"offset": None, "term": None, "plausible_min": None, "plausible_max": None, "line": 2}
    return blank | {"conversion": f"{unit}_{to_unit}", "unit": unit, "to_unit": to_unit, "factor": factor} | cells


def row(**cells):
    return dict.fromkeys(EXTRACTION) | {"result_id": "a1", "outcome": "term"} | cells


# Pairs that are printed side by side elsewhere; tolerance: half a unit of the last printed place of the second.
@pytest.mark.parametrize(
    ("value", "unit", "term", "expected", "to_unit", "half_a_place"),
    [
        (14, "days", "any use", 2, "weeks", 1e-12),  # by definition; arithmetic of one product
        (365.2425, "days", "any use", 12, "months", 1e-10),  # Gregorian year; 15 typed digits
        (365.2425, "days", "any use", 1, "years", 1e-10),
        (104.355, "weeks", "any use", 24, "months", 1e-10),  # 104.355 x 7 = 730.485 = 2 x 365.2425
        (52.1775, "weeks", "any use", 1, "years", 1e-10),
        (18, "months", "any use", 1.5, "years", 1e-10),
        (36, "hours", "sleep", 1.5, "days", 1e-10),
        (90, "minutes", "sleep", 1.5, "hours", 1e-10),
        (90, "seconds", "reaction", 1.5, "minutes", 1e-10),
        (0.25, "fraction", "days abstinent", 25, "percent", 1e-10),
        (100, "lb", "weight", 45.359237, "kg", 1e-10),  # pound of 1959: 0.45359237 kg exactly
        (10, "stone", "weight", 63.5029318, "kg", 1e-10),  # 140 lb
        (10, "inch", "height", 25.4, "cm", 1e-10),
        (6, "feet", "height", 182.88, "cm", 1e-10),
        (98.6, "°F", "temperature", 37.0, "°C", 1e-10),  # the textbook pair; exact by definition
        (1, "kPa", "blood pressure", 7.50062, "mmHg", 5e-6),  # NIST SP 811, appendix B: 1 mmHg = 133.3224 Pa
        (126, "mg/dL", "fasting plasma glucose", 7.0, "mmol/L", 0.05),  # ADA Standards of Care, diagnosis: 126 (7.0)
        (200, "mg/dL", "total cholesterol", 5.17, "mmol/L", 0.005),  # molar mass: 200 x 10 / 386.65
        (150, "mg/dL", "triglycerides", 1.69, "mmol/L", 0.005),  # molar mass: 150 x 10 / 885.7
        (1.5, "mg/dL", "serum creatinine", 132.6, "umol/L", 0.05),  # molar mass: 1.5 x 10000 / 113.12 = 132.60
        (20, "mg/dL", "blood urea nitrogen", 7.14, "mmol/L", 0.005),  # molar mass of two N: 20 x 10 / 28.014
        (2, "mg/dL", "total bilirubin", 34.2, "umol/L", 0.05),  # molar mass: 2 x 10000 / 584.66 = 34.21
        (13, "g/dL", "haemoglobin", 130, "g/L", 1e-9),  # WHO anaemia limit for men, printed both ways
        (7.0, "%", "HbA1c", 53, "mmol/mol", 0.5),  # ADA and NGSP table: 7.0 % is 53 mmol/mol
        (6.5, "%", "HbA1c", 48, "mmol/mol", 0.5),  # diagnosis of diabetes: 6.5 % is 48 mmol/mol
        (2, "US standard drinks", "alcohol", 28, "g alcohol", 1e-9),  # NIAAA: 14 g each
        (14, "UK units", "alcohol", 112, "g alcohol", 1e-9),  # 8 g each
    ],
)
def test_shipped_conversion_gives_the_pair_that_is_printed_elsewhere(
    value, unit, term, expected, to_unit, half_a_place
):
    conversion = find_conversion(shipped(), unit=unit, to_unit=to_unit, term=term)
    assert conversion.place(value) == pytest.approx(expected, abs=half_a_place)
    back = find_conversion(shipped(), unit=to_unit, to_unit=unit, term=term)
    assert back.place(conversion.place(value)) == pytest.approx(value, rel=1e-12)  # a product and its inverse


def test_every_shipped_conversion_says_where_it_comes_from():
    assert all(row["note"] for row in shipped())


def test_substance_decides_between_conversions_of_one_unit():
    units = shipped()
    assert find_conversion(units, unit="mg/dL", to_unit="mmol/L", term="fasting glucose").name == "glucose"
    assert find_conversion(units, unit="mg/dL", to_unit="mmol/L", term="HDL cholesterol").name == "cholesterol"
    assert find_conversion(units, unit="mg/dL", to_unit="mmol/L", term="days of use") is None
    # A word within another word is another word.
    assert find_conversion(units, unit="mg/dL", to_unit="mmol/L", term="fructoglucosemia") is None


@pytest.mark.parametrize(
    ("one", "other"), [("mg/dL", "MG/dl"), ("µmol/L", "umol/L"), ("μmol/L", "umol/l"), ("a  b", " A b")]
)
def test_capitals_spaces_and_micro_signs_make_no_other_unit(one, other):
    assert same_unit(one, other)
    assert not same_unit(one, "mmol")


def test_means_take_factor_and_offset_and_distances_the_factor_alone():
    # Celsius = (Fahrenheit - 32) x 5/9; worked by hand.
    celsius = Conversion("f", 5 / 9, -160 / 9, None, None)
    typed = row(
        mean_arm1=212.0, sd_arm1=9.0, se_arm1=1.8, median_arm2=32.0, q1_arm2=14.0, q3_arm2=50.0, min_arm2=-40.0,
        max_arm2=104.0, ci_lb_arm1=208.4, ci_ub_arm1=215.6, mean_change_arm2=-9.0, sd_change_arm2=3.6,
        pre_mean_arm1=98.6, pre_sd_arm1=1.8, sd_pooled=5.4, n_arm1=40.0, events_arm1=3.0,
    )  # fmt: skip
    new = converted(typed, celsius)
    expected = {
        "mean_arm1": 100, "sd_arm1": 5, "se_arm1": 1, "median_arm2": 0, "q1_arm2": -10, "q3_arm2": 10, "min_arm2": -40,
        "max_arm2": 40, "ci_lb_arm1": 98, "ci_ub_arm1": 102, "mean_change_arm2": -5, "sd_change_arm2": 2,
        "pre_mean_arm1": 37, "pre_sd_arm1": 1, "sd_pooled": 3, "n_arm1": 40, "events_arm1": 3,
    }  # fmt: skip
    # Two or three operations on numbers near 100.
    assert {name: new[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_interval_of_a_change_takes_the_factor_alone():
    celsius = Conversion("f", 5 / 9, -160 / 9, None, None)
    new = converted(row(mean_change_arm1=-9.0, ci_lb_arm1=-18.0, ci_ub_arm1=0.0), celsius)
    assert (new["ci_lb_arm1"], new["ci_ub_arm1"]) == pytest.approx((-10.0, 0.0), abs=1e-12)


@pytest.mark.parametrize(
    ("scale", "factor"),
    [("MD", 7.0), ("b", 7.0), ("OR", 1.0), ("ROM", 1.0), ("d", 1.0), ("g", 1.0), ("r", 1.0), ("HR", 1.0), (None, 1.0)],
)
def test_printed_differences_have_a_unit_and_ratios_have_none(scale, factor):
    weeks = Conversion("w", 7.0, 0.0, None, None)
    cells = {"estimate": 2.0, "se": 0.5, "ci_lb": 1.0, "ci_ub": 3.0}
    new = converted(row(estimate_scale=scale, statistic_value=2.5, p=0.02, **cells), weeks)
    assert {name: new[name] for name in cells} == {name: factor * value for name, value in cells.items()}
    assert (new["statistic_value"], new["p"]) == (2.5, 0.02)


@settings(derandomize=True, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_standardised_difference_does_not_depend_on_the_unit(mean, factor, offset):
    typed = row(mean_arm1=mean, mean_arm2=mean + 3, sd_arm1=2.0, sd_arm2=2.0)
    new = converted(typed, Conversion("x", factor, offset, None, None))
    difference = (new["mean_arm2"] - new["mean_arm1"]) / new["sd_arm1"]
    # (a f + o) - (b f + o) loses digits to cancellation: a few roundings of numbers of that size, over the unit.
    size = (abs(mean) + 3) * factor + abs(offset)
    assert difference == pytest.approx(1.5, abs=8 * 2.3e-16 * size / factor)


def test_row_in_the_unit_of_its_term_or_without_one_stays_as_it_is():
    term = {"term": "days of use", "unit": "Days"}
    for unit in ("days", None):
        typed = row(unit=unit, mean_arm1=3.0)
        assert to_unit_of_term(typed, term, []) == (typed, "")


def test_words_say_what_was_done():
    term = {"term": "temperature", "unit": "°C"}
    _, said = to_unit_of_term(row(unit="°F", mean_arm1=98.6), term, shipped())
    assert said == "from °F to °C: x 0.555556 - 17.7778"


# The tiny review with a term in weeks, and a table of units.

VOCABULARY = (
    "term,outcome,instrument,higher_is_better,priority,unit\n"
    "abstinent,abstinence,,yes,1,\ndays,days_of_use,,no,1,{unit}\n"
)
UNITS = "conversion,unit,to_unit,factor,offset,term,plausible_min,plausible_max,note\n{rows}"
HEAD = (
    "result_id,outcome,outcome_source,condition_arm1,condition_arm2,comparator,"
    "n_arm1,n_arm2,mean_arm1,sd_arm1,unit,source,locator\n"
)


def review_with(*units_typed, unit="weeks", table="d,days,weeks,0.142857142857143,,,0,60,7 days\n", mean=70):
    lines = [f"b{i},days,self_report,s,n,usual_care,30,30,{mean},7,{u},x,y\n" for i, u in enumerate(units_typed, 2)]
    changes = {
        "config/vocabulary.csv": VOCABULARY.format(unit=unit),
        "data/extraction/brown2002.csv": HEAD + "".join(lines),
        "config/units.csv": UNITS.format(rows=table),
    }
    review = read(changes)
    return [problem for problem in told(review) if problem[0].startswith("U")], review


def test_known_conversion_passes_the_door():
    assert review_with("days")[0] == []


def test_unit_without_a_conversion_is_a_fault_with_a_hint():
    found, review = review_with("dyas")
    assert found == [("U01", "data/extraction/brown2002.csv", 2, "unit")]
    (problem,) = [problem for problem in review.problems if problem.rule == "U01"]
    assert problem.severity == "error" and problem.to_fix == 'Did you mean "days"?'


def test_converted_mean_outside_the_plausible_range_is_a_doubt():
    # 700 days are 100 weeks; the table allows up to 60.
    found, review = review_with("days", mean=700)
    assert found == [("U03", "data/extraction/brown2002.csv", 2, "mean_arm1")]
    assert {problem.severity for problem in review.problems if problem.rule == "U03"} == {"warning"}


def test_two_units_of_a_term_without_one_are_a_doubt():
    assert review_with("days", "weeks", "days", unit="")[0] == [("U04", "data/extraction/brown2002.csv", 3, "unit")]


@pytest.mark.parametrize(
    ("table", "line", "column"),
    [
        ("d,days,weeks,-7,,,,,\n", 2, "factor"),
        ("d,days,weeks,7,,,9,3,\n", 2, "plausible_min"),
        ("d,days,weeks,7,,,,,\ne,weeks,Days,7,,,,,\n", 3, "unit"),
    ],
)
def test_table_of_units_is_checked_itself(table, line, column):
    found, _ = review_with("days", table=table)
    assert found == [("U02", "config/units.csv", line, column)]


def test_several_conversions_of_one_name_are_a_fault():
    _, review = review_with("days", table="d,days,weeks,7,,,,,\nd,hours,days,24,,,,,\n")
    assert ("C12", "config/units.csv", 3, "conversion") in told(review)


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ("x,abstinence,ASI,yes,1,\ny,abstinence,asi,no,1,\n", "U05"),
        ("Days used,days_of_use,,no,1,\ndays  used,days_of_use,,yes,1,\n", "U06"),
        ("x,abstinence,ASI,yes,1,\ny,days_of_use,ASI,no,1,\n", None),  # one instrument, two outcomes
        ("x,abstinence,ASI,yes,1,\ny,abstinence,ASI,unclear,1,\n", None),
    ],
)
def test_one_instrument_or_term_with_two_directions_is_a_doubt(rows, rule):
    text = VOCABULARY.format(unit="") + rows
    found = [problem[0] for problem in told(read({"config/vocabulary.csv": text})) if problem[0].startswith("U")]
    assert found == ([rule] if rule else [])


def test_review_without_a_table_of_units_is_complete():
    assert "config/units.csv" not in FILES
    assert not [problem for problem in told(read()) if problem[1] in ("config/units.csv", "config/vocabulary.csv")]


def test_door_knows_the_specification_of_every_table():
    assert {schema for schema, _, _ in TABLES.values()} <= set(SCHEMA_NAMES)
