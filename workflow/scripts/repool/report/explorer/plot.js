// The small forest plot of the explorer: one drawing per row of its table, all on one axis. Places are percents of the
// cell's width, so that a drawing fits its cell however wide or high that is.

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, ...inside) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

// Ends of the axis: all estimates, and all intervals but those far wider than most, which are cut and get an arrow.
// They hold for every choice of studies, so that the picture does not jump.
function axisOf(data) {
  const centre = data.has_no_effect ? 0 : data.effects[0].yi;
  const reach = (values) => values.filter(Number.isFinite).map((value) => value - centre);
  const limits = reach(data.effects.flatMap((effect) => [effect.ci_lb, effect.ci_ub]));
  const ranked = limits.map(Math.abs).sort((a, b) => a - b);
  const furthest = Math.max(...reach(data.effects.map((effect) => effect.yi)).map(Math.abs));
  const cap = Math.max(2 * (ranked[Math.floor(0.8 * (ranked.length - 1))] || 0), 1.1 * furthest) || 1;
  const left = Math.min(cap, -Math.min(0, ...limits));
  const right = Math.min(cap, Math.max(0, ...limits));
  const [low, high] = [centre - 1.05 * Math.max(left, 0.3 * right), centre + 1.05 * Math.max(right, 0.3 * left)];
  return low < high ? { low, high } : { low: centre - 1, high: centre + 1 };
}

function drawing(data, axis, ...marks) {
  const picture = shape("svg", { "aria-hidden": "true", focusable: "false", class: "ex-plot" });
  if (data.has_no_effect) {
    const at = place(axis, 0);
    picture.append(shape("line", { x1: at, x2: at, y1: 0, y2: "100%", class: "ex-null" }));
  }
  picture.append(...marks);
  return picture;
}

function share(axis, value) {
  return (100 * (value - axis.low)) / (axis.high - axis.low);
}

function place(axis, value) {
  return `${Math.min(100, Math.max(0, share(axis, value))).toFixed(3)}%`;
}

// A mark of fixed size at a place: an inner picture whose origin is moved there.
function markAt(axis, value, mark) {
  return shape("svg", { x: place(axis, value), y: "50%", overflow: "visible" }, mark);
}

function intervalLine(axis, low, high, name) {
  const line = shape("line", { x1: place(axis, low), x2: place(axis, high), y1: "50%", y2: "50%", class: name });
  const parts = [line];
  if (share(axis, low) < 0) parts.push(markAt(axis, low, shape("path", { d: "M0 0 L7 -4 L7 4 Z", class: "ex-arrow" })));
  if (share(axis, high) > 100) {
    parts.push(markAt(axis, high, shape("path", { d: "M0 0 L-7 -4 L-7 4 Z", class: "ex-arrow" })));
  }
  return parts;
}

// A study: its interval, and a square whose area is its weight; a study that does not count is a hollow ring.
function studyMarks(axis, effect, weight, largest) {
  const parts = intervalLine(axis, effect.ci_lb, effect.ci_ub, "ex-line");
  const side = weight === null ? 0 : 4 + 10 * Math.sqrt(weight / largest);
  const square = { x: -side / 2, y: -side / 2, width: side, height: side, class: "ex-square" };
  const mark = weight === null ? shape("circle", { r: 3.5, class: "ex-ring" }) : shape("rect", square);
  return [...parts, markAt(axis, effect.yi, mark)];
}

// A pooled result: the diamond is its confidence interval, the bar behind it the prediction interval.
function pooledMarks(axis, found, name) {
  if (found.reason) return [];
  const parts = Number.isFinite(found.pi_lb) ? intervalLine(axis, found.pi_lb, found.pi_ub, "ex-prediction") : [];
  const [low, high] = [found.ci_lb, found.ci_ub].map((end) => parseFloat(place(axis, end)));
  const tip = high > low ? (parseFloat(place(axis, found.estimate)) - low) / (high - low) : 0.5;
  const box = { x: `${low}%`, y: "50%", width: `${Math.max(high - low, 0.5)}%`, height: 14, viewBox: "0 0 1 1" };
  const corners = `M0 .5 L${tip} 0 L1 .5 L${tip} 1 Z`;
  const diamond = shape("path", { d: corners, class: name, "vector-effect": "non-scaling-stroke" });
  const stretched = shape("svg", { ...box, preserveAspectRatio: "none" }, diamond);
  return [...parts, shape("g", { transform: "translate(0 -7)" }, stretched)];
}

function axisMarks(data, axis) {
  return axisTicks(axis.low, axis.high, data.scale).flatMap(([at, text]) => [
    shape("line", { x1: place(axis, at), x2: place(axis, at), y1: 0, y2: 5, class: "ex-line" }),
    shape("text", { x: place(axis, at), y: 17, "text-anchor": anchorOf(share(axis, at)), class: "ex-tick" }, text),
  ]);
}

// A label near an end would be cut by the edge of the picture.
function anchorOf(at) {
  if (at < 6) return "start";
  return at > 94 ? "end" : "middle";
}
