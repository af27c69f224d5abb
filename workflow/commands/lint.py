"""Check the layout and style of the code: `python3 run.py lint`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: The checks, each a module of the environment with its arguments; none of them changes a file.
CHECKS = (
    ("ruff", "check", "--output-format", "concise", "."),
    ("ruff", "format", "--check", "."),
    ("snakefmt", "--check", "Snakefile", "workflow/rules"),
    ("snakemake", "--lint"),
)


def main() -> int:
    """Run every check, even after one has failed.

    Returns
    -------
    int
        0 if all checks passed, else 1.
    """
    failed = []
    for check in CHECKS:
        print("$", *check, flush=True)
        if subprocess.call([sys.executable, "-m", *check], cwd=ROOT):
            failed.append(" ".join(check))
    for check in failed:
        print(f"lint: {check} found something to mend", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
