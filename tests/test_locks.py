"""The files that name versions agree with each other and with what is installed."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import onramp

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "bootstrap.lock")

#: In parts, so that this file does not hold what it looks for.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("deb", "debian", "org"),
        ("npmjs", "org"),
        ("anaconda", "org"),
        ("anaconda", "com"),
    )
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def locked(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock with the words that follow it."""
    text = re.sub(r"^\s*#.*\n", "", read(lock), flags=re.MULTILINE).replace("\\\n", " ")
    entries = []
    for line in text.splitlines():
        requirement, *words = re.split(r"\s+(?=--)", line.strip())
        entries.append((Requirement(requirement), words))
    return entries


def pins(requirements: list[str]) -> dict[str, str]:
    """Name -> version, refusing anything that is no exact pin."""
    found = {}
    for text in requirements:
        requirement = Requirement(text)
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", f"{text} leaves the version open"
        assert "*" not in specifier.version, f"{text} leaves the version open"
        found[requirement.name] = specifier.version
    return found


def direct_pins() -> dict[str, str]:
    return pins(PYPROJECT["project"]["dependencies"] + PYPROJECT["dependency-groups"]["dev"])


def locked_pins(lock: str) -> dict[str, str]:
    return pins([str(requirement) for requirement, _ in locked(lock)])


def test_lock_holds_every_version_that_was_chosen():
    assert direct_pins().items() <= locked_pins("requirements.lock").items()


def test_bootstrap_lock_holds_exactly_the_tools_that_were_chosen():
    assert locked_pins("bootstrap.lock") == pins(PYPROJECT["dependency-groups"]["bootstrap"])


def test_environment_shows_every_version_that_was_chosen():
    shown = re.findall(r"^#   (\S+)==(\S+)$", read("environment.yml"), re.MULTILINE)
    assert dict(shown) == direct_pins()
    assert len(shown) == len(direct_pins())


def test_environment_installs_the_lock_and_nothing_else():
    environment = yaml.safe_load(read("environment.yml"))
    python, pip, lock = environment["dependencies"]
    name, version = python.split("=")
    assert (name, pip, lock) == ("python", "pip", {"pip": ["-r requirements.lock"]})
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(version)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hashes(lock):
    for requirement, words in locked(lock):
        assert words, f"{requirement} has no hash"
        for word in words:
            assert re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", word), f"{requirement}: {word}"


def test_every_python_gets_the_same_version_of_every_package():
    names = [requirement.name for requirement, _ in locked("requirements.lock")]
    assert sorted(names) == sorted(set(names))
    for requirement, _ in locked("requirements.lock"):
        assert "python" not in str(requirement.marker or ""), requirement


def test_installed_packages_are_the_locked_ones():
    wanted = {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement, _ in locked("requirements.lock")
        if requirement.marker is None or requirement.marker.evaluate()
    }
    assert {name: metadata.version(name) for name in wanted} == wanted


def test_set_up_reads_every_unconditional_package_of_the_lock():
    unconditional = [requirement for requirement, _ in locked("requirements.lock")]
    unconditional = [requirement for requirement in unconditional if requirement.marker is None]
    assert dict(onramp.locked_versions(ROOT)) == pins([str(each) for each in unconditional])


def test_set_up_takes_the_pythons_that_the_project_supports():
    supported = SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert SpecifierSet(onramp.PYTHON_RANGE) == supported
    minors = [minor for minor in range(100) if supported.contains(f"3.{minor}")]
    assert ((3, minors[0]), (3, minors[-1])) == (onramp.OLDEST, onramp.NEWEST)


def test_ci_runs_on_every_supported_python():
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    first, last = onramp.OLDEST[1], onramp.NEWEST[1]
    assert tested == [f"3.{minor}" for minor in range(first, last + 1)]


def test_citation_names_this_version_and_licence():
    citation = yaml.safe_load(read("CITATION.cff"))
    project = PYPROJECT["project"]
    assert citation["title"] == project["name"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert read("LICENSE").startswith(f"{project['license']} License\n")


def test_no_file_at_the_top_names_a_package_registry():
    ignored = read(".gitignore").splitlines()
    for path in sorted(ROOT.iterdir()):
        if path.is_file() and path.name not in ignored:
            text = path.read_bytes().decode("utf-8", errors="replace")
            assert [host for host in HOSTS if host in text] == [], path.name
