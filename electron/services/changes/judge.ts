import type { Recovery } from '../../../shared/model/recovery.ts';
import type { Series } from '../../../shared/model/sli.ts';
import { baselineOf } from '../../../shared/rules/baseline.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import { assessRecovery } from '../../../shared/rules/recovery.ts';
import type { ChangePorts } from './ports.ts';

/**
 * Judges one SLI from the samples held. Baseline and breach are read from the samples before the change each time, so
 * that a restart in the middle of a watch comes to the same verdict.
 */
export function judge(ports: ChangePorts, sli: string, environment: string, changedAtMs: number): Recovery {
  const view = ports.slis.view(sli, environment);
  const series: Series = view?.series.all ?? { startMs: changedAtMs, stepMs: 1_000, values: [] };
  const objective = view?.sli.objective ?? null;
  const before = { ...series, values: series.values.slice(0, samplesUntil(series, changedAtMs)) };
  const { breachedSinceMs } = assessSli(before, objective, changedAtMs);
  const baseline = baselineOf(before, breachedSinceMs ?? changedAtMs);
  return {
    sli,
    ...assessRecovery({ series, changedAtMs, breachedSinceMs, objective, baseline, nowMs: ports.clock.now() }),
  };
}

function samplesUntil(series: Series, atMs: number): number {
  return Math.max(0, Math.floor((atMs - series.startMs) / series.stepMs) + 1);
}
