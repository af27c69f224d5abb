"""The command `check`: say everything that is wrong or doubtful in a review; analyse nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from repool import door
from repool.problems import Problem, ReviewError, errors, open_warnings


def main(arguments: list[str]) -> int:
    """Check a review.

    Parameters
    ----------
    arguments : list of str
        --review PATH.

    Returns
    -------
    int
        0 if the review can be analysed, 1 if something must be fixed first.
    """
    parser = argparse.ArgumentParser(prog="run.py check", description=__doc__)
    parser.add_argument("--review", default=".", help="folder of the review")
    folder = Path(parser.parse_args([word for word in arguments if word != "--"]).review)
    try:
        problems = door.open_review(folder).problems
    except ReviewError as refusal:
        problems = refusal.problems
    print(report(problems))
    return 1 if errors(problems) else 0


def report(problems: list[Problem]) -> str:
    """Return problems as text: what must be fixed, what needs a look, and how many are acknowledged.

    Parameters
    ----------
    problems : list of Problem
        Errors and warnings.

    Returns
    -------
    str
        Text for the screen.
    """
    faults = errors(problems)
    doubts = open_warnings(problems)
    known = len(problems) - len(faults) - len(doubts)
    blocks = []
    for title, some in (("Must be fixed:", faults), ("Needs a look:", doubts)):
        if some:
            blocks += [title, *(problem.as_text() for problem in some)]
    verdict = "Nothing can be analysed before." if faults else "The review can be analysed."
    look = f"{_count(doubts, 'warning')} {'needs' if len(doubts) == 1 else 'need'} a look"
    blocks.append(f"{_count(faults, 'error')}, {look}, {known} acknowledged. {verdict}")
    return "\n\n".join(blocks)


def _count(problems: list[Problem], name: str) -> str:
    return f"{len(problems)} {name}{'' if len(problems) == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
