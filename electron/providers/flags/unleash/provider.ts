import { ScramError } from '../../../../shared/model/error.ts';
import type { FlagHintsOf, FlagProvider, ProviderFlag } from '../../../services/flags/provider.ts';
import type { Clock } from '../../../services/ports.ts';
import type { Api } from '../../shared/api.ts';
import { readAudit } from './audit.ts';
import { createChangeRequests } from './change-requests.ts';
import { BULK, createUnleashClient } from './client.ts';
import { Mirror } from './mirror.ts';
import { type Held, normalise } from './normalise.ts';
import { planKill, planRestore, planRollout } from './plan.ts';
import { probeUnleash, projectEnvironments } from './probe.ts';
import { Writer } from './write.ts';

export interface UnleashOptions {
  readonly id: string;
  readonly api: Api;
  readonly project: string;
  /** Address of Unleash's own page. */
  readonly site: string;
  /** The provider's names, by ours. */
  readonly environments: Readonly<Record<string, string>>;
  /** Strategies of many flags may be read by an export, which leaves an event in Unleash's log. */
  readonly mayExport: boolean;
  readonly hintsOf: FlagHintsOf;
  readonly clock: Clock;
}

/**
 * Unleash by its Admin API, verified against 8.2.0. A flag is off for everyone when its environment is; on for everyone when
 * a strategy lets everyone through. There is no precondition on a switch: the flag is read right before it. Strategies are
 * patched with a test of what was read.
 */
export function createUnleashProvider(options: UnleashOptions): FlagProvider {
  const { id, api, project, environments, hintsOf, clock } = options;
  const client = createUnleashClient(api, project);
  const mirror = new Mirror({
    client,
    clock,
    environments: [...new Set(Object.values(environments))],
    mayExport: options.mayExport,
  });
  const writer = new Writer({ client, mirror, clock, nameOf });
  const changeRequests = createChangeRequests({ api, project, site: options.site });
  const planner = { hintsOf, nameOf: (segment: number) => mirror.segmentName(segment) };
  const ours = new Map(Object.entries(environments).map(([our, their]) => [their, our]));
  /** Marks hold for this life alone: the numbers of the moves start anew with each. */
  const life = crypto.randomUUID();

  function nameOf(environment: string): string {
    const name = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
    if (name !== undefined) return name;
    throw new ScramError(
      'not-found',
      `connection ${id} has no environment ${environment}: ${Object.keys(environments).join(', ')}`,
    );
  }

  function toFlag(key: string, environment: string, read: Held): ProviderFlag {
    const providerEnvironment = nameOf(environment);
    return normalise(key, read, mirror.meta(key), mirror.lastChange(key, providerEnvironment), {
      environment,
      providerEnvironment,
      hints: hintsOf(key),
      nameOf: planner.nameOf,
    });
  }

  function toFlags(environment: string, flags: ReadonlyMap<string, Held>): ProviderFlag[] {
    return [...flags].map(([key, read]) => toFlag(key, environment, read));
  }

  /** A wrong project has an empty list and no error, a wrong environment is in no flag: both look like nothing to do. */
  async function refuseEmpty(environment: string, signal: AbortSignal): Promise<void> {
    const there = await projectEnvironments(api, project, signal);
    const name = nameOf(environment);
    if (there.includes(name)) return;
    throw new ScramError(
      'not-found',
      `${api.name}: project ${project} has no environment ${name}; it has ${there.join(', ') || 'none'}`,
      { action: `Correct environments of connection ${id} in scram.yaml.` },
    );
  }

  return {
    kind: 'unleash',
    capabilities: {
      watch: false,
      kill: true,
      restoreExact: true,
      rollout: true,
      bulk: BULK,
      audit: true,
      comment: false,
      approvals: true,
    },
    environments: Object.keys(environments),
    providerEnvironment: nameOf,
    sharesReads: true,
    async readEnvironment(environment, signal) {
      const { position, flags } = await mirror.whole(nameOf(environment), signal);
      if (flags.size === 0) await refuseEmpty(environment, signal);
      return {
        environment,
        readAtMs: position.readAtMs,
        sourceChangedAtMs: null,
        mark: `${life} ${position.seq}`,
        flags: toFlags(environment, flags),
      };
    },
    async readChanges(environment, mark, signal) {
      const [markLife, seq] = mark.split(' ');
      if (markLife !== life) return null;
      const found = await mirror.since(Number(seq), nameOf(environment), signal);
      if (found === null) return null;
      return {
        readAtMs: found.position.readAtMs,
        sourceChangedAtMs: null,
        mark: `${life} ${found.position.seq}`,
        upserts: toFlags(environment, found.flags),
        removals: found.gone,
      };
    },
    async readFlag(key, environment, signal) {
      const name = nameOf(environment);
      await writer.settled([key], signal);
      const read = (await mirror.one(key, signal))?.environments.get(name);
      if (read) return toFlag(key, environment, read);
      throw new ScramError('not-found', `${api.name}: project ${project} has no flag ${key} in ${name}`, {
        action: 'Look for it in Unleash: it may be archived, or in another project.',
      });
    },
    async readFlags(keys, environment, signal) {
      await writer.settled(keys, signal);
      const flags = await mirror.many(keys, nameOf(environment), signal);
      return new Map([...flags].map(([key, read]) => [key, toFlag(key, environment, read)]));
    },
    planKill: (flag) => planKill(flag, planner),
    planRestore: (flag, earlier) => planRestore(flag, earlier, planner),
    planRollout: (flag, percentage) => planRollout(flag, percentage, planner),
    apply: (request, signal) => writer.apply(request, signal),
    applyAll: (requests, signal) => writer.applyAll(requests, signal),
    async requestApproval(request, signal) {
      const { key, comment, description } = request;
      const wanted = await writer.switchOf(request, signal);
      return changeRequests.request({ key, ...wanted, title: description, comment }, signal);
    },
    followApproval: (approval, _environment, signal) => changeRequests.follow(approval, signal),
    applyApproval: (approval, _environment, signal) => changeRequests.apply(approval, signal),
    audit: (sinceMs, signal) => readAudit(client, sinceMs, (name) => ours.get(name), signal),
    watch: () => ({ dispose() {} }),
    probe: (signal) => probeUnleash({ api, clock, project, environments }, signal),
    dispose() {
      mirror.dispose();
      client.dispose();
    },
  };
}
