import { ScramError } from '../../../../shared/model/error.ts';
import { createHttpClient, type HttpClient, type HttpResponse } from '../../../platform/http/client.ts';
import type { MetricAnswer, MetricProbe, MetricSeries, MetricSource } from '../../../services/slis/source.ts';
import { credentialRefusal } from '../../../platform/http/errors.ts';
import { type ParsedAnswer, parseAnswer } from './answer.ts';
import { readCredential, redactError, redactor } from '../../shared/credential.ts';
import { failureOf } from './failure.ts';
import { clockSkew } from './skew.ts';

export interface PrometheusOptions {
  /** Base address, with the path that a proxy puts before /api/v1. */
  readonly url: string;
  /** The secret itself: a bearer token, or `user:password` for Basic. */
  readonly credential?: string | undefined;
  /** Certificate of a private authority, PEM. */
  readonly caPem?: string | undefined;
  /** Variables of the caller, of which HTTPS_PROXY, HTTP_PROXY and NO_PROXY count. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Over one whole exchange, milliseconds; Prometheus is told to give up a little before, so that it can say so. */
  readonly timeoutMs: number;
  /** Largest answer that is read, bytes. */
  readonly maxBytes?: number | undefined;
  readonly http?: HttpClient | undefined;
}

/** Room for an hour at 1 s of some fifty series; an SLI has one. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Prometheus refuses more than 11,000 points per series in one range. */
const MAX_STEPS = 11_000;
/** More pieces than this is a mistake in the step, not a chart. */
const MAX_PIECES = 10;

/** The Prometheus HTTP API, and what speaks it: VictoriaMetrics, Thanos, Mimir. Read only, forms by POST. */
export function createPrometheusSource(options: PrometheusOptions): MetricSource {
  const auth = readCredential(options.credential);
  const redact = redactor(auth);
  const where = `Prometheus at ${options.url}`;
  const http =
    options.http ??
    createHttpClient({
      baseUrl: options.url,
      timeoutMs: options.timeoutMs,
      maxBytes: options.maxBytes ?? MAX_BYTES,
      auth,
      caPem: options.caPem,
      env: options.env,
    });

  async function ask(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Answered> {
    try {
      const sentAtMs = Date.now();
      const response = await http.request({
        method: 'POST',
        path,
        form: { ...form, timeout: `${Math.max(1, Math.round(options.timeoutMs * 0.9))}ms` },
        idempotentRead: true,
        signal,
      });
      const receivedAtMs = Date.now();
      const refused = credentialRefusal(response.where, response.status);
      if (refused) throw refused;
      const body = readBody(response);
      const failure = failureOf({ status: response.status, body, where, query: form.query ?? '', redact });
      if (failure) throw failure;
      // A cache's answer has the date of the day it was made.
      const dateMs = response.headers.age === undefined ? response.dateMs : null;
      const parsed = parseAnswer(body, where);
      return {
        ...parsed,
        warnings: parsed.warnings.map(redact),
        clockSkewMs: clockSkew(dateMs, sentAtMs, receivedAtMs),
        latencyMs: receivedAtMs - sentAtMs,
      };
    } catch (error) {
      throw error instanceof ScramError ? redactError(error, redact) : error;
    }
  }

  async function range(
    query: string,
    startMs: number,
    endMs: number,
    stepMs: number,
    signal: AbortSignal,
  ): Promise<MetricAnswer> {
    const pieces = piecesOf(startMs, endMs, stepMs, where);
    const answers: Answered[] = [];
    for (const piece of pieces) {
      const form = { query, start: seconds(piece.startMs), end: seconds(piece.endMs), step: seconds(stepMs) };
      answers.push(await ask('/api/v1/query_range', form, signal));
    }
    return joined(answers);
  }

  return {
    kind: 'prometheus',
    range,
    async instant(query, atMs, signal) {
      return joined([await ask('/api/v1/query', { query, time: seconds(atMs) }, signal)]);
    },
    async probe(signal): Promise<MetricProbe> {
      try {
        // Evaluated at the server's own now, so its value is the server's clock to the millisecond.
        const sentAtMs = Date.now();
        const { series, latencyMs, clockSkewMs } = await ask('/api/v1/query', { query: 'time()' }, signal);
        const value = series[0]?.samples[0]?.value;
        const exact = value === undefined ? clockSkewMs : Math.round(value * 1000 - (sentAtMs + latencyMs / 2));
        return { ok: true, latencyMs, clockSkewMs: exact, detail: `${where} answers queries` };
      } catch (error) {
        if (!(error instanceof ScramError)) throw error;
        return { ok: false, latencyMs: 0, clockSkewMs: null, detail: error.message };
      }
    },
    dispose() {
      void http.close();
    },
  };
}

interface Answered extends ParsedAnswer {
  readonly clockSkewMs: number | null;
  readonly latencyMs: number;
}

/** Undefined for what is not JSON under an error status: the status then says more than the body. */
function readBody(response: HttpResponse): unknown {
  try {
    return response.json();
  } catch (error) {
    if (response.status >= 200 && response.status < 300) throw error;
    return undefined;
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Cuts a range into pieces that Prometheus accepts; each ends one step before the next begins. */
function piecesOf(startMs: number, endMs: number, stepMs: number, where: string): { startMs: number; endMs: number }[] {
  if (!(stepMs >= 1) || !(endMs >= startMs)) {
    throw new ScramError('invalid-input', `${where}: a range from ${startMs} to ${endMs} by ${stepMs} ms is none`);
  }
  const steps = Math.floor((endMs - startMs) / stepMs);
  if (steps >= (MAX_STEPS + 1) * MAX_PIECES) {
    throw new ScramError('too-large', `${where}: ${steps} steps in one chart, at most ${MAX_STEPS * MAX_PIECES}`, {
      action: 'Ask for a longer step or a shorter range.',
    });
  }
  const pieces: { startMs: number; endMs: number }[] = [];
  for (let first = 0; first <= steps; first += MAX_STEPS + 1) {
    const last = Math.min(steps, first + MAX_STEPS);
    pieces.push({ startMs: startMs + first * stepMs, endMs: startMs + last * stepMs });
  }
  return pieces;
}

/** Puts the pieces of a range together, by the labels of their series. */
function joined(answers: readonly Answered[]): MetricAnswer {
  const series = new Map<string, { labels: MetricSeries['labels']; samples: MetricSeries['samples'][number][] }>();
  for (const answer of answers) {
    for (const { labels, samples } of answer.series) {
      const name = JSON.stringify(Object.entries(labels).sort());
      const known = series.get(name);
      // Not `push(...samples)`: an argument list has a limit, and so many samples may pass it.
      if (known) for (const sample of samples) known.samples.push(sample);
      else series.set(name, { labels, samples: [...samples] });
    }
  }
  return {
    series: [...series.values()],
    warnings: [...new Set(answers.flatMap((answer) => answer.warnings))],
    notNumbers: answers.reduce((sum, answer) => sum + answer.notNumbers, 0),
    clockSkewMs: answers.at(-1)?.clockSkewMs ?? null,
  };
}
