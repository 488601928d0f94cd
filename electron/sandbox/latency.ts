/** Latency of one kind of request: log-normal, in seconds. */
export interface Latency {
  readonly median: number;
  readonly sigma: number;
}

export interface Part {
  readonly share: number;
  readonly latency: Latency;
}

/** Time within which `quantile` of the requests of a mixture are answered, seconds. Null for no requests. */
export function mixtureQuantile(parts: readonly Part[], quantile: number): number | null {
  const total = parts.reduce((sum, part) => sum + part.share, 0);
  if (total <= 0) return null;
  let low = 1e-4;
  let high = 60;
  for (let step = 0; step < 40; step++) {
    // Halves the distance in orders of magnitude.
    const middle = Math.sqrt(low * high);
    const below = parts.reduce((sum, { share, latency }) => sum + (share / total) * answeredWithin(latency, middle), 0);
    if (below < quantile) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

function answeredWithin({ median, sigma }: Latency, seconds: number): number {
  return normalCdf(Math.log(seconds / median) / sigma);
}

/** Abramowitz and Stegun 26.2.17; wrong by less than 1e-7. */
function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x >= 0 ? 1 - tail : tail;
}
