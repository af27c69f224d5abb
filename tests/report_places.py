"""Every text of a report, with where it stands: the rows of its tables and its paragraphs."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}
TEXTS = {"p", "li", "dd", "dt", "figcaption", "summary", "h1", "h2", "h3", "h4", "caption"}
#: Tables that have a row of their file in each cell.
CELL_BY_CELL = "tables/summary.csv"


@dataclass(frozen=True)
class Place:
    """A text of the page: where it stands, and the file beside its table; that of a row holds all its cells.

    `is_answer` marks the plain sentence of an analysis.
    """

    text: str
    analysis: str
    csv: str = ""
    is_answer: bool = False


class Places(HTMLParser):
    """Every text of a page, by cell or by paragraph; pictures and styles are left out."""

    def __init__(self, html: str):
        super().__init__()
        self.open, self.found, self.csv, self.parts, self.answered, self.row = [], [], "", [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and self._inside("caption"):
            self.csv = attrs.get("href", "")
        if tag == "a" and self._inside("h3"):
            self.answered = attrs["href"].removeprefix("#analysis-")
        if tag not in VOID:
            self.open.append((tag, attrs))
        if tag in TEXTS or tag in {"td", "th"}:
            self.parts = []
        if tag == "svg":
            self.found.append(Place(attrs.get("aria-label", ""), self._analysis()))

    def handle_endtag(self, tag):
        if tag in TEXTS or tag in {"td", "th"}:
            text = " ".join(" ".join(self.parts).split())
            csv = self.csv if tag in {"td", "th"} and self._inside("tbody") else ""
            if tag in TEXTS or csv in ("", CELL_BY_CELL):
                self.found.append(Place(text, self._analysis(), csv, self.open[-1][1].get("class") == "says"))
            self.parts = []
            self.row.append(text)
        if tag == "tr":
            if self.csv not in ("", CELL_BY_CELL) and self._inside("tbody"):
                self.found.append(Place("; ".join(self.row), self._analysis(), self.csv))
            self.row = []
        if tag == "table":
            self.csv = ""
        self.open.pop()

    def handle_data(self, data):
        if not (self._inside("svg") or self._inside("style") or self._inside("script")):
            self.parts.append(data)

    def _inside(self, tag):
        return any(name == tag for name, _ in self.open)

    def _analysis(self):
        if any(attrs.get("class") == "answer" for _, attrs in self.open):
            return self.answered
        heads = [attrs.get("aria-labelledby", "") for tag, attrs in self.open if tag == "section"]
        return next((head.removeprefix("analysis-") for head in heads if head.startswith("analysis-")), "")
