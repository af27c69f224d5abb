"""Make the environment that holds exactly the packages of requirements.lock.

Two routes: uv, fetched when there is none, or else the standard library's venv and pip. Both
check every package against its hash. Standard library alone, on Python 3.8 or later.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys

from onramp import (
    NEWEST,
    OLDEST,
    PYTHON_RANGE,
    WINDOWS,
    SetupError,
    is_current,
    is_supported,
    program,
    read,
    stamp_text,
)

#: The oldest uv tried with every option used here; an older one is passed over.
OLDEST_UV = (0, 5, 0)

#: Settings of the user that would put the packages elsewhere or ask for others.
MISLEADING = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_TARGET", "PIP_PREFIX"),
    *("PIP_CONSTRAINT", "UV_CONSTRAINT", "UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_TARGET"),
)

HASH_DIFFERS = """\
a downloaded package is not the one that the lock names (its hash differs), so it was refused.
Which one is in .venv-setup.log. If the lock was edited, undo that; if not, try again later."""

NO_PACKAGES = """\
the packages of requirements.lock could not be installed. Is there a network connection?
The full answer is in .venv-setup.log; the same command tries again."""

NO_PYTHON = """\
Python 3.11, 3.12 or 3.13 with its venv module is needed (all that was tried: .venv-setup.log).
On Debian or Ubuntu: apt install python3-venv. Elsewhere: install Python 3.13, or uv."""


def set_up(root, say):
    """Make .venv from the lock, unless another process does so first.

    The stamp is written last, so a half-made .venv is never taken for a good one.
    """
    with exclusive_log(root, say) as log:
        if is_current(root):
            return
        log.truncate(0)
        say("setting up .venv once; fetching the packages can take some minutes.")
        setup = SetUp(root, log)
        outcomes = []
        for route in (with_uv, with_pip):
            outcomes.append(route(setup))
            if outcomes[-1]:
                break
            if setup.met_wrong_hash():
                raise SetupError(HASH_DIFFERS)
        else:
            raise SetupError(NO_PACKAGES if False in outcomes else NO_PYTHON)
        with open(os.path.join(root, ".venv", ".repool-stamp"), "wb") as stamp:
            stamp.write(stamp_text(root).encode("utf-8"))


@contextlib.contextmanager
def exclusive_log(root, say):
    """Open .venv-setup.log for this process alone, after any other set-up has ended.

    The lock belongs to the open file, which uv and pip inherit as their output. So no stale
    lock can remain, and after a kill the next start waits for what the killed one left running.
    """
    with open(os.path.join(root, ".venv-setup.log"), "a", encoding="utf-8") as log:
        if not try_lock(log, wait=False):
            say("waiting for another start of repool to finish setting up .venv.")
            while not try_lock(log, wait=True):
                pass
        yield log


def try_lock(file, *, wait):
    """Lock an open file against other processes; tell whether it is locked now."""
    try:
        if WINDOWS:
            import msvcrt

            # Far beyond the end of the log, so that writing the log is not hindered.
            os.lseek(file.fileno(), 2**30, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network drives know no locks; there, one set-up at a time is the user's care.
        return not WINDOWS
    return True


class SetUp:
    """One attempt to make .venv: where it happens and where its words go.

    Parameters
    ----------
    root : str
        Folder of the repository.
    log : file
        Open text file, to be read again later, for the words of pip and uv.
    """

    def __init__(self, root, log):
        self.root = root
        self.log = log
        self.environ = {k: v for k, v in os.environ.items() if k not in MISLEADING}
        self.environ.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
        # One package comes as source alone; the tool that builds it must have its hash, too.
        self.environ["UV_BUILD_CONSTRAINT"] = "bootstrap.lock"

    def path(self, *parts):
        """Return the path of something in the repository's folder."""
        return os.path.join(self.root, *parts)

    def works(self, *command):
        """Run a program, its words going to the log; tell whether it succeeded."""
        self.log.write("\n$ " + " ".join(command) + "\n")
        self.log.flush()
        place = {"cwd": self.root, "env": self.environ, "stdin": subprocess.DEVNULL}
        try:
            code = subprocess.call(command, stdout=self.log, stderr=subprocess.STDOUT, **place)
        except OSError as error:
            self.log.write(f"{error}\n")
            return False
        return code == 0

    def met_wrong_hash(self):
        """Tell whether pip or uv refused a package because of its hash."""
        self.log.flush()
        words = read(self.log.name).lower()
        return b"hash mismatch" in words or b"do not match the hashes" in words

    def clear(self, name):
        """Delete a folder of the repository, or a link that stands in its place."""
        path = self.path(name)
        if os.path.islink(path):
            os.unlink(path)
        elif os.path.isdir(path):
            shutil.rmtree(path)


def with_uv(setup):
    """Make .venv with uv; tell whether the packages went in, or None if there is no way."""
    uv = find_uv(setup)
    wanted = sys.executable if is_supported() else PYTHON_RANGE
    setup.clear(".venv")
    if not uv or not setup.works(uv, "venv", "--python", wanted, ".venv"):
        return None
    python = program(setup.path(".venv"), "python")
    return setup.works(uv, "pip", "sync", "--require-hashes", "--python", python, "requirements.lock")


def with_pip(setup):
    """Make .venv with venv and pip; tell whether the packages went in, or None as above."""
    suits = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    install = (program(setup.path(".venv"), "python"), "-m", "pip", "install", "--require-hashes")
    for python in pythons():
        setup.clear(".venv")
        if setup.works(python, "-c", suits) and setup.works(python, "-m", "venv", ".venv"):
            tool = setup.path(".venv", "build-tool.lock")
            with open(tool, "wb") as file:
                file.write(build_tool(read(setup.root, "bootstrap.lock")))
            # Alone, pip would fetch a build tool of its own choice, and check no hash of it.
            options = ("--no-build-isolation", "--use-pep517", "-r", "requirements.lock")
            return setup.works(*install, "-r", tool) and setup.works(*install, *options)
    return None


def build_tool(lock):
    """Return the part of bootstrap.lock that names the tool to build packages with."""
    return b"".join(re.findall(rb"^setuptools==.*\n(?:[ \t].*\n)*", lock, re.MULTILINE))


def pythons():
    """Return the Pythons of this machine, the one that runs this file first."""
    names = ("python3.13", "python3.12", "python3.11", "python3", "python")
    found = [sys.executable, *(shutil.which(name) for name in names)]
    return [path for path in dict.fromkeys(found) if path]


def find_uv(setup):
    """Return a uv that can be used, fetched if need be, or None."""
    if os.environ.get("REPOOL_NO_UV"):
        return None
    return installed_uv() or fetched_uv(setup)


def installed_uv():
    """Return the uv on PATH, if there is one and it is recent enough."""
    uv = shutil.which("uv")
    if not uv:
        return None
    answer = subprocess.run([uv, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    version = re.match(rb"uv (\d+)\.(\d+)\.(\d+)", answer.stdout)
    return uv if version and tuple(map(int, version.groups())) >= OLDEST_UV else None


def fetched_uv(setup):
    """Return the uv of bootstrap.lock, fetched into .boot with whatever pip there is, or None.

    A target folder needs no virtual environment, and pip may write there even where the
    system's Python is closed to it (PEP 668). Where there is no pip, Python can often make one.
    """
    uv, stamp = setup.path(".boot", "bin", "uv" + ".exe" * WINDOWS), setup.path(".boot", "stamp")
    wanted = read(setup.root, "bootstrap.lock")
    if os.path.exists(stamp) and read(stamp) == wanted:
        return uv
    setup.clear(".boot")
    options = "install --target .boot --require-hashes --no-deps --only-binary :all: --retries 2"
    own = setup.path(".boot", "own-pip")
    pips = [(python, "-m", "pip") for python in pythons()] + [("pip3",), ("pip",)]
    for pip in [*pips, (program(own, "python"), "-m", "pip")]:
        if pip[0].startswith(own) and not setup.works(sys.executable, "-m", "venv", own):
            continue
        fetched = setup.works(*pip, *options.split(), "-r", "bootstrap.lock")
        if fetched and setup.works(uv, "--version"):
            with open(stamp, "wb") as file:
                file.write(wanted)
            return uv
    return None
