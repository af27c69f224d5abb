// The explorer of one analysis: built from its data when it is first opened, and redrawn with every choice.

function explorerOf(box, data) {
  const axis = axisOf(data);
  const columns = columnsOf(data);
  // The first set that the review pools is the one it speaks of.
  const first = Math.max(0, data.sets.findIndex((set) => !set.review.reason));
  // Studies without a tick, values of traits without one, the time window, and the order of the rows.
  const nothingChosen = () => ({ out: new Set(), hidden: new Map(), from: null, to: null, by: "order", down: false });
  let state = { set: first, ...nothingChosen() };
  let weights = new Map();

  const acts = {
    tick: (effect, isIn) => { take(effect, isIn); redraw(); },
    tickAll: (isIn) => { shownEffects().forEach((effect) => take(effect, isIn)); redraw(); },
    set: (i) => { state.set = i; arrange(); },
    sort: (name) => { Object.assign(state, { by: name, down: state.by === name && !state.down }); arrange(); },
    time: (end, months) => { state[end] = months; arrange(); },
    trait: (name, value, isShown) => {
      if (!state.hidden.has(name)) state.hidden.set(name, new Set());
      if (isShown) state.hidden.get(name).delete(value);
      else state.hidden.get(name).add(value);
      arrange();
    },
    reset: () => { state = { set: state.set, ...nothingChosen() }; filters.clear(); arrange(); },
    show: (effect) => behind.replaceChildren(...behindOf(effect, forget)),
  };

  const rows = new Map(data.effects.map((effect) => [effect.id, studyRow(effect, columns, acts)]));
  const filters = filterBox(data, columns, first, acts);
  const results = resultTable(data);
  const studies = studyTable(data, columns, axis, acts);
  const model = element("p", { class: "small" });
  const said = element("p", { role: "status", class: "ex-said" });
  const about = { role: "region", "aria-label": `Data behind a study: ${data.title}`, "aria-live": "polite" };
  const behind = element("div", { class: "ex-behind", tabindex: 0, ...about });
  const note = element("p", { class: "ex-note" }, element("strong", null, "Exploratory. "), data.note);
  box.append(note, filters.box, results.table, model, studies.box, element("div", { class: "ex-bar" }, said, behind));
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") forget(); });
  forget();
  arrange();

  function take(effect, isIn) {
    if (isIn) state.out.delete(effect.id);
    else state.out.add(effect.id);
  }

  function shownEffects() {
    const { hidden, from, to } = state;
    const passes = (effect) => {
      if ([...hidden].some(([name, values]) => values.has(traitOf(effect, name)))) return false;
      // A study that does not state its time is in no window.
      if (effect.time === null) return from === null && to === null;
      return (from === null || effect.time >= from) && (to === null || effect.time <= to);
    };
    return data.sets[state.set].members.map((i) => data.effects[i]).filter(passes);
  }

  // Rows in a new order. A tick does not move them, or the row would leave from under the pointer.
  function arrange() {
    for (const [name, head] of studies.heads) {
      const way = state.down ? "descending" : "ascending";
      head.setAttribute("aria-sort", state.by === name ? way : "none");
    }
    filters.sort.value = state.by;
    redraw();
    const inOrder = sorted(shownEffects(), state, weights);
    studies.body.replaceChildren(...inOrder.map((effect) => rows.get(effect.id).line));
  }

  function redraw() {
    const set = data.sets[state.set];
    const shown = shownEffects();
    const chosen = shown.filter((effect) => !state.out.has(effect.id));
    const found = set.rules ? pool(chosen, set.rules) : { k: chosen.length, reason: set.note };
    found.people = peopleOf(chosen);
    weights = new Map(found.weights ? chosen.map((effect, i) => [effect.id, found.weights[i]]) : []);
    shown.forEach(drawStudy);
    model.textContent = set.model;
    drawResult("own", found);
    drawResult("review", set.review);
    const { estimate } = resultTexts(found, data.scale);
    said.textContent = `Your selection (${found.k} of ${set.members.length}). ${data.measure}: ${estimate}`;
  }

  function drawStudy(effect) {
    const { line, tick, plot, weight } = rows.get(effect.id);
    const own = weights.get(effect.id) ?? null;
    tick.checked = !state.out.has(effect.id);
    line.classList.toggle("ex-out", !tick.checked);
    plot.replaceChildren(drawing(data, axis, ...studyMarks(axis, effect, own, Math.max(...weights.values()))));
    weight.textContent = percentText(own);
  }

  function drawResult(side, found) {
    const texts = resultTexts(found, data.scale);
    const cells = results.cells[side];
    for (const [name, text] of Object.entries(texts)) {
      cells.get(name).textContent = text;
      // Full digits, for programs that read the page.
      cells.get(name).dataset.value = found[name] ?? "";
    }
    for (const end of ["ci_lb", "ci_ub", "pi_lb", "pi_ub"]) {
      cells.get("estimate").dataset[end.replace("_", "")] = found[end] ?? "";
    }
    const foot = studies.feet[side];
    foot.effect.textContent = found.reason ? "not pooled" : texts.estimate;
    const style = side === "review" ? "ex-diamond ex-planned" : "ex-diamond";
    foot.plot.replaceChildren(drawing(data, axis, ...pooledMarks(axis, found, style)));
  }

  function forget() {
    const words = "Point at a study, or choose its name, to see the data behind it.";
    behind.replaceChildren(element("p", { class: "small" }, words));
  }
}

// People of a choice: several effects of one cohort rest on the people of the largest; null where one is not stated.
function peopleOf(effects) {
  const cohorts = new Map();
  for (const { cohort, n } of effects) cohorts.set(cohort, n === null ? NaN : Math.max(n, cohorts.get(cohort) ?? 0));
  const total = [...cohorts.values()].reduce((sum, n) => sum + n, 0);
  return Number.isNaN(total) ? null : total;
}

// A page of many analyses opens fast: an explorer is built when a reader first opens it.
function enableExplorers() {
  for (const box of document.querySelectorAll("details.explorer")) {
    const build = () => {
      if (!box.open || box.dataset.built) return;
      box.dataset.built = "yes";
      explorerOf(box, JSON.parse(document.getElementById(box.dataset.from).textContent));
    };
    box.hidden = false;
    box.addEventListener("toggle", build);
    build();
  }
}

enableExplorers();
enableCopying();
