// The pooled result of a choice of effects, by the formulas of repool's own pooling: the same estimators of tau2 and
// the same intervals, for one mean. Effects and variances are on the analysis scale (logarithms of ratios).

const EPSILON = 2 ** -52;
const STEP_TOLERANCE = 1e-13;
const ROUNDING_TOLERANCE = 1e-8;
// Distance of scan points in log(tau2 + smallest variance): no two peaks of a likelihood hide between neighbours.
const SCAN_SPACING = 0.45;
const MOST_STEPS = 100;
const ESTIMATORS = ["none", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM"];
const INTERVALS = ["wald", "t", "knapp_hartung", "knapp_hartung_floored"];

const sumOf = (values, each) => values.reduce((sum, value, i) => sum + each(value, i), 0);

// Effects within the rounding of their own digits are equal: what is left of them is no spread.
function withoutRounding(residuals, yi) {
  const largest = Math.max(...yi.map(Math.abs));
  const isRounding = Math.max(...residuals.map(Math.abs)) <= 16 * EPSILON * largest;
  return isRounding ? residuals.map(() => 0) : residuals;
}

// The weighted mean at one tau2 and what is left of the effects around it.
function fitAt(data, tau2) {
  const weights = data.vi.map((v) => 1 / (v + tau2));
  const total = sumOf(weights, (w) => w);
  const mean = sumOf(weights, (w, i) => w * data.rest[i]) / total;
  const residuals = data.rest.map((y) => y - mean);
  return { weights, total, mean, residuals, rss: sumOf(weights, (w, i) => w * residuals[i] ** 2) };
}

function traceP(fit) {
  return fit.total - sumOf(fit.weights, (w) => w * w) / fit.total;
}

function tracePP(fit) {
  const squares = sumOf(fit.weights, (w) => w * w);
  return squares - (2 * sumOf(fit.weights, (w) => w ** 3)) / fit.total + (squares / fit.total) ** 2;
}

// Moment estimators, before they are cut off at 0. DL: DerSimonian & Laird 1986; HE: Hedges 1983; HS, HSk: Hunter &
// Schmidt 1990, Brannick 2019; SJ: Sidik & Jonkman 2005.
function closedForm(data, method) {
  const { k, spread, vi } = data;
  if (method === "HE") return spread / (k - 1) - sumOf(vi, (v) => v) / k;
  if (method === "SJ") return ((spread / k) * fitAt(data, spread / k).rss) / (k - 1);
  const fit = fitAt(data, 0);
  if (method === "DL") return (fit.rss - (k - 1)) / traceP(fit);
  return ((method === "HSk" ? k / (k - 1) : 1) * fit.rss - k) / fit.total;
}

// Paule & Mandel 1982: where Q(tau2) falls to its target. 1 / Q is concave and rises, so that Newton's steps from 0
// come from the left and never pass the root.
function rootOfQ(data, target) {
  let now = 0;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const { rss, weights, residuals } = fitAt(data, now);
    const fall = sumOf(weights, (w, i) => (w * residuals[i]) ** 2);
    const move = rss > target ? (rss * (rss - target)) / (target * fall) : 0;
    now += move;
    if (move <= STEP_TOLERANCE * now) return { tau2: now, converged: true };
  }
  return { tau2: now, converged: false };
}

// Logarithm of the (restricted) likelihood without constants, its slope and its curvature in tau2: Viechtbauer 2005.
function height(data, tau2, restricted) {
  const fit = fitAt(data, tau2);
  const value = 0.5 * (sumOf(fit.weights, Math.log) - fit.rss);
  return restricted ? value - 0.5 * Math.log(fit.total) : value;
}

function slopeOf(fit, restricted) {
  return 0.5 * (sumOf(fit.weights, (w, i) => (w * fit.residuals[i]) ** 2) - (restricted ? traceP(fit) : fit.total));
}

function curvatureOf(fit, restricted) {
  const { weights, residuals, total } = fit;
  const cubic = sumOf(weights, (w, i) => w * (w * residuals[i]) ** 2);
  const share = sumOf(weights, (w, i) => w * w * residuals[i]) ** 2 / total;
  return 0.5 * (restricted ? tracePP(fit) : sumOf(weights, (w) => w * w)) - (cubic - share);
}

// Values of tau2 from 0 to beyond the last place where the slope can be 0.
function scanPoints(data, restricted) {
  const smallest = Math.min(...data.vi);
  const largest = Math.max(...data.vi);
  const spread = data.spread / (restricted ? data.k - 1 : data.k);
  const top = 1.01 * (spread + Math.sqrt(spread * largest));
  const span = Math.log1p(top / smallest);
  const count = Math.ceil(span / SCAN_SPACING) + 1;
  return Array.from({ length: count + 1 }, (_, i) => smallest * Math.expm1((i * span) / count));
}

// Where the slope is 0 between two scan points: Newton's method, halving (along log tau2) where it leaves the bracket.
function peakBetween(data, ends, restricted) {
  const smallest = Math.min(...data.vi);
  const halfWay = (low, high) => (low > 0 ? Math.sqrt(low * high) : 0.5 * high);
  let [low, high] = ends;
  let now = halfWay(low, high);
  let before = Infinity;
  let steady = false;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const fit = fitAt(data, now);
    const slope = slopeOf(fit, restricted);
    const curvature = curvatureOf(fit, restricted);
    if (slope === 0) return { tau2: now, converged: true };
    if (slope > 0) low = now;
    else high = now;
    const newton = now - slope / curvature;
    const inside = curvature < 0 && newton >= low && newton <= high;
    const next = inside ? newton : halfWay(low, high);
    const size = Math.abs(next - now);
    // Newton's steps square: after steps a and b the next is about b^3 / a^2. Below the rounding of the slope they
    // shrink no more, and then the search is over too.
    const share = steady && inside ? Math.min(1, Math.max((size / before) ** 2, size / next)) : 1;
    const isRounding = size <= ROUNDING_TOLERANCE * (next + smallest) && size >= 0.5 * before;
    if (size * share <= STEP_TOLERANCE * next || isRounding) return { tau2: next, converged: true };
    [now, before, steady] = [next, size, inside];
  }
  return { tau2: now, converged: false };
}

// The highest peak of the likelihood; 0 where no other is higher. It can have several, and a search from one start
// would find whichever is next to it.
function highestPeak(data, restricted) {
  const points = scanPoints(data, restricted);
  const slopes = points.map((point) => slopeOf(fitAt(data, point), restricted));
  let best = null;
  let top = -Infinity;
  if (!(slopes[0] > 0)) {
    best = { tau2: 0, converged: true };
    top = height(data, 0, restricted);
  }
  for (let i = 0; i + 1 < points.length; i += 1) {
    if (slopes[i] > 0 && !(slopes[i + 1] > 0)) {
      const peak = peakBetween(data, [points[i], points[i + 1]], restricted);
      const reached = height(data, peak.tau2, restricted);
      // A gain smaller than the rounding of the likelihood is no evidence against what was found before.
      if (!Number.isFinite(top) || reached - top > 4 * EPSILON * (1 + Math.abs(top))) [best, top] = [peak, reached];
    }
  }
  return best || { tau2: 0, converged: true };
}

function estimateTau2(data, method) {
  if (method === "none") return { tau2: 0, converged: true };
  if (method === "ML" || method === "REML") return highestPeak(data, method === "REML");
  if (method === "EB" || method === "PM") return rootOfQ(data, data.k - 1);
  if (method === "PMM") return rootOfQ(data, chiSquaredMedian(data.k - 1));
  return { tau2: Math.max(0, closedForm(data, method)), converged: true };
}

// Why a choice of effects is not pooled, in the words of the tables; "" where it is. `rules` are those of the review.
function refusal(effects, rules) {
  const k = effects.length;
  if (k === 0) return "no effect";
  if (k === 1 && rules.minimum_k < 2) return "1 effect; there is nothing to pool it with";
  if (k < Math.max(2, rules.minimum_k)) {
    const count = k === 1 ? "1 effect" : `${k} effects`;
    return `${count}; the review asks for at least ${rules.minimum_k} before it pools`;
  }
  if (new Set(effects.map((effect) => effect.cohort)).size < k) {
    return "several effects come from one cohort; only a model with a structure may pool them";
  }
  return effects.some((effect) => !(effect.vi > 0)) ? "a sampling variance of 0 leaves no Q and no weights" : "";
}

// The pooled mean with its intervals and heterogeneity, or the reason why there is none.
function pool(effects, rules) {
  const reason = refusal(effects, rules);
  if (reason) return { k: effects.length, reason };
  const yi = effects.map((effect) => effect.yi);
  const k = yi.length;
  const offset = sumOf(yi, (y) => y) / k;
  const rest = withoutRounding(yi.map((y) => y - offset), yi);
  const data = { vi: effects.map((effect) => effect.vi), rest, k, spread: sumOf(rest, (y) => y * y) };
  const { tau2, converged } = estimateTau2(data, rules.method_tau2);
  const fit = fitAt(data, tau2);
  const rss = sumOf(withoutRounding(fit.residuals, yi), (y, i) => fit.weights[i] * y * y);
  const result = { k, reason: "", tau2, converged, ...heterogeneity(data, tau2, yi, rules) };
  if (rules.refuse_above_i2 !== "none" && result.i2_percent > rules.refuse_above_i2) {
    const found = result.i2_percent.toFixed(1);
    const limit = `the review pools up to ${rules.refuse_above_i2} %`;
    return { k, reason: `the effects differ too much: I2 is ${found} %, and ${limit}` };
  }
  const mean = { estimate: offset + fit.mean, variance: 1 / fit.total, factor: rss / (k - 1) };
  Object.assign(result, intervalOf(mean, k, rules));
  Object.assign(result, predictionOf(result, k, rules));
  result.weights = fit.weights.map((w) => (100 * w) / fit.total);
  return result;
}

// Cochran's Q, and I2 by its definition: Higgins & Thompson 2002.
function heterogeneity(data, tau2, yi, rules) {
  const fit = fitAt(data, 0);
  const df = data.k - 1;
  const q = sumOf(withoutRounding(fit.residuals, yi), (y, i) => fit.weights[i] * y * y);
  const fromQ = rules.method_tau2 === "none" || rules.i2_definition === "from_q";
  const typical = df / traceP(fit);
  const i2_percent = fromQ ? (q > df ? (100 * (q - df)) / q : 0) : (100 * tau2) / (tau2 + typical);
  return { q, q_df: df, q_pval: chiSquaredTail(q, df), i2_percent };
}

// Wald; t on k - 1; Knapp & Hartung 2003; the same with its factor not below 1 (Roever 2015).
function intervalOf(mean, k, rules) {
  const factors = { wald: 1, t: 1, knapp_hartung: mean.factor, knapp_hartung_floored: Math.max(1, mean.factor) };
  const se = Math.sqrt(mean.variance * factors[rules.ci_method]);
  const df = rules.ci_method === "wald" ? null : k - 1;
  const margin = twoSidedQuantile(rules.level, df) * se;
  return { estimate: mean.estimate, se, df, ci_lb: mean.estimate - margin, ci_ub: mean.estimate + margin };
}

// Estimate +- quantile * sqrt(tau2 + se^2): Higgins, Thompson & Spiegelhalter 2009.
function predictionOf(result, k, rules) {
  const dfs = { t_k_minus_1: k - 1, t_k_minus_2: k - 2, normal: null };
  const none = { pi_lb: null, pi_ub: null };
  if (rules.method_tau2 === "none" || !(rules.prediction_method in dfs)) return none;
  if (k < Math.max(3, rules.minimum_k_prediction)) return none;
  const quantile = twoSidedQuantile(rules.level, dfs[rules.prediction_method]);
  const margin = quantile * Math.sqrt(result.tau2 + result.se ** 2);
  return { pi_lb: result.estimate - margin, pi_ub: result.estimate + margin };
}
