"""Figures of the whole review show their tables: the flow, every judgement, and the shares of the levels."""

import itertools

import numpy as np
import pandas as pd
import pytest
import review_figures_case as case
from forest_picture import artists, text_of
from matplotlib.colors import to_hex, to_rgb

from repool.figures.judgements import JUDGEMENTS
from repool.figures.rendering import figure_bytes
from repool.figures.review.prisma import draw_prisma
from repool.figures.review.ratings import tools_of
from repool.figures.review.risk_of_bias import draw_risk_of_bias
from repool.figures.review.risk_of_bias_summary import draw_risk_of_bias_summary
from repool.stages.review_plots import SHARE_COLUMNS, share_rows

LOOK = {"words": case.WORDS, "style": case.style()}


def shares_of(table):
    return pd.DataFrame(share_rows(tools_of(table, case.WORDS.tools)), columns=list(SHARE_COLUMNS))


def drawn(name, k, look=LOOK):
    """Return a figure of k studies, judged by two tools; the flow has k reasons for exclusion."""
    if name == "prisma":
        reasons = "; ".join(f"{case.LONG_NAME if i == 1 else f'Reason {i}'}, {i + 1}" for i in range(k))
        return draw_prisma(case.flow(dbr_excluded=reasons), **look)
    table = case.judgements(k, tools=("rob2", "robins_i"))
    if name == "risk_of_bias":
        return draw_risk_of_bias(table, **look)
    return draw_risk_of_bias_summary(shares_of(table), **look)


def place(artist):
    return float(artist.get_xdata()[0]), float(artist.get_ydata()[0])


def test_every_judgement_is_a_circle_in_its_row_and_column_with_colour_and_sign():
    table = case.judgements(4)
    found = artists(draw_risk_of_bias(table, **LOOK).figure)
    middles = {name: found[f"head-0-{name}"].get_position()[0] for name in ("D1", "D2", "D3", "Overall")}
    assert sorted(middles.values()) == list(middles.values())
    for row in table.itertuples():
        circle = found[f"judgement-0-{row.study_id[-1]}-{row.domain}"]
        assert place(circle)[0] == middles[row.domain]
        # robvis' colour-blind set, and white for no information.
        fills = {"low": "#fed98e", "moderate": "#fe9929", "high": "#d95f0e", "no_information": "#ffffff"}
        assert to_hex(circle.get_markerfacecolor()) == fills[row.risk_level]
        signs = {"low": "+", "moderate": "−", "high": "×", "no_information": "?"}
        assert found[f"{circle.get_gid()}-sign"].get_text() == signs[row.risk_level]
    heights = [place(found[f"judgement-0-{i}-D1"])[1] for i in range(4)]
    assert heights == sorted(set(heights))
    circles = sum(gid.startswith("judgement-") and not gid.endswith("-sign") for gid in found)
    assert circles == len(table) == 16


def test_levels_are_told_apart_in_grey_and_by_their_signs():
    greys = [np.dot(to_rgb(JUDGEMENTS[level].fill), (0.299, 0.587, 0.114)) for level in list(JUDGEMENTS)[:4]]
    assert all(one - other > 0.1 for one, other in itertools.pairwise(greys))
    signs = [shown.symbol for shown in JUDGEMENTS.values()]
    assert len(set(signs)) == len(signs)
    # Areas of the bars without a sign: white and grey are told from the others by their patterns.
    assert {level for level, shown in JUDGEMENTS.items() if shown.hatch} == {"no_information", "not_applicable"}


def test_legend_holds_the_words_of_the_tool_and_what_its_domains_are_about():
    plot = draw_risk_of_bias(case.judgements(4, tools=("robins_i", "rob2")), **LOOK)
    # Parts stand in the order in which the tools are declared.
    assert [text_of(plot.figure, f"tool-{i}") for i in (0, 1)] == ["RoB 2", "ROBINS-I"]
    assert text_of(plot.figure, "legend-word-1-high") == "Serious"
    assert text_of(plot.figure, "domain-0-D2") == "D2: Deviations from intended interventions"
    # Levels go round: overall, the four studies of four words have one each.
    assert "by RoB 2. Overall: low 1, some concerns 1, high 1, no information 1;" in plot.alternative


def test_long_lists_name_their_columns_below_too():
    assert "foot-0-D1" not in artists(draw_risk_of_bias(case.judgements(29), **LOOK).figure)
    assert artists(draw_risk_of_bias(case.judgements(30), **LOOK).figure)["foot-0-D1"].get_text() == "D1"


def test_study_that_is_not_judged_in_a_domain_has_no_circle_there():
    table = case.judgements(2)
    found = artists(draw_risk_of_bias(table[~((table["domain"] == "D2") & (table.index < 4))], **LOOK).figure)
    assert "judgement-0-0-D2" not in found and "judgement-0-1-D2" in found


def test_level_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'fine'"):
        draw_risk_of_bias(case.judgements(1).assign(risk_level="fine"), **LOOK)


def test_shares_are_those_of_the_weights_where_every_study_has_one():
    # Studies 0, 1, 2 with weights 1, 3, 4; in D1 their levels are moderate, high, no information: 1/8, 3/8, 4/8.
    shares = shares_of(case.judgements(3, weights=(1.0, 3.0, 4.0)))
    own = shares[shares["domain"] == "D1"].set_index("risk_level")
    assert own["share_percent"].to_dict() == {"moderate": 12.5, "high": 37.5, "no_information": 50.0}
    assert set(own["n_studies"]) == {1} and set(own["is_weighted"]) == {"yes"}
    assert "weighted as typed" in draw_risk_of_bias_summary(shares, **LOOK).note
    unequal = shares_of(case.judgements(3, weights=(1.0, np.nan, 4.0)))
    assert set(unequal["is_weighted"]) == {"no"}
    assert unequal["share_percent"].tolist() == pytest.approx([100 / 3] * 12)
    assert draw_risk_of_bias_summary(unequal, **LOOK).note == "RoB 2: 3 studies, all of equal weight."


def test_pieces_of_a_bar_are_as_wide_as_their_shares_and_say_so():
    shares = shares_of(case.judgements(3, weights=(1.0, 3.0, 4.0)))
    plot = draw_risk_of_bias_summary(shares, **LOOK)
    found = artists(plot.figure)
    for domain, own in shares.groupby("domain"):
        pieces = [found[f"share-0-{domain}-{level}"] for level in own["risk_level"]]
        whole = sum(piece.get_width() for piece in pieces)
        assert [100 * piece.get_width() / whole for piece in pieces] == pytest.approx(own["share_percent"].tolist())
        for piece, after in itertools.pairwise(pieces):
            assert piece.get_x() + piece.get_width() == pytest.approx(after.get_x())
    ticks = [place(found[f"tick-mark-0-{value}"])[0] for value in (0, 100)]
    first, last = found["share-0-D1-moderate"], found["share-0-D1-no_information"]
    assert ticks == pytest.approx([first.get_x(), last.get_x() + last.get_width()])
    # Half is a whole number of percent; three eighths have a decimal.
    assert found["percent-0-D1-no_information"].get_text() == "? 50\N{NO-BREAK SPACE}%"
    assert found["percent-0-D1-high"].get_text().endswith("37.5\N{NO-BREAK SPACE}%")
    assert "Randomisation process: some concerns 12.5 %, high 37.5 %, no information 50 %" in plot.alternative


def words_in(figure, box):
    """Return the lines of a box."""
    found = artists(figure)
    places = itertools.takewhile(lambda i: f"box-{box}-{i}" in found, itertools.count())
    return [text_of(figure, f"box-{box}-{i}").replace("\N{NO-BREAK SPACE}", " ") for i in places]


@pytest.mark.parametrize("width_cm", [8.9, 12, 18])
def test_boxes_of_the_flow_say_the_numbers_of_the_table(width_cm):
    figure = draw_prisma(case.flow(), words=case.WORDS, style=case.style(width_cm)).figure
    identified = ["Records identified from:", "Databases (n = 4,321)", "– MEDLINE (n = 3,000)", "– Embase (n = 1,321)"]
    assert words_in(figure, "databases-main-identified") == [*identified, "Registers (n = 120)"]
    removed = words_in(figure, "databases-side-identified")
    assert removed[1:3] == ["Duplicate records (n = 1,200)", "Records marked as ineligible by automation tools (n = 0)"]
    assert removed[3] == "Records removed for other reasons (not recorded)"
    assert words_in(figure, "databases-side-screened") == ["Records excluded (n = 3,000)"]
    # 100 + 105 people's reports; without the number of one reason there is no sum.
    assert words_in(figure, "databases-side-assessed")[0] == "Reports excluded (n = 205)"
    assert words_in(figure, "other-side-assessed") == [
        "Reports excluded:", "– Wrong population (n = 20)", "– Not said why (not recorded)"
    ]  # fmt: skip
    assert words_in(figure, "included-new") == [
        "New studies included in review (n = 25)", "Reports of new included studies (n = 30)"
    ]  # fmt: skip
    assert words_in(figure, "included-total")[0] == "Total studies included in review (n = 37)"


def test_flow_without_earlier_version_or_other_methods_has_neither_column_and_says_so():
    nothing = case.without("previous", "other", "website", "citations", "total")
    plot = draw_prisma(case.flow(**nothing | {"previous_studies": "0"}), **LOOK)
    found = artists(plot.figure)
    assert "heading-databases" in found and not {"heading-previous", "heading-other", "box-included-total"} & set(found)
    assert plot.note == "Not drawn, as nothing is recorded: previous studies and other methods."
    assert "arrow-databases-included" in found


def test_numbers_of_the_studies_in_the_meta_analysis_stand_in_the_last_box():
    figure = draw_prisma(case.flow(total_studies_ma="20"), **LOOK).figure
    assert words_in(figure, "included-total")[-1] == "Studies included in meta-analysis (n = 20)"
    assert len(words_in(figure, "included-new")) == 2


@pytest.mark.parametrize("width_cm", [8.9, 12, 18])
def test_arrows_lead_from_the_edge_of_one_box_to_the_edge_of_another(width_cm):
    found = artists(draw_prisma(case.flow(), words=case.WORDS, style=case.style(width_cm)).figure)
    frames = {gid: artist.get_bbox().extents for gid, artist in found.items() if hasattr(artist, "get_bbox")}
    frames = {gid: extents for gid, extents in frames.items() if gid.startswith("box-")}
    lines = {gid: a.get_xydata() for gid, a in found.items() if gid.startswith("arrow-") and not gid.endswith("-head")}
    # 3 + 4 arrows down and out by databases, 2 + 2 by other methods, 3 to what is included, and 1 between those.
    assert len(lines) == 3 + 4 + 2 + 2 + 3 + 1
    for gid, points in lines.items():
        for x, y in (points[0], points[-1]):
            assert sum(on_edge(frame, x, y) for frame in frames.values()) == 1, gid
        for one, other in itertools.pairwise(points.tolist()):
            assert one[0] == other[0] or one[1] == other[1], gid
            crossed = [name for name, frame in frames.items() if crosses(frame, one, other)]
            assert not crossed, gid
    assert on_edge(frames["box-included-new"], *lines["arrow-databases-included"][-1])
    assert on_edge(frames["box-included-total"], *lines["arrow-previous-included"][-1])


def on_edge(frame, x, y):
    left, top, right, bottom = frame
    within = left - 1e-6 <= x <= right + 1e-6 and top - 1e-6 <= y <= bottom + 1e-6
    return within and min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) < 1e-6


def crosses(frame, one, other):
    """Whether a straight piece runs through the inside of a box."""
    left, top, right, bottom = frame
    (x0, x1), (y0, y1) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return x1 > left + 1e-6 and x0 < right - 1e-6 and y1 > top + 1e-6 and y0 < bottom - 1e-6


@pytest.mark.parametrize("width_cm", [8.9, 12, 18])
def test_words_of_a_box_stand_in_it_and_boxes_stand_apart(width_cm):
    figure = drawn("prisma", 12, {"words": case.WORDS, "style": case.style(width_cm)}).figure
    texts, extents = case.boxes_of(figure)
    found = artists(figure)
    frames = {gid: found[gid].get_window_extent().extents for gid in found if hasattr(found[gid], "get_bbox")}
    frames = {gid: frame for gid, frame in frames.items() if gid.startswith(("box-", "heading-", "stage-"))}
    for text, (left, bottom, right, top) in zip(texts, extents, strict=True):
        owner = max((gid for gid in frames if text.get_gid().startswith(f"{gid}-")), key=len, default=None)
        if owner:
            edges = frames[owner]
            assert edges[0] <= left and right <= edges[2] and edges[1] <= bottom and top <= edges[3], text.get_text()
    assert not case.overlaps(np.array(list(frames.values())), slack=np.zeros(len(frames)))


@pytest.mark.parametrize(
    ("name", "k", "width_cm"),
    [
        *itertools.product(["prisma", "risk_of_bias", "risk_of_bias_summary"], [1, 14], [8.9, 18]),
        *(("prisma", 14, 12), ("risk_of_bias", 14, 12), ("risk_of_bias_summary", 14, 12), ("risk_of_bias", 300, 8.9)),
    ],
)
def test_texts_stay_on_the_page_and_apart_from_one_study_to_three_hundred(name, k, width_cm):
    figure = drawn(name, k, {"words": case.WORDS, "style": case.style(width_cm)}).figure
    texts, boxes = case.boxes_of(figure)
    wide, high = figure.get_size_inches() * 72
    assert wide == pytest.approx(width_cm / 2.54 * 72)
    assert boxes[:, :2].min() >= 0 and boxes[:, 2].max() <= wide and boxes[:, 3].max() <= high
    sizes = np.array([text.get_fontsize() for text in texts])
    assert sizes.min() >= 6
    # Lines that follow each other may touch between descenders and the top of the line.
    wrong = [(texts[i].get_text(), texts[j].get_text()) for i, j in case.overlaps(boxes, slack=0.25 * sizes)]
    assert not wrong


@pytest.mark.parametrize("width_cm", [8.9, 18])
def test_circles_keep_apart_from_each_other_and_from_words(width_cm):
    figure = drawn("risk_of_bias", 40, {"words": case.WORDS, "style": case.style(width_cm)}).figure
    texts, boxes = case.boxes_of(figure)
    marks = [
        a
        for gid, a in artists(figure).items()
        if gid.startswith(("judgement-", "legend-")) and hasattr(a, "get_marker")
    ]
    spots = [(*a.get_transform().transform(place(a)), a.get_markersize() / 2) for a in marks]
    assert len(spots) > 40 * 7
    circles = np.array([(x - r, y - r, x + r, y + r) for x, y, r in spots])
    words = np.array([box for text, box in zip(texts, boxes, strict=True) if not text.get_gid().endswith("-sign")])
    slack = np.concatenate([np.zeros(len(circles)), np.full(len(words), 2.0)])  # descenders of the line above
    assert not [pair for pair in case.overlaps(np.vstack([circles, words]), slack=slack) if pair[0] < len(circles)]


@pytest.mark.parametrize(
    ("name", "ending"),
    [("prisma", "svg"), ("risk_of_bias", "svg"), ("risk_of_bias_summary", "svg"), ("risk_of_bias_summary", "pdf")],
)
def test_drawing_again_gives_the_same_bytes(name, ending):
    first, second = (figure_bytes(drawn(name, 3).figure, file_format=ending, dpi=72) for _ in range(2))
    assert first == second


def test_words_that_look_like_code_are_text():
    table = case.judgements(1).assign(label='<script>alert("x")</script>', domain_title="$\\alpha$ & <b>")
    svg = figure_bytes(draw_risk_of_bias(table, **LOOK).figure, file_format="svg", dpi=72).decode()
    assert "<script" not in svg and "&lt;script&gt;" in svg and "$\\alpha$ &amp; &lt;b&gt;" in svg
    flow = case.flow(dbr_excluded="=cmd() <script>, 3")
    svg = figure_bytes(draw_prisma(flow, **LOOK).figure, file_format="svg", dpi=72).decode()
    assert "<script" not in svg and "&lt;script&gt;" in svg


def test_where_nothing_is_typed_the_reason_is_said():
    empty = case.judgements(1).iloc[:0]
    assert "no judgement" in draw_risk_of_bias(empty, **LOOK)
    assert "no judgement" in draw_risk_of_bias_summary(shares_of(empty), **LOOK)
    assert draw_prisma(None, **LOOK) == "the review has no data/prisma.csv"
