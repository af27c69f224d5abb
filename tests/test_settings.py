"""The settings: strict at every level, with the line of every fault. Lines are counted by hand."""

import pytest
from tiny_review import SCHEMAS, SETTINGS

from repool.extraction.settings import Names, names_in, read_settings, words_of
from repool.extraction.yaml_text import key_lines, load_yaml

ROUTES = ["counts", "ratio_and_interval"]


def faults(text):
    return read_settings(text.encode(), SCHEMAS["review"], routes=ROUTES)[1]


def swap(old, new):
    assert SETTINGS.count(old) == 1
    return SETTINGS.replace(old, new)


def changed_line(text):
    """Return the first line in which the settings were changed."""
    pairs = zip(SETTINGS.split("\n"), text.split("\n"), strict=False)
    return next(number for number, (old, new) in enumerate(pairs, start=1) if old != new)


def line_of(text, start):
    """Return the number of the only line that starts so."""
    (number,) = [n for n, line in enumerate(text.split("\n"), start=1) if line.startswith(start)]
    return number


def test_settings_without_fault_are_returned():
    settings, problems = read_settings(SETTINGS.encode(), SCHEMAS["review"], routes=ROUTES)
    assert problems == []
    assert settings["pooling"]["level"] == 0.95


@pytest.mark.parametrize(
    ("old", "new", "path", "meant"),
    [
        # One misspelt key at every level of the schema.
        ("title: Invented", "titel: Invented", "titel", "title"),
        ("  arm2: no", "  arm_2: no", "arms.arm_2", "arm2"),
        ("title: Days", "titel: Days", "outcomes.days_of_use.titel", "title"),
        ("p_without_sides", "p_without_side", "conversion.p_without_side", "p_without_sides"),
        ("    rule:", "    rules:", "conversion.zero_cells.rules", "rule"),
        ("- step:", "- stepp:", "ladder.0.stepp", "step"),
        (
            *("one_effect_per_cohort:", "one_effect_per_cohorte:"),
            *("selection.one_effect_per_cohorte", "one_effect_per_cohort"),
        ),
        ("  level:", "  levels:", "pooling.levels", "level"),
        (
            *("      ci_method:", "      ci_metod:"),
            *("pooling.models.0.ci_metod", "ci_method"),
        ),
        ("    column: cited_by", "    colum: cited_by", "accounts.0.colum", "column"),
        ("  png_dpi", "  png_dbi", "figures.png_dbi", "png_dpi"),
    ],
)
def test_misspelt_key_is_refused_at_every_level(old, new, path, meant):
    text = swap(old, new)
    unknown, missing = sorted(faults(text), key=lambda problem: problem.rule)
    assert (unknown.rule, unknown.column) == ("S02", path)
    assert unknown.to_fix == f'Did you mean "{meant}"?'
    assert (unknown.file, unknown.severity) == ("config/review.yaml", "error")
    assert unknown.line == changed_line(text)
    above = path.rpartition(".")[0]
    assert (missing.rule, missing.column) == ("S03", f"{above}.{meant}" if above else meant)


def test_every_missing_key_is_told_once():
    text = swap("  level: 0.95\n  i2_definition: from_q\n", "")
    told = [(p.rule, p.column, p.line) for p in faults(text)]
    pooling = line_of(text, "pooling:")
    assert told == [("S03", "pooling.i2_definition", pooling), ("S03", "pooling.level", pooling)]


def test_every_key_of_the_schema_must_be_there():
    told = [p.column for p in faults("{}")]
    assert sorted(told) == sorted(SCHEMAS["review"]["required"])


@pytest.mark.parametrize(
    ("old", "new", "path", "to_fix"),
    [
        ("rule: only0", "rule: only_0", "conversion.zero_cells.rule", 'Did you mean "only0"?'),
        ("method_tau2: none", "method_tau2: reml", "pooling.models.0.method_tau2", 'Did you mean "REML"?'),
        ("[preferred]", "[preferred, cautios]", "readings.1", 'Did you mean "cautious"?'),
    ],
)
def test_word_that_is_not_allowed_gets_the_nearest(old, new, path, to_fix):
    (problem,) = faults(swap(old, new))
    assert (problem.rule, problem.column, problem.to_fix) == ("S04", path, to_fix)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("level: 0.95", "level: 95", "pooling.level"),
        ("minimum_k: 2", "minimum_k: 1", "pooling.minimum_k"),
        ("minimum_k: 2", "minimum_k: two", "pooling.minimum_k"),
        ("add: 0.5", "add: -1", "conversion.zero_cells.add"),
        ("  days_of_use:", "  Days of use:", "outcomes"),
        ("higher_is_better: true", "higher_is_better: 1", "outcomes.abstinence.higher_is_better"),
        ("[priority, result_id]", "[priority]", "selection.one_effect_per_cohort"),
        ('colour_square: "#000000"', "colour_square: black", "figures.colour_square"),
        ("moderators: {}", "moderators: latitude", "moderators"),
    ],
)
def test_value_of_the_wrong_kind_is_refused(old, new, path):
    (problem,) = faults(swap(old, new))
    assert (problem.rule, problem.column) == ("S05", path)
    assert problem.line is not None


@pytest.mark.parametrize(
    ("old", "new", "path", "found"),
    [
        ("primary_model: common", "primary_model: comon", "pooling.primary_model", "comon"),
        ("[counts, ratio", "[count, ratio", "conversion.route_order.0", "count"),
        ("[p_two_sided]", "[p_two_side]", "ladder.0.assumptions.0", "p_two_side"),
    ],
)
def test_name_that_does_not_exist_is_refused_with_the_nearest(old, new, path, found):
    (problem,) = faults(swap(old, new))
    assert (problem.rule, problem.column, problem.found) == ("S06", path, found)
    assert problem.to_fix.startswith("Did you mean")


def test_assumption_and_step_and_model_that_stand_twice_are_refused():
    step = "  - step: as_reported\n    title: Again\n    assumptions: [p_two_sided]\n"
    model = "    - {id: common, method_tau2: DL, ci_method: wald}\n"
    text = swap("readings:", step + "readings:").replace("  level:", model + "  level:")
    told = sorted((p.rule, p.column, p.found) for p in faults(text))
    assert told == [
        ("S06", "ladder", "as_reported"),
        ("S06", "ladder.1.assumptions.0", "p_two_sided"),
        ("S06", "pooling.models", "common"),
    ]


def test_key_that_stands_twice_is_refused_with_the_line_of_the_second():
    text = swap("readings: [preferred]", "readings: [preferred]\nreadings: [preferred, cautious]")
    (problem,) = faults(text)
    first = line_of(SETTINGS, "readings:")
    assert (problem.rule, problem.line) == ("S01", first + 1)
    assert '"readings" stands twice' in problem.problem


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [1\nb: 2\n", 2), ("a: 1\n\tb: 2\n", 2), ("a: 'x\n", 2), ("a: {b: 1, b: 2}\n", 1)],
)
def test_unreadable_text_is_refused_with_a_line(text, line):
    value, (problem,) = load_yaml(text.encode(), file="f.yaml")
    assert value is None
    assert (problem.rule, problem.file, problem.line) == ("S01", "f.yaml", line)


def test_text_in_another_encoding_is_refused_without_a_traceback():
    _, (problem,) = load_yaml("a: ü".encode("cp1252"), file="f.yaml")
    assert problem.rule == "S01"


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "1: 2\nfoo: 3\n"])
def test_settings_that_are_no_mapping_of_names_are_refused_without_a_traceback(text):
    assert {p.rule for p in faults(text)} <= {"S02", "S03", "S05"}
    assert faults(text)


def test_lines_of_keys_and_items():
    text = "a: 1\nb:\n  c: 2\n  d:\n    - e: 3\n    - 4\n"
    assert key_lines(text.encode()) == {**{"a": 1, "b": 2, "b.c": 3, "b.d": 4, "b.d.0": 5, "b.d.0.e": 5, "b.d.1": 6}}


def test_names_are_read_as_far_as_they_can_be():
    assert names_in(None) == Names(None, None, None, None)
    settings = {"outcomes": {"x": 1}, "pooling": {"models": [{"id": "m"}, 3]}, "moderators": "y"}
    assert names_in(settings) == Names(["x"], ["m"], None, None)


def test_words_of_a_cell_are_split_at_semicolons():
    assert words_of(" rct; cohort ;;") == ["rct", "cohort"]
    assert words_of(None) == []


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("{OR: LS, SMD: LS}", "{OR: LS, SMDX: LS}", "conversion.measures.SMDX", "this is not a measure"),
        ("{OR: LS, SMD: LS}", "{OR: UB, SMD: LS}", "conversion.measures.OR", "OR has no such variance formula"),
        # AV averages over studies, which no single result knows.
        ("{OR: LS, SMD: LS}", "{OR: LS, SMD: AV}", "conversion.measures.SMD", "SMD has no such variance formula"),
        ("dropped: [OR]", "dropped: [ODDS]", "conversion.zero_cells.double_zeros_dropped.0", "this is not a measure"),
        (
            "value: 0.5, lowest: 0.4",
            "value: 0.5, lowest: 0.55",
            "conversion.allocation",
            "does not lie between its ends",
        ),
    ],
)
def test_measures_variances_and_ranges_that_do_not_fit_are_refused(old, new, path, words):
    (problem,) = faults(swap(old, new))
    assert (problem.rule, problem.column) == ("S06", path)
    assert words in problem.problem and problem.line is not None


@pytest.mark.parametrize("vtype", ["LS2", "UB", "given"])
def test_other_variance_formulas_of_a_measure_are_taken(vtype):
    assert not faults(swap("{OR: LS, SMD: LS}", f"{{OR: LS, SMD: {vtype}}}"))
