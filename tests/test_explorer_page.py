"""The explorer as a reader meets it: real reports opened in a headless browser, ticked, filtered, sorted and read."""

import csv
from functools import cache
from pathlib import Path

import pytest
import report_case as case
from browser import needs_browser, run_in_page

from repool.report import page as report

pytestmark = [needs_browser, pytest.mark.slow]

BCG = Path(__file__).parents[1] / "examples" / "bcg" / "results"
#: Words of the tests' own scripts: an explorer opened, its parts found, its result read.
TOOLS = """
const open = (name) => {
  const box = document.querySelector(`[data-from="explorer-${name}-data"]`);
  box.open = true;
  box.dispatchEvent(new Event("toggle"));
  return box;
};
const cell = (box, of, line) => box.querySelector(`[data-of="${of}"][data-line="${line}"]`);
const number = (box, of, line) => Number(cell(box, of, line).dataset.value);
const result = (box, of) => {
  const mean = cell(box, of, "estimate").dataset;
  const lines = ["k", "estimate", "tau2", "i2_percent", "q"].map((line) => [line, number(box, of, line)]);
  const ends = ["ci_lb", "ci_ub", "pi_lb", "pi_ub"].map((end) => [end, Number(mean[end.replace("_", "")])]);
  return Object.fromEntries([...lines, ...ends]);
};
const texts = (box, of) => [...box.querySelectorAll(`[data-of="${of}"]`)].map((one) => one.textContent);
const rows = (box) => [...box.querySelectorAll("tbody tr")].filter((row) => row.querySelector("input"));
const names = (box) => rows(box).map((row) => row.querySelector("button").textContent);
const tick = (box, name) => rows(box)[names(box).indexOf(name)].querySelector("input").click();
const pressed = (box, words) => [...box.querySelectorAll("button")].find((one) => one.textContent === words).click();
const chosen = (list, value) => { list.value = value; list.dispatchEvent(new Event("change")); };
"""


def rows_of(name):
    with (BCG / "analyses" / "bcg_rr" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def bcg():
    return (BCG / "report.html").read_text(encoding="utf-8")


@cache
def invented():
    files = report.report_files(case.rows(), case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    return files["results/report.html"]


def in_bcg(script, **more):
    return run_in_page(bcg(), f"{TOOLS} const box = open('bcg_rr'); {script}", **more)


def in_invented(script, **more):
    return run_in_page(invented(), f"{TOOLS} const box = open('visits_rct'); {script}", **more)


def near(row, name):
    """The page and the tables solve the same equations to 1e-13; 1e-9 leaves room for the rounding of sums."""
    return pytest.approx(float(row[name]), rel=1e-9, abs=1e-9)


def test_page_recomputes_the_result_and_every_one_without_one_study():
    found = in_bcg("""
      const told = { all: result(box, "own"), review: result(box, "review") };
      told.texts = ["own", "review"].map((of) => texts(box, of));
      told.without = names(box).map((name) => {
        tick(box, name);
        const one = [name, result(box, "own")];
        tick(box, name);
        return one;
      });
      return told;
    """)
    (row,) = [r for r in rows_of("pooled.csv") if r["is_primary"] == "yes" and r["reading"] == "preferred"
              and r["ladder_step"] == "as_reported"]  # fmt: skip
    names = ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "i2_percent", "q")
    for of in ("all", "review"):
        assert found[of]["k"] == 13
        assert [found[of][name] for name in names] == [near(row, name) for name in names]
    assert found["texts"][0] == found["texts"][1]
    left_out = {r["left_out"]: r for r in rows_of("leave_one_out.csv") if r["reading"] == "preferred"}
    assert len(found["without"]) == len(left_out) == 13
    for name, one in found["without"]:
        own = [one[column] for column in ("estimate", "ci_lb", "ci_ub", "tau2", "i2_percent", "q")]
        assert own == [near(left_out[name], c) for c in ("estimate", "ci_lb", "ci_ub", "tau2", "i2_percent", "q")]


def test_too_few_studies_are_not_pooled_and_the_review_comes_back():
    found = in_bcg("""
      pressed(box, "Untick all");
      const none = texts(box, "own")[2];
      tick(box, names(box)[0]);
      const one = texts(box, "own");
      const ticked = rows(box).map((row) => row.querySelector("input").checked);
      pressed(box, "As in the review");
      return { none, one, ticked, back: texts(box, "own"), review: texts(box, "review"),
        said: box.querySelector("[role=status]").textContent };
    """)
    assert found["none"] == "not pooled: no effect"
    assert found["one"][2] == "not pooled: 1 effect; the review asks for at least 2 before it pools"
    assert set(found["one"][3:]) == {"–"}
    assert found["ticked"] == [True] + [False] * 12
    assert found["back"] == found["review"]
    assert found["said"] == "Your selection (13 of 13). Risk ratio: 0.49 (0.33 to 0.73)"


def test_filter_by_design_takes_studies_out_and_their_weights_make_up_the_whole():
    found = in_bcg("""
      const group = [...box.querySelectorAll("fieldset")].find((one) => one.textContent.startsWith("Design"));
      group.querySelector("input").click();
      const designs = rows(box).map((row) => row.children[2].textContent);
      const weights = rows(box).map((row) => parseFloat(row.lastElementChild.textContent));
      return { designs, weights, k: number(box, "own", "k"), label: group.querySelector("label").textContent };
    """)
    assert found["label"] == "quasi-experimental"
    assert set(found["designs"]) == {"randomised"}
    assert found["k"] == len(found["designs"]) == 7
    # Each is rounded to one decimal.
    assert sum(found["weights"]) == pytest.approx(100, abs=7 * 0.05)


def test_rows_are_sorted_by_any_column_and_a_tick_does_not_move_them():
    found = in_bcg("""
      const head = (words) => [...box.querySelectorAll("thead button")].find((one) => one.textContent === words);
      head("Effect").click();
      const up = rows(box).map((row) => row.querySelector("td.number:nth-of-type(4)").textContent);
      const way = head("Effect").parentElement.getAttribute("aria-sort");
      head("Effect").click();
      const down = names(box);
      const back = head("Effect").parentElement.getAttribute("aria-sort");
      chosen(box.querySelector("select[id$=sort]"), "weight");
      const before = names(box);
      tick(box, before[5]);
      const shown = box.querySelectorAll("[aria-sort=ascending]").length;
      return { up, way, down, back, before, after: names(box), shown };
    """)
    first = [float(text.split()[0]) for text in found["up"]]
    assert first == sorted(first) and len(first) == 13
    assert (found["way"], found["back"]) == ("ascending", "descending")
    effects = {row["label"]: float(row["yi"]) for row in rows_of("forest.csv") if row["reading"] == "preferred"}
    assert found["down"] == sorted(effects, key=effects.get, reverse=True)
    assert found["after"] == found["before"]
    assert found["shown"] == 1


def test_data_behind_a_study_come_by_pointer_keyboard_and_touch_and_go_by_escape():
    found = in_bcg("""
      const behind = () => box.querySelector(".ex-behind").textContent;
      const told = [behind()];
      rows(box)[0].dispatchEvent(new MouseEvent("mouseenter"));
      told.push(behind());
      rows(box)[1].querySelector("button").focus();
      told.push(behind());
      rows(box)[2].querySelector("button").click();
      told.push(behind());
      box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
      return [...told, behind()];
    """)
    assert found[0] == found[4] == "Point at a study, or choose its name, to see the data behind it."
    for name, told in zip(
        ("Aronson 1948", "Coetzee & Berjak 1968", "Comstock & Webster 1969"), found[1:4], strict=True
    ):
        assert told.startswith(name)
        assert "BCG vaccine: " in told
    assert "4/123" in found[1]


def test_picture_moves_with_the_selection():
    found = in_bcg("""
      const place = (one) => one.parentElement.getAttribute("x");
      const diamonds = () => [...box.querySelectorAll("tfoot .ex-diamond")].map(place);
      const squares = () => box.querySelectorAll(".ex-square").length;
      const told = [diamonds(), squares()];
      tick(box, "TPT Madras 1980");
      return [...told, diamonds(), squares(), box.querySelectorAll(".ex-ring").length];
    """)
    (own, review), squares, (moved, still), fewer, rings = found
    assert own == review == still != moved
    assert (squares, fewer, rings) == (13, 12, 1)


def test_step_and_reading_bring_their_own_effects():
    found = in_invented("""
      const told = [names(box)];
      const list = box.querySelector("select[id$=set]");
      const titles = [...list.options].map((one) => one.textContent);
      chosen(list, "2");
      return [...told, names(box), titles, rows(box)[1].textContent];
    """)
    assert found[0] == ["Ash 2001", case.NASTY]
    assert found[1] == ["Ash 2001", case.NASTY, "Cedar 2003"]
    assert found[2][2] == "Plus equal arms: cautious reading"
    assert "1.40 (" in found[3]


def test_time_window_leaves_out_studies_outside_it():
    rows = case.rows()
    for row in rows["results/analyses/visits_rct/forest.csv"]:
        row["time_months"] = {"ash2001": "3", "birch2002": "12"}.get(row["study_id"], "")
    files = report.report_files(rows, case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    script = f"""{TOOLS} const box = open('visits_rct');
      chosen(box.querySelector("select[id$=set]"), "1");
      const within = (from, to) => {{
        for (const [end, value] of [["from", from], ["to", to]]) {{
          const field = box.querySelector(`input[id$=-${{end}}]`);
          field.value = value;
          field.dispatchEvent(new Event("input"));
        }}
        return names(box);
      }};
      return [within("", ""), within("4", ""), within("", "12"), within("3", "3")];
    """
    found = run_in_page(files["results/report.html"], script)
    assert [len(names) for names in found] == [3, 1, 2, 1]
    assert (found[1], found[3]) == ([case.NASTY], ["Ash 2001"])


def test_a_name_that_would_run_is_text():
    found = in_invented("""
      tick(box, names(box)[1]);
      rows(box)[1].querySelector("button").focus();
      const elements = box.querySelectorAll("script, img, iframe").length;
      return [elements, names(box)[1], box.innerHTML.includes("<script>alert")];
    """)
    assert found == [0, case.NASTY, False]


def test_without_its_script_the_page_shows_no_explorer():
    page = invented().replace("script-src 'sha256-", "script-src 'sha256-A")
    found = run_in_page(page, "return [...document.querySelectorAll('.explorer')].map((one) => one.checkVisibility());")
    assert found == [False]


def test_copy_button_copies_the_text_it_points_to():
    extra = '<p id="said">One <b>sentence</b>.</p><button type="button" data-copy-target="said" hidden>Copy</button>'
    page = invented().replace("</main>", f"{extra}</main>")
    script = """
      let written;
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { written = text; } } });
      const copier = document.querySelector("[data-copy-target=said]");
      const seen = copier.checkVisibility();
      copier.click();
      await new Promise((done) => setTimeout(done, 50));
      return [seen, written, copier.textContent];
    """
    assert run_in_page(page, script) == [True, "One sentence.", "Copied"]


@pytest.mark.parametrize(("window", "width"), [(500, 360), (500, 500), (1280, 1280)])
def test_nothing_is_wider_than_the_screen_and_narrow_ones_show_fewer_columns(window, width):
    # No headless window is narrower than 500 pixels; the page within it can be.
    script = f"""
      document.documentElement.style.width = "{width}px";
      const table = box.querySelector(".ex-studies");
      // A word that cannot be broken reaches out of its cell, and the cell does not grow.
      const reaches = (one) => one.matches("th, td, p, dd") && one.scrollWidth > one.clientWidth + 1;
      const isBeyond = (one) => one.getBoundingClientRect().right > {width} || reaches(one);
      const beyond = [...box.querySelectorAll(":not(svg *)")].filter(isBeyond).map((one) => one.outerHTML.slice(0, 80));
      return [table.querySelector("thead .ex-wide").checkVisibility(), beyond];
    """
    assert in_bcg(script, window=(window, 900)) == [width == 1280, []]


def test_explorer_starts_at_the_first_step_that_the_review_pools():
    rows = case.rows()
    for row in rows["results/analyses/visits_rct/pooled.csv"]:
        if row["ladder_step"] == "printed":
            row.update(verdict="not_pooled", reason="too few")
    files = report.report_files(rows, case.pictures(), settings=case.SETTINGS, plan=case.PLAN, versions={})
    script = f"{TOOLS} return open('visits_rct').querySelector('select[id$=set]').selectedOptions[0].textContent;"
    assert run_in_page(files["results/report.html"], script) == "Plus equal arms: preferred reading"
