"""Every figure that a review may ask for as a whole, and the tables that it is drawn from."""

from __future__ import annotations

from collections.abc import Iterable

PRISMA = "data/prisma.csv"
RISK_OF_BIAS = "results/checks/risk_of_bias.csv"
#: Table with the shares of the summary, beside the figures.
SHARES = "results/figures/risk_of_bias_summary.csv"
#: Figure -> the table that is its twin in numbers.
TWINS = {"prisma": PRISMA, "risk_of_bias": RISK_OF_BIAS, "risk_of_bias_summary": SHARES}


def read_for(names: Iterable[str]) -> list[str]:
    """Return the files that some figures of the review are made from, each once; the shares are made on the way."""
    return sorted({RISK_OF_BIAS if TWINS[name] == SHARES else TWINS[name] for name in names})
