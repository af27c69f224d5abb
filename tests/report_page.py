"""A page of the report read back from its HTML: opened tags, texts, and tables of text."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """A page; a closing tag that does not fit the last opened one is refused."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.tables, self.texts, self.style, self.scripts = [], [], {}, [], "", []
        self.feed(html)
        self.close()

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if tag not in VOID:
            self.open.append((tag, attrs))
        if tag == "table":
            self.tables[attrs["id"]] = []
        if tag == "tr":
            self._rows().append([])
        if tag in {"td", "th"}:
            self._rows()[-1].append("")

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        names = [tag for tag, _ in self.open]
        if "style" in names:
            self.style += data
            return
        if "script" in names:
            self.scripts.append((self.open[-1][1], data))
            return
        self.texts.append(data)
        if names and ("td" in names or "th" in names):
            row = self._rows()[-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())

    def _rows(self):
        table = next(attrs["id"] for tag, attrs in reversed(self.open) if tag == "table")
        return self.tables[table]

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))

    @property
    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]

    def values(self, *names):
        return [attrs[name] for _, attrs in self.tags for name in names if attrs.get(name)]
