import type { FlagCapabilities, ProviderFlag } from '../../electron/services/flags/provider.ts';
import type { ProbeReport } from '../../shared/model/probe.ts';

/** A provider in memory can what its test says, and nothing else. */
export function capabilities(can: Partial<FlagCapabilities> = {}): FlagCapabilities {
  return {
    watch: false,
    kill: false,
    restoreExact: false,
    rollout: false,
    bulk: null,
    audit: false,
    comment: false,
    approvals: false,
    ...can,
  };
}

export const GOOD_PROBE: ProbeReport = {
  ok: true,
  latencyMs: 0,
  clockSkewMs: null,
  canRead: true,
  canWrite: true,
  detail: '',
  fields: [],
};

/** What a provider that knows nothing more says of a flag. */
export const PLAIN_FLAG = {
  description: null,
  type: null,
  owner: null,
  tags: [],
  stale: false,
  lastSeenAtMs: null,
  changedAtMs: null,
  changedBy: null,
} as const satisfies Partial<ProviderFlag>;
