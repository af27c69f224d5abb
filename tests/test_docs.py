"""The made pages are those that the software would make now, and the written ones point to what exists."""

import csv
import difflib
import importlib
import importlib.util
import inspect
import json
import re
from pathlib import Path

import pytest
import yaml

from commands import docs
from commands.check_rules import GROUPS, RULES
from commands.doc_routes import assumptions_of
from repool.extraction.settings import check_review
from repool.report import page
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workflow" / "scripts" / "repool"
PAGES = docs.pages()
WRITTEN = sorted(
    {
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(ROOT / "config/README.md", *(ROOT / "examples").glob("*/README.md")),
        *(ROOT / "docs").rglob("*.md"),
    }
)
SPEC = importlib.util.spec_from_file_location("run", ROOT / "run.py")
run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run)


#: Table of docs/results.md -> the tuple that the code writes its columns by.
WRITTEN_BY = {
    "checks/problems.csv": "repool.problems.COLUMNS",
    "checks/studies.csv": "repool.stages.harmonise.STUDY_COLUMNS",
    "checks/lines.csv": "repool.extraction.harmonise.LINES",
    "checks/risk_of_bias.csv": "repool.extraction.risk_of_bias.COLUMNS",
    "checks/disagreements.csv": "repool.effects.disagreements.DISAGREEMENTS",
    "harmonised/<study_id>.csv": "repool.extraction.harmonise.FRONT",
    "harmonised/ledger.csv": "repool.extraction.ledger.LEDGER",
    "effects/<study_id>.csv": "repool.effects.convert.EFFECTS",
    "analyses/<analysis>/effects.csv": "repool.effects.select.ANALYSIS_EFFECTS",
    "analyses/<analysis>/other_measures.csv": "repool.effects.select.ANALYSIS_EFFECTS",
    "analyses/<analysis>/selection.csv": "repool.effects.select.SELECTION",
    "analyses/<analysis>/risk_of_bias.csv": "repool.extraction.risk_of_bias.COLUMNS",
    "analyses/<analysis>/participants.csv": "repool.effects.conservation.PARTICIPANTS",
    "analyses/<analysis>/pooled.csv": "repool.pooling.pool.POOLED_COLUMNS",
    "analyses/<analysis>/regression.csv": "repool.pooling.moderators.meta_regression.REGRESSION_COLUMNS",
    "analyses/<analysis>/forest.csv": "repool.stages.pool.FOREST_COLUMNS",
    "analyses/<analysis>/intervals.csv": "repool.pooling.models.intervals_table.COLUMNS",
    "analyses/<analysis>/rare_events.csv": "repool.pooling.rare_events.table.COLUMNS",
    "analyses/<analysis>/dependence.csv": "repool.pooling.dependence.table.COLUMNS",
    "analyses/<analysis>/robust.csv": "repool.pooling.dependence.robust_table.ROBUST_COLUMNS",
    "analyses/<analysis>/subgroups.csv": "repool.pooling.moderators.table.SUBGROUP_COLUMNS",
    "analyses/<analysis>/bubble.csv": "repool.pooling.moderators.table.BUBBLE_COLUMNS",
    "analyses/<analysis>/missing_evidence.csv": "repool.pooling.bias.table.COLUMNS",
    "analyses/<analysis>/funnel.csv": "repool.pooling.bias.table.FUNNEL_COLUMNS",
    "analyses/<analysis>/leave_one_out.csv": "repool.pooling.sensitivity.leave_one_out.LEAVE_ONE_OUT_COLUMNS",
    "analyses/<analysis>/influence.csv": "repool.pooling.sensitivity.table.INFLUENCE_COLUMNS",
    "analyses/<analysis>/cumulative.csv": "repool.pooling.sensitivity.table.CUMULATIVE_COLUMNS",
    "analyses/<analysis>/gosh.csv": "repool.pooling.sensitivity.gosh_table.GOSH_COLUMNS",
    "analyses/<analysis>/gosh_cloud.csv": "repool.pooling.sensitivity.gosh_table.GOSH_CLOUD_COLUMNS",
    "figures/figures.csv": "repool.stages.plots.PLOT_COLUMNS",
    "figures/risk_of_bias_summary.csv": "repool.stages.review_plots.SHARE_COLUMNS",
    "analyses/<analysis>/figures/figures.csv": "repool.stages.plots.PLOT_COLUMNS",
    "analyses/<analysis>/same_result.csv": "repool.pooling.sensitivity.same_result.SAME_RESULT_COLUMNS",
    "analyses/<analysis>/without_pooling.csv": "repool.stages.examine.WITHOUT_POOLING_COLUMNS",
    "analyses/<analysis>/effect_direction.csv": "repool.pooling.without_pooling.plot_tables.EFFECT_DIRECTION_COLUMNS",
    "analyses/<analysis>/albatross.csv": "repool.pooling.without_pooling.plot_tables.ALBATROSS_COLUMNS",
    "analyses/<analysis>/verdict.csv": "repool.pooling.verdict.VERDICT_COLUMNS",
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_made_page_is_up_to_date(name):
    path = ROOT / name
    stands = path.read_text(encoding="utf-8") if path.is_file() else ""
    lines = [text.splitlines(keepends=True) for text in (stands, PAGES[name])]
    diff = "".join(difflib.unified_diff(*lines, fromfile=name, tofile="as made now"))
    assert not diff, f"{diff}\n{name} is out of date; make it anew with: python3 run.py docs"


def test_every_rule_that_is_used_is_written_down_and_the_other_way_round():
    used = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        used |= set(re.findall(r'"([TCSRUBP]\d\d)"', path.read_text(encoding="utf-8")))
    assert used == set(RULES)
    page = (ROOT / "docs/checks.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z]\d\d)` \|", page, flags=re.MULTILINE)) == used


def test_rules_are_numbered_without_a_gap_in_each_group():
    for letter in GROUPS:
        numbers = [int(rule[1:]) for rule in RULES if rule.startswith(letter)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_every_key_of_the_schema_stands_in_the_configuration():
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    # Two levels are enough to see a lost branch; deeper ones are walked the same way.
    for name, part in schema("review")["properties"].items():
        assert f"| `{name}` |" in page
        for inner in part.get("properties", {}):
            assert f"| `{name}.{inner}` |" in page


def in_code(path):
    """Return what a dotted path names."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def columns_written():
    """Return the tables of the code: file -> columns, read from the tuples that it writes them by."""
    written = {f"results/{name}": tuple(in_code(path)) for name, path in WRITTEN_BY.items()}
    return written | {f"results/tables/{name}.csv": tuple(columns) for name, columns in page.COLUMNS.items()}


def test_every_column_that_is_written_is_described_in_order():
    described = {entry["file"]: tuple(entry["columns"]) for entry in schema("results")["tables"]}
    assert described == columns_written()


def test_every_table_that_is_described_stands_on_the_page():
    page = PAGES["docs/results.md"]
    assert [entry["file"] for entry in schema("results")["tables"] if f"### `{entry['file']}`" not in page] == []


def test_every_table_that_the_rules_make_is_described():
    rules = (ROOT / "workflow/rules/common.smk").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:POOLED|EXAMINED) = \[(.*?)\]", rules, flags=re.MULTILINE | re.DOTALL)
    made = {name for text in lists for name in re.findall(r'"(\w+\.csv)"', text)}
    assert len(made) > 15
    assert made <= {entry["file"].rpartition("/")[2] for entry in schema("results")["tables"]}


def test_words_on_results_are_used_and_said_of_columns_that_exist():
    specification = schema("results")
    elsewhere = set()
    for entry in specification["tables"]:
        own = set(entry.get("here", {}))
        assert own <= set(entry["columns"]), entry["file"]
        elsewhere |= set(entry["columns"]) - own
    assert elsewhere == set(specification["words"])


def examples_of(path):
    """Return the settings that a page shows."""
    return [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)]


def merged(settings, example):
    """Return settings with those of an example in their place, block by block."""
    both = settings.keys() & example.keys()
    inner = {key: merged(settings[key], example[key]) for key in both if isinstance(example[key], dict)}
    return settings | example | inner


METHODS = sorted((ROOT / "docs/methods").glob("*.md"))


@pytest.mark.parametrize("path", [*METHODS, ROOT / "docs/figures.md"], ids=lambda path: path.stem)
def test_settings_that_a_page_shows_are_allowed(path):
    review = yaml.safe_load((ROOT / "examples/bcg/config/review.yaml").read_text(encoding="utf-8"))
    found = examples_of(path)
    assert found or path.stem == "README"
    for example in found:
        problems = check_review(merged(review, example), schema("review"), routes=review["conversion"]["route_order"])
        assert [(problem.column, problem.problem) for problem in problems] == []


def names_of(part, shared):
    """Yield every key and every allowed word below a part of a schema, through its references."""
    if isinstance(part, list):
        for item in part:
            yield from names_of(item, shared)
    if not isinstance(part, dict):
        return
    if "$ref" in part:
        yield from names_of(shared[part["$ref"].rpartition("/")[2]], shared)
    yield from part.get("properties", {})
    yield from (word for word in part.get("enum", []) if isinstance(word, str))
    for name, inner in part.items():
        yield from names_of(list(inner.values()) if name == "properties" else inner, shared)


def test_every_key_and_word_of_pooling_stands_on_a_page_of_methods():
    whole = schema("review")
    review = whole["properties"]
    names = set(names_of([review["pooling"], review["examine"]], whole["$defs"]))
    text = "\n".join(path.read_text(encoding="utf-8") for path in METHODS)
    assert len(names) > 100
    assert [name for name in sorted(names) if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)] == []


def signature_of(function):
    """Return the names of the parameters as docs/from-r.md writes them: without defaults."""
    found = inspect.signature(function).parameters.values()
    free = [parameter.name for parameter in found if parameter.kind is not parameter.KEYWORD_ONLY]
    named = [parameter.name for parameter in found if parameter.kind is parameter.KEYWORD_ONLY]
    return ", ".join([*free, *(["*", *named] if named else [])])


FROM_R = (ROOT / "docs/from-r.md").read_text(encoding="utf-8")
FUNCTIONS = re.findall(r"`((?:effects|pooling)\.[\w.]+)\(([^)]*)\)`", FROM_R)


def test_the_page_for_people_from_r_names_functions_of_every_room():
    rooms = {path.split(".")[1] for path, _ in FUNCTIONS if path.startswith("pooling.")}
    folders = {path.name for path in (PACKAGE / "pooling").iterdir() if (path / "__init__.py").is_file()}
    assert rooms == folders


@pytest.mark.parametrize(("path", "parameters"), FUNCTIONS, ids=[path for path, _ in FUNCTIONS])
def test_a_function_named_for_people_from_r_has_that_signature(path, parameters):
    assert signature_of(in_code(f"repool.{path}")) == parameters


def test_tests_named_for_people_from_r_exist():
    named = set(re.findall(r"`(test_\w+\.py)`", FROM_R))
    assert named
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).is_file()] == []


def test_example_for_people_from_r_runs():
    (example,) = re.findall(r"^```python\n(.*?)^```", FROM_R, re.M | re.S)
    shown = {}
    exec(example, shown)
    # On paper: weights 25, 100 / 9, 20; mean 77 / 505; Q = 25 x 0.04 + 100 / 9 x 0.25 + 20 x 0.01 less
    # (77 / 9)^2 / (505 / 9): 270 / 101.
    assert shown["model"].heterogeneity.q == pytest.approx(270 / 101, rel=1e-12)  # a closed form


def test_assumptions_of_routes_are_found_through_the_functions_they_call():
    source = """
def helper(rows, sides):
    return ["declared_allocation", f"p_{sides}_sided"]
def counts(rows):
    return []
def percents_and_total(rows):
    return helper(rows, "two") + ["se_from_p"]
"""
    found = assumptions_of({"m": source})
    assert found["counts"] == []
    assert found["percents_and_total"] == ["p_two_sided", "p_one_sided", "declared_allocation", "se_from_p"]


def test_data_package_names_every_column_of_the_shipped_tables():
    package = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        fields = [field["name"] for field in resource["schema"]["fields"]]
        files = sorted(ROOT.glob(resource["path"]))
        assert files, resource["path"]
        for file in files:
            header = file.read_text(encoding="utf-8").split("\n")[0].split(",")
            assert set(header) <= set(fields), file


def relative_links(path):
    """Yield (text, file) of the links of a page that point into the repository."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target, path.parent / target


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_point_to_files_that_exist(path):
    broken = [target for target, file in relative_links(path) if not file.exists()]
    assert broken == []


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_that_are_named_exist(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^ {4})(?:python3 run\.py|make) +([a-z]+)\b", text, flags=re.MULTILINE)
    assert set(named) <= set(run.COMMANDS)


def table(name):
    with (ROOT / "results/tables" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_what_the_readme_says_of_the_shipped_review_holds():
    """README.md tells the findings in words; these are the words as conditions on the committed tables."""
    primary = [row for row in table("summary.csv") if row["role"] == "primary"]
    as_reported = [row for row in primary if row["ladder_step"] == "as_reported"]
    pooled = [row for row in primary if row["basis"] == "pooled"]
    few = [row for row in as_reported if int(row["k"]) < 2]
    assert len(few) > len(as_reported) / 2, "most primary analyses are not pooled as reported"
    assert pooled and all(row["interval_side"] == "includes_no_effect" for row in pooled)
    assert sum(row["is_wide"] == "yes" for row in pooled) > len(pooled) / 2, "most are very wide"
    votes = {row["design_class"]: row for row in table("votes_by_design.csv") if row["outcome"] == "all"}
    favour = {design: int(row["favours_peer"]) / int(row["n_votes"]) for design, row in votes.items()}
    none = int(votes["randomised"]["no_difference"]) / int(votes["randomised"]["n_votes"])
    assert favour["non_randomised"] > 0.7, "non-randomised studies mostly favour peers"
    assert abs(favour["randomised"] - none) < 0.1, "randomised ones find no difference about as often"
