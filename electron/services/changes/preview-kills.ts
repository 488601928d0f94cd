import { ScramError } from '../../../shared/model/error.ts';
import { demandForAll } from '../../../shared/rules/policy.ts';
import type { FlagRef } from '../flags/api.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import type { KillPreview, KillPreviews } from './api.ts';
import type { ChangePorts } from './ports.ts';
import { demandOf, environmentOf, killPlan, type Plan, previewOf, requireKill } from './preview.ts';
import { readEach } from './read-each.ts';

type Planned = { readonly ref: FlagRef; readonly read: ProviderFlag | null } & (
  | { readonly plan: Plan }
  | { readonly problem: ScramError }
);

/** Reads every flag now, connections side by side, and says what a kill of each would do (B4). Writes nothing. */
export async function previewKills(
  ports: ChangePorts,
  refs: readonly FlagRef[],
  environment: string,
  signal: AbortSignal,
): Promise<KillPreviews> {
  environmentOf(ports, environment);
  const groups = Map.groupBy(refs, ({ connection }) => connection);
  const planned = new Map<FlagRef, Planned>();
  await Promise.all(
    [...groups].map(async ([connection, own]) => {
      for (const one of await planKills(ports, connection, own, environment, signal)) planned.set(one.ref, one);
    }),
  );
  const inOrder = refs.flatMap((ref) => planned.get(ref) ?? []);
  const demand = demandForAll(inOrder.flatMap((one) => ('plan' in one ? [demandOf(ports, one.plan)] : [])));
  const items = inOrder.map((one): KillPreview => {
    const { ref, read } = one;
    if ('problem' in one) return { ref, read, preview: null, problem: one.problem };
    try {
      return { ref, read, preview: previewOf(ports, one.plan, demand), problem: null };
    } catch (error) {
      return { ref, read, preview: null, problem: problemOf(error) };
    }
  });
  return { demand, items };
}

async function planKills(
  ports: ChangePorts,
  connection: string,
  refs: readonly FlagRef[],
  environment: string,
  signal: AbortSignal,
): Promise<Planned[]> {
  try {
    const { provider } = ports.flags.connection(connection);
    const keys = refs.map(({ key }) => key);
    const found = await readEach(ports, { connection, keys, environment }, signal);
    requireKill(provider, connection);
    return refs.map((ref): Planned => {
      const read = found.get(ref.key);
      if (read === undefined) return { ref, read: null, problem: gone(ref, environment) };
      if (read instanceof Error) return { ref, read: null, problem: problemOf(read) };
      try {
        return { ref, read, plan: killPlan(provider, ref, read) };
      } catch (error) {
        return { ref, read, problem: problemOf(error) };
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    const problem = problemOf(error);
    return refs.map((ref) => ({ ref, read: null, problem }));
  }
}

export function gone({ connection, key }: FlagRef, environment: string): ScramError {
  return new ScramError('not-found', `there is no flag ${key} any more in ${environment} of ${connection}`, {
    action: 'look at its flag system',
  });
}

/** Words of our own errors alone: a foreign message may carry anything. */
function problemOf(error: unknown): ScramError {
  return error instanceof ScramError ? error : new ScramError('internal', 'unexpected error', { cause: error });
}
