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
)
#: Snakemake's one lint that does not apply: one hash-pinned lock serves every rule, so no rule names its own.
ONE_LOCK = "Specify a conda environment or container for each rule."


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
    print("$ snakemake --lint", flush=True)
    found = snakemake_lints()
    if found:
        print("\n".join(found))
        failed.append("snakemake --lint")
    for check in failed:
        print(f"lint: {check} found something to mend", file=sys.stderr)
    return 1 if failed else 0


def snakemake_lints() -> list[str]:
    """Return what Snakemake finds in the workflow, one line each."""
    command = [sys.executable, "-m", "snakemake", "--lint"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    said = (answer.stdout + answer.stderr).splitlines()
    if answer.returncode and not any(line.startswith("Lints for ") for line in said):
        return said
    found, place = [], ""
    for line in said:
        if line.startswith("Lints for "):
            place = line
        elif line.startswith("    * ") and line[6:].rstrip(":") != ONE_LOCK:
            found.append(f"{place} {line[6:]}")
    return found


if __name__ == "__main__":
    sys.exit(main())
