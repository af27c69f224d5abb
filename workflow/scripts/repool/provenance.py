"""Where results came from: hashes of data, configuration, code, lock and results; no time stamps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def record(
    *, review: Mapping[str, str], code: Mapping[str, str], results: Mapping[str, str], lock: str
) -> dict[str, Any]:
    """Return the record of a run.

    Parameters
    ----------
    review, code, results : mapping
        File -> SHA-256, of the review's own files, of the software, and of what came out.
    lock : str
        Text of requirements.lock.

    Returns
    -------
    dict
        With the versions of the packages that compute and draw.
    """
    names = ("numpy", "scipy", "pandas", "pymare", "statsmodels", "matplotlib", "snakemake", "jinja2")
    versions = {
        name: match.group(1) for name in names if (match := re.search(rf"^{name}==([^\s;]+)", lock, re.MULTILINE))
    }
    return {"review": dict(review), "code": dict(code), "results": dict(results), "versions": versions}
