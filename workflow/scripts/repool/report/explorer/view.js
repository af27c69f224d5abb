// The parts of an explorer, built once; what changes in them is handed back by name.

const COLUMNS = [
  { name: "label", words: "Study", style: "" },
  { name: "design", words: "Design", style: "ex-wide" },
  { name: "comparator", words: "Compared with", style: "ex-wide" },
  { name: "time", words: "Time", style: "ex-wide" },
  { name: "risk", words: "Risk of bias", style: "ex-wide" },
  { name: "n", words: "People", style: "ex-wide number" },
  { name: "effect", words: "Effect", style: "ex-wide number" },
  { name: "plot", words: "", style: "ex-cell" },
  { name: "weight", words: "Weight", style: "ex-wide number" },
];
// Columns by which studies are told apart; one in which all say the same stands behind each study only.
const TRAITS = ["design", "comparator", "time", "risk"];
const LINES = [
  ["k", "Effects pooled"], ["people", "People"], ["estimate", null], ["prediction", "Prediction interval"],
  ["tau2", "\u03c4\u00b2"], ["i2_percent", "I\u00b2"], ["q", "Q"],
];
// The two results that stand side by side.
const SIDES = ["review", "own"];
const SIDE_WORDS = { review: "As in the review", own: "Your selection" };

function columnsOf(data) {
  const differs = (name) => new Set(data.effects.map((effect) => effect[name])).size > 1;
  return COLUMNS.filter(({ name }) => !TRAITS.includes(name) || differs(name));
}

// One study: `acts` says what follows a tick, and what shows the data behind it.
function studyRow(effect, columns, acts) {
  const tick = element("input", { type: "checkbox", "aria-label": `Include ${effect.label}` });
  tick.addEventListener("change", () => acts.tick(effect, tick.checked));
  const name = button(effect.label, () => acts.show(effect));
  name.className = "ex-name";
  name.addEventListener("focus", () => acts.show(effect));
  const texts = { ...effect, time: effect.time_text, n: effect.n_text, effect: effect.text, plot: "", weight: "" };
  const cells = columns.slice(1).map(({ name: of, style }) => [of, element("td", { class: style }, texts[of])]);
  // On a narrow screen these stand below the name instead of in columns of their own.
  const told = columns.filter(({ style }) => style === "ex-wide").map((column) => texts[column.name]);
  const small = element("small", { class: "ex-narrow" }, [effect.text, ...told].join("; "));
  const head = element("th", { scope: "row" }, name, small);
  const line = element("tr", null, element("td", null, tick), head, ...cells.map(([, cell]) => cell));
  line.addEventListener("mouseenter", () => acts.show(effect));
  return { line, tick, ...Object.fromEntries(cells) };
}

function studyTable(data, columns, axis, acts) {
  const heads = new Map();
  const top = columns.map(({ name, words, style }) => {
    const inside = name === "plot" ? data.measure : button(words, () => acts.sort(name));
    const head = element("th", { scope: "col", class: style }, inside);
    if (name !== "plot") heads.set(name, head);
    return head;
  });
  const body = element("tbody");
  const [own, review, ends] = [SIDE_WORDS.own, SIDE_WORDS.review, ""].map((words) => footRow(words, columns));
  ends.plot.append(drawing({ has_no_effect: false }, axis, ...axisMarks(data, axis)));
  const words = element("span", { class: "pinned" }, "Studies of your selection; a tick takes one in");
  const head = element("thead", null, element("tr", null, element("th", { scope: "col" }, "In"), ...top));
  const foot = element("tfoot", null, own.line, review.line, ends.line);
  const table = element("table", { class: "ex-studies" }, element("caption", null, words), head, body, foot);
  const about = { role: "region", "aria-label": `Studies of your selection: ${data.title}`, tabindex: 0 };
  return { box: element("div", { class: "scroll", ...about }, table), heads, body, feet: { own, review } };
}

// Cells of the foot stand under those of the studies; the ones without anything to say stay empty.
function footRow(words, columns) {
  const cells = columns.slice(1).map(({ name, style }) => [name, element("td", { class: style })]);
  const head = words ? element("th", { scope: "row" }, words) : element("td");
  const line = element("tr", null, element("td"), head, ...cells.map(([, cell]) => cell));
  return { line, ...Object.fromEntries(cells) };
}

function resultTable(data) {
  const cells = { review: new Map(), own: new Map() };
  const line = ([name, words]) => {
    const pair = SIDES.map((side) => {
      cells[side].set(name, element("td", { "data-of": side, "data-line": name }));
      return cells[side].get(name);
    });
    return element("tr", null, element("th", { scope: "row" }, words || `${data.measure} (${data.level} CI)`), ...pair);
  };
  const heads = [SIDE_WORDS.review, `${SIDE_WORDS.own} (exploratory)`].map((words) =>
    element("th", { scope: "col" }, words));
  const table = element(
    "table",
    { class: "ex-result" },
    element("caption", null, "The result, and what your selection gives"),
    element("thead", null, element("tr", null, element("td"), ...heads)),
    element("tbody", null, ...LINES.map(line)),
  );
  return { table, cells };
}

// Choices of step, order, traits and time. `acts` are told of each; `clear` puts the fields back.
function filterBox(data, columns, first, acts) {
  const id = (name) => `${data.key}-${name}`;
  const sets = data.sets.map((set, i) => [i, set.title]);
  const step = choice(id("set"), "Step and reading", sets, (i) => acts.set(Number(i)));
  step.list.value = first;
  const sortable = columns.filter(({ name }) => name !== "plot").map(({ name, words }) => [name, words.toLowerCase()]);
  const sort = choice(id("sort"), "Sort by", [["order", "as in the review"], ...sortable], acts.sort);
  const groups = columns.filter(({ name }) => TRAITS.includes(name) && name !== "time").map(({ name, words }) => {
    const found = sorted(data.effects, { by: name, down: false }, new Map()).map((effect) => traitOf(effect, name));
    return tickGroup(id(name), words, [...new Set(found)], (value, isShown) => acts.trait(name, value, isShown));
  });
  const fields = ["from", "to"].map((end) => numberField(id(end), end, (months) => acts.time(end, months)));
  const isTimed = columns.some(({ name }) => name === "time");
  const legend = element("legend", null, "Time, in months");
  const time = element("fieldset", { hidden: !isTimed }, legend, ...fields.flatMap(({ parts }) => parts));
  const buttons = [
    button("Tick all", () => acts.tickAll(true)),
    button("Untick all", () => acts.tickAll(false)),
    button(SIDE_WORDS.review, acts.reset),
  ];
  const last = element("p", { class: "ex-field" }, ...buttons);
  const clear = () => {
    groups.forEach((group) => group.tickAll());
    fields.forEach(({ field }) => { field.value = ""; });
  };
  const parts = [step.box, sort.box, ...groups.map(({ group }) => group), time, last];
  return { box: element("div", { class: "ex-controls" }, ...parts), clear, sort: sort.list };
}

const traitOf = (effect, name) => effect[name] || "not stated";

// The data behind one study.
function behindOf(effect, close) {
  const lines = effect.behind.flatMap(([term, words]) => [element("dt", null, term), element("dd", null, words)]);
  const title = element("p", { class: "ex-title" }, element("strong", null, effect.label), " ", button("Close", close));
  return [title, element("dl", { class: "facts" }, ...lines)];
}
