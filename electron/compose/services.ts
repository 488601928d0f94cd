import type { Config } from '../../shared/model/config/index.ts';
import type { Environment } from '../../shared/model/environment.ts';
import type { JsonValue } from '../../shared/model/json.ts';
import type { ServiceSet } from '../rpc/backend.ts';
import { createBatchService } from '../services/batches/batch-service.ts';
import { createChangeService } from '../services/changes/change-service.ts';
import { createDriftService } from '../services/drift/drift-service.ts';
import { createFlagService } from '../services/flags/flag-service.ts';
import type { Ledger } from '../services/ledger/api.ts';
import { canonicalText, sha256Hex } from '../services/ledger/canonical.ts';
import { createNowService } from '../services/now/now-service.ts';
import type { Ids } from '../services/ports.ts';
import { createSliService } from '../services/slis/sli-service.ts';
import type { CacheStore } from '../platform/sqlite/cache.ts';
import { type ConnectionContext, flagConnections, metricConnections } from './connections.ts';

/** The page gets its script first: 50,000 flags that are brought back or read meanwhile would keep it waiting. */
const FIRST_LOOK_MS = 250;

export interface OwnedServices extends ServiceSet {
  dispose(): void;
}

export function environmentsOf(config: Config): Environment[] {
  return Object.entries(config.environments).map(([name, { tone, propagationObjective }]) => ({
    name,
    tone,
    propagationObjectiveMs: propagationObjective,
  }));
}

/** Every service of one configuration; a reload makes a new set (DESIGN: the only wiring). */
export function createServices(
  context: ConnectionContext,
  ports: { readonly ledger: Ledger; readonly cache: CacheStore; readonly ids: Ids },
  firstLookMs = FIRST_LOOK_MS,
): OwnedServices {
  const { config, clock, log } = context;
  const { ledger, cache, ids } = ports;
  const environments = environmentsOf(config);
  const metrics = metricConnections(context);
  const connections = flagConnections(context, metrics);
  const flags = createFlagService({
    connections,
    config,
    ledger,
    cache: {
      get(key) {
        const found = cache.get(key);
        return found === null ? null : { text: found.value, atMs: found.atMs };
      },
      put: (key, text) => cache.put(key, text, clock.now()),
    },
    clock,
    log,
    firstLookMs,
  });
  const slis = createSliService({ config, connections: metrics, clock, log });
  const hash = (value: unknown) => sha256Hex(canonicalText(value as JsonValue));
  const changes = createChangeService({ flags, slis, ledger, config, environments, clock, ids, log, hash });
  const batches = createBatchService({ changes, flags, ledger, config, environments, clock, ids, log, hash });
  const drift = createDriftService({ connections, flags, ledger, config, environments, clock, log });
  const now = createNowService({ flags, slis, environments, clock });
  return {
    environments,
    flags,
    slis,
    changes,
    batches,
    drift,
    now,
    dispose() {
      now.dispose();
      drift.dispose();
      batches.dispose();
      changes.dispose();
      slis.dispose();
      const release = (): void => {
        flags.dispose();
        for (const metric of metrics) metric.source.dispose();
      };
      // What was confirmed is finished over the connections that it was confirmed for, though others are in force (C1).
      const idle = changes.idle();
      if (idle === null) release();
      else idle.then(release).catch((error: unknown) => log.error('services.release-failed', { error: String(error) }));
    },
  };
}
