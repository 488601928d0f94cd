import type { ScramError } from '../../../shared/model/error.ts';
import type { FlagProvider } from '../../services/flags/provider.ts';

/** A connection that cannot be set up still has a place on the Health view, with the reason (H3). */
export function createFailingProvider(kind: string, environments: readonly string[], error: ScramError): FlagProvider {
  const fail = (): Promise<never> => Promise.reject(error);
  const refuse = (): never => {
    throw error;
  };
  return {
    kind,
    capabilities: {
      watch: false,
      kill: false,
      restoreExact: false,
      rollout: false,
      bulk: null,
      audit: false,
      comment: false,
      approvals: false,
    },
    environments,
    readEnvironment: fail,
    readFlag: fail,
    planKill: refuse,
    planRestore: refuse,
    apply: fail,
    watch: () => ({ dispose() {} }),
    probe: async () => ({
      ok: false,
      latencyMs: 0,
      clockSkewMs: null,
      canRead: false,
      canWrite: false,
      detail: error.action === null ? error.message : `${error.message}. ${error.action}`,
      fields: [],
    }),
    dispose() {},
  };
}
