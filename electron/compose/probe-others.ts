import type { ProbeReport } from '../../shared/model/probe.ts';
import type { NotifyTargetEntry } from '../services/notify/api.ts';
import type { TeamStore } from '../services/team/store.ts';
import type { ProbedConnection } from './probe.ts';

type Limited = (probe: (signal: AbortSignal) => Promise<ProbeReport>) => Promise<ProbeReport>;

/** Tries each target out: mail servers quietly, the others with a message that says that it is a test (A8). */
export function probeTargets(targets: readonly NotifyTargetEntry[], reportOf: Limited): Promise<ProbedConnection>[] {
  return targets.map(async ({ id, target }): Promise<ProbedConnection> => {
    const report = await reportOf((signal) => target.probe(signal));
    return { id, kind: target.kind, role: 'notify', report };
  });
}

/** As a console that starts: connects, makes sure of the tables and the rights, and reads how far the chains go (D8). */
export async function probeTeamStore(store: TeamStore, reportOf: Limited): Promise<ProbedConnection> {
  const beganAt = performance.now();
  const report = await reportOf(async (signal) => {
    await store.connect(signal);
    const heads = await store.heads(signal);
    const chains = heads.size === 1 ? 'the chain of 1 console' : `the chains of ${heads.size} consoles`;
    return {
      ok: true,
      latencyMs: performance.now() - beganAt,
      clockSkewMs: null,
      canRead: true,
      // The rights are looked up when it connects: without them it throws.
      canWrite: true,
      detail: `the team store holds ${chains}`,
      fields: [],
    };
  });
  return { id: 'teamStore', kind: 'postgres', role: 'team', report };
}
