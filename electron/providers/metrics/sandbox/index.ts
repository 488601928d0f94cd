import { ScramError } from '../../../../shared/model/error.ts';
import type { Clock } from '../../../services/ports.ts';
import type { MetricAnswer, MetricSource } from '../../../services/slis/source.ts';
import { type PracticeQuery, parseQuery } from './query.ts';

/** What the source asks of the practice world. */
export interface PracticeMetrics {
  /** Value at a moment, epoch ms; null where there is no such traffic. Throws `provider` for a name that is not there. */
  value(query: PracticeQuery, atMs: number): number | null;
}

/** As Prometheus has it: more than any chart needs. */
const MOST_POINTS = 11_000;

/** The practice world as a metric source: the same answer for the same moment, and none for what has yet to come. */
export function createSandboxSource(world: PracticeMetrics, clock: Clock): MetricSource {
  function answer(text: string, moments: readonly number[], signal: AbortSignal): MetricAnswer {
    if (signal.aborted) throw new ScramError('cancelled', 'practice metrics: the query was cancelled');
    const query = parseQuery(text);
    const now = clock.now();
    const samples = moments.flatMap((atMs) => {
      const value = world.value(query, atMs);
      return value === null || atMs > now ? [] : [{ atMs, value }];
    });
    const series = samples.length === 0 ? [] : [{ labels: labelsOf(query), samples }];
    return { series, warnings: [], notNumbers: 0, clockSkewMs: 0 };
  }

  return {
    kind: 'sandbox',
    async instant(query, atMs, signal) {
      return answer(query, [atMs], signal);
    },
    async range(query, startMs, endMs, stepMs, signal) {
      const count = Math.floor((endMs - startMs) / stepMs) + 1;
      if (!(stepMs > 0) || !(count >= 1)) {
        throw new ScramError(
          'provider',
          'practice metrics: a range needs a step above zero and an end after its start',
        );
      }
      if (count > MOST_POINTS) {
        throw new ScramError('provider', `practice metrics: ${count} points asked for, at most ${MOST_POINTS}`);
      }
      const moments = Array.from({ length: count }, (_, index) => startMs + index * stepMs);
      return answer(query, moments, signal);
    },
    async probe() {
      return { ok: true, latencyMs: 0, clockSkewMs: 0, detail: 'the practice world' };
    },
    dispose() {},
  };
}

function labelsOf(query: PracticeQuery): Record<string, string> {
  const { metric: _metric, ...labels } = query;
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null));
}
