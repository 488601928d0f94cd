/** One series of an answer: samples in ascending time. NaN, infinities and gaps are left out by the adapter. */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly atMs: number; readonly value: number }[];
}

export interface MetricAnswer {
  readonly series: readonly MetricSeries[];
  /** Partial answers and hints of the source (`warnings`, `infos`): shown, never swallowed. */
  readonly warnings: readonly string[];
  /** Samples that were NaN or infinite. */
  readonly notNumbers: number;
  /** The source's own clock minus ours, milliseconds; null when it does not tell. */
  readonly clockSkewMs: number | null;
}

export interface MetricProbe {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly clockSkewMs: number | null;
  readonly detail: string;
}

/**
 * The port to a metric source. Throws `ScramError` with a code by kind: `unreachable` (refused, DNS, TLS, reset),
 * `timeout`, `credential` (401, 403), `provider` (bad query, HTML, wrong shape; not retryable), `too-large`.
 */
export interface MetricSource {
  readonly kind: string;
  /** Evaluates at one moment, epoch ms. */
  instant(query: string, atMs: number, signal: AbortSignal): Promise<MetricAnswer>;
  /** Evaluates on the grid `startMs, startMs + stepMs, … <= endMs`, epoch ms. */
  range(query: string, startMs: number, endMs: number, stepMs: number, signal: AbortSignal): Promise<MetricAnswer>;
  probe(signal: AbortSignal): Promise<MetricProbe>;
  dispose(): void;
}
