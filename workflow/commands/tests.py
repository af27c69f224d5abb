"""Run the tests: `python3 run.py test`, with any words for pytest after `--`."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str]) -> int:
    """Run pytest in the repository's folder.

    Parameters
    ----------
    words : list of str
        Arguments for pytest, such as the file of one test; none means all tests.

    Returns
    -------
    int
        pytest's exit code, 0 if every test passed.
    """
    os.chdir(ROOT)
    return int(pytest.main([word for word in words if word != "--"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
