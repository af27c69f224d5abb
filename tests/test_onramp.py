"""The way in: run.py, the set-up behind it, make and continuous integration.

The set-ups here are real, yet need no network: their lock names an empty package made on the spot.
"""

import ast
import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import make_environment
import onramp

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("run", ROOT / "run.py")
run = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(run)

#: Seconds after which a set-up counts as hanging; one takes about 5 s here.
PATIENCE = 120

#: A stand-in for a command: says which Python does the work, and that the package is there.
STUB = """
import importlib.metadata, sys
print(sys.prefix, importlib.metadata.version("tiny"), *sys.argv[1:], sep="|")
"""


def wheel(folder: Path, name: str) -> str:
    """Make a wheel of an empty package; return its sha256."""
    info = f"{name}-1.0.dist-info"
    contents = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD,,\n"
    for path, text in contents.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text)}\n"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in [*contents.items(), (f"{info}/RECORD", record)]:
            archive.writestr(path, text)
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture
def clone(tmp_path):
    """A copy of the way in, in a folder with a space, whose lock names one tiny package."""
    folder = tmp_path / "a clone"
    (folder / "workflow" / "commands").mkdir(parents=True)
    for name in ("run.py", "workflow/onramp.py", "workflow/make_environment.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "workflow/commands/check.py").write_text(STUB)
    for lock, name in (("requirements.lock", "tiny"), ("bootstrap.lock", "setuptools")):
        digest = wheel(tmp_path / "wheels", name)
        (folder / lock).write_text(f"{name}==1.0 \\\n    --hash=sha256:{digest}\n")
    return folder


def settings(clone: Path, route: str) -> dict[str, str]:
    """Environment variables under which nothing is fetched from anywhere."""
    wheels = str(clone.parent / "wheels")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "REPOOL_"))}
    kept |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels}
    kept |= {"UV_NO_CONFIG": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": wheels}
    kept |= {"UV_CACHE_DIR": str(clone.parent / "cache"), "UV_PYTHON_DOWNLOADS": "never"}
    # Where there is no uv at all, the route "uv" shows that its absence does no harm.
    kept["PATH"] = str(ROOT / ".boot" / "bin") + os.pathsep + kept["PATH"]
    return kept | ({"REPOOL_NO_UV": "1"} if route == "pip" else {})


def begin(clone: Path, route: str) -> subprocess.Popen:
    """Start run.py in the clone, from another folder."""
    command = [sys.executable, str(clone / "run.py"), "check", "--review", "mine"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=clone.parent, env=settings(clone, route), **pipes)


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Exit code, output and messages of a start of run.py."""
    output, messages = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in messages
    return process.returncode, output.strip(), messages


def expected(clone: Path) -> str:
    return f"{clone / '.venv'}|1.0|--review|{clone.parent / 'mine'}"


@pytest.mark.slow
@pytest.mark.parametrize("route", ["uv", "pip"])
def test_first_start_sets_up_and_the_next_one_goes_straight_to_work(clone, route):
    first = finish(begin(clone, route))
    assert first[:2] == (0, expected(clone))
    assert "setting up .venv" in first[2]
    assert finish(begin(clone, route)) == (0, expected(clone), "")


@pytest.mark.slow
@pytest.mark.parametrize("route", ["uv", "pip"])
def test_package_with_a_wrong_hash_is_refused_in_plain_words(clone, route):
    lock = clone / "requirements.lock"
    lock.write_text(re.sub("sha256:.*", "sha256:" + 64 * "0", lock.read_text()))
    code, output, messages = finish(begin(clone, route))
    assert (code, output) == (2, "")
    assert "its hash differs" in messages
    # One line that says what goes on, two that say what is wrong and what to do.
    assert len(messages.splitlines()) == 3
    # The refusal is final: no other program is asked to install the package after all.
    answers = (clone / ".venv-setup.log").read_text(encoding="utf-8").lower().split("\n$ ")
    refused = ["hash mismatch" in answer or "not match the hash" in answer for answer in answers]
    assert refused == [False] * (len(answers) - 1) + [True]
    assert not onramp.is_current(str(clone))


@pytest.mark.slow
def test_two_starts_at_once_set_up_once(clone):
    both = [begin(clone, "pip"), begin(clone, "pip")]
    answers = [finish(process) for process in both]
    assert [answer[:2] for answer in answers] == 2 * [(0, expected(clone))]
    assert sum("setting up .venv once" in answer[2] for answer in answers) == 1


@pytest.fixture
def finished(tmp_path):
    """A folder whose .venv passes for finished."""
    (tmp_path / "requirements.lock").write_text("tiny==1.0\n")
    python = Path(onramp.program(str(tmp_path / ".venv"), "python"))
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = somewhere\nversion = 3.12.1\n")
    (tmp_path / ".venv" / ".repool-stamp").write_text(onramp.stamp_text(str(tmp_path)))
    return tmp_path


def test_finished_environment_is_taken(finished):
    assert onramp.is_current(str(finished))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.lock", "tiny==1.1\n"),
        (".venv/pyvenv.cfg", "version = 3.13.0\n"),
        (".venv/.repool-stamp", ""),
    ],
)
def test_environment_is_not_taken_after_a_change(finished, path, text):
    (finished / path).write_text(text)
    assert not onramp.is_current(str(finished))


@pytest.mark.parametrize("path", [".venv/pyvenv.cfg", ".venv/.repool-stamp"])
def test_half_made_environment_is_not_taken(finished, path):
    (finished / path).unlink()
    assert not onramp.is_current(str(finished))


def test_environment_without_its_python_is_not_taken(finished):
    Path(onramp.program(str(finished / ".venv"), "python")).unlink()
    assert not onramp.is_current(str(finished))


def test_moved_environment_is_not_taken(finished, tmp_path):
    moved = finished.rename(tmp_path.with_name(tmp_path.name + "-moved"))
    assert not onramp.is_current(str(moved))


def test_active_environment_counts_only_with_the_very_versions(finished):
    lock = finished / "requirements.lock"
    lock.write_text(f"pytest=={pytest.__version__} \\\n    --hash=sha256:0\n")
    assert onramp.has_locked_packages(str(finished))
    lock.write_text("pytest==0.1 \\\n    --hash=sha256:0\n")
    assert not onramp.has_locked_packages(str(finished))


def test_chosen_python_without_the_packages_is_refused(finished, monkeypatch):
    monkeypatch.setenv("REPOOL_PYTHON", sys.executable)
    with pytest.raises(onramp.SetupError, match="REPOOL_PYTHON"):
        onramp.ready_python(str(finished), print)


def test_build_tool_is_taken_from_the_lock_with_its_hashes():
    part = make_environment.build_tool((ROOT / "bootstrap.lock").read_bytes()).decode()
    assert part.startswith("setuptools==")
    assert "--hash=sha256:" in part
    assert "uv==" not in part


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("run.py", (3, 6)),
        ("workflow/onramp.py", (3, 8)),
        ("workflow/make_environment.py", (3, 8)),
    ],
)
def test_old_python_can_read_what_it_starts_with(path, version):
    ast.parse((ROOT / path).read_text(encoding="utf-8"), feature_version=version)


def test_too_old_python_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 7, 16, "final", 0))
    assert run.main([]) == 2
    assert capsys.readouterr().err == "repool: this is Python 3.7; start run.py with 3.8 or later.\n"


def test_unknown_command_names_the_commands(capsys):
    assert run.main(["tset"]) == 2
    message = capsys.readouterr().err
    assert "Did you mean test?" in message
    for command in run.COMMANDS:
        assert command in message


def test_every_command_is_described_and_has_a_module(capsys):
    assert run.main(["--help"]) == 0
    described = re.findall(r"^  ([a-z]+)  +\w", capsys.readouterr().out, re.MULTILINE)
    assert described == list(run.COMMANDS)
    for module in run.COMMANDS.values():
        assert (ROOT / "workflow" / "commands" / f"{module}.py").is_file(), module


def test_review_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = str(tmp_path / "my review")
    assert run.absolute_review(["--review", "my review"]) == ["--review", mine]
    assert run.absolute_review(["--review=my review", "-n"]) == ["--review", mine, "-n"]
    assert run.absolute_review(["--", "--review", "x"]) == ["--", "--review", "x"]


def test_every_target_of_make_only_calls_run():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^\t(.*)$", makefile, re.MULTILINE)
    called = [re.fullmatch(r"\$\(PYTHON\) run\.py (\w+)( .*)?", recipe)[1] for recipe in recipes]
    targets = re.findall(r"^(\w+):$", makefile, re.MULTILINE)
    assert called == targets == list(run.COMMANDS)


def test_ci_tests_and_reproduces_with_and_without_make():
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert re.search(r"\bmake test\n\s+make reproduce\n", text)
    assert re.search(r"\bpython3 run\.py test\n\s+python3 run\.py reproduce\n", text)
    assert "set -euo pipefail" in text
    assert os.access(script, os.X_OK)
