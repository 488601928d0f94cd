import type { Change } from '../../../shared/model/change.ts';
import type { EntryData } from '../../../shared/model/entry.ts';
import type { ProviderFlag } from '../flags/provider.ts';
import { type ChangePorts, isAt } from './ports.ts';
import { sourceMoved } from './preview.ts';
import { readEach } from './read-each.ts';

export type Outcome = Extract<EntryData, { kind: 'change.result' }>['outcome'];

/** What reading showed, with the words that the ledger has for it; null when it is as it was to be. */
export interface Settled {
  readonly outcome: Outcome;
  readonly detail: string | null;
}

/**
 * Finds out by reading what became of intents without a result (a crash, a lost answer), and journals it (D6). Nothing
 * is repeated. All of one connection and environment. Gives the outcomes by hash; what could not be read is absent and
 * its intent still stands open. Throws when nothing could be read.
 * `failureOf` is the provider's own answer where there was one; without it nothing is known but the state.
 */
export async function settle(
  ports: ChangePorts,
  changes: readonly Change[],
  signal: AbortSignal,
  failureOf: (change: Change) => string | null,
): Promise<ReadonlyMap<string, Settled>> {
  const [first] = changes;
  if (first === undefined) return new Map();
  const { connection, environment } = first.payload;
  const { kind } = ports.flags.connection(connection).provider;
  const keys = [...new Set(changes.map(({ payload }) => payload.flag))];
  const found = await readEach(ports, { connection, keys, environment }, signal);
  const outcomes = new Map<string, Settled>();
  const entries: EntryData[] = [];
  for (const change of changes) {
    const read = found.get(change.payload.flag);
    if (read instanceof Error) continue;
    const [outcome, detail] = verdictOf(ports, change, kind, read, failureOf(change));
    outcomes.set(change.hash, { outcome, detail });
    entries.push({ kind: 'change.result', hash: change.hash, outcome, reconciled: true, detail });
  }
  ports.ledger.appendAll(entries);
  return outcomes;
}

function verdictOf(
  ports: ChangePorts,
  { payload }: Change,
  kind: string,
  read: ProviderFlag | undefined,
  failure: string | null,
): [Outcome, string | null] {
  const where = `${payload.flag} in ${payload.environment}`;
  if (read === undefined) return ['conflict', `${where} is gone`];
  const moved = sourceMoved(payload, kind, read);
  if (moved !== null) return ['conflict', moved];
  if (isAt(ports, read, payload.after)) return ['accepted', null];
  if (isAt(ports, read, payload.before)) {
    return failure === null
      ? ['not-applied', `interrupted before ${where} was written; it is as it was`]
      : ['failed', `${failure}; ${where} is as it was`];
  }
  // A write of several steps may have stopped between them: only a conflict would say that nothing was written.
  const between = `${where} is neither as it was nor as it was to be: it was written in part, or someone else changed it`;
  return failure === null ? ['conflict', between] : ['failed', `${failure}; ${between}`];
}
