"""Find the environment that holds exactly the packages of requirements.lock.

Standard library alone: this runs before anything is installed, on Python 3.8 or later.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys

WINDOWS = os.name == "nt"

#: The Pythons that requirements.lock is made for; a test holds them to pyproject.toml.
OLDEST, NEWEST, PYTHON_RANGE = (3, 11), (3, 13), ">=3.11,<3.14"


class SetupError(Exception):
    """There is no environment to work in; the message says what to do about it."""


def program(environment, name):
    """Return the path of a program of a virtual environment."""
    return os.path.join(environment, "Scripts" if WINDOWS else "bin", name + ".exe" * WINDOWS)


def read(*parts):
    """Return the bytes of a file."""
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def stamp_text(root):
    """Return what the stamp of a finished and up-to-date .venv says.

    The folder is part of it because an environment that was moved or copied is broken.
    """
    lock = hashlib.sha256(read(root, "requirements.lock")).hexdigest()
    settings = read(root, ".venv", "pyvenv.cfg").decode("utf-8").splitlines()
    version = [line for line in settings if line.startswith("version")]
    return "\n".join([f"lock = {lock}", *version, f"folder = {root}", ""])


def is_current(root):
    """Tell whether .venv was finished, for this very lock and in this folder."""
    try:
        stamp = read(root, ".venv", ".repool-stamp").decode("utf-8")
        return stamp == stamp_text(root) and os.path.exists(program(f"{root}/.venv", "python"))
    except OSError:
        return False


def locked_versions(root):
    """Return (name, version) of every package that the lock asks for on every machine."""
    lock = read(root, "requirements.lock").decode("utf-8")
    return re.findall(r"^([\w.-]+)==([^\s;\\]+)[ \t]*\\?\r?$", lock, re.MULTILINE)


def is_supported():
    """Tell whether this very Python is one that the lock is made for."""
    usual = sys.implementation.name == "cpython" and "t" not in getattr(sys, "abiflags", "")
    return usual and OLDEST <= sys.version_info[:2] <= NEWEST


def has_locked_packages(root):
    """Tell whether this very Python has exactly the packages of the lock."""
    if not is_supported():
        return False
    from importlib import metadata

    try:
        return all(metadata.version(name) == wanted for name, wanted in locked_versions(root))
    except metadata.PackageNotFoundError:
        return False


def chosen_python(root, path):
    """Return the Python that the user chose, if it has exactly the packages of the lock."""
    probe = "import onramp, sys; sys.exit(0 if onramp.has_locked_packages(sys.argv[1]) else 3)"
    options = {
        "env": {**os.environ, "PYTHONPATH": os.path.join(root, "workflow")},
        "stderr": subprocess.DEVNULL,
    }
    python = shutil.which(path)
    if python and subprocess.call([python, "-c", probe, root], **options) == 0:
        return os.path.abspath(python)
    raise SetupError(
        f"REPOOL_PYTHON={path} is not a Python with exactly the packages of requirements.lock.\n"
        "Unset REPOOL_PYTHON and repool makes an environment of its own."
    )


def ready_python(root, say):
    """Return a Python that has exactly the packages of the lock, making one if need be.

    Parameters
    ----------
    root : str
        Folder of the repository.
    say : callable
        Told, in words, what takes time.

    Returns
    -------
    str
        Path of the Python.

    Raises
    ------
    SetupError
        If there is none and none could be made.
    """
    chosen = os.environ.get("REPOOL_PYTHON")
    if chosen:
        return chosen_python(root, chosen)
    if not is_current(root):
        if has_locked_packages(root):
            return sys.executable
        import make_environment

        make_environment.set_up(root, say)
    return program(os.path.join(root, ".venv"), "python")
