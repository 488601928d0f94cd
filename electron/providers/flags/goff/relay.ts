import { z } from 'zod';
import type { ProbeField } from '../../../../shared/model/probe.ts';
import type { Clock, Log } from '../../../services/ports.ts';
import type { Api, Explained } from '../../shared/api.ts';
import { clockSkewOf } from '../shared/clock-skew.ts';

/** Source: GO Feature Flag relay proxy, its OpenAPI description. */
const refreshSchema = z.object({ refreshed: z.boolean({ error: 'expected true or false' }) });
const healthSchema = z.object({ initialized: z.boolean({ error: 'expected true or false' }) });
/** `flagsets` where the relay serves several. */
const infoSchema = z.object({
  cacheRefresh: z.string({ error: 'expected a time' }).nullish(),
  flagsets: z.record(z.string(), z.string()).nullish(),
});
const refusalSchema = z.object({ message: z.string() });

/** The relay says what it refuses as `{"message": …}`. */
export function explainRelay(response: { status: number }, body: unknown): Explained | null {
  const read = refusalSchema.safeParse(body);
  if (!read.success) return null;
  // Its key check answers 400 where no key was sent.
  return /missing key/i.test(read.data.message)
    ? { message: read.data.message, code: 'credential', action: "Give the connection the relay's admin key." }
    : { message: `${read.data.message} (${response.status})` };
}

export interface RelayReport {
  /** Sentences on what is wrong; empty when nothing is. */
  readonly problems: readonly string[];
  readonly clockSkewMs: number | null;
  readonly fields: readonly ProbeField[];
}

/** The relay that serves the files. It polls them by itself, so that whatever fails here only takes longer. */
export interface Relay {
  /** Tells it to read its files again. Never throws: what fails is logged, and told by the next probe. */
  refresh(): Promise<void>;
  probe(signal: AbortSignal): Promise<RelayReport>;
  dispose(): void;
}

export function createRelay({ api, clock, log }: { api: Api; clock: Clock; log: Log }): Relay {
  const ending = new AbortController();
  let lastProblem: string | null = null;

  async function refresh(): Promise<void> {
    try {
      const { value } = await api.ask({
        method: 'POST',
        path: '/admin/v1/retriever/refresh',
        schema: refreshSchema,
        what: 'reading the flag files again',
        signal: ending.signal,
      });
      lastProblem = value.refreshed ? null : 'the relay answered that it did not read its flag files again';
    } catch (error) {
      lastProblem = wordsOf(error);
    }
    if (lastProblem !== null && !ending.signal.aborted) log.warn('goff-relay-refresh', { problem: lastProblem });
  }

  async function probe(signal: AbortSignal): Promise<RelayReport> {
    const problems: string[] = [];
    const fields: ProbeField[] = [];
    let clockSkewMs: number | null = null;
    try {
      const sentAtMs = clock.now();
      const { value, response } = await api.ask({
        method: 'GET',
        path: '/health',
        schema: healthSchema,
        what: 'its health',
        signal,
      });
      clockSkewMs = clockSkewOf(response.dateMs, sentAtMs, clock.now());
      const problem = value.initialized ? null : 'not ready yet';
      fields.push({ name: 'relay', source: '/health', value: value.initialized ? 'ready' : 'starting', problem });
      const info = await api.ask({ method: 'GET', path: '/info', schema: infoSchema, what: 'its state', signal });
      const sets = Object.entries(info.value.flagsets ?? {}).map(([set, at]) => `${set} ${at}`);
      const at = info.value.cacheRefresh ?? (sets.length === 0 ? null : sets.join(', '));
      fields.push({ name: 'last refresh', source: '/info', value: at, problem: null });
    } catch (error) {
      problems.push(`${wordsOf(error)}; it reads the files when it polls next`);
    }
    if (lastProblem !== null) problems.push(`the refresh after the last change failed: ${lastProblem}`);
    return { problems, clockSkewMs, fields };
  }

  return {
    refresh,
    probe,
    dispose() {
      ending.abort();
      api.dispose();
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
