// Tails and quantiles of the normal, t and chi-squared distributions; nothing here knows of studies or of the page.
// All come from two functions, the incomplete gamma and the incomplete beta function, by their series and continued
// fractions (Abramowitz & Stegun 1964, 6.1.41, 6.5.29, 6.5.31, 26.5.8): 12 digits and more where a review needs them.

const TINY = 1e-300;
const MOST_TERMS = 10000;

// Stirling's series, with as many factors put back in front as make its argument large enough.
function logGamma(x) {
  let shift = 0;
  let at = x;
  while (at < 15) {
    shift += Math.log(at);
    at += 1;
  }
  const square = 1 / (at * at);
  const series = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)));
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series / at - shift;
}

// A continued fraction b0 + a1 / (b1 + a2 / (b2 + ...)), by the modified method of Lentz.
function continuedFraction(start, term) {
  let value = start === 0 ? TINY : start;
  let c = value;
  let d = 0;
  for (let n = 1; n < MOST_TERMS; n += 1) {
    const [a, b] = term(n);
    d = b + a * d;
    c = b + a / c;
    d = 1 / (d === 0 ? TINY : d);
    c = c === 0 ? TINY : c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return value;
}

// Share of a gamma distribution of shape a above x. Each form is used where it loses no digits.
function gammaTail(a, x) {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x > a + 1) {
    return front / continuedFraction(x + 1 - a, (n) => [n * (a - n), x + 2 * n + 1 - a]);
  }
  return 1 - front * gammaSeries(a, x);
}

function gammaSeries(a, x) {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > sum * 1e-17; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

// Incomplete beta function I_x(a, b), with 1 - x given apart so that an x near 1 costs no digits.
function betaShare(a, b, x, rest) {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(b, a, rest, x);
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const front = Math.exp(a * Math.log(x) + b * Math.log(rest) - logBeta) / a;
  const fraction = continuedFraction(1, (n) => {
    const m = Math.floor(n / 2);
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return [n % 2 ? odd : even, 1];
  });
  return front / fraction;
}

function chiSquaredTail(x, df) {
  return gammaTail(df / 2, x / 2);
}

// Share of the t distribution above t > 0; a df of null stands for the normal distribution.
function upperTail(t, df) {
  if (df === null) return 0.5 * gammaTail(0.5, (t * t) / 2);
  const total = df + t * t;
  return 0.5 * betaShare(df / 2, 0.5, df / total, (t * t) / total);
}

function density(t, df) {
  if (df === null) return Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const constant = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(constant - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

// The quantile between whose two signs lies the share `level`: Newton's method on the logarithm of the tail along
// log t, which is nearly a straight line also for the heavy tails of few degrees of freedom; halving where it leaves
// the bracket.
function twoSidedQuantile(level, df) {
  const tail = (1 - level) / 2;
  let low = 0;
  let high = 1;
  while (upperTail(high, df) > tail) {
    low = high;
    high *= 2;
  }
  let now = 0.5 * (low + high);
  for (let step = 0; step < 200; step += 1) {
    const share = upperTail(now, df);
    if (share > tail) low = now;
    else high = now;
    const slope = (-density(now, df) * now) / share;
    let next = now * Math.exp(Math.log(tail / share) / slope);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (Math.abs(next - now) <= 1e-15 * now) return next;
    now = next;
  }
  return now;
}

// Median of the chi-squared distribution, by halving: it is asked once per result, and halving cannot fail.
function chiSquaredMedian(df) {
  let low = 0;
  let high = df + 1;
  for (let step = 0; step < 200 && high - low > 1e-16 * high; step += 1) {
    const middle = 0.5 * (low + high);
    if (chiSquaredTail(middle, df) > 0.5) low = middle;
    else high = middle;
  }
  return 0.5 * (low + high);
}
