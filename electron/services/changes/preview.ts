import type { ChangePayload, ChangePreview, PolicyDemand } from '../../../shared/model/change.ts';
import { ScramError } from '../../../shared/model/error.ts';
import { nearNames } from '../../../shared/rules/naming.ts';
import { demandFor, takesAway } from '../../../shared/rules/policy.ts';
import type { FlagRef } from '../flags/api.ts';
import type { FlagProvider, PlannedWrite, ProviderFlag } from '../flags/provider.ts';
import type { PreviewRequest } from './api.ts';
import { questionOf } from './policy-question.ts';
import { type ChangePorts, isAt, refOf } from './ports.ts';
import type { ChangeRecord } from './projection.ts';

/** A preview that is older shows a world that may be gone, milliseconds. */
export const PREVIEW_LIFETIME_MS = 5 * 60_000;
/** What waits for a second person holds longer, unless policy says otherwise, milliseconds (D11). */
export const APPROVAL_LIFETIME_MS = 30 * 60_000;

export interface Plan {
  readonly action: ChangePayload['action'];
  readonly ref: FlagRef;
  readonly environment: string;
  readonly read: ProviderFlag;
  readonly planned: PlannedWrite;
  readonly undoes: string | null;
}

/** Reads the provider now and says exactly what would happen (B2). Writes nothing. */
export async function previewChange(
  ports: ChangePorts,
  find: (hash: string) => ChangeRecord | undefined,
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<ChangePreview> {
  const plan = await planOf(ports, find, request, signal);
  return previewOf(ports, plan, demandOf(ports, plan));
}

/** The preview of a plan, hashed whole. Throws `not-found` and `refused` as `payloadOf` does. */
export function previewOf(ports: ChangePorts, plan: Plan, demand: PolicyDemand): ChangePreview {
  const payload = payloadOf(ports, plan, demand);
  return { hash: ports.hash(payload), payload };
}

/** What policy asks for this one change. */
export function demandOf(ports: ChangePorts, { action, ref, environment, read, planned }: Plan): PolicyDemand {
  const change = { environment, takesAway: takesAway({ action, before: read.state, after: planned.after }) };
  return demandFor(questionOf(ports, ref, change));
}

function planOf(
  ports: ChangePorts,
  find: (hash: string) => ChangeRecord | undefined,
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<Plan> {
  if (request.action === 'kill') return planKill(ports, request, signal);
  if (request.action === 'rollout') return planRollout(ports, request, signal);
  return planUndo(ports, find, request, signal);
}

/** Gives the feature to another share of users, keeping rules and variants as they are. */
async function planRollout(
  ports: ChangePorts,
  request: Extract<PreviewRequest, { action: 'rollout' }>,
  signal: AbortSignal,
): Promise<Plan> {
  const { environment, flag: key, percentage } = request;
  environmentOf(ports, environment);
  const ref = { connection: request.connection, key };
  const { provider } = ports.flags.connection(ref.connection);
  const read = await ports.flags.readNow(ref, environment, signal);
  if (!provider.capabilities.rollout || provider.planRollout === undefined) {
    throw new ScramError('refused', `connection ${ref.connection} cannot set the share of users`, {
      action: 'change the flag where it is managed',
    });
  }
  return { action: 'rollout', ref, environment, read, planned: provider.planRollout(read, percentage), undoes: null };
}

async function planKill(
  ports: ChangePorts,
  request: Extract<PreviewRequest, { action: 'kill' }>,
  signal: AbortSignal,
): Promise<Plan> {
  const { environment, flag: key } = request;
  environmentOf(ports, environment);
  const ref = { connection: request.connection, key };
  const { provider } = ports.flags.connection(ref.connection);
  // Read first: a connection that could not be set up, for want of a credential, says so instead of having no kill.
  const read = await ports.flags.readNow(ref, environment, signal);
  requireKill(provider, ref.connection);
  return killPlan(provider, ref, read);
}

/** Throws `refused` for a connection that has no kill. */
export function requireKill(provider: FlagProvider, connection: string): void {
  if (provider.capabilities.kill) return;
  throw new ScramError('refused', `connection ${connection} cannot kill flags`, {
    action: 'change the flag where it is managed',
  });
}

/** What a kill of the flag as it was read would do. Pure; throws `refused` when it is killed, or has no safe value. */
export function killPlan(provider: FlagProvider, ref: FlagRef, read: ProviderFlag): Plan {
  const { environment } = read;
  if (read.state.killed) {
    throw new ScramError('refused', `${ref.key} is already killed in ${environment}`, {
      action: 'nothing is left to do; undo the change that killed it to give the feature back',
    });
  }
  const planned = provider.planKill(read);
  if (!planned.after.killed) {
    throw new ScramError('refused', `a kill of ${ref.key} in ${environment} would not give everyone the safe value`, {
      action: 'change the flag where it is managed',
    });
  }
  return { action: 'kill', ref, environment, read, planned, undoes: null };
}

/** Puts back the exact definition from before another change, only if nothing has touched the flag since (B7). */
async function planUndo(
  ports: ChangePorts,
  find: (hash: string) => ChangeRecord | undefined,
  request: Extract<PreviewRequest, { action: 'undo' }>,
  signal: AbortSignal,
): Promise<Plan> {
  const record = find(request.change);
  if (record === undefined) {
    throw new ScramError('not-found', `no change ${request.change} in this ledger`, {
      action: 'see scram ledger show',
    });
  }
  const { payload } = record.change;
  const { flag: key, environment } = payload;
  if (record.acceptedAtMs === null) {
    throw new ScramError('refused', `the change of ${key} in ${environment} was not made, so it cannot be undone`);
  }
  if (record.undoneBy !== null) {
    throw new ScramError('refused', `the change of ${key} in ${environment} has been undone already`, {
      action: `undo change ${record.undoneBy} to bring it back`,
    });
  }
  environmentOf(ports, environment);
  const ref = refOf(payload);
  const { provider } = ports.flags.connection(ref.connection);
  const read = await ports.flags.readNow(ref, environment, signal);
  if (!provider.capabilities.restoreExact) {
    throw new ScramError('refused', `connection ${ref.connection} cannot put an earlier state back exactly`);
  }
  const moved = sourceMoved(payload, provider.kind, read);
  if (moved !== null || !isAt(ports, read, payload.after)) {
    throw new ScramError(
      'conflict',
      moved ?? `${key} in ${environment} has been changed since; undoing would overwrite that`,
      {
        action: 'look at what the flag serves now, and change it where it is managed',
      },
    );
  }
  const { definition, ...state } = payload.before;
  const planned = provider.planRestore(read, { definition, state });
  return { action: 'undo', ref, environment, read, planned, undoes: record.change.hash };
}

/** Says in words that the connection no longer leads to what the change names (B2, B3); null when it does. */
export function sourceMoved(payload: ChangePayload, kind: string, read: ProviderFlag): string | null {
  const { connection, environment, providerKind, providerEnvironment } = payload;
  if (kind === providerKind && read.providerEnvironment === providerEnvironment) return null;
  return `${environment} of connection ${connection} is now ${read.providerEnvironment} (${kind}); the change was for ${providerEnvironment} (${providerKind})`;
}

function payloadOf(ports: ChangePorts, plan: Plan, demand: PolicyDemand): ChangePayload {
  const { ref, environment, read, planned } = plan;
  const flag = ports.flags.flag(ref);
  if (flag === null) throw new ScramError('not-found', `flag ${ref.key} of connection ${ref.connection} is gone`);
  if (planned.after.revision === read.state.revision) {
    throw new ScramError('refused', `${ref.key} in ${environment} is in that state already`);
  }
  const now = ports.clock.now();
  const dependants = ports.config.services.filter((service) =>
    service.dependencies.some((dependency) => dependency.killSwitch === ref.key),
  );
  const services = [...new Set([...flag.services, ...dependants.map((service) => service.id)])].sort();
  const slis = ports.slis
    .slis(environment)
    .filter((sli) => services.includes(sli.service) || sli.cohortFlag === ref.key)
    .map((sli) => sli.id);
  return {
    version: 1,
    id: ports.ids.next(),
    action: plan.action,
    connection: ref.connection,
    providerKind: ports.flags.connection(ref.connection).provider.kind,
    flag: ref.key,
    polarity: flag.polarity,
    environment,
    providerEnvironment: read.providerEnvironment,
    tone: environmentOf(ports, environment).tone,
    before: { ...read.state, definition: read.definition },
    after: { ...planned.after, definition: planned.definitionAfter },
    write: planned.write,
    offMeaning: planned.after.offMeaning,
    ...(planned.notes === undefined || planned.notes.length === 0 ? {} : { notes: [...planned.notes] }),
    affectedServices: services,
    affectedSlis: [...new Set(slis)].sort(),
    undoes: plan.undoes,
    demand,
    device: ports.ledger.device,
    previewedAtMs: now,
    expiresAtMs: now + lifetimeMs(demand),
  };
}

function lifetimeMs({ people, approvalWithinMs }: PolicyDemand): number {
  return people < 2 ? PREVIEW_LIFETIME_MS : Math.max(approvalWithinMs ?? APPROVAL_LIFETIME_MS, PREVIEW_LIFETIME_MS);
}

/** Throws `not-found` with the names that are near, or all of them. */
export function environmentOf(ports: ChangePorts, name: string): ChangePorts['environments'][number] {
  const found = ports.environments.find((environment) => environment.name === name);
  if (found !== undefined) return found;
  const names = ports.environments.map((environment) => environment.name);
  const near = nearNames(name, names);
  throw new ScramError('not-found', `no environment ${name}`, {
    action: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${names.join(', ')}`,
  });
}
