import type { Config } from '../../shared/model/config/index.ts';
import { environmentPolicy } from '../../shared/rules/environment-policy.ts';
import type { Environment } from '../../shared/model/environment.ts';
import type { JsonValue } from '../../shared/model/json.ts';
import type { ServiceSet } from '../rpc/backend.ts';
import { createBatchService } from '../services/batches/batch-service.ts';
import { createChangeService } from '../services/changes/change-service.ts';
import { createDriftService } from '../services/drift/drift-service.ts';
import { createFlagService } from '../services/flags/flag-service.ts';
import { createApprovalService } from '../services/approvals/approval-service.ts';
import { armour, unarmour } from '../services/armour/armour.ts';
import { checkCodeOf } from '../services/armour/check-code.ts';
import { qrOf } from '../services/armour/qr.ts';
import { demandNow } from '../services/changes/checks.ts';
import { createIncidentService } from '../services/incidents/incident-service.ts';
import { anchorLine } from '../services/ledger/anchor.ts';
import type { Chains, Ledger } from '../services/ledger/api.ts';
import { canonicalText, sha256Hex } from '../services/signing/canonical.ts';
import type { NotifyBacklog } from '../services/notify/backlog.ts';
import { lookupsOf } from '../services/notify/lookups.ts';
import { createNotifyService } from '../services/notify/notify-service.ts';
import { createStatusUpdates } from '../services/notify/status.ts';
import { createNowService } from '../services/now/now-service.ts';
import type { PeopleService } from '../services/operators/api.ts';
import type { Ids } from '../services/ports.ts';
import { createSliService } from '../services/slis/sli-service.ts';
import { createTeamService } from '../services/team/team-service.ts';
import type { Vault } from '../services/vault/api.ts';
import type { OpenedCredentials } from '../services/vault/opened.ts';
import { createShareExchange } from '../services/vault/share-exchange.ts';
import { createVaultService } from '../services/vault/vault-service.ts';
import type { CacheStore } from '../platform/sqlite/cache.ts';
import { type ConnectionContext, flagConnections, metricConnections } from './connections.ts';
import { notifyTargets } from './notify.ts';
import { teamStoreOf, trustOf } from './team.ts';

/** The page gets its script first: 50,000 flags that are brought back or read meanwhile would keep it waiting. */
const FIRST_LOOK_MS = 250;

export interface OwnedServices extends ServiceSet {
  dispose(): void;
}

export const ARMOURER = { armour, unarmour, checkCodeOf, qrOf };

/** What outlives a configuration. */
export interface ServicePorts {
  readonly ledger: Ledger & Chains;
  readonly cache: CacheStore;
  readonly ids: Ids;
  readonly people: PeopleService;
  readonly vault: Vault;
  readonly opened: OpenedCredentials;
  readonly backlog: NotifyBacklog;
  /** Credentials can be had now that could not before, or the other way round. */
  readonly onUsable: () => void;
}

export function environmentsOf(config: Config): Environment[] {
  return Object.entries(config.environments).map(([name, { tone, propagationObjective }]) => ({
    name,
    tone,
    propagationObjectiveMs: propagationObjective,
    policy: environmentPolicy(config.policy, name),
  }));
}

/** Every service of one configuration; a reload makes a new set (DESIGN: the only wiring). */
export function createServices(
  context: ConnectionContext,
  ports: ServicePorts,
  firstLookMs = FIRST_LOOK_MS,
): OwnedServices {
  const { config, clock, log } = context;
  const { ledger, cache, ids, people } = ports;
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
  const approvals = createApprovalService({
    ledger,
    roster: () => people.roster(),
    policy: config.policy,
    clock,
    ids,
    log,
    hash,
    demandNow: (change) => demandNow({ flags, config }, change),
    armourer: ARMOURER,
  });
  const batchesOf = (change: string): readonly string[] => changes.batches.ofChange(change);
  const names = environments.map(({ name }) => name);
  const roster = () => people.roster();
  const incidents = createIncidentService({ ledger, clock, ids, environments: names, roster, batchesOf });
  const changes = createChangeService({
    flags,
    slis,
    ledger,
    config,
    environments,
    clock,
    ids,
    log,
    hash,
    fourEyes: approvals,
    incidents,
  });
  const batches = createBatchService({ changes, flags, ledger, config, environments, clock, ids, log, hash });
  const drift = createDriftService({ connections, flags, ledger, config, environments, clock, log });
  const now = createNowService({ flags, slis, environments, clock });
  const personName = (operator: string): string | null => people.roster().operator(operator)?.name ?? null;
  const targets = notifyTargets(context);
  const notify = createNotifyService({
    targets,
    ledger,
    clock,
    log,
    device: ledger.device,
    lookups: lookupsOf({
      changes,
      batches,
      approvals,
      incidents,
      personName,
      batchesOf,
      anchorLine,
    }),
    glass: () => approvals.glass(),
    backlog: ports.backlog,
  });
  const status = createStatusUpdates({
    environments,
    clock,
    rows: (environment) => flags.rows(environment),
    now: (environment) => now.now(environment),
    incidents: () => incidents.list(),
    glass: () => approvals.glass(),
    nameOf: (operator) => personName(operator) ?? operator,
  });
  const store = teamStoreOf(config, context);
  const team = createTeamService({
    store,
    chains: ledger,
    trust: trustOf(() => people.roster()),
    ledger,
    device: ledger.device,
    pollMs: config.teamStore?.poll ?? 0,
    clock,
    log,
    peopleOf: (device) => people.roster().peopleOf(device),
  });
  const exchange = createShareExchange({ vault: ports.vault, roster, clock, armourer: ARMOURER });
  const vault = createVaultService({ ...ports, exchange, roster, config, clock });
  return {
    environments,
    flags,
    slis,
    changes,
    batches,
    drift,
    now,
    approvals,
    incidents,
    notify,
    status,
    team,
    vault,
    dispose() {
      vault.dispose();
      exchange.dispose();
      team.dispose();
      store?.dispose().catch((error: unknown) => log.warn('team.close-failed', { error: String(error) }));
      notify.dispose();
      for (const { target } of targets) target.dispose();
      incidents.dispose();
      approvals.dispose();
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
