import type { Recovery } from '../../../shared/model/recovery.ts';
import type { Series } from '../../../shared/model/sli.ts';
import { type Message, message } from '../../../shared/model/text.ts';
import { baselineOf } from '../../../shared/rules/baseline.ts';
import { assessSli } from '../../../shared/rules/breach.ts';
import { assessRecovery } from '../../../shared/rules/recovery.ts';
import type { Disposable } from '../ports.ts';
import type { ChangePorts } from './ports.ts';
import type { ChangeRecord } from './projection.ts';

const PACE_MS = 1_000;
/** After a restart the samples need a moment to arrive before a passed deadline is judged without them. */
const LOADING_MS = 15_000;

export interface RecoveryWatch extends Disposable {
  /** Verdicts as they stand: `watching`, or final. */
  recoveries(): readonly Recovery[];
  /** Ends the watch without proof either way, and journals that. */
  abandon(reason: Message): void;
}

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

/** Watches every affected SLI of an accepted change to its verdict (A4), keeping the samples live meanwhile. */
export function watchRecovery(ports: ChangePorts, record: ChangeRecord, onNews: () => void): RecoveryWatch {
  const { payload, hash } = record.change;
  const { environment } = payload;
  const changedAtMs = record.acceptedAtMs ?? ports.clock.now();
  const startedAtMs = ports.clock.now();
  const journalled = new Set(record.recoveries.map((recovery) => recovery.sli));
  const open = new Map<string, Recovery>();
  for (const sli of payload.affectedSlis) {
    if (!journalled.has(sli)) open.set(sli, judgeNow(sli));
  }

  function judgeNow(sli: string): Recovery {
    const recovery = judge(ports, sli, environment, changedAtMs);
    const loading = recovery.samples === 0 && ports.clock.now() - startedAtMs < LOADING_MS;
    return loading && recovery.verdict !== 'watching'
      ? { ...recovery, verdict: 'watching', reason: message('recovery.waiting-for-samples') }
      : recovery;
  }

  function evaluate(): void {
    let news = false;
    for (const [sli, last] of open) {
      const recovery = judgeNow(sli);
      if (JSON.stringify(recovery) === JSON.stringify(last)) {
        if (recovery.verdict === 'watching') continue;
      }
      open.set(sli, recovery);
      news = true;
      if (recovery.verdict !== 'watching') conclude(recovery);
    }
    if (open.size === 0) dispose();
    if (news) onNews();
  }

  /** Throws when the ledger cannot be written; the SLI then stays open and is judged again. */
  function conclude(recovery: Recovery): void {
    ports.ledger.append({ kind: 'change.recovery', hash, recovery });
    open.delete(recovery.sli);
  }

  function guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      ports.log.error('change.recovery-watch-failed', { hash, error: String(error) });
    }
  }

  const subscriptions: Disposable[] = [];
  if (open.size > 0) {
    // Watching is what makes the SLI service poll at its live pace.
    const services = new Set([...open.keys()].map((sli) => sli.slice(0, sli.indexOf('/'))));
    for (const service of services) {
      subscriptions.push(ports.slis.watch({ environment, service }, () => guarded(evaluate)));
    }
    subscriptions.push(ports.clock.every(PACE_MS, () => guarded(evaluate)));
  }
  function dispose(): void {
    for (const subscription of subscriptions.splice(0)) subscription.dispose();
  }
  return {
    recoveries: () => [...open.values()],
    abandon(reason) {
      for (const recovery of [...open.values()]) {
        guarded(() => conclude({ ...recovery, verdict: 'cannot-tell', reason, recoveredAtMs: null, tookMs: null }));
      }
      dispose();
    },
    dispose,
  };
}
