"""A copy of the machine with a small review in it, and the exact set of jobs that a run did there."""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "reviews" / "small"
#: What a review's folder needs to run by itself.
MACHINE = ("Snakefile", "workflow", "requirements.lock", "run.py")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True)
class Run:
    """One run of `run.py run`.

    Parameters
    ----------
    code : int
        Exit code.
    jobs : frozenset of str
        Rule and analysis of each job that ran, such as "pool_effects retention_rr".
    out, err : str
        What it printed.
    """

    code: int
    jobs: frozenset[str]
    out: str
    err: str


@dataclass(frozen=True)
class House:
    """A folder with the machine and a review.

    Parameters
    ----------
    folder : path
        Where it stands.
    """

    folder: Path

    def path(self, name: str) -> Path:
        """Return a file of the house."""
        return self.folder / name

    def start(self, *more: str, cores: int = 1, command: str = "review", **settings: str) -> subprocess.Popen:
        """Start a command as run.py does, in a process group of its own, with more environment variables."""
        script = self.path(f"workflow/commands/{command}.py")
        words = [sys.executable, "-P", script, "--review", self.folder, "--cores", cores, *more]
        return subprocess.Popen(
            [str(word) for word in words],
            cwd=self.folder,
            env=_settings(self.path("run.py")) | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *more: str, cores: int = 1) -> Run:
        """Run the review and return what ran; the printed jobs must be those that left a new log."""
        before = self._logs()
        process = self.start(*more, cores=cores)
        out, err = process.communicate()
        after = self._logs()
        logged = frozenset(job for job, time_stamp in after.items() if before.get(job) != time_stamp)
        printed = frozenset(told_jobs(out))
        if "taking them over" not in out:
            is_dry = "-n" in more
            assert logged == (frozenset() if is_dry else printed), (logged ^ printed, out, err)
        return Run(process.returncode, printed, out, err)

    def _logs(self) -> dict[str, int]:
        """Return job -> time stamp of its log: an account of the jobs that owes nothing to what is printed."""
        folder = self.path("results/logs")
        found = [path for path in folder.rglob("*.log") if not path.name.startswith(".")]
        names = (path.relative_to(folder).with_suffix("") for path in found)
        return {" ".join(name.parts): path.stat().st_mtime_ns for name, path in zip(names, found, strict=True)}

    def results(self) -> dict[str, bytes]:
        """Return file -> bytes of every result; logs are none."""
        found = self.files("results").items()
        # Snakemake keeps a time stamp in every folder that is made as a whole.
        return {name: content for name, content in found if "/logs/" not in name and "/." not in name}

    def files(self, *names: str) -> dict[str, bytes]:
        """Return file -> bytes of every file in some folders of the house."""
        found = (path for name in names for path in self.path(name).rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    def copy(self, folder: Path) -> House:
        """Return a copy that keeps time stamps and Snakemake's memory."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return House(folder)

    def delete(self, name: str) -> None:
        """Delete a folder of the house."""
        shutil.rmtree(self.path(name))

    def restore(self, contents: dict[str, bytes]) -> None:
        """Put files back as they were at another time, as git does: what is the same is not written."""
        for name, content in contents.items():
            path = self.path(name)
            if not path.is_file() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def wait_for(self, name: str, *, process: subprocess.Popen) -> None:
        """Wait until a folder holds a file, while a process lives."""
        while not any(self.path(name).glob("*")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)

    def run_until_killed(self, name: str) -> None:
        """Start a run and kill it with all its jobs once a folder holds a file."""
        process = self.start()
        self.wait_for(name, process=process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def time_stamps(self, *names: str) -> dict[str, int]:
        """Return file -> time stamp, in nanoseconds, of every file in some folders."""
        return {name: self.path(name).stat().st_mtime_ns for name in self.files(*names)}

    def shuffle_time_stamps(self) -> None:
        """Give every file one of the last thousand seconds, in no order, as git checkout may."""
        chance, now = random.Random(1), time.time()
        for name in sorted(self.files("config", "data", "results", "workflow")):
            when = now - chance.randrange(1000)
            os.utime(self.path(name), (when, when))

    def from_nothing(self, folder: Path) -> House:
        """Return a copy without results and without memory, run from nothing."""
        house = self.copy(folder)
        house.forget()
        shutil.rmtree(house.path("results"))
        done = house.run()
        assert done.code == 0, done.out + done.err
        return house

    def forget(self) -> None:
        """Remove what git does not keep: Snakemake's memory and the logs."""
        shutil.rmtree(self.path(".snakemake"), ignore_errors=True)
        shutil.rmtree(self.path("results/logs"), ignore_errors=True)

    # Edits. Each says at once when it would change nothing, so that no row passes for the wrong reason.

    def write(self, name: str, text: str) -> None:
        """Write a text file."""
        path = self.path(name)
        assert not path.is_file() or path.read_text(encoding="utf-8") != text, f"{name}: nothing changed"
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a piece of text that stands in a file exactly once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name}: {old!r} stands there {text.count(old)} times"
        self.write(name, text.replace(old, new))

    def append(self, name: str, text: str) -> None:
        """Add text at the end of a file."""
        self.write(name, self.path(name).read_text(encoding="utf-8") + text)

    def set_cell(self, name: str, row: str, column: str, value: str) -> None:
        """Write one cell of a table whose first column names the row."""
        header, *rows = csv.reader(io.StringIO(self.path(name).read_text(encoding="utf-8"), newline=""))
        (found,) = (cells for cells in rows if cells[0] == row)
        found[header.index(column)] = value
        self.write(name, _csv([header, *rows]))

    def delete_rows(self, name: str, row: str) -> None:
        """Delete the row of a table with this name in the first column."""
        header, *rows = csv.reader(io.StringIO(self.path(name).read_text(encoding="utf-8"), newline=""))
        self.write(name, _csv([header, *(cells for cells in rows if cells[0] != row)]))

    def reverse_rows(self, name: str) -> None:
        """Turn the order of the rows of a table round."""
        header, *rows = csv.reader(io.StringIO(self.path(name).read_text(encoding="utf-8"), newline=""))
        self.write(name, _csv([header, *reversed(rows)]))

    def touch(self, *names: str) -> None:
        """Give files, and all files of folders, the time stamp of this moment."""
        now = time.time()
        for name in names:
            path = self.path(name)
            for file in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
                os.utime(file, (now, now))


def new_house(folder: Path) -> House:
    """Return a house with the repository's machine and the small review, not yet run."""
    folder.mkdir(parents=True)
    for name in MACHINE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=_NOT_COPIED)
        else:
            shutil.copy2(source, folder / name)
    shutil.copytree(SMALL, folder, dirs_exist_ok=True)
    return House(folder)


def differing(results: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """Return the files that differ between two sets of results, or stand in one alone."""
    return sorted(name for name in results.keys() | others.keys() if results.get(name) != others.get(name))


def told_jobs(out: str) -> list[str]:
    """Return the jobs that a run printed: lines that start with two spaces and the name of a rule."""
    rules = [path.stem for path in (ROOT / "workflow" / "scripts").glob("*.py")]
    lines = [line.split("   ")[0].strip() for line in out.splitlines() if line.startswith("  ")]
    return [line for line in lines if line.split(" ")[0] in rules]


def _csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _settings(run_py: Path) -> dict[str, str]:
    """Return the environment that the house's own run.py would give the command."""
    spec = importlib.util.spec_from_file_location("run_of_the_house", run_py)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.settings_for(sys.executable)
