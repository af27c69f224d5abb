"""Comparison of results: each number by the tolerance of its class, and nothing else let through."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from repool import packed
from repool.compare import CLOSED, EXACT, INPUTS, ITERATIVE, PACKING, class_of, compare_results, is_near
from repool.report.workbook import Sheet, workbook_bytes
from repool.result_tables import TABLES
from repool.stages import examine

POOLED = "results/analyses/a/pooled.csv"
FOREST = "results/analyses/a/forest.csv"
PROVENANCE = "results/provenance.json"

REML = {"analysis": "a", "model": "reml", "method_tau2": "REML", "k": "3", "estimate": "0.5", "ci_lb": "0.25"}
REML |= {"q": "4", "tau2": "0.125", "tau2_lb": "0", "tau2_ub": "2", "i2_percent": "50", "n_participants": "410"}
REML |= {"df": "2", "iterations": "7", "second_engine_difference": "1e-13", "note": "in words"}
DL = REML | {"model": "dl", "method_tau2": "DL"}
STUDY = {"result_id": "a-1", "yi": "0.5", "vi": "0.25", "n_arm1": "40", "ci_lb": "-0.25", "weight_percent": "30"}

#: Rows of the examination, with what tells a closed form from the end of a search.
COUNTS = {"method_id": "peto", "method": "peto", "estimate": "0.5", "q": "4", "breslow_day": "2"}
GLMM = COUNTS | {"method_id": "glmm", "method": "glmm"}
BEGG = {"id": "begg", "method": "begg", "settings": "exact = True", "quantity": "tau", "pval": "0.25", "n_hidden": ""}
EGGER = BEGG | {"id": "egger", "method": "egger", "settings": "method_tau2 = REML; model = weighted_regression"}
FILLED = BEGG | {"id": "filled", "method": "trim_and_fill", "settings": "method_tau2 = REML"}
NEW_STUDY = {"quantity": "prediction", "method": "normal", "method_tau2": "DL", "tau_prior": "", "lb": "0.5"}
VARIANCE = NEW_STUDY | {"quantity": "tau2", "method": "q_profile"}
SUBSETS = {"part": "all", "quantity": "estimate", "every_subset": "no", "method_tau2": "REML", "q05": "0.5"}
SIGNS = {"kind": "direction", "by": "design", "stratum": "rct", "n_as_no_evidence": "", "ci_lb": "0.25"}
CHOICE = {"choice": "model", "option": "dl", "same_side": "yes", "estimate": "0.5"}
THREE_LEVEL = {"model": "che", "rho": "0.6", "sigma2_between": "0.5", "q": "4", "df": "9.5"}
RULE = {"kind": "rule", "name": "heterogeneity", "says": "no", "found": "73.5", "limit": "75"}

#: Columns of the tables of the examination that hold words, counts, or what was typed: all others are computed.
WORDS_AND_COUNTS = {
    "INTERVAL_COLUMNS": (
        "quantity method method_tau2 measure k threshold tail tau_prior tau_scale mu_prior mu_mean mu_sd level note"
    ),
    "RARE_EVENT_COLUMNS": (
        "method_id method measure glmm_model method_tau2 nodes add to drop00 correct level q_df k k_effects "
        "k_informative converged at_boundary note"
    ),
    "DEPENDENCE_COLUMNS": (
        "model rho method test dfs level small_sample k n_clusters largest_cluster q_df converged note"
    ),
    "ROBUST_COLUMNS": (
        "working_model cluster method_tau2 rho kind df_method ci_method level k n_clusters largest_cluster "
        "is_trusted note"
    ),
    "SUBGROUP_COLUMNS": (
        "moderator row subgroup k n_studies df1 df q_df tau2_common method_tau2 ci_method level minimum_k note"
    ),
    "BUBBLE_COLUMNS": "moderator row label df k also_in_model method_tau2 ci_method level minimum_k note",
    "MISSING_EVIDENCE_COLUMNS": "id method settings quantity df k k_filled verdict note",
    "FUNNEL_COLUMNS": "element study_id label contour_level centre method_tau2 note",
    "LEAVE_ONE_OUT_COLUMNS": "ladder_step reading model left_out cohort_id k",
    "INFLUENCE_COLUMNS": "study_id cohort_id label k is_influential measure method_tau2 ci_method note",
    "CUMULATIVE_COLUMNS": (
        "step study_id cohort_id label order_column order_value k measure method_tau2 ci_method level "
        "i2_definition note"
    ),
    "GOSH_COLUMNS": "part study_id label quantity subsets measure method_tau2 maximum_subsets seed every_subset note",
    "GOSH_CLOUD_COLUMNS": "part study_id label subsets subsets_with subsets_without note",
    "SAME_RESULT_COLUMNS": "analysis ladder_step reading choice option measure k level side same_side note",
    "WITHOUT_POOLING_COLUMNS": (
        "kind by stratum unit agreement zero_rule n_results n_effects n_votes n_units n_favours_arm1 n_favours_arm2 "
        "n_zero n_unknown n_counted_for n_counted interval_method alpha question not_answered note method bounds "
        "without_p n_left_out n_as_no_evidence k"
    ),
    "EFFECT_DIRECTION_COLUMNS": (
        "by stratum unit study_id label symbol sign n_results agreement n_counts size_class risk_of_bias note"
    ),
    "ALBATROSS_COLUMNS": (
        "kind by stratum study_id label source n_total is_bound sign measure contour_effect arm_ratio risk_arm2 "
        "question not_answered note"
    ),
    "VERDICT_COLUMNS": "analysis ladder_step reading kind name says limit words",
}


def table(*rows: dict[str, str]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def moved(row: dict[str, str], column: str, relative: float) -> dict[str, str]:
    return row | {column: repr(float(row[column]) * (1 + relative))}


def compared(committed: bytes | None, rebuilt: bytes | None, name: str = POOLED):
    sides = ({name: content} if content is not None else {} for content in (committed, rebuilt))
    (verdict,) = compare_results(*sides)
    return verdict


# The tolerances of the issue: counts exact, closed forms 1e-10, iterative 1e-6. Each is tried a factor of ten
# below and above, so that no rounding of the shifted number can decide.
@pytest.mark.parametrize(
    ("row", "column", "kind", "tolerance"),
    [
        (STUDY, "yi", CLOSED, 1e-10),
        (STUDY, "vi", CLOSED, 1e-10),
        (STUDY, "ci_lb", CLOSED, 1e-10),
        (STUDY, "weight_percent", ITERATIVE, 1e-6),
        (DL, "estimate", CLOSED, 1e-10),
        (DL, "tau2", CLOSED, 1e-10),
        (DL, "i2_percent", CLOSED, 1e-10),
        (DL, "tau2_ub", ITERATIVE, 1e-6),
        (REML, "q", CLOSED, 1e-10),
        (REML, "estimate", ITERATIVE, 1e-6),
        (REML, "ci_lb", ITERATIVE, 1e-6),
        (REML, "tau2", ITERATIVE, 1e-6),
        (REML, "i2_percent", ITERATIVE, 1e-6),
        (COUNTS, "estimate", CLOSED, 1e-10),
        (COUNTS, "q", CLOSED, 1e-10),
        (COUNTS, "breslow_day", CLOSED, 1e-10),
        (GLMM, "estimate", ITERATIVE, 1e-6),
        (GLMM, "q", ITERATIVE, 1e-6),
        (BEGG, "pval", CLOSED, 1e-10),
        (EGGER, "pval", CLOSED, 1e-10),
        (FILLED, "pval", ITERATIVE, 1e-6),
        (NEW_STUDY, "lb", CLOSED, 1e-10),
        (NEW_STUDY | {"method_tau2": "REML"}, "lb", ITERATIVE, 1e-6),
        (VARIANCE, "lb", ITERATIVE, 1e-6),
        (SUBSETS, "q05", ITERATIVE, 1e-6),
        (SIGNS, "ci_lb", CLOSED, 1e-10),
        (CHOICE, "estimate", ITERATIVE, 1e-6),
        (THREE_LEVEL, "sigma2_between", ITERATIVE, 1e-6),
        (THREE_LEVEL, "q", CLOSED, 1e-10),
        (THREE_LEVEL, "df", ITERATIVE, 1e-6),
        (REML | {"ci_method": "cluster_robust", "df": "9.5"}, "df", ITERATIVE, 1e-6),
        (RULE, "found", ITERATIVE, 1e-6),
    ],
)
def test_number_is_held_to_the_tolerance_of_its_class(row, column, kind, tolerance):
    assert class_of(column, row) == kind
    below = compared(table(row), table(moved(row, column, tolerance / 10)))
    above = compared(table(row), table(moved(row, column, tolerance * 10)))
    assert (below.state, dict(below.near)) == ("within tolerance", {kind: 1})
    assert above.state == "different"
    (difference,) = above.differences
    assert (difference.column, difference.committed) == (column, row[column])
    assert difference.rebuilt != row[column]


@pytest.mark.parametrize(
    ("other", "is_equal"),
    [
        ("n_arm1=40;mean_arm1=2.5000000001", True),
        ("n_arm1=40;mean_arm1=2.51", False),
        ("n_arm2=40;mean_arm1=2.5", False),
        ("n_arm1=40", False),
        ("", False),
    ],
)
def test_inputs_are_compared_number_by_number(other, is_equal):
    # 1e-10 apart, relative to 2.5, lies within the ten digits that are kept; 0.4 % does not.
    assert is_near("n_arm1=40;mean_arm1=2.5", other, INPUTS) == is_equal


@pytest.mark.parametrize(
    ("column", "other"), [("k", "4"), ("df", "2.0000000000001"), ("n_participants", "411"), ("note", "In words")]
)
def test_counts_and_words_are_exact(column, other):
    verdict = compared(table(REML), table(REML | {column: other}))
    assert [(one.column, one.rebuilt) for one in verdict.differences] == [(column, other)]


def test_people_shared_out_are_a_closed_form():
    shared = STUDY | {"n_arm1": "46.6666666666667"}
    assert compared(table(shared), table(shared | {"n_arm1": "46.6666666666666"})).state == "within tolerance"
    assert compared(table(shared), table(shared | {"n_arm1": "46.666667"})).state == "different"


def test_steps_of_a_search_and_noise_between_engines_decide_nothing():
    assert compared(table(REML), table(REML | {"iterations": "9"})).state == "within tolerance"
    assert compared(table(REML), table(REML | {"second_engine_difference": "3e-11"})).state == "within tolerance"
    assert compared(table(REML), table(REML | {"second_engine_difference": "1e-5"})).state == "different"


def test_number_that_goes_or_comes_is_a_difference():
    assert compared(table(REML), table(REML | {"tau2": ""})).state == "different"
    assert compared(table(REML | {"tau2": ""}), table(REML)).state == "different"


def test_zero_and_a_logarithm_of_one_are_near():
    # log(1) computed as a difference of logarithms is 0 or about 1e-17 (half a unit of the last place of 0.1).
    assert compared(table(STUDY | {"yi": "0"}), table(STUDY | {"yi": "1e-17"})).state == "within tolerance"
    assert compared(table(STUDY | {"yi": "0"}), table(STUDY | {"yi": "1e-12"})).state == "different"


def test_rows_are_matched_by_their_keys():
    both, one = table(REML, DL), table(DL)
    assert [(d.row, d.rebuilt) for d in compared(both, one).differences] == [("a / reml", "no such row")]
    assert [(d.row, d.committed) for d in compared(one, both).differences] == [("a / reml", "no such row")]
    (order,) = compared(both, table(DL, REML)).differences
    assert order.rebuilt == "the same rows in another"


@pytest.mark.parametrize(
    ("row", "other", "name"),
    [
        (COUNTS, GLMM, "peto"),
        (BEGG, EGGER, "begg / tau"),
        (VARIANCE, NEW_STUDY, "tau2 / q_profile / DL / -"),
        (SUBSETS, SUBSETS | {"quantity": "tau2"}, "all / estimate"),
        (SIGNS, SIGNS | {"stratum": "cohort"}, "direction / design / rct"),
        (CHOICE, CHOICE | {"option": "common"}, "model / dl"),
        (THREE_LEVEL, THREE_LEVEL | {"rho": "0.8"}, "che / 0.6"),
        (RULE, RULE | {"name": "few_effects"}, "rule / heterogeneity"),
    ],
)
def test_row_of_the_examination_that_goes_is_told_by_name(row, other, name):
    (difference,) = compared(table(row, other), table(other)).differences
    assert (difference.row, difference.rebuilt) == (name, "no such row")
    (order,) = compared(table(row, other), table(other, row)).differences
    assert order.rebuilt == "the same rows in another"


@pytest.mark.parametrize("name", sorted(name for name in vars(examine) if name.endswith("_COLUMNS")))
def test_every_computed_column_of_the_examination_has_a_class(name):
    """A fraction that is compared as text would fail on another machine for its last digit."""
    if name not in WORDS_AND_COUNTS:
        assert name in {"COMBINED_P_COLUMNS", "DIRECTION_COLUMNS"}, "a table that is no part of another"
        assert set(getattr(examine, name)) < set(examine.WITHOUT_POOLING_COLUMNS)
        return
    columns = getattr(examine, name)
    assert len([column for column in TABLES if column in columns]) == 1, "one column tells which table it is"
    (known,) = (known for column, known in TABLES.items() if column in columns)
    assert set(known.keys) <= set(columns)
    blank = dict.fromkeys(columns, "")
    assert [column for column in columns if class_of(column, blank) == EXACT] == WORDS_AND_COUNTS[name].split()


def test_column_that_goes_is_a_difference():
    fewer = {name: value for name, value in REML.items() if name != "q"}
    assert [(d.column, d.rebuilt) for d in compared(table(REML), table(fewer)).differences] == [("q", "no such column")]


def test_same_cells_in_other_bytes_are_a_difference():
    assert compared(table(REML), table(REML).replace(b"\n", b"\r\n")).state == "different"


def test_missing_and_extra_files_are_differences():
    assert compared(table(REML), None).differences[0].rebuilt == "no such file"
    assert compared(None, table(REML)).differences[0].committed == "no such file"


def test_json_is_read_as_its_table():
    old, new = ([{"model": "reml", "method_tau2": "REML", "k": 3, "tau2": value}] for value in (0.5, 0.5000001))
    name = "results/analyses/a/pooled.json"
    assert dict(compared(json.dumps(old).encode(), json.dumps(new).encode(), name).near) == {ITERATIVE: 1}
    new[0]["k"] = 4
    assert [d.column for d in compared(json.dumps(old).encode(), json.dumps(new).encode(), name).differences] == ["k"]


def test_figures_are_compared_as_bytes_and_text_says_how_many_lines():
    (png,) = compared(b"PNG1", b"PNG2", "results/analyses/a/forest.png").differences
    assert (png.committed, png.rebuilt) == ("4 bytes", "4 other bytes")
    (svg,) = compared(b"a\nb\nc\n", b"a\nB\nc\nd\n", "results/analyses/a/forest.svg").differences
    assert (svg.committed, svg.rebuilt) == ("lines only here: 1", "lines only here: 2")


def test_script_keeps_its_words_and_its_numbers_within_tolerance():
    name, line = "results/analyses/a/reproduce.R", b"agree(c(0.5, -0.25), fit)\n"
    assert compared(line, line.replace(b"0.5", b"0.50000001"), name).state == "within tolerance"
    assert compared(line, line.replace(b"0.5", b"0.51"), name).state == "different"
    assert compared(line, line.replace(b"fit", b"fat"), name).state == "different"
    assert compared(line, line + line, name).state == "different"


def test_hash_of_a_result_is_excused_only_where_its_file_is_equal_within_tolerance():
    def record(result: str, code: str = "c") -> bytes:
        return json.dumps({"code": {"x.py": code}, "results": {POOLED: result}}).encode()

    old = {POOLED: table(REML), PROVENANCE: record("1")}
    near = {POOLED: table(moved(REML, "tau2", 1e-8)), PROVENANCE: record("2")}
    far = {POOLED: table(moved(REML, "tau2", 1e-3)), PROVENANCE: record("2")}
    assert [verdict.state for verdict in compare_results(old, near)] == ["within tolerance", "within tolerance"]
    assert [verdict.state for verdict in compare_results(old, far)] == ["different", "different"]
    other_code = {POOLED: table(REML), PROVENANCE: record("1", code="d")}
    assert [d.column for verdict in compare_results(old, other_code) for d in verdict.differences] == ["x.py"]


def test_files_are_counted_by_kind():
    names = [POOLED, "results/analyses/b/pooled.csv", "results/effects/s.csv", "results/report.html"]
    verdicts = compare_results(dict.fromkeys(names, b""), dict.fromkeys(names, b""))
    assert [verdict.kind for verdict in verdicts] == ["results/analyses/*/pooled.csv"] * 2 + [
        "results/effects/*.csv",
        "results/report.html",
    ]


WORKBOOK, WORD_FILE = "results/tables.xlsx", "results/report.docx"


def book(*rows: dict[str, str]) -> bytes:
    """A workbook with one sheet of pooled results."""
    numbers = frozenset({"k", "estimate", "q", "tau2"})
    return workbook_bytes([Sheet(name="pooled", columns=list(rows[0]), rows=rows, numbers=numbers)], title="t")


def archive(content: bytes, level: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        entry = zipfile.ZipInfo("word/document.xml")
        made.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=level)
    return buffer.getvalue()


# The tolerances of the tables, 1e-10 and 1e-6, tried a factor of ten below and above.
@pytest.mark.parametrize(
    ("row", "column", "kind", "tolerance"), [(DL, "estimate", CLOSED, 1e-10), (REML, "estimate", ITERATIVE, 1e-6)]
)
def test_number_in_a_workbook_is_held_to_the_tolerance_of_its_class(row, column, kind, tolerance):
    below = compared(book(row), book(moved(row, column, tolerance / 10)), WORKBOOK)
    above = compared(book(row), book(moved(row, column, tolerance * 10)), WORKBOOK)
    assert (below.state, dict(below.near)) == ("within tolerance", {kind: 1})
    (difference,) = above.differences
    assert (difference.row, difference.column) == (f"pooled: a / {row['model']}", "estimate")


@pytest.mark.parametrize("change", [{"k": "4"}, {"note": "in other words"}, {"estimate": "0.51"}])
def test_other_words_and_counts_in_a_workbook_are_a_difference(change):
    verdict = compared(book(REML), book(REML | change), WORKBOOK)
    assert [difference.column for difference in verdict.differences] == list(change)


def test_row_and_sheet_that_one_workbook_lacks_are_a_difference():
    assert compared(book(REML, DL), book(REML), WORKBOOK).state == "different"
    other = workbook_bytes([Sheet(name="other", columns=["a"], rows=[{"a": "x"}])], title="t")
    rows = {difference.row for difference in compared(book(REML), other, WORKBOOK).differences}
    assert rows == {"pooled: a / reml", "other: row"}


def test_looks_of_a_workbook_alone_are_a_difference():
    found = packed.members(book(REML))
    found["xl/styles.xml"] = found["xl/styles.xml"].replace(b"<b/>", b"")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, member in found.items():
            made.writestr(name, member)
    (difference,) = compared(book(REML), buffer.getvalue(), WORKBOOK).differences
    assert "other bytes" in difference.rebuilt


def test_packing_of_a_word_file_is_no_difference_but_its_words_are():
    fast, small = archive(b"<w/>" * 500, 1), archive(b"<w/>" * 500, 9)
    assert fast != small
    verdict = compared(fast, small, WORD_FILE)
    assert (verdict.state, dict(verdict.near)) == ("within tolerance", {PACKING: 1})
    assert compared(fast, archive(b"<w/>" * 499, 1), WORD_FILE).state == "different"


@pytest.mark.parametrize("broken", [b"", b"no archive"])
def test_broken_archive_is_a_difference_and_no_crash(broken):
    assert compared(book(REML), broken, WORKBOOK).state == "different"
    assert compared(broken, archive(b"<w/>", 1), WORD_FILE).state == "different"
