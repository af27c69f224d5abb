"""What people typed of the review, as tables of the report."""

from report_plan import SETTINGS

from repool.report import evidence

TOOLS = SETTINGS["risk_of_bias"]["tools"]


def flow(data, n):
    names = ("node", "box", "description", "boxtext", "tooltips", "url")
    return dict.fromkeys(names, "") | {"data": data, "n": n, "description": f"words of {data}"}


def judged(study, domain, judgement, **cells):
    order = {"D1": "1", "D2": "2", "D10": "10", "Overall": "11"}[domain]
    row = {"study_id": study, "label": study.title(), "tool": "checklist", "domain": domain, "domain_order": order}
    title = {"D1": "Drawing of lots", "D2": "People lost", "D10": "Tenth"}.get(domain, domain)
    return (
        row | {"domain_title": title, "judgement": judgement, "risk_level": "low", "weight": "", "comment": ""} | cells
    )


def texts(table):
    return [[cell.text for cell in row] for group in table.groups for row in group.rows]


def test_flow_tells_counts_reasons_and_what_was_not_recorded():
    rows = [
        flow("", ""),
        flow("identification", ""),
        flow("previous_studies", ""),
        flow("database_results", "1264"),
        flow("duplicates", ""),
        flow("dbr_excluded", "Another question, 10; No numbers, 1003; No group"),
        flow("other_excluded", "Another question, 10; No numbers, 1003"),
        flow("new_studies", "0"),
    ]
    found = evidence.flow_table(rows)
    # Previous studies are left out where nobody counted any: the review updates no other.
    assert texts(found) == [
        ["words of database_results", "1,264"],
        ["words of duplicates", "not recorded"],
        ["words of dbr_excluded", "not recorded"],
        ["words of other_excluded", "1,013"],
        ["words of new_studies", "0"],
    ]
    details = [row[0].small for row in found.groups[0].rows]
    assert details[2] == "Another question: 10; No numbers: 1,003; No group: not recorded"


def test_no_table_without_a_flow():
    assert evidence.flow_table([]) is None


def test_every_judgement_stands_under_its_domain_and_overall_comes_last():
    rows = [judged("ash", "Overall", "Doubtful"), judged("ash", "D10", "Fine"), judged("ash", "D2", "Doubtful")]
    rows += [judged("elm", "Overall", "Fine"), judged("elm", "D2", "Fine")]
    (table,) = evidence.bias_tables(rows, TOOLS)
    assert table.caption == "Risk of bias, judged with Our checklist"
    assert [column.title for column in table.columns] == ["Study", "D2 People lost", "D10 Tenth", "Overall"]
    assert texts(table) == [["Ash", "Doubtful", "Fine", "Doubtful"], ["Elm", "Fine", "–", "Fine"]]


def test_each_tool_has_a_table_of_its_own():
    tools = TOOLS | {"other": {"title": "Another tool"}}
    tables = evidence.bias_tables([judged("ash", "D1", "Fine"), judged("ash", "D1", "x", tool="other")], tools)
    assert [table.caption.rpartition("with ")[2] for table in tables] == ["Our checklist", "Another tool"]
    assert len({table.key for table in tables}) == 2


def test_how_many_studies_were_judged_is_said_and_that_none_was():
    studies = [{"study_id": name, "status": "included"} for name in ("ash", "elm", "fir")]
    studies.append({"study_id": "oak", "status": "excluded"})
    assert evidence.bias_sentence([], studies) == "Risk of bias was not rated (data/risk_of_bias.csv)."
    rows = [judged("ash", "D1", "Fine"), judged("ash", "Overall", "Fine"), judged("oak", "D1", "Fine")]
    assert evidence.bias_sentence(rows, studies) == "Risk of bias was rated for 1 of 3 included studies."


def test_deviations_stand_as_typed_with_when_in_words():
    row = {"deviation_id": "d1", "part": "model", "planned": "DL", "done": "REML", "why": "<i>better</i>"}
    table = evidence.deviations_table([row | {"when": "after_results"}])
    assert texts(table) == [["model", "DL", "REML", "<i>better</i>", "after results were seen"]]
    assert evidence.deviations_table([]) is None


def test_numbers_of_a_figure_of_the_review_stand_where_they_were_typed_or_judged():
    plain = {"is_drawn": "yes", "alternative": "words", "note": ""}
    twins = {"prisma": "prisma.csv", "risk_of_bias": "risk_of_bias.csv", "risk_of_bias_summary": "shares.csv"}
    figures = [plain | {"figure": name, "tables": table} for name, table in twins.items()]
    rows = {"results/figures/figures.csv": figures, "data/studies.csv": []}
    parts = evidence.evidence_parts(rows, {}, SETTINGS)
    shown = [*parts["flow_figures"], *parts["bias_figures"]]
    assert [figure.numbers[0][0] for figure in shown] == [
        *("../data/prisma.csv", "checks/risk_of_bias.csv", "figures/risk_of_bias_summary.csv")
    ]
    assert [figure.title for figure in parts["flow_figures"]] == ["How studies were found (PRISMA 2020)"]
