"""The figures of the whole review as one function: what the review asks for, drawn from tables as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from repool import files
from repool.extraction.prisma import Count, prisma_counts
from repool.extraction.typed import typed_rows
from repool.figures.forest.plot import LOOK
from repool.figures.judgements import OVERALL
from repool.figures.plots.canvas import Plot
from repool.figures.rendering import figure_bytes
from repool.figures.review.kinds import RISK_OF_BIAS, SHARES, TWINS
from repool.figures.review.prisma import draw_prisma
from repool.figures.review.ratings import ReviewWords, Tool, tools_of
from repool.figures.review.risk_of_bias import draw_risk_of_bias
from repool.figures.review.risk_of_bias_summary import draw_risk_of_bias_summary
from repool.schemas import schema
from repool.stages.plots import PLOT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

#: Columns of risk_of_bias_summary.csv: one row per tool, domain and level that occurs.
SHARE_COLUMNS = (
    *("tool", "domain_order", "domain", "domain_title", "risk_level", "judgement", "n_studies", "share_percent"),
    "is_weighted",
)


def read_risk_of_bias(paths: Sequence[str]) -> pd.DataFrame:
    """Return the table of judgements among some files; one without rows where it is not among them."""
    import pandas as pd

    for path in paths:
        if path == RISK_OF_BIAS:
            return files.read_frame(path, numbers=["domain_order", "weight"])
    return pd.DataFrame(columns=["study_id", "tool", "risk_level"])


def prisma_of(contents: Sequence[bytes]) -> dict[str, Count] | None:
    """Return the numbers of the flow from data/prisma.csv; None where the review has no such file.

    Parameters
    ----------
    contents : sequence of bytes
        The file, which the check at the door has passed; or nothing.
    """
    if not contents:
        return None
    return prisma_counts(typed_rows(contents[0], schema("prisma")))


def review_plot_files(
    judgements: pd.DataFrame,
    counts: Mapping[str, Count] | None,
    *,
    names: Sequence[str],
    formats: Sequence[str],
    title: str,
    tools: Mapping[str, str],
    style: Mapping[str, Any],
) -> dict[str, bytes]:
    """Return the figures of the review in every format, the shares of the summary, and the table that lists them.

    Parameters
    ----------
    judgements : DataFrame
        Table results/checks/risk_of_bias.csv.
    counts : mapping or None
        From `prisma_of`.
    names : sequence of str
        Keys of `repool.figures.review.kinds.TWINS`, the figures that the review asks for.
    formats : sequence of str
        Of `repool.figures.rendering.FILE_FORMATS`.
    title : str
        Title of the review.
    tools : mapping
        Tool of risk of bias -> its title, in order.
    style : mapping
        The look of the figures: width_cm, font_size, three colours, png_dpi.

    Returns
    -------
    dict
        Name of the file -> content; `figures.csv` says of each figure whether it is drawn, from which table, and in
        words what it shows or why there is nothing to draw.
    """
    words = ReviewWords(title=title, tools=tools)
    look = {key: style[key] for key in LOOK}
    found: dict[str, bytes] = {}
    rows = []
    shares = share_rows(tools_of(judgements, tools)) if "risk_of_bias_summary" in names else []
    for name in names:
        plot = _plot(name, judgements, counts, shares, words=words, style=look)
        row = {"figure": name, "tables": PurePosixPath(TWINS[name]).name}
        if isinstance(plot, str):
            rows.append(row | {"is_drawn": "no", "alternative": "", "note": plot})
            continue
        rows.append(row | {"is_drawn": "yes", "alternative": plot.alternative, "note": plot.note})
        for ending in formats:
            content = figure_bytes(plot.figure, file_format=ending, dpi=style["png_dpi"], description=plot.alternative)
            found[f"{name}.{ending}"] = content
    if "risk_of_bias_summary" in names:
        found[PurePosixPath(SHARES).name] = files.csv_text(shares, columns=SHARE_COLUMNS).encode()
    return found | {"figures.csv": files.csv_text(rows, columns=PLOT_COLUMNS).encode()}


def _plot(name: str, judgements, counts, shares, *, words: ReviewWords, style: Mapping[str, Any]) -> Plot | str:
    """Return one figure, or why there is nothing to draw."""
    if name == "prisma":
        return draw_prisma(counts, words=words, style=style)
    if name == "risk_of_bias":
        return draw_risk_of_bias(judgements, words=words, style=style)
    import pandas as pd

    return draw_risk_of_bias_summary(pd.DataFrame(shares, columns=list(SHARE_COLUMNS)), words=words, style=style)


def share_rows(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Return which share of the studies is at each level, domain by domain.

    Parameters
    ----------
    tools : sequence of Tool
        Judgements by tool.

    Returns
    -------
    list of dict
        Keys `SHARE_COLUMNS`. Studies count by the weights that were typed where each study of a tool has one above 0,
        and equally otherwise; the shares of a domain sum to 100 percent.
    """
    rows = []
    for tool in tools:
        is_weighted = all(study.weight is not None and study.weight > 0 for study in tool.studies)
        for order, domain in enumerate(tool.columns, start=1):
            judged = [study for study in tool.studies if domain in study.levels]
            total = sum(study.weight if is_weighted else 1.0 for study in judged)
            shared = {"tool": tool.key, "domain_order": order, "domain": domain}
            shared |= {"domain_title": tool.domains.get(domain, OVERALL), "is_weighted": "yes" if is_weighted else "no"}
            for level, word in tool.words.items():
                own = [study.weight if is_weighted else 1.0 for study in judged if study.levels[domain] == level]
                if own:
                    share = {"n_studies": len(own), "share_percent": 100.0 * sum(own) / total}
                    rows.append(shared | {"risk_level": level, "judgement": word} | share)
    return rows
