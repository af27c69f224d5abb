"""The layers of the package: a module imports only from its own folder and from layers below."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "workflow" / "scripts" / "repool"
#: Lowest first. A folder is one layer, a module at the top of the package another; docs/architecture.md draws them.
LAYERS = [
    ["files", "schemas", "code", "assumptions", "compare", "differences", "packed", "result_tables"],
    ["problems", "jobs", "provenance"],
    [
        *("effects.measure_words", "effects.route", "effects.routes_of_two_groups", "effects.route_catalogue"),
        # How a formula is spelt: the door reads it, pooling computes it.
        "pooling.moderators.formula_grammar",
    ],
    ["extraction"],
    ["door"],
    ["effects"],
    ["pooling"],
    ["figures"],
    ["report"],
    ["stages"],
]
#: The only modules that touch the disk; schemas and the templates are the software's own files.
TOUCH_THE_DISK = {"files", "schemas", "door", "jobs", "figures.rendering", "report.page"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name_of(path):
    return path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")


def layer_of(module):
    exact = [place for place, names in enumerate(LAYERS) if module in names]
    folder = [place for place, names in enumerate(LAYERS) if module.split(".")[0] in names]
    assert exact or folder, f"{module} stands in no layer: put it into a folder, or into LAYERS"
    return (exact or folder)[0]


def imports_of(path):
    """Yield the names of package modules that a module imports, also inside functions."""
    known = {name_of(module) for module in MODULES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "repool":
            base = node.module.removeprefix("repool").lstrip(".")
            for alias in node.names:
                longer = f"{base}.{alias.name}".lstrip(".")
                yield longer if longer in known else base
        elif isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("repool.") for alias in node.names if alias.name.startswith("repool."))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_imports_from_its_own_layer_or_below(path):
    above = [other for other in imports_of(path) if layer_of(other) > layer_of(name_of(path))]
    assert not above, f"{name_of(path)} imports from a layer above it: {above}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_border_touches_the_disk(path):
    text = path.read_text(encoding="utf-8")
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    }
    touching = calls & {"open", "read_text", "write_text", "read_bytes", "write_bytes", "unlink", "mkdir", "print"}
    assert not touching or name_of(path) in TOUCH_THE_DISK, f"{name_of(path)} calls {sorted(touching)}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_package_knows_no_snakemake_and_no_configuration_object(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in {"snakemake", "config"}]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_function_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    assert ast.get_docstring(tree), path
    assert not [node.name for node in public if not ast.get_docstring(node)]


@pytest.mark.parametrize("path", sorted(PACKAGE.parent.glob("*.py")), ids=lambda path: path.stem)
def test_adapter_is_short_and_has_its_rule(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 20
    rules = "".join(rule.read_text(encoding="utf-8") for rule in (PACKAGE.parents[1] / "rules").glob("*.smk"))
    assert f" {path.stem}:" in rules and f'"../scripts/{path.name}"' in rules
