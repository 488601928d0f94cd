import type { Change } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import { ScramError } from '../../../shared/model/error.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import { type ChangePorts, isAt, refOf } from './ports.ts';
import { sourceMoved } from './preview.ts';

type Outcome = Extract<EntryData, { kind: 'change.result' }>['outcome'];

/**
 * Finds out by reading what became of an intent without a result (a crash, a lost answer), and journals it (D6).
 * Nothing is repeated. Throws when the provider cannot be read; the intent then still stands open.
 * `failure` is the provider's own answer where there was one; without it nothing is known but the state.
 */
export async function settle(
  ports: ChangePorts,
  change: Change,
  signal: AbortSignal,
  failure: string | null,
): Promise<Outcome> {
  const [outcome, detail] = await verdictOf(ports, change, signal, failure);
  ports.ledger.append({ kind: 'change.result', hash: change.hash, outcome, reconciled: true, detail });
  return outcome;
}

async function verdictOf(
  ports: ChangePorts,
  change: Change,
  signal: AbortSignal,
  failure: string | null,
): Promise<[Outcome, string | null]> {
  const { payload } = change;
  const where = `${payload.flag} in ${payload.environment}`;
  let read: ProviderFlag;
  try {
    read = await ports.flags.readNow(refOf(payload), payload.environment, signal);
  } catch (error) {
    if (error instanceof ScramError && error.code === 'not-found') return ['conflict', `${where} is gone`];
    throw error;
  }
  const moved = sourceMoved(payload, ports.flags.connection(payload.connection).provider.kind, read);
  if (moved !== null) return ['conflict', moved];
  if (isAt(ports, read, payload.after)) return ['accepted', null];
  if (isAt(ports, read, payload.before)) {
    return failure === null
      ? ['not-applied', `interrupted before ${where} was written; it is as it was`]
      : ['failed', `${failure}; ${where} is as it was`];
  }
  return ['conflict', `${where} is neither as it was nor as it was to be: someone else changed it`];
}
