"""Write requirements.lock and bootstrap.lock from pyproject.toml: `python3 run.py lock`.

Versions that still fit are kept; `python3 run.py lock -- --upgrade` takes the newest ones.
"""

import subprocess
import sys
from pathlib import Path

from make_environment import SetUp, exclusive_log, find_uv
from onramp import SetupError

ROOT = Path(__file__).resolve().parents[2]

#: One version of each package for every Python and machine, so that results are the same bytes.
OPTIONS = (
    *("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url"),
    *("--fork-strategy", "fewest", "--custom-compile-command", "make lock"),
)

#: Lock file -> what goes into it. The set-up starts on older Pythons than the work.
LOCKS = {
    "requirements.lock": ("--python-version", "3.11", "--group", "dev", "pyproject.toml"),
    "bootstrap.lock": ("--python-version", "3.8", "--group", "bootstrap"),
}


def main(words: list[str]) -> int:
    """Write both locks with uv.

    Parameters
    ----------
    words : list of str
        Further arguments for `uv pip compile`.

    Returns
    -------
    int
        0 if both locks were written, else uv's exit code.

    Raises
    ------
    SetupError
        If there is no uv and none could be fetched.
    """
    with exclusive_log(str(ROOT), say) as log:
        uv = find_uv(SetUp(str(ROOT), log))
    if uv is None:
        raise SetupError("uv is needed to choose versions, and it could not be fetched.")
    extra = [word for word in words if word != "--"]
    for lock, what in LOCKS.items():
        code = subprocess.call([uv, *OPTIONS, *extra, *what, "--output-file", lock], cwd=ROOT)
        if code:
            return code
    return 0


def say(message: str) -> None:
    """Tell the user what takes time."""
    print(f"repool: {message}", file=sys.stderr)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"repool: {error}")
