"""The written specifications of workflow/schemas."""

from __future__ import annotations

from pathlib import Path

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def schema(name: str) -> dict:
    """Return one written specification, by its name without endings, such as "extraction"."""
    import yaml

    (path,) = SCHEMAS.glob(f"{name}.*")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
