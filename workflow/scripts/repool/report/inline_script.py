"""The page's script as one inline element that the page's policy allows by its hash, and no other."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Script:
    """The text between the tags, and what a Content-Security-Policy calls it."""

    text: Markup
    hash: str


def inline_script(parts: Iterable[str]) -> Script:
    """Return the parts as one script that leaves no name behind.

    Parameters
    ----------
    parts : iterable of str
        The software's own files; never anything from data.

    Raises
    ------
    ValueError
        When a part holds text that would end the element, or start a comment, in HTML.
    """
    from markupsafe import Markup

    text = '\n(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"
    for sign in ("</script", "<!--", "\r"):
        if sign in text.lower():
            raise ValueError(f"the page's script holds {sign!r}, which HTML would read otherwise")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Script(text=Markup(text), hash=f"sha256-{digest}")
