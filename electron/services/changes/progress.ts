import type { ChangeProgress, Observation } from '../../../shared/model/change.ts';
import type { Recovery } from '../../../shared/model/recovery.ts';
import { expectationOf } from '../../../shared/rules/expectation.ts';
import type { FlagConnection } from '../flags/api.ts';
import { type ChangePorts, observersOf } from './ports.ts';
import type { ChangeRecord } from './projection.ts';

/** What is known beside the ledger while a change is being watched. */
export interface Live {
  readonly observations: readonly Observation[];
  readonly recoveries: readonly Recovery[];
  readonly problem: string | null;
}

/** A change as the page sees it: the ledger's record, and over it what the watches see now. */
export function progressOf(ports: ChangePorts, record: ChangeRecord, live: Live): ChangeProgress {
  const { change, acceptedAtMs, servedAtMs, observedAtMs } = record;
  const connection = connectionOrNull(ports, change.payload.connection);
  const observations = record.observedAtMs === null ? live.observations : record.observations;
  const seeing = connection === null ? [] : observersOf(connection, change.payload.environment);
  const observers = (seeing.length > 0 && expectationOf(change.payload) !== null) || observations.length > 0;
  const refreshes = [connection?.refreshMs ?? null, ...seeing.map(({ refreshMs }) => refreshMs ?? null)];
  const slowestMs = Math.max(...refreshes.map((ms) => ms ?? -1));
  const done = observers ? observedAtMs !== null : servedAtMs !== null;
  const objectiveMs = ports.environments.find(
    ({ name }) => name === change.payload.environment,
  )?.propagationObjectiveMs;
  const journalled = new Set(record.recoveries.map((recovery) => recovery.sli));
  return {
    change,
    stage: record.stage,
    problem: record.problem ?? live.problem,
    propagation: {
      requestedAtMs: record.requestedAtMs,
      acceptedAtMs,
      servedAtMs,
      observedAtMs,
      observed: observations.filter((observation) => observation.agrees).length,
      expected: observations.length,
      observers,
      observations: [...observations],
      worstCaseAtMs: acceptedAtMs === null || slowestMs < 0 ? null : acceptedAtMs + slowestMs,
      overdue:
        acceptedAtMs !== null &&
        !done &&
        record.undoneBy === null &&
        objectiveMs !== undefined &&
        ports.clock.now() > acceptedAtMs + objectiveMs,
    },
    recoveries: [...record.recoveries, ...live.recoveries.filter((recovery) => !journalled.has(recovery.sli))],
    undoneBy: record.undoneBy,
  };
}

/** The configuration may no longer have the connection of an old change. */
function connectionOrNull(ports: ChangePorts, id: string): FlagConnection | null {
  try {
    return ports.flags.connection(id);
  } catch {
    return null;
  }
}
