"""The made pages are those that the software would make now, and the written ones point to what exists."""

import csv
import difflib
import importlib.util
import json
import re
from pathlib import Path

import pytest

from commands import docs
from commands.check_rules import GROUPS, RULES
from commands.doc_routes import assumptions_of
from repool.schemas import schema

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "workflow" / "scripts" / "repool"
PAGES = docs.pages()
WRITTEN = sorted(
    {
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(ROOT / "config/README.md", ROOT / "examples/bcg/README.md"),
        *(ROOT / "docs").glob("*.md"),
    }
)
SPEC = importlib.util.spec_from_file_location("run", ROOT / "run.py")
run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run)


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
        used |= set(re.findall(r'"([TCSRU]\d\d)"', path.read_text(encoding="utf-8")))
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
