"""Words of a review inside reStructuredText, which the captions of Snakemake's own report are written in."""

from __future__ import annotations

import re


def as_plain_rst(text: str) -> str:
    """Return a text in one line that reStructuredText shows as it stands: no sign of it is markup."""
    return re.sub(r"([^a-zA-Z0-9 ])", r"\\\1", " ".join(text.split()))
