"""Invented tables of a whole review, as the pipeline writes them, for the tests of the figures of the review."""

import numpy as np
import pandas as pd
from forest_picture import texts_drawn

from repool.extraction.prisma import prisma_counts
from repool.figures.review.ratings import ReviewWords

LONG_NAME = "Ünal-Østergård, Жуков & Ζεύς: a study group with a name that needs more than one line 2019"
WORDS = ReviewWords(title="Peers for people who leave prison", tools={"rob2": "RoB 2", "robins_i": "ROBINS-I"})
DOMAINS = {
    "rob2": ("Randomisation process", "Deviations from intended interventions", "Missing outcome data"),
    "robins_i": ("Confounding", "Selection of participants"),
}
#: Words of each tool with their levels.
JUDGED = {
    "rob2": [("Low", "low"), ("Some concerns", "moderate"), ("High", "high"), ("No information", "no_information")],
    "robins_i": [("Low", "low"), ("Moderate", "moderate"), ("Serious", "high"), ("Critical", "critical")],
}
#: A flow in numbers that add up, with an earlier version and other methods.
FLOW = {
    "previous_studies": "12", "previous_reports": "15", "database_results": "4321",
    "database_specific_results": "MEDLINE, 3000; Embase, 1321", "register_results": "120", "website_results": "12",
    "citations_results": "40", "duplicates": "1200", "excluded_automatic": "0", "records_screened": "3241",
    "records_excluded": "3000", "dbr_sought_reports": "241", "dbr_notretrieved_reports": "11", "dbr_assessed": "230",
    "dbr_excluded": "Wrong population, 100; No comparison group, or one with another form of the intervention, 105",
    "other_sought_reports": "52", "other_notretrieved_reports": "2", "other_assessed": "50",
    "other_excluded": "Wrong population, 20; Not said why", "new_studies": "25", "new_reports": "30",
    "total_studies": "37", "total_reports": "45",
}  # fmt: skip


def style(width_cm=12.0, font_size=8):
    """Return size and colours of a figure."""
    colours = {"colour_square": "#1f4e79", "colour_diamond": "#1f4e79", "colour_prediction": "#b5651d"}
    return {"width_cm": width_cm, "font_size": font_size} | colours


def judgements(k=4, *, tools=("rob2",), weights=()):
    """Return risk_of_bias.csv of k studies by each tool; the levels go round, so that every run sees the same."""
    rows = []
    for tool in tools:
        columns = [*enumerate(DOMAINS[tool], start=1), (len(DOMAINS[tool]) + 1, "Overall")]
        for i in range(k):
            name = {"study_id": f"{tool}_{i}", "label": LONG_NAME if i == 1 else f"Study {i}", "tool": tool}
            for order, title in columns:
                word, level = JUDGED[tool][(i + order) % 4]
                domain = "Overall" if title == "Overall" else f"D{order}"
                own = {"domain_order": float(order), "domain": domain, "domain_title": title, "judgement": word}
                rows.append(
                    name | own | {"risk_level": level, "weight": weights[i] if weights else np.nan, "comment": ""}
                )
    return pd.DataFrame(rows)


def flow(**changed):
    """Return the counts of the flow, some of them changed; None takes a row away."""
    rows = {name: cell for name, cell in (FLOW | changed).items() if cell is not None}
    return prisma_counts([{"data": name, "n": cell} for name, cell in rows.items()])


def without(*starts):
    """Return changes that take away all rows whose names start so."""
    return dict.fromkeys((name for name in FLOW if name.startswith(starts)), None)


def boxes_of(figure):
    """Return (texts, their boxes in points from the bottom left as rows of left, bottom, right, top)."""
    figure.set_dpi(72)
    found = [(text, box.extents) for text, box in texts_drawn(figure)]
    return [text for text, _ in found], np.array([extents for _, extents in found])


def overlaps(boxes, *, slack):
    """Return the pairs of boxes that share an area, those of lines that follow each other closely apart.

    Parameters
    ----------
    boxes : array of shape (n, 4)
        left, bottom, right, top.
    slack : array of shape (n,)
        Height that each may share with another: its box reaches from descenders to the top of the line.
    """
    left, bottom, right, top = boxes.T
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    up = np.minimum(top[:, None], top) - np.maximum(bottom[:, None], bottom)
    both = (across > 0.01) & (up > np.minimum(slack[:, None], slack))
    return [(int(i), int(j)) for i, j in np.argwhere(np.triu(both, 1))]
