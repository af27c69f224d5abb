// Pieces of the page: all text from data goes in as text, never as markup.

function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...inside.filter((part) => part !== null && part !== undefined));
  return made;
}

function button(words, act) {
  const made = element("button", { type: "button" }, words);
  made.addEventListener("click", act);
  return made;
}

function choice(key, words, options, act) {
  const list = element("select", { id: key }, ...options.map(([value, text]) => element("option", { value }, text)));
  list.addEventListener("change", () => act(list.value));
  return { list, box: element("p", { class: "ex-field" }, element("label", { for: key }, words), list) };
}

// Boxes to tick for each value that occurs; a value is shown while its box is ticked.
function tickGroup(key, words, values, act) {
  const boxes = values.map((value, i) => {
    const box = element("input", { type: "checkbox", id: `${key}-${i}`, checked: true });
    box.addEventListener("change", () => act(value, box.checked));
    return [box, element("label", { for: box.id }, value)];
  });
  const tickAll = () => boxes.forEach(([box]) => { box.checked = true; });
  const pairs = boxes.map((pair) => element("span", null, ...pair));
  const group = element("fieldset", null, element("legend", null, words), ...pairs);
  return { group, tickAll };
}

function numberField(key, words, act) {
  const field = element("input", { type: "number", id: key, step: "any", min: 0, inputmode: "decimal" });
  field.addEventListener("input", () => act(field.value === "" ? null : Number(field.value)));
  return { field, parts: [element("label", { for: key }, words), field] };
}

// What sorts a row, by the name of its column; a missing value comes last in either order, equal ones as they were.
const SORT_KEYS = {
  order: () => 0,
  label: (effect) => effect.label.toLowerCase(),
  design: (effect) => effect.design,
  comparator: (effect) => effect.comparator,
  time: (effect) => effect.time,
  risk: (effect) => effect.risk_order,
  n: (effect) => effect.n,
  effect: (effect) => effect.yi,
  weight: (effect, weights) => weights.get(effect.id) ?? null,
};

function sorted(effects, sort, weights) {
  const keyed = effects.map((effect, i) => [SORT_KEYS[sort.by](effect, weights), effect, i]);
  const isBlank = (value) => value === null || value === "";
  keyed.sort(([a, , i], [b, , j]) => {
    if (isBlank(a) || isBlank(b)) return Number(isBlank(a)) - Number(isBlank(b)) || i - j;
    const way = a < b ? -1 : a > b ? 1 : 0;
    return (sort.down ? -way : way) || i - j;
  });
  return keyed.map(([, effect]) => effect);
}

// Buttons that copy the text of another element of the page; they need a script, so they start hidden.
function enableCopying() {
  for (const copier of document.querySelectorAll("button[data-copy-target]")) {
    const words = copier.textContent;
    copier.hidden = false;
    copier.addEventListener("click", async () => {
      const source = document.getElementById(copier.dataset.copyTarget);
      copier.textContent = (await copied(source)) ? "Copied" : "Press Ctrl+C to copy";
      setTimeout(() => { copier.textContent = words; }, 3000);
    });
  }
}

// Older browsers, and some for files opened from a disk, know only the copying of what is marked; then it stays marked.
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    return true;
  } catch {
    window.getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}
