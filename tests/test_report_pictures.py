"""Figures of the report: which have room on the page, and what stands beside each."""

from repool.report.pictures import drawn_figures, forest_figure, shown_pictures, tables_beside

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>t</title><g id="a"><text>x</text></g></svg>'


def row(figure, **cells):
    plain = {"figure": figure, "is_drawn": "yes", "tables": "effects.csv; pooled.csv"}
    return plain | {"alternative": f"shows {figure}", "note": ""} | cells


def drawn(rows, pictures, *, formats=("svg", "pdf"), folder="analyses/a/figures"):
    return list(drawn_figures(folder, rows, pictures, formats=formats, tables=tables_beside("analyses/a")))


def test_forest_plots_are_shown_whatever_they_need_and_others_until_the_page_is_full():
    sizes = {"results/analyses/b/forest.svg": 90, "results/analyses/a/figures/x.svg": 9}
    sizes |= {"results/analyses/a/figures/y.svg": 9, "results/figures/z.svg": 9}
    pictures = {path: "." * size for path, size in sizes.items()}
    assert shown_pictures(pictures, limit=110) == {*list(sizes)[:3]}
    assert shown_pictures(pictures, limit=1) == {"results/analyses/b/forest.svg"}
    assert shown_pictures(pictures, limit=200) == set(sizes)


def test_figure_stands_with_words_files_and_numbers():
    (figure,) = drawn([row("funnel", note="Read so.")], {"results/analyses/a/figures/funnel.svg": SVG})
    assert (figure.title, figure.alternative, figure.note) == ("Funnel plot", "shows funnel", "Read so.")
    assert figure.files == (("analyses/a/figures/funnel.svg", "SVG"), ("analyses/a/figures/funnel.pdf", "PDF"))
    assert figure.numbers == (("analyses/a/effects.csv", "effects.csv"), ("analyses/a/pooled.csv", "pooled.csv"))
    assert 'aria-label="shows funnel"' in figure.picture
    assert 'id="analyses-a-figures-funnel-a"' in figure.picture


def test_figure_without_room_or_without_svg_is_linked_and_says_why():
    (full,) = drawn([row("funnel")], {})
    (other,) = drawn([row("funnel")], {}, formats=("png",))
    assert full.picture is other.picture is None
    assert "so many figures" in full.note
    assert "does not ask for SVG files" in other.note


def test_figure_that_was_not_drawn_is_left_out():
    assert drawn([row("funnel", is_drawn="no", note="needs 3 effects")], {}) == []


def test_two_figures_of_one_analysis_share_no_id():
    pictures = {"results/analyses/a/forest.svg": SVG, "results/analyses/a/figures/ladder.svg": SVG}
    forest = forest_figure("a", pictures, title="A", alternative="words", note="")
    (ladder,) = drawn([row("ladder")], pictures)
    assert 'id="forest-a-a"' in forest.picture
    assert 'id="forest-a-a"' not in ladder.picture


def test_a_title_of_the_file_is_not_said_twice():
    (figure,) = drawn([row("funnel")], {"results/analyses/a/figures/funnel.svg": SVG})
    assert "<title" not in figure.picture
