// Numbers as the page writes them: the same rounding as everywhere else in the report, so that a result which the page
// computes reads like the one beside it. `scale` is "ratio", "percent" (log odds shown as a percent) or "plain".

const DASH = "\u2013";

const withMinus = (text) => text.replace("-", "\u2212");
const isMissing = (value) => value === null || value === undefined || Number.isNaN(value);

const RAISED = {
  "-": "\u207b", "+": "", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3", 4: "\u2074", 5: "\u2075", 6: "\u2076",
  7: "\u2077", 8: "\u2078", 9: "\u2079",
};

function withDigits(value, digits) {
  const size = Math.abs(value);
  if (value !== 0 && !(size >= 1e-4 && size < 1e5)) {
    const [mantissa, power] = value.toExponential(1).split("e");
    return withMinus(`${mantissa}\u00d710${[...power].map((sign) => RAISED[sign]).join("")}`);
  }
  if (size >= 10 ** digits) return withMinus(value.toFixed(0));
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  const text = value.toFixed(Math.max(0, digits - 1 - exponent));
  return withMinus(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

// A value of the analysis scale, or of the ratio behind it, with as many decimals as show its side of no effect.
function shownValue(value, scale) {
  if (scale === "percent") return `${percentOfLogOdds(value).toFixed(1)} %`;
  const isRatio = scale === "ratio";
  if (Math.abs(value) === Infinity) return value > 0 ? "\u221e" : isRatio ? "0.00" : "\u2212\u221e";
  if (isRatio && Math.abs(value) > 690) return value > 0 ? ">10\u00b3\u2070\u2070" : "<10\u207b\u00b3\u2070\u2070";
  const display = isRatio ? Math.exp(value) : value;
  const noEffect = isRatio ? 1 : 0;
  const size = Math.abs(display);
  if (size === 0) return "0.00";
  if (size < 0.01 || size >= 1e5) return withDigits(display, 2);
  let decimals = size < 100 ? 2 : 0;
  while (display !== noEffect && Number(display.toFixed(decimals)) === noEffect && decimals < 5) decimals += 1;
  return withMinus(display.toFixed(decimals));
}

function percentOfLogOdds(value) {
  const tail = Math.exp(-Math.abs(value));
  return (100 * (value >= 0 ? 1 : tail)) / (1 + tail);
}

function spanText(low, high, scale) {
  if (isMissing(low) || isMissing(high)) return DASH;
  return `${shownValue(low, scale).replace(" %", "")} to ${shownValue(high, scale)}`;
}

const plainText = (value) => (isMissing(value) ? DASH : withDigits(value, 3));
const percentText = (value) => (isMissing(value) ? DASH : `${value.toFixed(1)} %`);
const pText = (p) => (p < 0.001 ? "< 0.001" : p.toFixed(3));

function countText(n) {
  if (isMissing(n)) return DASH;
  const digits = n.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
  return Number.isInteger(n) ? digits : `\u2248${digits}`;
}

// The lines of a result as texts; `found` is what pool() returns, or the review's own numbers under the same names.
function resultTexts(found, scale) {
  const isPooled = !found.reason;
  const span = spanText(found.ci_lb, found.ci_ub, scale);
  return {
    k: countText(found.k),
    people: found.people === null ? "not all stated" : countText(found.people),
    estimate: isPooled ? `${shownValue(found.estimate, scale)} (${span})` : `not pooled: ${found.reason}`,
    prediction: isPooled ? spanText(found.pi_lb, found.pi_ub, scale) : DASH,
    tau2: isPooled ? plainText(found.tau2) : DASH,
    i2_percent: isPooled ? percentText(found.i2_percent) : DASH,
    q: isPooled ? `${plainText(found.q)} (df ${found.q_df}, p ${pText(found.q_pval)})` : DASH,
  };
}

// Values to name on the axis between two ends, each far enough from the others for its label: the roundest first.
function axisTicks(low, high, scale) {
  const rounded = { ratio: RATIOS, percent: SHARES }[scale] || [];
  const kept = [];
  const room = (scale === "percent" ? 0.2 : 0.17) * (high - low);
  for (const [at, text] of rounded) {
    const isFree = kept.every(([other]) => Math.abs(other - at) >= room);
    if (at >= low && at <= high && isFree) kept.push([at, text]);
  }
  return kept.length > 2 ? kept.sort(([a], [b]) => a - b) : evenTicks(low, high, scale);
}

const RATIOS = [1, 10, 0.1, 100, 0.01, 5, 0.2, 2, 0.5, 20, 0.05, 50, 0.02]
  .map((ratio) => [Math.log(ratio), String(ratio)]);
const SHARES = [50, 10, 90, 1, 99, 25, 75, 5, 95].map((share) => [Math.log(share / (100 - share)), `${share} %`]);

// Evenly spaced round values of what is shown, for ranges too short for the round ratios or shares.
function evenTicks(low, high, scale) {
  const shown = { ratio: Math.exp, percent: percentOfLogOdds }[scale] || ((value) => value);
  const back = { ratio: Math.log, percent: (share) => Math.log(share / (100 - share)) }[scale] || ((value) => value);
  const [from, to] = [shown(low), shown(high)];
  const decade = 10 ** Math.floor(Math.log10((to - from) / 5));
  const step = decade * [1, 2, 5, 10].find((factor) => factor * decade >= (to - from) / 5);
  const ticks = [];
  for (let i = Math.ceil(from / step); i * step <= to; i += 1) {
    const value = Number((i * step).toPrecision(12));
    ticks.push([back(value), withMinus(String(value)) + (scale === "percent" ? " %" : "")]);
  }
  return ticks.filter(([at]) => Number.isFinite(at));
}
